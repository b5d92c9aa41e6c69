"""What is left to do when it is solved: the checklist, and a closing summary drafted from the decisions (S2-84..S2-88).

What nobody recorded is open; nothing is ticked by guessing, and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.triage import field_texts as texts
from app.triage.decision import Decision
from app.triage.fields import Known
from app.triage.ticket import Speaker

_MIRRORED = ("issue", "issue_status", "issue_resolution", "fix_version")
_MOST_STEPS = 8


def paragraphs(known: Known, history: Sequence[Decision]) -> tuple[str, ...]:
    """The checklist and the draft, as a note's paragraphs."""
    items = [f"- [{'x' if done else ' '}] {item}" for done, item, _ in checklist(known)]
    draft = [f"> {line}" for line in closing(known, history)]
    return (
        "\n".join(["After resolution:", *items]),
        "\n".join(["Closing summary, a draft from the decisions:", *draft]),
    )


def checklist(known: Known) -> tuple[tuple[bool, str, str], ...]:
    """Each item: whether it is done, what it says, and the requirement it comes from."""
    resolved = [one for one in known.context.linked if one.done]
    cause = known.field("root_cause")
    shown = {name for name in _MIRRORED if known.ticket.fields.get(name)}
    return (
        ("resolved" in known.decision.facts, "the customer confirmed that it works", "S2-84"),
        (bool(cause), "root cause documented by a colleague", "S2-86"),
        (any(one.resolution or one.fix_versions for one in resolved), "resolution documented", "S2-86"),
        (bool(shown & {"issue_status", "issue_resolution"}), "customer's records updated", "S3-27"),
        (False, "page of the knowledge base written or changed, if the issue is of a new kind", "S2-85"),
        (False, "ticket closed with a summary; a draft stands below", "S2-88"),
    )


def closing(known: Known, history: Sequence[Decision]) -> tuple[str, ...]:
    """The summary line by line: what was reported, how it went, how it ended."""
    return tuple(_closing(known, history))


def _closing(known: Known, history: Sequence[Decision]) -> Iterator[str]:
    ticket = known.ticket
    who = texts.plain(ticket.requester.organization or ticket.requester.name) or "The customer"
    yield f"{_at(ticket.created_at)}: {who} reported: {known.field('brief') or 'see the ticket'}"
    yield from _course(known, history)
    answers = len(ticket.answers)
    notes = sum(one.speaker is Speaker.AGENT and not one.public for one in ticket.comments)
    yield f"Answers to the customer: {answers}; notes by colleagues: {notes}"
    if cause := known.field("root_cause"):
        yield f"Cause, in a colleague's words: {cause}"
    for one in known.context.linked:
        if one.done:
            how = texts.plain(one.resolution or one.status)
            fixed = f", fixed in {texts.plain(', '.join(one.fix_versions))}" if one.fix_versions else ""
            yield f"Engineering: {one.ref.id} {how}{fixed}"
    if not any(one.done for one in known.context.linked):
        yield "Resolution: [to be filled in]"


def _course(known: Known, history: Sequence[Decision]) -> Iterator[str]:
    """When severity, label or level became what they were; the first steps and the last where there are many."""
    steps: list[str] = []
    before: tuple[object, ...] = ()
    for decision in history:
        now = (decision.severity, decision.label, decision.level)
        if now != before:
            what = f"{known.policy.pack.shown(decision.severity)} · {decision.label} · {decision.level}"
            steps.append(f"{_at(decision.at)}: {what}{', on-call paged' if decision.page else ''}")
        before = now
    half = _MOST_STEPS // 2
    yield from steps if len(steps) <= _MOST_STEPS else (*steps[:half], "...", *steps[-half:])


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
