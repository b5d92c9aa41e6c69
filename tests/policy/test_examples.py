"""The examples of the packs, in the packs and beside them, run against them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

import config
from app.packs import examples_of, find_pack, load_policy, with_reader
from app.triage.example import Example
from app.triage.examples import differs, failures
from app.triage.pack import schema
from app.triage.policy import Policy, read

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PACKS = sorted((Path(config.__file__).parent / "packs").glob("*.yaml"))
FIRST = {
    "S1-05",
    "S1-08",
    "S1-11",
    "S1-13",
    "S1-15",
    "S0-18",
    "S0-19",
    "S0-20",
    "S0-21",
    "S0-26",
    "S3-04",
    "S3-05",
    "S3-13",
}


@cache
def policy(path: Path) -> Policy:
    return load_policy(str(path))


EXAMPLES = [
    pytest.param(path, example, id=f"{path.stem}: {example.name}")
    for path in PACKS
    for example in examples_of(str(path))
]


@pytest.mark.parametrize(("path", "example"), EXAMPLES)
def test_the_example_is_decided_as_the_pack_says(path: Path, example: Example) -> None:
    assert differs(example, policy(path), NOW) == ""


@pytest.mark.policy("S1-05", "S1-08", "S1-11", "S1-13", "S1-15", "S0-18", "S0-19", "S0-20", "S0-21", "S0-26")
@pytest.mark.policy("S3-04", "S3-05", "S3-13")
def test_the_documents_own_examples_are_among_them() -> None:
    unified = next(path for path in PACKS if path.stem == "unified")
    assert {example.source for example in examples_of(str(unified))} >= FIRST


def test_there_are_many_examples_and_few_of_them_are_known_to_be_missed() -> None:
    examples = [example for path in PACKS for example in examples_of(str(path))]
    assert len(examples) >= 270
    assert sum(bool(example.known_miss) for example in examples) <= 25
    assert all(len(examples_of(str(path))) >= 16 for path in PACKS)


def test_a_miss_that_is_mended_must_lose_its_excuse() -> None:
    right = Example(name="right", body="How do I export a report?", known_miss="it is not", label=("Guidance",))
    assert "take out known_miss" in differs(right, policy(PACKS[-1]), NOW)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_pack_has_examples_and_each_has_a_name_of_its_own(path: Path) -> None:
    names = [example.name for example in examples_of(path.stem)]
    assert len(names) == len(set(names)) > 10


def test_an_example_that_comes_out_otherwise_is_told_with_every_difference() -> None:
    unified = next(path for path in PACKS if path.stem == "unified")
    wrong = Example.model_validate(
        {
            "name": "wrong in every way",
            "body": "The whole service is down for all users.",
            "label": ["Guidance"],
            "severity": ["P4"],
            "page": False,
            "tags": ["sev-p4"],
            "facts": ["cosmetic"],
            "not_facts": ["scope_all"],
            "post": "known_issue",
        }
    )
    told = differs(wrong, policy(unified), NOW)
    for part in ("label is Reliability, not Guidance", "severity is P0, not P4", "page is True, not False",
                 "the post is investigating, not known_issue",
                 "tags lack sev-p4", "facts lack cosmetic", "facts hold scope_all"):  # fmt: skip
        assert part in told
    assert [told for _, told in failures(policy(unified), [wrong], NOW)] == [told]


def test_the_schema_for_editors_is_the_one_that_is_checked_in() -> None:
    assert (PACKS[0].parent / "pack.schema.json").read_text(encoding="utf-8") == schema()


def test_what_policy_show_prints_loads_again_as_the_same_policy() -> None:
    from click.testing import CliRunner

    from app.cli.policy import show

    for form in ("yaml", "json"):
        printed = CliRunner().invoke(show, ["unified", "--format", form]).stdout
        assert with_reader(read(printed, "printed.yaml", find_pack)).digest == policy(PACKS[-1]).digest
