"""The index of symptoms: what open and recently solved tickets report, and which of them may report the same.

SQL is its record. What changes it runs in one transaction that holds the row of the space (``lock_space``), so that
each look at a ticket sees what the one before it left, whatever number of workers there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    TextualSelect,
    and_,
    select,
    text,
    tuple_,
    update,
)

from app.store.symptom_places import clusters, write_places
from app.store.symptom_rows import (
    ENTRY,
    PLACE,
    REPORT,
    cut,
    entry_of,
    master_of,
    packed_terms,
    report_of,
    row_of,
    terms_of,
)
from app.store.symptom_tables import spaces, symptoms
from app.store.transaction import about, ref_of
from app.triage.duplicates.entry import Entry
from app.triage.symptoms.postings import BUDGET, PER_TERM, SEARCHED, candidates_of
from app.triage.symptoms.symptom import Frequencies
from app.triage.symptoms.weights import indexed, searched
from app.triage.ticket import Ref

_TOLD = ("digest", *(column.name for column in PLACE))

_GIVEN = {
    "sqlite": "SELECT value >> 31 AS term, value & 2147483647 AS n FROM json_each(:pairs)",
    "postgresql": "SELECT CAST(value >> 31 AS integer) AS term, CAST(value & 2147483647 AS integer) AS n FROM"
    " (SELECT CAST(value AS bigint) AS value FROM json_array_elements_text(CAST(:pairs AS json))) AS pairs",
}
"""Pairs of a term and a ticket's number as rows, given as one JSON list of numbers."""


def lock_space(connection: Connection, space: str) -> int:
    """Hold a space until the transaction ends; gives its number. Of several spaces hold the first by name first."""
    query = select(spaces.c.id).where(spaces.c.name == space).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        connection.execute(text("INSERT INTO space (name) VALUES (:name) ON CONFLICT DO NOTHING"), {"name": space})
        row = connection.execute(query).one()
    return int(row.id)


def kept(connection: Connection, refs: Iterable[Ref]) -> dict[Ref, Entry]:
    """Those of the tickets that are in the index."""
    keys = [(ref.vendor, ref.account, ref.id) for ref in refs]
    if not keys:
        return {}
    query = select(*ENTRY).where(tuple_(symptoms.c.vendor, symptoms.c.account, symptoms.c.ticket_id).in_(keys))
    return {ref_of(row): entry_of(row) for row in connection.execute(query)}


def keep(connection: Connection, insert: Callable[[Table], Any], entry: Entry, frequencies: Frequencies) -> bool:
    """Put a ticket into the index, or what changed of it; False, and nothing is written, where nothing did.

    Its postings change only with its symptom or its space. The caller holds the space, and where the ticket was in
    another one before, that one too; what hung on it there hangs on it no more.
    """
    values = row_of(entry)
    columns = (symptoms.c.n, symptoms.c.space, symptoms.c.symptom, symptoms.c.posted, symptoms.c.digest, *PLACE)
    was = connection.execute(select(*columns).where(about(entry.ref, symptoms))).first()
    if was is not None and was.posted is not None and all(was._mapping[name] == values[name] for name in _TOLD):
        return False
    if was is not None and was.space == entry.space and was.symptom == values["symptom"] and was.posted is not None:
        connection.execute(update(symptoms).where(symptoms.c.n == was.n).values(values))
        return True
    terms = indexed(entry.symptom, frequencies)
    values["posted"] = packed_terms(terms)
    if was is None:
        n = connection.execute(insert(symptoms).values(values).returning(symptoms.c.n)).scalar_one()
    else:
        n = was.n
        unpost(connection, lock_space(connection, was.space), [(n, terms_of(was.posted))])
        connection.execute(update(symptoms).where(symptoms.c.n == n).values(values))
        if was.space != entry.space:
            write_places(connection, [row for row in clusters(connection, [master_of(was)]) if row.n != n])
    post(connection, lock_space(connection, entry.space), [(n, terms)])
    return True


