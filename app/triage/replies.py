"""What the customer hears from us: which replies are due, in the customer's language, each once (S0-60..S0-75).

A reply says only what has happened. So it is asked for after everything else was written, rules choose its text by the
same conditions as all rules, and one that claims that a team has the ticket needs the ticket in that team's queue. What
a customer wrote is repeated only where it can mislead nobody who reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from app.triage.actions import Reply, reply_mark
from app.triage.business_time import due as due_at
from app.triage.clocks import UNKNOWN, running
from app.triage.conditions import Seen
from app.triage.decision import Context, Decision
from app.triage.effects import REMINDER, REPLY
from app.triage.escalation import ASK_FIRST
from app.triage.fields import FIELDS, Known
from app.triage.forms import ready, with_questions
from app.triage.pack import Pack
from app.triage.policy import Policy
from app.triage.reply_parts import FIRST_CONTACT, OUR_WORDS
from app.triage.routing import team_of
from app.triage.rules import every
from app.triage.templates import fields_of, render
from app.triage.ticket import Status, Ticket

_OVER = (Status.SOLVED, Status.CLOSED)
_UNTOUCHED = (Status.NEW, Status.OPEN)
_LONGEST_ECHO = 200
_LURE = re.compile(r"://|@|\bwww\.|\w\.[^\W\d]{2,}|\d(?:[\s().-]{0,2}\d){6}|[{}<>]")
_PROMISES = MappingProxyType({"update_by": "first_reply", "next_update": "customer_update"})
"""Fields that promise something, and the clock whose due time they say."""


class _ForCustomers(Known):
    """Fields as a customer may read them.

    Anybody may file a ticket in somebody else's name, and our answer goes to that address. So words from outside that
    could lure its reader elsewhere (an address, a telephone number, markup) count as unknown, and so do long ones.
    """

    def field(self, name: str) -> str | None:
        """A field's text, None when unknown or not fit to be repeated."""
        if name == "known_issue":
            return next((one.title for one in self.context.known_issues or () if one.title and one.public), None)
        value = super().field(name)
        if value is None or name in OUR_WORDS:
            return value
        written = " ".join((FIELDS[name](self) or "").split())  # a field leaves out what cannot be seen
        return value if len(value) <= _LONGEST_ECHO and written.isprintable() and not _LURE.search(value) else None


