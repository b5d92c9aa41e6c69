"""Paragraphs that many tickets of one account share: what a form adds, a shop's greeting, a firm's own notice.

Nothing is kept of a paragraph but a keyed hash. Many equal complaints ("checkout is down", pasted by all who suffer it)
must never become boilerplate: so a paragraph is longer than a sentence, it is counted only beside other words, and it
counts as shared only when it was seen over weeks, on many days, from several people. It is blanked like a disclaimer,
and never where nothing else would be left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

from app.triage.folding import fold
from app.triage.passages import Kind, Span
from app.triage.ticket import Ref, Ticket

LEAST_TICKETS = 20
LEAST_REQUESTERS = 3
LEAST_DAYS = 5
LEAST_AGE = timedelta(days=14)  # since it was seen first
KEPT = timedelta(days=60)  # after it was seen last

_SHORTEST = 120  # characters: longer than a sentence
_FEWEST_WORDS = 15
_MOST_OF_A_TICKET = 8
_MOST_READ = 20_000  # characters of a message
_PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Shared:
    """The paragraphs that an account's tickets share, of those that one ticket has."""

    ref: Ref
    hashes: frozenset[str]

    def blanked(self, folded: str, found: list[Span]) -> list[Span]:
        """The passages with those paragraphs as notices; unchanged where nothing else is said."""
        shared = [(start, end) for start, end, one in _hashed(self.ref, folded) if one in self.hashes]
        spans = [part for span in found for part in _split(span, shared)]
        left = any(kind is Kind.SAID and any(map(str.isalnum, folded[start:end])) for start, end, kind in spans)
        return spans if left else found


def paragraphs_of(ticket: Ticket) -> tuple[str, ...]:
    """The hashes of the paragraphs that are counted: of the first message, when it has any other words."""
    folded = fold(ticket.body[:_MOST_READ])[0]
    found = [one for _, _, one in _hashed(ticket.ref, folded)]
    alone = len(found) == sum(1 for _ in _PARAGRAPH.finditer(folded))
    return () if alone else tuple(dict.fromkeys(found))[:_MOST_OF_A_TICKET]


def requester_of(ticket: Ticket) -> str:
    """The requester as a keyed hash; empty where nobody is known."""
    return _hash(ticket.ref, ticket.requester.id, 8) if ticket.requester.id else ""


def _hashed(ref: Ref, folded: str) -> Iterator[tuple[int, int, str]]:
    """Every paragraph that is long enough, with the hash of its words; numbers in it do not matter."""
    for match in _PARAGRAPH.finditer(folded, 0, _MOST_READ):
        start, end = match.span()
        if end - start >= _SHORTEST and len(words := match.group().split()) >= _FEWEST_WORDS:
            yield start, end, _hash(ref, _DIGIT.sub("0", " ".join(words)), 16)


def _hash(ref: Ref, text: str, size: int) -> str:
    key = blake2b(f"{ref.vendor}:{ref.account}".encode(), digest_size=32).digest()
    return blake2b(text.encode(errors="surrogatepass"), digest_size=size, key=key).hexdigest()


def _split(span: Span, shared: list[tuple[int, int]]) -> Iterator[Span]:
    """What of a span lies in a shared paragraph, and what does not; only what is said is blanked."""
    start, end, kind = span
    for first, last in shared if kind is Kind.SAID and start < _MOST_READ else ():
        if last <= start or first >= end:
            continue
        if first > start:
            yield start, first, kind
        yield max(first, start), min(last, end), Kind.NOTICE
        start = min(last, end)
    if start < end:
        yield start, end, kind
