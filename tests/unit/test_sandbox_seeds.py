"""The seeds: enough of them, of every kind, and of our own hand."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from app.sandbox import people
from app.sandbox.seeding import Seed, seeds
from tests.conftest import SHARED, missing

LABELS = {"Defect", "Guidance", "Enhancement", "Billing", "Access", "Integration", "Security", "Data", "Reliability"}
SEVERITIES = {"P0", "P1", "P2", "P3", "P4"}
EVERY = seeds()


def subject_of(seed: Seed) -> str:
    return str(seed.given["subject"])[:40]


def test_there_are_sixty_seeds_from_both_vendors() -> None:
    assert Counter(seed.vendor for seed in EVERY) == {"zendesk": 38, "jira": 22}
    assert len({subject_of(seed) for seed in EVERY}) == 60


def test_every_label_and_every_severity_is_there() -> None:
    assert {label for seed in EVERY for label in seed.expect["label"]} == LABELS
    assert {severity for seed in EVERY for severity in seed.expect["severity"]} == SEVERITIES
    assert min(Counter(seed.expect["label"][0] for seed in EVERY).values()) >= 3


@pytest.mark.parametrize("seed", EVERY, ids=subject_of)
def test_a_seed_expects_known_words_only(seed: Seed) -> None:
    for expected in filter(None, (seed.expect, seed.at_first)):
        assert set(expected) == {"label", "severity"}
        assert set(expected["label"]) <= LABELS
        assert set(expected["severity"]) <= SEVERITIES
        assert expected["label"]
        assert expected["severity"]


def test_at_least_ten_threads_are_changed_by_a_later_message() -> None:
    assert sum(bool(seed.at_first) and seed.expect != seed.at_first for seed in EVERY) >= 10


def test_several_seeds_come_from_the_same_organisation() -> None:
    domains = Counter(
        seed.given["requester"]["email"].rpartition("@")[2] for seed in EVERY if "requester" in seed.given
    )
    known = {one.domain for one in people.ORGANIZATIONS}
    assert sum(count >= 3 for domain, count in domains.items() if domain in known) >= 5


def test_the_first_five_hold_an_outage_and_both_vendors() -> None:
    first = EVERY[:5]
    assert {seed.vendor for seed in first} == {"zendesk", "jira"}
    assert any(seed.expect["severity"] == ["P0"] for seed in first)


def test_no_seed_is_taken_from_the_labelled_data() -> None:
    data = SHARED / "data"
    if not data.is_dir():
        missing("folder ../shared/data")
    ours = {" ".join(str(seed.given["body"]).split()) for seed in EVERY}
    for file in data.glob("*.jsonl"):
        for line in filter(None, file.read_text("utf-8").split("\n")):
            words = json.dumps(json.loads(line), ensure_ascii=False)
            assert not any(body[:60] in words for body in ours), file.name
