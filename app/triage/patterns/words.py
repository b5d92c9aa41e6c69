"""What people read of a pattern: a paragraph of the note, the draft for the status page, who asks for an idea."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from app.triage import templates
from app.triage.conditions import valued
from app.triage.decision import Decision, Label
from app.triage.duplicates.reports import name_of
from app.triage.fields import Known
from app.triage.patterns.pattern import PostKind

_MOST_NAMED = 10  # tickets
_ABOUT: MappingProxyType[PostKind, str] = MappingProxyType(
    {"investigating": "that it is being looked into", "known_issue": "what is known of it"}
)


def paragraph(decision: Decision) -> str:
    """What the note of the first ticket says at its head: how great the storm is, and what became of the known issue.
    The counts stand below, with the other tickets."""
    pattern = decision.pattern
    if pattern is None:
        return ""
    named = pattern.named
    made = f"It is a candidate for the known issues, tag {named.tag}." if named and named.wanted else ""
    return " ".join(filter(None, (f"Storm: {pattern.storm}." if pattern.storm else "", made)))


def draft(known: Known) -> Iterator[str]:
    """The post that is proposed for the status page (S4-77); nothing where none is. It is written in the language of
    ``ack`` and not in the ticket's, because everybody reads it."""
    pattern, pack = known.decision.pattern, known.policy.pack
    if pattern is None or pattern.post is None:
        return
    text = pack.posts[pack.ack.language][pattern.post.kind].text
    if written := templates.render(text, _for_everybody(known)):
        out = "and sent out to all customers" if pattern.post.blast else "not sent out"
        heading = f"Draft for the status page, {_ABOUT[pattern.post.kind]} ({out}), for a person to post:"
        yield "\n".join((heading, *(f"> {line}" for line in written.splitlines())))


def in_demand(known: Known) -> Iterator[str]:
    """What product management is told of an idea: how many customers ask for it, and in which tickets; or that an
    account of high value does (S2-90). Nothing for an idea that few ask for."""
    pack, context = known.policy.pack, known.context
    if known.decision.label is not Label.ENHANCEMENT:
        return
    if context.demand >= pack.demand.product_review:
        others = [one.ref for one in context.candidates if one.band != "nothing"] or list(context.similar or ())
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        named = ", ".join(name_of(one, known.ticket.ref) for one in others[:_MOST_NAMED])
        yield f"In demand: {context.demand} customers ask for it{f', also in {named}{more}' if named else ''}."
    elif who := valued(known.ticket, pack):
        yield f"In demand: {who}, and asks for it."


def _for_everybody(known: Known) -> Known:
    """The same, with moments in the zone of the policy's calendar and not in one customer's."""
    fields = {name: value for name, value in known.ticket.fields.items() if name != "time_zone"}
    return replace(known, ticket=replace(known.ticket, fields=fields))
