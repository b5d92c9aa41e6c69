"""How much a term tells: rare ones much, common ones little; and under which terms a ticket is found again."""

from __future__ import annotations

import math
from collections.abc import Iterator

from app.triage.symptoms.common_words import CHANCES
from app.triage.symptoms.fingerprints import strength
from app.triage.symptoms.symptom import MARK, Frequencies, Symptom
from app.triage.symptoms.words import term_hash

_BACKGROUND = 300  # tickets: as much as a space's own frequencies must be to count as much as the table
_UNKNOWN = 1 / 250  # share of tickets that have a term of which the table knows nothing
_MOST_KEPT = 200_000  # terms of a space whose weight is kept
_FINGERPRINT = 255  # what a fingerprint weighs as a term, times its strength


def inverse(term: int, frequencies: Frequencies) -> float:
    """How much a term tells, in nats: minus the logarithm of the share of tickets that have it. A table of common words
    stands in for tickets while the space has few."""
    told = frequencies.told.get(term)
    if told is None:
        expected = _BACKGROUND * CHANCES.get(term, _UNKNOWN)
        told = -math.log((frequencies.of.get(term, 0) + expected) / (frequencies.tickets + _BACKGROUND))
        if len(frequencies.told) >= _MOST_KEPT:
            frequencies.told.clear()
        frequencies.told[term] = told
    return told


def indexed(symptom: Symptom, frequencies: Frequencies, most: int = 24) -> list[int]:
    """The hashes under which a ticket is put in the index: its fingerprints and the terms that tell most."""
    return [term for term, _ in searched(symptom, frequencies, most)]


def searched(symptom: Symptom, frequencies: Frequencies, most: int = 24) -> list[tuple[int, float]]:
    """The hashes by which tickets like this one are searched, with what each tells, the heaviest first."""
    found = sorted(_weighed(symptom, frequencies), key=lambda one: (-one[1], one[0]))
    return found[:most]


def _weighed(symptom: Symptom, frequencies: Frequencies) -> Iterator[tuple[int, float]]:
    for term, weight in symptom.terms.items():
        if weight > MARK:
            yield term, weight * inverse(term, frequencies)
    for fingerprint in symptom.fingerprints:
        term = term_hash(fingerprint)
        yield term, _FINGERPRINT * strength(fingerprint) * inverse(term, frequencies)
