"""Whether the words around a finding take it back: denied, imagined, past, asked, or excluded by its own rule."""

from __future__ import annotations

from enum import StrEnum

from app.triage.lexicon import Entry, Lexicon
from app.triage.phrases import Matcher
from app.triage.text import Message

_WINDOW = 64  # characters before a finding in which a negation is looked for
_HEAD = 48  # how far from the head of a question the thing asked for may stand


class Doubt(StrEnum):
    """Why a finding does not count."""

    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    HISTORY = "in the past"
    ASKED = "asked, not stated"
    EXCLUDED = "excluded by the words beside it"


class Surroundings:
    """The sentences of one message, asked once each: a guard that occurs nowhere in the message is not asked again."""

    def __init__(self, message: Message, lexicon: Lexicon) -> None:
        self._message = message
        self._lexicon = lexicon
        self._anywhere: dict[Matcher, bool] = {}
        self._in_sentence: dict[tuple[Matcher, int], bool] = {}

    def doubt(self, entry: Entry, start: int, end: int) -> Doubt | None:
        """The first reason against a finding, or None."""
        guarded = entry.fact.guarded if entry.fact is not None else bool(entry.cue and entry.cue.guarded)
        if not guarded and entry.unless is None:
            return None
        first, last = self._message.sentence(start)
        last = max(last, end)
        if entry.unless is not None and self._says(entry.unless, first, last):
            return Doubt.EXCLUDED
        if not guarded:
            return None
        lexicon = self._lexicon
        if self._denied(first, start, end):
            return Doubt.NEGATED
        if self._says(lexicon.hypothetical, first, last):
            return Doubt.HYPOTHETICAL
        if self._says(lexicon.history, first, last) and not self._says(lexicon.still, first, last):
            return Doubt.HISTORY
        if entry.fact is not None and entry.fact.asked:
            return None
        return Doubt.ASKED if self._asked(first, last, start) else None

    def _says(self, guard: Matcher, first: int, last: int) -> bool:
        if guard not in self._anywhere:
            self._anywhere[guard] = bool(guard.which(self._message.said_bytes))
        if not self._anywhere[guard]:
            return False
        if (guard, first) not in self._in_sentence:
            self._in_sentence[guard, first] = bool(guard.which(self._message.said[first:last].encode()))
        return self._in_sentence[guard, first]

    def _denied(self, first: int, start: int, end: int) -> bool:
        """Whether a negation stands just before the finding, or inside it."""
        before = self._message.said[max(first, start - _WINDOW) : start].encode()
        lexicon = self._lexicon
        if before.strip() and lexicon.negation.which(before) and not lexicon.not_negation.which(before):
            parted = [end for _, end in lexicon.breaks.spans(0, before, True)] if len(lexicon.breaks) else []
            if not parted or lexicon.negation.which(before[parted[-1] :]):
                return True
        return bool(self._lexicon.inside.which(self._message.said[start:end].encode()))

    def _asked(self, first: int, last: int, start: int) -> bool:
        """Whether a question asks about the finding rather than stating it: "do you have an outage?", "Outage?"."""
        sentence = self._message.said[first:last]
        if "?" not in sentence:
            return False
        if self._message.source == "subject" and not sentence.lstrip().startswith(("why", "how come")):
            return True
        at = start - first
        return at < _HEAD and bool(self._lexicon.asking.which(sentence[: at + 1].encode()))
