"""How often the paragraphs of an account's tickets were seen; only hashes, never a word of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, case, delete, func, select

from app.store.schema import paragraphs
from app.store.transaction import Transactional
from app.triage import boilerplate
from app.triage.ticket import Ref

_REQUESTER = 16  # characters of a requester's hash


class Paragraphs(Transactional):
    """One row a paragraph and account, counted once a ticket."""

    def shared_paragraphs(self, ref: Ref, hashes: Collection[str], now: datetime) -> frozenset[str]:
        """Those of a ticket's paragraphs that its account's tickets have shared for long enough."""
        if not hashes:
            return frozenset()
        query = select(paragraphs.c.hash).where(
            paragraphs.c.vendor == ref.vendor,
            paragraphs.c.account == ref.account,
            paragraphs.c.hash.in_(hashes),
            paragraphs.c.tickets >= boilerplate.LEAST_TICKETS,
            paragraphs.c.days >= boilerplate.LEAST_DAYS,
            func.length(paragraphs.c.requesters) >= boilerplate.LEAST_REQUESTERS * _REQUESTER,
            paragraphs.c.first_on <= (now - boilerplate.LEAST_AGE).date(),
        )
        with self._begin() as connection:
            return frozenset(connection.execute(query).scalars())

    def forget_paragraphs(self, before: datetime) -> int:
        """Delete what was not seen since."""
        with self._begin() as connection:
            return connection.execute(delete(paragraphs).where(paragraphs.c.last_on < before.date())).rowcount


def count(
    connection: Connection,
    insert: Callable[[Table], Any],
    ref: Ref,
    requester: str,
    hashes: Collection[str],
    now: datetime,
) -> None:
    """Count a ticket's paragraphs, in one order everywhere, so that two tickets never wait for each other.

    Of the requesters the first few are kept, as many as it takes to say "several people"."""
    today = now.date()
    known = paragraphs.c.requesters
    enough = func.length(known) >= boilerplate.LEAST_REQUESTERS * _REQUESTER
    for one in sorted(hashes):
        connection.execute(
            insert(paragraphs)
            .values(vendor=ref.vendor, account=ref.account, hash=one, tickets=1, days=1, requesters=requester,
                    first_on=today, last_on=today)
            .on_conflict_do_update(
                index_elements=["vendor", "account", "hash"],
                set_={
                    "tickets": paragraphs.c.tickets + 1,
                    "days": paragraphs.c.days + case((paragraphs.c.last_on < today, 1), else_=0),
                    "requesters": case((enough, known), (known.contains(requester), known), else_=known + requester),
                    "last_on": case((paragraphs.c.last_on < today, today), else_=paragraphs.c.last_on),
                },
            )
        )  # fmt: skip
