"""How well tickets that report the same are found, on reports of which that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.triage.evaluation_figures import Share, share
from app.triage.symptoms.alike import Asked
from app.triage.symptoms.postings import Postings
from app.triage.symptoms.symptom import Symptom


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for one report: whether it is one of the ``queries``, the ``rank`` of the first right one from 1
    on, None where none was found; ``chance`` is that of the first of all, ``right`` whether that one is right."""

    query: bool
    rank: int | None
    chance: float
    right: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The figures over ``reports`` reports, of which ``queries`` are known to have a duplicate.

    ``recall`` says by 1, 5 and 10 for how many queries a right one is among so many; ``mrr`` is the mean of one by the
    rank of the first right one. A report is linked to the first of its candidates where that one's chance reaches the
    threshold: ``precision`` is the share of right ones among all links, those of reports without a duplicate included;
    ``linked`` the share of queries that are linked, and rightly.
    """

    reports: int
    queries: int
    recall: Mapping[int, Share]
    mrr: float | None
    precision: Share
    linked: Share


def ask(
    symptoms: Mapping[str, Symptom], same: Mapping[str, frozenset[str]], queries: frozenset[str]
) -> Callable[[], Iterable[Found]]:
    """Make the postings of one space, and give what asks each of its reports for the others. ``same`` are, by a
    report's id, the ids of those that report the same."""
    space = Postings(symptoms)

    def asked() -> Iterable[Found]:
        for name, symptom in symptoms.items():
            mine = Asked(symptom, space.frequencies)
            found = [(mine.alike(symptoms[one]).chance, one) for one in space.candidates(name, symptom)]
            found.sort(reverse=True)
            right = same.get(name, frozenset())
            rank = next((number for number, (_, one) in enumerate(found, start=1) if one in right), None)
            yield Found(name in queries, rank, found[0][0] if found else 0.0, rank == 1)

    return asked


def report(found: Sequence[Found], threshold: float) -> Report:
    """The figures, with links from ``threshold`` on."""
    queries = [one for one in found if one.query]
    links = [one for one in found if one.chance >= threshold]
    return Report(
        reports=len(found),
        queries=len(queries),
        recall={
            most: share(sum((one.rank or most + 1) <= most for one in queries), len(queries)) for most in (1, 5, 10)
        },
        mrr=sum(1 / one.rank for one in queries if one.rank) / len(queries) if queries else None,
        precision=share(sum(one.right for one in links), len(links)),
        linked=share(sum(one.query and one.right for one in links), len(queries)),
    )


def figures(one: Report) -> dict[str, float | None]:
    """The figures by the names under which limits are given."""
    return {
        **{f"recall@{most}": found.value for most, found in one.recall.items()},
        "mrr": one.mrr,
        "precision": one.precision.value,
        "precision_low": one.precision.low,
        "links": float(one.precision.of),
        "linked": one.linked.value,
    }
