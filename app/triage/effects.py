"""Actions as data for the ledger, and the test whether a ticket already shows one: that is how an unknown outcome
is settled, by looking, never by sending again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
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
    reply_mark,
)
from app.triage.marks import marks_in
from app.triage.ticket import Comment, Ref, Speaker, Ticket

REPLY = "reply:"
"""Before a reply's reason: its key in ``Context.applied``, whose value is the reply's mark."""

REMINDER = "reminder-"
"""How the reason of a reply begins that reminds the customer."""

REFUSED = "refused:"
"""Before the mark of a clock's step: its key in ``Context.applied``, whose value says why the ticket could not be moved
to the step's status. It is not tried again."""

PROMISED = "promised:"
"""Before a clock's name: its key in ``Context.applied``, whose value is the due time that the customer was told."""

ASKED = "asked:"
"""Before a clock's name: its key in ``Context.applied``, whose value is the mark of the clock's newest step for which
engineering was asked after its issue, or could not be."""

FOLLOWER, LINK = "follower:", "link:"
"""Before a user's id, and before relation and reference: keys in ``Context.applied`` of what is done once. Whom or what
a person took away afterwards stays away; a link that we took away ourselves has no such key any more."""


def to_json(action: Action) -> dict[str, Any]:
    """An action as a JSON object; a note or a reply without its text, because the mark is what identifies it.

    A reply's promise stays: it is the record of what the customer was told (C-29).
    """
    data = asdict(action)
    if isinstance(action, AddNote | Reply):
        del data["text"]
    if isinstance(action, Link | Unlink):
        data |= {"to": str(action.to)} | ({"away": True} if isinstance(action, Unlink) else {})
    if isinstance(action, Reply):
        data["promise"] = action.promise.isoformat() if action.promise else None
    if isinstance(action, SetStatus):
        return {name: value for name, value in data.items() if value}
    return data


def shows(ticket: Ticket, action: Action, alike: int = 0) -> bool:
    """Whether the ticket, as just read, shows the effect of an action that was sent earlier. ``alike`` is how many
    other replies of ours with the same words it shows."""
    match action:
        case SetPriority(value):
            return (ticket.priority or "").casefold() == value.casefold()
        case AddTags(tags):
            return _fold(tags) <= _fold(ticket.tags)
        case RemoveOwnTags(tags):
            return not (_fold(tags) & _fold(ticket.tags))
        case Route(_, team):
            return ticket.group.casefold() == team.casefold()
        case SetFields(values):
            return all((ticket.fields.get(name) or "") == value for name, value in values)
        case SetStatus():
            return ticket.status_name.casefold() in _fold(action.names)
        case Assign(agent):
            return ticket.assignee == agent
        case Unassign(agent):
            return ticket.assignee != agent
        case AddFollowers(people):
            return ticket.followers.issuperset(people)
        case SetType() | Link() | Unlink():
            return _hangs_so(ticket, action)
        case AddNote(_, mark):
            notes = (comment.body for comment in ticket.comments if comment.speaker is Speaker.WORKER)
            return any(mark in marks_in(body) for body in notes)
        case Reply(mark=mark):
            return sum(_said_by_us(comment, {mark}) for comment in ticket.comments) > alike


def _hangs_so(ticket: Ticket, action: SetType | Link | Unlink) -> bool:
    if isinstance(action, SetType):
        return ticket.type == action.value
    return ((action.relation, action.to) in ticket.links) is isinstance(action, Link)


def alike(action: Action, applied: Mapping[str, str]) -> int:
    """How many other replies with the same words were sent: a reminder is said again in the next period."""
    if not isinstance(action, Reply):
        return 0
    own = REPLY + action.reason
    return sum(key.startswith(REPLY) and key != own and mark == action.mark for key, mark in applied.items())


def before(ticket: Ticket, action: Action) -> dict[str, Any]:
    """What the ticket shows where the action will change it, for ``undo``: a value by its name, the tags that will be
    new or gone. Empty where nothing can be put back."""
    match action:
        case SetPriority():
            return {"priority": ticket.priority or ""}
        case Route():
            return {"group": ticket.group}
        case SetFields(values):
            return {"fields": {name: ticket.fields.get(name) or "" for name, _ in values}}
        case SetStatus():
            return {"status": ticket.status_name}
        case Assign() | Unassign():
            return {"assignee": ticket.assignee}
        case SetType() | Link() | Unlink():
            return {"type": ticket.type}
        case AddTags(tags):
            return {"tags": [tag for tag in tags if tag.casefold() not in _fold(ticket.tags)]}
        case RemoveOwnTags(tags):
            return {"tags": [tag for tag in tags if tag.casefold() in _fold(ticket.tags)]}
    return {}


