"""Each clock's cycles: from when it ran, where it stood still, when its goal and due time pass, and when it ended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from app.triage.business_time import Calendar, Span
from app.triage.clocks.parts import OVER, Clock, Target
from app.triage.clocks.story import Story
from app.triage.conditions import Seen
from app.triage.decision import Level, Severity
from app.triage.effects import PROMISED
from app.triage.paused import Pause, due_with_pauses

_SAID = re.compile(r"(\d{1,3}[a-z]{1,3})|(\d{4}-\d\d-\d\d)")
_MOST = 200  # cycles of one clock: a thread of thousands of messages must not make a look slow


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of a clock, all instants UTC. ``goal`` and ``due`` are None while it stands still, and ``goal`` where
    there is none. ``stop`` is None while it runs; ``paused``: it stands still now. ``told`` is the due time that the
    customer was told; where the clock itself says another one (``counted``), the earlier of both is ``due`` (C-29)."""

    clock: str
    start: datetime
    due: datetime | None
    goal: datetime | None = None
    stop: datetime | None = None
    paused: bool = False
    pauses: tuple[Pause, ...] = ()
    told: datetime | None = None
    counted: datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.stop is None

    def overdue(self, now: datetime) -> bool:
        """Whether it runs and its due time has come."""
        return self.runs and self.due is not None and self.due <= now

    def at_risk(self, now: datetime) -> bool:
        """Whether it runs between its goal and its due time."""
        return self.runs and self.goal is not None and self.goal <= now and not self.overdue(now)

    def on_time(self, now: datetime) -> bool:
        """Whether it runs and neither its goal nor its due time has come."""
        return self.runs and self.due is not None and now < (self.goal or self.due)

    def breached(self, now: datetime) -> bool:
        """Whether its due time passed before it ended; at the due time itself it was kept."""
        return self.overdue(now) or (self.stop is not None and self.due is not None and self.due < self.stop)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Every cycle of a ticket's clocks at one moment, by clock, the oldest first. What ended before a person took the
    ticket back to a lower level (``since``) was answered by that, and is missed no more."""

    cycles: tuple[Cycle, ...]
    now: datetime
    since: datetime | None = None

    @property
    def overdue(self) -> frozenset[str]:
        """The clocks that run and whose due time has come."""
        return frozenset(one.clock for one in self.cycles if one.overdue(self.now))

    @property
    def on_time(self) -> frozenset[str]:
        """The clocks that run and whose goal and due time are ahead."""
        return frozenset(one.clock for one in self.cycles if one.on_time(self.now))

    @property
    def at_risk(self) -> frozenset[str]:
        """The clocks that run and whose goal has passed."""
        return frozenset(one.clock for one in self.cycles if one.at_risk(self.now))

    @property
    def breached(self) -> frozenset[str]:
        """The clocks that have missed their due time, now or in an earlier cycle."""
        counted = (one for one in self.cycles if not (self.since and one.stop and one.stop <= self.since))
        return frozenset(one.clock for one in counted if one.breached(self.now))

    @property
    def deadlines(self) -> dict[str, datetime]:
        """When each clock that runs falls due, by name."""
        return {one.clock: one.due for one in self.cycles if one.runs and one.due is not None}


def clocks_of(seen: Seen, story: Story, severity: Severity, level: Level, only: Iterable[str] | None = None) -> Clocks:
    """The cycles of every clock of the pack that this ticket has, or of those that are named."""
    names = seen.pack.clocks if only is None else only
    found: list[Cycle] = []
    for name in names:
        clock = seen.pack.clocks[name]
        target = clock.target(severity, level)
        if target is not None and clock.when.saw(seen) is not None:
            found += _cycles(name, clock, target, story, seen)
    return Clocks(tuple(found), seen.now, story.brought_back)


def _cycles(name: str, clock: Clock, target: Target, story: Story, seen: Seen) -> Iterator[Cycle]:
    told = _said(clock.said_by, seen) if clock.said_by else None
    if clock.said_by and told is None:
        return
    said, at = told or (None, None)
    calendar = seen.calendar_of(clock.calendar)
    for start, stop in list(_runs(clock, story))[-_MOST:]:
        pauses = tuple(_pauses(clock, story, start, stop))
        due: datetime | None
        goal = None
        since = max(start, at) if at else start  # who says "for three days" on the fifth day means from then on
        if isinstance(said, date):
            due = _opening(said, calendar)
            if due <= since:
                continue  # a day that had passed by then was said of an earlier time
        else:
            due = due_with_pauses(since, said or target.due, calendar, pauses)
            goal = due_with_pauses(start, target.goal, calendar, pauses) if target.goal and said is None else None
        paused = stop is None and any(end is None for _, end in pauses)
        promised = _told(name, seen) if start == story.moments["created"][0] and due and stop is None else None
        falls = min(due, promised) if due and promised else due
        yield Cycle(name, start, falls, goal if goal != falls else None, stop, paused, pauses, promised, due)


def _runs(clock: Clock, story: Story) -> Iterator[tuple[datetime, datetime | None]]:
    """From when until when it ran, each time; the last may run on."""
    begins, again, ends = story.of(clock.start), story.of(clock.restart), story.of(clock.stop)
    windows = [(one.start, one.end) for one in story.within(clock.states)] if clock.states else [(None, None)]
    after: datetime | None = None
    for opens, closes in windows:
        for start in begins:
            outside = (opens is not None and start < opens) or (closes is not None and start >= closes)
            if outside or (after is not None and start < after) or (story.solved and start >= story.solved):
                continue
            after = _end(start, [*ends, *filter(None, (closes, story.solved))], story)
            yield from _parted(start, after, again)
            if after is None:
                return


def _end(start: datetime, stops: Iterable[datetime], story: Story) -> datetime | None:
    """The first stop after ``start``; vendors tell whole seconds, so with the ticket itself may come its answer, and
    who makes it critical may confirm that in one word."""
    together = start in story.moments["created"] or start in story.moments["critical"]
    return min((at for at in stops if at > start or (together and at == start)), default=None)


def _parted(
    start: datetime, end: datetime | None, again: Iterable[datetime]
) -> Iterator[tuple[datetime, datetime | None]]:
    """The run until its end, parted where it begins anew."""
    for renewed in again:
        if renewed > start and (end is None or renewed < end):
            yield start, renewed
            start = renewed
    yield start, end


def _pauses(clock: Clock, story: Story, start: datetime, stop: datetime | None) -> Iterator[Pause]:
    """Where it stood still: in the clock's states for that, and while the ticket was solved before it was opened again.
    What began after the end counts nothing."""
    for period in story.within((*clock.pause, *OVER)):
        ended = period.end is not None and period.end <= start
        late = stop is not None and period.start >= stop
        if not ended and not late and (period.end is not None or period.state not in OVER):
            yield period.start, period.end


def _told(name: str, seen: Seen) -> datetime | None:
    """What the customer was told of a clock's due time."""
    told = seen.context.applied.get(PROMISED + name)
    return datetime.fromisoformat(told) if told else None


