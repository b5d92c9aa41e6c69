"""The chance that two tickets report the same fault."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.triage.symptoms.fingerprints import strength
from app.triage.symptoms.symptom import EVERYTHING, TITLE, Frequencies, Symptom
from app.triage.symptoms.weights import inverse
from app.triage.symptoms.words import term_hash

APART = 0.2
"""The most that the chance of two tickets can be that are about different parts of the product."""


@dataclass(frozen=True, slots=True)
class Alike:
    """The chance (0..1) that both report the same, and what speaks for it, in words that hold none of a ticket's."""

    chance: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two symptoms have in common: ``words`` and ``titles`` are the cosines of all terms and of those in the
    subjects, ``told`` what the shared terms tell in nats, ``fingerprint`` how far the strongest shared one goes."""

    words: float
    titles: float
    told: float
    fingerprint: float
    shared: str = ""


def alike(one: Symptom, other: Symptom, frequencies: Frequencies) -> Alike:
    """How likely both report the same fault. Symmetric; depends on nothing but the two and the frequencies."""
    found = likeness(one, other, frequencies)
    points = -6.5 + 5.0 * found.words + 3.0 * found.titles + 0.04 * found.told + 5.0 * found.fingerprint
    chance = 1 / (1 + math.exp(-points))
    apart = are_apart(one.surfaces, other.surfaces)
    return Alike(min(chance, APART) if apart else chance, tuple(_why(found, apart)))


def are_apart(surfaces: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two tickets are about different parts of the product, as far as both tell."""
    parts, theirs = set(surfaces) - {EVERYTHING}, set(others) - {EVERYTHING}
    return bool(parts and theirs) and parts.isdisjoint(theirs)


def likeness(one: Symptom, other: Symptom, frequencies: Frequencies) -> Likeness:
    """What they have in common."""
    if (len(other.terms), sorted(other.terms.items())) < (len(one.terms), sorted(one.terms.items())):
        one, other = other, one  # sums of floats depend on their order
    rarity = {term: inverse(term, frequencies) for term in one.terms.keys() | other.terms.keys()}
    shared = [term for term in one.terms if term in other.terms]
    words = sum(one.terms[term] * other.terms[term] * rarity[term] ** 2 for term in shared)
    both = [term for term in shared if one.terms[term] >= TITLE <= other.terms[term]]
    titles = sum(rarity[term] ** 2 for term in both)
    common = {
        fingerprint: strength(fingerprint) * min(1.0, inverse(term_hash(fingerprint), frequencies) / 6)
        for fingerprint in one.fingerprints
        if fingerprint in other.fingerprints
    }
    strongest = max(common, key=lambda name: (common[name], name), default="")
    return Likeness(
        words / (_length(one.terms, rarity) * _length(other.terms, rarity) or 1.0),
        titles / (_title(one.terms, rarity) * _title(other.terms, rarity) or 1.0),
        sum(rarity[term] for term in shared),
        common.get(strongest, 0.0),
        strongest,
    )


def _length(terms: Mapping[int, int], rarity: Mapping[int, float]) -> float:
    return math.sqrt(sum((weight * rarity[term]) ** 2 for term, weight in terms.items()))


def _title(terms: Mapping[int, int], rarity: Mapping[int, float]) -> float:
    return math.sqrt(sum(rarity[term] ** 2 for term, weight in terms.items() if weight >= TITLE))


def _why(found: Likeness, apart: bool) -> list[str]:
    why = [f"same {found.shared.partition(':')[0]}"] if found.shared else []
    if found.titles >= 0.5:
        why.append("subjects alike")
    if found.words >= 0.3:
        why.append("texts alike")
    return [*why, "about another part of the product"] if apart else why
