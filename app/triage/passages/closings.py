"""How a letter ends: a closing with name, title and numbers, a signature with or without ``--``, "Sent from my ..."."""

from __future__ import annotations

import re
from itertools import islice

from app.triage.passages.closing_words import CLOSINGS, SENT_FROM, THANKS
from app.triage.passages.kind import Kind
from app.triage.passages.page import Page, any_of, contact, folded, lines_with, prose

_MOST_LINES = 12
_NAME_WORDS = 4  # of a name on the closing's own line
_LONGEST_DEVICE = 70
_BLOCK = range(2, 9)  # lines of a signature that nothing announces

_ANY = folded(CLOSINGS.values(), THANKS.values())
_WHOLE = frozenset(_ANY)
_WITH_NAME = tuple(word for word in folded(CLOSINGS.values()) if len(word) > 4 and word not in ("yours", "cheers"))
_DEVICE = folded(SENT_FROM.values())
_CLOSING = lines_with(rf"^[ \t]*{any_of(_ANY)}[^\n]{{0,60}}$")
_SENT_FROM = lines_with(rf"^[ \t*_\[(<]*{any_of(_DEVICE)}[^\n]{{0,80}}$")
_DELIMITER = lines_with(r"^[ \t]*(?:--|_{8,}|-{2,}[ \t]*|—)[ \t\r]*$")
_EDGES = " \t,.!;:~*_-()\u3001\u3002"
_DEVICE_WORD = re.compile(
    r"iphon|ipad|android|samsung|galaxy|outlook|mail|phone|mobil|handy|smartphone|blackberry|pixel|huawei|xiaomi|yahoo"
    r"|proton|my |mon |mi |meu |mijn |meinem |mojego|ios|windows|tablet|handset|device"
)


def mark(page: Page, end: int) -> None:
    """Mark signatures among the lines before ``end``, from the first closing that has the writer's words above it."""
    first = next((n for n in range(end) if page.said(n)), end)
    for number in page.numbers(_SENT_FROM):
        line = page.lines[number]
        if first < number < end and page.said(number) and len(line) <= _LONGEST_DEVICE and _DEVICE_WORD.search(line):
            page.mark([number], Kind.SIGNATURE)
    for number in page.numbers(_DELIMITER):
        if first < number < end and page.said(number) and _delimits(page, number, end):
            page.mark(range(number, end), Kind.SIGNATURE)
    for number in page.numbers(_CLOSING):
        if first < number < end and page.said(number) and _closes(page.lines[number]):
            page.mark([number, *_tail(page, number + 1, end)], Kind.SIGNATURE)
    _mark_block(page, first, end)


def _closes(line: str) -> bool:
    """Whether a line is a closing, alone or with a name after it."""
    bare = line.strip(_EDGES)
    if bare in _WHOLE:
        return True
    for word in _WITH_NAME:
        if bare.startswith(word):
            name = bare[len(word) :].strip(_EDGES)
            if len(name.split()) <= _NAME_WORDS and not prose(line):
                return True
    return False


def _delimits(page: Page, number: int, end: int) -> bool:
    """Whether a line of dashes parts a signature off, and not one half of a long message from the other."""
    below = list(islice((page.lines[n] for n in range(number + 1, end) if page.said(n)), _MOST_LINES + 1))
    return bool(below) and len(below) <= _MOST_LINES and not prose(below[0])


def _tail(page: Page, start: int, end: int) -> list[int]:
    """The lines after a closing up to the first that reads as a sentence (a P.S. is said)."""
    found: list[int] = []
    for number in range(start, min(end, start + 2 * _MOST_LINES)):
        if not page.lines[number]:
            continue
        if page.kinds[number] is not Kind.SAID:
            if page.kinds[number] is Kind.SIGNATURE:
                continue
            break
        if prose(page.lines[number]) or len(found) == _MOST_LINES or _heads_paste(page, number, end):
            break
        found.append(number)
    return found


def _heads_paste(page: Page, number: int, end: int) -> bool:
    """Whether a line says what the paste right below it is."""
    below = page.kinds[number + 1 : min(end, number + 3)]
    return Kind.CODE in below or Kind.TABLE in below


def _mark_block(page: Page, first: int, end: int) -> None:
    """The last paragraph, where it is a name with numbers and addresses that nothing announced."""
    if first >= end:
        return
    last = next((n for n in range(end - 1, first, -1) if page.lines[n] and page.kinds[n] is not Kind.NOTICE), first)
    lines = page.paragraph(last)
    if not page.said(last) or lines.start <= first or len(lines) not in _BLOCK:
        return
    texts = [page.lines[n] for n in lines]
    if sum(map(contact, texts)) >= 2 and not contact(texts[0]) and not any(map(prose, texts)):
        page.mark(lines, Kind.SIGNATURE)
