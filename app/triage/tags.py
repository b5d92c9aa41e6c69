"""The tags that a decision asks for: every tag rule that holds, with its placeholders filled."""

from __future__ import annotations

from app.triage.conditions import Seen
from app.triage.escalation import Escalated
from app.triage.pack import Pack
from app.triage.rules import every


def tags_for(seen: Seen, escalated: Escalated, destination: str, pack: Pack) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags in order, and the rules they come from. A tag whose placeholder is unknown is left out."""
    values = {
        "label": seen.label.lower() if seen.label else "",
        "second_label": seen.second_label.lower() if seen.second_label else "",
        "severity": str(seen.severity).lower() if seen.severity is not None else "",
        "destination": destination,
        "level": escalated.level.lower(),
    }
    found: list[str] = []
    rules = []
    for held in every(pack.tags, seen):
        rules.append(held.rule.name)
        found.extend(tag for template in held.rule.then.tags if (tag := _fill(template, values)))
    found.extend(escalated.tags)
    return tuple(dict.fromkeys(found)), tuple(rules)


def _fill(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        slot = "{" + name + "}"
        if slot in template:
            if not value:
                return ""
            template = template.replace(slot, value)
    return template
