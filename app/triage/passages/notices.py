"""What nobody wrote for this ticket: legal notices, banners above mail from outside, footers of lists and scanners."""

from __future__ import annotations

from collections.abc import Iterator

from app.triage.passages.kind import Kind
from app.triage.passages.notice_words import BANNERS, FOOTERS, LEGAL, OPENINGS
from app.triage.passages.page import Page, any_of, folded, lines_with, prose

_TOP = 4  # lines with words among which a banner is looked for
_LONGEST_FOOTER = 240
_EDGE = r"^[ \t*_#|>\[(\"-]*"


_OPENING = lines_with(_EDGE + any_of(folded(OPENINGS.values())))
_LEGAL = lines_with(any_of(folded(LEGAL.values())))
_BANNER = lines_with(any_of(folded(BANNERS.values())))
_FOOTER = lines_with(rf"{_EDGE}(?:[^\n]{{0,40}}[|•·] ?)?{any_of(folded(FOOTERS.values()))}")


def mark(page: Page, end: int) -> None:
    """Mark notices among the lines before ``end``."""
    banners = set(page.numbers(_BANNER))
    if banners:
        top = [n for n in range(end) if page.lines[n]][:_TOP]
        page.mark((n for n in top if n in banners), Kind.NOTICE)
    opened = page.numbers(_OPENING)
    if opened:
        legal = set(page.numbers(_LEGAL))
        looked_at = 0
        for number in opened:
            if looked_at <= number < end and page.said(number):
                page.mark(_legal(page, number, end, legal), Kind.NOTICE)
                looked_at = page.paragraph_end(number)
    footers = {n for n in page.numbers(_FOOTER) if len(page.lines[n]) <= _LONGEST_FOOTER}
    if footers:
        page.mark(_at_the_foot(page, footers, end), Kind.NOTICE)


def _legal(page: Page, number: int, end: int, legal: set[int]) -> list[int]:
    """The paragraph that a legal notice opens, and the next ones as long as they go on like one; nothing where the
    words of such notices are missing."""
    lines = range(number, page.paragraph_end(number))
    if not any(n in legal for n in lines):
        return []
    found = list(lines)
    at = lines.stop
    while at < end:
        if page.lines[at]:
            if not page.said(at):
                break
            following = range(at, page.paragraph_end(at))
            if not any(n in legal for n in following):
                break
            found += following
            at = following.stop
        else:
            at += 1
    return [n for n in found if n < end]


def _at_the_foot(page: Page, footers: set[int], end: int) -> Iterator[int]:
    """Footers below which nobody says anything more."""
    for number in range(end - 1, -1, -1):
        if number in footers and page.said(number):
            yield number
        elif page.said(number) and prose(page.lines[number]):
            return
