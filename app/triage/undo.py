"""Taking back what was written: a value that the ticket still shows as ours goes back to what stood there before, our
tags go, those that we removed return. What a person changed since stays theirs, and what was said cannot be unsaid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from app.triage.actions import (
    Action,
    AddFollowers,
    AddNote,
    AddTags,
    Assign,
    Link,
    Relation,
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
from app.triage.intents import intent
from app.triage.marks import mark_of
from app.triage.ticket import Ref, Status, Ticket

_FIELD = "field "
_RELATIONS: Mapping[str, Relation] = {one: one for one in get_args(Relation)}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of ours, from the ledger. ``before`` is what the ticket showed (see ``effects.before``)."""

    key: str
    action: Action
    before: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Undoing:
    """The actions that take the changes back, and what stays, with the reason. ``keys`` are those of the changes that
    are then taken back."""

    actions: tuple[Action, ...] = ()
    left: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def back(self) -> tuple[str, ...]:
        """What is taken back, in words."""
        return tuple(map(_words, self.actions))

    def without(self, impossible: Mapping[Action, str]) -> Undoing:
        """The same without what the vendor cannot do, which is named instead."""
        told = tuple(f"{_words(action)}: not possible, {reason}" for action, reason in impossible.items())
        actions = tuple(action for action in self.actions if action not in impossible)
        return Undoing(actions, (*self.left, *told), () if impossible else self.keys)


@dataclass(slots=True)
class _Slots:
    """The ticket as it will be: values by name, tags by their folded spelling, what it hangs on, and the names that are
    left alone."""

    values: dict[str, str]
    tags: dict[str, str]
    links: set[tuple[str, Ref]]
    clearing: bool
    theirs: set[str] = field(default_factory=set)


def undo(ticket: Ticket, changes: Sequence[Change], *, clearing: bool = True) -> Undoing:
    """How to take changes of one ticket back; ``changes`` are the newest first. Without ``clearing`` no value is made
    empty again: not every vendor and field takes that."""
    if ticket.status is Status.CLOSED:
        return Undoing(left=("the ticket is closed, and nothing can be changed any more",))
    shown = _shown(ticket)
    slots = _Slots(dict(shown), {tag.casefold(): tag for tag in ticket.tags}, set(ticket.links), clearing)
    left: list[str] = []
    keys = []
    for change in changes:
        reasons = list(_take_back(change, ticket, slots))
        left += reasons
        keys += [] if reasons else [change.key]
    return Undoing(tuple(_actions(ticket, shown, slots)), tuple(dict.fromkeys(left)), tuple(keys))


def note_of(undoing: Undoing, undo_id: str, ticket: Ticket) -> AddNote:
    """The internal note that says what was taken back."""
    mark = mark_of(f"{ticket.ref} {undo_id}")
    paragraphs = ["\n".join(("An admin took back what Firstline had changed:", *(f"- {one}" for one in undoing.back)))]
    if undoing.left:
        paragraphs.append("\n".join(("This stays as it is:", *(f"- {one}" for one in undoing.left))))
    paragraphs.append(f"Firstline undo {mark} · {undo_id}")
    return AddNote("\n\n".join(paragraphs), mark)


def clears(undoing: Undoing) -> bool:
    """Whether it makes a value empty."""
    for action in undoing.actions:
        match action:
            case SetPriority("") | Route(_, "") | SetType(""):
                return True
            case SetFields(values) if not all(value for _, value in values):
                return True
    return False


def _shown(ticket: Ticket) -> dict[str, str]:
    values = {"priority": ticket.priority or "", "group": ticket.group, "status": ticket.status_name}
    values |= {"assignee": ticket.assignee, "type": ticket.type}
    return values | {_FIELD + name: value or "" for name, value in ticket.fields.items()}


def _take_back(change: Change, ticket: Ticket, slots: _Slots) -> Iterator[str]:
    """Put the slots back as they were before one change; gives a reason for what stays."""
    match change.action:
        case AddTags(tags):
            for tag in change.before.get("tags", tags):
                slots.tags.pop(tag.casefold(), None)
        case RemoveOwnTags(tags):
            for tag in change.before.get("tags", tags):
                slots.tags.setdefault(tag.casefold(), tag)
        case Link(to, relation) if relation != "relates":
            yield from _unlinked(change, (relation, to), ticket, slots)
        case Unlink(to, relation):
            slots.links.add((relation, to))
        case AddNote() | Reply() | Link() | AddFollowers() as action:
            yield f"cannot be taken back: {intent(action)}"
        case Route() if ticket.ref.vendor == "jira":
            pass  # an issue has no group of its own: its label goes with the tags
        case SetStatus() as action:
            shown = slots.values["status"].casefold()
            ours = next((name for name in action.names if name.casefold() == shown), action.name)
            yield from _restore("status", ours, _before(change, "status"), slots)
        case action:
            for name, ours in _ours(action):
                yield from _restore(name, ours, _before(change, name), slots)


