"""The first stages: the thread is read, facts and labels are found. What is looked up about the ticket comes after them
and never turns the label (S0-59)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.triage.commands import orders_of
from app.triage.conditions import Seen
from app.triage.decision import Context
from app.triage.facts import Facts, facts_of, looked_up
from app.triage.labels import Labelled, classify, said
from app.triage.policy import Policy
from app.triage.thread import Thread, read
from app.triage.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Classified:
    """A ticket as the first stages leave it. ``facts`` are those that its words tell, ``seen`` is what was known when
    the label was chosen, all facts among it."""

    thread: Thread
    facts: Facts
    seen: Seen
    labelled: Labelled


def classified(ticket: Ticket, context: Context, policy: Policy, now: datetime) -> Classified:
    """Read the thread, its facts and its label. Pure; of the context only what is known before the look-ups counts."""
    pack = policy.pack
    thread = read(ticket, context.boilerplate, policy)
    facts, orders = facts_of(thread.hits), orders_of(ticket, context, pack)
    seen = Seen(
        ticket=ticket,
        context=_before_look_ups(context),
        pack=pack,
        calendar=policy.calendar_for(ticket),
        calendars=policy.calendars,
        now=now,
        facts=looked_up(ticket, context, pack, orders).union(facts),
        orders=orders,
        reading=thread.reading,
        language=thread.language,
        unread=thread.unread,
    )
    return Classified(thread, facts, seen, said(classify(thread.hits, seen, pack.labels), seen))


def _before_look_ups(context: Context) -> Context:
    return replace(
        context,
        similar=(),
        known_issues=(),
        candidates=(),
        cluster=None,
        nearby=(),
        duplicate_of=None,
        reporters=1,
        organizations=1,
        demand=1,
    )
