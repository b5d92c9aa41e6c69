"""What is due to be done because a goal or a due time has passed, each thing once; and when the next one is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo
from typing import Literal

from app.triage.clocks.cycles import Clocks, Cycle
from app.triage.clocks.parts import Clock, Deed, Quiet, States, state_of
from app.triage.conditions import Seen
from app.triage.decision import Level, Severity
from app.triage.effects import ASKED, REMINDER, REPLY
from app.triage.hours import DAY, Hours
from app.triage.marks import mark_of, steps_in
from app.triage.paused import due_with_pauses
from app.triage.ticket import Ref, Speaker, Ticket

_MOST_WINDOWS = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """A goal or a due time that passed, and what is done about it. ``at`` is when it passed, ``since`` when the clock
    began, UTC. ``window`` counts the repetitions, from 0. ``mark`` is by what it is found again in the thread, where a
    note tells of it once it is ``told``; its reply, its move or its question to engineering may be left to do then."""

    clock: str
    kind: Literal["goal", "breach"]
    since: datetime
    at: datetime
    deed: Deed
    mark: str
    window: int = 0
    told: bool = False

    @property
    def reason(self) -> str:
        """The reason of its reply: each step's own."""
        return f"{REMINDER}{self.mark}"


@dataclass(frozen=True, slots=True)
class Agenda:
    """``due`` are the steps to take now, the oldest first; ``wake_at`` is the next moment at which a clock has
    something done or changes what a rule sees, None when nothing will."""

    due: tuple[Step, ...] = ()
    wake_at: datetime | None = None


def agenda(clocks: Clocks, seen: Seen, severity: Severity, level: Level) -> Agenda:
    """What there is to do. Of a clock only the newest step counts: after hours in which nobody looked, a breach goes
    before its goal, and a repetition before those that were missed."""
    taken = steps_taken(seen.ticket)
    quiet = quiet_until(seen.now, seen.pack.quiet, seen.calendar.zone)
    nudges_wait = quiet is not None and severity.name in seen.pack.quiet.severity
    at_risk, overdue, breached = seen.pack.rules.awaited
    dues = at_risk | overdue | (breached - clocks.breached)
    found: list[Step] = []
    ahead: list[datetime] = []
    for cycle in clocks.cycles:
        if not cycle.runs or cycle.paused:  # while it stands still nobody is nudged
            continue
        ahead += [cycle.goal] if cycle.goal and cycle.clock in at_risk else []
        ahead += [cycle.due] if cycle.due and cycle.clock in dues else []
        steps = list(_steps(cycle, seen, severity, level))
        ahead += [step.at for step in steps]
        passed = [step for step in steps if step.at <= seen.now]
        if not passed:
            continue
        step = replace(passed[-1], told=passed[-1].mark in taken)
        if not _left_to_do(step, seen):
            continue
        if quiet is not None and nudges_wait:
            ahead.append(quiet)
        else:
            found.append(step)
    return Agenda(
        tuple(sorted(found, key=lambda step: (step.at, step.clock))),
        min((at for at in ahead if at > seen.now), default=None),
    )


def moves(step: Step, ticket: Ticket, states: States) -> bool:
    """Whether a step moves the ticket to another state than it has."""
    now = state_of(ticket.status_name, ticket.status, ticket.ref.vendor, states)
    return step.deed.state not in (None, now)


def _left_to_do(step: Step, seen: Seen) -> bool:
    """Whether a step is still to be taken, in whole or in part. A run may end between its note, its move, its reply
    and its question to engineering: what is missing is done by the next. Where nobody reads a reply
    there is nobody to remind."""
    if step.deed.reply and not seen.ticket.customer_reads:
        return False
    unsaid = bool(step.deed.reply) and REPLY + step.reason not in seen.context.applied
    unasked = step.deed.engineering and seen.context.applied.get(ASKED + step.clock) != step.mark
    return not step.told or unsaid or unasked or moves(step, seen.ticket, seen.pack.statuses)


def steps_taken(ticket: Ticket) -> frozenset[str]:
    """The marks of the steps that our notes in the thread tell of."""
    ours = (one.body for one in ticket.comments if one.speaker is Speaker.WORKER and not one.public)
    return frozenset(mark for body in ours for mark in steps_in(body))


def quiet_until(now: datetime, quiet: Quiet, zone: tzinfo) -> datetime | None:
    """When the quiet hours end that hold now; None while nobody minds."""
    local = now.astimezone(zone)
    day, clock = local.date(), local.replace(tzinfo=None)
    ends = None
    for first in (day, day + DAY):
        midnight = datetime.combine(first, time())
        for opens, closes in sorted(map(Hours.parse, quiet.hours)):
            begins, till = midnight + opens, midnight + closes
            if begins <= clock < till or (ends is not None and begins <= ends < till):
                ends = till
    return None if ends is None else ends.replace(tzinfo=zone).astimezone(now.tzinfo)


def _steps(cycle: Cycle, seen: Seen, severity: Severity, level: Level) -> Iterator[Step]:
    """The steps of a cycle in order: those that have passed, and the next one."""
    clock: Clock = seen.pack.clocks[cycle.clock]
    if cycle.goal is not None and clock.on_goal and clock.on_goal.for_rank(severity, level):
        yield _step(seen.ticket.ref, cycle, "goal", cycle.goal, clock.on_goal)
    if cycle.due is None or clock.on_breach is None or not clock.on_breach.for_rank(severity, level):
        return
    at, window = cycle.due, 0
    yield _step(seen.ticket.ref, cycle, "breach", at, clock.on_breach)
    target, calendar = clock.target(severity, level), seen.calendar_of(clock.calendar)
    while clock.repeat and target is not None and at <= seen.now and window < _MOST_WINDOWS:
        again = due_with_pauses(at, target.due, calendar, cycle.pauses)
        if again is None:
            return
        at, window = again, window + 1
        yield _step(seen.ticket.ref, cycle, "breach", at, clock.on_breach, window)


def _step(ref: Ref, cycle: Cycle, kind: Literal["goal", "breach"], at: datetime, deed: Deed, window: int = 0) -> Step:
    mark = mark_of(f"{ref} {cycle.clock} {kind} {cycle.start.isoformat()} {window}")
    return Step(cycle.clock, kind, cycle.start, at, deed, mark, window)
