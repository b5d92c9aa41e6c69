"""Reconcile one ticket: fetch it, decide, compare with what it shows, apply the difference, remember.

Level-triggered: it looks at the ticket as it is now, whatever rang. So doing it twice changes nothing, and a run that
dies midway leaves a ledger from which the next run plans only the rest.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import structlog

from app.errors import Busy, Conflict, Gone, OutcomeUnknown, Permanent, Refused, Retryable, Unauthorized, Unavailable
from app.metrics import DECISIONS, EFFECTS, RUNS, timed
from app.runtime import Runtime
from app.store.ledger import Effect, EffectState
from app.store.tickets import Lease
from app.triage import effects, engine, records, replies
from app.triage.actions import Action, effect_key, kind
from app.triage.decision import Context, Decision
from app.triage.fields import Known
from app.triage.ticket import Ref, Ticket
from app.vendors import VendorClient, Write
from config.logging import place
from config.settings import JiraAccount, ZendeskAccount
from workers import messages

log = structlog.get_logger("reconcile")

MAX_CONFLICTS = 4  # how often one run fetches and decides again because an agent was writing at the same time

Outcome = Literal["decided", "unchanged", "not_due", "renamed", "waiting", "gone", "parked", "lost_lease"]


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended. ``again``: ring this ticket again, after ``delay`` seconds."""

    outcome: Outcome
    again: Ref | None = None
    delay: float = 0.0


class _LostLease(Exception):
    """Another worker holds the ticket now: stop without another write."""


def reconcile(runtime: Runtime, ref: Ref) -> Result:
    """Bring one ticket in line with the policy. Never raises for a vendor's or a ticket's fault: it waits or parks."""
    with timed("reconcile"):
        result = _reconcile(runtime, ref)
    RUNS.labels(ref.vendor, result.outcome).inc()
    return result


def _reconcile(runtime: Runtime, ref: Ref) -> Result:
    settings, store = runtime.settings, runtime.store
    lease = store.lease(ref, runtime.now(), settings.lease_seconds)
    if lease is None:
        return Result("not_due")
    if lease.tries > settings.max_tries:
        return _park(runtime, lease, "poison", f"{lease.tries - 1} starts without an end")
    if lease.decisions_last_hour >= settings.max_decisions_per_hour:
        return _park(runtime, lease, "loop", f"{lease.decisions_last_hour} decisions within an hour")
    try:
        return _work(runtime, lease)
    except _LostLease:
        log.warning("lease lost", ref=str(ref))
        return Result("lost_lease")
    except Gone as error:
        return _gone(runtime, lease, error)
    except Unauthorized as error:  # the account's trouble, not the ticket's: wait for new credentials
        return _wait(runtime, lease, Retryable(str(error), after=60.0), blameless=True)
    except Permanent as error:
        return _park(runtime, lease, "permanent", f"{type(error).__name__}: {error}")
    except Retryable as error:
        return _wait(runtime, lease, error)
    except Exception as error:  # a fault of ours: keep the ticket, say where, and park it after a few tries
        name, where = place(error)
        log.error("unexpected", ref=str(ref), error=name, where=where, tries=lease.tries)
        return _wait(runtime, lease, Retryable(f"{name} at {where}"), blameless=False)


def _work(runtime: Runtime, lease: Lease) -> Result:
    client = runtime.client(lease.ref.vendor, lease.ref.account)
    try:
        our_id = client.whoami()
    except Refused as error:  # whatever the status: who may not even ask its own name can do nothing at all
        raise Unauthorized(str(error)) from error
    conflicts, done = 0, list[Action]()
    while True:
        with timed("fetch"):
            ticket = client.fetch(lease.ref)
        if ticket.ref != lease.ref:
            runtime.store.rename(lease.ref, ticket.ref, runtime.now())
            return Result("renamed", again=ticket.ref)
        lease = _settle(runtime, lease, ticket)
        context = _context(runtime, lease, our_id)
        ticket = effects.with_our_replies(ticket, context.applied)
        policy = runtime.policy_for(ticket)
        with timed("decide"):
            decision = engine.decide(ticket, context, policy, runtime.now())
            actions = engine.plan(ticket, decision, context, policy)
        try:
            lease, written = _apply(runtime, client, lease, ticket, decision, actions)
            done += written
            shown = replace(context, applied=lease.applied)  # last, because a reply says only what has happened
            told = replies.due(ticket, decision, shown, policy)
            lease, written = _apply(runtime, client, lease, ticket, decision, told)
            done += written
            lease = messages.send(runtime, lease, Known(ticket, shown, decision, policy))
        except Conflict:
            conflicts += 1
            if conflicts >= MAX_CONFLICTS:
                raise
            continue
        return _remember(runtime, lease, ticket, decision, context.previous, done)


