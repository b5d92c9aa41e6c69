"""Who talks to the customer, who is told, and whether another team takes the ticket over (C-07, C-10, S4-78..91); and
who answers a customer that somebody else talks to (S1-32)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.triage.conditions import Seen
from app.triage.decision import Level
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


def spoke_instead(seen: Seen, communicator: str, since: datetime) -> Iterator[str]:
    """A warning for each public answer, given since the ticket reached L3, by somebody who is not the communicator.

    The assignee and those who have the communicator's role may answer; where neither is known, nobody is warned of.
    """
    ticket, people = seen.ticket, seen.context.people
    allowed = {ticket.assignee, *people.get(communicator, ()), *people.get("l2_assignee", ())} - {""}
    if seen.level is None or seen.level < Level.L3 or not allowed or not ticket.customer_reads:
        return
    role = "L2 specialist" if communicator == "l2_assignee" else communicator.replace("_", " ")
    for answer in ticket.answers:
        if answer.at > since and answer.author_id and answer.author_id not in {*allowed, seen.context.our_id}:
            yield f"comment {answer.id} answered the customer in public, though the {role} talks to them"
