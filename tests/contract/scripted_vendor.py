"""A vendor in memory that keeps a ticket and can be told to misbehave at a write; for tests of the worker's order of
things. What real vendors do over real sockets is tested end to end against the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from app.errors import TriageError
from app.triage.actions import (
    Action,
    AddNote,
    AddTags,
    Assign,
    Link,
    RemoveOwnTags,
    Reply,
    Route,
    SetFields,
    SetPriority,
    SetType,
    Unlink,
    kind,
)
from app.triage.ticket import Change, Comment, Ref, Speaker, Ticket
from app.vendors import Write

OUR_ID = "99"


class ScriptedVendor:
    """Holds one ticket. ``mishaps`` are used up one a write: an error to raise before or after it, or never."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.fetches = 0
        self.sent: list[Write] = []
        self.mishaps: list[tuple[str, TriageError]] = []
        self.fetch_mishaps: list[TriageError] = []
        self.before_write: Callable[[], None] = lambda: None
        self.cannot: Mapping[str, str] = {}  # kind of action to the reason

    def whoami(self) -> str:
        return OUR_ID

    def fetch(self, ref: Ref) -> Ticket:
        self.fetches += 1
        if self.fetch_mishaps:
            raise self.fetch_mishaps.pop(0)
        return self.ticket

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        possible = tuple(action for action in actions if kind(action) not in self.cannot)
        impossible = {action: self.cannot[kind(action)] for action in actions if kind(action) in self.cannot}
        public = tuple(action for action in possible if isinstance(action, Reply))
        rest = tuple(action for action in possible if action not in public)
        path = f"/tickets/{ticket.ref.id}"
        return tuple(Write("PUT", path, {}, actions) for actions in (rest, public) if actions), impossible

    def send(self, write: Write) -> None:
        self.before_write()
        when, error = self.mishaps.pop(0) if self.mishaps else ("never", None)
        self.sent.append(write)
        if when != "before":
            for action in write.actions:
                self.ticket = applied(self.ticket, action)
        if error is not None and when != "never":
            raise error


def applied(ticket: Ticket, action: Action) -> Ticket:
    """The ticket after one action."""
    later = {"updated_at": ticket.updated_at + timedelta(seconds=1), "version": ticket.version + "+"}
    match action:
        case SetPriority(value):
            change = Change(ticket.updated_at, OUR_ID, "priority", ticket.priority or "", value)
            return replace(ticket, priority=value, history=(*ticket.history, change), **later)
        case AddTags(tags):
            return replace(ticket, tags=ticket.tags | set(tags), **later)
        case RemoveOwnTags(tags):
            return replace(ticket, tags=ticket.tags - set(tags), **later)
        case Route(_, team):
            return replace(ticket, group=team, **later)
        case SetFields(values):
            return replace(ticket, fields={**ticket.fields, **dict(values)}, **later)
        case AddNote(text):
            note = Comment(f"n{len(ticket.comments)}", Speaker.WORKER, text, ticket.updated_at, False, OUR_ID)
            return replace(ticket, comments=(*ticket.comments, note), **later)
        case Reply(text=text):  # a person's public answer, as far as the vendor can tell
            said = Comment(f"r{len(ticket.comments)}", Speaker.AGENT, text, ticket.updated_at, True, OUR_ID)
            return replace(ticket, comments=(*ticket.comments, said), **later)
        case Assign(agent):
            return replace(ticket, assignee=agent, **later)
        case SetType(value):
            return replace(ticket, type=value, **later)
        case Link(to, relation):
            return replace(ticket, type="incident", links=ticket.links | {(relation, to)}, **later)
        case Unlink(to, relation):
            return replace(ticket, links=ticket.links - {(relation, to)}, **later)
    return ticket
