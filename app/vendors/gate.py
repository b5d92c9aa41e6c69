"""What a vendor's session asks before each request and tells after it, and the words for a vendor's limits.

Pure: no clock, no input or output. Who counts, and where, is ``app.budget``'s affair; which limits a request falls
under and what an answer says of them is each vendor's ``limits``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

LONGEST_WAIT = 3600.0
"""Whatever an answer asks for, nothing waits longer than an hour."""

MARGIN = 1.02
"""Our windows are this much longer than the vendor's: it counts a request when it arrives, not when it is sent."""

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_EPOCH_SECONDS = re.compile(r"[0-9]{10,11}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Bucket:
    """One limit: at most ``limit`` requests in any ``seconds``. ``key`` is what it is counted for besides the account
    (a ticket, an endpoint); empty: for the account as a whole."""

    name: str
    limit: int
    seconds: float
    key: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of a bucket: ``left`` of ``total`` requests until ``resets`` seconds from now. Others use the
    same budget, so it may be less than we counted. ``total`` and ``resets`` are None where it does not say."""

    bucket: Bucket
    left: int
    total: int | None = None
    resets: float | None = None


class Gate(Protocol):
    """Stands before one account. Never sleeps."""

    def admit(self, method: str, path: str) -> None:
        """Count a request that is about to be sent. Raises Held where it must not go out now: nothing was sent."""
        ...

    def answered(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        """The request was answered."""
        ...

    def unanswered(self, method: str, path: str) -> None:
        """No answer came."""
        ...


def pace(requests_per_minute: int) -> Bucket:
    """A fifth of the minute's requests in ten seconds. No vendor asks for it: it keeps a burst from using up the whole
    minute at once, so that what comes next, an emergency perhaps, is read within seconds."""
    return Bucket("pace", max(1, -(-requests_per_minute // 5)), 10.0)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds, whether it is a number or a date, within [0, an hour]; None when absent or garbage.

    A date is compared with the answer's own Date, so that our clock does not matter.
    """
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), LONGEST_WAIT)
    until, sent = http_date(value), http_date(headers.get("Date", ""))
    if until is None or sent is None:
        return None
    return min(max((until - sent).total_seconds(), 0.0), LONGEST_WAIT)


def reset_in(value: str, now: float) -> float | None:
    """Seconds until a reset that is given in seconds, as seconds since 1970, or as an ISO time; None for garbage."""
    value = value.strip()
    if _SECONDS.fullmatch(value):
        left = float(value)
    elif _EPOCH_SECONDS.fullmatch(value):
        left = float(value) - now
    else:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return None
        left = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now
    return min(max(left, 0.0), LONGEST_WAIT)


def count(value: str | None) -> int | None:
    """A header's whole number, or None. Jira's may be followed by the window: ``100;w=1``."""
    found = re.match(r"\s*([0-9]{1,9})(?![0-9])", value or "")
    return int(found[1]) if found else None


def http_date(value: str) -> datetime | None:
    """An HTTP date, or None for garbage."""
    try:
        at = parsedate_to_datetime(value)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
