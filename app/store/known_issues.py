"""The registry of known issues as the store keeps it, by tenant, and which tickets match which entry (S0-63)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from app.store.known_issue_tables import known_issues, matches
from app.store.links import make_due
from app.store.symptom_frequencies import frequencies
from app.store.transaction import Transactional, about, ref_of
from app.triage.known_issues.entry import RegistryEntry, State, merged, over
from app.triage.known_issues.records import from_json, to_json
from app.triage.symptoms.symptom import Frequencies
from app.triage.ticket import Ref

Stamp = tuple[int, int, int]
"""Changes whenever anything in a tenant's registry does."""

_TRACKED = ("jira", "github")
"""Sources whose issue a person may have entered before by its number."""


@dataclass(frozen=True, slots=True)
class Match:
    """How a ticket matches an entry; ``customer`` is its organization or requester. ``broken`` is the mark of the
    workaround of which it says that it stopped working, empty where it does not."""

    how: str
    customer: str = ""
    broken: str = ""


class KnownIssues(Transactional):
    """One row an entry, one a ticket and entry."""

    def frequencies_of(self, space: str) -> Frequencies:
        """How common terms are among the tickets of a space."""
        with self._begin() as connection:
            return frequencies(connection, space)

    def known_issues_stamp(self, tenant: str) -> Stamp:
        """By what a change of a tenant's registry is seen; one quick query."""
        revision = known_issues.c.revision
        counted = (func.count(), func.coalesce(func.max(revision), 0), func.coalesce(func.sum(revision), 0))
        with self._begin() as connection:
            row = connection.execute(select(*counted).where(known_issues.c.tenant == tenant)).one()
        return int(row[0]), int(row[1]), int(row[2])

    def known_issues(self, tenant: str, states: Collection[State] = ()) -> list[RegistryEntry]:
        """The entries of a tenant, in these states or in all, the oldest first."""
        query = select(known_issues).where(known_issues.c.tenant == tenant).order_by(known_issues.c.id)
        if states:
            query = query.where(known_issues.c.state.in_(states))
        with self._begin() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def known_issue(self, tenant: str, name: str) -> RegistryEntry | None:
        """An entry by its tag, by its issue's number or key, or by its own number in the store."""
        wanted = name.lower()
        ways = [func.lower(known_issues.c.tag) == wanted, func.lower(known_issues.c.number) == wanted]
        ways += [known_issues.c.id == int(name)] if name.isdecimal() and len(name) < 16 else []
        with self._begin() as connection:
            for way in ways:
                query = select(known_issues).where(known_issues.c.tenant == tenant, way).order_by(known_issues.c.id)
                if row := connection.execute(query.limit(1)).first():
                    return _entry(row)
        return None

    def known_issue_at(self, tenant: str, ref: Ref) -> RegistryEntry | None:
        """The entry of an issue or problem ticket, wherever it was entered."""
        way = or_(known_issues.c.key == str(ref), known_issues.c.number == ref.id)
        query = select(known_issues).where(known_issues.c.tenant == tenant, way).order_by(known_issues.c.id)
        with self._begin() as connection:
            found = [_entry(row) for row in connection.execute(query)]
        return next((one for one in found if one.ref == ref), None)

    def keep_known_issue(self, tenant: str, news: RegistryEntry, now: datetime) -> tuple[RegistryEntry, bool]:
        """Keep an entry as its source says it is; gives it as it is kept, and whether that changed anything.

        It is the one of its key, or, where it is a tracker's, the one that a person entered with its number. Where
        another entry has its tag already, it waits without one as a candidate.
        """
        with self._begin() as connection:
            before = _of_source(connection, tenant, news)
            if before is None:
                return self._new(connection, tenant, news, now), True
            after = merged(before, news, now)
            if after == before:
                return before, False
            return _rewrite(connection, tenant, before, after, now), True

    def change_known_issue(self, tenant: str, after: RegistryEntry, now: datetime) -> RegistryEntry:
        """Write an entry anew; one that a policy holds, and the store does not know yet, is kept first."""
        with self._begin() as connection:
            row = connection.execute(
                select(known_issues).where(known_issues.c.tenant == tenant, known_issues.c.id == after.id)
            ).first()
            before = _entry(row) if row else _of_source(connection, tenant, after)
            if before is None:
                return self._new(connection, tenant, after, now)
            return _rewrite(connection, tenant, before, replace(after, id=before.id), now)

    def propose_known_issue(
        self, tenant: str, cluster_master: Ref, title: str, tag: str, now: datetime, *, approved: bool = False
    ) -> int:
        """Propose the fault of a cluster of tickets as a known issue (S4-76); gives the entry's number. Once for a
        master: the second time nothing changes. ``approved``: it counts without a person's word."""
        news = RegistryEntry(
            source="pattern",
            key=str(cluster_master),
            title=title,
            tag=tag,
            ref=cluster_master,
            state="open" if approved else "candidate",
        )
        with self._begin() as connection:
            before = _of_source(connection, tenant, news)
            return before.id if before else self._new(connection, tenant, news, now).id

    def known_issues_of(self, ref: Ref) -> list[tuple[RegistryEntry, Match]]:
        """The entries that a ticket matches, and those that it did when they were fixed, the oldest first."""
        query = (
            select(known_issues, matches.c.how, matches.c.customer, matches.c.broken)
            .join(matches, matches.c.entry == known_issues.c.id)
            .where(about(ref, matches))
            .order_by(known_issues.c.id)
        )
        with self._begin() as connection:
            return [(_entry(row), Match(row.how, row.customer, row.broken)) for row in connection.execute(query)]

    def match_known_issues(self, ref: Ref, found: Mapping[int, Match], now: datetime) -> None:
        """Keep which entries a ticket matches now. What it matched before and does not any more is forgotten, unless
        the entry was fixed."""
        with self._begin() as connection:
            fixed = select(known_issues.c.id).where(known_issues.c.state == "fixed")
            connection.execute(
                delete(matches).where(
                    about(ref, matches), matches.c.entry.not_in(found), matches.c.entry.not_in(fixed)
                )
            )  # fmt: skip
            for entry, match in found.items():
                values = {"how": match.how, "customer": match.customer, "broken": match.broken}
                connection.execute(
                    self._insert(matches)
                    .values(entry=entry, vendor=ref.vendor, account=ref.account, ticket_id=ref.id, at=now, **values)
                    .on_conflict_do_update(index_elements=["entry", "vendor", "account", "ticket_id"], set_=values)
                )

    def tickets_of_known_issue(self, entry: int) -> list[tuple[Ref, Match]]:
        """The tickets that match an entry, or did when it was fixed, those that came first first."""
        query = select(matches).where(matches.c.entry == entry).order_by(matches.c.at, matches.c.ticket_id)
        with self._begin() as connection:
            return [(ref_of(row), Match(row.how, row.customer, row.broken)) for row in connection.execute(query)]

    def tickets_by_known_issue(self, tenant: str) -> dict[int, int]:
        """How many tickets match each entry of a tenant."""
        query = (
            select(matches.c.entry, func.count())
            .join(known_issues, matches.c.entry == known_issues.c.id)
            .where(known_issues.c.tenant == tenant)
            .group_by(matches.c.entry)
        )
        with self._begin() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def _new(self, connection: Connection, tenant: str, entry: RegistryEntry, now: datetime) -> RegistryEntry:
        """A new row. Two at once make one of them; where the tag is another entry's, it waits without one."""
        began = replace(entry, id=0, workaround_at=entry.workaround_at or (now if entry.workaround else None))
        if began.state == "fixed":
            began = over(began, "fixed", began.fixed_in, now)
        for one in (began, replace(began, tag="", state="candidate")):
            row = connection.execute(
                self._insert(known_issues)
                .values(tenant=tenant, first_at=now, **_values(connection, tenant, one, now))
                .on_conflict_do_nothing()
                .returning(known_issues)
            ).first()
            if row is not None:
                return _entry(row)
            if (before := _of_source(connection, tenant, one)) is not None:
                return before
        raise AssertionError("an entry without a tag conflicts with none but its own")


