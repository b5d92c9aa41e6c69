"""Which team is best placed (S0-52..S0-58). Routing refuses while the look-ups before it are not recorded (S0-79)."""

from __future__ import annotations

from collections.abc import Mapping

from app.triage.conditions import Seen
from app.triage.decision import Context
from app.triage.pack import Pack
from app.triage.rules import first

NOT_RECORDED = "not recorded"


def checks(context: Context) -> Mapping[str, str]:
    """What the look-ups before routing found: open duplicates and known issues (S0-59)."""
    return {
        "duplicates": NOT_RECORDED if context.similar is None else f"{len(context.similar)} similar",
        "known_issues": NOT_RECORDED if context.known_issues is None else f"{len(context.known_issues)} found",
    }


def route(seen: Seen, checked: Mapping[str, str], pack: Pack) -> tuple[str, str]:
    """The destination and the rule that chose it; an empty destination when a check is not recorded."""
    if any(result == NOT_RECORDED for result in checked.values()):
        return "", "routing-waits-for-checks"
    held = first(pack.routes, seen)
    if held is None:
        raise ValueError("no route holds: the last one must hold always")
    return held.rule.then.destination, held.rule.name
