"""Reconcile one ticket: fetch it, decide, compare with what it shows, apply the difference, remember.

Level-triggered: it looks at the ticket as it is now, whatever rang. So doing it twice changes nothing, and a run that
dies midway leaves a ledger from which the next run plans only the rest.
"""

from __future__ import annotations

import random
from typing import Literal

import structlog

from app.budget.gate import URGENT
from app.errors import (
    Busy,
    Conflict,
    Gone,
    Held,
    OutcomeUnknown,
    Permanent,
    Refused,
    Retryable,
    Unauthorized,
    Unavailable,
)
from app.metrics import RUNS, timed
from app.runtime import Runtime
from app.store.tickets import Lease
from app.triage.ticket import Ref
from app.vendors.jira.payload import triaged
from config.accounts import JiraAccount
from config.logging import place
from workers import apply, bridge
from workers.look import Look, Result, observed

log = structlog.get_logger("reconcile")

MAX_CONFLICTS = 4  # how often one run fetches and decides again because an agent was writing at the same time

OWN_RINGS = 3  # how often a new ticket that our budget holds back rings by itself before the sweep does
OWN_SECONDS = 5.0  # after which it does at the latest: it may be urgent, and when a limit is free is known at worst


def reconcile(runtime: Runtime, ref: Ref) -> Result:
    """Bring one ticket in line with the policy. Never raises for a vendor's or a ticket's fault: it waits or parks."""
    try:
        with timed("reconcile"):
            result = _reconcile(runtime, ref)
    finally:
        if gate := runtime.gates.get((ref.vendor, ref.account)):
            gate.end()
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
    except apply.LostLease:
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
    if not _concerns_us(runtime, lease.ref):
        more = runtime.store.remember(lease, runtime.now(), decision=None, ours=False)
        return Result("unchanged", again=lease.ref if more else None)
    client = runtime.client(lease.ref.vendor, lease.ref.account)
    gate = runtime.gate(lease.ref.vendor, lease.ref.account)
    gate.begin(None if _is_new(lease) else lease.rank)
    try:
        our_id = client.whoami()
    except Refused as error:  # whatever the status: who may not even ask its own name can do nothing at all
        raise Unauthorized(str(error)) from error
    look, conflicts, refusal = Look(runtime, client, lease, our_id), 0, None
    while True:
        try:
            result = look.once(refusal)
        except Unauthorized:
            raise
        except Refused as error:  # a closed ticket takes nothing: look once whether it is one by now
            if refusal is not None:
                raise
            refusal = error
        except Conflict:
            conflicts += 1
            if conflicts >= MAX_CONFLICTS:
                raise
        else:
            if result is not None:
                return result


def _concerns_us(runtime: Runtime, ref: Ref) -> bool:
    """Whether it is to be read at all: an issue of a project that is triaged, or one that tickets hang on."""
    account = runtime.account(ref.vendor, ref.account)
    in_scope = not isinstance(account, JiraAccount) or triaged(ref.id, account) or ref.id == account.index_ticket
    return in_scope or bool(runtime.store.hanging_on(ref))


def _gone(runtime: Runtime, lease: Lease, error: Gone) -> Result:
    """A ticket that we knew, or that was reported deleted, has gone: let it rest. One that was never seen is parked,
    because the likely cause is a permission that we lack."""
    if (others := bridge.lost(runtime, lease.ref)) is not None:
        return observed(runtime, lease, None, others)
    if lease.previous is None and "deleted" not in lease.kinds:
        return _park(runtime, lease, "permanent", f"{error}; may our user see this ticket?")
    runtime.store.withhold_effects(lease.ref, (), runtime.now())
    if page := runtime.store.page(lease.ref):
        runtime.store.resolve_page(page, runtime.now(), "the ticket is gone")  # the next sweeps tell the pagers
    more = runtime.store.remember(lease, runtime.now(), decision=None, ours=False)
    log.info("gone", ref=str(lease.ref))
    return Result("gone", again=lease.ref if more else None)


def _wait(runtime: Runtime, lease: Lease, error: Retryable, *, blameless: bool | None = None) -> Result:
    """Back off without sleeping: the ticket is due again later, and somebody rings or sweeps it then."""
    seconds = error.after if error.after is not None else min(300.0, 2.0 ** min(lease.waits + 1, 9))
    if isinstance(error, OutcomeUnknown):  # it may still be on its way: look at the ticket when it must have arrived
        seconds = max(seconds, 2 * runtime.account(lease.ref.vendor, lease.ref.account).timeout)
    seconds = max(1.0, min(3600.0, seconds)) * random.uniform(1.0, 1.25)  # noqa: S311 - jitter, not a secret
    if blameless is None:
        blameless = isinstance(error, Busy | Unavailable | OutcomeUnknown)  # an outage parks nothing
    reason = f"{type(error).__name__}: {error}"
    tell = log.info if isinstance(error, Held) else log.warning  # our own limits at work are no fault
    tell("waiting", ref=str(lease.ref), reason=reason, seconds=round(seconds, 1), waits=lease.waits + 1)
    gate = runtime.gates.get((lease.ref.vendor, lease.ref.account))
    rank = gate.rank if gate else None
    held = isinstance(error, Held)
    swept = held and not _rings_itself(lease, rank)
    if held and not swept and rank is None:
        seconds = min(seconds, OWN_SECONDS)
    elif swept:  # what our budget holds back is rung by the sweep, the urgent first, as many as there is room for
        seconds = 1.0
    runtime.store.wait(lease, runtime.now(), seconds, reason, blameless=blameless, rank=rank)
    return Result("waiting", again=lease.ref if seconds <= 60 and not swept else None, delay=seconds)


def _rings_itself(lease: Lease, rank: int | None) -> bool:
    """Whether a ticket that our budget holds back need not wait for the sweep: it is known to be urgent, or it is new,
    nobody knows what it is, and it did not wait long yet."""
    return _is_new(lease) if rank is None else rank <= URGENT


def _is_new(lease: Lease) -> bool:
    """Whether nobody knows yet how urgent the ticket is, and it did not wait long."""
    return (lease.rank is None or lease.rank <= URGENT) and lease.waits < OWN_RINGS


def _park(runtime: Runtime, lease: Lease, parked_kind: Literal["permanent", "poison", "loop"], reason: str) -> Result:
    log.error("parked", ref=str(lease.ref), kind=parked_kind, reason=reason)
    runtime.store.park(lease, runtime.now(), parked_kind, reason)
    return Result("parked")
