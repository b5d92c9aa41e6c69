"""How often a ticket was escalated: it went up, came back with too little of an answer, and went up again (S4-58).

Two sources tell of it, and the higher count holds: the ticket's own history, where the vendor has one, and our
decisions. Going from L2 on to L3 is no second time, and neither is going up again where nobody on our side wrote
anything or took it back in between: rules that hold now and then count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import datetime

from app.triage.decision import Context, Level
from app.triage.pack import Pack
from app.triage.routing import team_of
from app.triage.tags import spelt
from app.triage.ticket import Change, Speaker, Ticket

Times = tuple[int, datetime | None]
"""How often it went up, and when last."""


def escalations(ticket: Ticket, context: Context, pack: Pack, level: Level, now: datetime) -> Times:
    """How often the ticket went up to L2 or higher, the decision for ``level`` at ``now`` among them."""
    return max(_by_history(ticket, context, pack), _by_decisions(ticket, context, level, now), key=lambda one: one[0])


def told(count: int, level: Level) -> Iterator[str]:
    """What colleagues read about it, while the ticket is up again."""
    if count > 1 and level > Level.L1:
        ending = "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
        yield f"Escalated for the {count}{ending} time"


def _by_decisions(ticket: Ticket, context: Context, level: Level, now: datetime) -> Times:
    """By our last decision and this one. A decision from before we counted that was above L1 counts as the first."""
    previous = context.previous
    if previous is None:
        return (1, now) if level > Level.L1 else (0, None)
    raised = previous.level > Level.L1
    count = max(previous.escalations, int(raised))
    last = previous.escalated_at or (previous.level_since if raised else None)
    if level > Level.L1 and not raised and (last is None or _wrote(ticket, last, now)):
        return count + 1, now
    return count, last


def _by_history(ticket: Ticket, context: Context, pack: Pack) -> Times:
    """By the rungs' tags, whoever set them, and by people who moved the ticket into a rung's queue."""
    if not ticket.history:
        return 0, None
    rungs = [rung for level, rung in pack.ladder.items() if level > Level.L1]
    tags = {spelt(rung.tag, ticket.ref.vendor, pack).casefold() for rung in rungs if rung.tag}
    tags |= {rung.tag.casefold() for rung in rungs if rung.tag}
    teams = {team_of(rung.queue, context, pack).casefold() for rung in rungs if rung.queue}
    count, up, taken_back = 0, False, False
    last: datetime | None = None
    for change in ticket.history:
        by_person = change.by not in ("", context.our_id)
        before, after = _above(change, tags, teams)
        if before and not count and change.field == "tags":  # it was made with the tag
            count, last, up = 1, ticket.created_at, True
        if after and not before and not up and (change.field == "tags" or (by_person and change.old)):
            up = True
            if last is None or taken_back or _wrote(ticket, last, change.at):
                count, last, taken_back = count + 1, change.at, False
        elif before and not after and up:
            up, taken_back = False, taken_back or by_person
    return count, last


def _above(change: Change, tags: Set[str], teams: Set[str]) -> tuple[bool, bool]:
    """Whether the ticket stood above L1 before a change, and after it, as far as the changed field tells."""
    if change.field == "tags":
        return not tags.isdisjoint(change.old.casefold().split()), not tags.isdisjoint(change.new.casefold().split())
    if change.field == "group":
        return change.old.casefold() in teams, change.new.casefold() in teams
    return False, False


def _wrote(ticket: Ticket, since: datetime, until: datetime) -> bool:
    """Whether a person on our side wrote in between."""
    return any(one.speaker is Speaker.AGENT and since < one.at <= until for one in ticket.comments)