def due(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[Reply, ...]:
    """The replies to send now, in order. ``context.applied`` says what was sent before and what this run wrote."""
    if policy.pack.ack.channel != "public":
        return ()
    said = _said(_chosen, ticket, decision, context, policy)
    return (*said, *reminders(ticket, decision, context, policy))


def reminders(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[Reply, ...]:
    """What clocks that ran out have us say, to whomever the policy leaves it to send that."""
    return tuple(_said(_of_clocks, ticket, decision, context, policy))


def drafts(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[str, ...]:
    """Paragraphs of the note with what a person may send instead of us, where the policy leaves that to people; not the
    reminders, which stand with what is told of their clocks."""
    if policy.pack.ack.channel != "note":
        return ()
    return tuple(map(draft, _said(_chosen, ticket, decision, context, policy)))


def draft(reply: Reply) -> str:
    """A paragraph of the note with a reply that a person may send instead of us."""
    return "\n".join(("A reply to the customer, for you to send:", *(f"> {line}" for line in reply.text.splitlines())))


def _said(
    wanted: Callable[[Known], Iterable[tuple[str, str]]],
    ticket: Ticket,
    decision: Decision,
    context: Context,
    policy: Policy,
) -> Iterator[Reply]:
    """What is wanted, by key and name of the text, as the customer will read it."""
    if not _may_speak(ticket, decision, context, policy.pack):
        return
    ahead = MappingProxyType({name: at for name, at in decision.deadlines.items() if at > decision.at})
    known: Known = _ForCustomers(ticket, context, replace(decision, deadlines=ahead), policy)
    if _waits(decision):
        known = with_questions(known)
    for key, name in wanted(known):
        language, template = _text(name, ticket.language or decision.language, policy.pack)
        text = render(template, replace(known, language=language))
        if text is not None:
            promise, clock = _promised(template, text, known)
            yield Reply(key, text, reply_mark(text), promise, clock)


def _of_clocks(known: Known) -> Iterator[tuple[str, str]]:
    """What a clock that ran out has us say, with the key under which it is never said again."""
    for step in known.decision.steps:
        if step.deed.reply and REPLY + step.reason not in known.context.applied:
            yield step.reason, step.deed.reply


def _may_speak(ticket: Ticket, decision: Decision, context: Context, pack: Pack) -> bool:
    """Whether there is a customer who reads, on a ticket under way, not left alone, no spam or automatic reply."""
    ours = bool(context.our_id) and ticket.requester.id == context.our_id
    silenced = set(pack.ack.not_facts) & set(decision.facts)
    spoken_to = ticket.customer_reads and ticket.status not in _OVER and not ours
    return spoken_to and not silenced and not decision.left_alone


def _chosen(known: Known) -> Iterator[tuple[str, str]]:
    """What to say, with the key under which it is never said again: of each kind the first rule that holds."""
    seen, decision = seen_after(known), known.decision
    told = (key.removeprefix(REPLY) for key in seen.context.applied if key.startswith(REPLY))
    said = {reason for reason in told if not reason.startswith(REMINDER)}
    held = (one.rule.then for one in every(seen.pack.rules.replies, seen))
    possible = [say for say in held if say.passed_to is None or _has_it(say.passed_to, known)]
    first = next((say for say in possible if say.reason in FIRST_CONTACT), None)
    unanswered = _unanswered(known.ticket)
    begins = unanswered and not said and _fresh(seen)
    later = first is not None and first.reason in seen.pack.ack.afterwards and first.reason not in said
    if first and (begins or (unanswered and said and later)):
        yield first.reason, first.text
    wanted = "ask-first" if _asks_first(known) else "escalated" if _raised(known) and not begins else ""
    key = f"{wanted}-{decision.level}" if wanted == "escalated" else wanted
    more = next((say for say in possible if say.reason == wanted), None)
    if more and key not in said:
        yield key, more.text


def seen_after(known: Known) -> Seen:
    """What rules are asked with that come after the decision; no clock has run out for them."""
    decision = known.decision
    return Seen(
        ticket=known.ticket,
        context=known.context,
        pack=known.policy.pack,
        calendar=known.policy.calendar_for(known.ticket),
        calendars=known.policy.calendars,
        now=decision.at,
        facts=frozenset(decision.facts),
        label=decision.label,
        second_label=decision.second_label,
        severity=decision.severity,
        level=decision.level,
        unsure=decision.confidence < known.policy.pack.labels.unsure_below,
    )


def _unanswered(ticket: Ticket) -> bool:
    """Whether no person on our side has answered in public or set the ticket aside."""
    return ticket.status in _UNTOUCHED and running(ticket)


def _fresh(seen: Seen) -> bool:
    created = seen.ticket.created_at
    return created <= UNKNOWN or seen.now < due_at(created, seen.pack.ack.within, seen.calendar)


def _raised(known: Known) -> bool:
    previous = known.context.previous
    return previous is not None and known.decision.level > previous.level


def _asks_first(known: Known) -> bool:
    """Whether an escalation waits because too little is known, and the customer can tell (S2-78)."""
    return _waits(known.decision) and bool(known.questions) and not ready(known)


def _waits(decision: Decision) -> bool:
    """Whether an escalation waits for what the customer can tell; one that waits for a person's word asks nobody."""
    return any(proposal.why.startswith(ASK_FIRST) for proposal in decision.proposals)


def _has_it(destination: str, known: Known) -> bool:
    """Whether the ticket was put in that team's queue: it stands there, or we have written so."""
    if destination != known.decision.destination:
        return False
    team = team_of(destination, known.context, known.policy.pack).casefold()
    return team in (known.ticket.group.casefold(), known.context.applied.get("group", "").casefold())


def _text(name: str, language: str, pack: Pack) -> tuple[str, str]:
    """The text and its language: the ticket's, the same without its region, or the default one."""
    wanted = language.replace("_", "-").casefold()
    choices = (wanted, wanted.partition("-")[0], pack.ack.language)
    chosen = next(choice for choice in choices if name in pack.replies.get(choice, {}))
    return chosen, pack.replies[chosen][name].text


def _promised(template: str, text: str, known: Known) -> tuple[datetime | None, str]:
    """The earliest moment that the text promises, if its paragraph was not left out (S0-71), and the clock it is of."""
    promised = [
        (known.decision.deadlines[clock], clock)
        for name, clock in _PROMISES.items()
        if name in fields_of(template) and (shown := known.field(name)) and shown in text
    ]
    return min(promised, default=(None, ""))
