"""The ticket's side of the question which known issue it matches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from app.triage import edits
from app.triage.classified import Classified
from app.triage.decision import Context
from app.triage.duplicates.people import links_of
from app.triage.duplicates.telling import surfaces_of
from app.triage.known_issues.matching import Asked
from app.triage.language import ENGLISH
from app.triage.policy import Policy
from app.triage.symptoms.reading import symptom_of
from app.triage.symptoms.symptom import Symptom
from app.triage.text import Message
from app.triage.thread import Thread
from app.triage.ticket import Ref, Ticket


def reported(thread: Thread, policy: Policy) -> Symptom:
    """What a thread reports, and about which parts of the product."""
    return replace(symptom_of(thread.messages), surfaces=surfaces_of(thread, policy))


def described(messages: Sequence[Message], policy: Policy) -> Symptom:
    """The same of an entry's own words."""
    return reported(Thread(messages, ENGLISH, False, (), None), policy)


def asked_of(ticket: Ticket, context: Context, read: Classified, symptom: Symptom, now: datetime) -> Asked:
    """What is asked with: what the customer says, where the ticket hangs, and what people did about its tags."""
    ours = {tag.casefold() for tag in context.tags}
    seen = {key.removeprefix(edits.TAG) for key in context.applied if key.startswith(edits.TAG)}
    return Asked(
        ticket=ticket,
        thread=read.thread.messages,
        now=now,
        symptom=symptom,
        own_tags=context.tags,
        refused=(ours | seen) - {tag.casefold() for tag in ticket.tags},
        linked=frozenset(_by_people(ticket, context)),
        label=read.labelled.primary,
    )


def _by_people(ticket: Ticket, context: Context) -> Iterator[Ref]:
    """What the ticket hangs on, but for what we hung it on because it matched: that would prove itself."""
    yield from (one.ref for one in context.linked if one.kind != "known_issue")
    ours = links_of(ticket, context.applied).ours
    yield from (ref for _, ref in ticket.links if ref not in ours)
