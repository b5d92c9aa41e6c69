"""What the note says when a goal or a due time passes: which promise, since when, what people are asked to do, and what
comes next. It is written after engineering was asked and before its reply and its move, and in assist mode those are
people's: so of these it says what is due, never that it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.triage import nudges, papers, replies
from app.triage.actions import AddNote, Reply
from app.triage.business_time import due
from app.triage.clocks import Step, moves, steps_taken
from app.triage.effects import REFUSED
from app.triage.field_texts import plain
from app.triage.fields import Known
from app.triage.marks import clock_line, mark_of


@dataclass(frozen=True, slots=True)
class Told:
    """``text`` are a note's paragraphs about every step that is due, ``foot`` the line that stands last in the note,
    and ``mark`` one of its marks."""

    text: str
    foot: str
    mark: str


def told(known: Known) -> Told | None:
    """What is to be told now; None when no step is due."""
    steps = [step for step in known.decision.steps if not step.told]
    if not steps:
        return None
    marks = [step.mark for step in steps]
    said = replies.reminders(known.ticket, known.decision, known.context, known.policy)
    reminders = {reply.reason: reply for reply in said}
    paragraphs = [one for step in steps for one in _paragraphs(step, known, reminders.get(step.reason))]
    return Told("\n\n".join(paragraphs), clock_line(marks), marks[0])


def refused(known: Known) -> tuple[AddNote, ...]:
    """A note for each move of a clock that was refused, once: what is left to people, and why."""
    told = steps_taken(known.ticket)
    notes = (_refused(step, known) for step in known.decision.steps if REFUSED + step.mark in known.context.applied)
    return tuple(note for note in notes if note.mark not in told)


def _refused(step: Step, known: Known) -> AddNote:
    why, mark = known.context.applied[REFUSED + step.mark], mark_of(f"{step.mark} refused")
    said = f"{_name(step)}: the ticket could not be set to {step.deed.state}: {plain(why)}. Please do it by hand."
    return AddNote(f"{said}\n\n{clock_line([mark])}", mark)


def _paragraphs(step: Step, known: Known, reminder: Reply | None) -> Iterator[str]:
    deed = step.deed
    lines = [_passed(step)]
    lines += [deed.say] if deed.say else []
    lines += [f"For: {', '.join(role.replace('_', ' ') for role in deed.tell)}."] if deed.tell else []
    lines += nudges.lines(step, known)
    channel = known.policy.pack.ack.channel
    lines += ["Due now: a reminder to the customer."] if reminder and channel == "public" else []
    if moves(step, known.ticket, known.policy.pack.statuses):
        lines.append(f"Due now: the ticket is set to {deed.state}.")
    yield "\n".join(lines)
    if reminder and channel == "note":
        yield replies.draft(reminder)
    if deed.draft:
        heading = f"{papers.UPDATE} ({known.decision.communicator.replace('_', ' ')})"
        yield from papers.draft(deed.draft, heading, _sent_now(known))


def _sent_now(known: Known) -> Known:
    """What a draft says that is sent now: it promises the next update from now on, not the one that is late."""
    decision, clock = known.decision, known.policy.pack.clocks.get("customer_update")
    target = clock.target(decision.severity, decision.level) if clock else None
    if target is None:
        return known
    following = due(decision.at, target.due, known.policy.calendar)
    return replace(known, decision=replace(decision, deadlines={**decision.deadlines, "customer_update": following}))


def _passed(step: Step) -> str:
    """``Customer update: was due by 2026-11-21 14:00 UTC.``"""
    name = _name(step)
    again = f", {step.window + 1} times by now" if step.window else ""
    if step.kind == "goal":
        return f"{name}: {step.at:%Y-%m-%d %H:%M} UTC has passed, it is soon due."
    return f"{name}: was due by {step.at:%Y-%m-%d %H:%M} UTC{again}."


def _name(step: Step) -> str:
    return step.clock.replace("_", " ").capitalize()
