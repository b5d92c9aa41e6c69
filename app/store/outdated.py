"""Open tickets that were last looked at under a policy that is in force no more."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from app.store.schema import tickets
from app.store.transaction import Transactional, about
from app.triage.ticket import Ref, VendorName


class Outdated(Transactional):
    """What a changed policy leaves behind. A ticket that is over, gone, or was never decided about has no digest."""

    def outdated(
        self, vendor: VendorName, account: str, in_force: Collection[str], now: datetime, most: int
    ) -> list[Ref]:
        """Tickets of an account that were decided under another policy than these digests name and are not due by
        themselves now, the most severe first; no parked ones. An index leads to them, however many others there are."""
        found: list[tuple[int, str]] = []
        with self._begin() as connection:
            for digest in _digests(connection, vendor, account):
                if digest not in in_force:
                    query = (
                        select(tickets.c.rank, tickets.c.ticket_id)
                        .where(
                            _at(vendor, account),
                            tickets.c.policy_digest == digest,
                            _resting(now),
                        )
                        .order_by(tickets.c.rank)
                        .limit(most)
                    )
                    found += [(row.rank, row.ticket_id) for row in connection.execute(query)]
        return [Ref(vendor, account, ticket_id) for _, ticket_id in sorted(found)[:most]]

    def outdated_count(self, vendor: VendorName, account: str, in_force: Collection[str]) -> int:
        """How many of an account's tickets were decided under another policy than these digests name."""
        query = select(func.count()).where(
            _at(vendor, account), tickets.c.policy_digest != "", tickets.c.policy_digest.not_in(in_force)
        )
        with self._begin() as connection:
            return connection.execute(query).scalar_one()

    def bring_forward(self, refs: Collection[Ref], now: datetime) -> None:
        """Make tickets due now that would be due later or never."""
        with self._begin() as connection:
            for ref in refs:
                connection.execute(update(tickets).where(about(ref, tickets), _resting(now)).values(due_at=now))


def _digests(connection: Connection, vendor: VendorName, account: str) -> Iterator[str]:
    """Each digest that an account's tickets have, found by one step in the index each."""
    last: str | None = ""
    while last is not None:
        query = select(func.min(tickets.c.policy_digest)).where(_at(vendor, account), tickets.c.policy_digest > last)
        last = connection.execute(query).scalar_one()
        if last is not None:
            yield last


def _at(vendor: VendorName, account: str) -> ColumnElement[bool]:
    return and_(tickets.c.vendor == vendor, tickets.c.account == account)


def _resting(now: datetime) -> ColumnElement[bool]:
    return and_(tickets.c.parked_at.is_(None), or_(tickets.c.due_at.is_(None), tickets.c.due_at > now))