def with_our_replies(ticket: Ticket, applied: Mapping[str, str]) -> Ticket:
    """The ticket with our own replies known as ours: they carry no code by which an adapter could tell them."""
    marks = {mark for key, mark in applied.items() if key.startswith(REPLY)}
    if not marks:
        return ticket
    return replace(
        ticket,
        comments=tuple(
            replace(comment, speaker=Speaker.WORKER) if _said_by_us(comment, marks) else comment
            for comment in ticket.comments
        ),
    )


def _said_by_us(comment: Comment, marks: Collection[str]) -> bool:
    """Whether it is a reply of ours, or its text word for word by a colleague: the customer has read it either way."""
    return comment.public and comment.speaker is not Speaker.CUSTOMER and reply_mark(comment.body) in marks


def applied_after(
    action: Action, applied: Mapping[str, str], own_tags: frozenset[str]
) -> tuple[dict[str, str], frozenset[str]]:
    """What the ticket shows of ours once the action is confirmed: values by field name, and the tags we own."""
    values = dict(applied)
    match action:
        case SetPriority(value):
            values["priority"] = value
        case Route(_, team):
            values["group"] = team
        case SetFields(pairs):
            values.update(pairs)
        case SetStatus(name):
            values["status"] = name
        case Assign(agent):
            values["assignee"] = agent
        case Unassign():
            values["assignee"] = ""
        case AddFollowers(people):
            values.update({FOLLOWER + person: "followed" for person in people})
        case SetType() | Link() | Unlink():
            values = _hung(action, values)
        case AddTags(tags):
            own_tags = own_tags | frozenset(tags)
        case RemoveOwnTags(tags):
            own_tags = own_tags - frozenset(tags)
        case Reply(reason, _, mark, promise, clock):
            values[REPLY + reason] = mark
            if promise and clock:
                values[PROMISED + clock] = promise.isoformat()
    return values, own_tags


def _hung(action: SetType | Link | Unlink, values: Mapping[str, str]) -> dict[str, str]:
    """What is known of ours once a ticket hangs elsewhere; whoever hangs it on a problem makes it an incident."""
    if isinstance(action, SetType):
        return {**values, "type": action.value}
    key = link_key(action.relation, action.to)
    if isinstance(action, Unlink):
        return {name: value for name, value in values.items() if name != key}
    return {**values, key: "linked", **({"type": "incident"} if action.relation == "incident" else {})}


def link_key(relation: str, to: Ref) -> str:
    """The key in ``Context.applied`` of a link that we made."""
    return f"{LINK}{relation}:{to}"


def refused_after(action: Action, applied: Mapping[str, str], reason: str) -> dict[str, str]:
    """What to remember once the vendor or its adapter refused an action: a clock's move is not tried again."""
    if isinstance(action, SetStatus) and action.step:
        return {**applied, REFUSED + action.step: reason}
    return dict(applied)


def turns_clocks(action: Action) -> bool:
    """Whether clocks begin or end by what a clock had us do, so that the ticket wants to be looked at again."""
    if isinstance(action, SetStatus):
        return bool(action.step)
    return isinstance(action, Reply) and action.reason.startswith(REMINDER)


def from_json(kind: str, data: Mapping[str, Any]) -> Action:
    """The action again, from the ledger. A note or a reply comes back without its text."""
    match kind:
        case "set_priority":
            return SetPriority(data["value"])
        case "add_tags":
            return AddTags(tuple(data["tags"]))
        case "remove_own_tags":
            return RemoveOwnTags(tuple(data["tags"]))
        case "route":
            return Route(data["destination"], data["team"])
        case "set_fields":
            return SetFields(tuple((name, value) for name, value in data["values"]))
        case "set_status":
            return SetStatus(data["name"], tuple(data.get("others", ())), data.get("step", ""))
        case "assign" | "unassign":
            return (Assign if kind == "assign" else Unassign)(data["agent"])
        case "add_followers":
            return AddFollowers(tuple(data["people"]))
        case "set_type":
            return SetType(data["value"])
        case "link":
            return (Unlink if data.get("away") else Link)(Ref.parse(data["to"]), data["relation"])
        case "add_note":
            return AddNote("", data["mark"])
        case "reply":
            promise = datetime.fromisoformat(data["promise"]) if data["promise"] else None
            return Reply(data["reason"], "", data["mark"], promise, data.get("clock", ""))
    raise ValueError(f"unknown action kind {kind!r}")


def _fold(tags: Iterable[str]) -> set[str]:
    return {tag.casefold() for tag in tags}