def post(connection: Connection, space: int, tickets: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Write postings: of each ticket, by its number, these terms."""
    _change(connection, space, tickets, "INSERT INTO posting (space, term, n) SELECT :space, term, n FROM ({}) AS given"
            " WHERE true ON CONFLICT DO NOTHING")  # fmt: skip


def unpost(connection: Connection, space: int, tickets: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Take postings back: of each ticket, by its number, these terms."""
    _change(connection, space, tickets, "DELETE FROM posting WHERE space = :space AND (term, n) IN ({})")


def _change(connection: Connection, space: int, tickets: Iterable[tuple[int, Sequence[int]]], statement: str) -> None:
    pairs = sorted(term << 31 | n for n, terms in tickets for term in terms)  # in the table's order
    if pairs:
        given = text(statement.format(_GIVEN[connection.dialect.name]))
        connection.execute(given, {"space": space, "pairs": str(pairs)})


def candidates(connection: Connection, entry: Entry, frequencies: Frequencies, of_customer: int = 10) -> list[Entry]:
    """Other tickets of the space that may report the same: at most so many of those that share the terms which tell
    most, its fingerprints among them (S0-60), and so many of the newest of the same requester and of the same
    organization (S0-61)."""
    terms = searched(entry.symptom, frequencies, SEARCHED)
    by = tuple(name for name in ("requester", "organization") if getattr(entry, name))
    if not terms and not by:
        return []
    given: dict[str, Any] = {
        "space": entry.space,
        "most": candidates_of(entry.symptom),
        "per_term": PER_TERM,
        "budget": BUDGET,
    }
    given |= {"vendor": entry.ref.vendor, "account": entry.ref.account, "ticket_id": entry.ref.id}
    given |= {name: cut(name, getattr(entry, name)) for name in by} | {"of_customer": of_customer}
    if connection.dialect.name == "postgresql":
        given["terms"] = str([[term, weight] for term, weight in terms])
        return [entry_of(row) for row in connection.execute(_search(_LATERAL, by), given)]
    for place, (term, weight) in enumerate(terms):
        given |= {f"t{place}": term, f"w{place}": weight}
    return [entry_of(row) for row in connection.execute(_search(_union(len(terms)), by), given)]


_LATERAL = """
SELECT n, w FROM (
  SELECT CAST(value ->> 0 AS integer) AS term, CAST(value ->> 1 AS float) AS w
  FROM json_array_elements(CAST(:terms AS json))
) AS given CROSS JOIN LATERAL (
  SELECT n FROM posting WHERE space = (SELECT id FROM space WHERE name = :space) AND term = given.term
  ORDER BY n DESC LIMIT :per_term
) AS newest"""


@lru_cache(maxsize=SEARCHED + 1)
def _union(terms: int) -> str:
    """The same for SQLite, which knows no LATERAL and plans quickly."""
    return " UNION ALL ".join(
        f"SELECT n, w FROM (SELECT n, :w{place} AS w FROM posting"  # noqa: S608 - numbers only
        f" WHERE space = (SELECT id FROM space WHERE name = :space) AND term = :t{place}"
        f" ORDER BY n DESC LIMIT :per_term) AS l{place}"
        for place in range(terms)
    )


@lru_cache(maxsize=4 * SEARCHED)
def _search(newest: str, by: tuple[str, ...]) -> TextualSelect:
    """The statement that finds candidates: by ``newest``, the postings of each term in the order of what terms tell, so
    that the budget leaves out what tells least; and by requester and organization, where they are known."""
    parts = [
        f"SELECT n FROM (SELECT n FROM symptom WHERE {name} = :{name} AND account = :account AND vendor = :vendor"  # noqa: S608
        f" AND space = :space ORDER BY created_at DESC LIMIT :of_customer) AS {name}"
        for name in by
    ]
    if newest:
        parts.append(
            f"SELECT n FROM (SELECT n, SUM(w) AS told FROM (SELECT n, w FROM ({newest}) AS a LIMIT :budget) AS b"  # noqa: S608
            " GROUP BY n ORDER BY told DESC, n DESC LIMIT :most) AS c"
        )
    columns = ", ".join(column.name for column in ENTRY)
    statement = text(
        f"SELECT {columns} FROM ({' UNION '.join(parts)}) AS found CROSS JOIN symptom"  # noqa: S608 - SQLite keeps to it
        " WHERE symptom.n = found.n AND space = :space"
        " AND NOT (vendor = :vendor AND account = :account AND ticket_id = :ticket_id)"
    )
    return statement.columns(*ENTRY)


def acute_near(connection: Connection, space: str, start: datetime, end: datetime) -> list[Entry]:
    """The tickets of a space that report a failure and were made from ``start`` to ``end``, the first one first. Of
    their symptoms only the surfaces are read: they are many, and not to be kept."""
    query = (
        select(*REPORT)
        .where(symptoms.c.space == space, symptoms.c.created_at.between(start, end), symptoms.c.acute)
        .order_by(symptoms.c.created_at, symptoms.c.vendor, symptoms.c.account, symptoms.c.ticket_id)
    )
    return [report_of(row) for row in connection.execute(query)]


def nearby(connection: Connection, entry: Entry, most: int) -> list[Ref]:
    """The newest other tickets of the space in the same product area (S0-62); none where the area is not known."""
    if not entry.area:
        return []
    query = (
        select(symptoms.c.vendor, symptoms.c.account, symptoms.c.ticket_id)
        .where(symptoms.c.space == entry.space, symptoms.c.area == cut("area", entry.area))
        .order_by(symptoms.c.created_at.desc())
        .limit(most + 1)
    )
    found = [ref_of(row) for row in connection.execute(query)]
    return [ref for ref in found if ref != entry.ref][:most]


def of_master(master: Ref) -> ColumnElement[bool]:
    """Whether a row is of a cluster."""
    return and_(
        symptoms.c.master_id == master.id,
        symptoms.c.master_account == master.account,
        symptoms.c.master_vendor == master.vendor,
    )
