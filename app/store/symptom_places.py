"""The place of each ticket of the index: on which it hangs, and its master."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, tuple_, update

from app.store.symptom_rows import PLACE, master_of, parent_of, place_of
from app.store.symptom_tables import symptoms
from app.store.transaction import ref_of
from app.triage.ticket import Ref

_SAID = ("person", "follow_up")
_KEYS = 500  # in one statement

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
    """The master of each ticket, by the ticket on which each hangs; one that is none of these is a master."""
    found: dict[Ref, Ref] = {}
    for ref in parents:
        way = [ref]
        while way[-1] not in found and (above := parents.get(way[-1])) is not None:
            way.append(above)
        found |= dict.fromkeys(way, found.get(way[-1], way[-1]))
    return found


def write_places(connection: Connection, rows: Collection[Any]) -> int:
    """Sort the rows of whole clusters anew; returns how many were wrong. A ticket hangs on none that is in another
    space, and on one that is not in the index only where a person said so or its customer goes on with it."""
    before = {ref_of(row): parent_of(row) for row in rows}
    absent = {parent.ref for parent in before.values() if parent is not None} - before.keys()
    absent -= _there(connection, absent)
    after = {
        ref: parent
        if parent is not None and (parent.ref in before or (parent.ref in absent and parent.via in _SAID))
        else None
        for ref, parent in before.items()
    }
    masters = tops({ref: parent.ref if parent else None for ref, parent in after.items()})
    changed = [
        {"of_n": row.n, **place_of(ref, after[ref], masters[ref])}
        for row in rows
        if (after[ref := ref_of(row)], masters[ref]) != (before[ref], master_of(row))
    ]
    if changed:
        values: dict[str, Any] = {column.name: bindparam(column.name) for column in PLACE}
        connection.execute(update(symptoms).where(symptoms.c.n == bindparam("of_n")).values(values), changed)
    return len(changed)


def _there(connection: Connection, refs: Collection[Ref]) -> set[Ref]:
    """Those of the tickets that are in the index, in whatever space."""
    key = (symptoms.c.vendor, symptoms.c.account, symptoms.c.ticket_id)
    keys = sorted((ref.vendor, ref.account, ref.id) for ref in refs)
    return {
        ref_of(row)
        for start in range(0, len(keys), _KEYS)
        for row in connection.execute(select(*key).where(tuple_(*key).in_(keys[start : start + _KEYS])))
    }
