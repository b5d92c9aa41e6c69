"""Which tests prove which numbered requirement: ``python -m tests.policy.conformance`` writes conformance.csv anew.

A test claims requirements by the marker ``policy``, unless it is expected to fail. The table's column ``tests`` holds
the claims as pytest ids, or ``pending:<area>`` where a later part of the product will prove it; ``reason`` says why no
test can, or what is left to people. Reasons and pending areas are written by hand and kept. The command says how many
rows are proved, pending, explained and open.
"""

from __future__ import annotations

import csv
import importlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

TABLE = Path(__file__).parent / "conformance.csv"
AREAS = ("clocks", "vendors", "duplicates", "board")
ID = re.compile(r"(?:U|S[0-4])-\d\d\d?")


def claims() -> dict[str, list[str]]:
    """The pytest ids of the test functions that claim each requirement, sorted."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name, function in vars(module).items():
            if name.startswith("test_") and getattr(function, "__module__", "") == module.__name__:
                for requirement in claimed_by(function):
                    found.setdefault(requirement, set()).add(f"{path.relative_to(ROOT)}::{name}")
    return {requirement: sorted(tests) for requirement, tests in found.items()}


def claimed_by(function: object) -> Iterator[str]:
    """The requirements that one test function claims, those of its parameters among them."""
    marks = getattr(function, "pytestmark", ())
    if any(mark.name in ("xfail", "skip") for mark in marks):
        return
    for mark in marks:
        if mark.name == "policy":
            yield from mark.args
        elif mark.name == "parametrize":
            for row in mark.args[1]:
                for inner in getattr(row, "marks", ()):
                    if inner.name == "policy":
                        yield from inner.args


def rows() -> list[dict[str, str]]:
    """The table as it stands."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(table: list[dict[str, str]], claimed: dict[str, list[str]]) -> str:
    """The table's text with the claims filled in."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ["id", "tests", "reason"], lineterminator="\n")
    writer.writeheader()
    for row in table:
        pending = row["tests"] if row["tests"].startswith("pending:") else ""
        writer.writerow({**row, "tests": " ".join(claimed.get(row["id"], [])) or pending})
    return out.getvalue()


def counts(table: list[dict[str, str]]) -> Counter[str]:
    """How many rows are proved by tests, pending by area, explained by a reason alone, or open."""
    return Counter(
        row["tests"] if row["tests"].startswith("pending:")
        else "proved" if row["tests"]
        else "reason" if row["reason"]
        else "open"
        for row in table
    )  # fmt: skip


if __name__ == "__main__":
    TABLE.write_text(written(rows(), claims()), encoding="utf-8")
    for kind, number in sorted(counts(rows()).items()):
        print(f"{number:4} {kind}")
