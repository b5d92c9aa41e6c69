"""Messages to engineering outside the ticket, each once: planned, sent and settled in the ledger like any effect.

A webhook's receiver drops repetitions, so what got no answer is sent again. An e-mail whose fate is unknown is not: it
stays ``unknown`` in the ledger, where ``triage explain`` shows it.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from app.errors import OutcomeUnknown, Refused, Retryable
from app.oncall.message import Message
from app.runtime import Runtime
from app.store.ledger import Effect, EffectState
from app.store.tickets import Lease
from app.triage.fields import Known
from app.triage.papers import to_engineering
from app.triage.ticket import Status
from workers.marking import mark_one
from workers.withholding import Withholding

log = structlog.get_logger("messages")

KIND = "message"
_APPLIED = "message:"

NUDGE = "nudge-"
"""How the reason of a message begins that asks after an issue (see ``nudges``)."""

NUDGED = _APPLIED + NUDGE
"""How the key in ``Lease.applied`` of such a message begins."""


def announced(lease: Lease, known: Known) -> list[Effect]:
    """What will be sent, unless it is held back."""
    written = _due(lease, known)
    return [_effect(lease, written[0], known.policy.pack.escalation.message)] if written else []


def send(runtime: Runtime, lease: Lease, known: Known, held: Withholding) -> Lease:
    """Send what is due, unless it is held back. Raises Retryable when it must be tried again."""
    written = _due(lease, known)
    return deliver(runtime, lease, written, known.policy.pack.escalation.message, held)[0] if written else lease


def deliver(
    runtime: Runtime, lease: Lease, written: tuple[str, str, str], channel: str, held: Withholding
) -> tuple[Lease, bool]:
    """Send a message by its reason, subject and text, unless it is held back or was sent before. Also gives whether it
    is over, whatever came of it. Raises Retryable when it must be tried again."""
    reason, subject, text = written
    effect = _effect(lease, reason, channel)
    if _APPLIED + reason in lease.applied:
        return lease, True
    if held.holds(effect):
        return lease, False
    runtime.store.plan_effects(lease.ref, [replace(effect, run=held.run)], runtime.now())
    mark_one(runtime, lease.ref, effect, "sent")
    try:
        runtime.post(Message(effect.key, str(lease.ref), subject, text), channel)
    except OutcomeUnknown as error:
        return _close(runtime, lease, effect, "unknown", str(error)), True
    except Refused as error:
        return _close(runtime, lease, effect, "refused", str(error)), True
    except Retryable as error:
        mark_one(runtime, lease.ref, effect, "planned", str(error))
        raise
    return _close(runtime, lease, effect, "confirmed"), True


def _due(lease: Lease, known: Known) -> tuple[str, str, str] | None:
    """What engineering is to be told and was not told before: reason, subject and text. A closed ticket is over: nobody
    is told of one that was merged away, or that the gap sweep met for the first time."""
    written = to_engineering(known) if known.ticket.status is not Status.CLOSED else None
    return None if written is None or _APPLIED + written[0] in lease.applied else written


def _effect(lease: Lease, reason: str, channel: str) -> Effect:
    return Effect(f"{lease.ref}:message:{reason}", KIND, "planned", {"reason": reason, "channel": channel})


def settle(runtime: Runtime, lease: Lease, effect: Effect) -> Lease:
    """What to do about a message whose worker died while it was sent."""
    if _APPLIED + effect.action["reason"] in lease.applied:
        return lease
    if effect.action["channel"] == "email":
        return _close(runtime, lease, effect, "unknown", "the worker ended while it was sent")
    mark_one(runtime, lease.ref, effect, "planned", "sent again: its receiver drops repetitions")
    return lease


def _close(runtime: Runtime, lease: Lease, effect: Effect, state: EffectState, reason: str = "") -> Lease:
    """Whatever came of it, it is not sent again."""
    applied = {**lease.applied, _APPLIED + effect.action["reason"]: state}
    runtime.store.wrote(lease, applied, lease.own_tags)
    mark_one(runtime, lease.ref, effect, state, reason)
    if reason:
        log.warning("message", ref=str(lease.ref), state=state, reason=reason)
    return lease.with_applied(applied, lease.own_tags)
