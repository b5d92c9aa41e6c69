"""Deliveries: what the receiver accepted. A row here is the promise that a 202 gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, case, delete, or_, select, update

from app.store import symptom_leaving
from app.store.links import moved
from app.store.pages import move_pages
from app.store.schema import deliveries, tickets
from app.store.tickets import UNREAD
from app.store.transaction import Transactional, about
from app.triage.ticket import Event, Ignored, Ref, VendorName

Recorded = Literal["accepted", "duplicate"]


@dataclass(frozen=True, slots=True)
class ParkedDelivery:
    """A delivery whose signature held and whose body could not be read."""

    id: int
    vendor: str
    account: str
    delivery_id: str
    received_at: datetime
    error: str
    body: bytes


class Inbox(Transactional):
    """The receiver's side of the store."""

    def record(self, event: Event, body_sha256: str, now: datetime) -> Recorded:
        """Keep a delivery and make its ticket due, in one transaction; the second of the same delivery changes nothing.

        A ticket parked for a permanent or poisonous reason gets another chance: the new event may have mended it.
        One parked as a loop stays parked until a person replays it.
        """
        ref = event.ref
        with self._begin() as connection:
            if not self._keep(connection, ref.vendor, ref.account, event.delivery_id, "open", event.kind, now,
                              ticket_id=ref.id, body_sha256=body_sha256):  # fmt: skip
                return "duplicate"
            connection.execute(
                self._make_due, {"vendor": ref.vendor, "account": ref.account, "ticket_id": ref.id, "due_at": now}
            )
        return "accepted"

    def record_ignored(
        self, vendor: VendorName, account: str, ignored: Ignored, body_sha256: str, now: datetime
    ) -> Recorded:
        """Keep the fact that a delivery came and needed nothing."""
        with self._begin() as connection:
            new = self._keep(connection, vendor, account, ignored.delivery_id, "ignored", ignored.reason[:32], now,
                             body_sha256=body_sha256)  # fmt: skip
        return "accepted" if new else "duplicate"

    def park_delivery(
        self,
        vendor: VendorName,
        account: str,
        delivery_id: str,
        body: bytes,
        body_sha256: str,
        error: str,
        now: datetime,
    ) -> Recorded:
        """Keep a signed body that cannot be read, with its raw bytes, for a person to look at."""
        with self._begin() as connection:
            new = self._keep(connection, vendor, account, delivery_id, "parked", "malformed", now,
                             body_sha256=body_sha256, body=body, error=error)  # fmt: skip
        return "accepted" if new else "duplicate"

    def parked_deliveries(self, limit: int = 100) -> list[ParkedDelivery]:
        """The newest deliveries that could not be read."""
        query = select(deliveries).where(deliveries.c.state == "parked").order_by(deliveries.c.id.desc()).limit(limit)
        with self._begin() as connection:
            return [
                ParkedDelivery(
                    r.id, r.vendor, r.account, r.delivery_id, r.received_at, r.error or "", bytes(r.body or b"")
                )
                for r in connection.execute(query)
            ]

    def forget_deliveries(self, before: datetime) -> int:
        """Delete closed deliveries received before that; keep at least 30 days, they are what stops a late replay."""
        with self._begin() as connection:
            gone = connection.execute(
                delete(deliveries).where(deliveries.c.state.in_(("done", "ignored")), deliveries.c.received_at < before)
            )
            return gone.rowcount

    def rename(self, old: Ref, new: Ref, now: datetime) -> None:
        """Move what is known under ``old`` to the canonical reference (an issue asked for by number, or moved)."""
        with self._begin() as connection:
            symptom_leaving.hold_space_of(connection, old)
            connection.execute(update(deliveries).where(about(old, deliveries)).values(ticket_id=new.id))
            moved(connection, old, new)
            symptom_leaving.moved(connection, old, new, now)
            move_pages(connection, old, new)
            connection.execute(
                self._insert(tickets)
                .values(vendor=new.vendor, account=new.account, ticket_id=new.id, due_at=now)
                .on_conflict_do_update(index_elements=["vendor", "account", "ticket_id"], set_={"due_at": now})
            )
            connection.execute(delete(tickets).where(about(old, tickets)))

    def _keep(
        self,
        connection: Connection,
        vendor: str,
        account: str,
        delivery_id: str,
        state: str,
        kind: str,
        now: datetime,
        **more: Any,
    ) -> bool:
        """Insert one delivery; False when it was there already."""
        values: dict[str, Any] = {"ticket_id": None, "body": None, "error": None, **more}
        values |= {"vendor": vendor, "account": account, "delivery_id": delivery_id, "state": state, "kind": kind}
        values |= {"received_at": now, "closed_at": None if state == "open" else now}
        return connection.execute(self._keep_once, values).first() is not None

    @cached_property
    def _keep_once(self) -> Any:
        """Insert a delivery unless it is there; built once, because building costs more than running."""
        values = {
            column.name: bindparam(column.name, type_=column.type) for column in deliveries.c if column.name != "id"
        }
        return self._insert(deliveries).values(values).on_conflict_do_nothing().returning(deliveries.c.id)

    @cached_property
    def _make_due(self) -> Any:
        """Make a ticket due no later than ``due_at``, and free it when it was parked and may be mended by now: the time
        that it was parked does not count as late. What came may have made it urgent, so it ranks as P1 until it was
        read."""
        values = {n: bindparam(n, type_=tickets.c[n].type) for n in ("vendor", "account", "ticket_id", "due_at")}
        now = values["due_at"]
        mended = and_(tickets.c.parked_at.is_not(None), tickets.c.parked_kind != "loop")
        return (
            self._insert(tickets)
            .values(values | {"lease_token": 0, "tries": 0, "waits": 0, "subject": "", "applied": {}, "own_tags": []})
            .on_conflict_do_update(
                index_elements=["vendor", "account", "ticket_id"],
                set_={
                    "due_at": case(
                        (or_(tickets.c.due_at.is_(None), tickets.c.due_at > now, mended), now), else_=tickets.c.due_at
                    ),
                    "tries": case((mended, 0), else_=tickets.c.tries),
                    "parked_at": case((mended, None), else_=tickets.c.parked_at),
                    "rank": case((tickets.c.rank > UNREAD, UNREAD), else_=tickets.c.rank),
                },
            )
        )
