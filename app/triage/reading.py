"""One pass over a thread: which phrases of the pack occur, where, and whether the words around them take them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.triage.decision import Evidence
from app.triage.lexicon import Entry, Lexicon
from app.triage.text import Message
from app.triage.ticket import Speaker

_WINDOW = 64  # characters before a finding in which a negation is looked for


class Doubt(StrEnum):
    """Why a finding does not count."""

    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    HISTORY = "in the past"
    ASKED = "asked, not stated"
    EXCLUDED = "excluded by the words beside it"


@dataclass(frozen=True, slots=True)
class Hit:
    """One phrase found. ``order`` is the message's place in the thread; ``doubt`` says why it does not count."""

    entry: Entry
    order: int
    message: Message
    start: int
    end: int
    doubt: Doubt | None = None

    def evidence(self, finding: str) -> Evidence:
        """The words it rests on, as they stand in the original text."""
        start, end = self.message.original(self.start, self.end)
        return Evidence(
            rule=self.entry.name,
            finding=finding,
            quote=self.message.text[start:end],
            source=self.message.source,
            start=start,
            end=end,
        )


def hits(thread: Sequence[Message], lexicon: Lexicon) -> list[Hit]:
    """Every phrase found in the thread, in the order it was said. Facts are told apart from cues by ``entry``."""
    found: list[Hit] = []
    for order, message in enumerate(thread):
        raw = message.said_bytes
        ascii_only = len(raw) == len(message.said)
        for number in lexicon.in_said.which(raw):
            entry = lexicon.said[number]
            if not _speaks(entry, message):
                continue
            for start, end in lexicon.in_said.spans(number, raw, ascii_only):
                found.append(Hit(entry, order, message, start, end, _doubt(entry, message, start, end, lexicon)))
        pasted = message.pasted_bytes
        if pasted and message.speaker is Speaker.CUSTOMER:
            ascii_only = len(pasted) == len(message.pasted)
            for number in lexicon.in_pasted.which(pasted):
                for start, end in lexicon.in_pasted.spans(number, pasted, ascii_only):
                    found.append(Hit(lexicon.pasted[number], order, message, start, end))
                    break
    found.sort(key=lambda hit: (hit.order, hit.start, hit.end))
    return found


def _speaks(entry: Entry, message: Message) -> bool:
    if entry.fact is not None:
        return message.speaker.value in entry.fact.who
    return message.speaker is Speaker.CUSTOMER


def _doubt(entry: Entry, message: Message, start: int, end: int, lexicon: Lexicon) -> Doubt | None:
    guarded = entry.fact.guarded if entry.fact is not None else bool(entry.cue and entry.cue.guarded)
    if not guarded and entry.unless is None:
        return None
    first, last = message.sentence(start)
    sentence = message.said[first : max(last, end)]
    whole = sentence.encode()
    if entry.unless is not None and entry.unless.which(whole):
        return Doubt.EXCLUDED
    if not guarded:
        return None
    before = message.said[max(first, start - _WINDOW) : start].encode()
    if lexicon.negation.which(before) and not lexicon.not_negation.which(before):
        return Doubt.NEGATED
    if lexicon.inside.which(message.said[start:end].encode()):
        return Doubt.NEGATED
    if lexicon.hypothetical.which(whole):
        return Doubt.HYPOTHETICAL
    if lexicon.history.which(whole) and not lexicon.still.which(whole):
        return Doubt.HISTORY
    asked = entry.fact is None or not entry.fact.asked
    if (
        asked
        and "?" in sentence
        and start - first < 48
        and lexicon.asking.which(sentence[: start - first + 1].encode())
    ):
        return Doubt.ASKED
    return None
