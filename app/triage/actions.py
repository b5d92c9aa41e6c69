"""What ``plan`` may ask for. Each action is a difference between the decision and what the ticket shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.triage.folding import fold
from app.triage.marks import mark_of
from app.triage.ticket import Ref


@dataclass(frozen=True, slots=True)
class SetPriority:
    """``value`` is the vendor's own word, from the policy's priority map (C-16)."""

    value: str


@dataclass(frozen=True, slots=True)
class AddTags:
    """Zendesk tags or Jira labels to add; what is there stays."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveOwnTags:
    """Tags that we added ourselves and that no longer hold."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Put the ticket in a team's queue. ``team`` is the group's name at the vendor."""

    destination: str
    team: str


@dataclass(frozen=True, slots=True)
class SetFields:
    """Custom fields by our names, as (name, value) pairs; the vendor's adapter knows their ids."""

    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Move the ticket to a status by the vendor's name for it: to ``name``, or the first of ``others`` that is
    available where that is not. ``step`` is the mark of the clock's step that asks for it, empty where none does."""

    name: str
    others: tuple[str, ...] = ()
    step: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, the one that is wanted first."""
        return (self.name, *self.others)


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a ticket that nobody holds to a person: ``agent`` is the user's id at the vendor."""

    agent: str


@dataclass(frozen=True, slots=True)
class Unassign:
    """Take off the person who holds the ticket, because another team takes it over (S4-86)."""

    agent: str


@dataclass(frozen=True, slots=True)
class AddFollowers:
    """Let people follow the ticket (followers at Zendesk, watchers at Jira): their user ids at the vendor."""

    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetType:
    """Change the kind of ticket, by the vendor's word for it (``problem``, at Zendesk alone)."""

    value: str


Relation = Literal["incident", "duplicate", "relates"]
"""How a ticket hangs on another: an incident of a problem, a repetition, or merely related."""


@dataclass(frozen=True, slots=True)
class Link:
    """Hang the ticket on another one of the same account."""

    to: Ref
    relation: Relation


@dataclass(frozen=True, slots=True)
class Unlink:
    """Take a link away that we made. In one plan with a ``Link`` it comes first: the ticket changes its place."""

    to: Ref
    relation: Relation


@dataclass(frozen=True, slots=True)
class AddNote:
    """An internal note (never public). ``mark`` identifies it in the thread, so that a re-run finds it.

    ``text`` is plain text: paragraphs part by an empty line, ``- `` starts a list item, and a line that starts with
    ``> `` is a customer's words, quoted: the adapter must show those literally.
    """

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A public answer to the customer; sent once per ``reason`` for ever (``ack``, ``known-issue``, ``escalated-L2``).

    ``text`` has the shape of a note's, but nothing in it is a code (S4-08): it is found again by ``mark``, made
    of its letters and digits alone (see ``reply_mark``). ``promise`` is the moment, UTC, until which the customer was
    told to hear from us, None where nothing was promised (S0-71), ``clock`` the clock whose due time that is.
    """

    reason: str
    text: str
    mark: str
    promise: datetime | None = None
    clock: str = ""


Action = (
    SetPriority
    | AddTags
    | RemoveOwnTags
    | Route
    | SetFields
    | SetStatus
    | Assign
    | Unassign
    | AddFollowers
    | SetType
    | Unlink
    | Link
    | AddNote
    | Reply
)


def kind(action: Action) -> str:
    """The word for metrics, logs and the ledger: ``set_priority``, ``add_tags`` ..."""
    return _KINDS[type(action)]


def effect_key(ref: Ref, action: Action, decision_hash: str) -> str:
    """A unique key for the ledger: the same action for the same outcome is the same effect, however often planned.

    A note counts by its mark, a reply by its reason alone: whatever is decided later, it is not said again. A link
    counts by what it links, a move to a status by the step of a clock that asks for it.
    """
    if isinstance(action, Link | Unlink):
        return f"{ref}:{'link' if isinstance(action, Link) else 'unlink'}:{action.relation}:{action.to}"
    if isinstance(action, AddNote):
        return f"{ref}:note:{action.mark}"
    if isinstance(action, Reply):
        return f"{ref}:reply:{action.reason}"
    if isinstance(action, SetStatus) and action.step:
        return f"{ref}:set_status:{action.step}"
    return f"{ref}:{kind(action)}:{decision_hash}"


def reply_mark(text: str) -> str:
    """Twelve hex digits over a text's letters and digits: vendors write the rest anew (spaces, quotes, bullets, links),
    so this is by what a reply of ours is known again in the thread."""
    said = "".join(filter(str.isalnum, fold(text)[0]))
    return mark_of(said)


_KINDS: dict[type, str] = {
    SetPriority: "set_priority",
    AddTags: "add_tags",
    RemoveOwnTags: "remove_own_tags",
    Route: "route",
    SetFields: "set_fields",
    SetStatus: "set_status",
    Assign: "assign",
    Unassign: "unassign",
    AddFollowers: "add_followers",
    SetType: "set_type",
    Unlink: "link",
    Link: "link",
    AddNote: "add_note",
    Reply: "reply",
}

KINDS = tuple(dict.fromkeys(_KINDS.values()))
"""The words for all kinds of action. A link that is made and one that is taken away are one kind: who switches linking
off wants neither."""
