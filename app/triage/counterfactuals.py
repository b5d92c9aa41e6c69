"""What would have to be otherwise: the smallest change of facts that raises or lowers the severity, or the level."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from app.triage.conditions import Seen
from app.triage.decision import Counterfactual, Label, Level, Severity
from app.triage.rules import When
from app.triage.severity import weighed
from app.triage.vocabulary import IMPACT

_OF_SECURITY = frozenset({"security_active", "vulnerability"})
_SWAYING = IMPACT | {"workaround", "scope_one", "scope_few", "intermittent", "code_fix_needed", "verified"}
"""Facts whose coming or going a reader can picture; not, say, that the ticket were spam."""

_OPPOSED = (
    ("scope_one", "scope_few", "scope_many", "scope_all"),
    ("workaround", "no_workaround", "workaround_broken"),
    ("cosmetic", "broken"),
)
"""Facts of which at most one is pictured at a time."""

_LIKELY = ("no_workaround", "workaround", "scope_all", "scope_many", "scope_few", "scope_one", "worsening", "broken")
"""Facts that a reader thinks of first; others come after them."""

_MOST_TRIED = 10
_FACTS_OR_RANK = ("facts", "all_facts", "not_facts", "severity")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a set of facts comes to."""

    severity: Severity
    level: Level


def changed(facts: Collection[str], add: Collection[str], remove: Collection[str]) -> frozenset[str]:
    """The facts after a change; what is added drives out what opposes it."""
    driven_out = {name for group in _OPPOSED for name in group if any(a in group and a != name for a in add)}
    return frozenset((set(facts) - set(remove) - driven_out) | set(add))


def counterfactuals(
    seen: Seen, now: Outcome, outcome: Callable[[frozenset[str]], Outcome]
) -> tuple[Counterfactual, ...]:
    """At most three: worse, less bad, and a higher rung; each one was tried and does change the outcome.

    The smallest change comes first, of equal ones the one that changes least, then the likeliest. ``outcome`` says what
    a set of facts would come to, the label being what it is.
    """
    rules = seen.pack.rules
    thens = {(rule.then.severity, rule.then.trust) for rule in rules.severity}
    ranks = {then: weighed(Severity[then[0]], then[1], seen) for then in thens}  # each beside the learned reader
    worse = [
        (now.severity - rank, rule.when)
        for rule in rules.severity
        if (rank := ranks[rule.then.severity, rule.then.trust]) < now.severity
    ]
    held = next((rule.when for rule in rules.severity if rule.when.saw(seen) is not None), When())
    better = weighed(Severity.P3, None, seen) > now.severity  # else the learned reader holds it up, not the rule
    higher = [(0, rule.when) for rule in rules.escalations if rule.then.level > now.level and not rule.then.propose]
    found = [
        _first(seen, _towards(worse, seen), outcome, lambda then: then.severity < now.severity, "severity"),
        _first(
            seen,
            _away_from(held, seen) if better else iter(()),
            outcome,
            lambda then: then.severity > now.severity,
            "severity",
        ),
        _first(seen, _towards(higher, seen), outcome, lambda then: then.level > now.level, "level"),
    ]
    return tuple(dict.fromkeys(one for one in found if one is not None))


@dataclass(frozen=True, slots=True)
class _Change:
    """Facts that come and go, and by how many ranks the rule behind it lies away."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    away: int = 0

    def order(self) -> tuple[int, int, int]:
        both = (*self.add, *self.remove)
        unlikely = sum(_LIKELY.index(name) if name in _LIKELY else len(_LIKELY) for name in both)
        return len(both), self.away, unlikely


def _first(
    seen: Seen,
    changes: Iterator[_Change],
    outcome: Callable[[frozenset[str]], Outcome],
    wanted: Callable[[Outcome], bool],
    kind: str,
) -> Counterfactual | None:
    for change in sorted(dict.fromkeys(changes), key=_Change.order)[:_MOST_TRIED]:
        then = outcome(changed(seen.facts, change.add, change.remove))
        if wanted(then):
            said = seen.pack.shown(then.severity) if kind == "severity" else str(then.level)
            return Counterfactual(said, change.add, change.remove)
    return None


def _towards(whens: Collection[tuple[int, When]], seen: Seen) -> Iterator[_Change]:
    """For each rule that facts alone could make hold: the facts it lacks, and those in its way."""
    picturable = _SWAYING if seen.label is Label.SECURITY else _SWAYING - _OF_SECURITY
    for away, when in whens:
        any_of, all_of, none_of = when.of_facts
        lacking, in_the_way = all_of - seen.facts, none_of & seen.facts
        chosen = not any_of or not any_of.isdisjoint(seen.facts)
        choices = [()] if chosen else [(one,) for one in sorted(any_of & picturable)]
        if not (lacking | in_the_way) <= picturable or not choices or not _rest_holds(when, seen):
            continue
        for choice in choices:
            if lacking or in_the_way or choice:
                yield _Change((*sorted(lacking), *choice), tuple(sorted(in_the_way)), away)


def _away_from(held: When, seen: Seen) -> Iterator[_Change]:
    """Ways to make the rule that holds not hold: without one of its facts, or with one that it excludes."""
    any_of, all_of, none_of = held.of_facts
    for name in sorted(all_of & _SWAYING):
        yield _Change(remove=(name,))
    one_of = any_of & seen.facts
    if one_of and one_of <= _SWAYING:
        yield _Change(remove=tuple(sorted(one_of)))
    for name in sorted(none_of & _SWAYING):
        yield _Change(add=(name,))


def _rest_holds(when: When, seen: Seen) -> bool:
    """Whether everything but facts and severity holds."""
    return all(holds(entries, seen) is not None for name, holds, entries in when.given if name not in _FACTS_OR_RANK)
