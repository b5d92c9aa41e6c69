"""What people said about which ticket repeats which: by linking or merging at the vendor, by going on with a closed
ticket, or by command. Their word counts more than any likeness (S0-64)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.triage.actions import Relation
from app.triage.commands import Orders
from app.triage.duplicates.entry import Parent
from app.triage.effects import LINK
from app.triage.ticket import Ref, Ticket, VendorName

RELATION: Mapping[VendorName, Relation] = {"zendesk": "incident", "jira": "duplicate"}
"""How a ticket hangs on the one that it repeats: an incident on its problem at Zendesk, a duplicate link at Jira."""

_MERGED = "closed_by_merge"
_NUMBER = re.compile(r"#([1-9]\d{0,18})\b")


@dataclass(frozen=True, slots=True)
class Links:
    """The tickets of its own account that one hangs on as a repetition: those that we linked, those that people did,
    and those that we linked and that somebody took away."""

    ours: frozenset[Ref]
    theirs: frozenset[Ref]
    removed: frozenset[Ref]


def links_of(ticket: Ticket, applied: Mapping[str, str]) -> Links:
    """What the ticket hangs on, by who did it. ``applied`` is what we wrote (see ``Context``)."""
    relation = RELATION[ticket.ref.vendor]
    before = f"{LINK}{relation}:"
    made = frozenset(Ref.parse(key.removeprefix(before)) for key in applied if key.startswith(before))
    shown = frozenset(to for kind, to in ticket.links if kind == relation)
    return Links(ours=made & shown, theirs=shown - made, removed=made - shown)


def said(ticket: Ticket, applied: Mapping[str, str], orders: Orders) -> Parent | None:
    """The ticket that this one repeats by a person's word, or goes on with; None where nobody said so. A command counts
    first, then a link, then what it was merged into, then the closed ticket before it."""
    theirs = sorted(links_of(ticket, applied).theirs - orders.apart)
    named = orders.duplicate or next(iter(theirs), None) or _merged_into(ticket)
    if named is not None and named != ticket.ref:
        return Parent(named, 1.0, "person")
    before = Ref(ticket.ref.vendor, ticket.ref.account, ticket.follow_up_of) if ticket.follow_up_of else None
    return Parent(before, 1.0, "follow_up") if before and before not in orders.apart else None


def apart(ticket: Ticket, applied: Mapping[str, str], orders: Orders) -> frozenset[Ref]:
    """The tickets that it does not repeat by a person's word: by command, or because a link of ours was taken away."""
    named = said(ticket, applied, orders)
    found = orders.apart | links_of(ticket, applied).removed
    return found - {named.ref} if named is not None else found


def _merged_into(ticket: Ticket) -> Ref | None:
    """The ticket that a Zendesk ticket was merged into: the number in the last comment, which Zendesk writes then."""
    if ticket.ref.vendor != "zendesk" or _MERGED not in ticket.tags:
        return None
    numbers = [number for comment in ticket.comments[-1:] for number in _NUMBER.findall(comment.body)]
    return Ref("zendesk", ticket.ref.account, numbers[0]) if len(set(numbers)) == 1 else None
