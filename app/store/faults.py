"""Faults that several open tickets report, read from the index of symptoms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_

from app.store.schema import decisions, tickets
from app.store.symptom_rows import master_of
from app.store.symptom_tables import spaces, symptoms
from app.store.transaction import Transactional, ref_of
from app.triage.patterns.faults import Fault
from app.triage.ticket import Ref

_OF = (symptoms.c.master_vendor, symptoms.c.master_account, symptoms.c.master_id)
_TICKET = (symptoms.c.vendor, symptoms.c.account, symptoms.c.ticket_id)


class Faults(Transactional):
    """Clusters of open tickets, for people who look at all of them."""

    def faults(self, least: int, limit: int = 50, since: datetime | None = None) -> list[Fault]:
        """The clusters of at least so many open tickets, the greatest first; with ``since`` those alone to which a
        ticket came after that, which is quick whatever number of tickets there is."""
        hung = symptoms.c.parent_vendor.is_not(None)
        query: Select[Any] = select(*_OF).where(hung).group_by(*_OF).order_by(func.count().desc(), *_OF).limit(limit)
        if since is None:
            query = query.where(symptoms.c.over_at.is_(None)).having(func.count() >= least - 1)
        else:  # by the time alone: SQLite would rather read all that are open
            query = query.where(symptoms.c.space.in_(select(spaces.c.name)), symptoms.c.created_at >= since)
        with self._begin() as connection:
            found = _read(connection, connection.execute(query).all())
        return sorted((one for one in found if one.tickets >= least), key=lambda one: (-one.tickets, one.master))


def _read(connection: Connection, masters: Sequence[Row[Any]]) -> list[Fault]:
    """The clusters of these masters, as far as any of their tickets is open."""
    if not masters:
        return []
    told = (
        symptoms.c.created_at,
        symptoms.c.over_at,
        symptoms.c.subject,
        symptoms.c.requester,
        symptoms.c.organization,
    )
    query = select(*_TICKET, *told, *_OF).where(_of_any(masters)).order_by(symptoms.c.created_at, *_TICKET)
    subjects: dict[Ref, str] = {}
    reports: dict[Ref, list[tuple[datetime, str]]] = {}
    for row in connection.execute(query).all():
        ref, master = ref_of(row), master_of(row)
        if ref == master:
            subjects[master] = row.subject
        if row.over_at is None:
            reports.setdefault(master, []).append((row.created_at, row.organization or row.requester or str(ref)))
    last = _last_decisions(connection, list(reports))
    return [
        Fault(
            master=master,
            subject=subjects.get(master, ""),
            reports=tuple(found),
            severity=last.get(master, {}).get("severity", ""),
            known_issue=last.get(master, {}).get("known_issue") or "",
        )
        for master, found in reports.items()
    ]


def _last_decisions(connection: Connection, refs: Sequence[Ref]) -> dict[Ref, dict[str, Any]]:
    """The newest decision about each ticket that has one, as JSON."""
    columns = (tickets.c.vendor, tickets.c.account, tickets.c.ticket_id)
    keys = [(ref.vendor, ref.account, ref.id) for ref in refs]
    query = select(*columns, decisions.c.body).join(decisions, decisions.c.id == tickets.c.decision_id)
    return {ref_of(row): row.body for row in connection.execute(query.where(tuple_(*columns).in_(keys)))}


def _of_any(masters: Sequence[Row[Any]]) -> ColumnElement[bool]:
    keys = [(row.master_id, row.master_account, row.master_vendor) for row in masters]
    return tuple_(symptoms.c.master_id, symptoms.c.master_account, symptoms.c.master_vendor).in_(keys)
