"""When what happened on a ticket, read off the ticket's own thread and history each time anew: so a delivery that never
came, or a policy that changed, leaves nothing wrong behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from app.triage.actions import reply_mark
from app.triage.bridge import LinkedIssue
from app.triage.clocks.parts import OVER, Moment, State, state_of
from app.triage.commands import says_more
from app.triage.conditions import Seen
from app.triage.decision import Level, Severity
from app.triage.effects import REMINDER, REPLY
from app.triage.marks import outcome_in
from app.triage.tags import spelt
from app.triage.ticket import Change, Comment, Speaker, Status, Ticket

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # a ticket whose creation time was not told: its clocks start now


class Period(NamedTuple):
    """A state that a ticket had from ``start`` until ``end``, None while it has it."""

    state: State
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Story:
    """A ticket's course. ``moments`` are the instants of each kind in order, UTC; ``periods`` its states without a
    gap, the oldest first. ``brought_back`` is when a person last took it off a higher level."""

    moments: Mapping[Moment, tuple[datetime, ...]]
    periods: tuple[Period, ...]
    brought_back: datetime | None = None

    def of(self, kinds: Iterable[Moment]) -> list[datetime]:
        """The instants of several kinds together, in order."""
        return sorted({at for kind in kinds for at in self.moments.get(kind, ())})

    def within(self, states: Iterable[State]) -> Iterator[Period]:
        """The periods in which it had one of these states."""
        wanted = frozenset(states)
        return (period for period in self.periods if period.state in wanted)

    @cached_property
    def solved(self) -> datetime | None:
        """Since when it is solved; None while it is not."""
        over = None
        for period in reversed(self.periods):
            if period.state not in OVER:
                return over
            over = period.start
        return over


def story(seen: Seen, severity: Severity, level: Level, thanked: datetime | None = None) -> Story:
    """The course of a ticket that is decided about: ``severity`` in force and ``level`` reached. ``thanked`` is when
    the customer said that it works again."""
    ticket, context = seen.ticket, seen.context
    created = ticket.created_at if ticket.created_at > UNKNOWN else seen.now
    periods = _periods(seen, created)
    asked = [created, *_at(ticket, lambda one: one.speaker is Speaker.CUSTOMER)]
    answered = [one.at for one in ticket.answers]
    critical = critical_since(severity, seen)
    page = context.page
    customers = (one.author_id for one in ticket.comments if one.speaker is Speaker.CUSTOMER)
    others = {ticket.requester.id, context.our_id, *customers} - {""}
    down = (one for one in _rungs(seen) if _rung(one.new, seen) < _rung(one.old, seen))
    brought_back = [one.at for one in down if one.by not in others]
    moments: dict[Moment, Iterable[datetime]] = {
        "created": [created],
        "asked": asked,
        "asked_again": asked[1:],
        "answered": answered,
        "noted": _at(ticket, lambda one: one.speaker is Speaker.AGENT and not one.public and says_more(one)),
        "assigned": _assigned(ticket, created),
        "moved": [*brought_back, *(one.at for one in ticket.history if one.field == "status" and one.by not in others)],
        "level": [level_since(level, seen)],
        "critical": [critical] if critical else [],
        "reported": _at(ticket, lambda one: one.speaker is Speaker.WORKER and bool(outcome_in(one.body))),
        "confirmed": _confirmed(seen, critical),
        "paged": [page.opened_at] if page else [],
        "acknowledged": [page.acknowledged_at] if page and page.acknowledged_at else [],
        "linked": (one.waits_since for one in context.linked if one.waits_since and one.awaited),
        "engineering": _by_engineering(context.linked),
        "thanked": [thanked] if thanked else [],
        "reminded": _reminded(seen, periods[-1].start),
        "state": (period.start for period in periods),
    }
    if seen.pack.ack.counts_as_first_reply:
        reminders = _reminders(seen)
        ours = _at(ticket, lambda one: one.public and one.speaker is Speaker.WORKER and one not in reminders)
        moments["answered"] = [*answered, *ours]
    return Story(
        {kind: tuple(sorted(at for at in instants if at > UNKNOWN)) for kind, instants in moments.items()},
        periods,
        max(brought_back, default=None),
    )


def level_since(level: Level, seen: Seen) -> datetime:
    """Since when the ticket is at its level: since its rung's tag was put on, or the last rung's taken off, where the
    history tells; else since the first of our decisions in a row that say so. A ticket begins at L1."""
    previous, ticket = seen.context.previous, seen.ticket
    reached = None
    for change in _rungs(seen):
        reached = change.at if _rung(change.new, seen) is level else None
    if reached is not None:
        return reached
    if previous is None and level is Level.L1 and ticket.created_at > UNKNOWN:
        return ticket.created_at
    if previous is None or previous.level is not level:
        return seen.now
    return previous.level_since or previous.at


def _rungs(seen: Seen) -> Iterator[Change]:
    """The changes of tags by which it went to another level."""
    tags = (one for one in seen.ticket.history if one.field == "tags")
    return (one for one in tags if _rung(one.new, seen) is not _rung(one.old, seen))


def _rung(tags: str, seen: Seen) -> Level:
    """The highest rung whose tag is among these, as the vendor spells it."""
    there, vendor = set(tags.casefold().split()), seen.ticket.ref.vendor
    names = {rank: spelt(rung.tag, vendor, seen.pack).casefold() for rank, rung in seen.pack.ladder.items()}
    return max((rank for rank, name in names.items() if name in there), default=Level.L1)


def critical_since(severity: Severity, seen: Seen) -> datetime | None:
    """Since when it is P0 or P1, None while it is not: since the first of our decisions in a row that say so, at first
    since what happened on the ticket that made it so, which may lie back where nobody looked (S1-17). Where no decision
    is known, since its priority says so, else since the customer's last words."""
    if severity > Severity.P1:
        return None
    previous = seen.context.previous
    if previous is not None and previous.severity <= Severity.P1:
        return previous.critical_since or previous.at
    ticket = seen.ticket
    if previous is None:
        said = [ticket.created_at, *_at(ticket, lambda one: one.speaker is Speaker.CUSTOMER)]
        happened = _ranked(seen) or said
    else:
        happened = [ticket.created_at, *(one.at for one in ticket.comments), *(one.at for one in ticket.history)]
    last = max((at for at in happened if at > UNKNOWN), default=seen.now)
    return min(last, seen.now) if previous is None or last > previous.at else seen.now


