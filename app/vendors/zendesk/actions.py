"""Actions to the one PUT that carries them all out, and one more for what the customer is told. Pure.

One PUT a ticket, because every one counts against the account's limit of updates a minute; a PUT holds one comment, so
a reply beside a note needs its own. ``tags`` replaces the whole set, so the PUT holds the merged list, and it is a safe
update: Zendesk answers 409 when the ticket is no longer the one we read (``updated_stamp`` must be its exact text; a
reformatted time would lose the race silently).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.triage.actions import (
    Action,
    AddFollowers,
    AddNote,
    AddTags,
    Assign,
    Link,
    RemoveOwnTags,
    Reply,
    Route,
    SetFields,
    SetPriority,
    SetStatus,
    SetType,
    Unassign,
    Unlink,
)
from app.triage.ticket import Ref, Ticket
from app.vendors import Write
from app.vendors.zendesk.markup import note_html
from config.accounts import ZendeskAccount

PRIORITIES = frozenset({"low", "normal", "high", "urgent"})
TYPES = frozenset({"problem", "incident", "question", "task"})
STATUSES = frozenset({"new", "open", "pending", "hold", "solved", "closed"})


@dataclass(frozen=True, slots=True)
class Names:
    """What an account's names stand for, as far as it was read: groups and custom statuses by name in small letters.

    ``types`` are other tickets' types by id, empty for one that we do not see. ``members`` says who is in which group
    (see ``member``).
    """

    groups: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    members: Collection[str] = ()


def path_of(ticket_id: str) -> str:
    """Where a ticket is read and written."""
    return f"/api/v2/tickets/{ticket_id}.json"


def member(agent: str, group_id: object) -> str:
    """How it is written that a user is in a group."""
    return f"{agent}:{group_id}"


def writes(
    ticket: Ticket, actions: Sequence[Action], account: ZendeskAccount, names: Names
) -> tuple[tuple[Write, ...], dict[Action, str]]:
    """The PUTs that are needed, in order, and the actions that cannot be carried out with the reason and its mend."""
    replies = [action for action in actions if isinstance(action, Reply)]
    moves = [action for action in actions if isinstance(action, SetStatus) and action.step]
    rest = [action for action in actions if action not in replies and action not in moves]
    put, impossible = _put(ticket, rest, account, names)
    puts = [put] if put else []
    for move in moves:  # what a form requires of a solved ticket would refuse the note as well
        put, refused = _put(ticket, [move], account, names)
        puts += [replace(put, aside=True)] if put else []
        impossible |= refused
    for reply in replies:
        if ticket.customer_reads:
            puts.append(_write(ticket, {"comment": {"html_body": note_html(reply.text), "public": True}}, [reply]))
        else:
            impossible[reply] = "the ticket began with an internal note: its requester does not know of it"
    return tuple(puts), impossible


def _put(
    ticket: Ticket, actions: Sequence[Action], account: ZendeskAccount, names: Names
) -> tuple[Write | None, dict[Action, str]]:
    changes: dict[str, Any] = {}
    impossible: dict[Action, str] = {}
    for action in sorted(actions, key=lambda one: isinstance(one, Assign)):  # last: it depends on the group
        reason = _change(changes, action, ticket, account, names)
        if reason:
            impossible[action] = reason
    done = [action for action in actions if action not in impossible]
    if set(changes.get("tags", ())) == ticket.tags:
        changes.pop("tags", None)
    return _write(ticket, changes, done) if changes else None, impossible


def _write(ticket: Ticket, changes: Mapping[str, Any], done: Sequence[Action]) -> Write:
    safe = {**changes, "safe_update": True, "updated_stamp": ticket.version}
    return Write("PUT", path_of(ticket.ref.id), {"ticket": safe}, tuple(done))


def _change(changes: dict[str, Any], action: Action, ticket: Ticket, account: ZendeskAccount, names: Names) -> str:
    """Add one action to the changes. Returns why it cannot be done, empty when it can."""
    match action:
        case SetPriority(value):
            return _priority(changes, value)
        case SetStatus():
            return _status(changes, action, names)
        case AddTags(tags):
            changes["tags"] = sorted(set(changes.get("tags", ticket.tags)) | _lower(tags))
        case RemoveOwnTags(tags):
            changes["tags"] = sorted(set(changes.get("tags", ticket.tags)) - _lower(tags))
        case Route(destination, team):
            return _group(changes, destination, team, ticket, account, names)
        case Assign(agent):
            return _assignee(changes, agent, ticket, account, names)
        case Unassign(agent):
            if ticket.assignee == agent:
                changes["assignee_id"] = None
        case AddFollowers(people):
            return _followers(changes, people, ticket, account)
        case SetType() | Unlink() | Link():
            return _hang(changes, action, ticket, names)
        case SetFields(values):
            return _custom_fields(changes, values, account)
        case AddNote(text):
            body = changes.get("comment", {}).get("html_body", "")
            changes["comment"] = {"html_body": body + note_html(text), "public": False}
    return ""


def _hang(changes: dict[str, Any], action: SetType | Unlink | Link, ticket: Ticket, names: Names) -> str:
    match action:
        case SetType(value):
            return _type(changes, value, ticket)
        case Unlink(to):
            if ("incident", to) in ticket.links:
                changes["problem_id"] = None
        case Link(to):
            return _problem(changes, to, ticket, names)
    return ""


def _group(
    changes: dict[str, Any], destination: str, team: str, ticket: Ticket, account: ZendeskAccount, names: Names
) -> str:
    """A group by its name, or none at all for an empty one."""
    if not team:
        changes["group_id"] = None
        return ""
    if team.casefold() not in names.groups:
        return (
            f"no group named {team!r} that our user sees; create it, or name yours in "
            f'{_setting(account, "GROUPS")}={{"{destination}": "..."}}'
        )
    if ticket.group.casefold() != team.casefold():
        changes["group_id"] = names.groups[team.casefold()]
    return ""


def _status(changes: dict[str, Any], action: SetStatus, names: Names) -> str:
    """The first that is one of the six, which move the ticket to the default status of that category, or a custom one
    by its label."""
    for name in action.names:
        if name.lower() in STATUSES:
            changes["status"] = name.lower()
            return ""
        if name.casefold() in names.statuses:
            changes["custom_status_id"] = names.statuses[name.casefold()]
            return ""
    wrong, known = " or ".join(map(repr, action.names)), ", ".join(sorted(STATUSES))
    return f"{wrong} is no status at Zendesk; mend the policy: {known}, or an active custom status's agent label"


def _assignee(changes: dict[str, Any], agent: str, ticket: Ticket, account: ZendeskAccount, names: Names) -> str:
    """Who is not in the ticket's group would be refused (422), and with that everything else in the request."""
    if not agent.isdecimal():
        return f"{agent!r} is no Zendesk user id; give ids in {_setting(account, 'AGENTS')}"
    if ticket.assignee == agent and "assignee_id" not in changes:
        return ""
    group = changes.get("group_id") or names.groups.get(ticket.group.casefold())
    mine = [one for one in names.members if one.startswith(member(agent, ""))]
    if not mine or (group and member(agent, group) not in mine):
        where = f"group {group}" if group else "any group"
        return f"user {agent} is not in {where}; add them there, or mend {_setting(account, 'AGENTS')}"
    changes["assignee_id"] = int(agent)
    return ""


