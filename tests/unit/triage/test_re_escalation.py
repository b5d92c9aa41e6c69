"""How often a ticket went up: by its history, by our decisions, and never because rules hold now and then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.triage import checklist
from app.triage.decision import Context, Decision, Level
from app.triage.engine import decide
from app.triage.fields import Known
from app.triage.note import render
from app.triage.outcome import outcome_hash
from app.triage.papers import papers
from app.triage.policy import Policy
from app.triage.re_escalation import escalations, told
from app.triage.records import from_json, to_json
from app.triage.ticket import Change, Comment, Ref, Speaker, Ticket
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

HOUR = timedelta(hours=1)
US, MIA = "99", "9"
TECHNICAL, FRONTLINE = "Senior / Technical Support", "Frontline Support"
BROKEN = "The CSV export shows an error 500 for a few of us since the update. Is there another way?"


def tags(hour: int, old: str, new: str, by: str = MIA) -> Change:
    return Change(NOW + hour * HOUR, by, "tags", old, new)


def group(hour: int, old: str, new: str, by: str = MIA) -> Change:
    return Change(NOW + hour * HOUR, by, "group", old, new)


def wrote(hour: int, body: str = "Please clear the cache and try it again.", **more: Any) -> Comment:
    return Comment(f"c{hour}", Speaker.AGENT, body, NOW + hour * HOUR, **more)


UP, DOWN = ("vip", "escalate-l2 vip"), ("escalate-l2 vip", "vip")

HISTORIES: dict[str, tuple[list[Change], list[Comment], int]] = {
    "nothing happened": ([], [], 0),
    "it went up": ([tags(1, *UP)], [], 1),
    "it went up and came back": ([tags(1, *UP), tags(2, *DOWN)], [], 1),
    "a person took it back and it went up again": ([tags(1, *UP), tags(2, *DOWN), tags(3, *UP)], [], 2),
    "our rules held now and then": ([tags(1, *UP, US), tags(2, *DOWN, US), tags(3, *UP, US)], [], 1),
    "a person answered in between": ([tags(1, *UP, US), tags(2, *DOWN, US), tags(4, *UP, US)], [wrote(3)], 2),
    "a person answered before": ([tags(2, *UP, US), tags(3, *DOWN, US), tags(4, *UP, US)], [wrote(1)], 1),
    "three times": ([tags(n, *(UP if n % 2 else DOWN)) for n in range(1, 6)], [], 3),
    "it went on to the next level": ([tags(1, *UP), tags(2, "escalate-l2", "escalate-l2 escalate-l3")], [], 1),
    "one level took the place of the other": ([tags(1, *UP), tags(2, "escalate-l2", "Escalate-L3")], [], 1),
    "it was made with the tag": ([tags(1, *DOWN), tags(2, *UP)], [], 2),
    "other tags": ([tags(1, "vip", "vip new"), tags(2, "vip new", "vip")], [], 0),
    "people moved it there, back and there": (
        [group(1, FRONTLINE, TECHNICAL), group(2, TECHNICAL, FRONTLINE), group(3, FRONTLINE, TECHNICAL)],
        [],
        2,
    ),
    "on to engineering": ([group(1, FRONTLINE, TECHNICAL), group(2, TECHNICAL, "Engineering")], [], 1),
    "where we route a ticket is no escalation": ([group(1, FRONTLINE, TECHNICAL, US)], [], 0),
    "nor is where it began": ([group(1, "", TECHNICAL)], [], 0),
    "nor one that nobody is known to have made": ([group(1, FRONTLINE, TECHNICAL, "")], [], 0),
    "queue and tag are one escalation": ([group(1, FRONTLINE, TECHNICAL), tags(2, *UP, US)], [], 1),
    "the queue says that it came back": (
        [tags(1, *UP), group(2, TECHNICAL, FRONTLINE), group(3, FRONTLINE, TECHNICAL)],
        [],
        2,
    ),
    "a status says nothing": ([Change(NOW, MIA, "status", "open", "pending")], [], 0),
}


@pytest.mark.policy("S4-58")
@pytest.mark.parametrize(("changes", "comments", "count"), HISTORIES.values(), ids=HISTORIES)
def test_the_history_tells_how_often_it_went_up(
    policy: Policy, changes: list[Change], comments: list[Comment], count: int
) -> None:
    ticket = replace(a_ticket(BROKEN), history=tuple(changes), comments=tuple(comments))
    assert escalations(ticket, Context(our_id=US), policy.pack, Level.L1, NOW + 9 * HOUR)[0] == count


def test_tags_are_known_as_a_vendor_spells_them() -> None:
    policy = laid_over("tags: {map: {jira: {Escalate-L2: to-second-level}}}")
    ticket = replace(a_ticket(BROKEN), ref=Ref("jira", "acme", "SUP-1"), history=(tags(1, "", "to-second-level"),))
    assert escalations(ticket, Context(), policy.pack, Level.L1, NOW)[0] == 1


def looks(policy: Policy, *levels: str, answered: tuple[int, ...] = ()) -> list[int]:
    """The count after each look, an hour apart, that found these levels by a person's tag."""
    counts, previous = [], None
    for hour, level in enumerate(levels):
        thread = tuple(wrote(n) for n in answered if n <= hour)
        there = frozenset({f"Escalate-{level}"} if level != "L1" else ())
        ticket = replace(a_ticket(BROKEN), tags=there, comments=thread)
        previous = decide(ticket, Context(previous=previous), policy, NOW + hour * HOUR)
        assert previous.level == level
        counts.append(previous.escalations)
    return counts


