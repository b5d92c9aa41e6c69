"""What the note says when a goal or a due time passes: which promise, since when, what people are asked to do, and when
engineering was asked, which comes before the note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.triage import nudges
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
    steps = [step for step in known.decision.steps if not step.told]
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
    lines += nudges.lines(step, known)
    if deed.state:
        lines.append(f"The ticket is set to {deed.state}.")
    yield "\n".join(lines)
    if deed.draft:
        yield from draft(deed.draft, UPDATE, known)


def _passed(step: Step) -> str:
    """``Customer update: was due by 2026-11-21 14:00 UTC.``"""
    name = step.clock.replace("_", " ").capitalize()
    again = f", {step.window + 1} times by now" if step.window else ""
    if step.kind == "goal":
        return f"{name}: {step.at:%Y-%m-%d %H:%M} UTC has passed, it is soon due."
    return f"{name}: was due by {step.at:%Y-%m-%d %H:%M} UTC{again}."
