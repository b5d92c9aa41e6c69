"""The examples that stand in the packs, run against them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

import config
from app.triage.decision import Context
from app.triage.engine import decide
from app.triage.pack import Example
from app.triage.policy import Policy, read
from app.triage.records import ticket_from_record

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
    return read(path.read_text(encoding="utf-8"), path.name)


EXAMPLES = [
    pytest.param(path, example, id=f"{path.stem}: {example.name}")
    for path in PACKS
    for example in policy(path).pack.examples
]


@pytest.mark.parametrize(("path", "example"), EXAMPLES)
def test_the_example_is_decided_as_the_pack_says(path: Path, example: Example) -> None:
    record = {"id": "1", "subject": example.subject, "body": example.body, "comments": list(example.comments)}
    decision = decide(ticket_from_record(record), Context(), policy(path), NOW)
    shown = f"{decision.severity} {decision.label} {decision.destination} {decision.facts} {decision.rules}"
    for name in ("label", "severity", "destination"):
        wanted, got = getattr(example, name), getattr(decision, name)
        assert wanted is None or str(got.name if name == "severity" else got) in map(str, wanted), shown
    for name in ("level", "page", "second_label"):
        assert getattr(example, name) in (None, getattr(decision, name)), shown
    assert set(example.tags or ()) <= set(decision.tags), shown
    assert set(example.facts or ()) <= set(decision.facts), shown
    assert not set(example.not_facts or ()) & set(decision.facts), shown


@pytest.mark.policy("S1-05", "S1-08", "S1-11", "S1-13", "S1-15", "S0-18", "S0-19", "S0-20", "S0-21", "S0-26")
@pytest.mark.policy("S3-04", "S3-05", "S3-13")
def test_the_documents_own_examples_are_among_them() -> None:
    unified = next(path for path in PACKS if path.stem == "unified")
    assert {example.source for example in policy(unified).pack.examples} >= FIRST
    assert len(policy(unified).pack.examples) >= 40