def _ranked(seen: Seen) -> list[datetime]:
    """When its priority became one of P0 or P1."""
    words = seen.pack.priority.get(seen.ticket.ref.vendor, {})
    critical = {words[rank.name].casefold() for rank in Severity if rank <= Severity.P1 and rank.name in words}
    changes = (one for one in seen.ticket.history if one.field == "priority")
    return [one.at for one in changes if one.new.casefold() in critical and one.old.casefold() not in critical]


def running(ticket: Ticket, *, ours_counts: bool = False) -> bool:
    """Whether the first reply is still owed: only a public reply by a person ends that, or one of ours where the policy
    counts it (C-29)."""
    heard_us = ours_counts and any(one.public and one.speaker is Speaker.WORKER for one in ticket.comments)
    return not ticket.answers and ticket.status.value not in OVER and not heard_us


def _at(ticket: Ticket, wanted: Callable[[Comment], bool]) -> list[datetime]:
    return [one.at for one in ticket.comments if wanted(one)]


def _assigned(ticket: Ticket, created: datetime) -> list[datetime]:
    """When it was given to a person; at its making where no change tells of it."""
    changes = [one for one in ticket.history if one.field == "assignee"]
    first = changes[0].old if changes else ticket.assignee
    return [*([created] if first else []), *(one.at for one in changes if one.new)]


def _confirmed(seen: Seen, critical: datetime | None) -> Iterator[datetime]:
    """When a person confirmed P0 or P1; at once where it was said or tagged before it became so."""
    if critical is None:
        return
    if seen.context.page and seen.context.page.confirmed_at:
        yield seen.context.page.confirmed_at
    if seen.orders.confirmed is not None:
        yield max(critical, seen.orders.confirmed.at)
    tag = seen.pack.p0.confirm_tag.casefold()
    if tag not in {one.casefold() for one in seen.ticket.tags} - {one.casefold() for one in seen.context.tags}:
        return
    added = [one.at for one in seen.ticket.history if tag in one.put_on]
    yield max([critical, *added[-1:]])


def _reminders(seen: Seen) -> list[Comment]:
    """What we said to remind the customer."""
    ours = {mark for key, mark in seen.context.applied.items() if key.startswith(REPLY + REMINDER)}
    public = [one for one in seen.ticket.comments if one.public and one.speaker is Speaker.WORKER and ours]
    return [one for one in public if reply_mark(one.body) in ours]


def _by_engineering(linked: Iterable[LinkedIssue]) -> Iterator[datetime]:
    """When engineering worked on the issues. Who had an issue before the ticket was hung on it had it then as well."""
    for issue in linked:
        since = issue.waits_since + timedelta(seconds=1) if issue.waits_since else UNKNOWN
        yield from (max(at, since) for at in issue.heard)


def _reminded(seen: Seen, since: datetime) -> list[datetime]:
    """When we reminded the customer, since the ticket has its state."""
    return [one.at for one in _reminders(seen) if one.at >= since]


def _periods(seen: Seen, created: datetime) -> tuple[Period, ...]:
    """The states by the history; without one it has had its state since it came."""
    ticket, states = seen.ticket, seen.pack.statuses
    changes = [one for one in ticket.history if one.field == "status" and one.at > UNKNOWN]
    vendor = ticket.ref.vendor
    current = state_of(ticket.status_name, ticket.status, vendor, states)
    if not changes:
        return (Period(current, created, None),)
    meant = {one.new.casefold(): one.status for one in changes if one.status}
    first = changes[0].old
    begun = [(created, state_of(first, meant.get(first.casefold(), Status.NEW), vendor, states))]
    begun += [(one.at, state_of(one.new, one.status or ticket.status, vendor, states)) for one in changes]
    begun[-1] = (begun[-1][0], current)
    apart = [begun[0], *(after for before, after in pairwise(begun) if after[1] != before[1])]
    ends = [*(start for start, _ in apart[1:]), None]
    return tuple(Period(state, start, end) for (start, state), end in zip(apart, ends, strict=True))
