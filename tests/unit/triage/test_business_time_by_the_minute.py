"""Business time against minutes that are counted one by one, over random calendars, pauses and changes of clocks."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.triage import paused
from app.triage.business_time import WEEKDAYS, Calendar, Span, due
from app.triage.hours import Hours
from tests.unit.triage.minutes import DAY, MINUTE, Minutes, OutOfSight, Pairs, Pause, Wall, ones, wall

WALLS = (  # a zone, and a date two weeks before its clocks change where they do
    ("Europe/Berlin", date(2026, 3, 15)),
    ("Europe/Berlin", date(2026, 10, 11)),
    ("America/New_York", date(2026, 2, 22)),
    ("America/St_Johns", date(2026, 3, 1)),  # half an hour off
    ("America/St_Johns", date(2010, 10, 24)),  # midnight is shown twice
    ("America/Havana", date(2026, 2, 22)),  # midnight is skipped
    ("Australia/Lord_Howe", date(2026, 3, 22)),  # half an hour back
    ("Australia/Lord_Howe", date(2026, 9, 20)),
    ("Asia/Kathmandu", date(2026, 3, 1)),
    ("Pacific/Apia", date(2011, 12, 16)),  # a whole date is skipped
    ("UTC", date(2026, 3, 1)),
)


class Case(NamedTuple):
    """A calendar twice: as the product has it, and as minutes; and when something starts."""

    calendar: Calendar
    minutes: Minutes
    start: int

    @property
    def of(self) -> Wall:
        return self.minutes.of

    def at(self, minute: int) -> datetime:
        return self.of.at(minute)


def hours(pairs: Pairs) -> list[Hours]:
    return [Hours(opens * MINUTE, closes * MINUTE) for opens, closes in pairs]


def case(seed: int) -> Case:
    """A random calendar of a random zone. By a seed, because drawing each minute of it takes longer than the test."""
    rng = random.Random(seed)
    zone, start = rng.choice(WALLS)
    of = wall(zone, start)
    round_times = (0, 60, 90, 120, 150, 180, 540, 720, 1020, DAY)

    def some() -> Pairs:
        if rng.random() < 0.4:
            return [(540, 720), (780, 1020)]
        times = [[rng.choice((rng.randint(0, DAY), *round_times)) for _ in range(2)] for _ in range(rng.randint(0, 3))]
        return [(min(two), max(two)) for two in times if two[0] != two[1]]

    def days() -> list[date]:
        return rng.sample(of.dates, rng.randint(0, 4))

    week = [some() for _ in WEEKDAYS]
    week[rng.randrange(7)] = [(480, 960)]
    holidays, shifts, breaks = days(), {day: some() for day in days()}, {day: some() for day in days()}
    calendar = Calendar.of(
        ZoneInfo(zone),
        {name: hours(pairs) for name, pairs in zip(WEEKDAYS, week, strict=True)},
        holidays=holidays,
        shifts={day: hours(pairs) for day, pairs in shifts.items()},
        breaks={day: hours(pairs) for day, pairs in breaks.items()},
    )
    on_the_hour = of.when(rng.choice(of.dates[2:15]), rng.choice(round_times))
    begin = rng.choice((rng.randint(2 * DAY, 16 * DAY), rng.randint(13 * DAY, 15 * DAY), on_the_hour))
    return Case(calendar, Minutes(of, week, holidays, shifts, breaks), begin)


CASES = st.builds(case, st.integers(0, 2**32))


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    """A few pauses between the first and the third week: in any order, overlapping, touching, empty, lasting."""
    begins = st.integers(DAY, 21 * DAY) | st.integers(2 * 24, 42 * 24).map(lambda half_hours: half_hours * 30)
    long = st.integers(0, 300) | st.integers(0, 3 * DAY)
    found: list[Pause] = [
        (begin, begin + length) for begin, length in draw(st.lists(st.tuples(begins, long), max_size=4))
    ]
    if found and draw(st.booleans()):
        found.append((found[0][1] or 0, (found[0][1] or 0) + 90))  # touches the first
    if found and draw(st.integers(0, 5)) == 0:
        found[-1] = (found[-1][0], None)
    return found


SPANS = st.one_of(
    st.builds(Span, st.integers(0, 3000), st.just("m")),
    st.builds(Span, st.integers(0, 60), st.sampled_from(["h", "bh", "bdh"])),
    st.builds(Span, st.integers(1, 5), st.sampled_from(["d", "bd"])),
    st.just(Span.parse("eod")),
)


def in_sight(answer: Callable[..., int], *given: Any) -> int:
    """The counter's answer; another example where it lies after the last minute."""
    try:
        return answer(*given)
    except OutOfSight:
        assume(False)
        raise


def instants(case: Case, found: Sequence[Pause]) -> list[paused.Pause]:
    return [(case.at(begins), None if ends is None else case.at(ends)) for begins, ends in found]


def counted_due(case: Case, span: Span, found: Sequence[Pause]) -> int | None:
    """When a promise falls due, by walking minute by minute; None while a pause lasts."""
    without = in_sight(case.minutes.due, case.start, span.amount, span.unit)
    counts = case.minutes.counted(span.unit)
    total = sum(counts[case.start : without])
    try:
        return case.minutes.walk(case.start, total, without, counts, found)
    except OutOfSight:
        assume(any(ends is None for _, ends in found))
        return None


