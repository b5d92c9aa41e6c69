"""The table of conformance is complete, current and true."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.policy.conformance import AREAS, ID, TABLE, claimed_by, claims, counts, rows, written

REASONS = {
    "A": ("not built: ",),
    "P": ("not built: ",),
    "C": ("configuration: ", "not built: "),
    "H": ("people do this; ",),
    "X": ("not a requirement: ",),
}
"""How the reason of a row without a test begins, by the requirement's verdict."""


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


def test_the_reason_of_a_row_without_a_test_fits_its_verdict(shared: Path) -> None:
    with (shared / "requirements.csv").open(encoding="utf-8", newline="") as file:
        verdicts = {row["id"]: row["verdict"] for row in csv.DictReader(file)}
    wrong = [
        row["id"]
        for row in rows()
        if not row["tests"] and row["reason"] and not row["reason"].startswith(REASONS[verdicts[row["id"]]])
    ]
    assert wrong == []


def test_rows_are_counted_by_what_stands_for_them() -> None:
    def row(tests: str, reason: str = "") -> dict[str, str]:
        return {"id": "S0-01", "tests": tests, "reason": reason}

    table = [row("a::b"), row("a::b", "left to people"), row("pending:board"), row("", "people do this"), row("")]
    assert counts(table) == {"proved": 2, "pending:board": 1, "reason": 1, "open": 1}


def test_a_test_that_is_expected_to_fail_claims_nothing() -> None:
    @pytest.mark.policy("S0-01")
    def proves() -> None: ...

    @pytest.mark.policy("S0-02")
    @pytest.mark.xfail(reason="not yet")
    def fails() -> None: ...

    assert (list(claimed_by(proves)), list(claimed_by(fails))) == (["S0-01"], [])
