"""Business time: how long somebody was there between two instants, and when a promise falls due (C-04, C-17, S0-38).

A ``Calendar`` is a value: a time zone, the open hours of a week as its clocks show them, and the dates that differ.
Instants are aware and in UTC on the way out; on the way in any zone will do, but a naive one is refused.

What holds where good programs differ:

* Hours hold their start and not their end: at 17:00 a calendar of 09:00-17:00 is closed.
* A target is the earliest instant that fits: eight hours from Monday 09:00 end on Monday 17:00, not on Tuesday 09:00.
* N business days are the same time of day on the Nth business date that follows, and when that is outside the open
  hours, the next opening. Others keep a time outside the hours; then a promise falls due while nobody is there.
* Lengths are time that passes, not what the clocks show: a day on which they are put back has 25 hours.
* A time that clocks skip is as far after the change as it says (02:30 is 03:30); hours that vanish so count nothing. A
  time that clocks show twice is the first. Hours stay within their date, and a date that clocks skip has none.
* A holiday closes the local date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property, lru_cache
from itertools import islice, takewhile
from types import MappingProxyType
from typing import NamedTuple, Self

from app.triage.hours import ALL_DAY, DAY, NOTHING, Hours, joined, without

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CENTURY = 36_525  # days

_SPAN = re.compile(r"(\d+) ?([a-z]+)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY}
_WORDS = {
    **{"m": ("minute", "minutes"), "h": ("hour", "hours"), "d": ("day", "days")},
    "bm": ("business minute", "business minutes"),
    **{"bh": ("business hour", "business hours"), "bd": ("business day", "business days")},
    "bdh": ("hour of a business day", "hours of business days"),
}
_END_OF_DATE = "eod"
_UNITS |= {"bm": _UNITS["m"], "bh": _UNITS["h"], "bd": DAY, "bdh": _UNITS["h"], _END_OF_DATE: DAY}
_LONGEST = timedelta(days=366)


class Segment(NamedTuple):
    """A stretch of open time between two instants in UTC; it holds its start and not its end."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Calendar:
    """When somebody is there. Made by ``Calendar.of``; compares by value.

    ``week`` has the hours of Monday to Sunday, ``dates`` the hours of single dates that differ; no hours: closed.
    """

    zone: tzinfo
    week: tuple[tuple[Hours, ...], ...]
    dates: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not any(self.week):
            raise ValueError("the calendar never opens; give at least one weekday hours, as in mon: ['09:00-17:00']")
        object.__setattr__(self, "dates", MappingProxyType(dict(self.dates)))

    @classmethod
    def of(
        cls,
        zone: tzinfo,
        week: Mapping[str, Iterable[Hours]],
        *,
        holidays: Collection[date] = (),
        shifts: Mapping[date, Iterable[Hours]] | None = None,
        breaks: Mapping[date, Iterable[Hours]] | None = None,
    ) -> Self:
        """A calendar of weekday names (``mon`` to ``sun``) and single local dates.

        ``shifts`` replace the weekday's hours, ``breaks`` are cut out of what a date has, and ``holidays`` close it
        whatever else is said. Raises ValueError when no weekday ever opens.
        """
        days = tuple(joined(week.get(name, ())) for name in WEEKDAYS)
        dates = {day: joined(hours) for day, hours in (shifts or {}).items()}
        for day, pauses in (breaks or {}).items():
            dates[day] = without(dates.get(day, days[day.weekday()]), pauses)
        return cls(zone, days, dates | dict.fromkeys(holidays, ()))

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this instant."""
        return self.next_open(at) == at

    def next_open(self, at: datetime) -> datetime:
        """``at`` itself while open, else the next opening."""
        return next(self._forward(utc(at))).start

    def segments(self, start: datetime, end: datetime) -> tuple[Segment, ...]:
        """The open time between two instants, in order, cut to them; at most one segment for each hours of a date."""
        first, last = utc(start), utc(end)
        found = takewhile(lambda segment: segment.start < last, self._forward(first)) if first < last else ()
        return tuple(Segment(since, min(till, last)) for since, till in found)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two instants; none when ``end`` is not after ``start``."""
        first, last, found = utc(start), utc(end), NOTHING
        for day in _dates(first.astimezone(self.zone).date(), DAY) if first < last else ():
            for since, till in self._open_on(day):
                if since >= last:
                    return found
                if till > first:
                    found += (till if till < last else last) - (since if since > first else first)
        return found

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The earliest instant, not before ``start``, until which ``amount`` of open time has passed."""
        now = utc(start)
        segment, left = _used_up(self._forward(now), amount)
        return segment.start + left if left else now

    def sub(self, end: datetime, amount: timedelta) -> datetime:
        """The latest instant, not after ``end``, from which ``amount`` of open time passes until ``end``."""
        now = utc(end)
        segment, left = _used_up(self._backward(now), amount)
        return segment.end - left if left else now

    def add_days(self, start: datetime, days: int) -> datetime:
        """The same local time on the Nth business date that follows; outside the hours, the next opening.

        A business date is a local date with open time. A closing time is kept: it is the earlier name of the next
        opening. Negative days go back, and outside the hours to the last closing. No days: ``start`` or the next
        opening.
        """
        if days == 0:
            return self.next_open(start)
        local = utc(start).astimezone(self.zone).replace(tzinfo=None)
        since_midnight = local - datetime.combine(local, time())
        step = DAY if days > 0 else -DAY
        business_dates = filter(self._open_on, _dates(local.date() + step, step))
        day = next(islice(business_dates, abs(days) - 1, None))
        target = self._instant(day, since_midnight)
        if days < 0:
            return next(self._backward(target)).end
        return target if any(target == till for _, till in self._open_on(day)) else self.next_open(target)

    def end_of_date(self, at: datetime) -> datetime:
        """The local midnight that ends the date of ``at``: always later, also where clocks show midnight twice."""
        now = utc(at)
        dates = _dates(now.astimezone(self.zone).date(), DAY)
        return next(end for day in dates if (end := self._instant(day, DAY)) > now)

    @cached_property
    def whole_days(self) -> Calendar:
        """The same business dates, open day and night: what "24 business hours" is counted in (C-17)."""
        week = tuple((ALL_DAY,) if hours else () for hours in self.week)
        return Calendar(self.zone, week, {day: (ALL_DAY,) if hours else () for day, hours in self.dates.items()})

    def _forward(self, at: datetime) -> Iterator[Segment]:
        """The open time from ``at`` on."""
        for day in _dates(at.astimezone(self.zone).date(), DAY):
            for segment in self._open_on(day):
                if segment.end > at:
                    yield segment if segment.start >= at else Segment(at, segment.end)

    def _backward(self, at: datetime) -> Iterator[Segment]:
        """The open time until ``at``, latest first.

        The date after is looked at too: where clocks are put back over midnight, it has begun once already.
        """
        for day in _dates(at.astimezone(self.zone).date() + DAY, -DAY):
            for segment in reversed(self._open_on(day)):
                if segment.start < at:
                    yield segment if segment.end <= at else Segment(segment.start, at)

    @cached_property
    def _open_on(self) -> Callable[[date], tuple[Segment, ...]]:
        """The open time of a local date, remembered: most questions are about the same few weeks."""
        return lru_cache(maxsize=4096)(self._segments_on)

    def _segments_on(self, day: date) -> tuple[Segment, ...]:
        hours = self.dates.get(day, self.week[day.weekday()])
        if not hours:
            return ()
        last, midnight = (self._instant(day, border) for border in ALL_DAY)
        found = []
        for start, end in sorted((self._instant(day, opens), self._instant(day, closes)) for opens, closes in hours):
            since, till = max(start, last), min(end, midnight)
            if since < till:
                found.append(Segment(since, till))
                last = till
        return tuple(found)

    def _instant(self, day: date, since_midnight: timedelta) -> datetime:
        """The instant at which clocks of the zone show this time on this date."""
        return (datetime.combine(day, time()) + since_midnight).replace(tzinfo=self.zone).astimezone(UTC)


ALWAYS = Calendar(UTC, ((ALL_DAY,),) * 7)
"""Open day and night; the calendar of P0 and P1 (C-04)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length as policies write it: ``amount`` of a ``unit``.

    ==== =========================== =====================================================================
    m    minutes                     time that passes, day and night
    h    hours                       the same
    d    days                        the same, 24 hours each
    bm   business minutes            open time of the calendar
    bh   business hours              the same
    bd   business days               the same time of day on a later business date (``Calendar.add_days``)
    bdh  hours of business days      hours that pass day and night on business dates, none on other dates:
                                     24bdh from Friday 16:00 end on Monday 16:00 (C-17, S4-28)
    eod  end of the day              the midnight that ends the date in the calendar's zone on which it
                                     starts: "same day" (S0-31, S2-22); written alone, without an amount
    ==== =========================== =====================================================================
    """

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in _UNITS:
            raise ValueError(f"{self.unit!r} is not a unit of time; known: {', '.join(_UNITS)}")
        if self.unit == _END_OF_DATE and self.amount != 1:
            raise ValueError(f"a date ends once; write {_END_OF_DATE} without an amount")
        if not NOTHING <= self.amount * _UNITS[self.unit] <= _LONGEST:
            raise ValueError(f"'{self}' is out of bounds; a span is between nothing and {_LONGEST.days} days long")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``60m``, ``4h``, ``2d``, ``4bh``, ``1bd``, ``24bdh`` or ``eod``; ``min`` is ``m``. Raises ValueError."""
        if text.strip() == _END_OF_DATE:
            return cls(1, _END_OF_DATE)
        match = _SPAN.fullmatch(text.strip())
        if match is None or len(match.group(1)) > 6:
            raise ValueError(f"{text!r} is not a span of time; write it as 60m, 4h, 2d, 30bm, 4bh, 1bd, 24bdh or eod")
        unit = match.group(2)
        return cls(int(match.group(1)), "m" if unit == "min" else unit)

    def __str__(self) -> str:
        return _END_OF_DATE if self.unit == _END_OF_DATE else f"{self.amount}{self.unit}"

    def in_words(self) -> str:
        """``3 business days``, for people."""
        if self.unit == _END_OF_DATE:
            return "end of the day"
        one, many = _WORDS[self.unit]
        return f"{self.amount} {one if self.amount == 1 else many}"


