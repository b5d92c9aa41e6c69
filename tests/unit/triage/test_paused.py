"""Promises that stand still for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.triage.business_time import Span
from app.triage.calendar import CalendarPart, compiled
from app.triage.paused import Pause, due_with_pauses, elapsed

OFFICE = compiled(CalendarPart())  # Monday to Friday 09:00-17:00 UTC; the 2nd of March 2026 is a Monday


def march(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def falls_due(start: datetime, span: str, *pauses: Pause) -> datetime | None:
    return due_with_pauses(start, Span.parse(span), OFFICE, pauses)


@pytest.mark.parametrize(
    ("span", "end"),
    [
        ("60m", march(2, 18)),  # 10 minutes ran until 10:10, 50 from Monday 17:10 on
        ("4h", march(2, 21)),
        ("2d", march(4, 17)),
        ("4bh", march(3, 12, 50)),  # 3:50 are left, and Tuesday opens at nine
        ("1bd", march(3, 16, 50)),  # 7:50 of open time are left
        ("24bdh", march(3, 17)),
        ("eod", march(3, 15, 50)),  # 6:50 of Monday's open time are left
    ],
)
def test_what_is_left_when_a_pause_begins_counts_on_from_its_end(span: str, end: datetime) -> None:
    assert falls_due(march(2, 10), span, (march(2, 10, 10), march(2, 17, 10))) == end


def test_a_promise_is_not_due_while_it_stands_still() -> None:
    assert falls_due(march(2, 10), "4bh", (march(2, 11), None)) is None
    assert falls_due(march(2, 10), "4bh", (march(1, 11), None)) is None
    assert falls_due(march(2, 10), "4bh", (march(2, 11), None), (march(2, 12), march(2, 13))) is None


def test_a_pause_that_begins_when_the_promise_is_due_or_ended_before_it_moves_nothing() -> None:
    assert falls_due(march(2, 10), "4bh", (march(2, 14), None)) == march(2, 14)
    assert falls_due(march(2, 10), "4bh", (march(2, 8), march(2, 10))) == march(2, 14)


def test_a_promise_given_during_a_pause_starts_with_its_end() -> None:
    assert falls_due(march(2, 10), "4bh", (march(2, 8), march(2, 11))) == march(2, 15)


@pytest.mark.parametrize(("span", "end"), [("1bd", march(4, 9)), ("eod", march(3))])
def test_a_pause_in_the_night_makes_no_promise_due_earlier(span: str, end: datetime) -> None:
    after_hours = march(2, 17, 30)
    assert falls_due(after_hours, span, (march(2, 18), march(2, 19))) == end


def test_a_promise_with_no_open_time_left_is_due_when_a_longer_pause_ends() -> None:
    assert falls_due(march(2, 16), "eod", (march(2, 18), march(3, 11))) == march(3, 11)


def test_pauses_that_touch_are_one() -> None:
    apart = (march(3, 11), march(3, 12)), (march(2, 18), march(3, 11))
    assert falls_due(march(2, 16), "eod", *apart) == falls_due(march(2, 16), "eod", (march(2, 18), march(3, 12)))


@pytest.mark.parametrize(
    ("unit", "hours"), [("m", 46), ("h", 46), ("d", 46), ("bh", 14), ("bd", 14), ("eod", 14), ("bdh", 46)]
)
def test_what_has_counted_is_told_in_the_unit_s_kind_of_time(unit: str, hours: int) -> None:
    two_hours_off = [(march(3, 10), march(3, 12))]
    assert elapsed(march(2, 10), march(4, 10), unit, OFFICE, two_hours_off) == timedelta(hours=hours)


def test_nothing_counts_after_a_pause_that_lasts_has_begun_or_before_the_start() -> None:
    assert elapsed(march(2, 10), march(9), "bh", OFFICE, [(march(2, 11), None)]) == timedelta(hours=1)
    assert elapsed(march(2, 10), march(2, 9), "h", OFFICE, []) == timedelta(0)


def test_a_pause_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        falls_due(march(2), "1h", (datetime(2026, 3, 2), None))  # noqa: DTZ001
