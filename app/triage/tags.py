"""The tags that a decision asks for: every tag rule that holds, with its placeholders filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.triage.conditions import Seen
from app.triage.rules import every
from app.triage.ticket import VendorName

if TYPE_CHECKING:
    from app.triage.pack import Pack


def tags_for(seen: Seen, escalation_tags: Sequence[str], destination: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags in order, and the rules they come from. A tag whose placeholder is unknown is left out.

    A label's alias (C-15) is written beside them, and so are the tags of the rung that was reached.
    """
    values = {
        "label": seen.label.lower() if seen.label else "",
        "second_label": seen.second_label.lower() if seen.second_label else "",
        "severity": seen.pack.shown(seen.severity).lower() if seen.severity is not None else "",
        "destination": destination,
        "level": seen.level.lower() if seen.level else "",
        "known_issue": next((one.tag for one in seen.context.known_issues or ()), ""),
    }
    found: list[str] = []
    rules = []
    for held in every(seen.pack.rules.tags, seen):
        rules.append(held.rule.name)
        found.extend(tag for template in held.rule.then.tags if (tag := _fill(template, values)))
    alias = seen.pack.labels.alias.get(seen.label) if seen.label else None
    found.extend([alias] if alias else [])
    found.extend(escalation_tags)
    return tuple(dict.fromkeys(found)), tuple(rules)


def spelt(tag: str, vendor: VendorName, pack: Pack) -> str:
    """A tag as a vendor spells it, where the policy says so (C-14)."""
    return pack.tags.map.get(vendor, {}).get(tag, tag)


def _fill(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        slot = "{" + name + "}"
        if slot in template:
            if not value:
                return ""
            template = template.replace(slot, value)
    return template
