"""The chance that two tickets report the same fault.

What two symptoms have in common is put into a few figures, which are weighed by a logistic regression. Its weights were
fitted to the reports of two public trackers whose licence allows it. Two more numbers turn its points into a chance;
they, and those of fingerprints and surfaces, are set by hand: see training/README.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from app.triage.symptoms.fingerprints import STRENGTH, strength
from app.triage.symptoms.symptom import EVERYTHING, TITLE, Frequencies, Symptom
from app.triage.symptoms.weights import inverse
from app.triage.symptoms.words import term_hash

APART = 0.2
"""The most that the chance of two tickets can be that are about different parts of the product."""

_RARE = 6.0  # nats: from here on a fingerprint counts in full
_MOST_TOLD = 24.0  # nats: more than that of three terms says no more
_TELLING = 0.5  # strength of a fingerprint of which others of its sort speak against the same fault
_SLOPE, _START = 0.78, 3.1  # from points to the logarithm of the odds
_FINGERPRINT = 8.0  # points of a shared stack trace


@dataclass(frozen=True, slots=True)
class Alike:
    """The chance (0..1) that both report the same, and what speaks for it, in words that hold none of a ticket's."""

    chance: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """What each figure of ``Likeness`` weighs in points."""

    start: float
    words: float
    titles: float
    told: float
    length: float
    differ: float
    meaning: float = 0.0


_BY_WORDS = Points(start=-12.0, words=2.4, titles=2.0, told=0.21, length=0.28, differ=-0.8)
_BY_MEANING = Points(start=-13.0, words=0.9, titles=1.7, told=0.16, length=0.27, differ=-0.6, meaning=4.4)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two symptoms have in common.

    ``words``: the cosine of all terms. ``titles``: how much of either subject stands in the other ticket, 0 to 2.
    ``told``: what the three rarest shared terms tell, in nats. ``length``: the logarithm of what the shorter ticket
    tells. ``differ``: both hold strong fingerprints, and share none of them. ``meaning``: the cosine of the vectors,
    None where one has none. ``fingerprint`` is how far the strongest shared one, ``shared``, goes, 0 to 1.
    """

    words: float
    titles: float
    told: float
    length: float
    differ: bool
    meaning: float | None
    fingerprint: float
    shared: str

    @property
    def points(self) -> float:
        """What all of it speaks for the same fault, before calibration."""
        weighs = _BY_WORDS if self.meaning is None else _BY_MEANING
        return (
            weighs.start
            + weighs.words * self.words
            + weighs.titles * self.titles
            + weighs.told * self.told
            + weighs.length * self.length
            + weighs.differ * self.differ
            + weighs.meaning * (self.meaning or 0.0)
            + _FINGERPRINT * self.fingerprint
        )


class Asked:
    """A ticket that is compared with many others: what depends on it alone is worked out once."""

    def __init__(self, symptom: Symptom, frequencies: Frequencies) -> None:
        self._mine = _Weighed(symptom, frequencies)
        self._frequencies = frequencies

    def alike(self, other: Symptom) -> Alike:
        """How likely both report the same fault."""
        found = self.likeness(other)
        chance = 1 / (1 + math.exp(-(_SLOPE * found.points + _START)))
        apart = are_apart(self._mine.symptom.surfaces, other.surfaces)
        return Alike(min(chance, APART) if apart else chance, tuple(_why(found, apart)))

    def likeness(self, other: Symptom) -> Likeness:
        """What they have in common."""
        mine, theirs = self._mine, _Weighed(other, self._frequencies)
        shared = sorted(mine.told.keys() & theirs.told.keys())  # sums of floats depend on their order
        mine_weights, their_weights = mine.weights, theirs.weights
        words = sum([mine_weights[term] * their_weights[term] for term in shared])
        told = sorted([mine.told[term] for term in shared], reverse=True)[:3]
        common = {
            fingerprint: strength(fingerprint) * min(1.0, inverse(term_hash(fingerprint), self._frequencies) / _RARE)
            for fingerprint in mine.symptom.fingerprints
            if fingerprint in other.fingerprints
        }
        strongest = max(common, key=lambda name: (common[name], name), default="")
        return Likeness(
            words=words / (mine.length * theirs.length or 1.0),
            titles=mine.title_within(theirs) + theirs.title_within(mine),
            told=min(sum(told), _MOST_TOLD),
            length=math.log1p(min(mine.whole, theirs.whole)),
            differ=mine.telling and theirs.telling and common.get(strongest, 0.0) < _TELLING,
            meaning=_cosine(mine.symptom.vector, other.vector),
            fingerprint=common.get(strongest, 0.0),
            shared=strongest,
        )


def alike(one: Symptom, other: Symptom, frequencies: Frequencies) -> Alike:
    """How likely both report the same fault. Symmetric; depends on nothing but the two and the frequencies."""
    return Asked(one, frequencies).alike(other)


def are_apart(surfaces: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two tickets are about different parts of the product, as far as both tell."""
    parts, theirs = set(surfaces) - {EVERYTHING}, set(others) - {EVERYTHING}
    return bool(parts and theirs) and parts.isdisjoint(theirs)


class _Weighed:
    """A ticket's terms with what each tells in nats, alone and times what it weighs there."""

    __slots__ = ("length", "symptom", "telling", "title", "told", "weights", "whole")

    def __init__(self, symptom: Symptom, frequencies: Frequencies) -> None:
        terms = symptom.terms
        self.symptom = symptom
        self.told = {term: inverse(term, frequencies) for term in terms}
        self.weights = {
            term: weight * told for (term, weight), told in zip(terms.items(), self.told.values(), strict=True)
        }
        self.length = math.hypot(*self.weights.values())
        self.whole = math.fsum(self.told.values())
        self.title = {term: self.told[term] ** 2 for term, weight in terms.items() if weight >= TITLE}
        self.telling = any(strength(fingerprint) >= _TELLING for fingerprint in symptom.fingerprints)

    def title_within(self, other: _Weighed) -> float:
        """How much of the subject the other ticket has, 0 to 1."""
        whole = math.fsum(self.title.values())
        return math.fsum([told for term, told in self.title.items() if term in other.told]) / whole if whole else 0.0


def _cosine(one: bytes, other: bytes) -> float | None:
    if not one or len(one) != len(other):
        return None
    mine, theirs = memoryview(one).cast("b"), memoryview(other).cast("b")
    length = math.hypot(*mine) * math.hypot(*theirs)
    return sum(map(mul, mine, theirs)) / length if length else None


def _why(found: Likeness, apart: bool) -> list[str]:
    why = [f"same {_NAMES[found.shared.partition(':')[0]]}"] if found.shared else []
    if found.titles >= 1.2:
        why.append("subjects alike")
    if found.words >= 0.3:
        why.append("texts alike")
    if (found.meaning or 0.0) >= 0.6:
        why.append("alike in meaning")
    return [*why, "about another part of the product"] if apart else why


_NAMES = {
    "stack": "stack trace", "code": "error code", "http": "HTTP status and path", "error": "error text",
    "exception": "exception", "status": "HTTP status", "vague": "common error",
}  # fmt: skip
assert _NAMES.keys() == STRENGTH.keys()  # noqa: S101
