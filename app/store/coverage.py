"""Coverage: whether every open ticket was looked at within its period, and which were not.

A ticket says by ``due_at`` when it wants to be looked at; one that is open and past that by more than a grace is late.

An open ticket without ``due_at`` has no clock that runs, and is not looked at by the sweep. That is enough, because
three things alone can set a clock of it going, and each makes it due: a change of the ticket itself (a delivery, and
where none came the gap sweep, which compares the version of all that changed at the vendor with the one that was looked
at), a change of the issue that it hangs on (``Links.observed``), and another policy (``Outdated``). So the proof is
complete together with the instant until which the gap sweep knows all changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select

from app.store.schema import tickets
from app.store.transaction import Transactional
from app.triage.ticket import Status, VendorName

Account = tuple[VendorName, str]

OPEN = ("", *(status.value for status in Status if status not in (Status.SOLVED, Status.CLOSED)))
"""The statuses of an open ticket, as the store has them; empty: nobody has read it yet."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one account: how many tickets are ``open``, how many of them are ``late`` and ``since`` when the longest of
    these is due (UTC); how many are ``without_clock``, and when of these the longest unseen was ``looked_at``."""

    open: int
    late: int
    since: datetime | None
    without_clock: int
    looked_at: datetime | None


class Coverages(Transactional):
    """The proof's side of the store."""

    def coverage(self, now: datetime, grace: timedelta, accounts: Collection[Account]) -> dict[Account, Coverage]:
        """How the open tickets of each account stand: one query an account, answered by an index alone. Parked tickets
        are open and never late: a person has them."""
        late = and_(tickets.c.due_at <= now - grace, tickets.c.parked_at.is_(None))
        idle = tickets.c.due_at.is_(None)
        counted = select(
            func.count(),
            func.count(case((late, 1))),
            func.min(case((late, tickets.c.due_at))),
            func.count(case((idle, 1))),
            func.min(case((idle, tickets.c.looked_at))),
        )
        found = {}
        with self._begin() as connection:
            for vendor, account in accounts:
                query = counted.where(
                    tickets.c.vendor == vendor, tickets.c.account == account, tickets.c.status.in_(OPEN)
                )
                found[vendor, account] = Coverage(*connection.execute(query).one())
        return found
