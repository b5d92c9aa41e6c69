"""Actions to the one PUT that carries them all out, and one more for what the customer is told. Pure.

One PUT a ticket, because every one counts against the account's limit of updates a minute; a PUT holds one comment, so
a reply beside a note needs its own. ``tags`` replaces the whole set, so the PUT holds the merged list, and it is a safe
update: Zendesk answers 409 when the ticket is no longer the one we read (``updated_stamp`` must be its exact text; a
reformatted time would lose the race silently).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.triage.actions import Action, AddNote, AddTags, RemoveOwnTags, Reply, Route, SetFields, SetPriority, SetStatus
from app.triage.ticket import Ticket
from app.vendors import Write
from app.vendors.zendesk.markup import note_html
from config.settings import ZendeskAccount

PRIORITIES = frozenset({"low", "normal", "high", "urgent"})
STATUSES = frozenset({"new", "open", "pending", "hold", "solved", "closed"})


def path_of(ticket_id: str) -> str:
    """Where a ticket is read and written."""
    return f"/api/v2/tickets/{ticket_id}.json"


def writes(
    ticket: Ticket, actions: Sequence[Action], account: ZendeskAccount, group_ids: Mapping[str, int]
) -> tuple[tuple[Write, ...], dict[Action, str]]:
    """The PUTs that are needed, in order, and the actions that cannot be carried out with the reason and its mend."""
    replies = [action for action in actions if isinstance(action, Reply)]
    put, impossible = _put(ticket, [action for action in actions if not isinstance(action, Reply)], account, group_ids)
    puts = [put] if put else []
    for reply in replies:
        if ticket.customer_reads:
            puts.append(_write(ticket, {"comment": {"html_body": note_html(reply.text), "public": True}}, [reply]))
        else:
            impossible[reply] = "the ticket began with an internal note: its requester does not know of it"
    return tuple(puts), impossible


def _put(
    ticket: Ticket, actions: Sequence[Action], account: ZendeskAccount, group_ids: Mapping[str, int]
) -> tuple[Write | None, dict[Action, str]]:
    changes: dict[str, Any] = {}
    done: list[Action] = []
    impossible: dict[Action, str] = {}
    for action in actions:
        reason = _change(changes, action, ticket, account, group_ids)
        if reason:
            impossible[action] = reason
        else:
            done.append(action)
    if set(changes.get("tags", ())) == ticket.tags:
        changes.pop("tags", None)
    return _write(ticket, changes, done) if changes else None, impossible


def _write(ticket: Ticket, changes: Mapping[str, Any], done: Sequence[Action]) -> Write:
    safe = {**changes, "safe_update": True, "updated_stamp": ticket.version}
    return Write("PUT", path_of(ticket.ref.id), {"ticket": safe}, tuple(done))


def _change(
    changes: dict[str, Any], action: Action, ticket: Ticket, account: ZendeskAccount, group_ids: Mapping[str, int]
) -> str:
    """Add one action to the changes. Returns why it cannot be done, empty when it can."""
    match action:
        case SetPriority(""):
            changes["priority"] = None
        case SetPriority(value):
            return _one_of(changes, "priority", value, PRIORITIES)
        case SetStatus(name):
            return _one_of(changes, "status", name, STATUSES)
        case AddTags(tags):
            changes["tags"] = sorted(set(changes.get("tags", ticket.tags)) | _lower(tags))
        case RemoveOwnTags(tags):
            changes["tags"] = sorted(set(changes.get("tags", ticket.tags)) - _lower(tags))
        case Route(_, ""):
            changes["group_id"] = None
        case Route(destination, team):
            if team.casefold() not in group_ids:
                return (
                    f"no group named {team!r} that our user sees; create it, or name yours in "
                    f'TRIAGE_ZENDESK__{account.name.upper()}__GROUPS={{"{destination}": "..."}}'
                )
            if ticket.group.casefold() != team.casefold():
                changes["group_id"] = group_ids[team.casefold()]
        case SetFields(values):
            return _custom_fields(changes, values, account)
        case AddNote(text):
            body = changes.get("comment", {}).get("html_body", "")
            changes["comment"] = {"html_body": body + note_html(text), "public": False}
    return ""


def _one_of(changes: dict[str, Any], field: str, value: str, known: frozenset[str]) -> str:
    if value.lower() not in known:
        return f"{value!r} is no {field} at Zendesk; mend the policy: {', '.join(sorted(known))}"
    changes[field] = value.lower()
    return ""


def _custom_fields(changes: dict[str, Any], values: tuple[tuple[str, str], ...], account: ZendeskAccount) -> str:
    unknown = [name for name, _ in values if not account.fields.get(name, "").isdecimal()]
    if unknown:
        return (
            f"no field id for {', '.join(unknown)}; give it in "
            f'TRIAGE_ZENDESK__{account.name.upper()}__FIELDS={{"{unknown[0]}": "360001"}}'
        )
    changes.setdefault("custom_fields", []).extend(
        {"id": int(account.fields[name]), "value": value or None} for name, value in values
    )
    return ""


def _lower(tags: Sequence[str]) -> set[str]:
    return {tag.lower() for tag in tags}
