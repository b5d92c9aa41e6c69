"""Tickets: who may work on one now, what was decided about it, and when it wants to be looked at again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from app.store import answers, symptom_leaving
from app.store.cycles import keep
from app.store.paragraphs import count
from app.store.schema import decisions, deliveries, tickets
from app.store.transaction import Transactional, about
from app.triage.boilerplate import requester_of
from app.triage.decision import Decision
from app.triage.ticket import Ref, Status, Ticket

ParkedKind = Literal["permanent", "poison", "loop"]

GONE = "gone"
"""The status of a ticket that is not there any more, or is none of ours."""

UNREAD = 1
"""The rank of a ticket with news that nobody has read: that of P1."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one ticket until ``until``. ``token`` only grows: a stale holder is told apart by it.

    ``seen`` are the ids of the deliveries open when the lease was taken, of these kinds, the first
    received at ``opened_at``;
    ``tries`` the starts so far, this one counted,
    ``applied`` and ``own_tags`` what we wrote to the ticket before, ``previous`` our last decision as JSON;
    ``left`` is the version that our last write left, empty before the first one since the ticket was read;
    ``rank`` that of its severity where the ticket waits for another try, None where it is looked at anew.
    """

    ref: Ref
    token: int
    taken_at: datetime
    until: datetime
    seen: tuple[int, ...]
    kinds: frozenset[str]
    opened_at: datetime | None
    tries: int
    waits: int
    applied: Mapping[str, str] = field(default_factory=dict)
    own_tags: frozenset[str] = frozenset()
    previous: Mapping[str, Any] | None = None
    decisions_last_hour: int = 0
    left: str = ""
    rank: int | None = None

    def with_applied(self, applied: Mapping[str, str], own_tags: frozenset[str]) -> Lease:
        """The same lease, knowing what the ticket shows of ours by now."""
        return replace(self, applied=applied, own_tags=own_tags)


class Tickets(Transactional):
    """The worker's side of the store."""

    def lease(self, ref: Ref, now: datetime, seconds: float, *, due: bool = True) -> Lease | None:
        """Take the ticket, or None when it is not due, held by another, backing off, or parked.

        The try is counted here, so that a worker that dies mid-way has used one up. ``due`` False takes it whenever
        nobody else holds it and counts no try: for a command of a person, who gives it back with ``release``.
        """
        until = now + timedelta(seconds=seconds)
        free = [about(ref, tickets), or_(tickets.c.lease_until.is_(None), tickets.c.lease_until <= now)]
        if due:
            free += [
                tickets.c.due_at <= now,
                tickets.c.parked_at.is_(None),
                or_(tickets.c.not_before.is_(None), tickets.c.not_before <= now),
            ]
        with self._begin() as connection:
            row = connection.execute(
                update(tickets)
                .where(*free)
                .values(lease_token=tickets.c.lease_token + 1, lease_until=until, tries=tickets.c.tries + int(due))
                .returning(tickets)
            ).first()
            if row is None:
                return None
            waiting = connection.execute(
                select(deliveries.c.id, deliveries.c.received_at, deliveries.c.kind)
                .where(_open(ref))
                .order_by(deliveries.c.id)
            ).all()
            previous = None
            if row.decision_id is not None:
                previous = connection.execute(
                    select(decisions.c.body).where(decisions.c.id == row.decision_id)
                ).scalar_one_or_none()
            recent = connection.execute(
                select(func.count()).where(about(ref, decisions), decisions.c.at > now - timedelta(hours=1))
            ).scalar_one()
        return Lease(
            ref=ref,
            token=row.lease_token,
            taken_at=now,
            until=until,
            seen=tuple(delivery.id for delivery in waiting),
            kinds=frozenset(delivery.kind for delivery in waiting),
            opened_at=min((delivery.received_at for delivery in waiting), default=None),
            tries=row.tries,
            waits=row.waits,
            applied=row.applied or {},
            own_tags=frozenset(row.own_tags or ()),
            previous=previous,
            decisions_last_hour=recent,
            rank=row.rank if row.waits else None,
        )

    def still_holds(self, lease: Lease, now: datetime) -> bool:
        """Whether this lease is still ours; asked right before each write to a vendor."""
        with self._begin() as connection:
            row = connection.execute(
                select(tickets.c.lease_token, tickets.c.lease_until).where(about(lease.ref, tickets))
            ).first()
        return (
            row is not None
            and row.lease_token == lease.token
            and row.lease_until is not None
            and (row.lease_until > now)
        )

    def release(self, lease: Lease) -> None:
        """Give the ticket back as it was taken: due when it was due, parked when it was parked."""
        with self._begin() as connection:
            if _held(connection, lease):
                connection.execute(update(tickets).where(about(lease.ref, tickets)).values(lease_until=None))

    def wrote(self, lease: Lease, applied: Mapping[str, str], own_tags: frozenset[str]) -> None:
        """Remember what the ticket now shows of ours, as soon as the vendor confirmed it."""
        with self._begin() as connection:
            connection.execute(
                update(tickets)
                .where(about(lease.ref, tickets), tickets.c.lease_token == lease.token)
                .values(applied=dict(applied), own_tags=sorted(own_tags))
            )

    def own_tags(self, ref: Ref) -> frozenset[str]:
        """The tags that we added to a ticket and still own; none for one that is not known."""
        return self.written(ref)[1]

    def written(self, ref: Ref) -> tuple[Mapping[str, str], frozenset[str]]:
        """What a ticket shows of ours: values by name, and the tags; nothing for one that is not known."""
        query = select(tickets.c.applied, tickets.c.own_tags).where(about(ref, tickets))
        with self._begin() as connection:
            row = connection.execute(query).first()
        return (row.applied or {}, frozenset(row.own_tags or ())) if row else ({}, frozenset())

    def remember(
        self,
        lease: Lease,
        now: datetime,
        *,
        decision: Mapping[str, Any] | None,
        outcome: str = "",
        ticket: Ticket | None = None,
        wake_at: datetime | None = None,
        rank: int | None = None,
        paragraphs: Collection[str] = (),
        decided: Decision | None = None,
        policy: str = "",
        ours: bool = True,
        answered: answers.Answered | None = None,
    ) -> bool:
        """End the work on a ticket: keep the decision, close the events seen, set the next look, free the lease.

        One transaction. ``decision`` is None when nothing new was decided, ``ticket`` as it was read when it could be,
        ``rank`` that of the severity when it is known, ``paragraphs`` the hashes that are counted for its account,
        ``decided`` whose clocks are written down, ``answered`` what people answered, ``policy`` the digest of the one
        that was asked, ``ours`` False for a ticket that is gone or left out. Returns whether more events came
        meanwhile, or another ticket made it due (it is then due at once). Does nothing and returns False when the lease
        was lost.
        """
        with self._begin() as connection:
            if not ours:
                symptom_leaving.hold_space_of(connection, lease.ref)
            if not _held(connection, lease):
                return False
            over = ticket is not None and ticket.status in (Status.SOLVED, Status.CLOSED)
            values: dict[str, Any] = {"looked_at": now, "policy_digest": "" if over else policy}
            if ticket is not None:
                values |= _shown(ticket) | ({"version": lease.left} if lease.left else {})
            if not ours:
                values["status"] = GONE
                symptom_leaving.leave(connection, lease.ref, now)
            if rank is not None:
                values["rank"] = rank
            if decision is not None:
                values["decision_id"] = connection.execute(
                    decisions.insert()
                    .values(
                        vendor=lease.ref.vendor,
                        account=lease.ref.account,
                        ticket_id=lease.ref.id,
                        at=now,
                        policy=decision["policy"],
                        policy_digest=decision["policy_digest"],
                        outcome=outcome,
                        label=decision["label"],
                        severity=decision["severity"],
                        body=dict(decision),
                    )
                    .returning(decisions.c.id)
                ).scalar_one()
                values["decided_at"] = now
            if ticket is not None and paragraphs:
                count(connection, self._insert, lease.ref, requester_of(ticket), paragraphs, now)
            if decided is not None:
                keep(connection, self._insert, lease.ref, decided, now)
            if answered is not None:
                answers.keep(connection, self._insert, lease.ref, answered)
            _close(connection, lease, now)
            more = connection.execute(select(func.count()).where(_open(lease.ref))).scalar_one() > 0
            due = now if more else wake_at
            rung = connection.execute(select(tickets.c.due_at).where(about(lease.ref, tickets))).scalar_one()
            if rung is not None and rung > lease.taken_at:  # meanwhile another ticket made it due
                due = rung if due is None else min(due, rung)
                more = more or rung <= now
            connection.execute(
                update(tickets)
                .where(about(lease.ref, tickets))
                .values(due_at=due, lease_until=None, not_before=None, tries=0, waits=0, last_error=None, **values)
            )
        return more

    def wait(
        self, lease: Lease, now: datetime, seconds: float, error: str, *, blameless: bool, rank: int | None = None
    ) -> None:
        """Give the ticket back for a later try; it stays due since when it was, so its age tells how long it waits.
        ``blameless``: the vendor's outage does not use up a try. ``rank``: of its severity, where that is known."""
        with self._begin() as connection:
            if _held(connection, lease):
                connection.execute(
                    update(tickets)
                    .where(about(lease.ref, tickets))
                    .values(
                        not_before=now + timedelta(seconds=seconds),
                        lease_until=None,
                        waits=lease.waits + 1,
                        tries=lease.tries - 1 if blameless else lease.tries,
                        last_error=error[:500],
                        **({} if rank is None else {"rank": rank}),
                    )
                )

    def park(self, lease: Lease, now: datetime, kind: ParkedKind, reason: str) -> None:
        """Set the ticket aside for a person. Its events are closed as parked; ``replay`` opens the way again."""
        with self._begin() as connection:
            if _held(connection, lease):
                _close(connection, lease, now, state="parked", error=reason[:500])
                connection.execute(
                    update(tickets)
                    .where(about(lease.ref, tickets))
                    .values(parked_at=now, parked_kind=kind, last_error=reason[:500], lease_until=None, not_before=None)
                )

    def replay(self, ref: Ref, now: datetime, *, anew: bool = False) -> bool:
        """Make a ticket due now, whether parked or not; False when it is not known.

        ``anew`` forgets which values and tags are ours, so that what was taken back may be written again; what was
        said to somebody, and what is done once for ever, stays done.
        """
        with self._begin() as connection:
            row = connection.execute(select(tickets.c.applied).where(about(ref, tickets)).with_for_update()).first()
            if row is None:
                return False
            values: dict[str, Any] = {"due_at": now, "not_before": None, "tries": 0, "waits": 0}
            values |= {"parked_at": None, "parked_kind": None}
            if anew:
                values["applied"] = {key: value for key, value in (row.applied or {}).items() if ":" in key}
                values["own_tags"] = []
            connection.execute(update(tickets).where(about(ref, tickets)).values(values))
        return True


def _shown(ticket: Ticket) -> dict[str, Any]:
    """What a ticket showed when it was read, as far as other tickets' decisions, lists and the gap sweep ask for it."""
    return {
        "subject": ticket.subject,
        "status": ticket.status.value,
        "version": ticket.version,
        "assignee": ticket.assignee,
        "organization": ticket.requester.organization_id or ticket.requester.organization,
    }


def _open(ref: Ref) -> ColumnElement[bool]:
    return and_(about(ref, deliveries), deliveries.c.state == "open")


def _held(connection: Connection, lease: Lease) -> bool:
    token = connection.execute(
        select(tickets.c.lease_token).where(about(lease.ref, tickets)).with_for_update()
    ).scalar_one_or_none()
    return token == lease.token


def _close(
    connection: Connection, lease: Lease, now: datetime, *, state: str = "done", error: str | None = None
) -> None:
    connection.execute(
        update(deliveries).where(deliveries.c.id.in_(lease.seen)).values(state=state, closed_at=now, error=error)
    )
