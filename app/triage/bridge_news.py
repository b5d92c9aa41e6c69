"""What came back from engineering, as internal notes: each thing is told once, whatever happens on the way.

A note of news is about one issue (or the ticket's own solution) and ends with marks: its own, of what it is about, of
the state it tells, and one for each comment it quotes. So the thread itself says what was told, and needs no memory
of ours: a note that was lost is written again, one that arrived is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.triage import after_resolution
from app.triage import field_texts as texts
from app.triage.actions import AddNote
from app.triage.bridge import LinkedIssue
from app.triage.decision import Decision, Level
from app.triage.fields import Known
from app.triage.marks import mark_of, news_in
from app.triage.ticket import Comment, Ref, Speaker, Status, Ticket

_LONGEST_COMMENT = 3000
_MOST_COMMENTS = 5  # Zendesk cuts a comment at 64 kB without a word, and with its end the marks would be lost
_NOTHING: Mapping[Ref, str] = MappingProxyType({})
_FIRST_WORDS = {
    "escalation": "Engineering has this ticket as {key}",
    "backlog": "This ticket waits in engineering's backlog as {key}",
    "duplicate": "Jira has a report of the same as {key}",
    "known_issue": "This ticket hangs on the known issue {key}",
}


def fields(linked: Sequence[LinkedIssue]) -> Mapping[str, str]:
    """Values of the ticket's own fields that mirror the issue it hangs on (S3-27); nothing without one."""
    issue = next((one for one in linked if not one.gone), None)
    if issue is None:
        return {}
    return {
        "issue": issue.ref.id,
        "issue_status": issue.status,
        "issue_resolution": issue.resolution,
        "fix_version": ", ".join(issue.fix_versions),
    }


def news(
    known: Known, refused: str, history: Callable[[], Sequence[Decision]], unasked: Mapping[Ref, str] = _NOTHING
) -> tuple[AddNote, ...]:
    """What the ticket was not told yet: of each issue it hangs on, of one that could not be made and why (``refused``),
    of those that could not be asked after and why (``unasked``), and of its own solution. ``history`` gives every
    decision about it, oldest first; asked only when needed."""
    ticket = known.ticket
    if ticket.status is Status.CLOSED:
        return ()
    told = _Told.by(ticket)
    found: list[AddNote] = []
    opened = _mark("after resolution", str(ticket.ref)) in told.marks
    for issue in known.context.linked:
        note, opens = _of_issue(issue, known, told, None if opened else history)
        found += [note] if note else []
        opened = opened or opens
    if refused:
        said = f"No issue could be made for engineering: {texts.plain(refused)}. It is tried again later."
        found += _of_refusal(_mark("no issue", str(ticket.ref)), refused, said, told)
    for issue_ref, reason in unasked.items():
        said = f"Engineering could not be asked on {issue_ref.id}: {texts.plain(reason)}. Please ask by other means."
        found += _of_refusal(_mark("not asked", str(issue_ref)), reason, said, told)
    if not opened and _after_solution(known, history):
        found.append(_of_solution(known, told, history))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Told:
    """The marks of each note of news in the thread, oldest first."""

    notes: tuple[tuple[str, ...], ...]

    @classmethod
    def by(cls, ticket: Ticket) -> _Told:
        ours = (one.body for one in ticket.comments if one.speaker is Speaker.WORKER and not one.public)
        return cls(tuple(marks for marks in map(news_in, ours) if len(marks) > 2))

    @property
    def marks(self) -> frozenset[str]:
        return frozenset(mark for note in self.notes for mark in note)

    def about(self, subject: str) -> list[tuple[str, ...]]:
        return [note for note in self.notes if note[1] == subject]


