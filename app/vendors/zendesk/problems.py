"""Problem tickets as known issues (Zendesk: "List Ticket Problems"). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.triage.known_issues.sources import SourceIssue
from app.triage.ticket import Ref
from app.vendors.zendesk.payload import TICKET_ID
from config.accounts import ZendeskAccount

PATH = "/api/v2/problems.json"
MOST = 300
"""Problem tickets of an account that are read."""

_OVER = ("solved", "closed")


def problem(raw: Mapping[str, Any], account: ZendeskAccount) -> SourceIssue | None:
    """One of them; None for what is no ticket, or a deleted one."""
    number, status = str(raw.get("id")), str(raw.get("status")).lower()
    if not TICKET_ID.fullmatch(number) or status == "deleted":
        return None
    ref = Ref("zendesk", account.name, number)
    values = {str(one.get("id")): one.get("value") for one in raw.get("custom_fields") or ()}
    fields = {name: str(values.get(field_id) or "") for name, field_id in account.fields.items()}
    return SourceIssue(
        source="zendesk",
        key=str(ref),
        id=number,
        ref=ref,
        title=str(raw.get("subject") or ""),
        text=str(raw.get("description") or ""),
        url=f"{account.base_url}/agent/tickets/{number}",
        labels=tuple(map(str, raw.get("tags") or ())),
        done=status in _OVER,
        area=fields.get("area", ""),
        workaround=fields.get("workaround", ""),
        fix_versions=tuple(filter(None, (fields.get("fix_version", ""),))),
    )
