"""``triage evaluate`` as an admin meets it: rows, a Zendesk export and CSV in; figures, bad lines and limits out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click import UsageError
from click.testing import Result

from app.errors import Misconfigured
from tests.conftest import SHARED, missing
from tests.contract.commands import error_of, triage

OUTAGE = {
    "id": "1",
    "subject": "Down",
    "body": "The whole service is down for all users, there is no workaround.",
    "label": "Reliability",
    "severity": ["P0"],
    "page": True,
    "source": "desk",
    "language": "en",
}
QUESTION = {"id": 2, "subject": "How do I export?", "body": "How do I export my contacts?", "label": "Guidance"}
REFUND = {"id": 3, "subject": "Invoice", "body": "I was charged twice, please refund my invoice.", "label": "Data"}
UNKNOWN = {"id": 4, "subject": "Hello", "body": "Hello", "label": None}
SPAM = {"id": 5, "subject": "Call now", "body": "Call our number. " * 20, "original_label": "spam"}
PAGE_OF_TICKETS = {
    "tickets": [
        {
            "id": 11, "subject": "Invoice", "description": "I was charged twice, please refund my invoice.",
            "requester_id": 7, "priority": "urgent", "tags": ["label-billing", "vip"], "status": "solved",
            "via": {"channel": "web"}, "created_at": "2026-03-02T10:00:00Z",
            "comments": [
                {"id": 1, "author_id": 7, "html_body": "<p>I was charged twice, please refund.</p>", "public": True,
                 "created_at": "2026-03-02T10:00:00Z"},
                {"id": 2, "author_id": 7, "body": "The whole service is down for all users too.", "public": True,
                 "created_at": "2026-03-02T11:00:00Z"},
            ],
        },
        {"id": 12, "subject": "Gone", "description": "", "requester_id": 7, "tags": ["bug"], "status": "deleted"},
        {"id": 13, "subject": "Theme", "description": "It would be great to have a dark theme.", "requester_id": 8,
         "tags": ["wish"], "priority": None},
    ],
    "users": [{"id": 7, "role": "end-user", "name": "Ann", "locale": "fr"}],
}  # fmt: skip

WITHOUT_MODEL = {"TRIAGE_MODEL": "off"}


def written(path: Path, rows: Iterable[Mapping[str, Any] | str]) -> str:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return str(path)


def evaluated(*words: str, code: int = 0, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    out = triage("evaluate", *words, "--format", "json", env=env or {})
    assert out.exit_code == code, (out.output, out.exception)
    found: dict[str, Any] = json.loads(out.stdout)
    return found


def counted(share: Mapping[str, Any]) -> tuple[int, int]:
    return share["count"], share["of"]


@pytest.fixture
def rows(tmp_path: Path) -> str:
    return written(tmp_path / "rows.jsonl", (OUTAGE, QUESTION, REFUND, UNKNOWN, SPAM))


@pytest.fixture
def with_model(tmp_path: Path) -> str:
    pack = tmp_path / "mine.yaml"
    pack.write_text("extends: unified\npack: {name: mine, version: '1'}\nreader: {labels: 2.0}\n")
    return str(pack)


def test_rows_are_measured_and_those_without_an_answer_are_counted(rows: str) -> None:
    found = evaluated(rows, env=WITHOUT_MODEL)
    assert found["policy"].startswith("unified@")
    assert (found["skipped"], found["bad"]) == (1, [])
    assert set(found["readers"]) == {"cues"}
    cues = found["readers"]["cues"]
    assert cues["rows"] == 4
    assert counted(cues["accuracy"]) == (2, 3)
    assert cues["confusion"] == {"Data": {"Billing": 1}, "Guidance": {"Guidance": 1}, "Reliability": {"Reliability": 1}}
    assert counted(cues["severity"]["agreement"]) == (1, 1)
    assert counted(cues["severity"]["missed"]) == (0, 1)
    assert counted(cues["paging"]["recall"]) == (1, 1)
    assert counted(cues["spam_paged"]) == (0, 1)
    assert set(cues["slices"]["source"]) == {"desk", "rows"}
    assert set(cues["slices"]["language"]) == {"en", "not told"}
    assert cues["took"]["mean"] > 0


def test_the_table_is_narrow_and_shows_each_part(rows: str) -> None:
    out = triage("evaluate", rows, env=WITHOUT_MODEL)
    assert out.exit_code == 0
    assert max(map(len, out.stdout.splitlines())) <= 100
    for part in ("4 tickets", "accuracy", "P0, P1 missed", "Reliability", "by source", "by length", "by language"):
        assert part in out.stdout
    assert "nothing is known to be right: 1" in out.stderr


def test_phrases_and_learned_reader_are_shown_alone_and_together(rows: str, with_model: str) -> None:
    found = evaluated(rows, "--policy", with_model)["readers"]
    assert set(found) == {"cues", "model", "both"}
    assert found["cues"]["paging"]["recall"]["of"] == 1
    assert found["model"]["paging"]["recall"]["of"] == 0  # it wakes nobody
    assert found["cues"]["reliability"] != found["both"]["reliability"] != found["model"]["reliability"]
    for alone in ("cues", "model"):
        assert set(evaluated(rows, "--policy", with_model, "--reader", alone)["readers"]) == {alone}
    heads = triage("evaluate", rows, "--policy", with_model, env={}).stdout.splitlines()[2].split()
    assert heads == ["phrases", "learned", "both"]


def test_the_phrases_alone_are_the_policy_without_its_learned_reader(rows: str, with_model: str) -> None:
    one = evaluated(rows, "--policy", with_model, "--reader", "cues")["readers"]["cues"]
    other = evaluated(rows, env={**WITHOUT_MODEL, "TRIAGE_POLICY": with_model})["readers"]["cues"]
    assert (one["confusion"], one["reliability"]) == (other["confusion"], other["reliability"])


def test_a_learned_reader_that_the_policy_has_not_cannot_be_measured(rows: str) -> None:
    out = triage("evaluate", rows, "--reader", "model", env=WITHOUT_MODEL)
    assert isinstance(error_of(out), Misconfigured)
    assert "no learned reader" in str(out.exception)


def test_a_bad_line_is_told_with_its_place_and_the_others_go_on(tmp_path: Path) -> None:
    lines = (
        "not json",
        {**OUTAGE, "label": "Bug"},
        QUESTION,
        '"text"',
        {"label": "Data"},
        {**OUTAGE, "severity": "S1"},
    )
    path = written(tmp_path / "rows.jsonl", lines)
    found = evaluated(path, code=1)
    assert [one["place"] for one in found["bad"]] == [f"{path}, line {number}" for number in (1, 2, 4, 5, 6)]
    assert "no label; known: Defect" in found["bad"][1]["why"]
    assert next(iter(found["readers"].values()))["rows"] == 1
    out = triage("evaluate", path, env={})
    assert out.exit_code == 1
    assert f"{path}, line 1: " in out.stderr
    assert "5 lines could not be read" in out.stderr


def test_a_folder_is_measured_file_by_file(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", [QUESTION])
    written(tmp_path / "b.json", [json.dumps([REFUND, OUTAGE], indent=1)])
    written(tmp_path / "c.csv", ["subject,category", "How do I export?,Guidance"])
    written(tmp_path / "readme.txt", ["not looked at"])
    sources = next(iter(evaluated(str(tmp_path))["readers"].values()))["slices"]["source"]
    assert {name: one["rows"] for name, one in sources.items()} == {"a": 1, "b": 1, "c": 1, "desk": 1}
    empty = tmp_path / "empty"
    empty.mkdir()
    assert isinstance(error_of(triage("evaluate", str(empty), env={})), Misconfigured)


def test_an_export_is_read_as_it_came_in_and_its_tags_are_the_answers(tmp_path: Path) -> None:
    path = written(tmp_path / "export.json", [PAGE_OF_TICKETS])
    options = ("--map", "wish=Enhancement", "--map", "bug=Defect", "--by-priority", "--reader", "cues")
    found = evaluated(path, *options)
    assert found["skipped"] == 1  # the deleted one
    cues = found["readers"]["cues"]
    assert cues["confusion"] == {"Billing": {"Billing": 1}, "Enhancement": {"Enhancement": 1}}
    assert list(cues["severity"]["confusion"]) == ["P0/P1"]
    assert counted(cues["severity"]["missed"]) == (1, 1)  # urgent is not read, and the outage was told later
    assert set(cues["slices"]["language"]) == {"fr", "not told"}
    whole = evaluated(path, *options, "--whole-thread")["readers"]["cues"]
    assert counted(whole["severity"]["missed"]) == (0, 1)


def test_without_a_meaning_for_its_tags_an_export_has_no_answers(tmp_path: Path) -> None:
    path = written(tmp_path / "export.jsonl", PAGE_OF_TICKETS["tickets"])
    found = evaluated(path)
    assert found["skipped"] == 2
    assert next(iter(found["readers"].values()))["rows"] == 1


def test_an_export_that_is_none_is_a_bad_line(tmp_path: Path) -> None:
    path = written(tmp_path / "export.jsonl", [{"requester_id": 7, "comments": ["text"], "tags": ["label-data"]}])
    assert "no ticket as Zendesk exports it" in evaluated(path, code=1)["bad"][0]["why"]


def test_meanings_may_stand_in_a_file(tmp_path: Path) -> None:
    path = written(tmp_path / "export.json", [PAGE_OF_TICKETS])
    words = written(tmp_path / "words.txt", ["# ours", "", "wish = Enhancement"])
    assert evaluated(path, "--map", words)["readers"]["cues"]["rows"] == 2


def test_a_table_is_read_by_its_headings_and_categories_without_a_meaning_are_named(tmp_path: Path) -> None:
    lines = [
        "Ticket ID;Title;Description;Category;Priority",
        '1;Invoice;"I was charged twice;\nplease refund my invoice.";Money;urgent',
        "2;How do I export?;;guidance;low",
        "3;Hello;;Other;low",
        "4;Hello;;Other;",
        "",
    ]
    path = written(tmp_path / "desk.csv", lines)
    out = triage("evaluate", path, "--map", "money=Billing", env={})
    assert "categories that mean nothing yet, for --map: 'Other' (2)" in out.stderr
    found = evaluated(path, "--map", "money=Billing", "--reader", "cues")
    assert found["unmapped"] == {"Other": 2}
    assert found["readers"]["cues"]["confusion"] == {"Billing": {"Billing": 1}, "Guidance": {"Guidance": 1}}


def test_a_jira_table_has_jiras_priorities_and_several_columns_of_labels(tmp_path: Path) -> None:
    lines = ["Issue key,Summary,Labels,Labels,Priority", "SUP-1,The export fails with an error,vip,bug,High"]
    path = written(tmp_path / "jira.csv", lines)
    cues = evaluated(path, "--map", "bug=Defect", "--by-priority", "--reader", "cues")["readers"]["cues"]
    assert list(cues["confusion"]) == ["Defect"]
    assert list(cues["severity"]["confusion"]) == ["P1"]


def test_a_column_may_be_named_and_a_table_without_text_names_those_it_has(tmp_path: Path) -> None:
    path = written(tmp_path / "desk.csv", ["Frage,Art", "How do I export my contacts?,Guidance"])
    named = evaluated(path, "--column", "body=frage", "--column", "label=Art", "--reader", "cues")
    assert list(named["readers"]["cues"]["confusion"]) == ["Guidance"]
    for words, told in (((), "Frage, Art"), (("--column", "body=Text"), "no column is headed 'Text'")):
        error = error_of(triage("evaluate", path, *words, env={}))
        assert isinstance(error, Misconfigured)
        assert told in str(error)


def test_a_table_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "desk.csv"
    path.write_bytes("subject,category\nUnmöglich,Defect\n".encode("cp1252"))
    assert "not UTF-8" in evaluated(str(path), code=1)["bad"][0]["why"]


def test_limits_that_do_not_hold_end_with_exit_code_1(rows: str) -> None:
    held = ("--min", "accuracy=0.6", "--min", "recall.Guidance=1", "--max", "spam_paged=0", "--max", "missed=0")
    assert evaluated(rows, *held, "--reader", "cues")["misses"] == []
    out = triage("evaluate", rows, "--reader", "cues", "--min", "accuracy=0.9", "--min", "recall.Security=0.5", env={})
    assert out.exit_code == 1
    assert "accuracy is 0.6667, below 0.9" in out.stderr
    assert "recall.Security cannot be measured" in out.stderr
    assert evaluated(rows, "--reader", "cues", "--max", "accuracy=0.5", code=1)["misses"] == [
        "accuracy is 0.6667, above 0.5"
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--min", "label=0.5"), "there are: accuracy, compatible"),
        (("--min", "accuracy"), "is not FIGURE=NUMBER"),
        (("--max", "missed=few"), "is no number"),
        (("--map", "money"), "neither WORD=ANSWER nor a file"),
        (("--map", "money=Refund"), "nothing that 'money' can mean"),
        (("--column", "text=Frage"), "'text' is not read; known: id, subject"),
    ],
)
def test_a_mistake_in_an_option_is_a_usage_error_that_says_what_there_is(
    rows: str, words: tuple[str, str], told: str
) -> None:
    out: Result = triage("evaluate", rows, *words, env={})
    assert out.exit_code == 2
    error = out.exception
    assert told in out.stderr or (isinstance(error, UsageError) and told in error.message)


def test_its_figures_are_those_of_the_script_beside_the_labelled_data(tmp_path: Path) -> None:
    data = SHARED / "data"
    if not data.is_dir():
        missing("folder ../shared/data")
    sources = ("dstc11", "jira_ecosystem")
    files = [data / f"labels_{name}.jsonl" for name in sources]
    for file in files:
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "dup_queries.jsonl").touch()
    decided = triage("decide", "-", env={}, answer="".join(file.read_text("utf-8") for file in files))
    (tmp_path / "predictions").write_text(decided.stdout)
    script = subprocess.run(
        [sys.executable, data / "score.py", tmp_path, tmp_path / "predictions"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    readers = evaluated(*map(str, files))["readers"]
    ours = readers.get("both", readers["cues"])["slices"]["source"]
    for name in sources:
        found = re.search(
            rf"^{name} +(type|topic) +(\d+) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+|nan)$", script, re.MULTILINE
        )
        assert found is not None
        kind, count, _, accuracy, macro_f1, compatible = found.groups()
        assert ours[name]["accuracy"]["of"] == int(count)
        assert f"{ours[name]['accuracy']['value']:.3f}" == accuracy
        assert f"{ours[name]['macro_f1']:.3f}" == macro_f1
        assert kind == "topic" or f"{ours[name]['compatible']['value']:.3f}" == compatible
    severity = re.search(r"severity jira_ecosystem .* acc=([\d.]+) .*missed=(\d+)/(\d+)", script)
    assert severity is not None
    rating = ours["jira_ecosystem"]["severity"]
    assert f"{rating['agreement']['value']:.3f}" == severity[1]
    assert counted(rating["missed"]) == (int(severity[2]), int(severity[3]))
