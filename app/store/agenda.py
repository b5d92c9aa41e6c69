"""What the next sweep has before it, for a person who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, not_, select

from app.store.lists import free, wanting
from app.store.schema import decisions, deliveries, tickets
from app.store.transaction import Transactional, ref_of
from app.triage.ticket import Ref


@dataclass(frozen=True, slots=True)
class Due:
    """A ticket that wants to be looked at ``since`` then (UTC), and what the store knows of the reason: ``events`` are
    the kinds of its open deliveries, ``interrupted`` says that a worker ended amid it, ``waits`` counts the tries in a
    row that ended with ``error``, ``decision`` is the last one as JSON. ``rank`` is that of its severity, or of P1
    where it has news that nobody has read."""

    ref: Ref
    since: datetime
    rank: int
    events: tuple[str, ...]
    interrupted: bool
    waits: int
    error: str
    decision: Mapping[str, Any] | None


class Agenda(Transactional):
    """The sweep's list, in the sweep's order."""

    def agenda(self, now: datetime, limit: int) -> list[Due]:
        """The tickets that are due and may be tried now, those that wait for a vendor among them."""
        query = (
            select(tickets, decisions.c.body)
            .outerjoin(decisions, decisions.c.id == tickets.c.decision_id)
            .where(wanting(now), free(now))
            .order_by(tickets.c.rank, tickets.c.due_at)
            .limit(limit)
        )
        with self._begin() as connection:
            rows = connection.execute(query).all()
            events = _events(connection, [ref_of(row) for row in rows])
        return [
            Due(
                ref_of(row),
                row.due_at,
                row.rank,
                events.get(ref_of(row), ()),
                row.lease_until is not None,
                row.waits,
                row.last_error or "",
                row.body,
            )
            for row in rows
        ]

    def agenda_counts(self, now: datetime) -> tuple[int, int]:
        """How many tickets are due and may be tried now, and how many are due and held by a worker or backing off."""
        with self._begin() as connection:
            may, may_not = (
                connection.execute(select(func.count()).where(wanting(now), which)).scalar_one()
                for which in (free(now), not_(free(now)))
            )
        return may, may_not


def _events(connection: Connection, refs: list[Ref]) -> dict[Ref, tuple[str, ...]]:
    found: dict[Ref, tuple[str, ...]] = {}
    for vendor, account in {(ref.vendor, ref.account) for ref in refs}:
        query = (
            select(deliveries.c.vendor, deliveries.c.account, deliveries.c.ticket_id, deliveries.c.kind)
            .where(
                deliveries.c.vendor == vendor,
                deliveries.c.account == account,
                deliveries.c.ticket_id.in_([ref.id for ref in refs if (ref.vendor, ref.account) == (vendor, account)]),
                deliveries.c.state == "open",
            )
            .order_by(deliveries.c.id)
        )
        for row in connection.execute(query):
            found[ref_of(row)] = (*found.get(ref_of(row), ()), row.kind)
    return found
