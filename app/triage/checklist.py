"""What was done and what was not, ticked from what is recorded (S3-20..S3-27, S2-71..S2-77), and the note that goes
with a ticket to the next level (S4-26, S4-54..S4-57)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from app.triage.clocks import UNKNOWN
from app.triage.commands import says_more
from app.triage.decision import Level
from app.triage.fields import Known
from app.triage.forms import fill
from app.triage.text import messages
from app.triage.ticket import Comment, Speaker

_NUMBERED = re.compile(r"ESCALATED QUESTION (\d{1,3})\b")
_MOST_ASKED = 3
_LOOKED_AT = 40  # question marks of a message
_LONGEST_QUESTION = 200
_SILENT_TOO_LONG = timedelta(days=1)  # S4-54


def checklist(known: Known) -> tuple[tuple[bool, str, str], ...]:
    """Each item: whether it is done, what it says, and the requirement it comes from. What nobody recorded is open."""
    decision, details, pack = known.decision, known.details, known.policy.pack
    form = pack.forms.get("escalation")
    complete = fill(form, known).complete if form else 1.0
    raised = decision.level > Level.L1
    return (
        (True, f"severity assessed: {pack.shown(decision.severity)}", "S3-20"),
        (bool(known.field("impact")), f"business impact and urgency assessed: {known.field('urgency')}", "S2-77"),
        (True, f"priority assigned: {pack.priority[known.ticket.ref.vendor][decision.severity.name]}", "S3-22"),
        (bool(details.steps), "steps to reproduce documented", "S2-75"),
        (bool(details.errors or details.logs), "error text or logs documented", "S3-21"),
        (complete >= 1, f"details gathered: {complete:.0%} of what is needed", "S2-74"),
        ("verified" in decision.facts, "reproduced or confirmed by a colleague", "S2-73"),
        (bool(_notes(known)), "troubleshooting noted by a colleague", "S2-71"),
        (bool(pack.documents), "documentation searched", "S2-72"),
        (_looked_up(known), "duplicates and known issues checked", "S2-76"),
        (raised, "escalated through the ticket", "S3-23"),
        (raised and _received(known), "receipt confirmed by a colleague", "S3-24"),
        (decision.wake_at is not None, "follow-up reminder set", "S3-25"),
        ("customer_update" in decision.deadlines, "updates to the customer timed", "S3-26"),
        (False, "customer's records updated when it is solved", "S3-27"),
    )


def text(known: Known) -> str:
    """The checklist as a note's paragraph."""
    return "\n".join(["Checklist:", *(f"- [{'x' if done else ' '}] {item}" for done, item, _ in checklist(known))])


def transition(known: Known) -> str:
    """What the next level needs: the numbered questions, what was tried and where it got stuck, and what to ask the
    customer meanwhile; what is missing is said so (S4-57)."""
    form, tried, noted = known.policy.pack.forms.get("escalation"), known.field("tried"), _notes(known)
    lines = ["To the next level:"]
    questions = enumerate(_questions(known), start=_first_number(known))
    lines += [f"- ESCALATED QUESTION {number}: {asked}" for number, asked in questions]
    lines.append(f"- Tried by the customer: {tried or 'nothing told'}")
    lines.append(
        f"- Debugging by colleagues: {len(noted)} internal note{'s' if len(noted) > 1 else ''} in this ticket"
        if noted
        else "- Debugging by colleagues: MISSING, please add what was tried and where it got stuck"
    )
    lines += [f"- Ask the customer: {question}" for question in (fill(form, known).questions if form else ())]
    if _unheard(known):
        lines.append("- The customer has not heard from us for a day: write to them first")
    return "\n".join(lines)


def _notes(known: Known) -> list[Comment]:
    """Internal notes by people."""
    return [one for one in known.ticket.comments if one.speaker is Speaker.AGENT and not one.public and says_more(one)]


def _looked_up(known: Known) -> bool:
    return known.context.similar is not None and known.context.known_issues is not None


def _received(known: Known) -> bool:
    """Whether a person on our side wrote since the level was reached."""
    since = known.decision.level_since
    return since is not None and any(one.speaker is Speaker.AGENT and one.at > since for one in known.ticket.comments)


def _questions(known: Known) -> tuple[str, ...]:
    """The cause first, then what the customer asked, in the customer's words; of a ticket that came back, what was
    asked after the last answer, if anything was."""
    problem = known.field("problem") or "what the customer reports"
    since = known.ticket.answers[-1].at if known.decision.escalations > 1 and known.ticket.answers else None
    asked = tuple(_asked(known, since)) or tuple(_asked(known))
    return (f"What is the cause, and what mends it? {problem}", *islice(dict.fromkeys(asked), _MOST_ASKED))


def _first_number(known: Known) -> int:
    """Questions go on from those of the escalation before, whoever asked them (S4-56)."""
    since = known.decision.escalated_at
    before = (one.body for one in known.ticket.comments if since and not one.public and one.at < since)
    asked = (int(number) for body in before for number in _NUMBERED.findall(body))
    return max(max(asked, default=0) + 1, known.decision.escalations, 1)


def _asked(known: Known, since: datetime | None = None) -> Iterator[str]:
    """Every sentence of the customer's with a question mark, of those that are short enough to be repeated."""
    later = {one.id for one in known.ticket.comments if since is not None and one.at > since}
    for message in messages(known.ticket):
        passed = since is not None and message.source not in later
        if message.speaker is Speaker.CUSTOMER and message.source != "subject" and not passed:
            for mark in islice(re.finditer(r"\?", message.said), _LOOKED_AT):
                start, end = message.original(*message.sentence(mark.start()))
                question = " ".join(message.text[start:end].split())
                if len(question) <= _LONGEST_QUESTION:
                    yield question


def _unheard(known: Known) -> bool:
    """Whether no person answered in public within the last day."""
    answered = (one.at for one in known.ticket.answers)
    since = max((at for at in (*answered, known.ticket.created_at) if at > UNKNOWN), default=known.decision.at)
    return known.decision.at - since >= _SILENT_TOO_LONG