def moved(clocks: Clocks) -> Iterator[str]:
    """A warning for each clock that says another time by now than the customer was told."""
    for cycle in clocks.cycles:
        if cycle.told and cycle.counted and cycle.runs and cycle.told != cycle.counted:
            name = cycle.clock.replace("_", " ")
            yield (
                f"the customer was told to hear from us by {cycle.told:%Y-%m-%d %H:%M} UTC; "
                f"{name} is due by {cycle.counted:%Y-%m-%d %H:%M} UTC now, and the earlier holds"
            )


def _said(beginning: str, seen: Seen) -> tuple[Span | date, datetime | None] | None:
    """What a tag says of the due time, a span or a date, and since when; None for as long as is known."""
    for tag in sorted(map(str.casefold, seen.ticket.tags)):
        match = _SAID.fullmatch(tag.removeprefix(f"{beginning}-")) if tag.startswith(f"{beginning}-") else None
        try:
            if match:
                said = Span.parse(match[1]) if match[1] else date.fromisoformat(match[2])
                return said, next((one.at for one in reversed(seen.ticket.history) if tag in one.put_on), None)
        except ValueError:
            continue
    return None


def _opening(day: date, calendar: Calendar) -> datetime:
    """When somebody is there on a date, or after it."""
    return calendar.next_open(datetime.combine(day, time(), calendar.zone))
