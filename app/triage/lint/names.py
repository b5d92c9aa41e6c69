"""Faults of names that a vendor must take or know: tags, priorities, groups, brands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from types import MappingProxyType

from app.triage.conditions import not_among
from app.triage.decision import Label, Level, Severity
from app.triage.layers import Path
from app.triage.lint.finding import Fault
from app.triage.lint.rules import groups
from app.triage.pack import Pack
from app.triage.policy import Policy
from app.triage.tags import spelt
from app.triage.ticket import VENDORS
from app.triage.vocabulary import DESTINATIONS

_SLOT = re.compile(r"\{([^{}]*)\}")
_SIGNS = MappingProxyType(
    {
        "zendesk": (re.compile(r"[\w:/.-]{1,255}"), "letters, digits and _ - : / . , no spaces, 255 signs at most"),
        "jira": (re.compile(r"\S{1,255}"), "no spaces, 255 signs at most"),
    }
)
"""What a tag is made of. Zendesk parts tags at spaces and commas, Jira refuses a label with a space."""

_PRIORITIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"zendesk": ("urgent", "high", "normal", "low"), "jira": ("Highest", "High", "Medium", "Low", "Lowest")}
)


@dataclass(frozen=True, slots=True)
class Site:
    """What there is at the vendors, as far as somebody has told.

    ``groups``: the names of an account's groups by account (``zendesk:acme``). ``teams``: by account the names that it
    has for destinations, where they differ from the policy's. ``brands``: Zendesk brand ids and Jira project keys; None
    when nobody has told.
    """

    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    teams: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    brands: Collection[str] | None = None


def check(policy: Policy) -> Iterator[Fault]:
    """Every tag and priority that a vendor refuses, and every blank team."""
    pack = policy.pack
    values = _values(pack)
    for path, tag in _tags(pack):
        yield from _tag(path, tag, values, pack)
    for vendor, words in pack.priority.items():
        for rank, word in words.items():
            if word.casefold() not in map(str.casefold, _PRIORITIES[vendor]):
                code = "illegal-priority" if vendor == "zendesk" else "unusual-priority"
                said = f"{vendor.capitalize()} has no priority {word!r} of its own"
                yield Fault(code, ("priority", vendor, rank), said, f"name one of {', '.join(_PRIORITIES[vendor])}")
    for path, team in _teams(pack):
        if not team.strip():
            yield Fault("no-team", path, "the team has no name", "name the group at the vendor")


def check_site(policy: Policy, site: Site) -> Iterator[Fault]:
    """Every group and brand that the policy names and the vendors do not know; case does not matter."""
    for account, names in site.groups.items():
        own = site.teams.get(account, {})
        for path, team in _teams(policy.pack):
            named = own.get(str(path[1]), team) if path[0] == "destinations" else team
            if named.casefold() not in map(str.casefold, names):
                at = f" at {account}" if account else ""
                what, _, mend = not_among("group", named, sorted(names)).partition("; ")
                yield Fault("unknown-group", path, what + at, mend)
    if site.brands is not None:
        for path, brand in _brands(policy.pack):
            if brand.casefold() not in map(str.casefold, site.brands):
                what, _, mend = not_among("brand or project", brand, sorted(site.brands)).partition("; ")
                yield Fault("unknown-brand", path, what, mend)


def _values(pack: Pack) -> Mapping[str, Collection[str]]:
    """What each placeholder of a tag may be filled with."""
    labels = [label.lower() for label in Label]
    return {
        "label": labels,
        "second_label": labels,
        "severity": [pack.shown(rank).lower() for rank in Severity],
        "destination": tuple(DESTINATIONS),
        "level": [level.lower() for level in Level],
        "known_issue": ["123-umlauts-in-csv", "ENG-7-slow-export"],
    }


def _tags(pack: Pack) -> Iterator[tuple[Path, str]]:
    """Every tag that the worker writes, and the one by which people confirm."""
    for rule in pack.rules.tags:
        for number, tag in enumerate(rule.then.tags):
            yield ("rules", "tags", rule.name, "then", "tags", number), tag
    for level, rung in pack.ladder.items():
        if rung.tag:
            yield ("ladder", level.value, "tag"), rung.tag
    for label, alias in pack.labels.alias.items():
        yield ("labels", "alias", label.value), alias
    yield ("p0", "confirm_tag"), pack.p0.confirm_tag


def _teams(pack: Pack) -> Iterator[tuple[Path, str]]:
    """Every group that a ticket may be given to."""
    for name, destination in pack.destinations.items():
        yield ("destinations", name, "team"), destination.team
    for name, bundle in pack.bundles.items():
        yield ("bundles", name, "team"), bundle.team


def _brands(pack: Pack) -> Iterator[tuple[Path, str]]:
    """Every brand or Jira project that a rule or a calendar names."""
    for _, path, rules in groups(pack):
        for rule in rules:
            yield from (((*path, rule.name, "when", "brand"), brand) for brand in rule.when.brand or ())
    for name, part in pack.calendars.items():
        yield from ((("calendars", name, "brands", number), brand) for number, brand in enumerate(part.brands))


def _tag(path: Path, tag: str, values: Mapping[str, Collection[str]], pack: Pack) -> Iterator[Fault]:
    unknown = next((name for name in _SLOT.findall(tag) if name not in values), None)
    if unknown is not None:
        what, _, mend = not_among("placeholder", unknown, tuple(values)).partition("; ")
        yield Fault("unknown-placeholder", path, what, mend)
        return
    for vendor in VENDORS:
        legal, rule = _SIGNS[vendor]
        written = (spelt(filled, vendor, pack) for filled in _filled(tag, values))
        bad = next((one for one in written if not legal.fullmatch(one)), None)
        if bad is not None:
            said = f"{bad!r} cannot be a tag at {vendor.capitalize()}: {rule}"
            yield Fault("illegal-tag", path, said, f"change it, or spell it otherwise under tags.map.{vendor}")


def _filled(tag: str, values: Mapping[str, Collection[str]]) -> Iterator[str]:
    """The tag with every choice of what its placeholders stand for."""
    names = tuple(dict.fromkeys(_SLOT.findall(tag)))
    for chosen in product(*(values[name] for name in names)):
        there = dict(zip(names, chosen, strict=True))
        yield _SLOT.sub(lambda slot: there[slot.group(1)], tag)  # noqa: B023 - used at once
