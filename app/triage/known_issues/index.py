"""The index ticket: one ticket of an account on which every known issue has its line, and each change of one (S4-72).

The notes are its memory: each ends with the marks of the entries it tells and of the states it tells them in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.triage import field_texts as texts
from app.triage.actions import AddNote
from app.triage.known_issues.entry import RegistryEntry
from app.triage.marks import mark_of, news_in
from app.triage.ticket import Speaker, Status, Ticket

_MOST_LINES = 40  # of one note: Zendesk cuts a comment at 64 kB, and with its end the marks would be lost
_SAID = {"open": "open", "fixed": "fixed", "dropped": "no longer in the registry"}


def notes(ticket: Ticket, entries: Iterable[RegistryEntry]) -> tuple[AddNote, ...]:
    """The notes that are due: a line for each entry that has none, and for each that has changed since. What was over
    before the index heard of it is not told, and neither is what is about security: everybody reads the index."""
    if ticket.status is Status.CLOSED:
        return ()
    written = [news_in(one.body) for one in ticket.comments if one.speaker is Speaker.WORKER and not one.public]
    told = {about: state for marks in written for about, state in zip(marks[1::2], marks[2::2], strict=True)}
    due = list(_due(entries, told))
    return tuple(
        _note(due[start : start + _MOST_LINES], len(written) + start) for start in range(0, len(due), _MOST_LINES)
    )


def _due(entries: Iterable[RegistryEntry], told: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """A line with the marks of its entry and its state."""
    for entry in entries:
        if entry.security or not entry.tag or entry.state == "candidate":
            continue
        about, state = mark_of(f"index {entry.tag}"), mark_of(f"{entry.state} {entry.fixed_in}")
        if told.get(about) == state or (about not in told and entry.state != "open"):
            continue
        version = f" in {texts.plain(entry.fixed_in)}" if entry.fixed_in else ""
        parts = (entry.tag, _SAID[entry.state] + version, texts.plain(entry.title), entry.url)
        yield f"- {' · '.join(filter(None, parts))}", about, state


def _note(lines: Sequence[tuple[str, str, str]], number: int) -> AddNote:
    marks = [mark for _, about, state in lines for mark in (about, state)]
    own = mark_of(f"{number} {' '.join(marks)}")
    text = "\n".join(("Known issues:", *(line for line, _, _ in lines)))
    return AddNote(f"{text}\n\nFirstline news {' '.join((own, *marks))}", own)
