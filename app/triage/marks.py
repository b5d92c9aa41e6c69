"""The lines at the foot of our notes, by which we know them again: of the outcome that a note tells, and of the
commands that it answers."""

from __future__ import annotations

import re
from collections.abc import Iterable

MARK = re.compile(r"^[ \t>*_]*Firstline note ([0-9a-f]{12})\b", re.MULTILINE)
ANSWER = re.compile(r"^[ \t>*_]*Firstline answer ((?:[0-9a-f]{12}\b[ \t]*)+)", re.MULTILINE)


def answer_line(marks: Iterable[str]) -> str:
    """The line of a note that answers the commands of these marks."""
    return f"Firstline answer {' '.join(marks)}"


def marks_in(text: str) -> tuple[str, ...]:
    """The marks of our note in a text: of its outcome, and of each command that it answers; how adapters recognise our
    own notes."""
    outcome = outcome_in(text)
    return (*((outcome,) if outcome else ()), *answered_in(text))


def outcome_in(text: str) -> str:
    """The mark of the outcome that a note tells, empty for none: the last one, which is ours, whatever a quoted
    customer wrote above it."""
    found: list[str] = MARK.findall(text)
    return found[-1] if found else ""


def answered_in(text: str) -> tuple[str, ...]:
    """The marks of the commands that a note answers. Where it tells an outcome too, they stand below that mark."""
    *_, below = [0, *(found.end() for found in MARK.finditer(text))]
    return tuple(mark for line in ANSWER.findall(text, below)[-1:] for mark in line.split())
