"""Placing a ticket among those that report the same: on whom it hangs, who hangs on it, and what its cluster comes to.

Each placing is one transaction that holds the ticket's space, so every count is exact whatever number of workers there
is. On whom a ticket hangs follows from the tickets that there are (see ``app.triage.duplicates``): one that comes late,
or reads otherwise than before, may carry tickets that were there before it, and these are hung anew with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, select

from app.store.cluster_counts import cluster_of, members_with_a_word
from app.store.cluster_forest import Forest
from app.store.links import make_due
from app.store.schema import pages
from app.store.symptom_frequencies import frequencies
from app.store.symptom_tables import symptoms
from app.store.symptoms import acute_near, candidates, keep, kept, lock_space, nearby, of_master
from app.store.transaction import Transactional, ref_of
from app.triage.duplicates import membership, storms
from app.triage.duplicates.entry import Entry
from app.triage.duplicates.found import Cluster, Placed
from app.triage.duplicates.membership import Weighed
from app.triage.duplicates.parts import Duplicates, Patterns
from app.triage.duplicates.ringing import SOON, Rings, rings
from app.triage.ticket import Ref


class Clusters(Transactional):
    """The index as a look at a ticket asks it."""

    def place(self, entry: Entry, duplicates: Duplicates, patterns: Patterns, now: datetime) -> Placed:
        """Put a ticket into the index, or what changed of it, and say what is known of it there.

        Tickets whose cluster changed by this become due. Placing one that did not change writes nothing.
        """
        spaces = {entry.space}
        while True:
            with self._begin() as connection:
                for space in sorted(spaces):
                    lock_space(connection, space)
                was = kept(connection, [entry.ref]).get(entry.ref)
                if was is None or was.space in spaces:
                    return _Placing(connection, self._insert, duplicates, patterns, now).place(entry, was)
            spaces.add(was.space)  # both are held from the start, in the order in which everybody holds them

    def paged_in_cluster(self, master: Ref) -> Ref | None:
        """The ticket of a cluster about which on-call was woken and the page is open; of several the first one."""
        same = and_(*(pages.c[name] == symptoms.c[name] for name in ("vendor", "account", "ticket_id")))
        query = (
            select(pages.c.vendor, pages.c.account, pages.c.ticket_id)
            .join(symptoms, same)
            .where(of_master(master), pages.c.resolved_at.is_(None))
            .order_by(pages.c.opened_at)
        )
        with self._begin() as connection:
            row = connection.execute(query).first()
        return ref_of(row) if row is not None else None


class _Placing:
    """One placing, in its transaction."""

    def __init__(
        self,
        connection: Connection,
        insert: Callable[[Table], Any],
        duplicates: Duplicates,
        patterns: Patterns,
        now: datetime,
    ) -> None:
        self._connection, self._insert, self._now = connection, insert, now
        self._duplicates, self._patterns = duplicates, patterns
        self._forest = Forest(connection)

    def place(self, entry: Entry, was: Entry | None) -> Placed:
        """Place the ticket, which was kept as ``was``, and say what came of it."""
        connection, duplicates = self._connection, self._duplicates
        stays = was is not None and was.space == entry.space
        place = was if was is not None and stays else replace(entry, parent=None, master=entry.ref)
        entry = replace(entry, parent=place.parent, master=place.master)
        before = self._cluster(was) if was else None
        self._forest.load({entry.ref, was.master or was.ref} if was else {entry.ref})
        alike, masters = self._forest.hanging_on(entry.ref, "alike"), self._forest.masters()
        self._forest = Forest(connection)
        changed = keep(connection, self._insert, entry, frequencies(connection, entry.space))
        weighed, rung = self._weigh(entry), Rings()
        demand = membership.demand(entry, weighed, duplicates)
        if changed:
            moved = self._settle(entry, was, weighed, alike)
            if not stays:  # those that it left behind are sorted anew by ``keep``
                moved |= {ref for ref, one in kept(connection, masters).items() if one.master != masters[ref]}
                moved -= {entry.ref}
            entry = self._kept(entry.ref) or entry
            weighed = membership.shown(entry, weighed, duplicates)
            by_now = kept(connection, [one.entry.ref for one in weighed])
            weighed = [replace(one, entry=by_now.get(one.entry.ref, one.entry)) for one in weighed]
        cluster = self._cluster(entry)
        if changed:
            rung = rings(entry.ref, before, cluster, moved, duplicates, self._patterns)
            make_due(connection, rung.now, self._now)
            make_due(connection, rung.soon, self._now, self._now + SOON)
        return Placed(
            candidates=membership.candidates(entry, weighed, duplicates),
            cluster=cluster,
            nearby=tuple(nearby(connection, entry, duplicates.most_named)),
            demand=demand,
            changed=rung.now,
        )

    def _settle(self, entry: Entry, was: Entry | None, weighed: Sequence[Weighed], alike: Iterable[Ref]) -> set[Ref]:
        """Hang the ticket where it belongs, and anew whatever hangs otherwise because of it: what hung on it because
        they are ``alike``, what hangs rather on it than where it does, and what belongs to a storm with it. Returns the
        other tickets that have another master than before."""
        was_acute, left = was is not None and was.acute, was is not None and was.space != entry.space
        stormy = self._hang_by_storms(entry) if entry.acute or (was_acute and not left) else {}
        if was is not None and was_acute and left:
            self._hang_by_storms(was)
        self._hang(entry, weighed, stormy.get(entry.ref))
        moved = self._forest.write()
        anew = {*entry.apart, *(was.apart if was else ())}
        anew |= {one.entry.ref for one in weighed if membership.rather(entry, one, self._duplicates)}
        if was is not None and membership.reads_otherwise(entry, was):
            anew |= {*alike}
        moved |= self._hang_anew(anew - {entry.ref})
        if moved - {entry.ref}:  # by now some may be of a cluster to which, a person said, they do not belong
            grown = {one.master or one.ref for one in kept(self._connection, moved).values()}
            moved |= self._hang_anew(members_with_a_word(self._connection, grown, entry.space))
        return moved - {entry.ref}

    def _hang_by_storms(self, entry: Entry) -> dict[Ref, Ref]:
        """Hang anew what a ticket, or its leaving, turned in the storms around it; gives who hangs on whom there."""
        near = self._near(entry)
        stormy = storms.hangings(near, self._duplicates.storm)
        masters = {one.ref: one.master or one.ref for one in near}
        for one in near:
            parent = stormy.get(one.ref)
            if one.ref != entry.ref and self._turns_on(one, entry) and membership.is_misplaced(one, parent):
                self._forest.load({masters[one.ref], masters[parent]} if parent else {masters[one.ref]})
                self._forest.hang(one.ref, membership.parent_of(one, (), parent, self._duplicates))
        return stormy

    def _hang_anew(self, refs: Iterable[Ref]) -> set[Ref]:
        """Hang tickets by all that is known of them, the earliest first."""
        moved: set[Ref] = set()
        for known in sorted(kept(self._connection, refs).values(), key=lambda one: one.age):
            one = self._kept(known.ref) or known
            stormy = storms.hangings(self._near(one), self._duplicates.storm) if one.acute else {}
            self._hang(one, self._weigh(one), stormy.get(one.ref))
            moved |= self._forest.write()
        return moved

    def _hang(self, entry: Entry, weighed: Iterable[Weighed], in_storm: Ref | None) -> None:
        """Hang a ticket by what was weighed, but not in another space, nor below itself."""
        self._forest.load({entry.master or entry.ref})
        without: set[Ref] = set()
        while (parent := membership.parent_of(entry, weighed, in_storm, self._duplicates, without)) is not None:
            above = self._kept(parent.ref)
            self._forest.load({(above.master if above else None) or parent.ref})
            if (above is None or above.space == entry.space) and entry.ref not in self._forest.above(parent.ref):
                break
            without.add(parent.ref)
        self._forest.hang(entry.ref, parent)

    def _weigh(self, entry: Entry) -> list[Weighed]:
        """The other tickets that may report the same."""
        common = frequencies(self._connection, entry.space)
        found = candidates(self._connection, entry, common)
        barred = {one.master or one.ref for one in found if entry.ref in one.apart}
        if entry.apart:
            barred |= {one.master or one.ref for one in kept(self._connection, entry.apart).values()}
        return membership.weigh(entry, found, common, self._duplicates, barred)

    def _near(self, entry: Entry) -> list[Entry]:
        """The acute tickets on which it turns who hangs on whom around one."""
        reach = storms.reach(self._duplicates.storm)
        return acute_near(self._connection, entry.space, entry.created_at - reach, entry.created_at + reach)

    def _turns_on(self, one: Entry, entry: Entry) -> bool:
        """Whether it may turn on a ticket on which other one hangs in a storm; of the rest not enough is known here."""
        before, after = storms.turned_by(self._duplicates.storm)
        return -before <= one.created_at - entry.created_at <= after

    def _cluster(self, entry: Entry) -> Cluster | None:
        return cluster_of(self._connection, entry, self._duplicates, self._patterns, self._now)

    def _kept(self, ref: Ref) -> Entry | None:
        return kept(self._connection, [ref]).get(ref)
