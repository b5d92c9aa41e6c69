"""Promises that stand still for a while: when they fall due, and how much of their time has counted.

A pause is ``(begins, ends)`` and holds its start and not its end; ``ends`` None means that it lasts. Pauses may come in
any order, overlap, touch and lie outside the promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.triage.business_time import Calendar, Span, due, utc
from app.triage.hours import NOTHING

Pause = tuple[datetime, datetime | None]
_EVER = datetime.max.replace(tzinfo=UTC)


def due_with_pauses(start: datetime, span: Span, calendar: Calendar, pauses: Sequence[Pause]) -> datetime | None:
    """When a promise given at ``start`` falls due if its pauses do not count; None while one of them lasts.

    What is left when a pause begins counts on from its end, in the promise's own kind of time (``elapsed``). No pause
    makes a promise due earlier: when no open time is left of ``1bd`` or ``eod``, it falls due when it would have, or
    with the pause's end when that is later.
    """
    falls = due(start, span, calendar)
    start, kind = utc(start), counts_in(span.unit, calendar)
    for begins, ends in _apart(pauses, start):
        if begins >= falls:
            break
        if ends == _EVER:
            return None
        if kind is None:
            falls += ends - begins
        else:
            falls = max(falls, kind.add(ends, kind.between(begins, falls)))
    return falls


def elapsed(start: datetime, end: datetime, unit: str, calendar: Calendar, pauses: Sequence[Pause]) -> timedelta:
    """How much time of a promise has counted from ``start`` until ``end``, without its pauses.

    For m, h and d that is time that passes, for bh, bd and eod the calendar's open time, for bdh the time of its
    business dates.
    """
    start, end, kind = utc(start), utc(end), counts_in(unit, calendar)
    counted, since = NOTHING, start
    for begins, ends in (*_apart(pauses, start), (end, end)):
        till = min(begins, end)
        if till > since:
            counted += till - since if kind is None else kind.between(since, till)
        since = ends
    return counted


def counts_in(unit: str, calendar: Calendar) -> Calendar | None:
    """The calendar in which a unit counts; None: every moment does."""
    if unit in ("m", "h", "d"):
        return None
    return calendar.whole_days if unit == "bdh" else calendar


def _apart(pauses: Sequence[Pause], start: datetime) -> list[tuple[datetime, datetime]]:
    """The pauses from ``start`` on, in order and apart from each other; one that lasts ends with time itself."""
    apart: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted((max(utc(since), start), utc(till) if till else _EVER) for since, till in pauses):
        if apart and begins <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(ends, apart[-1][1])
        elif begins < ends:
            apart.append((begins, ends))
    return apart