def _of_issue(
    issue: LinkedIssue, known: Known, told: _Told, history: Callable[[], Sequence[Decision]] | None
) -> tuple[AddNote | None, bool]:
    """The note about one issue, and whether it opens the checklist; ``history`` is None where that is open already."""
    if issue.at is None and not issue.gone:
        return None, False  # not looked at yet
    about, earlier = _mark("issue", str(issue.ref)), told.about(_mark("issue", str(issue.ref)))
    state = _mark(about, issue.status, str(issue.done), issue.resolution, *issue.fix_versions, f"gone {issue.gone}")
    quoted = {mark for note in earlier for mark in note[3:]}
    fresh = [(mark, one) for one in issue.comments if (mark := _mark(about, one.id, one.body)) not in quoted]
    changed = not earlier or earlier[-1][2] != state
    if not changed and not fresh:
        return None, False
    paragraphs = [_state(issue, first=not earlier)] if changed else []
    if passed_over := len(fresh[:-_MOST_COMMENTS]):
        where = issue.url or issue.ref.id
        paragraphs.append(f"Comments for support that are not repeated here: {passed_over}, see {where}")
    paragraphs += [_comment(issue, one) for _, one in fresh[-_MOST_COMMENTS:]]
    marks = [about, state, *(mark for mark, _ in fresh)]
    opens = changed and issue.done and known.policy.pack.bridge.after_resolution and history is not None
    if opens and history is not None:
        paragraphs += after_resolution.paragraphs(known, history())
        marks.append(_mark("after resolution", str(known.ticket.ref)))
    return _note(paragraphs, marks, len(earlier)), opens


def _of_refusal(about: str, refused: str, said: str, told: _Told) -> Iterator[AddNote]:
    """The note about what was refused, once for each reason."""
    state, earlier = _mark(refused), told.about(about)
    if all(note[2] != state for note in earlier):
        yield _note([said], [about, state], len(earlier))


def _after_solution(known: Known, history: Callable[[], Sequence[Decision]]) -> bool:
    """Whether the ticket was solved after it had been escalated."""
    if known.ticket.status is not Status.SOLVED or not known.policy.pack.bridge.after_resolution:
        return False
    return known.decision.level > Level.L1 or any(one.level > Level.L1 for one in history())


def _of_solution(known: Known, told: _Told, history: Callable[[], Sequence[Decision]]) -> AddNote:
    about = _mark("solution", str(known.ticket.ref))
    said = ["This ticket was escalated and is solved now."]
    if "solved_bare" in known.decision.facts:
        said = [f"{said[0]} No note says what the cause was and what mended it: please add one."]
    opened = _mark("after resolution", str(known.ticket.ref))
    paragraphs = [*said, *after_resolution.paragraphs(known, history())]
    return _note(paragraphs, [about, _mark("solved"), opened], len(told.about(about)))


def _state(issue: LinkedIssue, *, first: bool) -> str:
    key = issue.ref.id
    if issue.gone:
        return (
            f"{key} was deleted, or our user may no longer see it. No other issue is made for this ticket: "
            "if one is needed, please file it by hand."
        )
    lines = []
    if first:
        where = f": {issue.url}" if issue.url else ""
        lines.append(_FIRST_WORDS.get(issue.kind, _FIRST_WORDS["escalation"]).format(key=key) + where)
    if issue.done:
        how = f" as {texts.plain(issue.resolution)}" if issue.resolution else f" ({texts.plain(issue.status)})"
        fixed = f", fixed in {texts.plain(', '.join(issue.fix_versions))}" if issue.fix_versions else ""
        lines.append(f"{key} is resolved{how}{fixed}.")
    else:
        planned = f", to be fixed in {texts.plain(', '.join(issue.fix_versions))}" if issue.fix_versions else ""
        lines.append(f"{key} is {texts.plain(issue.status)}{planned}.")
    if first and issue.left_out:
        lines.append("It had to be made without:")
        lines += [f"- {name}: {texts.plain(why)}" for name, why in issue.left_out.items()]
    return "\n".join(lines)


def _comment(issue: LinkedIssue, comment: Comment) -> str:
    body = comment.body if len(comment.body) <= _LONGEST_COMMENT else comment.body[: _LONGEST_COMMENT - 1] + "…"
    lines = [line for line in map(texts.plain, body.splitlines()) if line]
    said = f"An engineer wrote to support in {issue.ref.id}, {comment.at:%Y-%m-%d %H:%M} UTC:"
    return "\n".join((said, *(f"> {line}" for line in lines)))


def _note(paragraphs: Sequence[str], marks: Sequence[str], number: int) -> AddNote:
    """The note, whose first mark is its own: of everything it tells, and of how many there were before."""
    own = _mark(str(number), *marks)
    return AddNote("\n\n".join((*paragraphs, f"Firstline news {' '.join((own, *marks))}")), own)


def _mark(*parts: str) -> str:
    return mark_of("\n".join(parts))
