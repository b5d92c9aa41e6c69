"""What a ticket tells of a failure: which part of the product it is about, and whether it is there now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from app.triage.decision import Label
from app.triage.duplicates.parts import Duplicates, Wording
from app.triage.passages import Kind
from app.triage.phrases import BadPhrase, Matcher, compiled, expand, folded_phrase, matcher
from app.triage.symptoms.symptom import EVERYTHING
from app.triage.ticket import Speaker

if TYPE_CHECKING:
    from app.triage.pack import Pack
    from app.triage.policy import Policy
    from app.triage.text import Message
    from app.triage.thread import Thread

_SUBJECT = 3  # a surface in the subject counts like so many in the text
_CLEAR = 0.5  # of the clearest one's points, from which another is clear too
_MOST = 3  # places in one message that count
_OTHERS = frozenset(Kind) - {Kind.SAID, Kind.CODE}
_LONGEST = 20_000  # characters of a message that are read


class Words:
    """A wording, compiled: its phrases, and those beside which they do not count."""

    def __init__(self, wording: Wording, words: dict[str, tuple[str, ...]], path: tuple[int | str, ...]) -> None:
        self.phrases = matcher(_expressions(wording.phrases, words, (*path, "phrases")))
        self.unless = matcher(_expressions(wording.unless, words, (*path, "unless"))) if wording.unless else None


class Vocabulary:
    """What the pack says of failures and surfaces, compiled once. Raises BadPhrase."""

    def __init__(self, pack: Pack) -> None:
        words = {name: tuple(map(folded_phrase, entries)) for name, entries in pack.words.items()}
        told: Duplicates = pack.duplicates
        self.names = tuple(told.surfaces)
        self._owners: list[int] = []
        self._unless: list[Matcher | None] = []
        expressions: list[str] = []
        for number, (name, surface) in enumerate(told.surfaces.items()):
            path = ("duplicates", "surfaces", name)
            found = _expressions(surface.phrases, words, (*path, "phrases"))
            expressions += found
            self._owners += [number] * len(found)
            unless = _expressions(surface.unless, words, (*path, "unless"))
            self._unless.append(matcher(unless) if unless else None)
        self._surfaces = matcher(tuple(expressions))
        self.failing, self.lasting, self.fresh = (
            Words(getattr(told, name), words, ("duplicates", name)) for name in ("failing", "lasting", "fresh")
        )

    def counts(self, said: str) -> dict[int, int]:
        """How often each surface is named in a folded text, by its number."""
        raw = said.encode()
        ascii_only = len(raw) == len(said)
        places: dict[int, set[int]] = {}
        for number in self._surfaces.which(raw):
            owner = self._owners[number]
            unless = self._unless[owner]
            for start, end in self._surfaces.spans(number, raw, ascii_only):
                if unless is None or not unless.which(_around(said, start, end)):
                    places.setdefault(owner, set()).add(start)
        return {owner: len(starts) for owner, starts in places.items()}

    def tells(self, words: Words, said: str) -> bool:
        """Whether a folded text has one of the words."""
        raw = said.encode()
        if words.unless is None:
            return bool(words.phrases.which(raw))
        ascii_only = len(raw) == len(said)
        return any(
            not words.unless.which(_around(said, start, end))
            for number in words.phrases.which(raw)
            for start, end in words.phrases.spans(number, raw, ascii_only)
        )


def surfaces_of(thread: Thread, policy: Policy) -> tuple[str, ...]:
    """The parts of the product that a ticket is about, the clearest first: by its subject and first message, or else by
    what the customer said later. ``everything`` comes last: who names a part means that part."""
    vocabulary = policy.vocabulary
    first, later = _read(thread.messages)
    scores: dict[int, int] = {}
    for texts in (first, later):
        for weight, said in texts:
            for surface, count in vocabulary.counts(said).items():
                scores[surface] = scores.get(surface, 0) + weight * min(count, _MOST if weight == 1 else 1)
        if scores:
            break
    clear = max(scores.values(), default=0) * _CLEAR
    ranked = sorted((one for one in scores if scores[one] >= clear), key=lambda surface: (-scores[surface], surface))
    names = [vocabulary.names[surface] for surface in ranked]
    return tuple(sorted(names, key=lambda name: name == EVERYTHING))


def acute(thread: Thread, facts: Collection[str], label: Label, policy: Policy) -> bool:
    """Whether a ticket reports a failure that is there now (see ``Duplicates``)."""
    told, vocabulary = policy.pack.duplicates, policy.vocabulary
    first, later = _read(thread.messages)
    said = "\n".join(text for _, text in (*first, *later))
    there = set(facts)
    if there.isdisjoint(told.acute) and not vocabulary.tells(vocabulary.failing, said):
        return False
    fresh = vocabulary.tells(vocabulary.fresh, said)
    if label not in told.label and not there.isdisjoint(told.not_acute) and not fresh:
        return False
    return fresh or not vocabulary.tells(vocabulary.lasting, said)


def _read(thread: Sequence[Message]) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What the customer says and pastes, folded, with its weight: in subject and first message, and what came later."""
    first: list[tuple[int, str]] = []
    later: list[tuple[int, str]] = []
    for message in thread:
        if message.source == "subject":
            first.append((_SUBJECT, message.said))
        elif message.speaker is Speaker.CUSTOMER:
            said = message.without(*_OTHERS)[:_LONGEST]
            (first if message.source == "body" else later).append((1, said))
    return first, later


def _around(said: str, start: int, end: int) -> bytes:
    """The line or sentence around a place."""
    since = max(said.rfind(mark, 0, start) for mark in (".", "!", "?", "\n")) + 1
    till = min((at for mark in (".", "!", "?", "\n") if (at := said.find(mark, end)) >= 0), default=len(said))
    return said[since:till].encode()


def _expressions(
    phrases: Sequence[str], words: dict[str, tuple[str, ...]], path: tuple[int | str, ...]
) -> tuple[str, ...]:
    found = []
    for index, phrase in enumerate(phrases):
        try:
            expression = expand(folded_phrase(phrase), words)
            compiled(expression)
        except BadPhrase as error:
            error.path = (*path, index)
            raise
        found.append(expression)
    return tuple(found)
