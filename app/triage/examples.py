"""A pack's own examples: tickets with what must be decided about them, for `triage policy check` and the tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from app.triage.decision import Context, Decision
from app.triage.duplicates.found import Cluster
from app.triage.engine import decide
from app.triage.example import Example
from app.triage.layers import PolicyError, parse, place_of
from app.triage.policy import Policy
from app.triage.ticket import Ticket
from app.triage.ticket_records import ticket_from_record


def read_examples(text: str, origin: str) -> tuple[Example, ...]:
    """The examples that stand in a YAML text under ``examples``. Raises PolicyError with the place of a bad one."""
    listed = parse(text, origin).step("examples")
    found = []
    for node in (listed.value or []) if listed is not None else []:
        try:
            found.append(Example.model_validate(node.plain()))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = place_of(node, tuple(step for step in first["loc"] if step != "[key]"))
            what = f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}"
            raise PolicyError(f"an example cannot be read: {what}", where=where, mend="see docs/policy.md") from error
    return tuple(found)


def failures(policy: Policy, examples: Iterable[Example], now: datetime) -> Iterator[tuple[Example, str]]:
    """The examples that the policy does not decide as they say, each with what differs."""
    for example in examples:
        told = differs(example, policy, now)
        if told:
            yield example, told


def differs(example: Example, policy: Policy, now: datetime) -> str:
    """What the decision has otherwise than the example wants, empty when nothing, or when the miss is a known one."""
    try:
        decision = decided(example, policy, now)
    except ValueError as error:
        return f"its ticket cannot be read: {error}"
    told = "; ".join(_differences(example, decision, policy))
    if example.known_miss:
        return "" if told else f"is met now: take out known_miss ({example.known_miss})"
    return told


def record_of(example: Example) -> dict[str, Any]:
    """The ticket of an example, as ``triage decide`` reads one."""
    texts = {"id": "1", "subject": example.subject, "body": example.body, "comments": list(example.comments)}
    return {**texts, **example.given}


def decided(example: Example, policy: Policy, now: datetime) -> Decision:
    """The decision about an example's ticket. Raises ValueError for a ticket that cannot be read."""
    ticket = ticket_from_record({"created_at": now.isoformat(), **record_of(example)})
    return decide(ticket, context_of(example, ticket), policy, now)


def context_of(example: Example, ticket: Ticket) -> Context:
    """What is known besides an example's ticket."""
    count = example.context.get
    customers, tickets, in_storm = count("organizations", 1), count("tickets", 1), count("storm", 0)
    cluster = Cluster(
        master=ticket.ref,
        tickets=max(tickets, in_storm),
        customers=max(customers, in_storm),
        lately=max(customers, in_storm),
        in_storm=in_storm,
        first_at=ticket.created_at,
        last_at=ticket.created_at,
        storm=in_storm > 0,
    )
    return Context(
        reporters=count("reporters", 1),
        organizations=customers,
        demand=count("demand", 1),
        cluster=cluster if cluster.tickets > 1 else None,
    )


def _differences(example: Example, decision: Decision, policy: Policy) -> Iterator[str]:
    outcome = {"label": str(decision.label), "severity": decision.severity.name, "destination": decision.destination}
    for name, got in outcome.items():
        wanted = getattr(example, name)
        if wanted is not None and got not in map(str, wanted):
            yield f"{name} is {got}, not {' or '.join(map(str, wanted))}"
    shown = policy.pack.shown(decision.severity)
    if example.shown is not None and example.shown != shown:
        yield f"severity is shown as {shown}, not {example.shown}"
    for name in ("level", "page", "second_label", "communicator", "handover"):
        wanted, is_now = getattr(example, name), getattr(decision, name)
        if wanted is not None and is_now != wanted:
            yield f"{name} is {is_now}, not {wanted}"
    post = decision.pattern.post if decision.pattern else None
    if example.post is not None and example.post != (post.kind if post else "none"):
        yield f"the post is {post.kind if post else 'none'}, not {example.post}"
    proposed = [proposal.what for proposal in decision.proposals]
    for name, there in (
        ("tags", decision.tags),
        ("facts", decision.facts),
        ("notify", decision.notify),
        ("proposes", tuple(what.removeprefix("escalate to ") for what in proposed)),
    ):
        lacking = set(map(str, getattr(example, name) or ())) - set(there)
        if lacking:
            yield f"{name} lack {', '.join(sorted(lacking))}"
    for name, there in (("facts", decision.facts), ("tags", decision.tags)):
        unwanted = set(map(str, getattr(example, f"not_{name}") or ())) & set(there)
        if unwanted:
            yield f"{name} hold {', '.join(sorted(unwanted))}"
