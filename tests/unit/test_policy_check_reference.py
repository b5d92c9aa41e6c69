"""docs/policy-check.md tells every kind of finding, in the words that the code has for it, with a mend."""

from __future__ import annotations

from app.triage.lint import CODES
from tests.conftest import ROOT

REFERENCE = (ROOT / "docs" / "policy-check.md").read_text(encoding="utf-8")


def test_every_finding_is_told_with_its_severity_meaning_and_mend() -> None:
    lines = [line for line in REFERENCE.split("## Codes\n", 1)[1].splitlines() if line.startswith("| `")]
    rows = [line.strip("| ").split(" | ") for line in lines]
    assert {code.strip("`"): (severity, meaning) for code, severity, meaning, _ in rows} == dict(CODES)
    assert len(rows) == len(CODES)
    assert all(mend for *_, mend in rows)


def test_the_line_that_it_shows_is_one_as_the_command_prints_them() -> None:
    from app.triage.lint import Finding

    shown = next(line for line in REFERENCE.splitlines() if line.startswith("mine.yaml:"))
    code, rest = shown.split("error[", 1)[1].split("] ", 1)
    path, told = rest.split(": ", 1)
    sentence, mend = told.split("; ", 1)
    assert str(Finding(code, "error", path, shown.split(": ", 1)[0], sentence, mend)) == shown
    assert code in CODES
