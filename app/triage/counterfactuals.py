"""What would have to be otherwise: the smallest change of facts that raises or lowers the severity, or the level."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from app.triage.conditions import Seen
from app.triage.decision import Counterfactual, Level, Severity
from app.triage.rules import When
from app.triage.vocabulary import IMPACT

_SWAYING = IMPACT | {"workaround", "scope_one", "scope_few", "intermittent", "code_fix_needed", "verified"}
"""Facts whose coming or going a reader can picture; not, say, that the ticket were spam."""

_OPPOSED = (
    ("scope_one", "scope_few", "scope_many", "scope_all"),
    ("workaround", "no_workaround", "workaround_broken"),
    ("cosmetic", "broken"),
)
"""Facts of which at most one is pictured at a time."""

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

    ``outcome`` says what a set of facts would come to, the label being what it is.
    """
    rules = seen.pack.rules
    better_rank = [rule.when for rule in rules.severity if Severity[rule.then.severity] < now.severity]
    held = next((rule.when for rule in rules.severity if rule.when.saw(seen) is not None), When())
    higher = [rule.when for rule in rules.escalations if rule.then.level > now.level and not rule.then.propose]
    found = [
        _first(seen, _towards(better_rank, seen), outcome, lambda then: then.severity < now.severity, "severity"),
        _first(seen, _away_from(held, seen), outcome, lambda then: then.severity > now.severity, "severity"),
        _first(seen, _towards(higher, seen), outcome, lambda then: then.level > now.level, "level"),
    ]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _first(
    seen: Seen,
    changes: Iterator[tuple[tuple[str, ...], tuple[str, ...]]],
    outcome: Callable[[frozenset[str]], Outcome],
    wanted: Callable[[Outcome], bool],
    kind: str,
) -> Counterfactual | None:
    by_size = sorted(dict.fromkeys(changes), key=lambda change: len(change[0]) + len(change[1]))
    for add, remove in by_size[:_MOST_TRIED]:
        then = outcome(changed(seen.facts, add, remove))
        if wanted(then):
            said = seen.pack.shown(then.severity) if kind == "severity" else str(then.level)
            return Counterfactual(said, add, remove)
    return None


def _towards(whens: Collection[When], seen: Seen) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each rule that facts alone could make hold: the facts it lacks, and those in its way."""
    for when in whens:
        any_of, all_of, none_of = when.of_facts
        lacking, in_the_way = all_of - seen.facts, none_of & seen.facts
        chosen = not any_of or not any_of.isdisjoint(seen.facts)
        choices = [()] if chosen else [(one,) for one in sorted(any_of & _SWAYING)]
        if not (lacking | in_the_way) <= _SWAYING or not choices or not _rest_holds(when, seen):
            continue
        for choice in choices:
            if lacking or in_the_way or choice:
                yield (*sorted(lacking), *choice), tuple(sorted(in_the_way))


def _away_from(held: When, seen: Seen) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Ways to make the rule that holds not hold: without one of its facts, or with one that it excludes."""
    for name in held.all_facts or ():
        if name in _SWAYING:
            yield (), (name,)
    one_of = tuple(name for name in held.facts or () if name in seen.facts)
    if one_of and all(name in _SWAYING for name in one_of):
        yield (), one_of
    for name in held.not_facts or ():
        if name in _SWAYING:
            yield (name,), ()


def _rest_holds(when: When, seen: Seen) -> bool:
    """Whether everything but facts and severity holds."""
    return all(holds(entries, seen) is not None for name, holds, entries in when.given if name not in _FACTS_OR_RANK)
