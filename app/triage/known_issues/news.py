"""What a ticket is told when a known issue that it matched is fixed: one internal note (S4-59)."""

from __future__ import annotations

from collections.abc import Iterator

from app.triage import field_texts as texts
from app.triage.actions import AddNote
from app.triage.decision import KnownIssue
from app.triage.fields import Known
from app.triage.marks import mark_of, marks_in
from app.triage.ticket import Speaker, Status


def fixed(known: Known) -> Iterator[AddNote]:
    """The notes that are due. Of an issue that the ticket hangs on, the note about that issue has told it already; the
    thread itself shows what was told, so nothing is told twice."""
    if known.ticket.status is Status.CLOSED:
        return
    there = {
        mark for one in known.ticket.comments if one.speaker is Speaker.WORKER for mark in marks_in(one.body)
    }  # fmt: skip
    hangs_on = {one.ref for one in known.context.linked}
    for issue in known.context.fixed:
        note = _note(issue, _draft(issue, known))
        if note.mark not in there and issue.ref not in hangs_on:
            yield note


def _draft(issue: KnownIssue, known: Known) -> str:
    """What people may send the customer, in the ticket's language or the default one, where the policy has that."""
    texts_of, default = known.policy.pack.known_issues.fixed_reply, known.policy.pack.ack.language
    wanted = (known.ticket.language or known.decision.language).partition("-")[0].casefold()
    text = texts_of.get(wanted) or texts_of.get(default, "")
    told = [part for part in text.split("\n\n") if issue.fixed_in or "{fixed_in}" not in part]
    said = "\n\n".join(told).format(fixed_in=texts.plain(issue.fixed_in)).strip()
    if not said or not known.ticket.customer_reads:
        return ""
    return "\n".join(("A reply to the customer, for you to send:", *(f"> {line}" for line in said.splitlines())))


def _note(issue: KnownIssue, draft: str) -> AddNote:
    about = mark_of(f"known issue {issue.entry}")
    state = mark_of(f"fixed in {issue.fixed_in}")
    own = mark_of(f"{about} {state}")
    version = f" in {texts.plain(issue.fixed_in)}" if issue.fixed_in else ""
    where = f": {issue.url}" if issue.url else ""
    said = (
        f"The known issue {issue.tag or issue.id} is fixed{version}{where}\n"
        "Our tag for it is taken off this ticket. Please let the customer try again, and solve the ticket if it works."
    )
    said = "\n\n".join(filter(None, (said, draft)))
    return AddNote(f"{said}\n\nFirstline news {own} {about} {state}", own)
