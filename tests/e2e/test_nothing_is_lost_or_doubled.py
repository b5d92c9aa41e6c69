"""Whatever breaks on the way, each ticket is triaged, and each note stands in it once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
import requests

from app.triage.ticket import Ref
from tests.e2e import specs
from tests.e2e.installation import Installation

Make = Callable[..., Installation]
TEXT = ("Login fails", "Some of us cannot log in since the update this morning; others can. What can we do?")


def assert_triaged_once(installation: Installation, *refs: Ref) -> None:
    """Each ticket is decided and carries exactly one note and one answer, and nothing is parked."""
    for ref in refs:
        installation.wait_until_decided(ref, 60)
    installation.wait_until_quiet()
    assert {str(ref): len(installation.notes(ref)) for ref in refs} == {str(ref): 1 for ref in refs}
    assert {str(ref): len(installation.answers(ref)) for ref in refs} == {str(ref): 1 for ref in refs}
    assert installation.store.parked() == []
    for ref in refs:
        assert {effect.state for effect in installation.store.effects_of(ref)} == {"confirmed"}


@pytest.mark.policy("U-02", "U-08")
def test_the_same_delivery_five_times_and_out_of_order_gives_one_write(running: Installation) -> None:
    running.control("POST", "/webhooks", {"duplicates": 5, "shuffle": True})
    refs = [running.customer_writes(vendor, *TEXT) for vendor in ("zendesk", "jira") for _ in range(3)]
    assert_triaged_once(running, *refs)
    running.control("POST", "/webhooks", {"duplicates": 1, "shuffle": False})


@pytest.mark.policy("U-05")
def test_an_agent_who_edits_tags_between_our_read_and_our_write_loses_nothing(running: Installation) -> None:
    for vendor, where, tags in (("zendesk", "/zendesk/tickets", "tags"), ("jira", "/jira/issues", "labels")):
        running.control("POST", "/webhooks", {"paused": True})
        ref = running.customer_writes(vendor, *TEXT, **{tags: ["before"]})
        running.control("POST", f"{where}/{ref.id}/edit_after_read", {"add_tags": ["from-agent"]})
        running.control("POST", "/webhooks", {"paused": False, "release": True})
        assert_triaged_once(running, ref)
        shown = running.at_vendor(ref)
        kept = set(shown["tags"] if vendor == "zendesk" else shown["rendered"]["fields"]["labels"])
        assert {"before", "from-agent"} < kept
        assert any(tag.startswith("label-") for tag in kept)


FAULTS: list[dict[str, Any]] = [
    {"action": "drop_after_apply"},
    {"action": "drop_before_apply"},
    {"action": "truncate"},
    {"action": "hang", "delay": 4},
    {"action": "hang_after_apply", "delay": 4},
    {"action": "status:503"},
    {"action": "html502"},
    {"action": "429", "headers": {"Retry-After": "1"}},
]
WRITES: list[dict[str, Any]] = [
    {"vendor": "zendesk", "method": "PUT", "path_contains": "/tickets/"},
    {"vendor": "zendesk", "method": "PUT", "path_contains": "/tickets/", "skip": 1},  # the answer
    {"vendor": "jira", "method": "PUT", "path_contains": "/issue/"},
    {"vendor": "jira", "method": "POST", "path_contains": "/comment"},  # the note
    {"vendor": "jira", "method": "POST", "path_contains": "/comment", "skip": 1},  # the answer
]


@pytest.mark.parametrize("write", WRITES, ids=["zendesk-put", "zendesk-answer", "jira-put", "jira-note", "jira-answer"])
def test_every_fault_at_a_write_ends_with_exactly_one_note_and_one_answer(
    running: Installation, write: dict[str, Any]
) -> None:
    vendor = write["vendor"]
    refs = []
    for fault in FAULTS:
        armed = write | fault
        running.control("POST", "/faults", armed)
        refs.append(running.customer_writes(vendor, *TEXT))
        running.wait_until(lambda: not any(f["times"] for f in running.control("GET", "/faults")), "the fault befell")
    assert_triaged_once(running, *refs)


def test_a_vendor_that_is_down_for_reading_costs_no_ticket(running: Installation) -> None:
    for vendor in ("zendesk", "jira"):
        running.control("POST", "/faults", {"vendor": vendor, "method": "GET", "action": "status:503", "times": 4})
    refs = [running.customer_writes(vendor, *TEXT) for vendor in ("zendesk", "jira")]
    assert_triaged_once(running, *refs)
    running.control("DELETE", "/faults")


def test_a_worker_killed_in_the_middle_of_a_write_doubles_and_loses_nothing(fresh: Make) -> None:
    installation = fresh()
    installation.start()
    for number, write in enumerate(WRITES):
        action = ("slow", "hang_after_apply")[number % 2]
        installation.control("DELETE", "/requests")
        installation.control("POST", "/faults", write | {"action": action, "delay": 3})
        ref = installation.customer_writes(write["vendor"], *TEXT)
        installation.wait_until(
            lambda: not any(f["times"] for f in installation.control("GET", "/faults")), "the write is under way"
        )
        installation.kill("worker")
        installation.start_one("worker")
        assert_triaged_once(installation, ref)


def test_a_broker_killed_and_restarted_empty_loses_nothing(fresh: Make) -> None:
    installation = fresh()
    installation.start("sandbox", "serve", "beat")
    before = [installation.customer_writes(v, *TEXT) for v in ("zendesk", "jira") for _ in range(5)]
    installation.wait_until(lambda: installation.control("GET", "/webhooks")["pending"] == 0, "all are delivered")
    installation.restart_broker(wiped=True)
    installation.start_one("worker")
    after = [installation.customer_writes(v, *TEXT) for v in ("zendesk", "jira")]
    assert_triaged_once(installation, *before, *after)


@pytest.mark.policy("U-02")
def test_while_the_broker_is_down_deliveries_are_taken_and_triaged_later_without_a_restart(fresh: Make) -> None:
    installation = fresh()
    installation.start()
    ref = installation.customer_writes("zendesk", *TEXT)
    assert_triaged_once(installation, ref)
    process = installation.broker.process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)  # hung, not gone: the worse of the two
    late = [installation.customer_writes(v, *TEXT) for v in ("zendesk", "jira") for _ in range(3)]
    installation.wait_until(lambda: installation.control("GET", "/webhooks")["pending"] == 0, "all are delivered")
    assert {d["status"] for d in installation.control("GET", "/deliveries")} <= {200, 202}
    os.kill(process.pid, signal.SIGCONT)
    installation.restart_broker(wiped=False)
    assert_triaged_once(installation, *late)


def test_two_workers_share_the_work_and_a_term_under_load_doubles_nothing(fresh: Make) -> None:
    installation = fresh(env={"TRIAGE_SHUTDOWN_SECONDS": "3"})
    installation.start()
    installation.start_one("worker", "worker2")
    refs = [installation.customer_writes("zendesk", *TEXT) for _ in range(15)]
    os.killpg(installation.processes["worker"].pid, signal.SIGTERM)  # as a platform does: to every process at once
    refs += [installation.customer_writes("zendesk", *TEXT) for _ in range(15)]
    assert_triaged_once(installation, *refs)
    assert installation.processes.pop("worker").wait(timeout=30) is not None


def test_everything_works_on_postgresql(fresh: Make, postgres: str) -> None:
    installation = fresh(database=postgres)
    installation.start()
    refs = [installation.customer_writes(v, *TEXT) for v in ("zendesk", "jira") for _ in range(5)]
    assert_triaged_once(installation, *refs)
    assert requests.get(installation.web, timeout=5).status_code == 200


def test_every_request_of_these_faults_fits_the_vendors_descriptions(running: Installation) -> None:
    assert specs.problems([entry for entry in running.control("GET", "/requests") if entry["who"]]) == []
