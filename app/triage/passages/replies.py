"""Earlier messages below or between the writer's words: quoted lines, and the heads that mail programs put above."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.triage.folding import fold
from app.triage.passages.kind import Kind
from app.triage.passages.mail_words import EMPTY, MAIL
from app.triage.passages.page import Page, any_of, folded, lines_with

_WRAPPED = 2  # lines over which a mail program may break the head before and after its verb
_LONGEST = 400
_BLOCK = 9  # lines of a header block that are looked at
_LITTLE_THAT_POINTS = 8  # words of one's own above a forwarded message, where others point at it
_LITTLE_READ = 12  # lines


def _all(field: str) -> tuple[str, ...]:
    return folded(*([getattr(mail, field)] for mail in MAIL.values()))


_OPENING = tuple(word if ord(word[0]) >= 0x3040 else word + " " for word in _all("opening") if word)
_VERBS = any_of(_all("wrote"))
_FIELDS = {
    word: field
    for field in ("to", "date", "sent", "subject", "sender")  # the later meaning of a word wins
    for word in _all(field)
}
_DECORATED = r"^[ \t>]*(?:[-_=*]{2,}[ \t]*)?"
_QUOTED = lines_with(r"^[ \t]{0,3}(?:>|bq\. )")
_ORIGINAL = lines_with(
    rf"{_DECORATED}{any_of(_all('original'))}(?:[ \t]*[-_=*]{{2,}}|[ \t]*:)?[ \t\r]*$"
    rf"|^[ \t]*[-_=*]{{3,}}[ \t]*{any_of(_all('original'))}[^\n]{{0,80}}$"
)
_FORWARDED = lines_with(
    rf"{_DECORATED}{any_of(_all('forwarded'))}(?:[ \t]*[-_=*]{{2,}}|[ \t]*:)?[ \t\r]*$"
    rf"|^[ \t]*[-_=*]{{3,}}[ \t]*{any_of(_all('forwarded'))}[^\n]{{0,80}}$"
)
_REPLY_LINE = lines_with(
    rf"^[^\n]{{0,20}}##-[^\n]{{0,120}}-##|^[^\n]{{0,40}}{any_of(_all('reply_line'))}[^\n]{{0,40}}$"
)
_WROTE = lines_with(_VERBS)
_DATED = lines_with(r"^[^\n]{0,120}\b\d{4}[^\n]{0,120}<[^<>\n]{3,80}@[^<>\n]{3,80}>[ \t]?:[ \t\r]*$")
_SENDER = lines_with(rf"^[ \t>*_]*{any_of(_all('sender'))}[*_ \t]{{0,3}}:")
_AT = re.compile(r"\d{1,2}[:.]\d\d|\d{4}|@")
_LOOK = lines_with(
    rf"\b{any_of(word for word in _all('look') if word.isascii())}"
    rf"|{any_of(word for word in _all('look') if not word.isascii())}"
)
_RULE = re.compile(r"[-_=*]{5,}$")
_EMPTY = frozenset(word for words in EMPTY.values() for word in re.findall(r"\w+", fold(words)[0]))
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|hallo|hej|hei|hola|ola|ciao|bonjour|liebe[rs]?|beste|sehr geehrte[rs]?)\b[^.!?]{0,40}$"
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Head:
    """The lines above an earlier message. ``forwards``: they say so; ``reply_line``: only a line to write above."""

    first: int
    last: int
    forwards: bool = False
    reply_line: bool = False
    wrote: bool = False


def quote_blocks(page: Page) -> list[tuple[int, int]]:
    """What stands between Jira's quote macros, or in an HTML quotation, as character spans."""
    found: list[tuple[int, int]] = []
    for opening, closing, unclosed in (("{quote}", "{quote}", False), ("<blockquote", "</blockquote>", True)):
        at = page.text.find(opening)
        while at >= 0:
            close = page.text.find(closing, at + len(opening))
            if close < 0 and not unclosed:
                break
            end = close + len(closing) if close >= 0 else len(page.text)
            found.append((at, end))
            at = page.text.find(opening, end)
    return found


def mark_quoted(page: Page) -> None:
    """Lines that begin as quotes do; a prompt of Python's is none."""
    page.mark((n for n in page.numbers(_QUOTED) if not page.lines[n].startswith(">>> ")), Kind.QUOTED)


