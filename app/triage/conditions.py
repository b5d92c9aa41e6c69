"""The conditions a rule may ask, one function each. A function returns what it saw, or None when it does not hold.

label         the primary label is one of these
second_label  the secondary label is one of these
facts         one of these facts holds
all_facts     all of these facts hold
not_facts     none of these facts holds
severity      the severity so far is one of these
tags          the ticket carries one of these tags (case does not matter)
vendor        the ticket lives at one of these vendors
brand         the ticket's brand, or its Jira project, is one of these
tier          the customer's tier is one of these (case does not matter)
overdue       the due time of one of these clocks has passed
spoke         one of these (customer, agent, worker) has written after the first message
unsure        true: the confidence in the label is below the pack's threshold; false: it is not
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.triage.decision import Label, Severity
from app.triage.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known when a rule is asked; later stages know more."""

    ticket: Ticket
    facts: Collection[str]
    label: Label | None = None
    second_label: Label | None = None
    severity: Severity | None = None
    overdue: Collection[str] = ()
    unsure: bool = False


def not_among(what: str, name: str, known: Sequence[str]) -> str:
    """One sentence about an unknown name, with the nearest known one."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    return f"unknown {what} {name!r}; {hint}"


def _label(entries: Sequence[Label], seen: Seen) -> str | None:
    return f"label is {seen.label}" if seen.label in entries else None


def _second_label(entries: Sequence[Label], seen: Seen) -> str | None:
    return f"second label is {seen.second_label}" if seen.second_label in entries else None


def _facts(entries: Sequence[str], seen: Seen) -> str | None:
    return next((f"fact {name}" for name in entries if name in seen.facts), None)


def _all_facts(entries: Sequence[str], seen: Seen) -> str | None:
    return f"facts {', '.join(entries)}" if all(name in seen.facts for name in entries) else None


def _not_facts(entries: Sequence[str], seen: Seen) -> str | None:
    return None if any(name in seen.facts for name in entries) else f"without {', '.join(entries)}"


def _severity(entries: Sequence[str], seen: Seen) -> str | None:
    return f"severity {seen.severity}" if seen.severity is not None and seen.severity.name in entries else None


def _tags(entries: Sequence[str], seen: Seen) -> str | None:
    carried = {tag.casefold() for tag in seen.ticket.tags}
    return next((f"tag {tag}" for tag in entries if tag.casefold() in carried), None)


def _vendor(entries: Sequence[str], seen: Seen) -> str | None:
    return f"vendor {seen.ticket.ref.vendor}" if seen.ticket.ref.vendor in entries else None


def _brand(entries: Sequence[str], seen: Seen) -> str | None:
    return f"brand {seen.ticket.brand}" if seen.ticket.brand in entries else None


def _tier(entries: Sequence[str], seen: Seen) -> str | None:
    tier = seen.ticket.requester.tier
    return f"tier {tier}" if tier.casefold() in {entry.casefold() for entry in entries} else None


def _overdue(entries: Sequence[str], seen: Seen) -> str | None:
    return next((f"clock {name} is overdue" for name in entries if name in seen.overdue), None)


def _spoke(entries: Sequence[str], seen: Seen) -> str | None:
    spoke = {comment.speaker.value for comment in seen.ticket.comments}
    return next((f"the {name} wrote" for name in entries if name in spoke), None)


def _unsure(wanted: bool, seen: Seen) -> str | None:
    if seen.unsure is not wanted:
        return None
    return "confidence is below the threshold" if wanted else "confidence is sufficient"


CONDITIONS: Mapping[str, Callable[[Any, Seen], str | None]] = MappingProxyType(
    {
        "label": _label,
        "second_label": _second_label,
        "facts": _facts,
        "all_facts": _all_facts,
        "not_facts": _not_facts,
        "severity": _severity,
        "tags": _tags,
        "vendor": _vendor,
        "brand": _brand,
        "tier": _tier,
        "overdue": _overdue,
        "spoke": _spoke,
        "unsure": _unsure,
    }
)
