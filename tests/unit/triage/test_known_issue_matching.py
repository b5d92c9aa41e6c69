"""Which entry of the registry a ticket matches, by what, and what was weighed and not chosen (S0-63)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.triage.decision import Label
from app.triage.known_issues.entry import RegistryEntry, laid_over, merged, over
from app.triage.known_issues.matching import FIXED_LATELY, Asked, Found, Match, found, registry
from app.triage.symptoms.symptom import Symptom
from app.triage.text import Message, messages
from app.triage.ticket import Ref, Speaker
from tests.unit.triage.conftest import NOW, a_ticket

ENG_7 = RegistryEntry(
    source="jira", key="jira:acme:ENG-7", ref=Ref("jira", "acme", "ENG-7"), title="Export is slow",
    tag="ENG-7-export-is-slow", patterns=("export .. (?:slow|forever)",), errors=("EX-4711: too many rows",),
)  # fmt: skip
CSV = RegistryEntry(
    source="pack", key="pack:123-umlauts-in-csv", title="Umlauts in CSV", tag="123-umlauts-in-csv",
    patterns=("umlauts",), workaround="Save the file as UTF-8.",
)  # fmt: skip
WORDS: dict[str, Sequence[str]] = {}


def asked(body: str = "", comments: Sequence[Any] = (), **more: Any) -> Asked:
    ours = {name: more.pop(name) for name in ("own_tags", "refused", "linked", "label", "symptom") if name in more}
    ticket = a_ticket(body, "Help", comments, **more)
    return Asked(ticket=ticket, thread=tuple(messages(ticket)), now=NOW, **ours)


def look(ticket: Asked, *entries: RegistryEntry, chances: dict[str, float] | None = None) -> Found:
    """What is found; ``chances`` are those of being alike, by title."""

    def describe(thread: Sequence[Message]) -> Symptom:
        return Symptom(terms={7: 50}, fingerprints=(thread[0].text,))

    def likeness(_: Symptom, other: Symptom) -> float:
        return (chances or {}).get(other.fingerprints[0], 0.0)

    there = registry(entries, WORDS, describe)
    ticket = replace(ticket, symptom=ticket.symptom or Symptom(terms={7: 50}))
    return found(ticket, there, likeness, 0.9, 0.5)


def chosen(result: Found) -> Match:
    (match,) = result.matches
    return match


@pytest.mark.parametrize(
    ("ticket", "why"),
    [
        (asked("The export takes forever."), "the customer says a phrase of it"),
        (asked("It says:\n```\nEX-4711:  too many\nrows\n```"), "an error text of it stands in the ticket"),
        (asked("x", tags=frozenset({"ENG-7-export-is-slow"})), "a person put the tag ENG-7-export-is-slow on"),
        (asked("x", tags=frozenset({"eng-7-export-is-slow"})), "a person put the tag ENG-7-export-is-slow on"),
        (asked("x", tags=frozenset({"eng-7-other-words"})), "a person put the tag eng-7-other-words on"),
        (asked("x", linked=[Ref("jira", "acme", "ENG-7")]), "the ticket hangs on ENG-7"),
    ],
)
def test_an_entry_is_matched_by_phrase_error_tag_and_link(ticket: Asked, why: str) -> None:
    match = chosen(look(ticket, CSV, ENG_7))
    assert (match.entry, match.why, match.score) == (ENG_7, why, 1.0)


@pytest.mark.parametrize(
    "ticket",
    [
        asked("x", [(Speaker.AGENT, "Is the export slow?")]),
        asked("Fine.\n\n> the export is slow"),
        asked("x", tags=frozenset({"ENG-7-export-is-slow"}), own_tags=["ENG-7-export-is-slow"]),
        asked("x", tags=frozenset({"eng-70-export-is-slow"})),
        asked("x", linked=[Ref("jira", "other", "ENG-7")]),
    ],
)
def test_what_others_say_our_own_tag_and_another_issue_match_nothing(ticket: Asked) -> None:
    assert look(ticket, ENG_7) == Found()


def test_the_stronger_way_wins_and_the_weaker_is_told() -> None:
    result = look(asked("The export is slow, umlauts are broken.", tags=frozenset({CSV.tag})), ENG_7, CSV)
    assert chosen(result).entry == CSV
    (other,) = result.weighed
    assert other.what == "known issue ENG-7-export-is-slow"
    assert other.why == "the customer says a phrase of it (1.00), but 123-umlauts-in-csv matches better"


@pytest.mark.parametrize(
    ("chance", "chosen_", "weighed", "perhaps"), [(0.93, 1, 0, 0), (0.9, 1, 0, 0), (0.89, 0, 1, 1), (0.49, 0, 0, 0)]
)
def test_what_is_alike_is_matched_named_or_nothing(chance: float, chosen_: int, weighed: int, perhaps: int) -> None:
    result = look(asked("Something else"), ENG_7, chances={"Export is slow": chance})
    assert (len(result.matches), len(result.weighed), len(result.hints)) == (chosen_, weighed, perhaps)


def test_the_same_error_by_its_fingerprint_matches_and_a_vague_one_does_not() -> None:
    for fingerprint, count in (("code:1f", 1), ("stack:1f", 1), ("vague:1f", 0), ("exception:1f", 0)):
        entry = replace(ENG_7, title=fingerprint)
        result = look(asked("x", symptom=Symptom(fingerprints=(fingerprint,))), entry)
        assert len(result.matches) == count, fingerprint


def test_what_a_person_took_off_is_not_put_on_again() -> None:
    result = look(asked("The export is slow.", refused=[ENG_7.tag.casefold()]), ENG_7)
    assert result.matches == result.hints == ()
    assert "a person took its tag off" in result.weighed[0].why


def test_a_candidate_and_a_fixed_one_are_named_to_people_alone() -> None:
    candidate = replace(ENG_7, state="candidate")
    result = look(asked("The export is slow."), candidate)
    assert result.matches == ()
    assert "not approved yet" in result.hints[0]
    fixed = over(ENG_7, "fixed", "4.2", NOW)
    result = look(asked("The export is slow."), fixed)
    assert result.matches == ()
    assert result.weighed[0].why.endswith("but it was fixed in 4.2")
    assert "fixed in 4.2" in result.hints[0]
    long_ago = over(ENG_7, "fixed", "4.2", NOW - FIXED_LATELY - timedelta(seconds=1))
    assert look(asked("The export is slow."), long_ago) == Found()
    assert look(asked("The export is slow."), replace(ENG_7, state="dropped")) == Found()


def test_security_stays_among_itself() -> None:
    hole = replace(ENG_7, security=True)
    about_it, other = asked("The export is slow.", label=Label.SECURITY), asked("The export is slow.")
    assert chosen(look(about_it, hole)).entry == hole
    assert look(other, hole) == look(about_it, ENG_7) == Found()


def test_an_entry_for_some_labels_matches_no_others() -> None:
    billing = replace(ENG_7, labels=(Label.BILLING,))
    assert look(asked("The export is slow.", label=Label.DEFECT), billing).matches == ()
    assert look(asked("The export is slow.", label=Label.BILLING), billing).matches
    assert look(asked("x", label=Label.DEFECT, tags=frozenset({ENG_7.tag})), billing).matches


def test_an_entry_never_matches_itself() -> None:
    assert look(asked("The export is slow.", ref=Ref("jira", "acme", "ENG-7")), ENG_7) == Found()


def test_a_phrase_that_cannot_be_read_any_more_stops_no_other() -> None:
    there = registry([replace(ENG_7, patterns=("<gone>",)), CSV], WORDS)
    assert there.unread == (ENG_7.tag,)
    assert chosen(found(asked("umlauts"), there, None, 0.9, 0.5)).entry == CSV


@pytest.mark.parametrize(
    ("entry", "site", "name"),
    [
        (ENG_7, "acme", "ENG-7"),
        (ENG_7, "other", "ENG-7-export-is-slow"),
        (CSV, "acme", "123-umlauts-in-csv"),
        (replace(CSV, tag="ENG-9-umlauts"), "acme", "ENG-9"),
    ],
)
def test_tickets_go_by_the_key_of_an_issue_on_their_own_site_alone(entry: RegistryEntry, site: str, name: str) -> None:
    assert entry.shown(site, ("pack",)).id == name


def test_titles_of_trackers_and_of_security_are_not_for_customers() -> None:
    assert CSV.shown("acme", ("pack",)).public
    assert not ENG_7.shown("acme", ("pack",)).public
    assert not replace(CSV, security=True).shown("acme", ("pack",)).public


def test_an_entry_of_a_policy_takes_from_the_store_only_what_it_lacks() -> None:
    kept = over(replace(CSV, id=5, workaround_broken=True), "fixed", "4.2", NOW)
    both = laid_over(CSV, kept)
    assert (both.id, both.state, both.fixed_in, both.workaround_broken) == (5, "fixed", "4.2", True)
    assert not laid_over(replace(CSV, workaround="Another way."), kept).workaround_broken


def test_news_of_a_source_leaves_a_candidate_one_and_the_words_of_a_person() -> None:
    candidate = replace(ENG_7, source="form", state="candidate", title="Slow export", workaround="Wait.")
    after = merged(candidate, replace(ENG_7, workaround="Do not.", patterns=()), NOW)
    assert (after.state, after.title, after.workaround) == ("candidate", "Slow export", "Wait.")
    assert after.patterns == ENG_7.patterns
    assert merged(candidate, over(ENG_7, "fixed", "4.2", NOW), NOW).state == "fixed"
