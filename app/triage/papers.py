"""What goes with a ticket besides the reasons: its form, the checklist, the note to the next level, drafts (C-28)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from app.triage import bridge_issue, checklist, forms, oncall_words
from app.triage.decision import Label, Level
from app.triage.fields import Known
from app.triage.patterns import words as pattern_words

_OF_BUGS = (Label.DEFECT, Label.RELIABILITY, Label.DATA, Label.INTEGRATION, Label.SECURITY)  # S3-02

UPDATE = "Draft of the next update to the customer, for a person to send"


def papers(known: Known) -> str:
    """Paragraphs for the internal note, as ``AddNote`` wants them; empty when the ticket stays where it is."""
    return "\n\n".join(_papers(known))


def _papers(known: Known) -> Iterator[str]:
    decision, pack = known.decision, known.policy.pack
    yield from pattern_words.in_demand(known)
    goes_on = decision.page or decision.level > Level.L1
    if chain := oncall_words.paragraph(known):
        yield chain
    yield from pattern_words.draft(known)
    name = forms.form_for(decision)
    if name and name in pack.forms:
        yield forms.text(forms.fill(pack.forms[name], known))
    if to_file := bridge_issue.proposal(known):
        yield to_file
    if not goes_on:
        return
    if not decision.page:
        yield checklist.transition(known)
    if decision.label in _OF_BUGS:
        yield checklist.text(known)
    if searched := known.policy.library.searched(known.policy.library.search(known.ticket, [decision.label])):
        yield searched
    if pack.escalation.message == "note" and reaches_engineering(known):
        yield from draft("engineering", "Message to engineering", known)
    if decision.page:
        yield from draft("customer_update", UPDATE, known)


def to_engineering(known: Known) -> tuple[str, str, str] | None:
    """What to send to engineering outside the ticket: its reason, subject and text; None for nothing."""
    told = known.policy.pack.escalation.message in ("email", "webhook")
    if not told or known.decision.left_alone or not reaches_engineering(known):
        return None
    part = known.policy.pack.messages.get("engineering")
    written = forms.message(part, known) if part else None
    return (f"engineering-{known.decision.level}", *written) if written else None


def reaches_engineering(known: Known) -> bool:
    """Whether engineering is asked: by the queue, or by the level that is paged."""
    return "engineering" in (known.decision.destination, known.policy.pack.ladder[known.decision.level].queue)


def draft(name: Literal["engineering", "customer_update"], heading: str, known: Known) -> Iterator[str]:
    """A message of the pack written out for a person to send, under a heading; nothing where the pack has none."""
    part = known.policy.pack.messages.get(name)
    written = forms.message(part, known) if part else None
    if written:
        subject, body = written
        yield f"{heading}:\n\nSubject: {subject}\n\n{body}"