def due(start: datetime, span: Span, calendar: Calendar) -> datetime:
    """When a promise given at ``start`` falls due. ``calendar`` counts for the business units and for ``eod``."""
    if span.unit == "bd":
        return calendar.add_days(start, span.amount)
    if span.unit == _END_OF_DATE:
        return calendar.end_of_date(start)
    length = span.amount * _UNITS[span.unit]
    if span.unit in ("bm", "bh"):
        return calendar.add(start, length)
    if span.unit == "bdh":
        return calendar.whole_days.add(start, length)
    return utc(start) + length


def utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a time without a zone, which is none."""
    if at.tzinfo is UTC:
        return at
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone; business time needs an instant")
    return at.astimezone(UTC)


def _used_up(segments: Iterator[Segment], amount: timedelta) -> tuple[Segment, timedelta]:
    """The segment in which an amount of open time is used up, and how much of the segment that takes."""
    if amount < NOTHING:
        raise ValueError(f"{amount} is negative; go the other way instead")
    for segment in segments:
        if amount <= segment.end - segment.start:
            break
        amount -= segment.end - segment.start
    return segment, amount


def _dates(first: date, step: timedelta) -> Iterator[date]:
    """Date after date, for a century at most: no calendar keeps a worker busy for ever."""
    day = first
    for _ in range(CENTURY):
        yield day
        day += step
    raise ValueError(f"nothing found within a century of {first}; the calendar is hardly ever open")
