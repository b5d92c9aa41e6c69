"""A clock's time as it was counted: each stretch that counted, stood still, or lay outside the calendar, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from app.triage.business_time import Calendar
from app.triage.clocks.cycles import Cycle
from app.triage.clocks.parts import Target
from app.triage.clocks.story import Story, story
from app.triage.conditions import Seen
from app.triage.decision import Decision
from app.triage.paused import Pause, counts_in

Kind = Literal["counted", "paused", "closed"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of a cycle, UTC; ``why`` it did not count, empty where it did."""

    kind: Kind
    start: datetime
    end: datetime
    why: str = ""

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


def intervals(cycle: Cycle, unit: str, calendar: Calendar, until: datetime, story: Story) -> tuple[Interval, ...]:
    """The cycle from its start ``until`` an instant, without a gap. ``unit`` is the promise's: minutes, hours and days
    count day and night, hours of business days whole dates, the others the calendar's open time."""
    if until <= cycle.start:
        return ()
    counting = counts_in(unit, calendar)
    found: list[Interval] = []
    for start, end, paused in _parted(cycle.start, until, cycle.pauses):
        if paused:
            found.append(Interval("paused", start, end, _state(story, start)))
        elif counting is None:
            found.append(Interval("counted", start, end))
        else:
            found += _by_calendar(start, end, counting)
    return tuple(_joined(found))


@dataclass(frozen=True, slots=True)
class Explained:
    """A cycle with its promise and how its time was counted until it ended, or until now, or its due time."""

    cycle: Cycle
    target: Target
    intervals: tuple[Interval, ...]

    @property
    def counted(self) -> timedelta:
        """How much of its time has counted."""
        return sum((one.length for one in self.intervals if one.kind == "counted"), timedelta())


def explained(decision: Decision, seen: Seen) -> Iterator[Explained]:
    """Each cycle of a decision's clocks with every stretch of its time; ``seen`` is what the last rules saw."""
    course = story(seen, decision.severity, decision.level)
    for cycle in decision.clocks:
        clock = seen.pack.clocks[cycle.clock]
        target = clock.target(decision.severity, decision.level)
        if target is None:
            continue
        calendar = seen.calendar_of(clock.calendar)
        until = cycle.stop or max(seen.now, cycle.due or seen.now)
        yield Explained(cycle, target, intervals(cycle, target.due.unit, calendar, until, course))


def _parted(start: datetime, until: datetime, pauses: Sequence[Pause]) -> Iterator[tuple[datetime, datetime, bool]]:
    """The time between two instants, parted by the pauses."""
    at = start
    for begins, ends in sorted(pauses, key=lambda pause: pause[0]):
        first, last = max(begins, at), min(ends or until, until)
        if first >= last:
            continue
        if at < first:
            yield at, first, False
        yield first, last, True
        at = last
    if at < until:
        yield at, until, False


def _by_calendar(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    at = start
    for opens, closes in calendar.segments(start, end):
        if at < opens:
            yield from _closed(at, opens, calendar)
        yield Interval("counted", opens, closes)
        at = closes
    if at < end:
        yield from _closed(at, end, calendar)


def _closed(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    """Closed time, apart by what closes it: a date on which nobody is there though its weekday has hours, or the
    hours of the week."""
    at = start
    while at < end:
        day, till = at.astimezone(calendar.zone).date(), min(calendar.end_of_date(at), end)
        off = day in calendar.dates and not calendar.dates[day] and bool(calendar.week[day.weekday()])
        why = f"{day:%Y-%m-%d} is a holiday" if off else "outside the hours"
        yield Interval("closed", at, till, why)
        at = till


def _joined(several: Sequence[Interval]) -> Iterator[Interval]:
    """Neighbours of one kind for one reason as one; what counted stays apart where a calendar closes between."""
    last: Interval | None = None
    for one in several:
        if last and (last.kind, last.why, last.end) == (one.kind, one.why, one.start):
            last = replace(last, end=one.end)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last


def _state(story: Story, at: datetime) -> str:
    state = next((one.state for one in story.periods if one.start <= at and (one.end is None or at < one.end)), "")
    return f"the ticket was {state}" if state else "the ticket stood still"
