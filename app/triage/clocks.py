"""Promises in clock time: when they are due, which have passed, and when to look again (S0-22, S0-30)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from app.triage.decision import Severity
from app.triage.pack import Pack
from app.triage.ticket import Speaker, Status, Ticket

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # a ticket whose creation time was not told: its clocks start now


def deadlines(ticket: Ticket, severity: Severity, pack: Pack, now: datetime) -> dict[str, datetime]:
    """When each clock is due for this severity."""
    start = ticket.created_at if ticket.created_at > UNKNOWN else now
    promised = ((name, clock.of(severity)) for name, clock in pack.clocks.items())
    return {name: start + target.due for name, target in promised if target is not None}


def running(ticket: Ticket) -> bool:
    """Whether the first reply is still owed: only a public reply by a person stops it (C-29)."""
    if ticket.status in (Status.SOLVED, Status.CLOSED):
        return False
    return not any(comment.public and comment.speaker is Speaker.AGENT for comment in ticket.comments)


def overdue(ticket: Ticket, due: Mapping[str, datetime], now: datetime) -> frozenset[str]:
    """The clocks that have passed and still run."""
    return frozenset(name for name, at in due.items() if at <= now) if running(ticket) else frozenset()


def wake_at(ticket: Ticket, due: Mapping[str, datetime], now: datetime) -> datetime | None:
    """The next moment at which a clock changes the answer."""
    return min((at for at in due.values() if at > now), default=None) if running(ticket) else None
