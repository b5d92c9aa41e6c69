"""Which rung of the ladder takes the ticket, and whether on-call is woken (S1-18..S1-31)."""

from __future__ import annotations

from dataclasses import dataclass

from app.triage.conditions import Seen
from app.triage.decision import Level
from app.triage.pack import Pack
from app.triage.rules import every


@dataclass(frozen=True, slots=True)
class Escalated:
    """The highest rung asked for, whether to page, and the tags that say so."""

    level: Level
    page: bool
    tags: tuple[str, ...]
    rules: tuple[str, ...]


def escalate(seen: Seen, pack: Pack) -> Escalated:
    """Every escalation that holds, taken together."""
    held = [found.rule for found in every(pack.escalations, seen)]
    return Escalated(
        level=max((rule.then.level for rule in held), default=Level.L1),
        page=any(rule.then.page for rule in held),
        tags=tuple(dict.fromkeys(tag for rule in held for tag in rule.then.tags)),
        rules=tuple(rule.name for rule in held),
    )
