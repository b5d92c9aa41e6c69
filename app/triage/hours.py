"""The open hours of one date, as clocks on the wall show them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple, Self

NOTHING = timedelta(0)
DAY = timedelta(days=1)

_HOURS = re.compile(r"(\d\d):([0-5]\d)\s*-\s*(\d\d):([0-5]\d)")


class Hours(NamedTuple):
    """Open from ``opens`` until ``closes``, as time after local midnight; 24:00 is the end of the date."""

    opens: timedelta
    closes: timedelta

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``09:00-17:00``. Raises ValueError that names the mend."""
        match = _HOURS.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} are not hours; write them as 09:00-17:00")
        first_hour, first_minute, last_hour, last_minute = map(int, match.groups())
        opens = timedelta(hours=first_hour, minutes=first_minute)
        closes = timedelta(hours=last_hour, minutes=last_minute)
        if closes > DAY:
            raise ValueError(f"{text!r} ends after its date; the last moment of a date is 24:00")
        if closes <= opens:
            raise ValueError(f"{text!r} ends before it starts; split it at midnight, as 22:00-24:00 and 00:00-06:00")
        return cls(opens, closes)


ALL_DAY = Hours(NOTHING, DAY)


def joined(several: Iterable[Hours]) -> tuple[Hours, ...]:
    """The same time of a date in order, nothing twice and no empty hours."""
    joined: list[Hours] = []
    for opens, closes in sorted(several):
        if joined and opens <= joined[-1].closes:
            joined[-1] = Hours(joined[-1].opens, max(closes, joined[-1].closes))
        elif opens < closes:
            joined.append(Hours(opens, closes))
    return tuple(joined)


def without(several: Iterable[Hours], pauses: Iterable[Hours]) -> tuple[Hours, ...]:
    """What is left of the hours when the pauses are cut out."""
    left = list(several)
    for begins, ends in pauses:
        pieces = [(Hours(opens, min(closes, begins)), Hours(max(opens, ends), closes)) for opens, closes in left]
        left = [piece for pair in pieces for piece in pair if piece.opens < piece.closes]
    return joined(left)
