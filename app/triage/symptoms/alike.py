"""The chance that two tickets report the same fault.

What two symptoms have in common is put into a few figures, and these into points, as a logistic regression does. Its
weights are near those that were fitted to the reports of two public trackers whose licence allows it; those of numbers,
fingerprints, surfaces and vectors, and the two that turn points into a chance, are set by hand: training/README.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from app.triage.symptoms.fingerprints import STRENGTH, strength
from app.triage.symptoms.reading import ORDER
from app.triage.symptoms.symptom import EVERYTHING, MARK, TITLE, Frequencies, Symptom
from app.triage.symptoms.weights import inverse
from app.triage.symptoms.words import term_hash

APART = 0.2
"""The most that the chance of two tickets can be that are about different parts of the product."""

_RARE = 6.0  # nats: from here on a fingerprint counts in full
_MOST_TOLD = 24.0  # nats: more than that of three terms says no more
_TITLE = 20.0  # nats squared: a subject that tells no more than "Help" hardly counts
_TELLING = 0.4  # strength of a fingerprint of which others of its sort speak against the same fault

_START = -12.0  # points of two tickets that have nothing in common; what follows adds to them
_WORDS = 3.4
_TITLES = 2.0
_TOLD = 0.21
_LENGTH = 0.28
_DIFFER = -0.8
_NUMBERS = -1.0
_ORDERS = -0.7
_FINGERPRINT = 10.0
_MEANING, _MEANT = 9.0, 0.65  # points of what the vectors' cosine lacks, and the cosine that lacks nothing
_SLOPE, _ODDS = 1.1, 4.54  # from points to the logarithm of the odds


@dataclass(frozen=True, slots=True)
class Alike:
    """The chance (0..1) that both report the same, and what speaks for it, in words that hold none of a ticket's."""

    chance: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two symptoms have in common.

    ``words``: the cosine of all terms. ``titles``: how much of either subject stands in the other ticket, 0 to 2.
    ``told``: what the three rarest shared terms tell, in nats. ``length``: the logarithm of what the shorter ticket
    tells. ``fingerprint`` is how far the strongest shared one, ``shared``, goes, 0 to 1; ``differ``: both hold strong
    ones, and share none of them. ``numbers``: either subject has a number that the other has not. ``orders``: how many
    of the subjects order work. ``meaning``: the cosine of the vectors, None where one has none.
    """

    words: float
    titles: float
    told: float
    length: float
    fingerprint: float
    shared: str
    differ: bool
    numbers: bool
    orders: int
    meaning: float | None

    @property
    def points(self) -> float:
        """What all of it speaks for the same fault, before calibration."""
        return (
            _START
            + _WORDS * self.words
            + _TITLES * self.titles
            + _TOLD * self.told
            + _LENGTH * self.length
            + _FINGERPRINT * self.fingerprint
            + _DIFFER * self.differ
            + _NUMBERS * self.numbers
            + _ORDERS * self.orders
            + (_MEANING * min(0.0, self.meaning - _MEANT) if self.meaning is not None else 0.0)
        )


class Asked:
    """A ticket that is compared with many others: what depends on it alone is worked out once."""

    def __init__(self, symptom: Symptom, frequencies: Frequencies) -> None:
        self._mine = _Weighed(symptom, frequencies)
        self._frequencies = frequencies

    def alike(self, other: Symptom) -> Alike:
        """How likely both report the same fault."""
        found = self.likeness(other)
        chance = 1 / (1 + math.exp(-(_SLOPE * found.points + _ODDS)))
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
            fingerprint=common.get(strongest, 0.0),
            shared=strongest,
            differ=mine.telling and theirs.telling and common.get(strongest, 0.0) < _TELLING,
            numbers=bool(mine.numbers - theirs.numbers and theirs.numbers - mine.numbers),
            orders=mine.orders + theirs.orders,
            meaning=_cosine(mine.symptom.vector, other.vector),
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

    __slots__ = ("length", "numbers", "orders", "symptom", "telling", "title", "told", "weights", "whole")

    def __init__(self, symptom: Symptom, frequencies: Frequencies) -> None:
        marks = {term for term, weight in symptom.terms.items() if weight == MARK}
        self.symptom = symptom
        self.orders = ORDER in marks
        self.numbers = marks - {ORDER}
        terms = {term: weight for term, weight in symptom.terms.items() if weight != MARK} if marks else symptom.terms
        self.told = {term: inverse(term, frequencies) for term in terms}
        self.weights = {term: weight * self.told[term] for term, weight in terms.items()}
        self.length = math.hypot(*self.weights.values())
        self.whole = math.fsum(self.told.values())
        self.title = {term: self.told[term] ** 2 for term, weight in terms.items() if weight >= TITLE}
        self.telling = any(strength(fingerprint) >= _TELLING for fingerprint in symptom.fingerprints)

    def title_within(self, other: _Weighed) -> float:
        """How much of the subject the other ticket has, 0 to 1."""
        whole = math.fsum(self.title.values())
        return math.fsum([told for term, told in self.title.items() if term in other.told]) / (whole + _TITLE)


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
