"""The clusters of a space as a forest: who hangs on whom, changed in memory and then written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, bindparam, update

from app.store.symptom_places import clusters
from app.store.symptom_rows import PLACE, master_of, parent_of, place_of
from app.store.symptom_tables import symptoms
from app.store.transaction import ref_of
from app.triage.duplicates.entry import Parent, Via
from app.triage.ticket import Ref


class Forest:
    """The clusters that a placing touches. A ticket may hang on one that is not in the index, because a person said so:
    then that one is its master."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[Ref, Any] = {}
        self._parents: dict[Ref, Parent | None] = {}
        self._loaded: set[Ref] = set()

    def load(self, masters: Iterable[Ref]) -> None:
        """Read the clusters of these masters, where that was not done yet."""
        wanted = sorted(set(masters) - self._loaded)
        self._loaded.update(wanted)
        for row in clusters(self._connection, wanted) if wanted else ():
            ref = ref_of(row)
            self._rows[ref] = row
            self._parents.setdefault(ref, parent_of(row))

    def hanging_on(self, ref: Ref, via: Via) -> list[Ref]:
        """The tickets that hang right on one, for this reason, of the clusters that were read."""
        parents = self._parents.items()
        return sorted(one for one, parent in parents if parent is not None and (parent.ref, parent.via) == (ref, via))

    def masters(self) -> dict[Ref, Ref]:
        """The masters of the tickets that were read, as they stand."""
        return {ref: master_of(row) for ref, row in self._rows.items()}

    def above(self, ref: Ref) -> Iterator[Ref]:
        """A ticket and those above it, up to its master."""
        seen: set[Ref] = set()
        while ref not in seen:
            seen.add(ref)
            yield ref
            parent = self._parents.get(ref)
            if parent is None:
                return
            ref = parent.ref

    def hang(self, ref: Ref, parent: Parent | None) -> None:
        """Hang a ticket of a cluster that was read on another one, or on none."""
        self._parents[ref] = parent

    def write(self) -> set[Ref]:
        """Write what changed; returns the tickets that have another master than before."""
        moved: set[Ref] = set()
        changed = []
        for ref, row in self._rows.items():
            parent = self._parents[ref]
            *_, master = self.above(ref)
            if (parent, master) != (parent_of(row), master_of(row)):
                changed.append({"of_n": row.n, **place_of(ref, parent, master)})
            if master != master_of(row):
                moved.add(ref)
        if changed:
            values: dict[str, Any] = {column.name: bindparam(column.name) for column in PLACE}
            self._connection.execute(update(symptoms).where(symptoms.c.n == bindparam("of_n")).values(values), changed)
        self._rows.clear()
        self._parents.clear()
        self._loaded.clear()
        return moved
