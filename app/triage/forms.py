"""Forms filled from a ticket: the escalation template, the incident report, the feature request (S2-34..S2-100, S1-17).

They hold what is known and nothing else; what is missing is named, counted, and asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from app.triage.decision import Decision, Label, Level, Severity
from app.triage.details import details
from app.triage.fields import Known
from app.triage.form_parts import Form, FormName, Message, Row
from app.triage.pack import Pack
from app.triage.templates import render
from app.triage.ticket import Ticket


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One line of a filled form; ``text`` is None where nothing is known, ``source`` the requirement's id."""

    field: str
    title: str
    text: str | None
    needed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with what is known; and the questions, in the order of its rows, that would get what is needed."""

    title: str
    rows: tuple[FilledRow, ...]
    questions: tuple[str, ...]

    @property
    def complete(self) -> float:
        """The share of the needed rows that are known, 0..1; 1 when none is needed."""
        needed = [row for row in self.rows if row.needed]
        return sum(row.text is not None for row in needed) / len(needed) if needed else 1.0


def fill(form: Form, known: Known) -> Filled:
    """The form for this ticket."""
    pack, label = known.policy.pack, known.decision.label
    rows = tuple(
        FilledRow(row.field, row.title, known.field(row.field), row.is_needed(label), row.source)
        for row in _rows(form, pack)
    )
    return Filled(form.title, rows, tuple(_questions(_unknown(rows), pack, known.language)))


def text(filled: Filled) -> str:
    """The form as a note's paragraphs: what is known, line by line where lines matter, then what is not."""
    lines = [f"{filled.title} ({filled.complete:.0%} of what is needed):"]
    for row in filled.rows:
        if row.text is not None and "\n" in row.text:
            lines += [f"- {row.title}:", *(f"> {line}" for line in row.text.splitlines())]
        elif row.text is not None:
            lines.append(f"- {row.title}: {row.text}")
    missing = [row.title for row in filled.rows if row.text is None]
    if missing:
        lines.append(f"- Not stated: {', '.join(missing)}.")
    return "\n".join(lines)


def form_for(decision: Decision) -> FormName | None:
    """Which form belongs to a decision: incidents, ideas and escalations have one (C-28)."""
    if decision.page:
        return "incident"
    if decision.label is Label.ENHANCEMENT:
        return "feature_request"
    return "escalation" if decision.level > Level.L1 else None


def message(part: Message, known: Known) -> tuple[str, str] | None:
    """Subject and body; None when nothing of one of them is known."""
    subject, body = render(part.subject, known, _one_line), render(part.body, known)
    return (subject, body) if subject and body else None


def with_questions(known: Known) -> Known:
    """The same, knowing what the escalation form lacks and the customer can be asked for."""
    form = known.policy.pack.forms.get("escalation")
    if form is None:
        return known
    lacks = _unknown(fill(form, known).rows)
    return replace(known, questions=tuple(name for name in lacks if known.policy.pack.question(name)))


def ready(known: Known) -> bool:
    """Whether enough is known to go on to the next level; a P0 or P1 goes on whatever is known (S2-78)."""
    urgent = known.decision.severity <= Severity.P1
    return urgent or not lacking(known.ticket, known.decision.label, known.policy.pack)


def lacking(ticket: Ticket, label: Label, pack: Pack) -> tuple[str, ...]:
    """The questions to ask before an escalation, when less than ``escalation.min_complete`` of the form is known."""
    form = pack.forms.get("escalation")
    needed = [row.field for row in _rows(form, pack) if row.is_needed(label)] if form else []
    told = details(ticket)
    missing = [name for name in needed if not getattr(told, name, True)]
    if not needed or 1 - len(missing) / len(needed) >= pack.escalation.min_complete:
        return ()
    return tuple(_questions(missing, pack))


def _rows(form: Form, pack: Pack) -> tuple[Row, ...]:
    """The form's own rows, then those of the form that it continues, each field once."""
    own = {row.field for row in form.rows}
    more = pack.forms[form.continues].rows if form.continues else ()
    return (*form.rows, *(row for row in more if row.field not in own))


def _unknown(rows: Iterable[FilledRow]) -> list[str]:
    return [row.field for row in rows if row.needed and row.text is None]


def _questions(names: Iterable[str], pack: Pack, language: str = "") -> Iterator[str]:
    return (question for name in names if (question := pack.question(name, language)))


def _one_line(value: str) -> str:
    return " ".join(value.split())
