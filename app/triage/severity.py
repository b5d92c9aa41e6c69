"""How bad it is: impact facts only (S1-02), then upgrades, one rank a cause, each with its ceiling (C-09)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from app.triage.conditions import Seen
from app.triage.decision import Decision, Label, RuledOut, Severity
from app.triage.pack import Pack
from app.triage.rules import every, first

_SCOPES = ("scope_one", "scope_few", "scope_many", "scope_all")
_GROWING = ("data_loss", "data_at_risk", "security_active", "outage", "unusable")


@dataclass(frozen=True, slots=True)
class Rated:
    """The severity, the facts it rests on (growth included), the rules that led to it, and upgrades held back."""

    severity: Severity
    facts: tuple[str, ...]
    rules: tuple[str, ...]
    ruled_out: tuple[RuledOut, ...] = ()


def rate(seen: Seen, previous: Decision | None, pack: Pack) -> Rated:
    """The first severity rule that holds, then every upgrade that holds."""
    held = first(pack.severity, seen)
    if held is None:
        raise ValueError("no severity rule holds: the last one must hold always")
    severity = Severity[held.rule.then.severity]
    rules, ruled_out, causes = [held.rule.name], list[RuledOut](), set[str]()
    facts = list(seen.facts)
    if has_grown(facts, severity, previous):
        facts.append("grown")
    for upgrade in every(pack.upgrades, replace(seen, facts=facts, severity=severity)):
        then = upgrade.rule.then
        if then.cause in causes:
            continue
        raised = max(Severity(severity - 1) if severity > 0 else severity, Severity[then.max])
        if raised < severity:
            causes.add(then.cause)
            severity = raised
            rules.append(upgrade.rule.name)
        else:
            ruled_out.append(RuledOut(f"upgrade for {then.cause}", f"its ceiling is {then.max}"))
    return Rated(severity, tuple(sorted(facts)), tuple(rules), tuple(ruled_out))


def has_grown(facts: Collection[str], severity: Severity, previous: Decision | None) -> bool:
    """Whether users, systems or data affected have grown since the previous decision (S0-51).

    It counts once: not when the rules already rate the ticket worse than before, and it stays while nothing shrinks.
    """
    if previous is None or previous.label is Label.ENHANCEMENT:
        return False
    before, now = _scope(previous.facts), _scope(facts)
    if "grown" in previous.facts:
        return now >= before and all(name in facts for name in _GROWING if name in previous.facts)
    if severity < previous.severity:
        return False
    return now > before >= 0 or any(name in facts and name not in previous.facts for name in _GROWING)


def _scope(facts: Collection[str]) -> int:
    return max((index for index, name in enumerate(_SCOPES) if name in facts), default=-1)
