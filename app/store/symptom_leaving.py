"""Tickets that leave the index, and those that get another name there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from app.store.links import make_due
from app.store.symptom_places import LIGHT, clusters, write_places
from app.store.symptom_rows import PLACE, master_of, parent_of, terms_of
from app.store.symptom_tables import symptoms
from app.store.symptoms import lock_space, of_master, unpost
from app.store.transaction import Transactional, about, ref_of
from app.triage.ticket import Ref

_MASTERS = 200  # clusters that are looked through while a space is held


class Leaving(Transactional):
    """What is no candidate any more."""

    def forget_symptoms(self, before: datetime) -> int:
        """Take tickets that were solved or closed before then out of the index; but not those on which another hangs
        that stays. Returns how many left."""
        old = select(symptoms.c.space, *PLACE).where(symptoms.c.over_at < before)
        with self._begin() as connection:
            found = sorted({(row.space, master_of(row)) for row in connection.execute(old)})
        gone = 0
        for space, pairs in groupby(found, key=lambda pair: pair[0]):
            masters = [master for _, master in pairs]
            for start in range(0, len(masters), _MASTERS):
                with self._begin() as connection:
                    lock_space(connection, space)
                    rows = list(clusters(connection, masters[start : start + _MASTERS]))
                    stay = _needed(rows, before)
                    gone += _drop(connection, [row for row in rows if ref_of(row) not in stay])
        return gone

    def leave_index(self, ref: Ref, now: datetime) -> None:
        """Take a ticket out of the index that tells of no customer's trouble any more; one question where it is not in
        it."""
        with self._begin() as connection:
            hold_space_of(connection, ref)
            leave(connection, ref, now)


def hold_space_of(connection: Connection, ref: Ref) -> None:
    """Hold the space of a ticket that may leave, or of those that hang on it: before the ticket itself, so that two
    never wait for each other."""
    query = select(symptoms.c.space).where(or_(about(ref, symptoms), of_master(ref))).distinct()
    for space in sorted(connection.execute(query).scalars()):
        lock_space(connection, space)


def leave(connection: Connection, ref: Ref, now: datetime) -> None:
    """Take a ticket that is gone out of the index. The others of its cluster are sorted anew, and looked at again."""
    row = connection.execute(select(*LIGHT).where(about(ref, symptoms))).first()
    if row is None:
        return
    _drop(connection, [row])
    rest = list(clusters(connection, [master_of(row)]))
    write_places(connection, rest)
    make_due(connection, [ref_of(other) for other in rest], now)


def moved(connection: Connection, old: Ref, new: Ref, now: datetime) -> None:
    """A ticket has another name: so has its row, and so do those who name it. Where there is a row of the new name, the
    old one leaves."""
    row = connection.execute(select(*LIGHT).where(about(old, symptoms))).first()
    if row is not None and connection.execute(select(symptoms.c.n).where(about(new, symptoms))).first() is not None:
        leave(connection, old, now)
        return
    cluster = of_master(master_of(row) if row is not None else old)
    before, after = f'"{old}"', f'"{new}"'
    for other in connection.execute(select(symptoms.c.n, symptoms.c.detail).where(cluster)).all():
        if before in other.detail:
            detail = other.detail.replace(before, after)
            connection.execute(update(symptoms).where(symptoms.c.n == other.n).values(detail=detail))
    for end in ("parent", "master"):
        of_it = (symptoms.c[f"{end}_{part}"] == value for part, value in _parts(old).items())
        values = {f"{end}_{part}": value for part, value in _parts(new).items()}
        connection.execute(update(symptoms).where(cluster, *of_it).values(values))
    named = {"vendor": new.vendor, "account": new.account, "ticket_id": new.id}
    connection.execute(update(symptoms).where(about(old, symptoms)).values(named))


def _needed(rows: Sequence[Any], before: datetime) -> set[Ref]:
    """The tickets that stay: those that were not over before then, and those on which they hang."""
    parents = {ref_of(row): parent_of(row) for row in rows}
    stay = set[Ref]()
    for row in rows:
        ref: Ref | None = ref_of(row) if row.over_at is None or row.over_at >= before else None
        while ref is not None and ref not in stay:
            stay.add(ref)
            above = parents.get(ref)
            ref = above.ref if above else None
    return stay


def _drop(connection: Connection, rows: Sequence[Any]) -> int:
    for space, of_space in groupby(sorted(rows, key=lambda row: row.space), key=lambda row: row.space):
        unpost(connection, lock_space(connection, space), [(row.n, terms_of(row.posted)) for row in of_space])
    if rows:
        connection.execute(delete(symptoms).where(symptoms.c.n == bindparam("of_n")), [{"of_n": r.n} for r in rows])
    return len(rows)


def _parts(ref: Ref) -> dict[str, str]:
    return {"vendor": ref.vendor, "account": ref.account, "id": ref.id}
