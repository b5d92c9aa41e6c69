"""One look at one ticket: fetch it, decide, compare with what it shows, apply the difference, remember."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import structlog

from app.errors import Refused, Retryable, Unauthorized
from app.metrics import DECISIONS, timed
from app.runtime import Runtime
from app.store.tickets import Lease
from app.triage import boilerplate, commands, effects, engine, oncall_words, records, replies, restraint, step_notes
from app.triage.actions import Action, SetType, kind
from app.triage.decision import Context, Decision
from app.triage.duplicates import reports
from app.triage.duplicates.links import PROBLEM
from app.triage.fields import Known
from app.triage.known_issues import news
from app.triage.known_issues.asking import reported
from app.triage.policy import Policy
from app.triage.ticket import Ref, Status, Ticket
from app.vendors import VendorClient
from workers import (
    apply,
    bridge,
    corrections,
    index_ticket,
    known_issues,
    lookups,
    messages,
    nudges,
    opinions,
    pages,
    patterns,
    registry,
    surroundings,
)
from workers.withholding import Withholding

log = structlog.get_logger("reconcile")

SOON = timedelta(seconds=60)  # until a ticket is read again whose clocks we turned ourselves: nobody rings for that

AWAY = timedelta(seconds=60)  # until engineering's Jira, which did not answer, is asked again

Outcome = Literal["decided", "unchanged", "not_due", "renamed", "waiting", "gone", "parked", "lost_lease", "observed"]


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended. ``again``: ring this ticket again, after ``delay`` seconds. ``others``: ring these too.
    ``in_doubt``: ask for a second opinion on it."""

    outcome: Outcome
    again: Ref | None = None
    delay: float = 0.0
    others: tuple[Ref, ...] = ()
    in_doubt: bool = False


