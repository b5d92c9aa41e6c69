"""A clock's time, stretch by stretch: nothing is left out, nothing counts twice, and each says why it did not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.triage.business_time import Calendar
from app.triage.calendar import CalendarPart, compiled
from app.triage.clocks import Cycle, Interval, Story, intervals
from app.triage.clocks.story import Period
from app.triage.paused import elapsed

OFFICE = compiled(CalendarPart.model_validate({"holidays": ["2026-03-04"]}))  # the 2nd of March 2026 is a Monday
BERLIN = compiled(CalendarPart(timezone="Europe/Berlin"))


def march(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def story(*pending: tuple[datetime, datetime | None]) -> Story:
    return Story({}, tuple(Period("pending", start, end) for start, end in pending))


def stretches(
    unit: str, until: datetime, *pending: tuple[datetime, datetime | None], calendar: Calendar = OFFICE
) -> list[tuple[str, datetime, datetime, str]]:
    cycle = Cycle("first_reply", march(2, 14), None, pauses=pending)
    found = intervals(cycle, unit, calendar, until, story(*pending))
    return [(one.kind, one.start, one.end, one.why) for one in found]


def test_business_time_tells_what_counted_and_why_the_rest_did_not() -> None:
    assert stretches("bd", march(5, 11), (march(3, 10), march(3, 12))) == [
        ("counted", march(2, 14), march(2, 17), ""),
        ("closed", march(2, 17), march(3, 9), "outside the hours"),
        ("counted", march(3, 9), march(3, 10), ""),
        ("paused", march(3, 10), march(3, 12), "the ticket was pending"),
        ("counted", march(3, 12), march(3, 17), ""),
        ("closed", march(3, 17), march(4), "outside the hours"),
        ("closed", march(4), march(5), "2026-03-04 is a holiday"),
        ("closed", march(5), march(5, 9), "outside the hours"),
        ("counted", march(5, 9), march(5, 11), ""),
    ]


@pytest.mark.parametrize("unit", ["m", "h", "d"])
def test_minutes_hours_and_days_count_day_and_night(unit: str) -> None:
    assert stretches(unit, march(5), (march(3), None)) == [
        ("counted", march(2, 14), march(3), ""),
        ("paused", march(3), march(5), "the ticket was pending"),
    ]


def test_hours_of_business_days_count_whole_dates() -> None:
    assert stretches("bdh", march(5)) == [
        ("counted", march(2, 14), march(4), ""),
        ("closed", march(4), march(5), "2026-03-04 is a holiday"),
    ]


def test_nothing_has_run_before_it_begins() -> None:
    assert stretches("h", march(2, 14)) == []


INSTANTS = st.integers(0, 60 * 24 * 40).map(lambda minutes: march(1) + timedelta(minutes=minutes))


@given(
    start=INSTANTS,
    length=st.integers(1, 60 * 24 * 20),
    ends=st.lists(st.tuples(INSTANTS, INSTANTS), max_size=4),
    unit=st.sampled_from(["m", "bh", "bd", "bdh"]),
    calendar=st.sampled_from([OFFICE, BERLIN]),
)
def test_the_stretches_have_no_gap_and_count_what_the_promise_counted(
    start: datetime, length: int, ends: list[tuple[datetime, datetime]], unit: str, calendar: Calendar
) -> None:
    until = start + timedelta(minutes=length)
    pauses = tuple((min(pair), max(pair)) for pair in ends)
    found = intervals(Cycle("c", start, None, pauses=pauses), unit, calendar, until, story(*pauses))
    assert found[0].start == start and found[-1].end == until
    assert all(before.end == after.start for before, after in pairwise(found))
    counted = sum((one.length for one in found if one.kind == "counted"), timedelta())
    assert counted == elapsed(start, until, unit, calendar, pauses)


def test_an_interval_knows_its_length() -> None:
    assert Interval("counted", march(2), march(3)).length == timedelta(days=1)