def heads(page: Page) -> list[Head]:
    """Every head, in order."""
    found = [Head(n, n, reply_line=True) for n in page.numbers(_REPLY_LINE)]
    found += [_with_block(page, n, forwards=True) for n in page.numbers(_FORWARDED)]
    found += [_with_block(page, n, forwards=False) for n in page.numbers(_ORIGINAL)]
    found += [Head(n, n, wrote=True) for n in page.numbers(_DATED)]
    found += [head for n in page.numbers(_WROTE) if (head := _wrote(page, n)) is not None]
    found += [Head(_ruled(page, n), last) for n in page.numbers(_SENDER) if (last := _block(page, n)) is not None]
    return sorted(found, key=lambda head: (head.first, -head.last))


def next_to_nothing(page: Page, end: int) -> bool:
    """Whether the lines before ``end`` say so little that what stands below must be meant (see below, FYI)."""
    own = _own(page, end)
    words = [word for line in own for word in _WORD.findall(line)]
    told = sum((len(word) + 1) // 2 if word[0] >= "\u3040" else word not in _EMPTY for word in words)
    return told == 0 or (told <= _LITTLE_THAT_POINTS and _pointing(own))


def _own(page: Page, end: int) -> list[str]:
    """The first lines that are said, without a greeting."""
    own = [page.lines[n][:_LONGEST] for n in range(end) if page.said(n)][:_LITTLE_READ]
    return own[1:] if own and _GREETING.match(own[0]) else own


def _pointing(own: list[str]) -> bool:
    return any(_LOOK.search(line.encode()) for line in own)


def _wrote(page: Page, number: int) -> Head | None:
    """ "On ... Ann wrote:", "Am ... schrieb Ann:" in one line, or wrapped anywhere."""
    last = number
    while not page.lines[last].endswith(":"):
        last += 1
        if last > number + _WRAPPED or last >= len(page.lines) or not page.lines[last]:
            return None
    for first in range(max(0, number - _WRAPPED), number + 1):
        lines = page.lines[first : last + 1]
        whole = " ".join(lines)
        if not all(lines) or len(whole) > _LONGEST:
            continue
        dated = _AT.search(whole) is not None
        if whole.startswith(_OPENING) and (dated or (first == last and len(whole) <= 120)):
            return Head(first, last, wrote=True)
        if dated and first == number and ("@" in whole or whole[:1].isdigit() or len(_AT.findall(whole)) > 1):
            return Head(first, last, wrote=True)
    return None


def _with_block(page: Page, number: int, *, forwards: bool) -> Head:
    """A separator, and the header block after it."""
    at = number + 1
    while at < len(page.lines) and at < number + 3 and not page.lines[at]:
        at += 1
    last = number
    while at < len(page.lines) and at < number + _BLOCK and page.lines[at] and ":" in page.lines[at]:
        if _field(page.lines[at]) is not None:
            last = at
        at += 1
    return Head(number, last, forwards=forwards)


def _block(page: Page, number: int) -> int | None:
    """The last line of a header block that begins here; None where it is only a line that begins with "From:"."""
    seen, last = {"sender"}, number
    for at in range(number + 1, min(number + _BLOCK, len(page.lines))):
        field = _field(page.lines[at])
        if field == "sender":
            break
        if field is not None:
            seen.add(field)
            last = at
        elif at > last + 2:
            break
    mailed = any("@" in line for line in page.lines[number : last + 1])
    if {"sent", "to"} & seen and {"subject", "sent"} <= seen:
        return last
    if "subject" in seen and (mailed or {"to", "date"} & seen):
        return last
    return last if ("sent" in seen) or (mailed and {"to", "date"} & seen) else None


def _ruled(page: Page, number: int) -> int:
    """The line that Outlook draws above a header block, where there is one."""
    above = next((n for n in range(number - 1, max(number - 3, -1), -1) if page.lines[n]), number)
    return above if _RULE.match(page.lines[above]) else number


def _field(line: str) -> str | None:
    """Which field of a header block a line holds."""
    name, colon, _ = line[:40].lstrip("*_> ").partition(":")
    return _FIELDS.get(name.strip("*_ \t")) if colon else None


def quotes_follow(page: Page, number: int) -> bool:
    """Whether the next line with words after this one is a quoted one, so that the quote ends where its lines do."""
    return next((page.kinds[n] is Kind.QUOTED for n in _filled(page, number + 1)), False)


def _filled(page: Page, start: int) -> Iterator[int]:
    return (n for n in range(start, len(page.lines)) if page.lines[n])
