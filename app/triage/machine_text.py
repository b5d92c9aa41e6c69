"""What machines said, as customers paste and quote it: addresses, error texts, logs.

Every function takes folded text and gives spans of it. Expressions have no nested repeats, and every repeat of theirs
is bounded or runs over one class of letters, so that no text makes them slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.triage.steps import Span, lines, trimmed, words

_LONGEST = 400
_LOG_LINES = 12
_MOST_ERRORS = 20
_FENCES = ("```", "~~~", "{code}", "{noformat}", "<pre>", "</pre>")

_URL = re.compile(r"(?:\bhttps?://|\bwww\.)[^\s<>\"`|\\{}]{3,500}")
_ERROR = words(
    r"\b(?:errors?|messages?|exception|says|saying|reads|shows|showing|warning|popup|alert|states|fail(?:s|ed) with)\b"
    r"[^\"\n]{0,40}\"(?P<a>[^\"]{3,200})\""
    r"|\bwith (?:the |an? )?(?:error |message ){0,2}\"(?P<d>[^\"\n]{3,200})\""
    r"|\"(?P<e>(?:error|exception|fatal)\b[^\"\n]{2,200})\""
    r"|\"(?P<b>[^\"]{3,200})\" (?:error|message|exception|appears|pops up|is shown|warning)\b"
    r"|\b(?:errors?|messages?|exception|says|saying|reads|shows)\b:? (?:is )?['`](?P<c>[^'`\n]{3,200})['`]"
    r"|\b(?:http|status)(?: status)?(?: code| error)?:? [45]\d\d\b"
    r"|\b[45]\d\d (?:errors?|internal server error|bad gateway|service unavailable|gateway time-?out|not found"
    r"|forbidden|unauthori[sz]ed|too many requests|bad request)\b"
    r"|\berror (?:code |number |no\.? )?#?(?:[45]\d\d|[a-z]{0,6}[-_]?\d{2,6})\b"
    r"|\b(?:e|err|ora|sqlstate)[-_]\d{2,6}\b|\berr_[a-z_]{3,60}\b|\b0x[0-9a-f]{4,16}\b|\b[a-z]{3,40}(?:exception)\b"
)
_ERROR_LINE = re.compile(
    r"^[ \t]{0,8}(?:caused by: )?(?:(?:error|fatal)(?: message| text| code)?: ?(?P<a>[^\n]{3,200})"
    r"|(?P<b>[\w$.]{0,120}(?:error|exception): [^\n]{1,200}))",
    re.MULTILINE,
)


def urls(text: str) -> Iterator[Span]:
    """Web addresses without the punctuation and the unpaired brackets behind them (S2-52)."""
    for match in _URL.finditer(text):
        start, end = match.span()
        while end > start and (text[end - 1] in ".,;:!?'*_" or _unpaired(text, start, end)):
            end -= 1
        if "." in text[start:end] or "//localhost" in text[start:end]:
            yield start, end


def _unpaired(text: str, start: int, end: int) -> bool:
    opening = {")": "(", "]": "["}.get(text[end - 1])
    return opening is not None and text.count(opening, start, end) < text.count(text[end - 1], start, end)


def errors(text: str) -> list[Span]:
    """What a machine said, word by word: error lines, quoted messages, codes; none inside another (S2-53)."""
    found: list[Span] = []
    for pattern in (_ERROR_LINE, _ERROR):
        for match in pattern.finditer(text):
            start, end = trimmed(text, *match.span(match.lastindex or 0))
            if start < end and "\n\n" not in text[start:end] and all(end <= a or b <= start for a, b in found):
                found.append((start, end))
            if len(found) == _MOST_ERRORS:
                break
    return sorted(found)


def logs(text: str, pasted: str) -> Span | None:
    """The first lines of the first log or stack trace; one line between its lines belongs to it (S2-54)."""
    first = last = -1
    gap = count = 0
    for start, end in lines(text):
        part = pasted[start:end].strip()
        if not part or part in _FENCES:
            gap += first >= 0
            if gap > 1:
                break
            continue
        first, last = (start if first < 0 else first), min(end, start + _LONGEST)
        gap, count = 0, count + 1
        if count == _LOG_LINES:
            break
    return trimmed(text, first, last) if first >= 0 else None
