"""The index as a whole: its frequencies are taken now and then, and all of it can be made anew from its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, or_, select, tuple_, update

from app.store import symptom_frequencies
from app.store.pulse import Pulse
from app.store.schema import Utc, tickets
from app.store.symptom_leaving import Leaving
from app.store.symptom_places import LIGHT, write_places
from app.store.symptom_rows import packed_terms, symptom_of, terms_of
from app.store.symptom_tables import postings, spaces, symptoms
from app.store.symptoms import lock_space, post, unpost
from app.store.tickets import GONE
from app.triage.decision import Label
from app.triage.duplicates.space import space_of
from app.triage.symptoms.symptom import Frequencies
from app.triage.symptoms.weights import indexed
from app.triage.ticket import Status, VendorName

_BATCH = 2_000  # tickets while a space is held
_SLICES = 32  # of the terms while a space is held
_TERMS = 1 << 31
_TENANTS = "tenants"  # the beat that says whose each account was when that was last seen to
_SMALL = 2_000  # tickets: a space that had fewer counted is posted anew, for its terms were chosen by guess


@dataclass(frozen=True, slots=True)
class SpaceCount:
    """What a space holds: its tickets, those of them that are open, and the clusters of more than one."""

    name: str
    tickets: int
    open: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made anew of a space: ``tickets`` and their ``postings``, ``terms`` whose frequencies are known,
    ``sorted`` tickets whose place was wrong, ``unread`` those whose symptom another version wrote."""

    tickets: int
    postings: int
    terms: int
    sorted: int
    unread: int


