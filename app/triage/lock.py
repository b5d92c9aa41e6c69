"""A severity that a person set after us, by field or by command: it stays, and what the policy would say becomes a
proposal (S1-20)."""

from __future__ import annotations

from dataclasses import dataclass

from app.triage.conditions import Seen
from app.triage.decision import Label, Proposal, RuledOut, Severity
from app.triage.edits import changed
from app.triage.priority import set_by_a_person
from app.triage.severity import Rated


@dataclass(frozen=True, slots=True)
class InForce:
    """The severity in force. ``news`` is true when the facts have grown worse since a person locked it."""

    severity: Severity
    rated_at_lock: Severity | None = None
    news: bool = False
    proposals: tuple[Proposal, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()


def in_force(rated: Rated, seen: Seen) -> InForce:
    """What a person locked, else what was rated."""
    chosen, said = locked(seen, rated.severity)
    if chosen is None:
        return InForce(rated.severity)
    if chosen is Severity.P4 and seen.label is not Label.ENHANCEMENT:
        chosen = Severity.P3  # the lowest priority means minor; P4 is for ideas alone (C-02)
    previous, pack = seen.context.previous, seen.pack
    at_lock = rated.severity
    if previous is not None:
        at_lock = previous.rated_at_lock if previous.rated_at_lock is not None else previous.rated or previous.severity
    why = f"a person set the {said}"
    if rated.severity < chosen:
        proposal = Proposal(f"raise to {pack.shown(rated.severity)}", f"{why}; {', '.join(rated.rules)}")
        return InForce(chosen, at_lock, rated.severity < at_lock, (proposal,))
    held = (RuledOut(f"severity {pack.shown(rated.severity)}", why),) if rated.severity > chosen else ()
    return InForce(chosen, at_lock, ruled_out=held)


def locked(seen: Seen, rated: Severity) -> tuple[Severity | None, str]:
    """The rank that a person set where we had set one, and how to say it: the newest of what they said by command, by
    the severity field, or by the vendor's priority. Several ranks may share a priority; then the one nearest to what
    was rated is meant.

    A command whose answer stands in the thread was written to both fields, so one that differs now was edited since.
    """
    ticket, context, pack = seen.ticket, seen.context, seen.pack
    field, priority_changed = ticket.fields.get("severity"), set_by_a_person(ticket, context)
    field_changed = bool(field) and changed("severity", field, context)
    order = seen.orders.severity
    if order is not None and not (order.answered and (field_changed or priority_changed)):
        return Severity[order.value], f"severity to {pack.shown(Severity[order.value])} by command"
    if field and field_changed:
        named = [Severity[rank] for rank, name in pack.severity.display.items() if name.casefold() == field.casefold()]
        if named:
            return min(named, key=lambda rank: abs(rank - rated)), f"severity to {field}"
    if not (ticket.priority and priority_changed):
        return None, ""
    words = pack.priority.get(ticket.ref.vendor, {})
    shown = ticket.priority.casefold()
    meant = [Severity[rank] for rank, word in words.items() if word.casefold() == shown]
    nearest = min(meant, key=lambda rank: abs(rank - rated), default=None)
    return nearest, f"priority to {ticket.priority}"
