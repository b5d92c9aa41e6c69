"""A message as it can be matched: folded letter by letter, and parted into what the writer says and what is pasted.

Every offset leads back into the original text, so that evidence quotes what the customer really wrote.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from app.triage.boilerplate import Shared
from app.triage.folding import fold
from app.triage.passages import Kind, passages
from app.triage.ticket import Speaker, Ticket

_SENTENCE_END = re.compile(r"[.!?;]+(?=\s|$|[\"')\]])|\n\s*\n|\n(?=\s*(?:[-*#•>]|\d+[.)])\s?)")


@dataclass(frozen=True)
class Message:
    """One text of a ticket: ``source`` is ``subject``, ``body`` or a comment id. ``text`` is the original, ``shared``
    what it may have in common with many others."""

    source: str
    speaker: Speaker
    text: str
    shared: Shared | None = None

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
        folded = self._folded[0]
        if self.source == "subject":
            return [(0, len(folded), Kind.SAID)]
        found = passages(folded, opening=self.source == "body", strict=self.speaker is not Speaker.CUSTOMER)
        return self.shared.blanked(folded, found) if self.shared else found

    def _only(self, kept: Kind) -> str:
        folded = self._folded[0]
        parts = [
            folded[start:end] if kind is kept else _blank(folded[start:end]) for start, end, kind in self._passages
        ]
        return "".join(parts)

    def without(self, *kinds: Kind) -> str:
        """The folded text with these kinds of passages blanked."""
        folded = self._folded[0]
        parts = [
            _blank(folded[start:end]) if kind in kinds else folded[start:end] for start, end, kind in self._passages
        ]
        return "".join(parts)

    @property
    def read_as(self) -> dict[str, int]:
        """How many characters are of which kind, so that nothing is left out unseen."""
        counts: dict[str, int] = {}
        for start, end, kind in self._passages:
            counts[kind.value] = counts.get(kind.value, 0) + end - start
        return counts

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


def messages(ticket: Ticket, boilerplate: frozenset[str] = frozenset()) -> Iterator[Message]:
    """The thread in order, without our own notes (they are never read). ``boilerplate`` are hashes of paragraphs that
    many tickets of the account share; they are blanked."""
    shared = Shared(ticket.ref, boilerplate) if boilerplate else None
    yield Message("subject", Speaker.CUSTOMER, ticket.subject)
    body = ticket.body
    if body.strip() and body.strip() != ticket.subject.strip():
        yield Message("body", Speaker.CUSTOMER, body, shared)
    for comment in ticket.comments:
        if comment.speaker is not Speaker.WORKER:
            yield Message(comment.id, comment.speaker, comment.body, shared)


def _blank(text: str) -> str:
    """The same length without words; ends a sentence, so that no phrase runs across it."""
    return "\n" * len(text)
