"""``triage train``: a model from rows, the same from the same, and clear words where it cannot be made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.train import fit
from app.errors import Misconfigured
from app.triage.decision import Label, Severity
from app.triage.gold import Row, row_from_record
from app.triage.model import load
from app.triage.text import messages
from tests.contract.commands import triage

WORDS = {
    "Defect": "button broken crooked",
    "Enhancement": "please wish someday",
    "Guidance": "how where which",
    "Billing": "invoice charge refund",
    "Access": "password login locked",
    "Security": "intruder phishing leaked",
    "Data": "rows vanished restore",
    "Integration": "webhook connector oauth",
    "Reliability": "slow hangs timeout",
}
RANKS = {"P0": "everybody stands still", "P1": "forty shops stopped", "P2": "some of us", "P3": "small matter"}


def records() -> list[dict[str, object]]:
    return [
        {
            "id": f"{label}-{rank}-{turn}",
            "subject": "",
            "body": f"{words} {scope} {turn}",
            "label": label,
            "severity": rank,
        }
        for label, words in WORDS.items()
        for rank, scope in RANKS.items()
        for turn in ("today", "again")
    ]


def rows() -> list[Row]:
    return [row_from_record(record) for record in records()]


def written(folder: Path, name: str, lines: list[dict[str, object]]) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_what_was_taught_is_read_in_other_words() -> None:
    reading = load(fit(rows())).read(
        list(messages(row_from_record({"id": "1", "body": "everybody: rows vanished"}).ticket))
    )
    assert reading is not None
    assert (reading.label, reading.severity) == (Label.DATA, Severity.P0)


def test_the_same_rows_in_the_same_order_give_the_same_bytes() -> None:
    assert fit(rows()) == fit(rows())


def test_a_kind_without_a_row_is_told() -> None:
    with pytest.raises(Misconfigured, match="no row is Billing"):
        fit([row for row in rows() if row.label is not Label.BILLING])


def test_a_row_without_a_label_teaches_the_severity_alone() -> None:
    more = [row_from_record({"id": str(n), "body": "lottery casino winner", "severity": "P3"}) for n in range(20)]
    model = load(fit([*rows(), *more]))
    labels = dict(zip(model.labels, model.weights["casino"], strict=False)) if "casino" in model.weights else {}
    assert all(abs(points) < 10 for points in labels.values())
    assert model.weights["casino"][-1] > 0


def test_the_command_measures_writes_the_model_and_lists_what_it_is_made_of(tmp_path: Path) -> None:
    half = records()
    one, two = written(tmp_path, "one.jsonl", half[::2]), written(tmp_path, "two.jsonl", half[1::2])
    out = tmp_path / "mine.json.gz"
    done = triage("train", str(one), str(two), "--out", str(out), env={})
    assert done.exit_code == 0, done.output
    assert "one.jsonl" in done.output
    assert "labels 1.000" in done.output
    manifest = json.loads((tmp_path / "mine.manifest.json").read_text())
    assert manifest["files"] == {"one.jsonl": 36, "two.jsonl": 36}
    assert manifest["model"] == load(out.read_bytes()).digest
    assert len(manifest["rows"]) == 72


def test_a_bad_line_is_told_with_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, "bad.jsonl", [{"id": "1", "body": "x", "label": "Bugs"}])
    done = triage("train", str(path), env={})
    assert isinstance(done.exception, Misconfigured)
    assert "bad.jsonl, line 1" in str(done.exception)


def test_a_model_of_ones_own_is_used_and_a_broken_one_stops_the_start(tmp_path: Path) -> None:
    mine = tmp_path / "mine.json.gz"
    mine.write_bytes(fit(rows()))
    ticket = written(tmp_path, "tickets.jsonl", [{"id": "7", "body": "rows vanished, everybody stands still"}])
    done = triage("decide", str(ticket), env={"TRIAGE_MODEL": str(mine)})
    assert [voice["label"] for voice in json.loads(done.stdout)["voices"]][1] == "Data"
    off = triage("decide", str(ticket), env={"TRIAGE_MODEL": "off"})
    assert json.loads(off.stdout)["voices"] == []
    for name, why in (("gone.gz", "cannot read"), ("tickets.jsonl", "is no reader")):
        broken = triage("decide", str(ticket), env={"TRIAGE_MODEL": str(tmp_path / name)})
        assert isinstance(broken.exception, Misconfigured)
        assert why in str(broken.exception)
