"""What people changed after us. What we wrote is known from what was applied; what we left as it was, from how the
ticket looked when we first saw it. Whoever sets a field back to that gives it back to us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.triage.commands import Orders
from app.triage.decision import Context
from app.triage.effects import FOLLOWER
from app.triage.ticket import Ticket

SEEN = "seen:"
TAG = SEEN + "tag:"
"""Before a field's name or ``assignee``, and before a tag: keys in ``Context.applied`` of what stood there without
us. The assignee is the last person whom somebody else gave the ticket to."""


def before(name: str, context: Context) -> str | None:
    """What we last wrote to a field, else what stood there at first sight; None when we never looked."""
    return context.applied.get(name, context.applied.get(SEEN + name))


def changed(name: str, shown: str | None, context: Context) -> bool:
    """Whether somebody changed a field after us."""
    known = before(name, context)
    return known is not None and known.casefold() != (shown or "").casefold()


def noticed(
    ticket: Ticket, context: Context, orders: Orders, wanted: Mapping[str, str], tags: Iterable[str]
) -> dict[str, str]:
    """What to remember of a ticket before it is written to, in addition to ``Context.applied``.

    ``wanted`` are the values that we would write by field name, ``tags`` as the vendor spells them. A value that stands
    there because a person asked us for it by command counts as written.
    """
    applied, found = context.applied, dict[str, str]()
    asked = {command.verb for command in (orders.severity, orders.label) if command and not command.answered}
    asked |= {"priority", "severity"} if asked & {"severity", "accept"} else set()
    fields = {name: ticket.fields[name] for name in wanted if name in ticket.fields}
    fields |= {"type": ticket.type} if ticket.ref.vendor == "zendesk" else {}
    for name, shown in {"priority": ticket.priority, "group": ticket.group, **fields}.items():
        if name in asked and shown and shown.casefold() == wanted.get(name, "").casefold():
            found[name] = shown
        elif before(name, context) is None:
            found[SEEN + name] = shown or ""
    if ticket.assignee and ticket.assignee != applied.get("assignee"):
        found[SEEN + "assignee"] = ticket.assignee
    own = {tag.casefold() for tag in context.tags}
    there = {tag.casefold() for tag in ticket.tags}
    found |= {TAG + tag.casefold(): "there" for tag in tags if tag.casefold() in there - own}
    people = {person for ids in context.people.values() for person in ids}
    found |= {FOLLOWER + person: "there" for person in ticket.followers & people if FOLLOWER + person not in applied}
    return {key: value for key, value in found.items() if applied.get(key) != value}
