"""Writing back: one write at a time, each recorded in the ledger before and after, so that nothing is done twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from app.errors import OutcomeUnknown, Refused, Unauthorized
from app.metrics import timed
from app.runtime import Runtime
from app.store.ledger import UNDO, Effect, sending
from app.store.tickets import Lease
from app.triage import effects, engine
from app.triage.actions import KINDS, Action, effect_key, kind
from app.triage.decision import Decision
from app.triage.ticket import Ticket
from app.vendors import VendorClient, Write
from workers import messages
from workers.marking import mark

log = structlog.get_logger("apply")


class LostLease(Exception):
    """Another worker holds the ticket now: stop without another write."""


def settle(runtime: Runtime, lease: Lease, ticket: Ticket) -> Lease:
    """Learn from the ticket what became of effects that were sent without an answer. Raises OutcomeUnknown when one was
    sent so lately that it may still arrive, whoever asked for this look: it is read again later."""
    timeout = runtime.account(lease.ref.vendor, lease.ref.account).timeout
    arrived = runtime.now() - timedelta(seconds=2 * timeout)
    for effect in runtime.store.unsettled(lease.ref):
        if effect.kind == messages.KIND:
            lease = messages.settle(runtime, lease, effect)
            continue
        if effect.kind not in KINDS:  # the bridge settles its own, by looking at the other side
            continue
        action = effects.from_json(effect.kind, effect.action)
        if not effects.shows(ticket, action, effects.alike(action, lease.applied)):
            if effect.at is not None and effect.at > arrived:
                raise OutcomeUnknown(f"{effect.kind} was sent a moment ago and may still arrive")
            mark(runtime, lease.ref, [effect.key], [effect.kind], "planned", "not on the ticket when read again")
        elif effect.run.startswith(UNDO):
            mark(runtime, lease.ref, [effect.key], [effect.kind], "confirmed")  # what was ours stays known as ours
        else:
            lease = _confirm(runtime, lease, [action], [effect.key])
    return lease


def notice(runtime: Runtime, lease: Lease, seen: Mapping[str, str]) -> Lease:
    """Remember how the ticket was read, before it is written to (see ``restraint.noticed``)."""
    if not seen:
        return lease
    applied = {**lease.applied, **seen}
    runtime.store.wrote(lease, applied, lease.own_tags)
    return lease.with_applied(applied, lease.own_tags)


def carry_out(
    runtime: Runtime,
    client: VendorClient,
    lease: Lease,
    ticket: Ticket,
    decision: Decision,
    actions: Sequence[Action],
    run: str = "",
) -> tuple[Lease, list[Action]]:
    """Send what ``plan`` asked for, one write at a time, each recorded before and after, as part of a sweep's run."""
    if not actions:
        return lease, []
    outcome = engine.outcome_hash(decision)
    keys = {action: effect_key(lease.ref, action, outcome) for action in actions}
    planned = [
        Effect(keys[a], kind(a), "planned", effects.to_json(a), run=run, before=effects.before(ticket, a))
        for a in actions
    ]
    runtime.store.plan_effects(lease.ref, planned, runtime.now())
    writes, impossible = client.writes(ticket, actions)
    for action, reason in impossible.items():
        mark(runtime, lease.ref, [keys[action]], [kind(action)], "refused", reason)
        lease = _give_up(runtime, lease, [action], reason)
        log.warning("cannot be done", ref=str(lease.ref), kind=kind(action), reason=reason)
    in_writes = {action for write in writes for action in write.actions}
    if shown := [action for action in actions if action not in in_writes and action not in impossible]:
        lease = _confirm(runtime, lease, shown, [keys[action] for action in shown])  # the ticket shows it already
    done: list[Action] = []
    for write in writes:
        try:
            lease = _send(runtime, client, lease, write, [keys[a] for a in write.actions])
        except Refused as error:
            if not write.aside or isinstance(error, Unauthorized):
                raise
            lease = _give_up(runtime, lease, write.actions, str(error))
            log.warning("refused", ref=str(lease.ref), path=write.path, reason=str(error))
            continue
        done.extend(write.actions)
    return lease, done


def closed_meanwhile(runtime: Runtime, lease: Lease, refusal: Refused) -> None:
    """A person or a rule closed the ticket between our read and our write: what it refused, and what was to follow,
    is over, and no fault."""
    over = [
        effect
        for effect in runtime.store.effects_of(lease.ref)
        if effect.kind != messages.KIND and (effect.state == "planned" or effect.reason == str(refusal))
    ]
    mark(runtime, lease.ref, [one.key for one in over], [], "refused", f"closed meanwhile: {refusal}")
    log.info("closed meanwhile", ref=str(lease.ref))


def _send(runtime: Runtime, client: VendorClient, lease: Lease, write: Write, keys: list[str]) -> Lease:
    if not runtime.store.still_holds(lease, runtime.now()):
        raise LostLease
    kinds = [kind(action) for action in write.actions]
    with sending(partial(mark, runtime, lease.ref, keys, kinds)), timed("write"):
        left = client.send(write)
    return _confirm(runtime, replace(lease, left=left or ""), write.actions, keys)


def _give_up(runtime: Runtime, lease: Lease, actions: Sequence[Action], reason: str) -> Lease:
    """Remember what is not to be tried again."""
    applied = dict(lease.applied)
    for action in actions:
        applied = effects.refused_after(action, applied, reason)
    if applied == lease.applied:
        return lease
    runtime.store.wrote(lease, applied, lease.own_tags)
    return lease.with_applied(applied, lease.own_tags)


def _confirm(runtime: Runtime, lease: Lease, actions: Sequence[Action], keys: Sequence[str]) -> Lease:
    applied, own_tags = dict(lease.applied), lease.own_tags
    for action in actions:
        applied, own_tags = effects.applied_after(action, applied, own_tags)
    runtime.store.wrote(lease, applied, own_tags)
    mark(runtime, lease.ref, keys, [kind(a) for a in actions], "confirmed")
    return lease.with_applied(applied, own_tags)
