"""Calendars as packs write them: time zone, hours of a week, holidays and single dates that differ (C-04).

A pack that says nothing gets Monday to Friday 09:00-17:00 UTC without holidays: no source document defines business
hours, so ``CalendarPart()`` is that assumption and nothing more.
"""

from __future__ import annotations

import difflib
import re
import warnings
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, model_validator

from app.triage.business_time import WEEKDAYS, Calendar
from app.triage.calendar_files import is_address, is_calendar
from app.triage.hours import DAY, Hours
from app.triage.rules import Part, one_of

YEARS = range(2000, 2100)  # in which a country's holidays and yearly entries are looked up: the core has no clock

_DAYS_LONG = re.compile(r"P(\d{1,3})([DW])")
_ENTRY_AT_MOST = 366  # days


def compiled(part: CalendarPart) -> Calendar:
    """The calendar that a part describes. Build it once for a pack: it remembers what it worked out."""
    closed = part.holidays.looked_up - part.exceptions.keys()
    return Calendar.of(
        _zone(part.timezone),
        {name: map(Hours.parse, hours) for name, hours in part.hours.items()},
        holidays=closed.union(part.holidays.dates),
        shifts={day: map(Hours.parse, hours) for day, hours in part.exceptions.items()},
        breaks={day: map(Hours.parse, hours) for day, hours in part.breaks.items()},
    )


