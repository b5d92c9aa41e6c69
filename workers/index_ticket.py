"""The index ticket of an account is kept by its own look, like any other ticket's notes (S4-72): it is no report of a
customer's, so it is neither decided about nor routed nor answered."""

from __future__ import annotations

from app.runtime import Runtime
from app.triage.actions import AddNote
from app.triage.known_issues import index
from app.triage.ticket import Event, Ref, Ticket


def is_one(runtime: Runtime, ref: Ref) -> bool:
    """Whether a ticket is its account's index."""
    return runtime.account(ref.vendor, ref.account).index_ticket == ref.id


def notes(runtime: Runtime, ticket: Ticket) -> tuple[AddNote, ...]:
    """The lines that it lacks."""
    policy = runtime.policy_for(ticket)
    return index.notes(ticket, runtime.registries.entries(runtime.tenant_of(ticket.ref), policy))


def ring(runtime: Runtime) -> int:
    """Have the index tickets looked at whose registry has changed; gives how many. Once for each change."""
    rung = 0
    for vendor, name in runtime.every_account():
        ref = Ref(vendor, name, runtime.account(vendor, name).index_ticket)
        if not ref.id:
            continue
        stamp = runtime.store.known_issues_stamp(runtime.tenant_of(ref))
        digests = sorted(policy.digest for policy in runtime.policies.at(vendor, name))
        event = Event(ref, "updated", f"index:{ref}:{'-'.join(map(str, stamp))}:{'-'.join(digests)}"[:255])
        rung += runtime.store.record(event, "", runtime.now()) == "accepted"
    return rung
