"""What was done and what was not, ticked from what is recorded (S3-20..S3-27, S2-71..S2-77), and the note that goes
with a ticket to the next level (S4-26, S4-54..S4-57)."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import islice

from app.triage.decision import Level
from app.triage.fields import Known
from app.triage.forms import with_questions
from app.triage.text import messages
from app.triage.ticket import Speaker

_QUESTION = re.compile(r"[^.!?\n]{8,160}\?")
_MOST_ASKED = 3
_SILENT_TOO_LONG = timedelta(days=1)  # S4-54


def checklist(known: Known) -> tuple[tuple[bool, str, str], ...]:
    """Each item: whether it is done, what it says, and the requirement it comes from."""
    decision, details = known.decision, known.details
    noted = any(comment.speaker is Speaker.AGENT and not comment.public for comment in known.ticket.comments)
    return (
        (True, f"severity assessed: {known.policy.pack.shown(decision.severity)}", "S3-20"),
        (bool(details.steps), "steps to reproduce", "S3-21"),
        (bool(details.errors or details.logs), "error text or logs", "S3-21"),
        (True, f"priority assigned: {known.field('urgency')}", "S3-22"),
        (noted, "troubleshooting noted by the agent", "S2-71"),
        (bool(known.policy.pack.documents), "documentation searched", "S2-72"),
        ("not recorded" not in decision.checks.values(), "duplicates and known issues checked", "S2-76"),
        (decision.level > Level.L1, "escalated", "S3-23"),
        ("level_response" in decision.deadlines, "answer of the next level is being timed", "S3-25"),
        ("customer_update" in decision.deadlines, "updates to the customer are being timed", "S3-26"),
    )


def text(known: Known) -> str:
    """The checklist as a note's paragraph."""
    return "\n".join(["Checklist:", *(f"- [{'x' if done else ' '}] {item}" for done, item, _ in checklist(known))])


def transition(known: Known) -> str:
    """What the next level needs: what was tried, the numbered questions, what to ask the customer meanwhile."""
    asking = with_questions(known)
    tried = known.field("tried")
    noted = [comment for comment in known.ticket.comments if comment.speaker is Speaker.AGENT and not comment.public]
    lines = ["To the next level:"]
    lines += [f"- ESCALATED QUESTION {number}: {asked}" for number, asked in enumerate(_questions(known), start=1)]
    lines.append(f"- Tried by the customer: {tried}" if tried else "- Tried by the customer: nothing told")
    debugging = f"{len(noted)} internal notes above" if noted else "MISSING"
    lines.append(f"- Debugging by agents: {debugging}")
    lines += [f"- Ask the customer: {question}" for question in asking.questions]
    if _unheard(known):
        lines.append("- The customer has not heard from us for a day: write first")
    return "\n".join(lines)


def _questions(known: Known) -> tuple[str, ...]:
    """The cause first, then what the customer asked, in the customer's words."""
    problem = known.field("problem") or known.field("subject") or "what the customer reports"
    said = (m for m in messages(known.ticket) if m.speaker is Speaker.CUSTOMER and m.source != "subject")
    asked = (" ".join(found.group().split()) for message in said for found in _QUESTION.finditer(message.text))
    return (f"What is the cause, and what mends it? {problem}", *islice(dict.fromkeys(asked), _MOST_ASKED))


def _unheard(known: Known) -> bool:
    """Whether no person answered in public within the last day."""
    said = [c.at for c in known.ticket.comments if c.public and c.speaker is Speaker.AGENT]
    since = max(said, default=known.ticket.created_at)
    return known.decision.at - since >= _SILENT_TOO_LONG
