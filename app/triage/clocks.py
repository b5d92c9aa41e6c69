"""Promises: when they are due, which have passed, and when to look again (C-03, C-04)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from app.triage.business_time import due
from app.triage.conditions import Seen
from app.triage.decision import Decision, Level, Severity
from app.triage.ticket import Speaker, Status, Ticket

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # a ticket whose creation time was not told: its clocks start now


def deadlines(seen: Seen, severity: Severity) -> dict[str, datetime]:
    """When each clock is due, by name: those of the severity, and those of the level once it is known."""
    found = {}
    for name, clock in seen.pack.clocks.items():
        rank = seen.level if clock.start == "level" else severity
        target = clock.of(rank) if rank is not None else None
        if target is not None:
            calendar = seen.calendars[clock.calendar] if clock.calendar else seen.calendar
            found[name] = due(_start(clock.start, seen), target.due, calendar)
    return found


def level_since(level: Level, previous: Decision | None, now: datetime) -> datetime:
    """Since when the ticket is at its level: since the first decision in a row that says so."""
    if previous is None or previous.level is not level:
        return now
    return previous.level_since or previous.at


def running(ticket: Ticket, *, ours_counts: bool = False) -> bool:
    """Whether the first reply is still owed: only a public reply by a person stops it, or one of ours where the policy
    counts that (C-29)."""
    return not ticket.answers and not _over(ticket) and not (ours_counts and _heard_us(ticket))


def overdue(
    ticket: Ticket, promised: Mapping[str, datetime], now: datetime, *, ours_counts: bool = False
) -> frozenset[str]:
    """The clocks that have passed and still run. ``ours_counts`` as for ``running``."""
    return frozenset(name for name, at in promised.items() if at <= now and _runs(name, ticket, ours_counts))


def wake_at(
    ticket: Ticket, promised: Mapping[str, datetime], now: datetime, *, ours_counts: bool = False
) -> datetime | None:
    """The next moment at which a clock changes the answer. ``ours_counts`` as for ``running``."""
    return min((at for name, at in promised.items() if at > now and _runs(name, ticket, ours_counts)), default=None)


def _start(kind: str, seen: Seen) -> datetime:
    created = seen.ticket.created_at if seen.ticket.created_at > UNKNOWN else seen.now
    if kind == "level" and seen.level is not None:
        return level_since(seen.level, seen.context.previous, seen.now)
    if kind == "last_update":
        return max((one.at for one in seen.ticket.answers if one.at > UNKNOWN), default=created)
    return created


def _runs(name: str, ticket: Ticket, ours_counts: bool) -> bool:
    return running(ticket, ours_counts=ours_counts) if name == "first_reply" else not _over(ticket)


def _over(ticket: Ticket) -> bool:
    return ticket.status in (Status.SOLVED, Status.CLOSED)


def _heard_us(ticket: Ticket) -> bool:
    return any(comment.public and comment.speaker is Speaker.WORKER for comment in ticket.comments)
