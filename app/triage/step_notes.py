"""What the note says when a goal or a due time passes: which promise, since when, what people are asked to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.triage.business_time import due
from app.triage.clocks import Step
from app.triage.fields import Known
from app.triage.marks import clock_line
from app.triage.papers import UPDATE, draft


@dataclass(frozen=True, slots=True)
class Told:
    """``text`` are a note's paragraphs about every step that is due, ``foot`` the line that stands last in the note,
    and ``mark`` one of its marks."""

    text: str
    foot: str
    mark: str


def told(known: Known) -> Told | None:
    """What is to be told now; None when no step is due."""
    steps = known.decision.steps
    if not steps:
        return None
    marks = [step.mark for step in steps]
    paragraphs = [paragraph for step in steps for paragraph in _paragraphs(step, known)]
    return Told("\n\n".join(paragraphs), clock_line(marks), marks[0])


def _paragraphs(step: Step, known: Known) -> Iterator[str]:
    deed = step.deed
    lines = [_passed(step)]
    lines += [deed.say] if deed.say else []
    lines += [f"For: {', '.join(role.replace('_', ' ') for role in deed.tell)}."] if deed.tell else []
    if deed.state:
        lines.append(f"The ticket is set to {deed.state}.")
    yield "\n".join(lines)
    if deed.draft:
        yield from draft(deed.draft, UPDATE, _sent_now(known))


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
    name = step.clock.replace("_", " ").capitalize()
    again = f", {step.window + 1} times by now" if step.window else ""
    if step.kind == "goal":
        return f"{name}: {step.at:%Y-%m-%d %H:%M} UTC has passed, it is soon due."
    return f"{name}: was due by {step.at:%Y-%m-%d %H:%M} UTC{again}."
