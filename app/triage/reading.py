"""One pass over a thread: which phrases of the pack occur, where, and whether the words around them take them back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.triage.decision import Evidence
from app.triage.doubt import Doubt, Surroundings
from app.triage.lexicon import Entry, Lexicon
from app.triage.text import Message
from app.triage.ticket import Speaker

_MOST_OF_A_CUE = 3  # places of one cue's phrase in a message that count
_MOST_OF_A_FACT = 40  # places of one fact's phrase that are looked at: the last ones may change the picture


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


def hits(thread: Sequence[Message], lexicon: Lexicon, others: Sequence[Lexicon | None] = ()) -> list[Hit]:
    """Every phrase found in the thread, in the order it was said. Facts are told apart from cues by ``entry``.

    ``others`` has, message by message, the lexicon of the language it is written in where that is not English: such a
    message is read with both, because people mix them, and its own guards may take back an English finding too.
    """
    found: list[Hit] = []
    for order, message in enumerate(thread):
        other = others[order] if others else None
        around = Surroundings(message, lexicon)
        if other is None:
            found.extend(_said(order, message, lexicon, (around,)))
        else:
            own = Surroundings(message, other)
            found.extend(_said(order, message, lexicon, (around, own)))
            found.extend(_said(order, message, other, (own,)))
        if message.speaker is Speaker.CUSTOMER:
            found.extend(_pasted(order, message, lexicon))
    found.sort(key=lambda hit: (hit.order, hit.start, hit.end))
    return found


def _said(order: int, message: Message, lexicon: Lexicon, around: Sequence[Surroundings]) -> Iterator[Hit]:
    raw = message.said_bytes
    ascii_only = len(raw) == len(message.said)
    for number in lexicon.in_said.which(raw):
        entry = lexicon.said[number]
        if not _speaks(entry, message):
            continue
        most = _MOST_OF_A_CUE if entry.fact is None else _MOST_OF_A_FACT
        for start, end in islice(lexicon.in_said.spans(number, raw, ascii_only), most):
            doubts = (one.doubt(entry, start, end) for one in around)
            yield Hit(entry, order, message, start, end, next(filter(None, doubts), None))


def _pasted(order: int, message: Message, lexicon: Lexicon) -> Iterator[Hit]:
    raw = message.pasted_bytes
    ascii_only = len(raw) == len(message.pasted)
    for number in lexicon.in_pasted.which(raw):
        for start, end in islice(lexicon.in_pasted.spans(number, raw, ascii_only), 1):
            yield Hit(lexicon.pasted[number], order, message, start, end)


def _speaks(entry: Entry, message: Message) -> bool:
    if entry.fact is not None:
        return message.speaker.value in entry.fact.who
    return message.speaker is Speaker.CUSTOMER
