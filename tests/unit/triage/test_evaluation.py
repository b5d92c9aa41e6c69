"""Answers beside what is right, summed up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.triage.decision import Context, Label, Severity
from app.triage.engine import decide
from app.triage.evaluation import (
    UNTOLD,
    Answer,
    Case,
    answer_of,
    answer_of_reading,
    case_of,
    figures,
    measurable,
    report,
    slices,
)
from app.triage.gold import Row
from app.triage.model import Reading
from app.triage.policy import Policy
from tests.unit.triage.conftest import NOW, a_ticket

DEFECT, GUIDANCE, BILLING, DATA = Label.DEFECT, Label.GUIDANCE, Label.BILLING, Label.DATA
P0, P1, P2, P3 = Severity.P0, Severity.P1, Severity.P2, Severity.P3


def test_without_answers_nothing_is_measured() -> None:
    empty = report([])
    assert empty.rows == 0
    assert empty.labels == {}
    assert set(figures(empty).values()) == {None}
    assert slices([]) == {"source": {}, "length": {}, "language": {}}


def test_accuracy_wants_the_right_label_and_compatible_takes_what_can_be_defended() -> None:
    pairs = [
        (Case(DEFECT), Answer(DEFECT)),
        (Case(DEFECT, also=(DATA,)), Answer(DATA)),
        (Case(DEFECT, symptoms=True), Answer(BILLING)),  # the source knows no topics
        (Case(DEFECT, symptoms=True), Answer(GUIDANCE)),
        (Case(GUIDANCE, symptoms=True), Answer(BILLING)),
        (Case(DEFECT), Answer(BILLING)),
        (Case(DEFECT), Answer()),
    ]
    found = report(pairs)
    assert (found.accuracy.count, found.accuracy.of) == (1, 7)
    assert found.compatible.count == 3
    assert found.confusion["Defect"] == {"Billing": 2, "Data": 1, "Defect": 1, "Guidance": 1, "none": 1}
    assert set(found.labels) == {"Defect", "Guidance", "Billing", "Data"}
    assert found.labels["Billing"].f1 is None


def test_what_is_not_known_to_be_right_is_not_measured() -> None:
    found = report([(Case(severities=(P2,)), Answer(BILLING, 0.9, sure=True, severity=P2, page=True))])
    assert found.accuracy.of == found.sure.of == found.paging.precision.of == found.spam_paged.of == 0
    assert found.severity.agreement.value == 1
    assert found.reliability == ()


def test_severities_agree_with_any_that_can_be_defended_and_missed_ones_are_counted() -> None:
    pairs = [
        (Case(severities=(P0,)), Answer(severity=P0)),
        (Case(severities=(P0, P1)), Answer(severity=P2)),  # missed, within one rank
        (Case(severities=(P1,)), Answer(severity=None)),  # missed
        (Case(severities=(P1, P2)), Answer(severity=P3)),  # P2 can be defended: nothing is missed
        (Case(severities=(P3,)), Answer(severity=P0)),  # invented
        (Case(severities=(P2,)), Answer(severity=P3)),
    ]
    found = report(pairs).severity
    assert (found.agreement.count, found.agreement.of) == (1, 6)
    assert found.within_one.count == 4
    assert (found.missed.count, found.missed.of) == (2, 3)
    assert (found.invented.count, found.invented.of) == (1, 2)
    assert found.confusion["P0/P1"] == {"P2": 1}
    assert found.confusion["P0"] == {"P0": 1}
    assert found.confusion["P1"] == {"none": 1}


def test_paging_has_precision_and_recall_where_both_sides_say_something() -> None:
    told = [(True, True), (True, False), (True, True), (False, True), (False, False), (None, True), (True, None)]
    found = report([(Case(page=wanted), Answer(page=got)) for wanted, got in told]).paging
    assert (found.precision.count, found.precision.of) == (2, 3)
    assert (found.recall.count, found.recall.of) == (2, 3)


def test_spam_may_neither_page_nor_stand_above_p3() -> None:
    answers = [Answer(severity=P3, page=False), Answer(severity=P0, page=True), Answer(severity=P2, page=False)]
    found = report([(Case(spam=True), answer) for answer in answers])
    assert (found.spam_paged.count, found.spam_above_p3.count, found.spam_paged.of) == (1, 2, 3)
    assert found.severity.agreement.of == 0
    assert figures(found)["spam_above_p3"] == 2


def test_confidence_is_compared_with_being_right_and_with_what_the_policy_takes_for_sure() -> None:
    told = [(0.95, True, DEFECT), (0.95, True, DATA), (0.3, False, DATA)]
    found = report([(Case(DEFECT), Answer(got, said, sure=sure)) for said, sure, got in told])
    assert (found.sure.count, found.sure.of) == (2, 3)
    assert (found.accuracy_when_sure.count, found.accuracy_when_sure.of) == (1, 2)
    assert found.calibration_error == pytest.approx((2 * 0.45 + 0.3) / 3)


def test_time_is_told_in_milliseconds() -> None:
    took = report([(Case(), Answer(seconds=seconds / 1000)) for seconds in (1, 2, 9)]).took
    assert (took.mean, took.median, took.p95) == pytest.approx((4, 2, 9))


def test_the_figures_that_a_limit_may_name_hold_each_label() -> None:
    found = figures(report([(Case(DEFECT), Answer(DEFECT)), (Case(DATA), Answer(DEFECT))]))
    assert found["accuracy"] == 0.5
    assert found["precision.Defect"] == 0.5
    assert (found["recall.Defect"], found["recall.Data"], found["precision.Data"]) == (1, 0, None)
    assert found["recall.Security"] is None


def test_a_row_is_sorted_by_source_length_and_language() -> None:
    ticket = a_ticket("x" * 95, "12345", language="de")
    assert case_of(Row(ticket, DEFECT, source="desk")) == Case(
        DEFECT, source="desk", length="100 to 299", language="de"
    )
    bare = case_of(Row(replace(ticket, subject="1234", language="")))
    assert (bare.source, bare.length, bare.language) == (UNTOLD, "under 100", UNTOLD)
    assert case_of(Row(a_ticket("x" * 1000))).length == "1000 and more"


def test_slices_are_reports_of_a_part_the_largest_source_first_the_shortest_texts_first() -> None:
    cases = [Case(DEFECT, source="b", length="300 to 999"), *[Case(DATA, source="a", length="under 100")] * 2]
    found = slices([(case, Answer(DATA)) for case in cases])
    assert {name: one.accuracy.value for name, one in found["source"].items()} == {"a": 1, "b": 0}
    assert list(found["source"]) == ["a", "b"]
    assert list(found["length"]) == ["under 100", "300 to 999"]
    assert {name: one.rows for name, one in found["language"].items()} == {UNTOLD: 3}


@pytest.mark.parametrize("known", [{"label": DEFECT}, {"severities": (P1,)}, {"page": False}, {"spam": True}])
def test_a_row_is_measurable_where_anything_is_known_about_it(known: dict[str, object]) -> None:
    assert measurable(Row(a_ticket("text"), **known))  # type: ignore[arg-type]
    assert not measurable(Row(a_ticket("text")))


def test_a_decision_and_a_reading_answer_alike(policy: Policy) -> None:
    decision = decide(a_ticket("The whole service is down for all users."), Context(), policy, NOW)
    assert answer_of(decision, 0.0) == Answer(
        decision.label, decision.confidence, sure=True, severity=decision.severity, page=decision.page
    )
    assert answer_of(decision, 1.01).sure is False
    reading = Reading({DEFECT: 0.3, DATA: 0.7}, {P2: 0.6, P3: 0.4}, ())
    assert answer_of_reading(reading) == Answer(DATA, 0.7, severity=P2)
    assert answer_of_reading(None) == Answer()
