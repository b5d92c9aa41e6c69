"""Which rung of the ladder takes the ticket, whether on-call is woken, and what waits for a person (S1-18..S1-31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.triage import oncall
from app.triage.conditions import Seen
from app.triage.decision import Level, Proposal
from app.triage.lock import InForce
from app.triage.rules import When, every
from app.triage.severity import Rated
from app.triage.vocabulary import SAID_BY_US

ASK_FIRST = "ask the customer first: "
"""How the reason of a proposal begins that waits for the customer's answer, not for a person's word alone."""


@dataclass(frozen=True, slots=True)
class Escalated:
    """The highest rung asked for, whether to page, the rung's tag, and what a person is asked to confirm.
    ``by_person``: a person on our side asked for the rung; ``by_clock``: a clock ran out (S1-25)."""

    level: Level
    page: bool
    tags: tuple[str, ...]
    rules: tuple[str, ...]
    proposals: tuple[Proposal, ...] = ()
    by_person: bool = False
    by_clock: bool = False


def ask_first(escalated: Escalated, questions: Sequence[str]) -> Escalated:
    """The escalation waits until the customer has been asked for what is missing (S2-78, S4-55)."""
    waiting = Proposal(f"escalate to {escalated.level}", f"{ASK_FIRST}{' '.join(questions)}")
    return replace(escalated, level=Level.L1, tags=(), proposals=(*escalated.proposals, waiting))


def escalate(seen: Seen, severity: InForce, rated: Rated) -> Escalated:
    """Every escalation that holds, taken together, and the rung that a person asked for by command.

    On a severity that a person locked only news since then pages. A rank that no fact of impact bears out, a person's
    or one that was raised for a threat, proposes the page. News escalates by the severity that was rated.
    """
    asked = replace(seen, severity=rated.severity) if severity.news else seen
    held = [found.rule for found in every(seen.pack.rules.escalations, asked)]
    proposals = []
    acting = []
    for rule in held:
        accepted = f"escalate to {rule.then.level}" in seen.orders.accepted
        if rule.then.propose and not seen.pack.l4.auto and not accepted:
            proposals.append(Proposal(f"escalate to {rule.then.level}", rule.name.replace("-", " ")))
        else:
            acting.append(rule)
    asked_for = Level(seen.orders.level.value) if seen.orders.level else Level.L1
    page = any(rule.then.page for rule in acting)
    level = max((*(rule.then.level for rule in acting), asked_for))
    if page and not _may_page(asked, rated):
        page = False
        how = f"add the tag {seen.pack.p0.confirm_tag}, or /triage confirm, to confirm"
        proposals.append(Proposal("page on-call", how))
    tag = seen.pack.ladder[level].tag
    return Escalated(
        level=level,
        page=page,
        tags=(tag,) if tag and level is not Level.L1 else (),
        rules=tuple(rule.name for rule in held),
        proposals=tuple(dict.fromkeys(p for p in proposals if p.what != f"escalate to {level}")),
        by_person=level is asked_for or any(_by_person(rule.when) for rule in acting if rule.then.level is level),
        by_clock=any(rule.when.overdue or rule.when.breached for rule in acting if rule.then.level is level),
    )


def _by_person(when: When) -> bool:
    """Whether a rule holds because a person on our side tagged the ticket or said so."""
    return bool(when.tags) or not SAID_BY_US.isdisjoint((*(when.facts or ()), *(when.all_facts or ())))


def _may_page(seen: Seen, rated: Rated) -> bool:
    """Whether a person confirmed it by tag or command; or else, where none must, whether the evidenced rank alone
    would page too."""
    confirmed = oncall.confirmed(seen.ticket, seen.context, seen.orders, seen.pack)
    if confirmed or "page on-call" in seen.orders.accepted:
        return True
    if seen.pack.p0.require_confirm_to_page:
        return False
    if seen.severity is None or rated.evidenced <= seen.severity:
        return True
    borne_out = every(seen.pack.rules.escalations, replace(seen, severity=rated.evidenced))
    return any(held.rule.then.page for held in borne_out)
