"""The pulse: what the processes tell one another through the store (heartbeats, vendor health, leases by name)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from app.store.schema import health, leases
from app.store.transaction import Transactional

BRAKE = "brake"
"""The beat that says whether anything may be written, ill while it is on."""

KNOWN_ISSUES = "known issues"
"""How the name of a beat begins that tells how a tracker's known issues were read."""

SWEPT = "swept"
"""The beat of the newest sweep that came to its end."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The last thing heard of a part: when, whether it was well, and details (never secrets)."""

    name: str
    at: datetime
    ok: bool
    detail: Mapping[str, Any]


class Pulse(Transactional):
    """Small facts by name; the newest wins."""

    def beat(self, name: str, now: datetime, *, ok: bool = True, detail: Mapping[str, Any] | None = None) -> None:
        """Say that a part is alive, or ill."""
        values = {"at": now, "ok": int(ok), "detail": dict(detail or {})}
        with self._begin() as connection:
            connection.execute(
                self._insert(health)
                .values(name=name, **values)
                .on_conflict_do_update(index_elements=["name"], set_=values)
            )

    def beats(self) -> dict[str, Beat]:
        """The last beat of every part, by name."""
        with self._begin() as connection:
            return {r.name: Beat(r.name, r.at, bool(r.ok), r.detail) for r in connection.execute(select(health))}

    def last(self, name: str) -> Beat | None:
        """The last beat of one part, None when it was never heard of."""
        with self._begin() as connection:
            row = connection.execute(select(health).where(health.c.name == name)).first()
        return Beat(row.name, row.at, bool(row.ok), row.detail) if row is not None else None

    def brake(self) -> Beat | None:
        """The brake while it is on: since when, and in its details ``why``, and whether the ``cap`` of a ``run`` or of
        an ``hour`` was reached."""
        beat = self.last(BRAKE)
        return None if beat is None or beat.ok else beat

    def put_brake_on(self, now: datetime, detail: Mapping[str, Any]) -> bool:
        """Stop all writing; False, and nothing changes, when it was on already. Of many who find a cap reached at once,
        one learns that it was the first."""
        values = {"at": now, "ok": 0, "detail": dict(detail)}
        statement = (
            self._insert(health)
            .values(name=BRAKE, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values, where=health.c.ok != 0)
            .returning(health.c.name)
        )
        with self._begin() as connection:
            return connection.execute(statement).first() is not None

    def release_brake(self, now: datetime) -> None:
        """Let writing go on; what was changed before counts towards no cap any more."""
        self.beat(BRAKE, now)

    def hold(self, name: str, now: datetime, seconds: float) -> bool:
        """Take a lease by name for so long; False while another holds it."""
        until = now + timedelta(seconds=seconds)
        statement = (
            self._insert(leases)
            .values(name=name, until=until)
            .on_conflict_do_update(
                index_elements=["name"],
                set_={"until": until},
                where=or_(leases.c.until.is_(None), leases.c.until <= now),
            )
            .returning(leases.c.name)
        )
        with self._begin() as connection:
            return connection.execute(statement).first() is not None
