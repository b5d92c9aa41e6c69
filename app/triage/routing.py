"""Which team is best placed (S0-52..S0-58). Routing refuses while the look-ups before it are not recorded (S0-79)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.triage.conditions import Seen
from app.triage.decision import Context, KnownIssue
from app.triage.rules import first
from app.triage.ticket import Ref

if TYPE_CHECKING:
    from app.triage.escalation import Escalated
    from app.triage.pack import Pack

NOT_RECORDED = "not recorded"


def checks(context: Context) -> Mapping[str, str]:
    """What the look-ups before routing found: open duplicates and known issues (S0-59)."""
    return {
        "duplicates": NOT_RECORDED if context.similar is None else _alike(context.similar, context.duplicate_of),
        "known_issues": NOT_RECORDED if context.known_issues is None else _known(context.known_issues),
    }


def _alike(similar: Sequence[Ref], repeated: Ref | None) -> str:
    """How many may report the same, and the one that the ticket repeats."""
    count = f"{len(similar)} similar"
    return f"repeats {repeated}, {count}" if repeated else count


def _known(issues: Sequence[KnownIssue]) -> str:
    """The known issue that matches, and by what."""
    if not issues:
        return "none matches"
    return "; ".join(f"{one.id}: {one.why}" if one.why else one.id for one in issues)


def route(seen: Seen, checked: Mapping[str, str]) -> tuple[str, str]:
    """The destination and the rule that chose it; an empty destination when a check is not recorded."""
    if any(result == NOT_RECORDED for result in checked.values()):
        return "", "routing-waits-for-checks"
    held = first(seen.pack.rules.routes, seen)
    if held is None:
        raise ValueError("no route holds: the last one must hold always")
    return held.rule.then.destination, held.rule.name


def queue(destination: str, escalated: Escalated, seen: Seen) -> str:
    """The destination after escalation: the rung's queue takes the ticket (S1-28), unless its team keeps it.

    A page is not an assignment: it wakes the person on call and leaves the ticket where it is (S1-19).
    """
    taken_by = seen.pack.ladder[escalated.level].queue
    if not destination or escalated.page or taken_by is None or seen.pack.destinations[destination].keeps:
        return destination
    return taken_by


def team_of(destination: str, context: Context, pack: Pack) -> str:
    """A destination's group, by the account's own name for it where that differs; empty for none."""
    return context.teams.get(destination, pack.destinations[destination].team) if destination else ""
