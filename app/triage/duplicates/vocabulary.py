"""A pack's words for failures and for the parts of a product, compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.triage.duplicates.parts import Wording
from app.triage.phrases import BadPhrase, Matcher, compiled, expand, folded_phrase, matcher

if TYPE_CHECKING:
    from app.triage.pack import Pack

_Path = tuple[int | str, ...]


class Words:
    """A wording, compiled: its phrases, and those beside which they do not count."""

    def __init__(self, wording: Wording, words: Mapping[str, Sequence[str]], path: _Path) -> None:
        self.phrases = matcher(_expressions(wording.phrases, words, (*path, "phrases")))
        self.unless = matcher(_expressions(wording.unless, words, (*path, "unless"))) if wording.unless else None


class Vocabulary:
    """What the pack says of failures and surfaces, compiled once. Raises BadPhrase."""

    def __init__(self, pack: Pack) -> None:
        words = {name: tuple(map(folded_phrase, entries)) for name, entries in pack.words.items()}
        told = pack.duplicates
        self.names = tuple(told.surfaces)
        self.part_of = {name: one.part_of for name, one in told.surfaces.items() if one.part_of is not None}
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
        self.failing, self.plain, self.broad, self.lasting, self.fresh = (
            Words(getattr(told, name), words, ("duplicates", name))
            for name in ("failing", "plain", "broad", "lasting", "fresh")
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


def _around(said: str, start: int, end: int) -> bytes:
    """The line or sentence around a place."""
    since = max(said.rfind(mark, 0, start) for mark in (".", "!", "?", "\n")) + 1
    till = min((at for mark in (".", "!", "?", "\n") if (at := said.find(mark, end)) >= 0), default=len(said))
    return said[since:till].encode()


def _expressions(phrases: Sequence[str], words: Mapping[str, Sequence[str]], path: _Path) -> tuple[str, ...]:
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
