"""Who has how much to do: asked before a ticket is given to somebody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from app.store.schema import effects, tickets
from app.store.tickets import GONE
from app.store.transaction import Transactional
from app.triage.ticket import Status, VendorName

_OVER = (Status.SOLVED.value, Status.CLOSED.value, GONE)


class Colleagues(Transactional):
    """The people of an account, by the tickets that we know."""

    def turns(
        self, vendor: VendorName, account: str, people: Collection[str], since: datetime
    ) -> dict[str, tuple[int, datetime | None]]:
        """Of each of these people, how many tickets they hold that are not over, and when we last gave them one, if
        that was after ``since`` (UTC): whoever got none for so long is next anyway.

        Tickets are counted as they were last read. Two tickets that are decided at the same moment may go to the same
        person: nothing is reserved.
        """
        held = (
            select(tickets.c.assignee, func.count())
            .where(
                tickets.c.vendor == vendor,
                tickets.c.account == account,
                tickets.c.assignee.in_(people),
                tickets.c.status.not_in(_OVER),
            )
            .group_by(tickets.c.assignee)
        )
        agent = effects.c.action["agent"].as_string()
        given = (
            select(agent, func.max(effects.c.changed_at))
            .where(
                effects.c.vendor == vendor,
                effects.c.account == account,
                effects.c.kind == "assign",
                effects.c.state == "confirmed",
                effects.c.changed_at > since,
            )
            .group_by(agent)
        )
        with self._begin() as connection:
            loads = {row[0]: row[1] for row in connection.execute(held)}
            last = {row[0]: row[1] for row in connection.execute(given)}
        return {person: (loads.get(person, 0), last.get(person)) for person in people}
