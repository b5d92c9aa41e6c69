"""Which rules can never decide anything: those that an earlier one forestalls, and those that contradict themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.triage.rules import When

_ALL_OF = ("not_facts", "not_tags")
_AT_LEAST = ("reporters", "organizations", "answers")


def implies(later: When, earlier: When) -> bool:
    """Whether the earlier ``when`` holds wherever the later one does. Sound: a yes is certain, a no may be caution."""
    return all(_covered(name, entries, later) for name, _, entries in earlier.given)


def contradiction(when: When) -> str:
    """Why a ``when`` can never hold; empty when it may."""
    none_of = set(when.not_facts or ())
    both = sorted(none_of & set(when.all_facts or ()))
    if both:
        return f"{both[0]} must hold and must not hold"
    if when.facts and set(when.facts) <= none_of:
        return "each of its facts is among not_facts"
    empty = [name for name, _, entries in when.given if entries == ()]
    if empty:
        return f"{empty[0]} lists nothing"
    if when.label and when.second_label and len(when.label) == 1 and set(when.second_label) == set(when.label):
        return "the second label is never the first"
    return ""


def _covered(name: str, entries: Any, later: When) -> bool:
    there = getattr(later, name)
    match name:
        case "facts":
            sure = set(later.all_facts or ())
            return bool(sure & set(entries)) or (bool(later.facts) and set(later.facts or ()) <= set(entries))
        case "all_facts":
            sure = set(later.all_facts or ()) | (set(later.facts) if later.facts and len(later.facts) == 1 else set())
            return set(entries) <= sure
        case _ if name in _ALL_OF:
            return there is not None and _folded(entries) <= _folded(there)
        case _ if name in _AT_LEAST:
            return there is not None and there >= entries
        case _ if isinstance(entries, tuple):
            return bool(there) and _folded(there) <= _folded(entries)
    return bool(there == entries)


def _folded(entries: Iterable[object]) -> set[str]:
    return {str(entry).casefold() for entry in entries}
