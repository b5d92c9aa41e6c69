"""Jira's limits, as its "Rate limiting" page gives them: bursts, writes to one issue, and quotas, told apart by
``RateLimit-Reason``. Requests a minute are none of Jira's own: they are the ceiling that the account's setting gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.vendors.gate import MARGIN, Bucket, Told, count, pace, reset_in, retry_after
from config.accounts import JiraAccount

_PATH = re.compile(r"/rest/(?:api|servicedeskapi|agile)/(.*)$")
_ISSUE = re.compile(r"(?:(?:2|3|latest)/issue|request)/([^/]+-\d+|\d+)(?:/|$)")
_WORD = re.compile(r"[A-Za-z_]+")


class JiraLimits:
    """The limits of one site, as ``app.budget`` asks for them."""

    def __init__(self, account: JiraAccount) -> None:
        self._requests = Bucket("requests", account.requests_per_minute, 60 * MARGIN)
        self._pace = pace(account.requests_per_minute)

    @property
    def wide(self) -> tuple[Bucket, ...]:
        """Requests a minute."""
        return (self._requests,)

    @property
    def ticket(self) -> tuple[tuple[Bucket, int], ...]:
        """One read, and two or three writes."""
        return ((self._requests, 4),)

    @property
    def look(self) -> tuple[tuple[Bucket, int], ...]:
        """The issue with its thread."""
        return ((self._requests, 1),)

    def buckets(self, method: str, path: str) -> tuple[Bucket, ...]:
        """The site's ceiling, the burst of this method at this endpoint, and for a write the issue's two windows."""
        return self._requests, self._pace, _burst(method, path), *_issue(method, path)

    def told(self, method: str, path: str, status: int, headers: Mapping[str, str], now: float) -> tuple[Told, ...]:
        """What ``X-RateLimit-*`` says of the whole site, and for a 429 the bucket that must rest by its reason."""
        lower = {name.lower(): value for name, value in headers.items()}
        left, total = count(lower.get("x-ratelimit-remaining")), count(lower.get("x-ratelimit-limit"))
        resets = reset_in(lower.get("x-ratelimit-reset", ""), now)
        if status == 429:
            reason, wait = lower.get("ratelimit-reason", "").strip().lower(), retry_after(headers)
            if "quota" in reason:  # an hour's points are used up: only the reset brings new ones
                return (Told(self._requests, 0, None, resets if resets is not None else wait),)
            wait = wait if wait is not None else resets
            if "per-issue" in reason and (issue := _issue(method, path)):
                return tuple(Told(bucket, 0, None, wait) for bucket in issue)
            return (Told(_burst(method, path) if "burst" in reason else self._requests, 0, None, wait),)
        return () if left is None else (Told(self._requests, left, total, resets),)


def _burst(method: str, path: str) -> Bucket:
    found = _PATH.search(path)
    words = [part for part in (found[1] if found else "").split("/") if _WORD.fullmatch(part)]
    limit = 50 if method in ("PUT", "DELETE") else 100
    return Bucket("burst", limit, 1 * MARGIN, f"{method} {'/'.join(words)}")


def _issue(method: str, path: str) -> tuple[Bucket, ...]:
    found = _PATH.search(path)
    issue = _ISSUE.match(found[1]) if found else None
    if method in ("GET", "HEAD") or issue is None:
        return ()
    return Bucket("issue", 20, 2 * MARGIN, issue[1]), Bucket("issue_long", 100, 30 * MARGIN, issue[1])
