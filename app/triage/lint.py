"""What is wrong with a policy that loads: rules that cannot decide, promises out of order, names that lead nowhere.

Every finding has a code (docs/policy-check.md), a place and a mend.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, pairwise
from typing import Any, Literal

from app.triage.business_time import due
from app.triage.decision import Label, Level, Severity
from app.triage.layers import Path, place_of
from app.triage.policy import Policy
from app.triage.reach import contradiction, implies
from app.triage.rules import Rule, When
from app.triage.tags import spelt
from app.triage.ticket import VENDORS
from app.triage.vocabulary import DESTINATIONS, FACTS, LOOKED_UP

_MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_FIRST_COUNTS = ("severity", "routes", "communicators")
_EVERY_COUNTS = ("upgrades", "escalations", "notifications", "tags")
_SAYS_NOTHING_OF_IMPACT = frozenset({"urgency", "frustrated", "code_fix_needed", "verified"})
_PRIORITIES = {
    "zendesk": frozenset({"urgent", "high", "normal", "low"}),
    "jira": frozenset({"highest", "high", "medium", "low", "lowest"}),
}
_LEGAL_TAG = {"zendesk": re.compile(r"[\w/:.\-]{1,80}"), "jira": re.compile(r"\S{1,255}")}
_SLOT = re.compile(r"\{(\w*)\}")
_ADDRESS = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")
_TELEPHONE = re.compile(r"(?<![\w.])(?!\d{4}-\d\d-\d\d)\+?\d[\d ()/-]{7,}\d(?![\w.])")
_SHOWN = {"frustrated", "competitor", "urgency"}  # forms and notes tell them, though they decide nothing
_READING = ("words", "guards", "facts", "labels", "documents")
_SOURCE = re.compile(r"(?:(?:U|S[0-4])-\d{2,3}|C-\d\d|derived)")


@dataclass(frozen=True, slots=True)
class Finding:
    """``place`` is file:line:column, or the variable of the environment; ``path`` the value's place in the pack."""

    code: str
    severity: Literal["error", "warning"]
    path: str
    place: str
    sentence: str
    mend: str


Found = tuple[str, Path, str, str]
"""Code, path, sentence, mend."""

WARNINGS = frozenset(
    {"overridden-rule", "no-calendar", "due-shrinks", "unused-fact", "unused-words", "no-source", "unusual-priority"}
)


def lint(policy: Policy, groups: Collection[str] | None = None) -> list[Finding]:
    """Everything that is wrong with a policy; ``groups`` are the names of the groups that exist at the vendors."""
    found = [one for check in _CHECKS for one in check(policy)]
    found += _groups(policy, groups) if groups is not None else []
    return [
        Finding(code, "warning" if code in WARNINGS else "error", ".".join(map(str, path)), _place(policy, path), *said)
        for code, path, *said in found
    ]


def _place(policy: Policy, path: Path) -> str:
    return place_of(policy.tree, path)


def _file(policy: Policy, path: Path) -> str:
    return _place(policy, path).partition(":")[0]


def _rules(policy: Policy) -> Iterator[Found]:
    for group, rules in policy.pack.rules.groups():
        for rule in rules:
            if why := contradiction(rule.when):
                yield "never-holds", ("rules", group, rule.name, "when"), f"it can never hold: {why}", "take one out"
        for first, second in combinations(rules, 2):
            path: Path = ("rules", group, second.name)
            if group in _FIRST_COUNTS and implies(second.when, first.when):
                ours = _file(policy, path) == _file(policy, ("rules", group, first.name))
                code = "unreachable-rule" if ours else "overridden-rule"
                yield code, path, f"{first.name!r} holds wherever it does, and comes first", "move it up, or off: true"
            elif first.when == second.when and first.then != second.then and group in _EVERY_COUNTS:
                yield "same-when", path, f"{first.name!r} has the same conditions", "make them one rule"


