"""What is looked up about a ticket once its label is known and before its severity is (S0-59): which tickets report the
same. The ticket is put into the index on the way, so that the others find it."""

from __future__ import annotations

from dataclasses import replace

from app.triage.duplicates.telling import acute, surfaces_of

from app.runtime import Runtime
from app.triage.classified import Classified
from app.triage.decision import Context
from app.triage.duplicates.placing import entry_of, reports, with_placed
from app.triage.duplicates.space import space_of
from app.triage.policy import Policy
from app.triage.symptoms.reading import symptom_of
from app.triage.ticket import Ref, Ticket


def look_up(
    runtime: Runtime, ticket: Ticket, read: Classified, context: Context, policy: Policy
) -> tuple[Context, tuple[Ref, ...]]:
    """The context with what was found, and the other tickets that are to be looked at because of this one. A ticket
    behind which no customer stands is neither kept nor compared."""
    if not reports(ticket, read, context.our_id):
        return context, ()
    label, pack = read.labelled.primary, policy.pack
    thread = read.thread.messages
    symptom = replace(symptom_of(thread), surfaces=surfaces_of(read.thread, policy), vector=runtime.embed(thread))
    entry = entry_of(
        ticket,
        read,
        context,
        space=space_of(runtime.tenant_of(ticket.ref), label),
        symptom=symptom,
        acute=acute(read.thread, read.seen.facts, label, policy),
    )
    placed = runtime.store.place(entry, pack.duplicates, pack.patterns, runtime.now())
    return with_placed(context, placed, ticket.ref), placed.changed
