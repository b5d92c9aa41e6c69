"""The place of each ticket of the index: on which it hangs, and its master."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, tuple_, update

from app.store.symptom_rows import PLACE, master_of, parent_of, place_of
from app.store.symptom_tables import symptoms
from app.store.transaction import ref_of
from app.triage.ticket import Ref

LIGHT = (
    *(symptoms.c.n, symptoms.c.vendor, symptoms.c.account, symptoms.c.ticket_id, symptoms.c.space),
    *(symptoms.c.over_at, symptoms.c.posted, *PLACE),
)
"""What places are worked out from."""


def clusters(connection: Connection, masters: Sequence[Ref]) -> Sequence[Any]:
    """The rows of whole clusters."""
    keys = [(master.id, master.account, master.vendor) for master in masters]
    of_any = tuple_(symptoms.c.master_id, symptoms.c.master_account, symptoms.c.master_vendor).in_(keys)
    return connection.execute(select(*LIGHT).where(of_any)).all()


def tops(parents: Mapping[Ref, Ref | None]) -> dict[Ref, Ref]:
    """The master of each ticket, by the ticket on which each hangs; who hangs on one that is not there is a master."""
    found: dict[Ref, Ref] = {}
    for ref in parents:
        way = [ref]
        while (above := parents[way[-1]]) is not None and above in parents and above not in found:
            way.append(above)
        top = found[above] if above in found else way[-1]
        found |= dict.fromkeys(way, top)
    return found


def write_places(connection: Connection, rows: Collection[Any]) -> int:
    """Sort rows anew that may hang on tickets which are not there; returns how many were wrong. They are those of whole
    clusters."""
    parents = {ref_of(row): parent_of(row) for row in rows}
    masters = tops({ref: parent.ref if parent else None for ref, parent in parents.items()})
    changed = []
    for row in rows:
        ref = ref_of(row)
        parent = parents[ref]
        if parent is not None and parent.ref not in parents:
            parent = None
        if (parent, masters[ref]) != (parent_of(row), master_of(row)):
            changed.append({"of_n": row.n, **place_of(ref, parent, masters[ref])})
    if changed:
        values: dict[str, Any] = {column.name: bindparam(column.name) for column in PLACE}
        connection.execute(update(symptoms).where(symptoms.c.n == bindparam("of_n")).values(values), changed)
    return len(changed)