@given(CASES)
def test_each_minute_is_open_or_closed_as_counted(case: Case) -> None:
    since, till = case.start - DAY, case.start + 7 * DAY
    said = bytearray(till - since)
    for start, end in case.calendar.segments(case.at(since), case.at(till)):
        first, last = ((at - case.at(since)) // MINUTE for at in (start, end))
        said[first:last] = ones(last - first)
    assert said == case.minutes.open[since:till]
    assert case.calendar.is_open(case.at(case.start)) == bool(case.minutes.open[case.start])
    assert case.calendar.next_open(case.at(case.start)) == case.at(in_sight(case.minutes.next_open, case.start))


@given(CASES, st.integers(0, 3000))
def test_a_target_is_the_minute_at_which_so_many_have_been_counted(case: Case, amount: int) -> None:
    counted = in_sight(case.minutes.walk, case.start, amount, case.start, case.minutes.open, ())
    assert case.calendar.add(case.at(case.start), amount * MINUTE) == case.at(counted)


@given(CASES, st.integers(0, 15 * DAY), st.integers(0, 15 * DAY))
def test_the_time_between_is_the_number_of_open_minutes_and_going_back_is_its_inverse(
    case: Case, long: int, longer: int
) -> None:
    start, a, b = (case.start + n for n in (0, *sorted((long, longer))))
    between = [sum(case.minutes.open[since:till]) * MINUTE for since, till in ((start, a), (a, b), (start, b))]
    assert case.calendar.between(case.at(start), case.at(a)) == between[0]
    assert case.calendar.between(case.at(a), case.at(b)) == between[1]
    assert between[0] + between[1] == between[2] == case.calendar.between(case.at(start), case.at(b))
    back = case.calendar.sub(case.at(b), between[2])
    assert back >= case.at(start)
    assert case.calendar.between(case.at(start), back) == timedelta(0)
    assert case.calendar.between(back, case.at(b)) == between[2]


@given(CASES, SPANS)
def test_a_promise_falls_due_at_the_minute_that_is_counted(case: Case, span: Span) -> None:
    assert due(case.at(case.start), span, case.calendar) == case.at(
        in_sight(case.minutes.due, case.start, span.amount, span.unit)
    )


@settings(max_examples=300)
@given(CASES, SPANS, pauses())
def test_a_promise_that_stood_still_falls_due_at_the_minute_that_is_counted(
    case: Case, span: Span, found: list[Pause]
) -> None:
    expected = counted_due(case, span, found)
    answer = paused.due_with_pauses(case.at(case.start), span, case.calendar, instants(case, found))
    assert answer == (None if expected is None else case.at(expected))


@given(CASES, SPANS, pauses(), st.integers(0, 20 * DAY))
def test_what_has_counted_is_every_minute_that_counts_outside_the_pauses(
    case: Case, span: Span, found: list[Pause], long: int
) -> None:
    end = case.start + long
    counts = bytearray(case.minutes.counted(span.unit))
    for begins, ends in found:
        till = end if ends is None else ends
        counts[begins:till] = bytes(max(till - begins, 0))
    answer = paused.elapsed(case.at(case.start), case.at(end), span.unit, case.calendar, instants(case, found))
    assert answer == sum(counts[case.start : end]) * MINUTE


@given(CASES, SPANS, pauses())
def test_when_a_promise_falls_due_all_of_it_has_counted_and_pauses_in_another_order_change_nothing(
    case: Case, span: Span, found: list[Pause]
) -> None:
    start, given_pauses = case.at(case.start), instants(case, found)
    falls = paused.due_with_pauses(start, span, case.calendar, given_pauses)
    assert falls == paused.due_with_pauses(start, span, case.calendar, given_pauses[::-1])
    if falls is not None:
        whole = paused.elapsed(start, due(start, span, case.calendar), span.unit, case.calendar, ())
        assert paused.elapsed(start, falls, span.unit, case.calendar, given_pauses) == whole


@given(CASES, SPANS, pauses(), st.integers(DAY, 21 * DAY), st.integers(0, DAY))
def test_one_more_pause_makes_no_promise_due_earlier(
    case: Case, span: Span, found: list[Pause], begins: int, long: int
) -> None:
    start = case.at(case.start)
    before = paused.due_with_pauses(start, span, case.calendar, instants(case, found))
    after = paused.due_with_pauses(start, span, case.calendar, instants(case, [*found, (begins, begins + long)]))
    assert after is None or (before is not None and before <= after)


@contextmanager
def host_in(zone: str) -> Iterator[None]:
    """The machine's own time zone is another for a while."""
    own = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        os.environ.update({"TZ": own} if own is not None else {})
        time.tzset()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
@settings(max_examples=40)
@given(case=CASES, span=SPANS, found=pauses())
def test_the_machine_s_own_time_zone_does_not_matter(zone: str, case: Case, span: Span, found: list[Pause]) -> None:
    def answers() -> tuple[Any, ...]:
        start, given_pauses = case.at(case.start), instants(case, found)
        calendar = Calendar(case.calendar.zone, case.calendar.week, case.calendar.dates)  # remembers nothing yet
        return (
            paused.due_with_pauses(start, span, calendar, given_pauses),
            calendar.segments(start, start + timedelta(days=7)),
            calendar.sub(start, timedelta(minutes=1)),
        )

    with host_in("UTC"):
        expected = answers()
    with host_in(zone):
        assert datetime(2026, 3, 2).astimezone().utcoffset() != timedelta(0)
        assert answers() == expected
    assert all(at.tzinfo is UTC for segment in expected[1] for at in segment)