def _followers(changes: dict[str, Any], people: Sequence[str], ticket: Ticket, account: ZendeskAccount) -> str:
    """Ids are text here, as Zendesk describes it, though everywhere else they are numbers."""
    wrong = [person for person in people if not person.isdecimal()]
    if wrong:
        return f"{wrong[0]!r} is no Zendesk user id; give ids in {_setting(account, 'PEOPLE')}"
    missing = [person for person in people if person not in ticket.followers]
    if missing:
        changes.setdefault("followers", []).extend({"user_id": person, "action": "put"} for person in missing)
    return ""


def _problem(changes: dict[str, Any], to: Ref, ticket: Ticket, names: Names) -> str:
    """A problem and its incidents are the only link that Zendesk has. What it would refuse (422), and with it all else
    in the same request, is not sent."""
    if ("incident", to) in ticket.links:
        return ""
    if (to.vendor, to.account) != (ticket.ref.vendor, ticket.ref.account) or to == ticket.ref:
        return f"{to} is no other ticket of this account"
    if names.types.get(to.id) != "problem":
        return f"{to} is no problem that our user sees, and Zendesk links a ticket to nothing else"
    if changes.get("type", ticket.type) == "problem":
        return "the ticket is a problem itself"
    if ticket.links and "problem_id" not in changes:
        return "the ticket is an incident of another problem already"
    changes["type"], changes["problem_id"] = "incident", int(to.id)
    return ""


def _type(changes: dict[str, Any], value: str, ticket: Ticket) -> str:
    """One of the four, or none at all for an empty one. A problem stays one while incidents hang on it: they would lose
    their link."""
    if ticket.native.get("has_incidents") and value != "problem":
        return "other tickets are incidents of it"
    if value and value not in TYPES:
        return f"{value!r} is no type of a ticket at Zendesk: {', '.join(sorted(TYPES))}"
    if value != ticket.type:
        changes["type"] = value or None
    return ""


def _priority(changes: dict[str, Any], value: str) -> str:
    """One of the four, or none at all for an empty one."""
    if value and value.lower() not in PRIORITIES:
        return f"{value!r} is no priority at Zendesk; mend the policy: {', '.join(sorted(PRIORITIES))}"
    changes["priority"] = value.lower() or None
    return ""


def _custom_fields(changes: dict[str, Any], values: tuple[tuple[str, str], ...], account: ZendeskAccount) -> str:
    unknown = [name for name, _ in values if not account.fields.get(name, "").isdecimal()]
    if unknown:
        return (
            f"no field id for {', '.join(unknown)}; give it in "
            f'{_setting(account, "FIELDS")}={{"{unknown[0]}": "360001"}}'
        )
    changes.setdefault("custom_fields", []).extend(
        {"id": int(account.fields[name]), "value": value or None} for name, value in values
    )
    return ""


def _lower(tags: Sequence[str]) -> set[str]:
    return {tag.lower() for tag in tags}


def _setting(account: ZendeskAccount, name: str) -> str:
    return f"TRIAGE_ZENDESK__{account.name.upper()}__{name}"
