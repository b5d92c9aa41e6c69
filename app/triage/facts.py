"""Which facts hold after the whole thread was read (S0-76): later words replace earlier ones; each fact is quoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.triage.commands import Orders, says_more
from app.triage.decision import Context, Evidence, Level, RuledOut
from app.triage.pack import Pack
from app.triage.reading import Hit
from app.triage.ticket import Speaker, Status, Ticket
from app.triage.vocabulary import IMPACT


@dataclass(frozen=True, slots=True)
class Facts(Mapping[str, Evidence]):
    """The facts that hold, by name, each with the words it rests on; and what was considered and dropped."""

    found: Mapping[str, Evidence]
    dropped: tuple[RuledOut, ...] = ()

    def __getitem__(self, name: str) -> Evidence:
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def facts_of(hits: Sequence[Hit]) -> Facts:
    """Read the facts off the hits, which are in the order they were said."""
    found: dict[str, Evidence] = {}
    dropped: dict[str, str] = {}
    for hit in hits:
        fact = hit.entry.fact
        if fact is None:
            continue
        name = hit.entry.name
        if hit.doubt is not None:
            dropped.setdefault(name, f"{hit.doubt}: {_short(hit)}")
            continue
        for other in fact.replaces:
            if found.pop(other, None) is not None:
                dropped[other] = f"no longer holds: {_short(hit)}"
        if name not in found:
            found[name] = hit.evidence(f"fact {name}")
        dropped.pop(name, None)
    return Facts(
        {name: found[name] for name in sorted(found)},
        tuple(RuledOut(f"fact {name}", why) for name, why in sorted(dropped.items()) if name not in found),
    )


def looked_up(ticket: Ticket, context: Context, pack: Pack, orders: Orders) -> frozenset[str]:
    """Facts that no phrase tells: a person escalated, by tag or by command, and nobody on our side noted what was tried
    (S1-26, S4-57); an escalated ticket was solved and nobody noted how (S2-86); a machine sent it (RFC 3834)."""
    rungs = {rung.tag.casefold() for rung in pack.ladder.values() if rung.tag}
    there = {tag.casefold() for tag in ticket.tags}
    theirs = there - {tag.casefold() for tag in context.tags}
    by_person = bool(rungs & theirs) or (orders.level is not None and orders.level.verb == "escalate")
    found = {"escalated_bare"} if by_person and not noted(ticket) else set[str]()
    if ticket.automatic:
        found.add("auto_reply")
    previous = context.previous
    escalated = bool(rungs & there) or (previous is not None and previous.level > Level.L1)
    if ticket.status is Status.SOLVED and escalated and not _documented(ticket, context):
        found.add("solved_bare")
    return frozenset(found)


def of_others(ticket: Ticket, context: Context) -> frozenset[str]:
    """The facts about impact that other tickets of its cluster tell a master (S0-67)."""
    cluster = context.cluster
    return cluster.facts & IMPACT if cluster is not None and cluster.master == ticket.ref else frozenset()


def noted(ticket: Ticket) -> bool:
    """Whether anybody on our side wrote what was tried."""
    return any(comment.speaker is Speaker.AGENT and says_more(comment) for comment in ticket.comments)


def _documented(ticket: Ticket, context: Context) -> bool:
    """Whether engineering resolved its issue, or a person noted something after the ticket had been escalated."""
    if any(one.done for one in context.linked):
        return True
    since = context.previous.level_since if context.previous else None
    notes = (one for one in ticket.comments if one.speaker is Speaker.AGENT and not one.public and says_more(one))
    return any(since is None or one.at > since for one in notes)


def _short(hit: Hit) -> str:
    quote = " ".join(hit.evidence("").quote.split())
    return f"“{quote[:80]}”"
