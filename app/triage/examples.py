"""A pack's own examples: tickets with what must be decided about them, for `triage policy check` and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.triage.decision import Context, Decision
from app.triage.engine import decide
from app.triage.pack import Example
from app.triage.policy import Policy
from app.triage.records import ticket_from_record


def failures(policy: Policy, now: datetime) -> Iterator[tuple[Example, str]]:
    """The examples that the policy does not decide as they say, each with what differs."""
    for example in policy.pack.examples:
        told = differs(example, policy, now)
        if told:
            yield example, told


def differs(example: Example, policy: Policy, now: datetime) -> str:
    """What the decision has otherwise than the example wants, empty when nothing."""
    record = {"id": "1", "subject": example.subject, "body": example.body, "comments": list(example.comments)}
    decision = decide(ticket_from_record(record), Context(), policy, now)
    return "; ".join(_differences(example, decision))


def _differences(example: Example, decision: Decision) -> Iterator[str]:
    shown = {"label": str(decision.label), "severity": decision.severity.name, "destination": decision.destination}
    for name, got in shown.items():
        wanted = getattr(example, name)
        if wanted is not None and got not in map(str, wanted):
            yield f"{name} is {got}, not {' or '.join(map(str, wanted))}"
    for name in ("level", "page", "second_label"):
        wanted, is_now = getattr(example, name), getattr(decision, name)
        if wanted is not None and is_now != wanted:
            yield f"{name} is {is_now}, not {wanted}"
    for name, there in (("tags", decision.tags), ("facts", decision.facts)):
        lacking = set(map(str, getattr(example, name) or ())) - set(there)
        if lacking:
            yield f"{name} lack {', '.join(sorted(lacking))}"
    unwanted = set(map(str, example.not_facts or ())) & set(decision.facts)
    if unwanted:
        yield f"facts hold {', '.join(sorted(unwanted))}"
