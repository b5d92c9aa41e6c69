"""Which pattern a ticket stands for: rules are asked of the first ticket of a fault alone, so that people are asked
once and not in every ticket. What was told stays told: neither a count that sinks nor a storm that ends is news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.triage.conditions import Seen
from app.triage.decision import Proposal
from app.triage.field_texts import gist
from app.triage.known_issues.tag import BadTag, made
from app.triage.patterns.counts import counted, stage_of, storm_words
from app.triage.patterns.parts import Propose
from app.triage.patterns.pattern import Named, Pattern, Post
from app.triage.rules import Held, Rule, every

_MAKE_IT = "make it a known issue, tag "


@dataclass(frozen=True, slots=True)
class Found:
    """The pattern, None for none; what a person is asked; and the rules that led to it."""

    pattern: Pattern | None = None
    proposals: tuple[Proposal, ...] = ()
    rules: tuple[str, ...] = ()


def asked(seen: Seen) -> Sequence[Rule[Propose]]:
    """The rules about patterns, for the first ticket of a fault; none for any other."""
    ticket, context = seen.ticket, seen.context
    alone = context.cluster is None or context.cluster.master == ticket.ref
    return seen.pack.rules.patterns if alone and context.duplicate_of is None else ()


def found(seen: Seen) -> Found:
    """The pattern that a ticket stands for. Of posts the first rule that holds counts."""
    held = list(every(asked(seen), seen))
    cluster, before = seen.context.cluster, _before(seen)
    counts = Pattern(tickets=1, customers=1, since=seen.ticket.created_at)
    if cluster is not None and cluster.master == seen.ticket.ref:
        stage = stage_of(cluster.tickets, seen.pack.patterns.told_from)
        storm = storm_words(cluster, seen.pack, seen.calendar) if cluster.storm else ""
        counts = Pattern(
            tickets=cluster.tickets,
            customers=cluster.customers,
            since=cluster.first_at,
            stage=max(stage, before.stage if before else 0),
            storm=storm or (before.storm if before else ""),
        )
    pattern = replace(counts, post=_post(held, before), named=_named(held, before, seen))
    if not any((pattern.stage, pattern.storm, pattern.post, pattern.named)):
        return Found()
    named = pattern.named
    proposals = (Proposal(_MAKE_IT + named.tag, counted(pattern)),) if named and not named.wanted else ()
    return Found(pattern, proposals, tuple(one.rule.name for one in held))


def _before(seen: Seen) -> Pattern | None:
    return seen.context.previous.pattern if seen.context.previous else None


def _post(held: Sequence[Held[Propose]], before: Pattern | None) -> Post | None:
    """The post to propose. One for all customers that was told stays, as long as any is to be proposed."""
    posts = [Post(one.rule.then.post, one.rule.then.blast) for one in held if one.rule.then.post]
    told = before.post if before else None
    return told if posts and told and told.blast else next(iter(posts), None)


def _named(held: Sequence[Held[Propose]], before: Pattern | None, seen: Seen) -> Named | None:
    """The known issue that it is to become, by one tag for ever; None where a person said no."""
    if not any(one.rule.then.known_issue for one in held):
        return None
    tag = _told_tag(before, seen) or _new_tag(seen)
    if _MAKE_IT + tag in seen.orders.rejected:
        return None
    wanted = seen.pack.patterns.create == "create" or _MAKE_IT + tag in seen.orders.accepted
    return Named(tag, gist(seen.ticket.subject) or f"{seen.label}", wanted)


def _told_tag(before: Pattern | None, seen: Seen) -> str:
    """The tag that was proposed already: a subject may change meanwhile."""
    answered = (what for what in (*seen.orders.accepted, *seen.orders.rejected) if what.startswith(_MAKE_IT))
    told = before.named.tag if before and before.named else ""
    return told or next(answered, "").removeprefix(_MAKE_IT)


def _new_tag(seen: Seen) -> str:
    """The tag after the ticket's own number, which is an issue's at Jira, and its subject, else its label (C-27)."""
    number, label = seen.ticket.ref.id, f"{seen.label}"
    try:
        return made(number, gist(seen.ticket.subject))
    except BadTag:
        return made(number, label)
