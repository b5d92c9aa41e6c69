"""The office hours of a time-lapse, counted minute by minute: nothing of the product's business time is used here."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tests.e2e.lapse.stories import LENGTH, START

ZONE = ZoneInfo("Europe/Berlin")
MORNING, AFTERNOON = (time(9), time(11, 55)), (time(12, 50), time(17, 25))
WEEK = (*[(MORNING, AFTERNOON)] * 4, ((time(9), time(14, 55)),), (), ())
"""It closes on no half hour: a promise might fall due there, and a vendor that dates a second write a second later
would move it to the next morning."""

CLOSED = (date(2026, 4, 3), date(2026, 4, 6))
"""Good Friday and Easter Monday."""

RULES = """
calendar:
  timezone: Europe/Berlin
  hours:
    mon: ["09:00-11:55", "12:50-17:25"]
    tue: ["09:00-11:55", "12:50-17:25"]
    wed: ["09:00-11:55", "12:50-17:25"]
    thu: ["09:00-11:55", "12:50-17:25"]
    fri: ["09:00-14:55"]
  holidays: {country: DE}
"""
"""The same as the product is told it."""

MINUTE = timedelta(minutes=1)


def _open(at: datetime) -> bool:
    local = at.astimezone(ZONE)
    hours = () if local.date() in CLOSED else WEEK[local.weekday()]
    return any(opens <= local.time() < closes for opens, closes in hours)


_OPEN = [_open(START + MINUTE * n) for n in range((LENGTH + timedelta(days=21)) // MINUTE)]
_DATES = {(START + MINUTE * n).astimezone(ZONE).date() for n, is_open in enumerate(_OPEN) if is_open}
_OF_DATES = [(START + MINUTE * n).astimezone(ZONE).date() in _DATES for n in range(len(_OPEN))]


def is_open(at: datetime) -> bool:
    """Whether somebody is there in the minute that begins."""
    return _OPEN[(at - START) // MINUTE]


def at_night(at: datetime) -> bool:
    """Whether people are left alone: from eight in the evening until eight in the morning."""
    return not time(8) <= at.astimezone(ZONE).time() < time(20)


@cache
def after(start: datetime, length: str) -> datetime:
    """When a length such as ``90m``, ``30bm``, ``2bd``, ``24bdh`` or ``eod`` from ``start`` is over."""
    if length == "eod":
        return _end_of_day(start)
    number, unit = int(length.rstrip("mhbd")), length.lstrip("0123456789")
    if unit == "bd":
        return _business_days(start, number)
    if unit == "bdh":
        return _counted(_OF_DATES, start, number * 60)
    if unit in ("bm", "bh"):
        return _counted(_OPEN, start, number * (60 if unit == "bh" else 1))
    return start + number * {"m": MINUTE, "h": timedelta(hours=1), "d": timedelta(days=1)}[unit]


def business_minutes(start: datetime, end: datetime) -> int:
    """How many minutes of the office lie between two instants."""
    return sum(_OPEN[(start - START) // MINUTE : (end - START) // MINUTE])


def _counted(minutes: list[bool], start: datetime, left: int) -> datetime:
    """When so many of the minutes that count are over."""
    at = start
    while left:
        left -= minutes[(at - START) // MINUTE]
        at += MINUTE
    return at


def _business_days(start: datetime, left: int) -> datetime:
    """The same time on the clocks of a later date on which somebody is there; outside the hours the next opening."""
    local = start.astimezone(ZONE)
    day = local.date()
    while left:
        day += timedelta(days=1)
        left -= day in _DATES
    at = datetime.combine(day, local.time(), ZONE).astimezone(UTC)
    while not (is_open(at) or is_open(at - MINUTE)):  # a closing time is kept
        at += MINUTE
    return at


def _end_of_day(start: datetime) -> datetime:
    """The midnight that ends the local date."""
    return datetime.combine(start.astimezone(ZONE).date() + timedelta(days=1), time(), ZONE).astimezone(UTC)
