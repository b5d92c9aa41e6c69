"""A page of the incremental export as changes (Zendesk: "Incremental exports, cursor-based"). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.triage.ticket import Ref
from app.vendors import Change, Changes
from app.vendors.delivery import instant
from app.vendors.zendesk.payload import TICKET_ID

PATH = "/api/v2/incremental/tickets/cursor.json"


def asked(since: datetime, cursor: str, now: float) -> dict[str, str]:
    """What to ask for: what follows the cursor, else what changed since, which must be a minute ago at least."""
    return {"cursor": cursor} if cursor else {"start_time": str(int(min(since.timestamp(), now - 61)))}


def changes_of(page: Mapping[str, Any], account: str, cursor: str) -> Changes:
    """The page's tickets, deleted ones among them. A page that leads nowhere but to itself is the last."""
    after = str(page.get("after_cursor") or cursor)
    more = page.get("end_of_stream") is False and after != cursor
    found = (_change(one, account) for one in page.get("tickets") or ())
    return Changes(tuple(change for change in found if change), after, more)


def _change(one: Mapping[str, Any], account: str) -> Change | None:
    number, version = str(one.get("id")), str(one.get("updated_at") or "")
    at = instant(version)
    if not TICKET_ID.fullmatch(number):
        return None
    gone = str(one.get("status")).lower() == "deleted"
    return Change(Ref("zendesk", account, number), version, at or datetime.fromtimestamp(0, UTC), gone)
