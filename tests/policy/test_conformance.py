"""The table of conformance is complete, current and true."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.policy.conformance import AREAS, ID, TABLE, claims, rows, written


def test_the_table_says_what_the_tests_claim() -> None:
    assert TABLE.read_text(encoding="utf-8") == written(rows(), claims()), "run python -m tests.policy.conformance"


def test_tests_claim_only_requirements_that_there_are() -> None:
    known = {row["id"] for row in rows()}
    assert {claimed for claimed in claims() if ID.fullmatch(claimed)} <= known


def test_every_row_has_a_test_a_later_area_or_a_reason() -> None:
    for row in rows():
        assert row["tests"] or row["reason"], row["id"]
        if row["tests"].startswith("pending:"):
            assert row["tests"].removeprefix("pending:") in AREAS, row["id"]


def test_every_requirement_that_must_be_met_has_a_test(shared: Path) -> None:
    with (shared / "requirements.csv").open(encoding="utf-8", newline="") as file:
        wanted = {row["id"]: row for row in csv.DictReader(file)}
    table = {row["id"]: row["tests"] for row in rows()}
    assert table.keys() == wanted.keys()
    assert len(table) == 395
    lacking = [i for i, row in wanted.items() if row["verdict"] in "AP" and row["priority"] == "M" and not table[i]]
    assert lacking == []
