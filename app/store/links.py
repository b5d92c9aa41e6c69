"""Which ticket hangs on which issue of another system, and how engineering left that issue when it was last read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, tuple_, update

from app.store.schema import links, tickets
from app.store.transaction import Transactional, about, ref_of
from app.triage import bridge
from app.triage.bridge import LinkedIssue
from app.triage.ticket import Ref, Ticket, VendorName

_ASIDE: dict[str, Any] = dict.fromkeys(("at", "heard", "nudges"))
"""What is kept of an issue and wakes no ticket by itself: engineering's first word does, not each further one."""

_AFTER = timedelta(milliseconds=1)
"""By how much a ticket that is looked at becomes due after it was taken, at the least."""


class Links(Transactional):
    """One row a ticket and issue; what was read of an issue stands with each of its tickets."""

    def link(self, ticket: Ticket, issue: LinkedIssue, now: datetime, *, counted: bool = False) -> bool:
        """Hang a ticket on an issue; False when it hangs there already.

        The issue's other tickets become due: one more customer may change how bad it is (S0-48); but not where it is
        ``counted`` already, as one that repeats another of them.
        """
        ref = ticket.ref
        with self._begin() as connection:
            new = connection.execute(
                self._insert(links)
                .values(vendor=ref.vendor, account=ref.account, ticket_id=ref.id, to_vendor=issue.ref.vendor,
                        to_account=issue.ref.account, to_id=issue.ref.id, kind=issue.kind, at=now,
                        shown=bridge.to_json(issue))
                .on_conflict_do_nothing()
                .returning(links.c.id)
            ).first()  # fmt: skip
            if new is None:
                return False
            organization = ticket.requester.organization_id or ticket.requester.organization
            connection.execute(update(tickets).where(about(ref, tickets)).values(organization=organization))
            others = [] if counted else [other for other in _hanging(connection, issue.ref) if other != ref]
            make_due(connection, others, now)
        return True

    def linked(self, ref: Ref) -> tuple[LinkedIssue, ...]:
        """The issues that a ticket hangs on, the first one first."""
        query = select(links).where(about(ref, links)).order_by(links.c.id)
        with self._begin() as connection:
            return tuple(
                bridge.from_json(
                    Ref(cast(VendorName, row.to_vendor), row.to_account, row.to_id), row.kind, row.shown, row.at
                )
                for row in connection.execute(query)
            )

    def hanging_on(self, issue: Ref) -> list[Ref]:
        """The tickets that hang on an issue, the first one first."""
        with self._begin() as connection:
            return _hanging(connection, issue)

    def observed(self, shown: LinkedIssue, now: datetime) -> list[Ref]:
        """Keep how an issue was just read, for every ticket that hangs on it. Those that know less become due and are
        given back; where nothing changed that a ticket tells, none."""
        changed: list[Ref] = []
        with self._begin() as connection:
            for row in connection.execute(select(links).where(_to(shown.ref)).order_by(links.c.id).with_for_update()):
                before = bridge.from_json(shown.ref, row.kind, row.shown)
                data = bridge.to_json(shown) | {
                    "url": before.url,
                    "left_out": dict(before.left_out),
                    "at": now.isoformat(),
                }
                receipt = bool(shown.heard) and not before.heard
                if before.at is None or receipt or data | _ASIDE != bridge.to_json(before) | _ASIDE:
                    changed.append(ref_of(row))
                connection.execute(update(links).where(links.c.id == row.id).values(shown=data))
            make_due(connection, changed, now)
        return changed

    def lost(self, issue: Ref, now: datetime) -> list[Ref]:
        """Keep that an issue can no longer be read; gives the tickets that become due because they did not know."""
        changed: list[Ref] = []
        with self._begin() as connection:
            for row in connection.execute(select(links).where(_to(issue)).order_by(links.c.id).with_for_update()):
                if not row.shown.get("gone"):
                    changed.append(ref_of(row))
                    data = {**row.shown, "gone": True, "at": now.isoformat()}
                    connection.execute(update(links).where(links.c.id == row.id).values(shown=data))
            make_due(connection, changed, now)
        return changed

    def look_again(self, refs: Sequence[Ref], now: datetime) -> None:
        """Let tickets be looked at no later than now."""
        with self._begin() as connection:
            make_due(connection, refs, now)

    def repeated_by(self, issue: Ref) -> bool:
        """Whether tickets of another system hang on an issue only because it reports the same."""
        with self._begin() as connection:
            kinds = set(connection.execute(select(links.c.kind).where(_to(issue)).distinct()).scalars())
        return kinds == {"duplicate"}

    def affected(self, ref: Ref) -> tuple[int, int]:
        """How many tickets hang on the same issue as this one, and how many organizations wrote them; of several
        issues the largest numbers. ``(0, 0)`` without an issue."""
        mine = links.alias("mine")
        same = and_(
            links.c.to_vendor == mine.c.to_vendor,
            links.c.to_account == mine.c.to_account,
            links.c.to_id == mine.c.to_id,
        )
        theirs = and_(
            tickets.c.vendor == links.c.vendor,
            tickets.c.account == links.c.account,
            tickets.c.ticket_id == links.c.ticket_id,
        )
        organization = func.nullif(tickets.c.organization, "")
        query = (
            select(func.count(), func.count(func.distinct(organization)))
            .select_from(mine.join(links, same).join(tickets, theirs))
            .where(about(ref, mine))
            .group_by(mine.c.to_vendor, mine.c.to_account, mine.c.to_id)
        )
        with self._begin() as connection:
            found = connection.execute(query).all()
        return max((row[0] for row in found), default=0), max((row[1] for row in found), default=0)


def moved(connection: Connection, old: Ref, new: Ref) -> None:
    """An issue has another key now: its links follow."""
    connection.execute(update(links).where(_to(old)).values(to_vendor=new.vendor, to_account=new.account, to_id=new.id))


def _hanging(connection: Connection, issue: Ref) -> list[Ref]:
    query = select(links.c.vendor, links.c.account, links.c.ticket_id).where(_to(issue)).order_by(links.c.id)
    return [ref_of(row) for row in connection.execute(query)]


def make_due(connection: Connection, refs: Sequence[Ref], now: datetime, at: datetime | None = None) -> None:
    """Let tickets be looked at no later than ``at``, which is now where nothing is said; those that a worker looks at
    just now again after that, because it may have seen less."""
    at = now if at is None else at
    if refs:
        keys = [(ref.vendor, ref.account, ref.id) for ref in refs]
        looked_at = and_(tickets.c.lease_until > now, tickets.c.due_at <= now)
        connection.execute(
            update(tickets)
            .where(
                tuple_(tickets.c.vendor, tickets.c.account, tickets.c.ticket_id).in_(keys),
                or_(tickets.c.due_at.is_(None), tickets.c.due_at > at, looked_at),
            )
            .values(due_at=case((looked_at, max(at, now + _AFTER)), else_=at))
        )


def _to(issue: Ref) -> ColumnElement[bool]:
    return and_(links.c.to_vendor == issue.vendor, links.c.to_account == issue.account, links.c.to_id == issue.id)
