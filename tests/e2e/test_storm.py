"""Two outages at once: each has one master, one page and one acknowledgement a customer, and nobody else is drawn in.

The texts were written for this, one by one (see tests/storms): no two reports share their words.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.triage.duplicates.ringing import SOON
from app.triage.effects import REPLY
from app.triage.reply_parts import FIRST_CONTACT
from app.triage.ticket import Ref
from tests.contract import pagers
from tests.contract.pagers import Pager
from tests.e2e.lapse.installation import LapseInstallation
from tests.storms import texts

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
WITHIN = timedelta(minutes=10)
SLOT = timedelta(seconds=30)
"""So long the clock stands; what is written in that time is worked on at once."""

LEAST = {"checkout_outage": 0.9, "email_outage": 0.75}
"""What part of an outage's reports is known for such by their words; the others are triaged as tickets of their own."""


@dataclass(frozen=True, slots=True)
class Written:
    """A ticket that a customer wrote, and from which file its words are."""

    file: str
    ref: Ref


@pytest.fixture
def pager() -> Iterator[Pager]:
    with pagers.pager() as running:
        yield running


def test_sixty_reports_of_one_outage_are_one_incident(tmp_path: Path, pager: Pager) -> None:
    assert_two_storms(tmp_path, pager, {"checkout_outage": 60, "email_outage": 15, "same_area": 18, "unrelated": 72})


@pytest.mark.soak
def test_200_reports_of_one_outage_are_one_incident(tmp_path: Path, pager: Pager) -> None:
    assert_two_storms(tmp_path, pager, {"checkout_outage": 200, "email_outage": 40, "same_area": 60, "unrelated": 240})


def assert_two_storms(folder: Path, pager: Pager, numbers: Mapping[str, int]) -> None:
    installation = LapseInstallation(folder, START, "calendar: {timezone: Europe/Berlin}", workers=1)
    installation.env["TRIAGE_MODEL"] = ""
    installation.env["TRIAGE_PAGER__L2"] = pager.pagerduty
    try:
        installation.start()
        written = storm(installation, numbers)
        for minute in (1, 2, 3):  # what a master waits for a minute to hear
            installation.set(START + WITHIN + minute * SOON)
            installation.sweep()
        assert_each_is_one_incident(installation, pager, written, numbers)
        assert installation.store.parked() == []
    finally:
        installation.stop()


def assert_each_is_one_incident(
    installation: LapseInstallation, pager: Pager, written: Sequence[Written], numbers: Mapping[str, int]
) -> None:
    """Each outage's reports hang on a problem of their own, each customer was told once, and nobody else hangs."""
    states = {one.ref: installation.at_vendor(one.ref) for one in written}
    problem = {ref: state["problem_id"] for ref, state in states.items()}
    calm = [states[one.ref]["subject"] for one in written if one.file not in LEAST and problem[one.ref]]
    assert calm == [], "no others are drawn in"
    files: dict[int, str] = {}
    for file, least in LEAST.items():
        refs = [one.ref for one in written if one.file == file]
        master, hung = Counter(problem[ref] for ref in refs if problem[ref]).most_common(1)[0]
        assert hung + 1 >= least * numbers[file], [states[ref]["subject"] for ref in refs if problem[ref] != master]
        assert states[Ref("zendesk", "sandbox", str(master))]["type"] == "problem"
        assert [states[ref]["subject"] for ref in refs if len(acknowledged(installation, ref)) != 1] == []
        files[master] = file
    assert len(files) == len(LEAST), "the second outage stays apart"
    cluster = {str(ref): files.get(problem[ref]) or files.get(int(ref.id)) for ref in states}
    keys = [event["dedup_key"].split(":", 1)[1] for event in pager.events if event["event_action"] == "trigger"]
    woken = Counter(file for key in keys if (file := cluster[key]))
    assert woken == dict.fromkeys(LEAST, 1), "each outage wakes on-call once"


def storm(installation: LapseInstallation, numbers: Mapping[str, int]) -> list[Written]:
    """Customers write, in any order, until ten minutes are over."""
    told = [
        (file, number, text) for file, most in numbers.items() for number, text in enumerate(texts.read(file)[:most])
    ]
    random.Random(20261121).shuffle(told)
    slots = WITHIN // SLOT
    written = []
    for slot in range(slots):
        installation.set(START + slot * SLOT)
        for file, number, text in told[slot::slots]:
            person = {"name": f"{file} {number}", "email": f"{file}-{number}@customers.example"}
            ref = installation.customer_writes(
                "zendesk", text.subject, text.body, requester=person, organization=f"{file} {number}"
            )
            written.append(Written(file, ref))
        installation.delivered()
        installation.settle()
    return written


def acknowledged(installation: LapseInstallation, ref: Ref) -> list[str]:
    """The reasons for which the customer was told that we know of it."""
    applied, _ = installation.store.written(ref)
    return [key.removeprefix(REPLY) for key in applied if key.removeprefix(REPLY) in FIRST_CONTACT]
