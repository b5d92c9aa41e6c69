"""How common terms are in each space: taken now and then, and standing still in between."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, case, func, literal, select, update

from app.store.symptom_rows import symptom_of
from app.store.symptom_tables import spaces, symptoms
from app.triage.symptoms.symptom import Frequencies
from app.triage.symptoms.words import term_hash

_NEWEST = 20_000  # tickets that are counted
_LEAST = 3  # tickets that have a term: rarer ones tell the same whether they are in one or in two
_EVERY = timedelta(days=1)
_STEPS = (200, 2_000)  # so many tickets tell so much more than before that a day is too long to wait

_known: WeakKeyDictionary[Engine, dict[str, tuple[int, Frequencies]]] = WeakKeyDictionary()
"""What this process read of each database: by space, the version and the frequencies."""


def frequencies(connection: Connection, space: str) -> Frequencies:
    """How common terms are in a space, as they were last taken; read once in a process and version."""
    mine = _known.setdefault(connection.engine, {})
    version, found = mine.get(space, (0, Frequencies()))
    packed = case((spaces.c.version != version, spaces.c.frequencies), else_=literal(None)).label("packed")
    row = connection.execute(select(spaces.c.version, spaces.c.tickets, packed).where(spaces.c.name == space)).first()
    if row is None or row.version == 0:
        return Frequencies()
    if row.version != version:
        found = Frequencies(row.tickets, _unpacked(row.packed))
        mine[space] = (row.version, found)
    return found


def wanting(connection: Connection, now: datetime) -> list[str]:
    """The spaces whose frequencies are to be taken anew."""
    rows = connection.execute(select(spaces.c.name, spaces.c.tickets, spaces.c.taken_at)).all()
    return [row.name for row in rows if row.taken_at is None or now - row.taken_at >= _EVERY
            or _grew(connection, row.name, row.tickets)]  # fmt: skip


def _grew(connection: Connection, space: str, counted: int) -> bool:
    """Whether a space has come past a step since so many of its tickets were counted."""
    if counted >= _STEPS[-1]:
        return False
    some = select(symptoms.c.n).where(symptoms.c.space == space).limit(_STEPS[-1]).subquery()
    tickets = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return any(counted < step <= tickets for step in _STEPS)


def newest(connection: Connection, space: str) -> Sequence[bytes]:
    """The packed symptoms of a space's newest tickets, as many as are counted."""
    query = (
        select(symptoms.c.symptom)
        .where(symptoms.c.space == space)
        .order_by(symptoms.c.created_at.desc(), symptoms.c.n)
        .limit(_NEWEST)
    )
    return connection.execute(query).scalars().all()


def counted(packed: Iterable[bytes]) -> Frequencies:
    """How common terms are in these symptoms."""
    tickets, of = 0, Counter[int]()
    for symptom in filter(None, map(symptom_of, packed)):
        tickets += 1
        of.update(symptom.terms.keys())
        of.update({term_hash(fingerprint) for fingerprint in symptom.fingerprints})
    return Frequencies(tickets, {term: count for term, count in of.items() if count >= _LEAST})


def write(connection: Connection, space: str, taken: Frequencies, now: datetime) -> None:
    """From now on these are a space's frequencies, in every process. The caller holds the space."""
    values = {"version": spaces.c.version + 1, "tickets": taken.tickets, "taken_at": now}
    connection.execute(
        update(spaces).where(spaces.c.name == space).values(values | {"frequencies": _packed(taken.of.items())})
    )


def _packed(of: Iterable[tuple[int, int]]) -> bytes:
    return array("I", (number for pair in sorted(of) for number in pair)).tobytes()


def _unpacked(packed: bytes) -> dict[int, int]:
    numbers = array("I", bytes(packed)).tolist()
    return dict(zip(numbers[::2], numbers[1::2], strict=True))
