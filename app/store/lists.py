"""Lists of tickets: what is due, what waits, what was decided, what is parked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.store.schema import decisions, tickets
from app.store.tickets import UNREAD
from app.store.transaction import Transactional, about, ref_of
from app.triage.ticket import Ref, VendorName


@dataclass(frozen=True, slots=True)
class Parked:
    """A ticket that waits for a person, and why."""

    ref: Ref
    at: datetime
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decided ticket for lists: its newest decision as JSON."""

    ref: Ref
    subject: str
    at: datetime
    body: Mapping[str, Any]


class Lists(Transactional):
    """Questions about many tickets."""

    def due(self, now: datetime, limit: int) -> list[Ref]:
        """Tickets that want to be looked at and that nobody holds: open events, expired leases, passed ``wake_at``; but
        not those that were tried and wait (``waiting``). The worst severity first, then the longest due."""
        return self._due(now, limit, tickets.c.waits == 0)

    def waiting(self, now: datetime, vendor: VendorName, account: str, limit: int, *, urgent: bool) -> list[Ref]:
        """Tickets of an account that were tried, had to wait, and may be tried again; in the same order. ``urgent``:
        those known to be P0 or P1 and those that nobody has read; else all the others."""
        rank = tickets.c.rank <= UNREAD if urgent else tickets.c.rank > UNREAD
        account_s = and_(tickets.c.vendor == vendor, tickets.c.account == account)
        return self._due(now, limit, and_(tickets.c.waits > 0, account_s, rank))

    def _due(self, now: datetime, limit: int, which: ColumnElement[bool]) -> list[Ref]:
        query = (
            select(tickets.c.vendor, tickets.c.account, tickets.c.ticket_id)
            .where(which, wanting(now), free(now))
            .order_by(tickets.c.rank, tickets.c.due_at)
            .limit(limit)
        )
        with self._begin() as connection:
            return [ref_of(row) for row in connection.execute(query)]

    def parked(self, limit: int = 1000) -> list[Parked]:
        """Tickets that wait for a person, newest first."""
        query = (
            select(tickets).where(tickets.c.parked_at.is_not(None)).order_by(tickets.c.parked_at.desc()).limit(limit)
        )
        with self._begin() as connection:
            return [
                Parked(ref_of(row), row.parked_at, row.parked_kind or "", row.last_error or "")
                for row in connection.execute(query)
            ]

    def backlog(self, now: datetime) -> tuple[int, float]:
        """How many tickets are parked, and the age in seconds of the longest-due ticket that is not."""
        with self._begin() as connection:
            parked = connection.execute(select(func.count()).where(tickets.c.parked_at.is_not(None))).scalar_one()
            oldest = connection.execute(
                select(func.min(tickets.c.due_at)).where(tickets.c.due_at <= now, tickets.c.parked_at.is_(None))
            ).scalar_one()
        return parked, (now - oldest).total_seconds() if oldest else 0.0

    def decided(self, limit: int = 200) -> list[Decided]:
        """The most recently decided tickets with their newest decision."""
        query = (
            select(tickets.c.vendor, tickets.c.account, tickets.c.ticket_id, tickets.c.subject, tickets.c.decided_at,
                   decisions.c.body)
            .join(decisions, decisions.c.id == tickets.c.decision_id)
            .order_by(tickets.c.decided_at.desc())
            .limit(limit)
        )  # fmt: skip
        with self._begin() as connection:
            return [Decided(ref_of(row), row.subject, row.decided_at, row.body) for row in connection.execute(query)]

    def last_decision(self, ref: Ref) -> Mapping[str, Any] | None:
        """The newest decision about a ticket as JSON; None where nothing was decided."""
        query = select(decisions.c.body).where(about(ref, decisions)).order_by(decisions.c.id.desc()).limit(1)
        with self._begin() as connection:
            body: Mapping[str, Any] | None = connection.execute(query).scalar_one_or_none()
        return body

    def history(self, ref: Ref) -> list[Mapping[str, Any]]:
        """Every decision about a ticket as JSON, oldest first."""
        query = select(decisions.c.body).where(about(ref, decisions)).order_by(decisions.c.id)
        with self._begin() as connection:
            return list(connection.execute(query).scalars())


def wanting(now: datetime) -> ColumnElement[bool]:
    """Whether a ticket wants to be looked at."""
    return and_(tickets.c.parked_at.is_(None), tickets.c.due_at <= now)


def free(now: datetime) -> ColumnElement[bool]:
    """Whether nobody holds a ticket and it may be tried now."""
    return and_(
        or_(tickets.c.lease_until.is_(None), tickets.c.lease_until <= now),
        or_(tickets.c.not_before.is_(None), tickets.c.not_before <= now),
    )
