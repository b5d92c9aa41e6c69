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
        note = _note(issue)
        if note.mark not in there and issue.ref not in hangs_on:
            yield note


def _note(issue: KnownIssue) -> AddNote:
    about = mark_of(f"known issue {issue.entry}")
    state = mark_of(f"fixed in {issue.fixed_in}")
    own = mark_of(f"{about} {state}")
    version = f" in {texts.plain(issue.fixed_in)}" if issue.fixed_in else ""
    where = f": {issue.url}" if issue.url else ""
    said = (
        f"The known issue {issue.tag or issue.id} is fixed{version}{where}\n"
        "Our tag for it is taken off this ticket. Please let the customer try again, and solve the ticket if it works."
    )
    return AddNote(f"{said}\n\nFirstline news {own} {about} {state}", own)
