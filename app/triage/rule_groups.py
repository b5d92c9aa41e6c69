"""The rules of a pack by what they decide, and which clocks they ask about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import Any

from pydantic import model_validator

from app.triage.bridge_parts import MakeIssue
from app.triage.patterns.parts import Propose
from app.triage.reply_parts import Say
from app.triage.rules import Escalate, Part, Raise, Rule, SendTo, SetSeverity, Tag, Talk, Tell

_OPEN_ENDED = ("severity", "routes", "escalations", "communicators")


class Rules(Part):
    """Every rule, by what it decides. Severity, routes, communicators, replies, issues and the posts of patterns take
    the first that holds, the others every one."""

    severity: tuple[Rule[SetSeverity], ...]
    upgrades: tuple[Rule[Raise], ...] = ()
    routes: tuple[Rule[SendTo], ...]
    escalations: tuple[Rule[Escalate], ...]
    communicators: tuple[Rule[Talk], ...]
    notifications: tuple[Rule[Tell], ...] = ()
    tags: tuple[Rule[Tag], ...] = ()
    patterns: tuple[Rule[Propose], ...] = ()
    replies: tuple[Rule[Say], ...] = ()
    issues: tuple[Rule[MakeIssue], ...] = ()

    def groups(self) -> Iterator[tuple[str, tuple[Rule[Any], ...]]]:
        """Each group's name and rules."""
        for name in type(self).model_fields:
            yield name, getattr(self, name)

    @model_validator(mode="after")
    def _ends_are_open(self) -> Rules:
        for name in _OPEN_ENDED:
            rules = getattr(self, name)
            if not rules or rules[-1].when.model_fields_set:
                raise ValueError(f"the last rule of {name} must hold always (no 'when'), so that every ticket gets one")
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Rules:
        for group, rules in self.groups():
            names = [rule.name for rule in rules]
            double = next((name for name in names if names.count(name) > 1), None)
            if double:
                raise ValueError(f"two rules of {group} are named {double!r}")
        return self

    @cached_property
    def asked_early(self) -> tuple[str, ...]:
        """The clocks that are asked about before the level is known."""
        groups = (self.severity, self.upgrades, self.routes, self.escalations)
        asked = [names for group in groups for rule in group for names in rule.when.clocks]
        return tuple(dict.fromkeys(name for names in asked for name in names))

    @cached_property
    def asked_for_severity(self) -> frozenset[str]:
        """The clocks that the severity may follow from."""
        asked = [rule.when.clocks for group in (self.severity, self.upgrades) for rule in group]
        return frozenset(name for names in asked for one in names for name in one)

    @cached_property
    def awaited(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """The clocks that some rule asks about: whether they are at risk, overdue, breached."""
        asked = [rule.when.clocks for _, rules in self.groups() for rule in rules]
        at_risk, overdue, breached = (frozenset(chain.from_iterable(kind)) for kind in zip(*asked, strict=True))
        return at_risk, overdue, breached