@pytest.mark.policy("S4-58")
def test_our_decisions_count_where_there_is_no_history() -> None:
    policy = laid_over("rules: {escalations: [{name: no-progress-in-half-an-hour, off: true}]}")
    assert looks(policy, "L1", "L2", "L2", "L1", "L2") == [0, 1, 1, 1, 1]
    assert looks(policy, "L1", "L2", "L1", "L1", "L2", "L2", answered=(2,)) == [0, 1, 1, 1, 2, 2]
    assert looks(policy, "L2", "L3", "L2", "L3", answered=(1, 2, 3)) == [1, 1, 1, 1]


def test_a_decision_from_before_we_counted_is_the_first(policy: Policy) -> None:
    first = decide(a_ticket(BROKEN, tags=frozenset({"Escalate-L2"})), Context(), policy, NOW)
    before = {key: value for key, value in to_json(first).items() if key not in ("escalations", "escalated_at")}
    old = from_json(before)
    assert escalations(a_ticket(BROKEN), Context(previous=old), policy.pack, Level.L2, NOW + HOUR) == (1, NOW)
    assert from_json(to_json(first)) == first


TWICE = (tags(1, *UP), tags(2, *DOWN), tags(5, *UP))
THREAD = (
    wrote(1, "ESCALATED QUESTION 1: Why does it fail? ESCALATED QUESTION 2: Since when?", public=False),
    wrote(2),
    Comment("c3", Speaker.CUSTOMER, "I did, and it fails as before. What shall I do now?", NOW + 3 * HOUR),
)


def twice(**more: Any) -> Ticket:
    given = {"tags": frozenset({"Escalate-L2"}), "comments": THREAD, "history": TWICE, **more}
    return replace(a_ticket(BROKEN, "Export"), **given)


def decision(ticket: Ticket, policy: Policy, at: datetime = NOW + 6 * HOUR) -> Decision:
    return decide(ticket, Context(our_id=US), policy, at)


@pytest.mark.policy("S4-56", "S4-58")
def test_the_note_counts_and_its_questions_go_on_where_the_last_ones_ended(policy: Policy) -> None:
    ticket = twice()
    again = decision(ticket, policy)
    assert (again.level, again.escalations, again.escalated_at) == (Level.L2, 2, NOW + 5 * HOUR)
    note = render(again, policy, ticket=ticket, papers=papers(Known(ticket, Context(), again, policy)))
    assert "- Escalated for the 2nd time" in note
    assert "ESCALATED QUESTION 3: What is the cause" in note
    assert "ESCALATED QUESTION 4: What shall I do now?" in note
    assert "ESCALATED QUESTION 5" not in note  # what was asked before the answer is not asked again


@pytest.mark.policy("S4-56", "S4-58")
def test_the_second_escalation_begins_with_the_second_question_at_least(policy: Policy) -> None:
    ticket = twice(comments=THREAD[1:2])
    note = checklist.transition(Known(ticket, Context(), decision(ticket, policy), policy))
    numbered = [line for line in note.splitlines() if "ESCALATED QUESTION" in line]
    assert numbered[0].startswith("- ESCALATED QUESTION 2: What is the cause")
    assert numbered[1] == "- ESCALATED QUESTION 3: Is there another way?"


def test_what_stands_in_our_note_about_this_escalation_is_not_counted_on(policy: Policy) -> None:
    ours = Comment("n", Speaker.WORKER, "- ESCALATED QUESTION 2: What is it?", NOW + 5.5 * HOUR, public=False)
    ticket = twice(comments=(*THREAD[1:], ours))
    assert "ESCALATED QUESTION 2: What is the cause" in checklist.transition(
        Known(ticket, Context(), decision(ticket, policy), policy)
    )


@pytest.mark.policy("S4-58")
def test_a_second_escalation_is_news_and_a_fact_that_packs_can_use(policy: Policy) -> None:
    once, again = decision(twice(history=TWICE[:1]), policy), decision(twice(), policy)
    assert "escalated_again" in again.facts
    assert "escalated_again" not in once.facts
    assert outcome_hash(once) != outcome_hash(again)
    assert "Process Tweak" not in again.tags
    assert "Process Tweak" in decision(twice(), laid_over("features: {process_tweak: true}")).tags
    back = decision(twice(tags=frozenset(), history=(*TWICE, tags(6, *DOWN))), policy)
    assert (back.level, back.escalations, back.warnings) == (Level.L1, 2, ())
    assert "escalated_again" in back.facts


@pytest.mark.parametrize(
    ("count", "time"), [(2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (21, "21st"), (22, "22nd")]
)
def test_times_are_told_in_english(count: int, time: str) -> None:
    assert list(told(count, Level.L2)) == [f"Escalated for the {time} time"]
    assert list(told(count, Level.L1)) == []
    assert list(told(1, Level.L2)) == []


def test_deciding_again_changes_nothing(policy: Policy) -> None:
    first = decision(twice(), policy)
    second = decide(twice(), Context(our_id=US, previous=first), policy, NOW + 7 * HOUR)
    assert (second.escalations, second.escalated_at) == (first.escalations, first.escalated_at)
    assert outcome_hash(second) == outcome_hash(first)
