"""What machines wrote: logs, stack traces, code with and without fences, JSON, XML, SQL, HTTP, tables and dumps.

An ``ERROR`` in a log is not the customer's complaint, so none of it is read as said; its codes and traces stay readable
as pasted text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from app.triage.passages.kind import Kind
from app.triage.passages.machine_lines import CODE, LOGS, PROMPTS, SYSTEM_KEYS, TRACES, WIRE
from app.triage.passages.page import Page, folded, lines_with, prose, speaks

_SYSTEM_KEYS = frozenset(folded([SYSTEM_KEYS]))
_FENCES = ("```", "~~~", "{code", "{noformat", "<pre")
_CLOSED_BY = {"```": "```", "~~~": "~~~", "{code": "{code}", "{noformat": "{noformat}", "<pre": "</pre>"}
_FENCE = lines_with(r"```|~~~|\{code(?::[^}\n]{0,120})?\}|\{noformat(?::[^}\n]{0,120})?\}|<pre\b")
_LINES = "|".join((*TRACES, *LOGS, *PROMPTS, *WIRE))
_MACHINE = lines_with(rf"^[ \t]*(?:{_LINES})")
_CODE = lines_with(rf"^[ \t]*(?:{'|'.join(CODE)})")
_QUOTED_MACHINE = lines_with(rf"^[ \t]*>[> ]*(?:{_LINES})")
_ROW = lines_with(r"^[ \t]*\|[^\n]*\|[^\n]*\|[ \t\r]*$|^[ \t]*\+[-=+]{3,}\+[ \t\r]*$")
_RULE = lines_with(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*\|[ \t|:-]*$")
_CELLS = lines_with(r"^[^\t\n]*\S[^\t\n]*\t[^\t\n]*\t")
_PAIR = lines_with(r"^[ \t*_>-]{0,6}[a-z][\w .()/-]{0,38}[*_]{0,2}[ \t]*[:=][*_]{0,2}[ \t]*\S")
_LETTER = 2_000  # characters between fences that are looked at
_PERSON = re.compile(r"\b(?:i|we|my|our|us|you|ich|wir|je|nous|yo)\b|\?$")
_SOURCE_FOLLOWS = 'file "'  # of a traceback of Python's
_SENTENCE = 3  # so many words that join others make code with remarks of a line about code
_LEAST_PAIRS = 3
_LONGEST_VALUE = 90
_CELL_WORDS = 12  # a longer cell holds somebody's words


def fenced(page: Page, *, letters: bool) -> list[tuple[int, int]]:
    """Code between fences, as character spans, with the fences; one that is never closed goes on to the end.

    Trackers' forms put whatever is typed into a field between fences: with ``letters``, one that stands there is said.
    """
    found: list[tuple[int, int]] = []
    at = 0
    for start, end in page.spans(_FENCE):
        if start < at:
            continue
        opened = next(fence for fence in _FENCES if page.text.startswith(fence, start))
        closing = _CLOSED_BY[opened]
        close = page.text.find(closing, end)
        at = close + len(closing) if close >= 0 else len(page.text)
        if not letters or not _is_letter(page.text[end : close if close >= 0 else at]):
            found.append((start, at))
    return found


def _is_letter(text: str) -> bool:
    """Whether a person tells or asks something here, in sentences, and no machine speaks."""
    lines = [line.strip() for line in text[:_LETTER].split("\n") if line.strip()]
    told = sum(prose(line) and speaks(line) for line in lines)
    if not told or told * 2 < len(lines) or not any(_PERSON.search(line) for line in lines):
        return False
    raw = text[:_LETTER].encode()
    return _MACHINE.search(raw) is None and _CODE.search(raw) is None


def mark_quoted(page: Page) -> None:
    """In a first message a quoted line of a machine's is pasted, not somebody's earlier words."""
    if Kind.QUOTED in page.kinds:
        for number in page.numbers(_QUOTED_MACHINE):
            if page.kinds[number] is Kind.QUOTED:
                page.kinds[number] = Kind.CODE


def mark(page: Page, end: int) -> None:
    """Mark what machines wrote among the lines before ``end``."""
    page.mark((n for n in page.numbers(_MACHINE) if n < end), Kind.CODE)
    page.mark((n for n in page.numbers(_CODE) if n < end and not speaks(page.lines[n], _SENTENCE)), Kind.CODE)
    _join(page, end)
    _mark_tables(page, end)
    _mark_dumps(page, end)


def _join(page: Page, end: int) -> None:
    """A line between two of a machine's, or indented below one, with no sentence in it, is the machine's too."""
    for number in range(1, end):
        if page.kinds[number - 1] is Kind.CODE and page.said(number):
            between = number + 1 < end and page.kinds[number + 1] is Kind.CODE
            source = page.lines[number - 1].startswith(_SOURCE_FOLLOWS) and page.indented(number)
            if source or ((between or page.indented(number)) and not prose(page.lines[number])):
                page.kinds[number] = Kind.CODE


def _mark_tables(page: Page, end: int) -> None:
    ruled = set(page.numbers(_RULE))
    for pattern in (_ROW, _CELLS):
        for run in _runs(n for n in page.numbers(pattern) if n < end and page.said(n)):
            if len(run) >= 2:
                page.mark((n for n in run if not _wordy(page.lines[n])), Kind.TABLE)
    for number in ruled:  # a table without outer bars: the heading above its rule, and the rows below
        if 0 < number < end and page.said(number) and "|" in page.lines[number - 1]:
            rows = [number - 1, number]
            while rows[-1] + 1 < end and "|" in page.lines[rows[-1] + 1]:
                rows.append(rows[-1] + 1)
            page.mark((n for n in rows if not _wordy(page.lines[n])), Kind.TABLE)


def _wordy(row: str) -> bool:
    cells = row.replace("\t", "|").split("|")
    return any(len(cell.split()) > _CELL_WORDS and speaks(cell) for cell in cells)


def _mark_dumps(page: Page, end: int) -> None:
    """Lines of ``key: value`` that tell of a system; the fields of a form that somebody filled in are said."""
    for run in _runs(n for n in page.numbers(_PAIR) if n < end and page.said(n)):
        keys = [_key(page.lines[n]) for n in run]
        known = sum(key in _SYSTEM_KEYS for key in keys)
        if known >= _LEAST_PAIRS:
            page.mark(
                (n for n, key in zip(run, keys, strict=True) if key in _SYSTEM_KEYS or _is_value(page.lines[n])),
                Kind.TABLE,
            )


def _key(line: str) -> str:
    return line.lstrip("*_->\t ").replace("=", ":").partition(":")[0].strip("*_ \t")


def _is_value(line: str) -> bool:
    value = line.replace("=", ":").partition(":")[2]
    return len(value) <= _LONGEST_VALUE and len(value.split()) <= 3


def _runs(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Consecutive numbers together."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