def _context(runtime: Runtime, lease: Lease, our_id: str) -> Context:
    previous = records.from_json(lease.previous) if lease.previous else None
    account = runtime.account(lease.ref.vendor, lease.ref.account)
    return Context(
        previous=previous,
        applied=lease.applied,
        tags=lease.own_tags,
        our_id=our_id,
        teams=account.groups,
        default_groups=frozenset(account.default_groups if isinstance(account, ZendeskAccount) else ()),
        triaged_status=account.triaged_status if isinstance(account, JiraAccount) else "",
    )


def _settle(runtime: Runtime, lease: Lease, ticket: Ticket) -> Lease:
    """Learn from the ticket what became of effects that were sent without an answer."""
    for effect in runtime.store.unsettled(lease.ref):
        if effect.kind == messages.KIND:
            lease = messages.settle(runtime, lease, effect)
            continue
        action = effects.from_json(effect.kind, effect.action)
        if effects.shows(ticket, action):
            lease = _confirm(runtime, lease, [action], [effect.key])
        else:
            _mark(runtime, lease.ref, [effect.key], [effect.kind], "planned", "not on the ticket when read again")
    return lease


def _apply(
    runtime: Runtime,
    client: VendorClient,
    lease: Lease,
    ticket: Ticket,
    decision: Decision,
    actions: Sequence[Action],
) -> tuple[Lease, list[Action]]:
    """Send what ``plan`` asked for, one write at a time, each recorded before and after."""
    if not actions:
        return lease, []
    outcome = engine.outcome_hash(decision)
    keys = {action: effect_key(lease.ref, action, outcome) for action in actions}
    planned = [Effect(keys[a], kind(a), "planned", effects.to_json(a)) for a in actions]
    runtime.store.plan_effects(lease.ref, planned, runtime.now())
    writes, impossible = client.writes(ticket, actions)
    for action, reason in impossible.items():
        _mark(runtime, lease.ref, [keys[action]], [kind(action)], "refused", reason)
        log.warning("cannot be done", ref=str(lease.ref), kind=kind(action), reason=reason)
    in_writes = {action for write in writes for action in write.actions}
    if shown := [action for action in actions if action not in in_writes and action not in impossible]:
        lease = _confirm(runtime, lease, shown, [keys[action] for action in shown])  # the ticket shows it already
    done: list[Action] = []
    for write in writes:
        lease = _send(runtime, client, lease, write, [keys[a] for a in write.actions])
        done.extend(write.actions)
    return lease, done


def _send(runtime: Runtime, client: VendorClient, lease: Lease, write: Write, keys: list[str]) -> Lease:
    if not runtime.store.still_holds(lease, runtime.now()):
        raise _LostLease
    kinds = [kind(action) for action in write.actions]
    _mark(runtime, lease.ref, keys, kinds, "sent")
    try:
        with timed("write"):
            client.send(write)
    except OutcomeUnknown as error:
        _mark(runtime, lease.ref, keys, kinds, "unknown", str(error))
        raise
    except Refused as error:
        _mark(runtime, lease.ref, keys, kinds, "refused", str(error))
        raise
    except Retryable as error:
        _mark(runtime, lease.ref, keys, kinds, "planned", str(error))
        raise
    return _confirm(runtime, lease, write.actions, keys)


