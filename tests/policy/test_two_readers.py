"""How phrases and rules on one side, the learned reader on the other, come to one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from app.triage.decision import Context, Decision, Label, Severity
from app.triage.engine import decide
from app.triage.labels import classify
from app.triage.model import RANKS, Model, Reading, dump, load
from app.triage.note import render
from app.triage.policy import taught
from app.triage.reading import hits
from app.triage.records import from_json, to_json
from app.triage.severity import rate, weighed
from app.triage.taxonomy import Reader
from app.triage.text import messages
from tests.policy.conftest import NOW, a_ticket, policy, seen

SURE = 20.0
EVEN = {"P0": 0.7, "P1": 0.7, "P2": 0.7, "P3": 0.7}
NONE = {"P3": 0.0}
TEXT = "The figures are a little off. Every clerk counts by hand and the vault stays shut."


def reading(ranks: Mapping[str, float], labels: Mapping[Label, float] | None = None) -> Reading:
    rest = (1 - sum((labels or {}).values())) / (len(Label) - len(labels or {}))
    return Reading(
        {label: (labels or {}).get(label, rest) for label in Label},
        {rank: ranks.get(rank.name, 0.0) for rank in RANKS},
        (),
    )


def asked(ranks: Mapping[str, float], reader: Reader, facts: tuple[str, ...] = ()) -> Any:
    found = seen(facts, Label.DEFECT, reading=reading(ranks), language="en")
    return replace(found, pack=found.pack.model_copy(update={"reader": reader}))


def a_model(**words: Mapping[str, float]) -> Model:
    names = [*map(str, Label), *(rank.name for rank in RANKS)]
    rows = {word: [points.get(name, 0.0) for name in names] for word, points in words.items()}
    return load(dump(["en"], tuple(Label), [0.0] * len(names), rows))


def taught_policy(model: Model, **reader: Any) -> Any:
    rules_only = policy()
    pack = rules_only.pack.model_copy(update={"reader": Reader(**{"labels": 2, "rules": NONE, **reader})})
    return taught(replace(rules_only, pack=pack), model)


def by(model: Model, text: str = TEXT, **reader: Any) -> Decision:
    return decide(a_ticket(text), Context(), taught_policy(model, **reader), NOW)


GRAVE = a_model(vault={"P0": 90, "Data": 60}, clerk={"P0": 60}, figures={"Data": 30})


def test_without_a_reader_the_rules_rate() -> None:
    assert weighed(Severity.P3, None, asked({"P0": 1.0}, Reader())) is Severity.P3
    assert weighed(Severity.P3, None, seen((), Label.DEFECT)) is Severity.P3


@pytest.mark.parametrize(
    ("ranks", "rule", "trust", "comes_to"),
    [
        ({"P0": 0.6, "P1": 0.3, "P2": 0.1}, Severity.P3, None, Severity.P0),
        ({"P0": 0.3, "P1": 0.6, "P2": 0.1}, Severity.P3, None, Severity.P1),
        ({"P0": 0.2, "P1": 0.2, "P2": 0.35, "P3": 0.25}, Severity.P3, None, Severity.P3),
        ({"P2": 0.6, "P3": 0.4}, Severity.P2, None, Severity.P2),
        ({"P2": 0.4, "P3": 0.6}, Severity.P2, None, Severity.P2),
        ({"P2": 0.1, "P3": 0.9}, Severity.P2, None, Severity.P3),
        ({"P0": 0.05, "P3": 0.95}, Severity.P0, None, Severity.P3),
        ({"P0": 0.05, "P3": 0.95}, Severity.P0, SURE, Severity.P0),
        ({"P0": 0.95, "P3": 0.05}, Severity.P3, SURE, Severity.P3),
    ],
)
def test_chances_and_the_rules_rank_come_to_one_rank(
    ranks: dict[str, float], rule: Severity, trust: float | None, comes_to: Severity
) -> None:
    assert weighed(rule, trust, asked(ranks, Reader(rules=EVEN, page=0.5))) is comes_to


def test_p0_and_p1_count_together_against_the_chance_that_a_page_needs() -> None:
    ranks = {"P0": 0.25, "P1": 0.25, "P2": 0.5}
    assert weighed(Severity.P3, None, asked(ranks, Reader(rules=NONE, page=0.45))) is Severity.P0
    assert weighed(Severity.P3, None, asked(ranks, Reader(rules=NONE, page=0.55))) is Severity.P2


@pytest.mark.policy("C-02")
def test_a_wish_is_never_raised_by_the_reader() -> None:
    assert weighed(Severity.P4, None, asked({"P0": 1.0}, Reader(rules=NONE))) is Severity.P4


@pytest.mark.policy("C-02")
def test_a_wish_that_the_rules_took_for_a_fault_becomes_a_wish_again() -> None:
    mild = a_model(dark={"Enhancement": 90, "P3": 90}, theme={"Enhancement": 90, "P3": 60})
    decision = by(mild, "The dark theme does not work.")
    assert (decision.label, decision.severity, decision.rated) == (Label.ENHANCEMENT, Severity.P4, Severity.P4)


@pytest.mark.parametrize("junk", ["auto_reply", "spam", "advertising"])
def test_what_is_no_request_stays_low_whatever_its_words(junk: str) -> None:
    assert rate(asked({"P0": 1.0}, Reader(rules=EVEN), (junk,)), None).severity is Severity.P3


def test_a_decision_that_the_reader_turned_says_so_and_quotes_the_sentence() -> None:
    decision = by(GRAVE)
    assert (decision.severity, decision.label) == (Severity.P0, Label.DATA)
    (found,) = [one for one in decision.evidence if one.rule == "reader"]
    assert found.quote == "Every clerk counts by hand and the vault stays shut."
    note = render(decision, taught_policy(GRAVE), ticket=a_ticket(TEXT))
    assert "reads as P0" in note
    assert "the vault stays shut" in note
    assert "severity P3: the words read as P0" in note


def test_both_voices_are_told_each_with_its_chance() -> None:
    decision = by(GRAVE)
    cues, reader = decision.voices
    assert (cues.by, cues.severity, cues.severity_chance) == ("cues", Severity.P3, None)
    assert (reader.by, reader.label, reader.severity) == ("reader", Label.DATA, Severity.P0)
    assert "vault" in reader.words
    assert from_json(to_json(decision)) == decision
    assert f"learned reader Data {reader.label_chance:.2f} (" in render(decision, taught_policy(GRAVE))


def test_a_reader_that_knows_no_word_leaves_everything_to_the_rules() -> None:
    silent = by(a_model(xylophone={"P0": 90}))
    alone = decide(a_ticket(TEXT), Context(), policy(), NOW)
    assert silent.voices == ()
    assert replace(silent, policy_digest="") == replace(alone, policy_digest="")


def test_a_policy_with_a_reader_has_a_digest_of_its_own() -> None:
    other = a_model(vault={"P1": 10})
    assert len({policy().digest, taught_policy(GRAVE).digest, taught_policy(other).digest}) == 3


@pytest.mark.policy("S0-12")
def test_the_reader_makes_no_question_of_a_topic_that_the_cues_tell() -> None:
    strong = reading({}, {Label.GUIDANCE: 0.9, Label.DATA: 0.02})
    found = replace(
        seen((), Label.DEFECT, reading=strong),
        pack=policy().pack.model_copy(update={"reader": Reader(labels=2)}),
    )
    told = hits(
        list(messages(a_ticket("How do I restore my deleted records? All my data has disappeared."))), policy().lexicon
    )
    assert classify(told, found, policy().pack.labels).primary is Label.DATA
    untold = hits(list(messages(a_ticket("Which of the two is meant?"))), policy().lexicon)
    assert classify(untold, found, policy().pack.labels).primary is Label.GUIDANCE


def test_a_label_that_nothing_tells_for_sure_goes_to_people_with_the_two_best_guesses() -> None:
    torn = a_model(vault={"Data": 9, "Access": 8.8})
    decision = by(torn, "Vault.")
    assert decision.confidence < policy().pack.labels.unsure_below
    assert {decision.label, decision.runner_up} == {Label.DATA, Label.ACCESS}
    assert 0 < decision.runner_up_chance <= decision.confidence
    assert "needs-triage" in decision.tags
    head = render(decision, taught_policy(torn)).splitlines()[0]
    assert f"please check the label: Data {decision.confidence:.2f} or Access {decision.runner_up_chance:.2f}" in head
    assert from_json(to_json(decision)) == decision


def test_a_rank_that_rules_find_may_weigh_more_than_another() -> None:
    ranks = {"P0": 0.1, "P3": 0.9}
    assert weighed(Severity.P0, None, asked(ranks, Reader(rules={"P0": 1.0, "P3": 1.0}))) is Severity.P3
    assert weighed(Severity.P0, None, asked(ranks, Reader(rules={"P0": 3.0, "P3": 1.0}))) is Severity.P0


def test_in_other_languages_the_reader_says_less() -> None:
    found = asked({"P0": 0.9, "P3": 0.1}, Reader(rules={"P3": 1.5}, other_languages=0.2))
    assert weighed(Severity.P3, None, found) is Severity.P0
    assert weighed(Severity.P3, None, replace(found, language="de")) is Severity.P3


@pytest.mark.policy("C-09")
def test_what_is_only_said_raises_no_rank_that_the_reader_raised_already() -> None:
    heard = asked({"P2": 0.99, "P3": 0.01}, Reader(rules=EVEN), ("churn",))
    assert rate(heard, None).severity is Severity.P2
    assert rate(replace(heard, reading=None), None).severity is Severity.P2
