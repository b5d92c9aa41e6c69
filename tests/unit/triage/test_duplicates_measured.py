"""How well the same fault is found on public trackers: a floor under what was measured (docs and `triage evaluate`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.evaluate_duplicates_files import reports_in
from app.triage.duplicates.parts import Duplicates
from app.triage.symptoms.trial import Report, ask, report
from tests.conftest import missing

SOURCES = ("eclipse_bugzilla", "seamonkey_bugzilla")  # two of five: 1,425 reports, of which 403 have no duplicate


@pytest.fixture(scope="module")
def measured(shared: Path) -> Report:
    corpus, queries = (shared / "data" / f"dup_{name}.jsonl" for name in ("corpus", "queries"))
    if not corpus.is_file():
        missing("file ../shared/data/dup_corpus.jsonl")
    reports = reports_in(corpus, queries)
    assert not reports.bad
    found = []
    for source in SOURCES:
        symptoms = dict(reports.symptoms(source, lambda _: b""))
        found += ask(symptoms, reports.same, frozenset(reports.queries))()
    return report(found, Duplicates().link)


@pytest.mark.policy("S0-60")
def test_nine_of_ten_duplicates_are_among_the_first_ten_candidates(measured: Report) -> None:
    assert measured.queries > 500
    assert (measured.recall[10].value or 0) > 0.85
    assert (measured.recall[1].value or 0) > 0.67
    assert (measured.mrr or 0) > 0.72


def test_links_are_right_and_reports_without_a_duplicate_are_asked_too(measured: Report) -> None:
    assert measured.precision.of >= 100
    assert (measured.precision.value or 0) >= 0.95
    assert (measured.linked.value or 0) >= 0.1
