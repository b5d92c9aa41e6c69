"""Forms filled from a ticket: the escalation template, the incident report, the feature request (S2-34..S2-100, S1-17).

They hold what is known and nothing else; what is missing is named, counted, and asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.triage.decision import Decision, Label, Level, Severity
from app.triage.details import details
from app.triage.fields import Known
from app.triage.form_parts import Form, Message, Row
from app.triage.pack import Pack
from app.triage.templates import render
from app.triage.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Filled:
    """A form's rows with their texts, None where unknown; the share of what is needed that is known, 0..1; and the
    questions that would get the rest."""

    title: str
    rows: tuple[tuple[str, str | None], ...]
    complete: float
    questions: tuple[str, ...]


def fill(form: Form, known: Known) -> Filled:
    """The form for this ticket. A form that needs nothing for the ticket's label is complete."""
    rows = tuple((row, known.field(row.field)) for row in form.rows)
    needed = [(row, text) for row, text in rows if _needed(row, known.decision.label)]
    have = sum(text is not None for _, text in needed)
    return Filled(
        title=form.title,
        rows=tuple((row.title, text) for row, text in rows),
        complete=have / len(needed) if needed else 1.0,
        questions=tuple(row.ask for row, text in needed if text is None and row.ask),
    )


def text(filled: Filled) -> str:
    """The form as a note's paragraph: the rows that are known, then what is not."""
    told = [f"- {title}: {value}" for title, value in filled.rows if value is not None]
    missing = [title for title, value in filled.rows if value is None]
    lines = [f"{filled.title} ({filled.complete:.0%} of what is needed):", *told]
    if missing:
        lines.append(f"- Not stated: {', '.join(missing)}.")
    return "\n".join(lines)


def form_for(decision: Decision) -> str:
    """Which form belongs to a decision; empty for none: incidents, escalations and ideas have one (C-28)."""
    if decision.page:
        return "incident"
    if decision.label is Label.ENHANCEMENT:
        return "feature_request"
    return "escalation" if decision.level > Level.L1 else ""


def message(part: Message, known: Known) -> tuple[str, str] | None:
    """Subject and body; None when nothing of one of them is known."""
    subject, body = render(part.subject, known, _one_line), render(part.body, known)
    return (subject, body) if subject and body else None


def with_questions(known: Known) -> Known:
    """The same, knowing what the escalation form lacks."""
    form = known.policy.pack.forms.get("escalation")
    return replace(known, questions=fill(form, known).questions) if form else known


def ready(known: Known) -> bool:
    """Whether enough is known to go on to the next level; a P0 or P1 goes on whatever is known (S2-78)."""
    urgent = known.decision.severity <= Severity.P1
    return urgent or not lacking(known.ticket, known.decision.label, known.policy.pack)


def lacking(ticket: Ticket, label: Label, pack: Pack) -> tuple[str, ...]:
    """The questions to ask before an escalation, when less than ``escalation.min_complete`` of the form is known."""
    form = pack.forms.get("escalation")
    needed = [row for row in form.rows if _needed(row, label)] if form else []
    told = details(ticket)
    missing = [row for row in needed if not getattr(told, row.field, True)]
    if not needed or 1 - len(missing) / len(needed) >= pack.escalation.min_complete:
        return ()
    return tuple(row.ask for row in missing if row.ask)


def _needed(row: Row, label: Label) -> bool:
    return row.needed == "always" or label in row.needed


def _one_line(value: str) -> str:
    return " ".join(value.split())
