"""``decide``: a ticket, what is known about it, a policy and a moment in; a decision with its evidence out.

The stages stand in S0-59's order: read the thread, facts, labels, severity, checks, route, escalate, clocks, tags.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from app.triage import clocks, routing
from app.triage.conditions import Seen
from app.triage.decision import Context, Decision, Evidence
from app.triage.escalation import escalate
from app.triage.facts import Facts, facts_of
from app.triage.labels import classify
from app.triage.outcome import mark, outcome_hash
from app.triage.policy import Policy
from app.triage.reading import hits
from app.triage.restraint import plan
from app.triage.severity import rate
from app.triage.tags import tags_for
from app.triage.text import messages
from app.triage.ticket import Ticket

__all__ = ["decide", "mark", "outcome_hash", "plan"]

_MOST_EVIDENCE = 16


def decide(ticket: Ticket, context: Context, policy: Policy, now: datetime) -> Decision:
    """The whole answer for one ticket at one moment. Pure: the same four values give the same decision."""
    pack = policy.pack
    found = hits(list(messages(ticket)), policy.lexicon)
    facts = facts_of(found)
    seen = Seen(ticket=ticket, facts=facts)
    labelled = classify(found, seen, pack.labels)
    seen = replace(
        seen,
        label=labelled.primary,
        second_label=labelled.second,
        unsure=labelled.confidence < pack.labels.unsure_below,
    )
    rated = rate(seen, context.previous, pack)
    due = clocks.deadlines(ticket, rated.severity, pack, now)
    late = clocks.overdue(ticket, due, now)
    if late:
        seen = replace(seen, overdue=late)
        rated = rate(seen, context.previous, pack)
    seen = replace(seen, facts=rated.facts, severity=rated.severity)
    checked = routing.checks(context)
    destination, route_rule = routing.route(seen, checked, pack)
    escalated = escalate(seen, pack)
    tags, tag_rules = tags_for(seen, escalated, destination, pack)
    return Decision(
        ref=ticket.ref,
        at=now,
        policy=policy.name,
        policy_digest=policy.digest,
        label=labelled.primary,
        second_label=labelled.second,
        confidence=labelled.confidence,
        severity=rated.severity,
        level=escalated.level,
        destination=destination,
        page=escalated.page,
        tags=tags,
        deadlines=MappingProxyType(due),
        wake_at=clocks.wake_at(ticket, due, now),
        facts=rated.facts,
        rules=(*labelled.rules, *rated.rules, route_rule, *escalated.rules, *tag_rules),
        evidence=_evidence(facts, labelled.evidence),
        ruled_out=(*labelled.ruled_out, *rated.ruled_out, *facts.dropped),
        checks=MappingProxyType(dict(checked)),
    )


def _evidence(facts: Facts, labels: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """What the decision rests on: the label's words first, then the facts', each once."""
    return tuple(dict.fromkeys((*labels, *facts.values())))[:_MOST_EVIDENCE]
