"""Actions as data for the ledger, and the test whether a ticket already shows one: that is how an unknown outcome
is settled, by looking, never by sending again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from app.triage.actions import (
    Action,
    AddNote,
    AddTags,
    RemoveOwnTags,
    Route,
    SetFields,
    SetPriority,
    SetStatus,
)
from app.triage.note import marks_in
from app.triage.ticket import Speaker, Ticket


def to_json(action: Action) -> dict[str, Any]:
    """An action as a JSON object; a note without its text, because the mark is what identifies it."""
    data = asdict(action)
    if isinstance(action, AddNote):
        del data["text"]
    return data


def shows(ticket: Ticket, action: Action) -> bool:
    """Whether the ticket, as just read, shows the effect of an action that was sent earlier."""
    match action:
        case SetPriority(value):
            return ticket.priority is not None and ticket.priority.casefold() == value.casefold()
        case AddTags(tags):
            return _fold(tags) <= _fold(ticket.tags)
        case RemoveOwnTags(tags):
            return not (_fold(tags) & _fold(ticket.tags))
        case Route(_, team):
            return ticket.group.casefold() == team.casefold()
        case SetFields(values):
            return all(ticket.fields.get(name) == value for name, value in values)
        case SetStatus(name):
            return ticket.status_name.casefold() == name.casefold()
        case AddNote(_, mark):
            notes = (comment.body for comment in ticket.comments if comment.speaker is Speaker.WORKER)
            return any(mark in marks_in(body) for body in notes)


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
        case AddTags(tags):
            own_tags = own_tags | frozenset(tags)
        case RemoveOwnTags(tags):
            own_tags = own_tags - frozenset(tags)
        case AddNote():
            pass
    return values, own_tags


def from_json(kind: str, data: Mapping[str, Any]) -> Action:
    """The action again, from the ledger. A note comes back without its text."""
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
            return SetStatus(data["name"])
        case "add_note":
            return AddNote("", data["mark"])
    raise ValueError(f"unknown action kind {kind!r}")


def _fold(tags: Iterable[str]) -> set[str]:
    return {tag.casefold() for tag in tags}
