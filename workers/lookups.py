"""What is looked up about a ticket once its label is known and before its severity is (S0-59): which tickets report the
same. The ticket is put into the index on the way, so that the others find it."""

from __future__ import annotations

from collections.abc import Sequence

from app.runtime import Runtime
from app.triage.actions import Action, Unlink
from app.triage.classified import Classified
from app.triage.decision import Context
from app.triage.duplicates.links import waiting
from app.triage.duplicates.placing import entry_of, reports, with_placed
from app.triage.duplicates.space import space_of
from app.triage.duplicates.telling import told
from app.triage.fields import Known
from app.triage.policy import Policy
from app.triage.symptoms.symptom import Symptom
from app.triage.ticket import Ref, Ticket


def look_up(
    runtime: Runtime, ticket: Ticket, read: Classified, context: Context, policy: Policy, symptom: Symptom
) -> tuple[Context, tuple[Ref, ...]]:
    """The context with what was found, and the other tickets that are to be looked at because of this one. A ticket
    behind which no customer stands is neither kept nor compared. ``symptom`` is what it reports."""
    if not reports(ticket, read, context.our_id):
        runtime.store.leave_index(ticket.ref, runtime.now())
        return context, ()
    label, pack = read.labelled.primary, policy.pack
    entry = entry_of(
        ticket,
        read,
        context,
        space=space_of(runtime.tenant_of(ticket.ref), label),
        symptom=symptom,
        told=told(read, policy),
    )
    placed = runtime.store.place(entry, pack.duplicates, pack.patterns, runtime.now())
    context = with_placed(context, placed, ticket)
    if hanging := waiting(ticket, context):
        runtime.store.look_again(hanging, runtime.now())
    return context, (*placed.changed, *hanging)


def ring_left(runtime: Runtime, done: Sequence[Action]) -> set[Ref]:
    """The tickets on which this one hung before: a problem without incidents may become an incident itself."""
    left = {one.to for one in done if isinstance(one, Unlink)}
    if left:
        runtime.store.look_again(sorted(left), runtime.now())
    return left


def ring_others(runtime: Runtime, known: Known) -> tuple[Ref, ...]:
    """The other tickets of its cluster, which are to be looked at because the first one hangs on an issue now: so will
    they."""
    cluster = known.context.cluster
    if cluster is None or not runtime.store.linked(known.ticket.ref):
        return ()
    runtime.store.look_again(cluster.children, runtime.now())
    return cluster.children
