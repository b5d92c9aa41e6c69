"""What the gap sweep asks: how much of what a vendor lists as changed is known already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from app.store.schema import deliveries, tickets
from app.store.transaction import Transactional
from app.triage.ticket import VendorName

GAP = "gap"
"""How the names of the beats begin that say how far the lists of changes were walked: ``gap:zendesk:acme``."""

KNOWN = "known"
"""The detail of such a beat that says until when all changes are known, UTC in ISO form."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of some tickets: ``versions`` are those at which they were last looked at (empty: never yet, though
    the ticket is known), ``asked`` are those that an open delivery asks for, ``deleted`` those reported deleted."""

    versions: dict[str, str]
    asked: frozenset[str]
    deleted: frozenset[str]


class Gaps(Transactional):
    """The gap sweep's side of the store."""

    def heard(self, vendor: VendorName, account: str, ids: Collection[str]) -> Heard:
        """What is known of these tickets of one account."""
        shown = select(tickets.c.ticket_id, tickets.c.version).where(
            tickets.c.vendor == vendor, tickets.c.account == account, tickets.c.ticket_id.in_(ids)
        )
        told = select(deliveries.c.ticket_id, deliveries.c.state, deliveries.c.kind).where(
            deliveries.c.vendor == vendor,
            deliveries.c.account == account,
            and_(deliveries.c.ticket_id.in_(ids), or_(deliveries.c.state == "open", deliveries.c.kind == "deleted")),
        )
        with self._begin() as connection:
            versions = {row.ticket_id: row.version for row in connection.execute(shown)}
            rows = connection.execute(told).all()
        return Heard(
            versions,
            frozenset(row.ticket_id for row in rows if row.state == "open"),
            frozenset(row.ticket_id for row in rows if row.kind == "deleted"),
        )