def _promises(policy: Policy) -> Iterator[Found]:
    for name, clock in policy.pack.clocks.items():
        ends = {}
        for rank in (*Severity, *Level):
            target = clock.of(rank)
            if target is None:
                continue
            ends[rank] = due(_MONDAY, target.due, policy.calendar)
            if target.goal and due(_MONDAY, target.goal, policy.calendar) > ends[rank]:
                path: Path = ("clocks", name, rank.name, "goal")
                yield (
                    "goal-after-due",
                    path,
                    f"the goal {target.goal} comes after {target.due}",
                    "warn before it is due",
                )
        ranked = [(rank, ends[rank]) for rank in Severity if rank in ends]
        for (worse, sooner), (rank, later) in pairwise(ranked):
            if later < sooner:
                path = ("clocks", name, rank.name, "due")
                yield "due-shrinks", path, f"{rank} is promised earlier than {worse}", "promise the worse rank earlier"


def _tags(policy: Policy) -> Iterator[Found]:
    pack = policy.pack
    values = {
        "label": [label.lower() for label in Label],
        "second_label": [label.lower() for label in Label],
        "severity": [pack.shown(rank).lower() for rank in Severity],
        "destination": list(DESTINATIONS),
        "level": [level.lower() for level in Level],
    }
    named: list[tuple[Path, str]] = [
        (("rules", "tags", rule.name, "then", "tags"), tag) for rule in pack.rules.tags for tag in rule.then.tags
    ]
    named += [(("ladder", level.value, "tag"), rung.tag) for level, rung in pack.ladder.items() if rung.tag]
    named += [(("labels", "alias", label.value), alias) for label, alias in pack.labels.alias.items()]
    for path, tag in named:
        unknown = [slot for slot in _SLOT.findall(tag) if slot not in values]
        if unknown:
            yield "illegal-tag", path, f"{tag!r} names the unknown {unknown[0]!r}", f"known: {', '.join(values)}"
            continue
        for vendor in VENDORS:
            for full in _filled(tag, values):
                written = spelt(full, vendor, pack)
                if not _LEGAL_TAG[vendor].fullmatch(written):
                    mend = f"spell it under tags.map.{vendor}"
                    yield "illegal-tag", path, f"{written!r} cannot be a tag at {vendor}", mend
                    break


def _filled(tag: str, values: dict[str, list[str]]) -> Iterator[str]:
    slots = _SLOT.findall(tag)
    if not slots:
        yield tag
        return
    for value in values[slots[0]]:
        yield from _filled(tag.replace("{" + slots[0] + "}", value), values)


def _people(policy: Policy) -> Iterator[Found]:
    for path, node in policy.tree.leaves():
        if path[0] in _READING or node.place.startswith("environment"):
            continue
        for text in node.plain() if isinstance(node.value, list) else [node.value]:
            shown = isinstance(text, str) and (_ADDRESS.search(text) or _TELEPHONE.search(text))
            if shown:
                mend = "name a role; who it is stands in the environment"
                yield "personal-data", path, f"{shown.group()!r} looks like an address or a number", mend


def _calendar(policy: Policy) -> Iterator[Found]:
    if policy.tree.step("calendar") is None:
        sentence = "business hours are Monday to Friday 09:00-17:00 UTC without holidays: no document says so"
        yield "no-calendar", ("calendar",), sentence, "set calendar.timezone, hours and holidays"


def _ideas(policy: Policy) -> Iterator[Found]:
    rules = policy.pack.rules
    for rule in rules.escalations:
        ideas = rule.when.label is None or Label.ENHANCEMENT in rule.when.label
        lowest = rule.when.severity is None or "P4" in rule.when.severity
        if ideas and lowest and rule.then.level in (Level.L2, Level.L3) and not rule.then.propose:
            path: Path = ("rules", "escalations", rule.name)
            yield "idea-escalates", path, "it can escalate an idea (S4-97)", "name labels, or severities above P4"
    for raising in rules.upgrades:
        if raising.when.severity is None or "P4" in raising.when.severity:
            path = ("rules", "upgrades", raising.name)
            yield "p4-rises", path, "it can raise an idea out of P4 (C-02)", "name the severities that it raises"


