"""Who talks to the customer, who is told, and whether another team takes the ticket over (C-07, C-10, S4-78..91)."""

from __future__ import annotations

from dataclasses import dataclass

from app.triage.conditions import Seen
from app.triage.escalation import Escalated
from app.triage.rules import every, first


@dataclass(frozen=True, slots=True)
class Communication:
    """Roles only, never people (C-25). ``handover`` is the name of a bundle, empty for none."""

    communicator: str
    notify: tuple[str, ...]
    handover: str
    rules: tuple[str, ...]


def communication(seen: Seen, escalated: Escalated) -> Communication:
    """The communicator, everyone whom a notification or the rung reached names, and the first handover that holds."""
    talks = first(seen.pack.rules.communicators, seen)
    if talks is None:
        raise ValueError("no communicator rule holds: the last one must hold always")
    told = [held.rule for held in every(seen.pack.rules.notifications, seen)]
    roles = [role for rule in told for role in rule.then.roles]
    roles += seen.pack.ladder[escalated.level].notify
    return Communication(
        communicator=talks.rule.then.communicator,
        notify=tuple(dict.fromkeys(roles)),
        handover=next((rule.then.handover for rule in told if rule.then.handover), ""),
        rules=(talks.rule.name, *(rule.name for rule in told)),
    )