def public_holidays(country: str, subdivision: str | None = None) -> frozenset[date]:
    """The public holidays of a country (ISO 3166-1: DE) and a part of it (ISO 3166-2 without the country: BY).

    Raises ValueError for one that the package ``holidays`` does not know. For some countries it knows fewer years than
    ``YEARS``: where the moon's phase is announced, and where laws change.
    """
    import holidays as tables  # tens of milliseconds, and few calendars name a country

    known: Mapping[str, list[str]] = tables.list_supported_countries()
    if country not in known:
        raise ValueError(_unknown("country", country, known, "write its ISO 3166 code, as in DE"))
    if subdivision is not None and subdivision not in known[country]:
        raise ValueError(_unknown(f"subdivision of {country}", subdivision, known[country], "leave it out"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of years that it does not know
        return frozenset(tables.country_holidays(country, subdiv=subdivision, years=YEARS))


def all_day_dates(ics: str) -> frozenset[date]:
    """The dates of a calendar file's all-day entries (RFC 5545), those that repeat yearly within ``YEARS``.

    Entries with a time of day and cancelled ones count nothing. Raises ValueError for what would be read wrongly:
    other repetitions, moved instances, and what is no calendar.
    """
    if not ics.strip():
        return frozenset()
    if is_address(ics):  # it is not repeated: who has a calendar's address may often read the calendar
        raise ValueError("ics is an address, and none is ever fetched; download the file and name its path")
    if not is_calendar(ics):
        raise ValueError("ics is not the text of a calendar file; it starts with BEGIN:VCALENDAR")
    return frozenset(day for entry in _entries(ics) for day in _days(entry))


def _entries(ics: str) -> Iterator[dict[str, str]]:
    """Name and value of the properties of each VEVENT, without those of its alarms. Values of one name are joined."""
    inside: list[str] = []
    entry: dict[str, str] = {}
    for line in re.split(r"\r?\n", re.sub(r"\r?\n[ \t]", "", ics)):
        head, _, value = line.partition(":")
        name, value = head.split(";")[0].upper(), value.strip()
        if name == "BEGIN":
            inside.append(value)
            entry = {} if value == "VEVENT" else entry
        elif name == "END" and inside:
            if inside.pop() == "VEVENT":
                yield entry
        elif inside[-1:] == ["VEVENT"]:
            entry[name] = f"{entry[name]},{value}" if name in entry else value


def _days(entry: Mapping[str, str]) -> Iterator[date]:
    start = _compact(entry.get("DTSTART", ""))
    if start is None or entry.get("STATUS") == "CANCELLED":
        return
    for name in ("RDATE", "RECURRENCE-ID"):
        if name in entry:
            raise ValueError(f"the entry of {start} in ics has {name}, which is not read; list its dates instead")
    without = {_compact(value) for value in entry.get("EXDATE", "").split(",")}
    length = _length(entry, start)
    for first in _yearly(entry["RRULE"], start) if "RRULE" in entry else [start]:
        if first not in without:
            yield from (first + timedelta(days=more) for more in range(length))


def _length(entry: Mapping[str, str], start: date) -> int:
    """Days from the start of an entry to its end, which is not part of it."""
    end = _compact(entry.get("DTEND", ""))
    duration = _DAYS_LONG.fullmatch(entry.get("DURATION", "P1D"))
    if end is not None:
        length = (end - start) // DAY
    else:
        length = int(duration[1]) * (7 if duration[2] == "W" else 1) if duration else 0
    if not 0 < length <= _ENTRY_AT_MOST:
        raise ValueError(f"the entry of {start} in ics has no usable end; write DTEND as the date after its last")
    return length


def _yearly(rule: str, start: date) -> Iterator[date]:
    """The dates of a rule that says: each year, or each few, on the date of ``start``."""
    given = dict(part.upper().split("=", 1) for part in rule.split(";") if "=" in part)
    interval, count = given.pop("INTERVAL", "1"), given.pop("COUNT", str(YEARS.stop))
    until = _compact(given.pop("UNTIL", "99991231")[:8])
    readable = {"FREQ": "YEARLY", "BYMONTH": str(start.month), "BYMONTHDAY": str(start.day), "WKST": given.get("WKST")}
    if (
        "FREQ" not in given
        or any(readable.get(name) != value for name, value in given.items())
        or not all(re.fullmatch(r"0*[1-9]\d{0,3}", number) for number in (interval, count))
        or until is None
    ):
        raise ValueError(f"the entry of {start} in ics repeats by {rule!r}; only FREQ=YEARLY on its own date is read")
    left = int(count)
    for year in range(start.year, YEARS.stop, int(interval)):
        try:
            day = start.replace(year=year)
        except ValueError:  # 29 February in a year that has none
            continue
        if day > until or not left:
            return
        left -= 1
        yield day


def _compact(text: str) -> date | None:
    """A date as calendar files write it (20261225); None for anything else, such as one with a time of day."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{8}", text) else None
    except ValueError:
        return None


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC  # needs no time zone database
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        raise ValueError(_unknown("time zone", name, known, "write it as Europe/Berlin or UTC")) from None


def _unknown(what: str, name: str, known: Iterable[str], otherwise: str) -> str:
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f"unknown {what} {name!r}; " + (f"did you mean {folded[near[0]]!r}?" if near else otherwise)


def _date(value: Any) -> Any:
    try:
        return date.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"{value!r} is not a date; write it as 2026-12-25") from None


def _zone_name(name: str) -> str:
    _zone(name)
    return name


def _hours_text(text: str) -> str:
    Hours.parse(text)
    return text


def _apart(several: tuple[str, ...]) -> tuple[str, ...]:
    hours = sorted(map(Hours.parse, several))
    if any(later.opens < earlier.closes for earlier, later in pairwise(hours)):
        raise ValueError(f"{' and '.join(several)} overlap; name each moment of the day once")
    return several


def _calendar_text(text: str) -> str:
    all_day_dates(text)
    return text


def _listed(value: Any) -> Any:
    return {"dates": value} if isinstance(value, list | tuple) else value


Date = Annotated[date, BeforeValidator(_date)]
DayHours = Annotated[tuple[Annotated[str, AfterValidator(_hours_text)], ...], AfterValidator(_apart)]


class Holidays(Part):
    """Local dates on which nobody is there: all of what is given. A list alone is ``dates``.

    ``country`` and ``subdivision`` name public holidays (``public_holidays``); ``ics`` is a calendar file's text
    (``all_day_dates``), in whose place its path may be written (``calendar_files``).
    """

    dates: tuple[Date, ...] = ()
    country: str | None = None
    subdivision: str | None = None
    ics: Annotated[str, AfterValidator(_calendar_text)] = ""

    @cached_property
    def looked_up(self) -> frozenset[date]:
        """The dates that ``country`` and ``ics`` stand for."""
        public = public_holidays(self.country, self.subdivision) if self.country else frozenset()
        return public | all_day_dates(self.ics)

    @model_validator(mode="after")
    def _subdivision_has_a_country(self) -> Holidays:
        if self.subdivision and not self.country:
            raise ValueError(f"subdivision {self.subdivision!r} has no country; add it, as in country: DE")
        return self


class CalendarPart(Part):
    """When a team is there.

    ``hours`` are local wall time by weekday, ``mon`` to ``sun``; a weekday that is not named is closed. ``exceptions``
    are the hours of single dates instead, also on public holidays; ``[]`` closes the date. ``breaks`` are cut out of
    the hours of single dates.
    """

    timezone: Annotated[str, AfterValidator(_zone_name)] = "UTC"
    hours: Mapping[Annotated[str, one_of("weekday", WEEKDAYS)], DayHours] = dict.fromkeys(
        WEEKDAYS[:5], ("09:00-17:00",)
    )
    holidays: Annotated[Holidays, BeforeValidator(_listed)] = Holidays()
    exceptions: Mapping[Date, DayHours] = {}
    breaks: Mapping[Date, DayHours] = {}
    source: str = ""

    @model_validator(mode="after")
    def _compiles(self) -> CalendarPart:
        both = sorted(self.exceptions.keys() & set(self.holidays.dates))
        if both:
            raise ValueError(f"{both[0]} is both a holiday and an exception; keep one of them")
        compiled(self)
        return self


class NamedCalendar(CalendarPart):
    """A calendar for some: the customers of ``organizations`` (names or ids), the tickets of ``brands`` (Zendesk brand
    ids, Jira project keys; case does not matter in either), and the clocks that name it. It takes nothing over from
    ``calendar``."""

    organizations: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