class SymptomIndex(Leaving, Pulse):
    """The sweep's side of the index, and the command's."""

    def take_frequencies(self, now: datetime) -> list[str]:
        """Take the frequencies anew of each space where it is time; returns which."""
        with self._begin() as connection:
            due = symptom_frequencies.wanting(connection, now)
        for space in due:
            before, taken = self._take(space, now)
            if before < _SMALL:
                self._post_anew(space, taken)
        return due

    def index_spaces(self) -> list[SpaceCount]:
        """What each space holds, by name."""
        open_ones = func.count().filter(symptoms.c.over_at.is_(None))
        query = select(symptoms.c.space, func.count(), open_ones).group_by(symptoms.c.space).order_by(symptoms.c.space)
        of_cluster = (symptoms.c.master_vendor, symptoms.c.master_account, symptoms.c.master_id)
        hung = select(symptoms.c.space, *of_cluster).where(symptoms.c.parent_id.is_not(None)).distinct().subquery()
        with self._begin() as connection:
            rows = connection.execute(query).all()
            counts = connection.execute(select(hung.c.space, func.count()).group_by(hung.c.space)).all()
        clusters: dict[str, int] = {row[0]: row[1] for row in counts}
        return [SpaceCount(name, tickets, still, clusters.get(name, 0)) for name, tickets, still in rows]

    def rebuild(self, space: str, now: datetime) -> Rebuilt:
        """Make a space's frequencies, postings and places anew from its tickets' rows. Workers may go on meanwhile."""
        _, taken = self._take(space, now)
        tickets, written, unread = self._post_anew(space, taken)
        self._sweep_up(space)
        return Rebuilt(tickets, written, len(taken.of), self._sort(space), unread)

    def settle(self, tenants: Mapping[tuple[VendorName, str], str], now: datetime, *, anew: bool = False) -> list[str]:
        """Move the tickets of accounts that are another tenant's than before, each to its tenant's space; returns the
        spaces that tickets left or came to. They hang on nothing of another space any more, and are found by their
        words again once the space is rebuilt or they are looked at.

        One question where no account's tenant has changed since the last time, unless ``anew``."""
        known = {f"{vendor}:{account}": tenant for (vendor, account), tenant in tenants.items()}
        before = self.last(_TENANTS)
        if before is not None and before.detail == known and not anew:
            return []
        touched = set[str]()
        for (vendor, account), tenant in sorted(tenants.items()):
            theirs = and_(symptoms.c.vendor == vendor, symptoms.c.account == account)
            homes: dict[str, list[str]] = {}
            for label in Label:
                homes.setdefault(space_of(tenant, label), []).append(label.value)
            for space, labels in homes.items():
                wrong = and_(theirs, symptoms.c.label.in_(labels), symptoms.c.space != space)
                with self._begin() as connection:
                    lock_space(connection, space)
                    left = connection.execute(select(symptoms.c.space).where(wrong).distinct()).scalars().all()
                    if left:
                        connection.execute(update(symptoms).where(wrong).values(space=space, posted=None))
                        touched |= {space, *left}
        for space in sorted(touched):
            self._sort(space)
        self.beat(_TENANTS, now, detail=known)
        return sorted(touched)

    def unindexed(self, vendor: VendorName, account: str) -> int:
        """How many open tickets of an account are known and are not in the index."""
        theirs = and_(
            symptoms.c.vendor == tickets.c.vendor,
            symptoms.c.account == tickets.c.account,
            symptoms.c.ticket_id == tickets.c.ticket_id,
        )
        query = select(func.count()).where(_known(vendor, account, None), ~exists().where(theirs))
        with self._begin() as connection:
            return connection.execute(query).scalar_one()

    def look_at_all(
        self, vendor: VendorName, account: str, since: datetime, now: datetime, most: int, seconds: float
    ) -> int:
        """Make every ticket of an account due that is open, or was seen solved since then: so many each so many
        seconds, the most severe first. Returns how many; with ``most`` 0 none becomes due."""
        query = select(tickets.c.ticket_id).where(_known(vendor, account, since))
        with self._begin() as connection:
            ids = connection.execute(query.order_by(tickets.c.rank, tickets.c.ticket_id)).scalars().all()
        for start in range(0, len(ids) if most else 0, _BATCH):
            due = [
                {"of_id": one, "at": now + timedelta(seconds=place // most * seconds)}
                for place, one in enumerate(ids[start : start + _BATCH], start)
            ]
            with self._begin() as connection:
                connection.execute(
                    update(tickets)
                    .where(
                        tickets.c.vendor == vendor,
                        tickets.c.account == account,
                        tickets.c.ticket_id == bindparam("of_id"),
                        or_(tickets.c.due_at.is_(None), tickets.c.due_at > bindparam("at", type_=Utc)),
                    )
                    .values(due_at=bindparam("at", type_=Utc)),
                    due,
                )
        return len(ids)

    def _sort(self, space: str) -> int:
        """Mend the places of a space's tickets; returns how many were wrong."""
        with self._begin() as connection:
            lock_space(connection, space)
            return write_places(connection, _hung(connection, space))

    def _take(self, space: str, now: datetime) -> tuple[int, Frequencies]:
        """Take a space's frequencies anew; also says of how many tickets they were taken before."""
        with self._begin() as connection:
            sample = symptom_frequencies.newest(connection, space)
        taken = symptom_frequencies.counted(sample)
        with self._begin() as connection:
            lock_space(connection, space)
            before = connection.execute(select(spaces.c.tickets).where(spaces.c.name == space)).scalar_one()
            symptom_frequencies.write(connection, space, taken, now)
        return before, taken

    def _post_anew(self, space: str, frequencies: Frequencies) -> tuple[int, int, int]:
        """Write a space's postings anew; returns how many tickets, how many postings, and how many symptoms were of
        another version."""
        tickets = written = unread = 0
        last: tuple[Any, ...] = ()
        while True:
            with self._begin() as connection:
                number = lock_space(connection, space)
                rows = _after(connection, space, last)
                if not rows:
                    return tickets, written, unread
                read = [(row, symptom_of(row.symptom)) for row in rows]
                terms = {row.n: indexed(symptom, frequencies) if symptom else [] for row, symptom in read}
                unpost(connection, number, [(row.n, terms_of(row.posted)) for row in rows])
                post(connection, number, terms.items())
                connection.execute(
                    update(symptoms).where(symptoms.c.n == bindparam("of_n")).values(posted=bindparam("terms")),
                    [{"of_n": n, "terms": packed_terms(some)} for n, some in terms.items()],
                )
            last = (rows[-1].created_at, rows[-1].n)
            tickets += len(rows)
            written += sum(map(len, terms.values()))
            unread += sum(symptom is None for _, symptom in read)

    def _sweep_up(self, space: str) -> None:
        """Delete postings of tickets that are not in the space."""
        theirs = exists().where(symptoms.c.n == postings.c.n, symptoms.c.space == space)
        for start in range(0, _TERMS, _TERMS // _SLICES):
            with self._begin() as connection:
                number = lock_space(connection, space)
                some = postings.c.term.between(start, start + _TERMS // _SLICES - 1)
                connection.execute(delete(postings).where(postings.c.space == number, some, ~theirs))


def _known(vendor: VendorName, account: str, since: datetime | None) -> ColumnElement[bool]:
    """Whether a ticket of an account is open, or was seen solved since then."""
    over = tickets.c.status.in_((Status.SOLVED.value, Status.CLOSED.value))
    return and_(
        tickets.c.vendor == vendor,
        tickets.c.account == account,
        tickets.c.parked_at.is_(None),
        tickets.c.status != GONE,
        ~over if since is None else or_(~over, tickets.c.looked_at >= since),
    )


def _after(connection: Connection, space: str, last: Sequence[Any]) -> Sequence[Any]:
    """The next rows of a space in their order."""
    query = select(symptoms.c.n, symptoms.c.created_at, symptoms.c.symptom, symptoms.c.posted)
    query = query.where(symptoms.c.space == space).order_by(symptoms.c.created_at, symptoms.c.n).limit(_BATCH)
    if last:
        at, n = last
        later = or_(symptoms.c.created_at > at, and_(symptoms.c.created_at == at, symptoms.c.n > n))
        query = query.where(symptoms.c.created_at >= at, later)
    return connection.execute(query).all()


def _hung(connection: Connection, space: str) -> Collection[Any]:
    """The rows of a space that hang on others or are said to be another's, and those on which they hang."""
    own = and_(
        symptoms.c.master_id == symptoms.c.ticket_id,
        symptoms.c.master_account == symptoms.c.account,
        symptoms.c.master_vendor == symptoms.c.vendor,
    )
    below = list(
        connection.execute(
            select(*LIGHT).where(symptoms.c.space == space, or_(symptoms.c.parent_id.is_not(None), ~own))
        )
    )
    there = {(row.vendor, row.account, row.ticket_id) for row in below}
    above = {(row.parent_vendor, row.parent_account, row.parent_id) for row in below if row.parent_id} - there
    return [*below, *_tops(connection, space, sorted(above))]


def _tops(connection: Connection, space: str, keys: Sequence[tuple[str, str, str]]) -> Iterator[Any]:
    key = tuple_(symptoms.c.vendor, symptoms.c.account, symptoms.c.ticket_id)
    for start in range(0, len(keys), 500):
        query = select(*LIGHT).where(key.in_(keys[start : start + 500]), symptoms.c.space == space)
        yield from connection.execute(query)
