"""Storms: many customers report within a short time that the same part of the product fails, each in their own words.

Who hangs on whom follows from the set of tickets alone, whatever the order in which they came. A ticket counts for the
surface that it is clearest about. It is part of a storm where so many customers report on that surface within
``storm.within`` around it, or no longer than ``storm.gap`` after them; or where it and another one within that time
are severe or tell a fact of ``storm.sure``. Vague ones count for nothing, and belong to a flood alone. A ticket hangs
on the earliest open one of its storm that is not further back than ``storm.gap``, so a storm is one cluster as long as
no longer pause is in it.

A ticket that says only that everything is down joins the surface on which the most customers report. Where such tickets
came first, the first surface that follows hangs on them; a second one, which is another outage, does not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from app.triage.duplicates.entry import Entry
from app.triage.duplicates.parts import Storm, wall_time
from app.triage.symptoms.symptom import EVERYTHING
from app.triage.ticket import Ref


def turned_by(storm: Storm) -> tuple[timedelta, timedelta]:
    """How long before a ticket, and how long after it, others may hang otherwise because of it."""
    return wall_time(storm.within), 3 * wall_time(storm.gap) + wall_time(storm.within)


def reach(storm: Storm) -> timedelta:
    """How far from a ticket those are made on which it turns who hangs on whom around it."""
    return sum(turned_by(storm), timedelta())


def hangings(acute: Iterable[Entry], storm: Storm) -> dict[Ref, Ref]:
    """On which earlier ticket each of these acute tickets of one space hangs by a storm; those that hang on none are
    left out."""
    return _Storms([one for one in acute if not one.apart], storm).hangings()


def is_on(reports: Sequence[tuple[datetime, str]], storm: Storm, now: datetime) -> bool:
    """Whether a storm is on among reports, each of a customer at an instant: no longer ago than ``storm.gap`` there
    were so many customers within the time."""
    return _Line(sorted(reports), storm).storming(now)


@dataclass(frozen=True)
class _Line:
    """Reports on one surface, in order of time, each with its customer."""

    reports: Sequence[tuple[datetime, str]]
    storm: Storm

    @cached_property
    def gap(self) -> timedelta:
        return wall_time(self.storm.gap)

    @cached_property
    def times(self) -> list[datetime]:
        return [at for at, _ in self.reports]

    @cached_property
    def windows(self) -> list[tuple[datetime, datetime]]:
        """The times in which enough customers reported, each from its first report to its last, in order."""
        within = wall_time(self.storm.within)
        found: list[tuple[datetime, datetime]] = []
        there: Counter[str] = Counter()
        first = 0
        for at, customer in self.reports:
            there[customer] += 1
            while at - self.reports[first][0] > within:
                gone = self.reports[first][1]
                there[gone] -= 1
                if not there[gone]:
                    del there[gone]
                first += 1
            if len(there) >= self.storm.customers:
                since = self.reports[first][0]
                if found and since <= found[-1][1]:
                    found[-1] = (found[-1][0], at)
                else:
                    found.append((since, at))
        return found

    def storming(self, at: datetime) -> bool:
        """Whether an instant lies in such a time, or no longer than the gap after one."""
        place = bisect_right(self.windows, at, key=lambda window: window[0])
        return place > 0 and at - self.windows[place - 1][1] <= self.gap

    def customers(self, since: datetime, till: datetime) -> int:
        """How many customers reported from one instant to another."""
        first, last = bisect_left(self.times, since), bisect_right(self.times, till)
        return len({customer for _, customer in self.reports[first:last]})


@dataclass
class _Storms:
    """The acute tickets of a space at a time."""

    acute: Sequence[Entry]
    storm: Storm
    lines: dict[str, _Line] = field(init=False)
    homes: dict[str, list[Entry]] = field(init=False)

    def __post_init__(self) -> None:
        self.acute = sorted(self.acute, key=lambda one: one.age)
        self.gap, self.within = wall_time(self.storm.gap), wall_time(self.storm.within)
        self._sure, self._whole, self._other = (
            frozenset(facts) for facts in (self.storm.sure, self.storm.whole, self.storm.other)
        )
        reports: dict[str, list[tuple[datetime, str]]] = {}
        for one in self.acute:
            for surface in () if one.vague else self._surfaces(one)[:1]:
                reports.setdefault(surface, []).append((one.created_at, one.customer))
        self.lines = {surface: _Line(found, self.storm) for surface, found in reports.items()}
        self.homes = {}
        for one in self.acute:
            if home := self._home(one):
                self.homes.setdefault(home, []).append(one)
        self.whole = self.homes.get(EVERYTHING, [])
        self.homes = {home: self._worthy(home, found) for home, found in self.homes.items()}

    def hangings(self) -> dict[Ref, Ref]:
        found: dict[Ref, Ref] = {}
        for home, members in self.homes.items():
            if home != EVERYTHING:
                for one in members:
                    if parent := self._earliest(home, one) or self._of_all_first(home, one):
                        found[one.ref] = parent.ref
        for one in self.whole:
            if parent := self._most_reported(one) or self._same(one):
                found[one.ref] = parent.ref
        return found

    def _surfaces(self, one: Entry) -> tuple[str, ...]:
        """What a ticket may count for, the clearest first. What is wrong is another fault than what is down."""
        parts = tuple(surface for surface in one.symptom.surfaces if surface != EVERYTHING)
        wrong = not self._other.isdisjoint(one.facts) and self._sure.isdisjoint(one.facts)
        if parts or wrong:
            return tuple(f"{part} wrong" for part in parts) if wrong else parts
        whole = EVERYTHING in one.symptom.surfaces or one.severe or not self._whole.isdisjoint(one.facts)
        return (EVERYTHING,) if whole else ()

    def _home(self, one: Entry) -> str:
        """The surface that a ticket counts for: of those that it is clear about the first one in a storm."""
        surfaces = self._surfaces(one)
        storming = (surface for surface in surfaces if self._storms(surface, one.created_at))
        return next(storming, surfaces[0] if surfaces else "")

    def _storms(self, surface: str, at: datetime) -> bool:
        line = self.lines.get(surface)
        return line is not None and line.storming(at)

    def _worthy(self, home: str, found: Sequence[Entry]) -> list[Entry]:
        """Those of a surface's tickets that are part of a storm; of those about everything also a lone one that is
        sure, on which a surface's may hang."""
        sure = [one.created_at for one in found if self._is_sure(one)]
        beside = [one.created_at for one in self.whole if self._is_sure(one)] if home != EVERYTHING else sure
        return [
            one
            for one in found
            if (self._floods(home, one.created_at) if one.vague else self._storms(home, one.created_at))
            or (self._is_sure(one) and (self._near(sure, one) > 1 or self._near(beside, one)))
        ]

    def _is_sure(self, one: Entry) -> bool:
        return one.severe or not self._sure.isdisjoint(one.facts)

    def _floods(self, surface: str, at: datetime) -> bool:
        line = self.lines.get(surface)
        return line is not None and line.customers(at - self.within, at + self.within) >= self.storm.flood

    def _near(self, times: Sequence[datetime], one: Entry) -> int:
        first = bisect_left(times, one.created_at - self.within)
        return bisect_right(times, one.created_at + self.within) - first

    def _before(self, home: str, one: Entry) -> list[Entry]:
        """The tickets of a storm that came before this one, no longer ago than the gap."""
        members = self.homes.get(home, [])
        first = bisect_left(members, one.created_at - self.gap, key=lambda member: member.created_at)
        return members[first : bisect_left(members, one.age, key=lambda member: member.age)]

    def _earliest(self, home: str, one: Entry) -> Entry | None:
        """The earliest ticket of a storm on which this one may hang."""
        return _first(other for other in self._before(home, one) if _was_open(other, one))

    def _same(self, one: Entry) -> Entry | None:
        """For a ticket about everything before any surface was reported: the earliest other one of a storm of such."""
        if not self._is_free(one) or one not in self.homes.get(EVERYTHING, ()):
            return None
        since = one.created_at - (self.gap if self._storms(EVERYTHING, one.created_at) else self.within)
        return _first(
            other
            for other in self._before(EVERYTHING, one)
            if other.created_at >= since and _was_open(other, one) and self._is_free(other)
        )

    def _is_free(self, one: Entry) -> bool:
        """Whether a ticket about everything came before any surface was reported."""
        return not any(self._before(home, one) for home in self.homes if home != EVERYTHING)

    def _of_all_first(self, home: str, one: Entry) -> Entry | None:
        """For the first ticket of a surface's storm: the earliest one about everything that came before, where no other
        surface was reported since then."""
        if self._before(home, one):
            return None
        others = [
            other.created_at
            for surface in self.homes
            if surface not in (home, EVERYTHING)
            for other in self._before(surface, one)
        ]
        last = max(others, default=None)
        return _first(
            other
            for other in self._before(EVERYTHING, one)
            if (last is None or other.created_at > last) and _was_open(other, one) and self._is_free(other)
        )

    def _most_reported(self, one: Entry) -> Entry | None:
        """For a ticket about everything: the earliest ticket of the surface that the most customers report then."""
        counted: list[tuple[int, Entry]] = []
        for home, line in self.lines.items():
            joins = self._floods if one.vague else self._storms
            if home == EVERYTHING or not (self._is_sure(one) or joins(home, one.created_at)):
                continue
            if (parent := self._earliest(home, one)) is not None:
                counted.append((line.customers(one.created_at - self.within, one.created_at), parent))
        return min(counted, key=lambda pair: (-pair[0], pair[1].age))[1] if counted else None


def _was_open(other: Entry, one: Entry) -> bool:
    """Whether a ticket was not solved before another came."""
    return other.over_at is None or other.over_at >= one.created_at


def _first(able: Iterable[Entry]) -> Entry | None:
    """The first one; one that a person hung elsewhere carries others only where there is none beside it."""
    said = None
    for one in able:
        if one.said is None:
            return one
        said = said or one
    return said
