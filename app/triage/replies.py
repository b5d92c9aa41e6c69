"""What the customer hears from us: which replies are due, in the customer's language, each once (S0-60..S0-75).

A reply says only what has happened. So it is asked for after everything else was written, rules choose its text by the
same conditions as all rules, and one that claims that a team has the ticket needs the ticket in that team's queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from app.triage.actions import Reply, reply_mark
from app.triage.business_time import due as due_at
from app.triage.clocks import UNKNOWN, running
from app.triage.conditions import Seen
from app.triage.decision import Context, Decision
from app.triage.effects import REPLY
from app.triage.policy import Policy
from app.triage.reply_parts import FIRST_CONTACT, Say
from app.triage.routing import team_of
from app.triage.rules import every
from app.triage.ticket import Status, Ticket

_OVER = (Status.SOLVED, Status.CLOSED)
_UNTOUCHED = (Status.NEW, Status.OPEN)


def due(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[Reply, ...]:
    """The replies to send now, in order. ``context.applied`` says what was sent before and what this run wrote."""
    if policy.pack.ack.channel != "public":
        return ()
    return tuple(_replies(ticket, decision, context, policy))


def drafts(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[str, ...]:
    """The texts that a person may send instead of us, where the policy leaves that to people."""
    if policy.pack.ack.channel != "note":
        return ()
    return tuple(reply.text for reply in _replies(ticket, decision, context, policy))


def _replies(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> Iterator[Reply]:
    if not _may_speak(ticket, decision, context, policy):
        return
    seen = Seen(
        ticket=ticket,
        context=context,
        pack=policy.pack,
        calendar=policy.calendar,
        now=decision.at,
        facts=frozenset(decision.facts),
        label=decision.label,
        second_label=decision.second_label,
        severity=decision.severity,
        level=decision.level,
    )
    for key, say in _chosen(seen, decision):
        template = _template(say.text, ticket.language, policy)
        known = _known(ticket, decision, policy)
        text = _render(template, known)
        if text:
            promised = decision.deadlines.get("first_reply") if known.get("update_by", "\0") in text else None
            yield Reply(key, text, reply_mark(text), promised)


def _may_speak(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> bool:
    """Whether there is a customer who reads, on a ticket that is under way and no spam or automatic reply."""
    ours = bool(context.our_id) and ticket.requester.id == context.our_id
    silenced = set(policy.pack.ack.not_facts) & set(decision.facts)
    return ticket.customer_reads and ticket.status not in _OVER and not ours and not silenced


def _chosen(seen: Seen, decision: Decision) -> Iterator[tuple[str, Say]]:
    """What to say, with the key by which it is never said again: of each reason the first rule that holds."""
    said = {key.removeprefix(REPLY) for key in seen.context.applied if key.startswith(REPLY)}
    held = [one.rule.then for one in every(seen.pack.rules.replies, seen)]
    possible = [say for say in held if say.passed_to is None or _has_it(say.passed_to, decision, seen)]
    if _unanswered(seen.ticket):
        first = [say for say in possible if say.reason in FIRST_CONTACT]
        if not said:
            if first and _fresh(seen):
                yield first[0].reason, first[0]
                return  # it says how bad things are, and so what was done about it at once
        else:
            later = [say for say in first if say.reason != "ack" and say.reason not in said]
            yield from ((say.reason, say) for say in later[:1])
    if _raised(seen, decision):
        key = f"escalated-{decision.level}"
        asking = [say for say in possible if say.reason == "escalated" and key not in said]
        yield from ((key, say) for say in asking[:1])


def _unanswered(ticket: Ticket) -> bool:
    """Whether no person on our side has answered in public or set the ticket aside."""
    return ticket.status in _UNTOUCHED and running(ticket)


def _fresh(seen: Seen) -> bool:
    created = seen.ticket.created_at
    return created <= UNKNOWN or seen.now < due_at(created, seen.pack.ack.within, seen.calendar)


def _raised(seen: Seen, decision: Decision) -> bool:
    previous = seen.context.previous
    return previous is not None and decision.level > previous.level


def _has_it(destination: str, decision: Decision, seen: Seen) -> bool:
    """Whether the ticket was put in that team's queue: it stands there, or we have written so."""
    if destination != decision.destination:
        return False
    team = team_of(destination, seen.context, seen.pack).casefold()
    return team in (seen.ticket.group.casefold(), seen.context.applied.get("group", "").casefold())


_FIELD = re.compile(r"\{([a-z_]+)\}")


def _template(name: str, language: str, policy: Policy) -> str:
    """The text in the ticket's language, in the language without its region, or in the default one."""
    pack = policy.pack
    wanted = language.replace("_", "-").casefold()
    for choice in (wanted, wanted.partition("-")[0], pack.ack.language):
        if name in pack.replies.get(choice, {}):
            return pack.replies[choice][name].text
    raise KeyError(name)


def _known(ticket: Ticket, decision: Decision, policy: Policy) -> Mapping[str, str]:
    return {}


def _render(template: str, known: Mapping[str, str]) -> str:
    paragraphs = (part.strip() for part in template.split("\n\n"))
    kept = [part for part in paragraphs if all(known.get(name) for name in _FIELD.findall(part))]
    return "\n\n".join(_FIELD.sub(lambda found: known[found[1]], part) for part in kept)
