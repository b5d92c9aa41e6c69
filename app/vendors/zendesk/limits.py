"""Zendesk's limits, as its "Rate limits" page gives them: which of them a request falls under, and what an answer's
headers say. Three families of headers are about, in several spellings, all met on real accounts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.vendors.gate import MARGIN, Bucket, Told, count, pace, reset_in, retry_after
from config.accounts import ZendeskAccount

_PATH = re.compile(r"/api/v2/(.*?)(?:\.json)?/?$")
_TICKET = re.compile(r"tickets/(\d+)(?:/|$)")
_GENERAL = re.compile(r"(?:x-)?rate-?limit(?:-(limit|remaining|reset))?")
_ENDPOINT = re.compile(r"zendesk-rate-?limit-(.+)")
_NAMED = (("per-ticket", "ticket"), ("update", "updates"), ("search", "search_exports"), ("export", "exports"),
          ("incremental", "exports"))  # fmt: skip
_PART = re.compile(r"\b(total|remaining|resets)=(\d{1,9})(?!\d)")


class ZendeskLimits:
    """The limits of one account, as ``app.budget`` asks for them."""

    def __init__(self, account: ZendeskAccount) -> None:
        self._requests = Bucket("requests", account.requests_per_minute, 60 * MARGIN)
        self._pace = pace(account.requests_per_minute)
        self._updates = Bucket("updates", account.updates_per_minute, 60 * MARGIN)
        self._exports = Bucket("exports", 10, 60 * MARGIN)
        self._search_exports = Bucket("search_exports", 100, 60 * MARGIN)

    @property
    def wide(self) -> tuple[Bucket, ...]:
        """Requests, ticket updates and exports a minute."""
        return self._requests, self._updates, self._exports

    @property
    def ticket(self) -> tuple[tuple[Bucket, int], ...]:
        """Two reads, one or two updates."""
        return (self._updates, 1), (self._requests, 3)

    @property
    def look(self) -> tuple[tuple[Bucket, int], ...]:
        """The ticket and its thread."""
        return ((self._requests, 2),)

    def buckets(self, method: str, path: str) -> tuple[Bucket, ...]:
        """Every request counts for the account; a ticket's update for the account and for the ticket besides."""
        endpoint = self._endpoint(method, path)
        return (self._requests, self._pace, *endpoint)

    def told(self, method: str, path: str, status: int, headers: Mapping[str, str], now: float) -> tuple[Told, ...]:
        """What the headers say, and for a 429 the bucket that must rest: the one that a header shows used up, else the
        endpoint's own, else the account's. A ticket's own limit is never taken for the account's."""
        lower = {name.lower(): value for name, value in headers.items()}
        endpoint = self._endpoint(method, path)
        said = [*self._of_account(lower, now), *_of_endpoint(lower, endpoint)]
        if status == 429:
            wait = retry_after(headers)
            used_up = [told.bucket for told in said if told.left == 0] or [next(iter(endpoint), self._requests)]
            said = [told for told in said if told.left] + [Told(bucket, 0, None, wait) for bucket in used_up]
        return tuple(said)

    def _endpoint(self, method: str, path: str) -> tuple[Bucket, ...]:
        found = _PATH.search(path)
        name = found[1] if found else ""
        if name.startswith("incremental/"):
            return (self._exports,)
        if name == "search/export":
            return (self._search_exports,)
        if method in ("GET", "HEAD"):
            return ()
        if name in ("tickets/update_many", "tickets/destroy_many"):  # unverified whether it counts; so it does
            return (self._updates,)
        ticket = _TICKET.match(name)
        return (self._updates, Bucket("ticket", 30, 600 * MARGIN, ticket[1])) if ticket else ()

    def _of_account(self, lower: Mapping[str, str], now: float) -> list[Told]:
        parts: dict[str, str] = {}
        for name, value in lower.items():
            if found := _GENERAL.fullmatch(name):
                parts[found[1] or "limit"] = value
        left = count(parts.get("remaining"))
        if left is None:
            return []
        return [Told(self._requests, left, count(parts.get("limit")), reset_in(parts.get("reset", ""), now))]


def _of_endpoint(lower: Mapping[str, str], endpoint: tuple[Bucket, ...]) -> list[Told]:
    """``zendesk-rate-limit-tickets-update: total=20; remaining=19; resets=59`` and its sisters."""
    said = []
    for name, value in lower.items():
        found, parts = _ENDPOINT.fullmatch(name), dict(_PART.findall(value))
        if found is None or "remaining" not in parts:
            continue
        meant = next((bucket for word, bucket in _NAMED if word in found[1]), "")
        bucket = next((one for one in endpoint if one.name == meant), None)
        if bucket is not None:
            resets = float(parts["resets"]) if "resets" in parts else None
            said.append(Told(bucket, int(parts["remaining"]), count(parts.get("total")), resets))
    return said