def _of_source(connection: Connection, tenant: str, entry: RegistryEntry) -> RegistryEntry | None:
    query = select(known_issues).where(known_issues.c.tenant == tenant)
    row = connection.execute(query.where(known_issues.c.key == entry.key)).first()
    if row is None and entry.source in _TRACKED:
        same = connection.execute(query.where(known_issues.c.number == entry.number).order_by(known_issues.c.id))
        row = next((one for one in same if _is_its(_entry(one), entry)), None)
    return _entry(row) if row else None


def _is_its(kept: RegistryEntry, issue: RegistryEntry) -> bool:
    """Whether an entry of the same number is the issue's: it is known by the number alone, or it was made for it."""
    return kept.issue == issue.key or kept.ref in (None, issue.ref)


def _rewrite(
    connection: Connection, tenant: str, before: RegistryEntry, after: RegistryEntry, now: datetime
) -> RegistryEntry:
    """Write a row anew; its tickets become due where they are to tell or to carry something else."""
    connection.execute(
        update(known_issues).where(known_issues.c.id == before.id).values(**_values(connection, tenant, after, now))
    )
    if (before.state, before.tag, before.fixed_in) != (after.state, after.tag, after.fixed_in):
        theirs = connection.execute(select(matches).where(matches.c.entry == before.id))
        make_due(connection, [ref_of(row) for row in theirs], now)
    return replace(after, id=before.id)


def _values(connection: Connection, tenant: str, entry: RegistryEntry, now: datetime) -> dict[str, Any]:
    newest = select(func.coalesce(func.max(known_issues.c.revision), 0)).where(known_issues.c.tenant == tenant)
    return {
        "key": entry.key,
        "tag": entry.tag or None,
        "number": entry.number,
        "state": entry.state,
        "revision": int(connection.execute(newest).scalar_one()) + 1,
        "changed_at": now,
        "body": to_json(entry),
    }


def _entry(row: Row[Any]) -> RegistryEntry:
    return from_json(row.body, row.id)
