"""What conditions come to: whether one ``when`` holds wherever another does, and whether it can hold at all.

Every yes is certain. A no may be caution: what several rules cover together is not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from app.triage.business_time import Span
from app.triage.decision import Label, Severity
from app.triage.rules import When
from app.triage.vocabulary import KNOWN_LATE

_WHOLE: Mapping[str, Collection[str]] = MappingProxyType(
    {"label": frozenset(Label), "severity": frozenset(Severity.__members__), "vendor": frozenset({"zendesk", "jira"})}
)
"""Lists that every ticket is in: to name all of their entries asks nothing."""

_BEFORE_THE_LEVEL = ("weigh", "severity", "upgrades", "routes", "escalations")
_NONE_OF = ("not_facts", "not_tags")
_ALL_OF = "all_facts"
_RUNNING = MappingProxyType({"m": 1, "h": 60, "d": 24 * 60})
_CLOCKS = ("on_time", "at_risk", "overdue", "breached")
_LOOKED_UP = ("known_issue", "instructions", "duplicate", "reporters", "organizations", "tickets", "storm", "demand")
_LATER = MappingProxyType(
    {
        "weigh": (*_LOOKED_UP, "second_label", "severity", "level", "paged", *_CLOCKS),
        "severity": ("severity", "level", "paged", "on_time"),
        "upgrades": ("level", "paged", "on_time"),
        "routes": ("level", "paged", "on_time"),
        "escalations": ("level", "paged", "on_time"),
        "replies": _CLOCKS,
        "issues": _CLOCKS,
    }
)
"""By group of rules, the conditions that never hold in it: what they ask for is not known when the group is asked."""


def implies(later: When, earlier: When) -> bool:
    """Whether the earlier ``when`` holds wherever the later one does."""
    return all(_covers(name, entries, later) for name, _, entries in earlier.given)


def contradiction(when: When, group: str) -> tuple[str, str] | None:
    """The condition by which a ``when`` of a group of rules can never hold, and why; None when it may."""
    unasked = next((name for name in _LATER.get(group, ()) if getattr(when, name) is not None), None)
    if unasked:
        return unasked, f"{unasked} is not known when {group} rules are asked"
    if group in ("weigh", "severity") and "grown" in _certain(when):
        return facts_of(when)["grown"], f"growth is looked at after {group} rules are asked"
    if group in _BEFORE_THE_LEVEL and (late := sorted(_certain(when) & KNOWN_LATE)):
        return facts_of(when)[late[0]], f"{late[0]} is not known when {group} rules are asked"
    empty = next((name for name, _, entries in when.given if entries == () and not _says_nothing(name)), None)
    if empty:
        return empty, f"{empty} lists nothing"
    both = sorted(set(when.all_facts or ()) & set(when.not_facts or ()))
    if both:
        return "not_facts", f"{both[0]} must hold and must not hold"
    if when.facts and not _possible(when):
        return "not_facts", "it excludes every fact of which one must hold"
    if when.tags and _folded(when.tags) <= _folded(when.not_tags or ()):
        return "not_tags", "it excludes every tag of which one must be there"
    if when.label and when.second_label and len(when.label) == 1 and set(when.second_label) == set(when.label):
        return "second_label", f"the second label is never {when.label[0]} as well"
    return None


def admits(when: When, labels: Collection[Label], severities: Collection[str]) -> bool:
    """Whether a ``when`` leaves room for one of the labels with one of the severities."""
    label = when.label is None or not set(when.label).isdisjoint(labels)
    return label and (when.severity is None or not set(when.severity).isdisjoint(severities))


def facts_of(when: When) -> dict[str, str]:
    """The facts that a ``when`` names, each with the condition that does."""
    return {name: part for part in ("not_facts", _ALL_OF, "facts") for name in getattr(when, part) or ()}


def _covers(name: str, entries: Any, later: When) -> bool:
    """Whether a condition of the earlier rule holds wherever the later rule does."""
    there = getattr(later, name)
    if name == "facts":
        return not _certain(later).isdisjoint(entries) or (bool(later.facts) and _possible(later) <= set(entries))
    if name == _ALL_OF:
        return set(entries) <= _certain(later)
    if name in _NONE_OF:
        return _folded(entries) <= _folded(there or ())
    if isinstance(entries, tuple):
        if name in _WHOLE and set(entries) >= set(_WHOLE[name]):
            return True
        return bool(there) and all(_among(entry, _folded(entries), name) for entry in _folded(there))
    return there is not None and _at_least(there, entries)


def _at_least(there: Any, wanted: Any) -> bool:
    """Whether a threshold is reached where another is; anything else must be the same."""
    if isinstance(wanted, bool):
        return bool(there == wanted)
    if isinstance(wanted, Span):
        if there.unit in _RUNNING and wanted.unit in _RUNNING:
            return bool(there.amount * _RUNNING[there.unit] >= wanted.amount * _RUNNING[wanted.unit])
        return bool(there.unit == wanted.unit and there.amount >= wanted.amount)
    return bool(there >= wanted)


def _certain(when: When) -> set[str]:
    """Facts that hold wherever the rule does."""
    possible = _possible(when)
    return set(when.all_facts or ()) | (possible if len(possible) == 1 else set())


def _possible(when: When) -> set[str]:
    """Of the facts of which one must hold, those that may."""
    return set(when.facts or ()) - set(when.not_facts or ())


def _says_nothing(name: str) -> bool:
    """Whether an empty list under a condition asks nothing; under the others it asks the impossible."""
    return name == _ALL_OF or name in _NONE_OF


def _among(entry: str, entries: Collection[str], name: str) -> bool:
    """Whether an entry is one of these; a language stands for its regions too."""
    return entry in entries or (name == "language" and entry.partition("-")[0] in entries)


def _folded(entries: Iterable[object]) -> set[str]:
    return {str(entry).casefold() for entry in entries}
