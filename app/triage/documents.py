"""The pack's list of documents, searched for what the customer asks: no index, no service, only phrases and a score.

A Guidance reply cites the best match (S0-72), and whoever escalates sees what was searched and found (S2-72).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.triage.decision import Label
from app.triage.pack import Pack
from app.triage.phrases import BadPhrase, Matcher, compiled, expand, folded_phrase
from app.triage.reply_parts import Document
from app.triage.text import Message, messages
from app.triage.ticket import Speaker, Ticket

_IN_SUBJECT = 2.0
_ELSEWHERE = 1.0
_MOST_LISTED = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A document and how well it fits: 2 points for each of its phrases in the subject, 1 for one elsewhere."""

    document: Document
    score: float


class Library:
    """The documents of a pack, their phrases compiled once. Raises BadPhrase with the phrase's place in the pack."""

    def __init__(self, pack: Pack) -> None:
        self.documents = pack.documents
        self.least = pack.documents_min
        words = {name: tuple(map(folded_phrase, entries)) for name, entries in pack.words.items()}
        expressions: list[str] = []
        self._document_of: list[int] = []
        for number, document in enumerate(pack.documents):
            for index, phrase in enumerate(document.phrases):
                try:
                    expression = expand(folded_phrase(phrase), words)
                    compiled(expression)
                except BadPhrase as error:
                    error.path = ("documents", number, "phrases", index)
                    raise
                expressions.append(expression)
                self._document_of.append(number)
        self._matcher = Matcher(expressions)

    def search(self, ticket: Ticket, labels: Collection[Label]) -> tuple[Found, ...]:
        """Every document with a phrase that the customer uses, best first; of two as good, the one listed first.

        A document that is kept for some labels is found only under one of them.
        """
        best: dict[int, float] = {}  # by phrase
        for message in messages(ticket) if self.documents else ():
            if message.speaker is Speaker.CUSTOMER:
                for phrase in self._matcher.which(message.said_bytes):
                    best[phrase] = max(best.get(phrase, 0.0), _points(message))
        scores: dict[int, float] = {}
        for phrase, points in best.items():
            number = self._document_of[phrase]
            scores[number] = scores.get(number, 0.0) + points
        found = [Found(self.documents[number], scores[number]) for number in sorted(scores)]
        fitting = [one for one in found if one.document.label is None or set(one.document.label) & set(labels)]
        return tuple(sorted(fitting, key=lambda one: -one.score))

    def best(self, found: Sequence[Found]) -> Document | None:
        """The document that may be cited to a customer: the best one, if it reaches ``documents_min``."""
        return found[0].document if found and found[0].score >= self.least else None

    def searched(self, found: Sequence[Found]) -> str:
        """One sentence for colleagues: how many documents were searched, and the best of those found; empty without
        documents."""
        if not self.documents:
            return ""
        told = "; ".join(f"{one.document.title} ({one.document.url})" for one in found[:_MOST_LISTED])
        return f"Searched {len(self.documents)} documents: {told or 'none fits'}."


def _points(message: Message) -> float:
    return _IN_SUBJECT if message.source == "subject" else _ELSEWHERE