def _unlinked(change: Change, link: tuple[str, Ref], ticket: Ticket, slots: _Slots) -> Iterator[str]:
    """Take a link of ours away, and give a Zendesk ticket back the type that it had before it became an incident."""
    if link in slots.links:
        slots.links.discard(link)
        if ticket.ref.vendor == "zendesk":
            yield from _restore("type", "incident", _before(change, "type"), slots)


def _ours(action: Action) -> list[tuple[str, str]]:
    match action:
        case SetPriority(value):
            return [("priority", value)]
        case Route(_, team):
            return [("group", team)]
        case Assign(agent):
            return [("assignee", agent)]
        case Unassign():
            return [("assignee", "")]
        case SetType(value):
            return [("type", value)]
        case SetFields(values):
            return [(_FIELD + name, value) for name, value in values]
    return []


def _before(change: Change, name: str) -> str | None:
    if name.startswith(_FIELD):
        value = change.before.get("fields", {}).get(name.removeprefix(_FIELD))
    else:
        value = change.before.get(name)
    return value if value is None else str(value)


def _restore(name: str, ours: str, before: str | None, slots: _Slots) -> Iterator[str]:
    shown = slots.values.get(name, "")
    if name in slots.theirs or before is None or shown.casefold() not in (ours.casefold(), before.casefold()):
        slots.theirs.add(name)
        yield f"the {name}: " + ("what stood there before is not known" if before is None else _theirs(shown))
    elif shown and not before and not slots.clearing:
        slots.theirs.add(name)
        yield f"the {name}: it was empty, and cannot be made so again"
    else:
        slots.values[name] = before


def _theirs(shown: str) -> str:
    return f"somebody has set it to {shown} since" if shown else "somebody has cleared it since"


def _actions(ticket: Ticket, shown: Mapping[str, str], slots: _Slots) -> Iterator[Action]:
    changed = {name: value for name, value in slots.values.items() if value != shown[name]}
    if "priority" in changed:
        yield SetPriority(changed["priority"])
    there = {tag.casefold() for tag in ticket.tags}
    if back := tuple(sorted(tag for folded, tag in slots.tags.items() if folded not in there)):
        yield AddTags(back)
    if gone := tuple(sorted(tag for tag in ticket.tags if tag.casefold() not in slots.tags)):
        yield RemoveOwnTags(gone)
    if fields := tuple((name[len(_FIELD) :], value) for name, value in changed.items() if name.startswith(_FIELD)):
        yield SetFields(fields)
    if "group" in changed:
        yield Route("", changed["group"])
    if "assignee" in changed:
        yield Assign(changed["assignee"]) if changed["assignee"] else Unassign(ticket.assignee)
    if "status" in changed:
        yield SetStatus(changed["status"])
    if "type" in changed:
        yield SetType(changed["type"])
    for relation, to in sorted(ticket.links - slots.links):
        yield Unlink(to, _RELATIONS[relation])
    for relation, to in sorted(slots.links - ticket.links):
        yield Link(to, _RELATIONS[relation])


def _words(action: Action) -> str:
    """An undoing's action in words; ``intent`` would say "set the priority to " and nothing where it was empty."""
    match action:
        case SetPriority(""):
            return "the priority is empty again"
        case Route(_, ""):
            return "it is in nobody's queue again"
        case SetFields(values):
            return ", ".join(f"{name} is {value or 'empty'} again" for name, value in values)
        case SetPriority(value):
            return f"the priority is {value} again"
        case Route(_, team):
            return f"it is in the queue of {team} again"
        case AddTags(tags):
            return f"the tags {', '.join(tags)} are back"
        case RemoveOwnTags(tags):
            return f"the tags {', '.join(tags)} are gone"
        case Assign(agent):
            return f"user {agent} has it again"
        case Unassign():
            return "nobody has it again"
        case SetStatus(name) | SetType(name):
            return f"it is {name or 'of no type'} again"
        case Unlink(to) | Link(to):
            return f"its link to {to} is {'gone' if isinstance(action, Unlink) else 'back'}"
    return intent(action)
