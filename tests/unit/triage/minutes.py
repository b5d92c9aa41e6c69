"""Business time counted minute by minute: slow, plain, and by none of the product's code.

A ``Wall`` is what the clocks on a wall show over a few weeks, found by looking at them each minute. ``Minutes`` are the
minutes of those weeks with which of them a calendar has open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from itertools import islice
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = 24 * 60
WEEKS = 6

Pairs = Sequence[tuple[int, int]]  # minutes after local midnight: opens, closes
Pause = tuple[int, int | None]  # minutes of the Wall: begins, ends


@dataclass(frozen=True)
class Wall:
    """``first`` has the first minute at which the clocks show a local minute."""

    start: datetime
    first: Mapping[datetime, int]
    shown: Sequence[datetime]

    def when(self, day: date, minute: int) -> int:
        """The minute at which clocks show this time first; a time that they skip is as far after the last one before it
        as it says."""
        wanted = datetime(day.year, day.month, day.day) + minute * MINUTE  # noqa: DTZ001 - local
        back = 0
        while wanted - back * MINUTE not in self.first:
            back += 1
        return self.first[wanted - back * MINUTE] + back

    def at(self, minute: int) -> datetime:
        return self.start + minute * MINUTE

    @cached_property
    def dates(self) -> list[date]:
        """The dates that lie in it wholly, and one that clocks skip."""
        first, last = self.shown[0].date(), self.shown[-1].date()
        return [first + timedelta(days=n) for n in range(1, (last - first).days)]


@cache
def wall(zone: str, start: date) -> Wall:
    at = datetime(start.year, start.month, start.day, tzinfo=UTC)
    there = ZoneInfo(zone)
    shown = [(at + n * MINUTE).astimezone(there).replace(tzinfo=None) for n in range(WEEKS * 7 * DAY)]
    first: dict[datetime, int] = {}
    for minute, local in enumerate(shown):
        first.setdefault(local, minute)
    return Wall(at, first, shown)


class OutOfSight(Exception):
    """The answer lies after the last of the minutes."""


@dataclass(frozen=True)
class Minutes:
    """A calendar as somebody would write it down; ``of`` is the wall that it hangs on."""

    of: Wall
    week: Sequence[Pairs]
    holidays: Sequence[date]
    shifts: Mapping[date, Pairs]
    breaks: Mapping[date, Pairs]

    def _shown_open(self, day: date) -> bytearray:
        """The minutes of a date as written: 1 where open."""
        open_ = bytearray(DAY)
        if day not in self.holidays:
            for opens, closes in self.shifts.get(day, self.week[day.weekday()]):
                open_[opens:closes] = ones(closes - opens)
            for begins, ends in self.breaks.get(day, ()):
                open_[begins:ends] = bytes(ends - begins)
        return open_

    @cached_property
    def open(self) -> bytearray:
        return self._marked(whole=False)

    @cached_property
    def whole(self) -> bytearray:
        """The minutes of dates that have open time."""
        return self._marked(whole=True)

    @cached_property
    def always(self) -> bytearray:
        return bytearray(ones(len(self.of.shown)))

    def _marked(self, whole: bool) -> bytearray:
        found = bytearray(len(self.of.shown))
        for day in self.of.dates:
            midnight, end = self.of.when(day, 0), self.of.when(day, DAY)
            for opens, closes in runs(self._shown_open(day)):
                first, last = (0, DAY) if whole else (opens, closes)
                since, till = max(self.of.when(day, first), midnight), min(self.of.when(day, last), end)
                found[since:till] = ones(till - since)
        return found

    def counted(self, unit: str) -> bytearray:
        """Which minutes count for a unit."""
        return {"m": self.always, "h": self.always, "d": self.always, "bdh": self.whole}.get(unit, self.open)

    def due(self, start: int, amount: int, unit: str) -> int:
        """The minute at which a promise falls due; its amount is in the unit."""
        if unit == "eod":
            day = self.of.shown[start].date()
            while self.of.when(day, DAY) <= start:
                day += timedelta(days=1)
            return self.of.when(day, DAY)
        if unit == "bd":
            return self._days_on(start, amount)
        minutes = amount * {"m": 1, "d": DAY}.get(unit, 60)
        return self.walk(start, minutes, start, self.counted(unit), ())

    def _days_on(self, start: int, days: int) -> int:
        local = self.of.shown[start]
        later = (day for day in self.of.dates if day > local.date() and self._opens(day))
        last = next(islice(later, days - 1, None), None)
        if last is None:
            raise OutOfSight
        at = self.of.when(last, local.hour * 60 + local.minute)
        if at < len(self.open) and (self.open[at - 1] and not self.open[at]):
            return at  # a closing
        return self.next_open(at)

    def _opens(self, day: date) -> bool:
        return any(self.open[self.of.when(day, 0) : self.of.when(day, DAY)])

    def next_open(self, at: int) -> int:
        found = self.open.find(1, at)
        if found < 0:
            raise OutOfSight
        return found

    def walk(self, start: int, minutes: int, not_before: int, counts: bytearray, pauses: Iterable[Pause]) -> int:
        """Walk until so many minutes have counted outside the pauses, and on until ``not_before`` and out of a pause
        that has begun by then. Raises OutOfSight when a pause lasts, or the minutes end."""
        paused = bytearray(len(counts))
        for begins, ends in pauses:
            till = len(counts) if ends is None else ends
            paused[begins:till] = ones(till - begins)
        at = start
        while minutes > 0 or at < not_before or (at > start and paused[at] and paused[at - 1]):
            if not paused[at]:
                minutes -= counts[at]
            at += 1
            if at == len(counts):
                raise OutOfSight
        return at


def ones(many: int) -> bytes:
    """So many ones; none of a negative number."""
    return b"\1" * many


def runs(marked: bytearray) -> Iterator[tuple[int, int]]:
    """Where ones begin and end."""
    begins = marked.find(1)
    while begins >= 0:
        ends = marked.find(0, begins)
        yield begins, ends if ends >= 0 else len(marked)
        begins = marked.find(1, ends) if ends >= 0 else -1
