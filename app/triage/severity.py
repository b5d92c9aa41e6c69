"""How bad it is: impact facts only (S1-02), then upgrades, one rank a cause, each with its ceiling (C-09)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from app.triage.conditions import Seen
from app.triage.decision import Decision, Label, RuledOut, Severity
from app.triage.model import LEAST_CHANCE
from app.triage.rules import every, first

_SCOPES = ("scope_one", "scope_few", "scope_many", "scope_all")
_SAID = ("churn", "executive", "uncertainty")
_GROWING = ("data_loss", "data_at_risk", "security_active", "outage", "unusable")


@dataclass(frozen=True, slots=True)
class Rated:
    """The severity that the policy makes of the facts, the facts it rests on (growth included), the rules that led to
    it, what was held back, and what the upgrades were asked with.

    ``by_rule`` is the rank of the severity rule that held, ``read`` the one that the learned reader turned it into,
    None where it left it.
    ``evidenced`` leaves out the upgrades for what is only said or guessed: those never wake anybody (C-09)."""

    severity: Severity
    evidenced: Severity
    facts: tuple[str, ...]
    rules: tuple[str, ...]
    ruled_out: tuple[RuledOut, ...]
    at_upgrades: Seen
    by_rule: Severity = Severity.P3
    read: Severity | None = None


def rate(seen: Seen, previous: Decision | None) -> Rated:
    """The first severity rule that holds, then every upgrade that holds, then the tiers that a rank is open to."""
    held = first(seen.pack.rules.severity, seen)
    if held is None:
        raise ValueError("no severity rule holds: the last one must hold always")
    by_rule = Severity[held.rule.then.severity]
    severity = evidenced = weighed(by_rule, held.rule.then.trust, seen)
    rules, ruled_out, causes = [held.rule.name], list[RuledOut](), set[str]()
    read = None if severity is by_rule else severity
    if read is not None:
        ruled_out.append(RuledOut(f"severity {by_rule.name}", f"the words read as {read.name}"))
    heard = severity < by_rule  # the reader raised it, by what is said too
    facts = seen.facts - {"grown"}
    if has_grown(facts, severity, previous):
        facts |= {"grown"}
    asked = replace(seen, facts=facts, severity=severity)
    for upgrade in every(seen.pack.rules.upgrades, asked):
        cause = upgrade.rule.then.cause
        if cause in causes or (cause in _SAID and heard):
            continue
        ceiling = seen.pack.upgrade[cause].max
        raised = max(Severity(severity - 1) if severity > 0 else severity, Severity[ceiling])
        if raised < severity:
            causes.add(cause)
            severity = raised
            evidenced = evidenced if cause in _SAID else Severity(max(evidenced - 1, raised))
            rules.append(upgrade.rule.name)
        else:
            ruled_out.append(RuledOut(f"upgrade for {cause}", f"its ceiling is {ceiling}"))
    for closed in _closed_to(severity, asked):
        tier = seen.ticket.requester.tier
        ruled_out.append(RuledOut(f"severity {closed}", f"it is not open to the tier {tier} (C-12)"))
        severity = Severity(closed + 1)
    evidenced = max(severity, evidenced)
    if seen.unread and previous is not None and previous.rated is not None and severity > previous.rated:
        ruled_out.append(RuledOut(f"severity {severity}", "words that cannot be read lower nothing"))
        severity = previous.rated
        evidenced = severity if previous.page else max(severity, evidenced)
    return Rated(severity, evidenced, tuple(sorted(facts)), tuple(rules), tuple(ruled_out), asked, by_rule, read)


def weighed(by_rule: Severity, trust: float | None, seen: Seen) -> Severity:
    """The rank that rules and learned reader come to together: the reader's chances, the rules' rank raised among them
    by the rule's own trust or that of its rank; P0 or P1 where these two reach ``reader.page`` together. P4 is the
    label's matter (C-02)."""
    reader, reading = seen.pack.reader, seen.reading
    if reading is None or not reader.rules or by_rule is Severity.P4:
        return by_rule
    share = reader.share(seen.language)
    chances = {rank: max(chance, LEAST_CHANCE) ** share for rank, chance in reading.severities.items()}
    chances[by_rule] *= math.exp(reader.rules.get(by_rule.name, 0.0) if trust is None else trust)
    critical = chances[Severity.P0] + chances[Severity.P1]
    grave = critical >= reader.page * sum(chances.values())
    one, other = (Severity.P0, Severity.P1) if grave else (Severity.P2, Severity.P3)
    found = one if chances[one] >= chances[other] else other
    return Severity.P4 if found is Severity.P3 and seen.label is Label.ENHANCEMENT else found


def _closed_to(severity: Severity, seen: Seen) -> Iterator[Severity]:
    """The ranks, from this one down, that the customer's tier does not reach; an unknown tier reaches all."""
    tier = seen.ticket.requester.tier.casefold()
    while tier and severity < Severity.P4:
        scope = seen.pack.severity.tier_scope.get(severity.name)
        if scope is None or tier in {name.casefold() for name in scope}:
            return
        yield severity
        severity = Severity(severity + 1)


def has_grown(facts: Collection[str], severity: Severity, previous: Decision | None) -> bool:
    """Whether users, systems or data affected have grown since the previous decision (S0-51).

    It counts once: not when the rules already rate the ticket worse than before, and it stays while nothing shrinks.
    """
    if previous is None or previous.label is Label.ENHANCEMENT:
        return False
    before, now = _scope(previous.facts), _scope(facts)
    if "grown" in previous.facts:
        return now >= before and all(name in facts for name in _GROWING if name in previous.facts)
    rated = previous.severity if previous.rated is None else previous.rated
    if severity < rated:
        return False
    return now > before >= 0 or any(name in facts and name not in previous.facts for name in _GROWING)


def _scope(facts: Collection[str]) -> int:
    return max((index for index, name in enumerate(_SCOPES) if name in facts), default=-1)