def _confirm(runtime: Runtime, lease: Lease, actions: Sequence[Action], keys: Sequence[str]) -> Lease:
    applied, own_tags = dict(lease.applied), lease.own_tags
    for action in actions:
        applied, own_tags = effects.applied_after(action, applied, own_tags)
    runtime.store.wrote(lease, applied, own_tags)
    _mark(runtime, lease.ref, keys, [kind(a) for a in actions], "confirmed")
    return lease.with_applied(applied, own_tags)


def _mark(
    runtime: Runtime, ref: Ref, keys: Sequence[str], kinds: Sequence[str], state: EffectState, reason: str = ""
) -> None:
    runtime.store.mark_effects(keys, state, runtime.now(), reason)
    for name in kinds:
        EFFECTS.labels(ref.vendor, name, state).inc()


def _remember(
    runtime: Runtime,
    lease: Lease,
    ticket: Ticket,
    decision: Decision,
    previous: Decision | None,
    done: Sequence[Action],
) -> Result:
    """One transaction ends the run. A decision like the last one, with nothing done, is not written again."""
    outcome = engine.outcome_hash(decision)
    now = runtime.now()
    news = (
        bool(done)
        or previous is None
        or previous.policy_digest != decision.policy_digest
        or engine.outcome_hash(previous) != outcome
    )
    more = runtime.store.remember(
        lease,
        now,
        decision=records.to_json(decision) if news else None,
        outcome=outcome,
        subject=ticket.subject,
        wake_at=decision.wake_at,
    )
    if news:
        DECISIONS.labels(lease.ref.vendor, decision.label.value, str(decision.severity)).inc()
        log.info(
            "decided",
            ref=str(lease.ref),
            label=decision.label.value,
            severity=str(decision.severity),
            level_=decision.level.value,
            destination=decision.destination,
            page=decision.page,
            confidence=round(decision.confidence, 2),
            effects=" ".join(kind(action) for action in done) or "nothing to write",
            ms=round((now - (lease.opened_at or lease.taken_at)).total_seconds() * 1000),
        )
    return Result("decided" if news else "unchanged", again=lease.ref if more else None)


def _gone(runtime: Runtime, lease: Lease, error: Gone) -> Result:
    """A ticket that we knew, or that was reported deleted, has gone: let it rest. One that was never seen is parked,
    because the likely cause is a permission that we lack."""
    if lease.previous is None and "deleted" not in lease.kinds:
        return _park(runtime, lease, "permanent", f"{error}; may our user see this ticket?")
    more = runtime.store.remember(lease, runtime.now(), decision=None)
    log.info("gone", ref=str(lease.ref))
    return Result("gone", again=lease.ref if more else None)


def _wait(runtime: Runtime, lease: Lease, error: Retryable, *, blameless: bool | None = None) -> Result:
    """Back off without sleeping: the ticket is due again later, and somebody rings or sweeps it then."""
    seconds = error.after if error.after is not None else min(300.0, 2.0 * 2**lease.waits)
    if isinstance(error, OutcomeUnknown):  # it may still be on its way: look at the ticket when it must have arrived
        seconds = max(seconds, 2 * runtime.account(lease.ref.vendor, lease.ref.account).timeout)
    seconds = max(1.0, min(3600.0, seconds)) * random.uniform(1.0, 1.25)  # noqa: S311 - jitter, not a secret
    if blameless is None:
        blameless = isinstance(error, Busy | Unavailable | OutcomeUnknown)  # an outage parks nothing
    reason = f"{type(error).__name__}: {error}"
    log.warning("waiting", ref=str(lease.ref), reason=reason, seconds=round(seconds, 1), waits=lease.waits + 1)
    runtime.store.wait(lease, runtime.now(), seconds, reason, blameless=blameless)
    return Result("waiting", again=lease.ref if seconds <= 60 else None, delay=seconds)


def _park(runtime: Runtime, lease: Lease, parked_kind: Literal["permanent", "poison", "loop"], reason: str) -> Result:
    log.error("parked", ref=str(lease.ref), kind=parked_kind, reason=reason)
    runtime.store.park(lease, runtime.now(), parked_kind, reason)
    return Result("parked")
