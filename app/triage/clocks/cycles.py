"""Each clock's cycles: from when it ran, where it stood still, when its goal and due time pass, and when it ended."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property

from app.triage.business_time import Calendar, Span
from app.triage.clocks.parts import OVER, Clock, Target
from app.triage.clocks.story import Period, Story
from app.triage.conditions import Seen
from app.triage.decision import Level, Severity
from app.triage.effects import PROMISED
from app.triage.paused import Pause, due_with_pauses

_SAID = re.compile(r"(\d{1,3}[a-z]{1,3})|(\d{4}-\d\d-\d\d)")
_MOST = 200  # cycles of one clock: a thread of thousands of messages must not make a look slow


@dataclass(frozen=True)
class Cycle:
    """One run of a clock, all instants UTC. ``stop`` is None while it runs; ``paused``: it stands still now. It counts
    ``within`` by the calendar, or until a date, and is at risk after ``warn``. ``told`` is the due time that the
    customer was told. Due time and goal are worked out when somebody asks: most cycles of a long thread are over."""

    clock: str
    start: datetime
    stop: datetime | None
    within: Span | date
    warn: Span | None
    calendar: Calendar = field(repr=False)
    paused: bool = False
    pauses: tuple[Pause, ...] = ()
    told: datetime | None = None

    @cached_property
    def counted(self) -> datetime | None:
        """When it falls due by itself; None while it stands still."""
        if isinstance(self.within, Span):
            return due_with_pauses(self.start, self.within, self.calendar, self.pauses)
        return _opening(self.within, self.calendar)

    @cached_property
    def due(self) -> datetime | None:
        """When it falls due: the earlier of what it says itself and what the customer was told (C-29)."""
        return min(self.counted, self.told) if self.counted and self.told else self.counted

    @cached_property
    def goal(self) -> datetime | None:
        """When it is at risk; None while it stands still, and where there is no goal before the due time."""
        passes = due_with_pauses(self.start, self.warn, self.calendar, self.pauses) if self.warn else None
        return passes if passes != self.due else None

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
    """Every cycle of a ticket's clocks at one moment, by clock, the oldest first."""

    cycles: tuple[Cycle, ...]
    now: datetime

    def of(self, names: Collection[str]) -> Clocks:
        """Those of these clocks alone."""
        return Clocks(tuple(one for one in self.cycles if one.clock in names), self.now)

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
        return frozenset(one.clock for one in self.cycles if one.breached(self.now))

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
    return Clocks(tuple(found), seen.now)


def _cycles(name: str, clock: Clock, target: Target, story: Story, seen: Seen) -> Iterator[Cycle]:
    said = _said(clock.said_by, seen) if clock.said_by else None
    if clock.said_by and said is None:
        return
    calendar = seen.calendars.get(clock.calendar, seen.calendar)
    still = tuple(story.within((*clock.pause, *OVER)))
    promised = _told(name, seen)
    for start, stop in list(_runs(clock, story))[-_MOST:]:
        pauses = tuple(_pauses(still, start, stop))
        yield Cycle(
            clock=name,
            start=start,
            stop=stop,
            within=said or target.due,
            warn=target.goal if said is None else None,
            calendar=calendar,
            paused=stop is None and any(end is None for _, end in pauses),
            pauses=pauses,
            told=promised if start == story.moments["created"][0] and stop is None else None,
        )


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


def _pauses(still: Iterable[Period], start: datetime, stop: datetime | None) -> Iterator[Pause]:
    """Where it stood still: in the clock's states for that, and while the ticket was solved before it was opened again.
    What began after the end counts nothing."""
    for period in still:
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


def _said(beginning: str, seen: Seen) -> Span | date | None:
    """What a tag says of the due time: a span or a date."""
    for tag in sorted(map(str.casefold, seen.ticket.tags)):
        match = _SAID.fullmatch(tag.removeprefix(f"{beginning}-")) if tag.startswith(f"{beginning}-") else None
        try:
            if match and match[1]:
                return Span.parse(match[1])
            if match:
                return date.fromisoformat(match[2])
        except ValueError:
            continue
    return None


def _opening(day: date, calendar: Calendar) -> datetime:
    """When somebody is there on a date, or after it."""
    return calendar.next_open(datetime.combine(day, time(), calendar.zone))
