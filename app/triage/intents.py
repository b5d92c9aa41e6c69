"""An action in words, to follow "would": for the note of assist mode, for ``triage explain`` and the board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

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
from app.triage.effects import REMINDER, from_json

_OTHERS = {
    "message": "send a message to engineering",
    "issue": "make an issue for engineering",
    "page": "page on-call",
    "nudge": "ask engineering on its issue how far it is",
}


def intent(action: Action) -> str:
    """``set the priority to high``; never a customer's words."""
    match action:
        case SetPriority(value):
            return f"set the priority to {value}"
        case AddTags(tags):
            return f"add {_tags(tags)}"
        case RemoveOwnTags(tags):
            return f"remove {_tags(tags)}"
        case Route(_, team):
            return f"put it in the queue of {team}"
        case SetFields(values):
            return "set " + ", ".join(f"{name} to {value}" for name, value in values)
        case SetStatus(name):
            return f"move it to {name}"
        case Assign(agent):
            return f"give it to user {agent}"
        case Unassign(agent):
            return f"take user {agent} off it"
        case AddFollowers(people):
            return f"let user {', '.join(people)} follow it"
        case SetType() | Link() | Unlink():
            return _hanging(action)
        case AddNote():
            return "write an internal note"
        case Reply(reason):
            return "remind the customer" if reason.startswith(REMINDER) else f"answer the customer ({reason})"
    assert_never(action)


def _hanging(action: SetType | Link | Unlink) -> str:
    match action:
        case SetType(value):
            return f"make its type {value}"
        case Link(to, relation):
            return f"link it to {to} ({relation})"
        case Unlink(to, relation):
            return f"take its link to {to} away ({relation})"


def intent_of(kind: str, data: Mapping[str, Any]) -> str:
    """The same for an effect of the ledger."""
    if kind in _OTHERS:
        return _OTHERS[kind]
    return intent(from_json(kind, data))


def _tags(tags: tuple[str, ...]) -> str:
    return f"the tag{'s' if len(tags) > 1 else ''} {', '.join(tags)}"
