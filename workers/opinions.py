"""Second opinions: asked apart from the looks at tickets, because nobody waits for a model, and heard by the next look.

Whatever goes wrong here, the ticket was decided and written without it: a failure is as if none were asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from app.advisor.advisor import Asked
from app.errors import Misconfigured, TriageError
from app.metrics import OPINION_USD, OPINIONS
from app.runtime import Runtime
from app.triage import engine, opinion, records
from app.triage.decision import Context, Decision, Opinion
from app.triage.masking import Masked, masked
from app.triage.policy import Policy
from app.triage.ticket import Event, Ref, Status, Ticket

log = structlog.get_logger("opinion")

KEPT = timedelta(days=90)  # how long an opinion is remembered: then its text may be asked about again
_OVER = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Question:
    """A text about which the model is to be asked, and what is known of an answer. ``wanted``: it is not known yet, and
    ``opinion`` is then the one before."""

    key: str = ""
    text: Masked = field(default_factory=lambda: Masked(""))
    opinion: Opinion | None = None
    wanted: bool = False


def consult(
    runtime: Runtime, ticket: Ticket, decision: Decision, policy: Policy, previous: Decision | None
) -> Question:
    """What the model said about a ticket that was decided without it, or whether to ask. Off, or where none is wanted,
    nothing is masked and nothing looked up. Until there is an answer to the words as they are now, the one before
    stands: a label does not go to and fro because the policy changed."""
    settings = runtime.settings
    if not settings.asks_model or not opinion.wanted(decision, policy.pack.labels):
        return Question()
    text = masked(ticket, settings.llm_max_characters)
    if not text.text:
        return Question()
    key = opinion.key(text.text, policy.digest, settings.llm_model)
    kept = runtime.store.opinion(ticket.ref, key)
    if kept is None or kept.state == "asking":
        return Question(key, text, opinion.standing(previous, text), wanted=ticket.status not in _OVER)
    return Question(key, text, opinion.restored(kept.answer, text) if kept.answer else None)


def ask(runtime: Runtime, ref: Ref) -> bool:
    """Ask about a ticket as it is now, if that is still wanted, and keep what counts of the answer. True when the
    ticket is to be looked at again with it."""
    try:
        advisor = runtime.advisor
        question, policy = _question(runtime, ref)
    except TriageError as error:
        reason = error.what if isinstance(error, Misconfigured) else type(error).__name__
        return _without(ref, "unread", reason)
    if not question.wanted:
        return False
    store, settings, now = runtime.store, runtime.settings, runtime.now()
    patience = 6 * settings.llm_timeout + 60  # seconds: longer than a question that still runs
    if not store.begin_opinion(ref, question.key, settings.llm_model, policy.digest, now, patience):
        return False
    most = advisor.most(question.text.text)
    if held := _held(runtime, most, now):
        store.give_up_opinion(ref, question.key)
        return _without(ref, held)
    OPINIONS.labels("asked").inc()
    asked = advisor.ask(question.text.text)
    _settle(runtime, asked, most, now)
    if asked.answer is None:
        store.give_up_opinion(ref, question.key)
        return _without(ref, asked.outcome)
    if reason := opinion.judged(asked.answer, question.text.text):
        store.keep_opinion(ref, question.key, None, reason)
        return _without(ref, f"dropped_{reason}")
    given = opinion.from_answer(asked.answer, settings.llm_model)
    store.keep_opinion(ref, question.key, opinion.to_json(given))
    OPINIONS.labels("answered").inc()
    at = runtime.now()
    log.info("opinion", ref=str(ref), label=given.label.value, ms=round((at - now).total_seconds() * 1000))
    store.record(Event(ref, "opinion", f"opinion:{question.key}:{at.isoformat()}"), question.key, at)
    return True


def _question(runtime: Runtime, ref: Ref) -> tuple[Question, Policy]:
    """What to ask about a ticket: its text may have changed since somebody rang. Raises what a vendor's answer came to.

    Both decisions must want it: the last one knows what people changed, a new one the words as they are now.
    """
    client, gate = runtime.client(ref.vendor, ref.account), runtime.gate(ref.vendor, ref.account)
    gate.begin(None)
    try:
        our_id = client.whoami()
        ticket = client.fetch(ref)
    finally:
        gate.end()
    policy = runtime.policy_for(ticket)
    last = runtime.store.last_decision(ref)
    if last is None or ticket.ref != ref:
        return Question(), policy
    previous = records.from_json(last)
    if not opinion.wanted(previous, policy.pack.labels):
        return Question(), policy
    decision = engine.decide(ticket, Context(previous=previous, our_id=our_id), policy, runtime.now())
    return consult(runtime, ticket, decision, policy, previous), policy


def _held(runtime: Runtime, most: float, now: datetime) -> str:
    """Why nothing may be asked now, empty when something may; its money is then taken."""
    breaker = runtime.llm_breaker
    wait = breaker.admit(now.timestamp())
    if wait > 0:
        return "held_breaker"
    if runtime.purse.take(most, now):
        return ""
    if wait < 0:
        breaker.not_probed(now.timestamp())
    return "held_budget"


def _settle(runtime: Runtime, asked: Asked, most: float, taken_at: datetime) -> None:
    """Give back what was not spent, and let the breaker know. What no answer came to may have cost everything."""
    spent = most if asked.usd is None else asked.usd
    runtime.purse.give_back(most - spent, taken_at)
    OPINION_USD.inc(spent)
    if asked.answer is None:
        runtime.llm_breaker.failed(runtime.now().timestamp())
    else:
        runtime.llm_breaker.succeeded()


def _without(ref: Ref, outcome: str, reason: str = "") -> bool:
    OPINIONS.labels(outcome).inc()
    log.warning("no second opinion", ref=str(ref), outcome=outcome, **({"reason": reason} if reason else {}))
    return False
