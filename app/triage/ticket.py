"""What the worker reads: a ticket with its whole thread, in one shape for every vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

VendorName = Literal["zendesk", "jira"]
VENDORS: tuple[VendorName, ...] = ("zendesk", "jira")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """Names one ticket: ``zendesk:acme:4711`` or ``jira:acme:SUP-7``. It is the whole content of a queue message."""

    vendor: VendorName
    account: str
    id: str

    def __str__(self) -> str:
        return f"{self.vendor}:{self.account}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read ``vendor:account:id``. Raises ValueError that names what is wrong."""
        parts = text.split(":")
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"{text!r} is not vendor:account:id, such as zendesk:acme:4711")
        vendor, account, ticket_id = parts
        for known in VENDORS:
            if vendor == known:
                return cls(known, account, ticket_id)
        raise ValueError(f"{vendor!r} is not a vendor; known: {', '.join(VENDORS)}")


class Speaker(StrEnum):
    """Who wrote a comment. WORKER is this product: our account, and our mark in the text."""

    CUSTOMER = "customer"
    AGENT = "agent"
    WORKER = "worker"


class Status(StrEnum):
    """A ticket's status, in the words both vendors can be mapped to."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    SOLVED = "solved"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Comment:
    """One message after the first. ``body`` is plain text; ``at`` is UTC; not ``public`` means agents only;
    ``attachments`` are names: nothing that hangs on a ticket is ever fetched. ``links`` are web addresses that stand
    behind its words and not in them, where the vendor tells."""

    id: str
    speaker: Speaker
    body: str
    at: datetime
    public: bool = True
    author_id: str = ""
    attachments: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


ChangedField = Literal["status", "assignee", "group", "priority", "tags"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a ticket: at an instant (UTC), by a user id, which is empty where a rule of the vendor's did it or
    the vendor does not tell.

    ``old`` and ``new`` are what the ticket shows in that place, empty for nothing: a status as ``Ticket.status_name``
    has it, an assignee's user id, a group's name (its id where no name is known), the vendor's word for a priority,
    tags in order with one space between. ``status`` is what the new status means, None for the other fields.
    """

    at: datetime
    by: str
    field: ChangedField
    old: str
    new: str
    status: Status | None = None

    @property
    def put_on(self) -> frozenset[str]:
        """The tags that it put on, in small letters; none for a change of another field."""
        if self.field != "tags":
            return frozenset()
        return frozenset(self.new.casefold().split()) - frozenset(self.old.casefold().split())


@dataclass(frozen=True, slots=True)
class Customer:
    """The requester. No e-mail address: nothing here needs one. ``strategic`` is the organization's own flag."""

    id: str = ""
    name: str = ""
    organization_id: str = ""
    organization: str = ""
    tier: str = ""
    strategic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as the vendor showed it at one moment.

    ``body`` is the first message and ``comments`` the later ones, oldest first. ``priority`` is the vendor's own word
    (``urgent``, ``High``) or None.
    ``fields`` holds the configured custom fields only, by our names (``severity``, ``label`` ...), None when empty.
    ``customer_reads``: whether what is said in public reaches the requester; not in a Jira project without customers,
    nor where a ticket began with an internal note.
    ``links`` are the tickets it hangs on, as (relation, reference) pairs (see ``actions.Relation``), ``followers``
    user ids, ``attachments`` the names of the first message's. ``follow_up_of`` is the id of the closed ticket that it
    goes on with (Zendesk copies its tags). ``history`` is what changed since it was made, oldest first: what it was
    made with is not in it, and a ticket from a file may have none. ``resolution`` and ``fix_versions`` are an issue's,
    empty while open.
    ``automatic``: a machine wrote it, by the sender's address or by a header (RFC 3834), whatever its words are.
    ``version`` is the vendor's exact ``updated_at`` text, for safe updates. ``native`` is for the vendor's adapter
    alone. Times are UTC.
    """

    ref: Ref
    subject: str
    body: str
    created_at: datetime
    updated_at: datetime
    comments: tuple[Comment, ...] = ()
    history: tuple[Change, ...] = ()
    requester: Customer = field(default_factory=Customer)
    status: Status = Status.NEW
    status_name: str = ""
    priority: str | None = None
    type: str = ""
    tags: frozenset[str] = frozenset()
    group: str = ""
    assignee: str = ""
    channel: str = ""
    brand: str = ""
    language: str = ""
    fields: Mapping[str, str | None] = field(default_factory=lambda: _NOTHING)
    customer_reads: bool = True
    attachments: tuple[str, ...] = ()
    followers: frozenset[str] = frozenset()
    links: frozenset[tuple[str, Ref]] = frozenset()
    follow_up_of: str = ""
    resolution: str = ""
    fix_versions: tuple[str, ...] = ()
    automatic: bool = False
    version: str = ""
    native: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def area(self) -> str:
        """The product area: the field of that name, which for Jira is the first component; empty when not told."""
        return self.fields.get("area") or ""

    @property
    def answers(self) -> tuple[Comment, ...]:
        """What people on our side said in public, oldest first."""
        return tuple(one for one in self.comments if one.public and one.speaker is Speaker.AGENT)

    def set_by(self, field: ChangedField) -> str | None:
        """The id of who changed a field last, empty where it was no user; None when it is as the ticket was made."""
        return next((one.by for one in reversed(self.history) if one.field == field), None)


@dataclass(frozen=True, slots=True)
class Event:
    """What one webhook delivery told us: which ticket to look at. Everything else about it is a hint.

    ``kind`` is ``created``, ``updated``, ``commented``, ``deleted`` or ``merged``; ``actor_id`` is who did it.
    """

    ref: Ref
    kind: str
    delivery_id: str
    actor_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery that is understood and needs nothing from us. ``reason`` is a short word for the counter."""

    reason: str
    delivery_id: str
