"""The lines at the foot of our notes, by which we know them again: of the outcome that a note tells, of what was taken
back, of news about an issue, of what other tickets report, of the commands that it answers, and of the steps of clocks
that it takes. Our comments on issues of engineering end with such a line too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_MARKS = r"((?:[0-9a-f]{12}\b[ \t]*)+)"
MARK = re.compile(rf"^[ \t>*_]*Firstline (note|undo|news|nudge|report) {_MARKS}", re.MULTILINE)
ANSWER = re.compile(rf"^[ \t>*_]*Firstline answer {_MARKS}", re.MULTILINE)
CLOCK = re.compile(rf"^[ \t>*_]*Firstline clock {_MARKS}", re.MULTILINE)


def mark_of(text: str) -> str:
    """Twelve hex digits that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def answer_line(marks: Iterable[str]) -> str:
    """The line of a note that answers the commands of these marks."""
    return f"Firstline answer {' '.join(marks)}"


def clock_line(marks: Iterable[str]) -> str:
    """The line of a note that takes the steps of these marks."""
    return f"Firstline clock {' '.join(marks)}"


def nudge_line(marks: Iterable[str]) -> str:
    """The line of a comment that asks after an issue, for the ticket and the steps of these marks."""
    return f"Firstline nudge {' '.join(marks)}"


def report_line(marks: Iterable[str]) -> str:
    """The line of a note that tells what other tickets report: its own mark, and one for each fact."""
    return f"Firstline report {' '.join(marks)}"


def marks_in(text: str) -> tuple[str, ...]:
    """Every mark of our note in a text; how adapters recognise our own notes."""
    return (*_foot(text)[1], *answered_in(text), *steps_in(text))


def outcome_in(text: str) -> str:
    """The mark of the outcome that a note tells; empty for a note about anything else."""
    kind, marks = _foot(text)
    return marks[0] if kind == "note" else ""


def news_in(text: str) -> tuple[str, ...]:
    """The marks of the news about an issue that a note tells."""
    kind, marks = _foot(text)
    return marks if kind == "news" else ()


def reports_in(text: str) -> tuple[str, ...]:
    """The marks of a note that tells what other tickets report."""
    kind, marks = _foot(text)
    return marks if kind == "report" else ()


def nudges_in(text: str) -> tuple[str, ...]:
    """The marks of the ticket and the steps for which a comment asks after an issue."""
    kind, marks = _foot(text)
    return marks if kind == "nudge" else ()


def answered_in(text: str) -> tuple[str, ...]:
    """The marks of the commands that a note answers. Where it tells an outcome too, they stand below that mark."""
    return _below(ANSWER, text)


def steps_in(text: str) -> tuple[str, ...]:
    """The marks of the steps of clocks that a note takes; they stand where those of commands do."""
    return _below(CLOCK, text)


def _below(line: re.Pattern[str], text: str) -> tuple[str, ...]:
    *_, below = [0, *(found.end() for found in MARK.finditer(text))]
    return tuple(mark for marks in line.findall(text, below)[-1:] for mark in marks.split())


def _foot(text: str) -> tuple[str, tuple[str, ...]]:
    """What a note is about, and its marks: by the last such line, which is ours, whatever a quoted customer wrote above
    it."""
    *_, (kind, marks) = [("", ""), *MARK.findall(text)]
    return kind, tuple(marks.split())
