"""A ticket and the registry of known issues: which entry it matches, and whether its workaround still works (S0-63).

The registry of a tenant is read once and kept until it changes; what a ticket matches is remembered, so that it hears
when the entry is fixed.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from app.runtime import Runtime
from app.store.known_issues import Match as Kept
from app.store.tickets import Lease
from app.triage.classified import Classified
from app.triage.decision import Context
from app.triage.duplicates.space import space_of
from app.triage.known_issues.asking import asked_of
from app.triage.known_issues.entry import RegistryEntry, over
from app.triage.known_issues.matching import Found, Match, Registry
from app.triage.known_issues.workarounds import Complaint, complaint, flagged, hint
from app.triage.policy import Policy
from app.triage.symptoms.symptom import Symptom
from app.triage.ticket import Ref, Ticket
from config.accounts import ZendeskAccount
from workers import registry

log = structlog.get_logger("known_issues")


def looked_up(
    runtime: Runtime, lease: Lease, ticket: Ticket, context: Context, policy: Policy, read: Classified, symptom: Symptom
) -> Context:
    """The context with what the registry says of the ticket, which reports ``symptom``. Remembers what it matches."""
    registry.met(runtime, ticket, policy, read.labelled.primary, lease.applied.get("type", ""))
    there = runtime.registries.of(runtime.tenant_of(ticket.ref), policy)
    if not there.entries:
        return context
    result = found(runtime, ticket, context, policy, read, symptom)
    before = _before(runtime, lease.ref, there)
    known = {entry.id: one for entry, one in before if entry.state != "fixed"}
    match, matched, hints, said = None, dict[int, Kept](), result.hints, complaint(read)
    if result.matches:
        match = _in_store(runtime, ticket, result.matches[0])
        matched = {match.entry.id: _kept(match, known.get(match.entry.id), said, ticket)}
    if matched != known:
        runtime.store.match_known_issues(lease.ref, matched, runtime.now())
    if match is not None:
        match = _after_complaint(runtime, ticket, match, policy, said)
        hints = (hint(match.entry),) if said and match.entry.workaround_broken else ()
    site, public = _site(runtime, ticket.ref), policy.pack.known_issues.public_titles
    shown = (replace(match.entry.shown(site, public), why=match.why, score=match.score),) if match else ()
    fixed = tuple(entry.shown(site, public) for entry, _ in before if entry.state == "fixed")
    return replace(context, known_issues=shown, not_known=result.weighed, known_issue_hints=hints, fixed=fixed)


def found(
    runtime: Runtime, ticket: Ticket, context: Context, policy: Policy, read: Classified, symptom: Symptom
) -> Found:
    """What of the registry the ticket matches, and what was weighed."""
    tenant = runtime.tenant_of(ticket.ref)
    asked = asked_of(ticket, context, read, symptom, runtime.now())
    return runtime.registries.found(tenant, space_of(tenant, read.labelled.primary), asked, policy)


def _before(runtime: Runtime, ref: Ref, there: Registry) -> list[tuple[RegistryEntry, Kept]]:
    """What the ticket matched at its last look. An entry of a policy that says by now that it is fixed, is."""
    now = {one.id: one for one in there.entries if one.state == "fixed"}
    before = runtime.store.known_issues_of(ref)
    late = [entry for entry, _ in before if entry.state == "open" and entry.id in now]
    for entry in late:
        fixed = over(entry, "fixed", now[entry.id].fixed_in, runtime.now())
        runtime.store.change_known_issue(runtime.tenant_of(ref), fixed, runtime.now())
    return runtime.store.known_issues_of(ref) if late else before


def _in_store(runtime: Runtime, ticket: Ticket, match: Match) -> Match:
    """The match, with an entry that the store knows: one of a policy is kept once a ticket matches it."""
    if match.entry.id:
        return match
    kept, _ = runtime.store.keep_known_issue(runtime.tenant_of(ticket.ref), match.entry, runtime.now())
    return replace(match, entry=replace(match.entry, id=kept.id))


def _kept(match: Match, earlier: Kept | None, said: Complaint | None, ticket: Ticket) -> Kept:
    """The match as it is remembered; a complaint stays with the workaround that it was about."""
    broken = match.entry.workaround_mark if said and said.about(match.entry) else ""
    return Kept(match.how.name.lower(), _customer(ticket), broken or (earlier.broken if earlier else ""))


def _after_complaint(runtime: Runtime, ticket: Ticket, match: Match, policy: Policy, said: Complaint | None) -> Match:
    """The match with its entry as it is known after this ticket's complaint, if it has one: when enough customers say
    that the workaround stopped working, or one agent, it is told to nobody any more."""
    entry = match.entry
    if said is None or entry.workaround_broken or not said.about(entry):
        return match
    there = runtime.store.tickets_of_known_issue(entry.id)
    told = {one.customer or str(ref) for ref, one in there if one.broken == entry.workaround_mark}
    if not said.by_agent and len(told) < policy.pack.known_issues.broken_after:
        return match
    entry = flagged(entry, runtime.now())
    runtime.store.change_known_issue(runtime.tenant_of(ticket.ref), entry, runtime.now())
    log.warning("workaround broken", ref=str(ticket.ref), name=entry.name, count=len(told))
    return replace(match, entry=entry)


def _customer(ticket: Ticket) -> str:
    """Who reports it, for counting (as ``Entry.customer`` of the index has it)."""
    customer = ticket.requester
    return customer.organization_id or customer.organization or customer.id


def _site(runtime: Runtime, ref: Ref) -> str:
    """The Jira account on whose issues the tickets of an account are hung."""
    account = runtime.account(ref.vendor, ref.account)
    return account.engineering if isinstance(account, ZendeskAccount) else account.name
