"""The vendor's priority: which word the decision asks for, and whether a person's choice stands in its way."""

from __future__ import annotations

from dataclasses import dataclass

from app.triage.commands import Orders
from app.triage.decision import Context, Decision
from app.triage.edits import changed
from app.triage.pack import Pack
from app.triage.ticket import Ticket

_ORDER = {
    "zendesk": ("urgent", "high", "normal", "low"),
    "jira": ("highest", "high", "medium", "low", "lowest"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """``value`` is the word to set, None for none; ``said`` tells the note what a person's choice held back."""

    value: str | None = None
    said: str = ""


def wish(ticket: Ticket, decision: Decision, context: Context, pack: Pack, orders: Orders) -> Wish:
    """What to do about the priority. A severity that a person asks for by command is written over another person's."""
    words = pack.priority.get(ticket.ref.vendor, {})
    wanted = words.get(decision.severity.name, "")
    shown = ticket.priority or ""
    if not wanted or shown.casefold() == wanted.casefold():
        return Wish()
    if orders.severity is not None and not orders.severity.answered:
        return Wish(wanted)
    if set_by_a_person(ticket, context):
        theirs = f"set the priority to {shown}" if shown else "took the priority off"
        return Wish(said=f"A person {theirs}; we would have said {decision.severity} ({wanted}).")
    if not shown or _ours(ticket, context):
        return Wish(wanted)
    if _worse(wanted, shown, ticket.ref.vendor):
        return Wish(wanted)
    return Wish(said=f"The priority was already {shown} and stays; we would have said {decision.severity} ({wanted}).")


def set_by_a_person(ticket: Ticket, context: Context) -> bool:
    """Whether a person changed the priority after us, or took it off. Once we have set one, whatever else is shown is a
    person's, even where Jira names us: then we took ours back for somebody (``triage undo``)."""
    never_ours = "priority" not in context.applied
    nobody = ticket.ref.vendor == "jira" and never_ours and ticket.set_by("priority") in (None, "", context.our_id)
    return changed("priority", ticket.priority, context) and not nobody


def _ours(ticket: Ticket, context: Context) -> bool:
    """Whether nobody but us, or the vendor's default, chose what is shown."""
    applied, shown = context.applied.get("priority"), ticket.priority or ""
    if applied is not None:  # whoever is named as having set another: it may be us, taking ours back (triage undo)
        return applied.casefold() == shown.casefold()
    if ticket.ref.vendor != "jira":
        return False
    if ticket.set_by("priority") in (None, "") or ticket.set_by("priority") == context.our_id:
        return True
    default = str(ticket.native.get("default_priority") or "")
    return default.casefold() == shown.casefold()


def _worse(wanted: str, shown: str, vendor: str) -> bool:
    """Whether the wanted word ranks above the shown one; not when one of them is the account's own word."""
    order = _ORDER[vendor]
    if wanted.casefold() not in order or shown.casefold() not in order:
        return False
    return order.index(wanted.casefold()) < order.index(shown.casefold())
