"""The figures against ones that were worked out by hand."""

from __future__ import annotations

import pytest

from app.triage.evaluation_figures import (
    at_rank,
    calibration_error,
    confusion,
    macro_f1,
    of_class,
    reliability,
    share,
)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
        (1, 1, 0.2065, 1),
    ],
)
def test_the_interval_of_a_share_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert found.value == count / of
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_nothing_has_no_value() -> None:
    assert (share(0, 0).value, share(0, 0).low, share(0, 0).high) == (None, None, None)


def test_precision_recall_and_f1_of_a_class() -> None:
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("a", None), ("b", "a"), ("b", "b")]
    found = of_class(pairs, "a")
    assert (found.precision.count, found.precision.of) == (2, 3)
    assert (found.recall.count, found.recall.of) == (2, 4)
    assert found.f1 == pytest.approx(4 / 7)


def test_a_class_that_is_never_found_has_f1_of_0_and_one_that_does_not_occur_has_none() -> None:
    pairs = [("a", "c"), ("b", "b")]
    assert of_class(pairs, "a").f1 == 0
    assert of_class(pairs, "a").precision.value is None
    assert of_class(pairs, "c").f1 is None
    assert of_class(pairs, "c").recall.value is None


def test_macro_f1_counts_each_class_that_occurs_the_same_and_no_other() -> None:
    # a: 2 * 1 / (1 + 2), b: 0, c is only answered
    assert macro_f1([("a", "a"), ("a", "c"), ("b", "c")]) == pytest.approx((2 / 3 + 0) / 2)
    assert macro_f1([]) is None


def test_the_confusion_says_what_was_answered_by_what_is_right() -> None:
    assert confusion([("a", "a"), ("a", "b"), ("a", "b"), ("b", None)]) == {"a": {"a": 1, "b": 2}, "b": {"none": 1}}
    assert confusion([]) == {}


def test_the_calibration_error_is_the_mean_distance_of_said_and_right_by_rows() -> None:
    bins = reliability([(0.92, True), (0.98, True), (1.0, False), (0.35, False)])
    assert [(one.low, one.high, one.right.count, one.right.of) for one in bins] == [(0.3, 0.4, 0, 1), (0.9, 1.0, 2, 3)]
    assert bins[1].said == pytest.approx(2.9 / 3)
    # (1 * |0 - 0.35| + 3 * |2/3 - 2.9/3|) / 4
    assert calibration_error(bins) == pytest.approx((0.35 + 0.9) / 4)


def test_answers_that_are_as_often_right_as_they_say_have_no_calibration_error() -> None:
    assert calibration_error(reliability([(0.5, True), (0.5, False)])) == 0
    assert calibration_error(reliability([])) is None


def test_the_value_at_a_rank_is_one_that_was_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert (at_rank(values, 0.5), at_rank(values, 0.95), at_rank(values, 0.2), at_rank([], 0.5)) == (3.0, 5.0, 1.0, 0.0)
