"""Postings in memory, by the rule of the index in SQL: for measuring, where there is no store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from app.triage.symptoms.symptom import Frequencies, Symptom
from app.triage.symptoms.weights import indexed, searched
from app.triage.symptoms.words import term_hash

SEARCHED = 48
"""Terms that are searched: twice as many as a ticket is posted under, for two tickets seldom agree which tell most."""

PER_TERM = 500
"""Newest tickets that have a term: older ones with a common term are found by their rare ones."""

BUDGET = 4_000
"""Postings in all that are read, the heaviest term's first."""

CANDIDATES = 50
"""Tickets that are compared term by term, the likeliest by their postings."""

CANDIDATES_BY_MEANING = 300
"""The same of a ticket that has a vector: those of like meaning share fewer words."""

LEAST = 3
"""Tickets that have a term: rarer ones tell the same whether they are in one or in two."""


def candidates_of(symptom: Symptom) -> int:
    """How many tickets one is compared with."""
    return CANDIDATES_BY_MEANING if symptom.vector else CANDIDATES


class Postings:
    """Tickets of one space by the terms that tell most of each; a later one is the newer."""

    def __init__(self, symptoms: Mapping[str, Symptom]) -> None:
        of: Counter[int] = Counter()
        for symptom in symptoms.values():
            of.update(symptom.terms.keys())
            of.update({term_hash(fingerprint) for fingerprint in symptom.fingerprints})
        self.frequencies = Frequencies(len(symptoms), {term: count for term, count in of.items() if count >= LEAST})
        self._by_term: dict[int, list[int]] = defaultdict(list)
        self._names = list(symptoms)
        for number, symptom in enumerate(symptoms.values()):
            for term in indexed(symptom, self.frequencies):
                self._by_term[term].append(number)

    def candidates(self, name: str, symptom: Symptom) -> list[str]:
        """The names of other tickets that share what tells most, the likeliest first."""
        most = candidates_of(symptom)
        told: dict[int, float] = defaultdict(float)
        left = BUDGET
        for term, weight in searched(symptom, self.frequencies, SEARCHED):
            newest = self._by_term.get(term, [])[: -min(PER_TERM, left) - 1 : -1]
            left -= len(newest)
            for number in newest:
                told[number] += weight
            if left <= 0:
                break
        ranked = sorted(told, key=lambda number: (-told[number], -number))
        return [found for number in ranked[: most + 1] if (found := self._names[number]) != name][:most]
