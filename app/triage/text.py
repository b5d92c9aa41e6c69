"""A message as it can be matched: folded letter by letter, and parted into what the writer says and what is pasted.

Every offset leads back into the original text, so that evidence quotes what the customer really wrote.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from app.triage.passages import Kind, passages
from app.triage.ticket import Speaker, Ticket

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"), "")
_PLAIN = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
}
_SENTENCE_END = re.compile(r"[.!?;]+(?=\s|$|[\"')\]])|\n\s*\n|\n(?=\s*(?:[-*#•>]|\d+[.)])\s?)")


class _Folding(dict[int, str]):
    """One character to its plain lower-case form; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        plain = "".join(c for c in unicodedata.normalize("NFKD", chr(code)) if not unicodedata.combining(c)).lower()
        self[code] = plain
        return plain


_FOLD = _Folding(_PLAIN | _INVISIBLE)


def fold(text: str) -> tuple[str, list[int] | None]:
    """Plain lower-case letters, straight quotes, no invisible characters; and where each one stood.

    The second value is None when no character moved.
    """
    if text.isascii():
        return text.lower(), None
    folded = text.translate(_FOLD)
    if all(len(_FOLD[ord(c)]) == 1 for c in set(text)):
        return folded, None
    positions = [at for at, c in enumerate(text) for _ in _FOLD[ord(c)]]
    positions.append(len(text))
    return folded, positions


@dataclass(frozen=True)
class Message:
    """One text of a ticket: ``source`` is ``subject``, ``body`` or a comment id. ``text`` is the original."""

    source: str
    speaker: Speaker
    text: str

    @cached_property
    def _folded(self) -> tuple[str, list[int] | None]:
        return fold(self.text)

    @cached_property
    def said(self) -> str:
        """The folded text with everything blanked that the writer does not say here and now."""
        return self._only(Kind.SAID)

    @cached_property
    def pasted(self) -> str:
        """The folded text with only code, logs and stack traces left."""
        return self._only(Kind.CODE)

    @cached_property
    def _passages(self) -> list[tuple[int, int, Kind]]:
        return passages(self._folded[0]) if self.source != "subject" else [(0, len(self._folded[0]), Kind.SAID)]

    def _only(self, kept: Kind) -> str:
        folded = self._folded[0]
        parts = [
            folded[start:end] if kind is kept else _blank(folded[start:end]) for start, end, kind in self._passages
        ]
        return "".join(parts)

    def has(self, kind: Kind) -> bool:
        """Whether the message holds a passage of that kind."""
        return any(found is kind for _, _, found in self._passages)

    @cached_property
    def said_bytes(self) -> bytes:
        """``said`` as the matcher wants it."""
        return self.said.encode()

    @cached_property
    def pasted_bytes(self) -> bytes:
        """``pasted`` as the matcher wants it; empty when nothing is pasted."""
        return self.pasted.encode() if self.has(Kind.CODE) else b""

    @cached_property
    def _sentences(self) -> list[int]:
        return [0, *(match.end() for match in _SENTENCE_END.finditer(self.said))]

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Start and end, in ``said``, of every sentence."""
        return pairwise([*self._sentences, len(self.said)])

    def sentence(self, at: int) -> tuple[int, int]:
        """Start and end, in ``said``, of the sentence around a position."""
        index = bisect_right(self._sentences, at)
        start = self._sentences[index - 1]
        end = self._sentences[index] if index < len(self._sentences) else len(self.said)
        return start, end

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of ``said`` lies in ``text``."""
        positions = self._folded[1]
        if positions is None:
            return start, end
        return positions[start], positions[end - 1] + 1 if end > start else positions[start]


def messages(ticket: Ticket) -> Iterator[Message]:
    """The thread in order, without our own notes (they are never read)."""
    yield Message("subject", Speaker.CUSTOMER, ticket.subject)
    body = ticket.body
    if body.strip() and body.strip() != ticket.subject.strip():
        yield Message("body", Speaker.CUSTOMER, body)
    for comment in ticket.comments:
        if comment.speaker is not Speaker.WORKER:
            yield Message(comment.id, comment.speaker, comment.body)


def _blank(text: str) -> str:
    """The same length without words; ends a sentence, so that no phrase runs across it."""
    return "\n" * len(text)
