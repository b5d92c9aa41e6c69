"""The ticket's side of the question which known issue it matches."""

from __future__ import annotations

from datetime import datetime

from app.triage import edits
from app.triage.classified import Classified
from app.triage.decision import Context
from app.triage.known_issues.matching import Asked
from app.triage.symptoms.reading import symptom_of
from app.triage.ticket import Ticket


def asked_of(ticket: Ticket, context: Context, read: Classified, now: datetime) -> Asked:
    """What is asked with: what the customer says, where the ticket hangs, and what people did about its tags."""
    ours = {tag.casefold() for tag in context.tags}
    seen = {key.removeprefix(edits.TAG) for key in context.applied if key.startswith(edits.TAG)}
    return Asked(
        ticket=ticket,
        thread=read.thread.messages,
        now=now,
        symptom=symptom_of(read.thread.messages),
        own_tags=context.tags,
        refused=(ours | seen) - {tag.casefold() for tag in ticket.tags},
        linked=[one.ref for one in context.linked],
        label=read.labelled.primary,
    )