def _impact(policy: Policy) -> Iterator[Found]:
    for group in ("severity", "upgrades"):
        for rule in getattr(policy.pack.rules, group):
            asked = {*(rule.when.facts or ()), *(rule.when.all_facts or ())} & _SAYS_NOTHING_OF_IMPACT
            for fact in sorted(asked):
                path: Path = ("rules", group, rule.name, "when")
                yield "not-impact", path, f"{fact} says nothing of the impact (S1-02)", "rate by what is impaired"


def _priorities(policy: Policy) -> Iterator[Found]:
    for vendor, words in policy.pack.priority.items():
        for rank, word in words.items():
            if word.casefold() not in _PRIORITIES[vendor]:
                code = "illegal-priority" if vendor == "zendesk" else "unusual-priority"
                known = ", ".join(sorted(_PRIORITIES[vendor]))
                yield code, ("priority", vendor, rank), f"{word!r} is no priority of {vendor}'s own", f"known: {known}"


def _unused(policy: Policy) -> Iterator[Found]:
    pack = policy.pack
    asked = {name for rule in _every(policy) for name in _facts_of(rule.when)}
    asked |= {name for part in pack.facts.values() for name in part.replaces} | set(pack.ack.not_facts) | _SHOWN
    for name in sorted(set(pack.facts) - asked):
        yield "unused-fact", ("facts", name), f"no rule asks for {name}", "use it, or leave its phrases out"
    for name in sorted(asked - set(pack.facts) - LOOKED_UP):
        said = f"rules ask for {name} ({FACTS[name]}), and nothing tells it"
        yield "fact-without-phrases", ("facts",), said, f"give facts.{name} phrases"
    text = str(pack.model_dump(include={"words", "guards", "facts", "labels", "documents"}, mode="json"))
    for name in sorted(name for name in pack.words if f"<{name}>" not in text):
        yield "unused-words", ("words", name), f"no phrase names <{name}>", "leave the list out"


def _every(policy: Policy) -> Iterator[Rule[Any]]:
    for _, rules in policy.pack.rules.groups():
        yield from rules
    yield from policy.pack.labels.weigh


def _facts_of(when: When) -> Iterable[str]:
    return [name for part in ("facts", "all_facts", "not_facts") for name in getattr(when, part) or ()]


def _sources(policy: Policy) -> Iterator[Found]:
    for group, rules in policy.pack.rules.groups():
        for rule in rules:
            yield from _source(("rules", group, rule.name), rule.source)
    for section in ("destinations", "ladder", "upgrade", "clocks"):
        for name, part in getattr(policy.pack, section).items():
            yield from _source((section, str(name)), part.source)


def _source(path: Path, source: str) -> Iterator[Found]:
    if not source:
        yield "no-source", path, "it does not say where it comes from", "add source, such as S1-27"
    elif not _SOURCE.fullmatch(source):
        yield (
            "bad-source",
            (*path, "source"),
            f"{source!r} is no requirement's id",
            "write it as S1-27, C-09 or derived",
        )


def _groups(policy: Policy, groups: Collection[str]) -> Iterator[Found]:
    known = {name.casefold() for name in groups}
    teams: list[tuple[Path, str]] = [(("destinations", n, "team"), t.team) for n, t in policy.pack.destinations.items()]
    teams += [(("bundles", name, "team"), bundle.team) for name, bundle in policy.pack.bundles.items()]
    for path, team in teams:
        if team.casefold() not in known:
            near = difflib.get_close_matches(team, groups, n=1)
            mend = f"did you mean {near[0]!r}?" if near else "make the group, or name one that exists"
            yield "unknown-group", path, f"no group is named {team!r}", mend


_CHECKS: tuple[Callable[[Policy], Iterator[Found]], ...] = (
    *(_rules, _promises, _tags, _people, _calendar, _ideas, _impact, _priorities, _unused, _sources),
)