class Look:
    """A leased ticket under one run's eyes. ``done`` is what this run wrote, over all its attempts."""

    def __init__(self, runtime: Runtime, client: VendorClient, lease: Lease, our_id: str) -> None:
        self._runtime, self._client, self._lease, self._our_id = runtime, client, lease, our_id
        self._done: list[Action] = []
        self._in_doubt = False
        self._is_problem = False
        self._others: set[Ref] = set()
        self._paged: tuple[str, ...] = ()

    def once(self, refusal: Refused | None) -> Result | None:
        """One attempt; None when there is news by which to decide again. Raises what a vendor's answer came to.

        ``refusal`` is what the attempt before ended with: right for a ticket that is closed by now, raised again else.
        """
        runtime = self._runtime
        with timed("fetch"):
            ticket = self._client.fetch(self._lease.ref)
        if ticket.ref != self._lease.ref:
            runtime.store.rename(self._lease.ref, ticket.ref, runtime.now())
            return Result("renamed", again=ticket.ref)
        if (others := bridge.observe(runtime, ticket)) is not None:
            registry.met(runtime, ticket, runtime.policy_for(ticket))
            if not runtime.store.repeated_by(ticket.ref):
                return observed(runtime, self._lease, ticket, others)
            self._others |= set(others)
        if refusal is not None:
            if ticket.status is not Status.CLOSED:
                raise refusal
            apply.closed_meanwhile(runtime, self._lease, refusal)
        self._lease = apply.settle(runtime, replace(self._lease, left=""), ticket)
        self._lease = surroundings.inherit(runtime, self._lease, ticket)
        ticket = effects.with_our_replies(ticket, self._lease.applied)
        context = surroundings.of(runtime, self._lease, ticket, self._our_id)
        policy = runtime.policy_for(ticket)
        if index_ticket.is_one(runtime, ticket.ref):
            return self._keep_index(ticket, policy)
        with timed("decide"):
            read = engine.classified(ticket, context, policy, runtime.now())
        with timed("look_up"):
            symptom = replace(reported(read.thread, policy), vector=runtime.embed(read.thread.messages))
            context = known_issues.looked_up(runtime, self._lease, ticket, context, policy, read, symptom)
            context, changed = lookups.look_up(runtime, ticket, read, context, policy, symptom)
        self._others |= set(changed)
        context = pages.seen(runtime, ticket.ref, context)
        with timed("decide"):
            decision = engine.decide(ticket, context, policy, runtime.now(), read)
        second = opinions.consult(runtime, ticket, decision, policy, context.previous)
        self._in_doubt = second.wanted
        if second.opinion is not None:
            context = replace(context, opinion=second.opinion)
            decision = engine.decide(ticket, context, policy, runtime.now(), read)
        runtime.gate(ticket.ref.vendor, ticket.ref.account).decided(decision.severity)
        return self._write(ticket, context, decision, policy)

    def _keep_index(self, ticket: Ticket, policy: Policy) -> Result:
        """The index of known issues gets the lines that it lacks, as far as notes may be written, and nothing else."""
        decision = engine.decide(ticket, Context(our_id=self._our_id), policy, self._runtime.now())
        known, held = Known(ticket, Context(), decision, policy), self._held(ticket, decision)
        self._carry_out(known, held, held.permitted(index_ticket.notes(self._runtime, ticket)))
        return observed(self._runtime, self._lease, ticket, ())

    def _write(self, ticket: Ticket, context: Context, decision: Decision, policy: Policy) -> Result | None:
        """The difference to what the ticket shows, as far as it may be written: on-call is woken first, what a note or
        a reply tells has happened before it, and what an issue tells comes last."""
        runtime, held, known = self._runtime, self._held(ticket, decision), Known(ticket, context, decision, policy)
        attended = pages.attend(runtime, self._lease, known, held)
        self._paged += attended.done
        outside, waits = pages.announced(known), [attended.later]
        try:
            self._lease = nudges.ask(runtime, self._lease, known, held)
        except (Retryable, Unauthorized) as error:
            waits.append(self._engineering_waits(error))
        linked = runtime.store.linked(ticket.ref) if context.linked else ()
        if nudges.changed(context.linked, linked):
            return None
        context = replace(context, page=attended.page, linked=linked, applied=self._lease.applied)
        known = replace(known, context=context)
        corrections.keep(runtime, ticket, context, policy.pack)
        patterns.keep(runtime, known)
        self._lease = apply.notice(runtime, self._lease, restraint.noticed(ticket, decision, context, policy))
        planned = engine.plan(ticket, decision, context, policy)
        allowed = held.permitted(planned)
        if held.assists:
            parts = (messages, bridge, nudges)
            outside += [effect for part in parts for effect in part.announced(self._lease, known)]
            allowed = held.with_drafts(allowed, planned, replies.due(ticket, decision, context, policy), outside)
        self._carry_out(known, held, allowed)
        self._others |= lookups.ring_left(runtime, self._done)
        known = replace(known, context=replace(context, applied=self._lease.applied))
        self._carry_out(known, held, held.permitted(step_notes.refused(known)))
        self._carry_out(known, held, held.permitted(replies.due(ticket, decision, known.context, policy)))
        self._carry_out(known, held, held.permitted(oncall_words.news(known)))
        self._carry_out(known, held, held.permitted([*news.fixed(known)]))
        told = reports.due(known, runtime.now())
        self._carry_out(known, held, held.permitted([told.note] if told.note else ()))
        waits.append(told.later)
        self._lease = messages.send(runtime, self._lease, known, held)
        if any(map(effects.turns_clocks, self._done)):
            waits.append(runtime.now() + SOON)
        try:
            crossed = bridge.cross(runtime, self._lease, known, held)
        except (Retryable, Unauthorized) as error:  # the ticket itself is done: only engineering's side waits
            waits.append(self._engineering_waits(error))
        else:
            if crossed.changed:
                self._others |= set(lookups.ring_others(runtime, known) if not known.context.linked else ())
                return None
            self._carry_out(known, held, held.permitted(crossed.news))
        if SetType(PROBLEM) in self._done and not self._is_problem:
            self._is_problem = True
            return None  # the others wait for it: the index is to know at once
        held.write_down()
        return self._remember(known, held.kinds, min(filter(None, waits), default=None))

    def _engineering_waits(self, error: Exception) -> datetime:
        """When engineering's side of the ticket is tried again."""
        log.warning("engineering waits", ref=str(self._lease.ref), reason=f"{type(error).__name__}: {error}")
        return self._runtime.now() + max(AWAY, timedelta(seconds=getattr(error, "after", None) or 0))

    def _held(self, ticket: Ticket, decision: Decision) -> Withholding:
        permission = self._runtime.permission(ticket.ref)
        if commands.accepted(ticket, self._our_id):
            permission = permission.accepted()
        return Withholding(self._runtime, self._lease, ticket, decision, permission)

    def _carry_out(self, known: Known, held: Withholding, actions: Sequence[Action]) -> None:
        self._lease, written = apply.carry_out(
            self._runtime, self._client, self._lease, known.ticket, known.decision, actions, held.run
        )
        self._done += written

    def _remember(self, known: Known, held: Sequence[str], later: datetime | None) -> Result:
        """One transaction ends the run. A decision like the last one, with nothing done, is not written again."""
        runtime, lease, decision, previous = self._runtime, self._lease, known.decision, known.context.previous
        outcome = engine.outcome_hash(decision)
        now = runtime.now()
        news = (
            bool(self._done)
            or previous is None
            or previous.policy_digest != decision.policy_digest
            or engine.outcome_hash(previous) != outcome
            or previous.duplicate_of != decision.duplicate_of
            or previous.opinion != decision.opinion
        )
        more = runtime.store.remember(
            lease,
            now,
            decision=records.to_json(decision) if news else None,
            outcome=outcome,
            ticket=known.ticket,
            rank=decision.severity,
            decided=decision,
            paragraphs=boilerplate.paragraphs_of(known.ticket) if previous is None else (),
            policy=decision.policy_digest,
            answered=surroundings.answered(known),
            wake_at=min(filter(None, (decision.wake_at, later)), default=None),
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
                effects=" ".join([*self._paged, *map(kind, self._done), *(["would:", *held] if held else [])])
                or "nothing to write",
                ms=round((now - (lease.opened_at or lease.taken_at)).total_seconds() * 1000),
            )
        again, others = lease.ref if more else None, tuple(sorted(self._others - {lease.ref}))
        return Result("decided" if news else "unchanged", again, others=others, in_doubt=self._in_doubt)


def observed(runtime: Runtime, lease: Lease, issue: Ticket | None, others: Sequence[Ref]) -> Result:
    """An issue that tickets hang on is engineering's: it is read, never triaged, and its tickets are told."""
    runtime.store.leave_index(lease.ref, runtime.now())
    more = runtime.store.remember(lease, runtime.now(), decision=None, ticket=issue)
    return Result("observed", again=lease.ref if more else None, others=tuple(others))
