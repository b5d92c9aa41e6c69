"""Faults of rules: those that decide nothing, those that contradict each other, and those that the policy forbids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.triage.decision import Label, Level, Severity
from app.triage.layers import Path, place_of, written_in
from app.triage.lint.finding import Fault
from app.triage.lint.reach import admits, contradiction, facts_of, implies
from app.triage.pack import Pack
from app.triage.policy import Policy
from app.triage.reply_parts import FIRST_CONTACT, Say
from app.triage.rules import Escalate, Rule, Tell, When

_ONE_COUNTS = ("severity", "routes", "communicators", "replies", "issues")
_RANKS = frozenset(Severity.__members__)
_NO_IMPACT = frozenset({"urgency", "frustrated", "verified", "code_fix_needed"})
"""What the customer claims or feels, and what the work will be: none of it ranks (S1-02)."""


def groups(pack: Pack) -> Iterator[tuple[str, Path, tuple[Rule[Any], ...]]]:
    """Every group of rules with its path, those that weigh labels among them."""
    yield "weigh", ("labels", "weigh"), pack.labels.weigh
    for name, rules in pack.rules.groups():
        yield name, ("rules", name), rules


def check(policy: Policy) -> Iterator[Fault]:
    """Every fault of a rule by itself or beside the others of its group."""
    for group, path, rules in groups(policy.pack):
        able = []
        for rule in rules:
            fault = _never(rule, group, (*path, rule.name, "when"), policy.pack)
            if fault:
                yield fault
            else:
                able.append(rule)
        for number, rule in enumerate(able):
            yield from _beside(rule, able[:number], group, path, policy)
    yield from _ideas(policy.pack)
    yield from _no_impact(policy.pack)


def _never(rule: Rule[Any], group: str, path: Path, pack: Pack) -> Fault | None:
    found = contradiction(rule.when, group)
    if found is None and _asks_for_no_p4(rule.when, pack):
        found = "severity", f"no severity rule rates {', '.join(rule.when.label or ())} as P4"
    if found is None:
        return None
    condition, why = found
    return Fault("never-holds", (*path, condition), f"the rule never holds: {why}", "change or take out the condition")


def _asks_for_no_p4(when: When, pack: Pack) -> bool:
    """Whether a rule asks for P4 under labels that never have it: neither by rule, nor by a person, nor by tier."""
    possible = _labels_of_p4(pack) | {Label.ENHANCEMENT}
    return when.severity == ("P4",) and "P3" not in pack.severity.tier_scope and not admits(when, possible, {"P4"})


def _beside(rule: Rule[Any], before: Sequence[Rule[Any]], group: str, path: Path, policy: Policy) -> Iterator[Fault]:
    """A rule to which an earlier one leaves nothing, or that has an earlier one's conditions and says something else.

    Where every rule that holds counts, answers add up and only some contradict each other.
    """
    here = (*path, rule.name)
    for earlier in before:
        same = rule.when == earlier.when and rule.then != earlier.then
        if same and _contradict(rule.then, earlier.then):
            yield _same(here, earlier)
            return
        if group not in _ONE_COUNTS or not _replaces(earlier.then, rule.then) or not implies(rule.when, earlier.when):
            continue
        file, other = (written_in(place_of(policy.tree, (*path, one.name))) for one in (rule, earlier))
        if file != other:
            said = f"{earlier.name!r} of {other} holds wherever it does, and is asked first"
            yield Fault("overridden-rule", here, said, f"if that is meant, write {{name: {rule.name}, off: true}}")
        elif same:
            yield _same(here, earlier)
        else:
            said = f"{earlier.name!r} holds wherever it does, and is asked first"
            yield Fault("unreachable-rule", here, said, f"put it before {earlier.name!r}, or take it out")
        return


def _same(here: Path, earlier: Rule[Any]) -> Fault:
    said = f"{earlier.name!r} has the same conditions and says something else"
    return Fault("same-when", here, said, "keep one of them, or let their conditions differ")


def _contradict(then: Any, other: Any) -> bool:
    """Whether only one of two answers can count, in a group of which every rule that holds does."""
    if isinstance(then, Escalate):
        return not (then.propose or other.propose)
    return isinstance(then, Tell) and bool(then.handover and other.handover and then.handover != other.handover)


def _replaces(earlier: Any, then: Any) -> bool:
    """Whether an earlier answer leaves no room for a later one: among replies only one of the same kind, and not one
    that is held back until a team has the ticket."""
    if not isinstance(then, Say):
        return True
    kind, other = (one.reason in FIRST_CONTACT or one.reason for one in (then, earlier))
    return kind == other and earlier.passed_to in (None, then.passed_to)


def _ideas(pack: Pack) -> Iterator[Fault]:
    """Rules that let an idea escalate or rise (S4-97, C-02), or that ask for ideas that there are none of."""
    ranks = _ranks_of_ideas(pack)
    for rule in pack.rules.escalations:
        waits = rule.then.propose and not pack.l4.auto
        if rule.then.level in (Level.L2, Level.L3) and not waits and _may_hold(rule.when, {Label.ENHANCEMENT}, ranks):
            said = f"it can hold for an {Label.ENHANCEMENT} of {_listed(ranks)}, which never goes to {rule.then.level}"
            mend = f"name its labels without {Label.ENHANCEMENT}, or severities without {_listed(ranks)}"
            yield Fault("idea-escalates", ("rules", "escalations", rule.name), said, mend)
    for raising in pack.rules.upgrades:
        rises = pack.upgrade[raising.then.cause].max < "P4"
        if rises and _may_hold(raising.when, _labels_of_p4(pack), {"P4"}):
            mend = "name the severities that it raises: severity: [P1, P2, P3]"
            yield Fault("p4-rises", ("rules", "upgrades", raising.name), "it can raise a P4, which never rises", mend)
    for group, path, rules in groups(pack):
        for rule in rules if group not in ("weigh", "severity") else ():
            asked = rule.when.severity
            if asked and rule.when.label == (Label.ENHANCEMENT,) and ranks.isdisjoint(asked):
                said = f"an {Label.ENHANCEMENT} is rated {_listed(ranks)}, unless something else is the matter too"
                yield Fault("idea-above-p4", (*path, rule.name, "when", "severity"), said, "leave the severity out")


def _no_impact(pack: Pack) -> Iterator[Fault]:
    for group in ("severity", "upgrades"):
        for rule in getattr(pack.rules, group):
            for fact, condition in facts_of(rule.when).items():
                if fact in _NO_IMPACT:
                    path: Path = ("rules", group, rule.name, "when", condition)
                    yield Fault("not-impact", path, f"{fact} says nothing of the impact", "ask what is impaired")


def _may_hold(when: When, labels: set[Label], severities: set[str]) -> bool:
    return admits(when, labels, severities) and contradiction(when, "escalations") is None


def _ranks_of_ideas(pack: Pack) -> set[str]:
    """The severities of what is nothing but an idea: those that rules for Enhancement alone give, else any."""
    own = {rule.then.severity for rule in pack.rules.severity if rule.when.label == (Label.ENHANCEMENT,)}
    return own or set(_RANKS)


def _labels_of_p4(pack: Pack) -> set[Label]:
    """The labels that a ticket of P4 may have."""
    rules = [rule for rule in pack.rules.severity if rule.then.severity == "P4"]
    return {label for rule in rules for label in (rule.when.label or Label)}


def _listed(ranks: set[str]) -> str:
    return ", ".join(sorted(ranks))
