"""Every fault at every write, three times in a row: the ticket ends with each effect exactly once, and nothing is lost.

Real clients on real sockets against the sandbox, which applies a write or does not, as the fault says; only the clock
is put forward, so that pauses cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.server import Sandbox
from app.triage.ticket import Ref
from config.accounts import JiraAccount
from tests.contract.workshop import LOGIN, Workshop

TEXT = ("Login fails", "Some of us cannot log in since the update this morning; others can. What can we do?")
FAULTS: list[dict[str, Any]] = [
    {"action": "drop_before_apply"},
    {"action": "drop_after_apply"},
    {"action": "truncate"},
    {"action": "hang", "delay": 0.8},
    {"action": "hang_after_apply", "delay": 0.8},
    {"action": "status:500"},
    {"action": "status:503", "headers": {"Retry-After": "3"}},
    {"action": "html502"},
    {"action": "429"},
    {"action": "429", "headers": {"Retry-After": "1"}},
]
WRITES: dict[str, dict[str, Any]] = {
    "zendesk-put": {"vendor": "zendesk", "method": "PUT", "path_contains": "/tickets/"},
    "zendesk-answer": {"vendor": "zendesk", "method": "PUT", "path_contains": "/tickets/", "skip": 1},
    "jira-put": {"vendor": "jira", "method": "PUT", "path_contains": "/issue/"},
    "jira-note": {"vendor": "jira", "method": "POST", "path_contains": "/comment"},
    "jira-move": {"vendor": "jira", "method": "POST", "path_contains": "/transitions"},
    "jira-answer": {"vendor": "jira", "method": "POST", "path_contains": "/comment", "skip": 1},
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        running.account.limits.updates.total = 0  # limits have their own tests
        yield running


@pytest.fixture
def workshop(tmp_path: Path, sandbox: Sandbox) -> Iterator[Workshop]:
    jira = JiraAccount(url=f"{sandbox.url}/jira", triaged_status="Triaged", **LOGIN)
    made = Workshop(tmp_path, sandbox, jira={"desk": jira})
    yield made
    made.control("DELETE", "/faults")
    made.close()


def ours(workshop: Workshop, ref: Ref, *, public: bool) -> int:
    """How many comments we wrote, seen by the customer or not."""
    comments = workshop.shown(ref)["comments"]
    us = workshop.runtime.client(ref.vendor, ref.account).whoami()
    author = "author_id" if ref.vendor == "zendesk" else "author"
    return sum(one["public"] is public and str(one[author]) == us for one in comments)


BRIDGE: dict[str, dict[str, Any]] = {
    "making-an-issue": {"vendor": "jira", "method": "POST", "path_contains": "/rest/api/2/issue"},
    "showing-the-ticket-on-it": {"vendor": "jira", "method": "POST", "path_contains": "/remotelink"},
}
EMPTY_ANSWERS = ("jira-put", "jira-move")  # 204: there is no body to cut short
CASES = [(w, f) for w in WRITES for f in FAULTS if not (f["action"] == "truncate" and w in EMPTY_ANSWERS)]


@pytest.mark.parametrize(
    ("write", "fault"), [pytest.param(w, f, id="-".join([w, f["action"], *f.get("headers", {})])) for w, f in CASES]
)
def test_a_write_that_fails_three_times_is_done_once(workshop: Workshop, write: str, fault: dict[str, Any]) -> None:
    vendor = WRITES[write]["vendor"]
    workshop.control("POST", "/faults", WRITES[write] | fault | {"times": 3})
    ref = workshop.customer_writes(vendor, *TEXT)
    ends = workshop.work(ref)
    assert ends[-1] in ("decided", "unchanged")
    assert ends.count("waiting") >= 1  # the fault befell
    assert (ours(workshop, ref, public=False), ours(workshop, ref, public=True)) == (1, 1)
    assert {effect.state for effect in workshop.runtime.store.effects_of(ref)} == {"confirmed"}
    assert workshop.runtime.store.parked() == []
    workshop.tell(ref)
    assert workshop.work(ref) == ["unchanged"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join([fault["action"], *fault.get("headers", {})]))
@pytest.mark.parametrize("write", BRIDGE)
def test_an_issue_for_engineering_is_made_once_whatever_fails_three_times(
    workshop: Workshop, write: str, fault: dict[str, Any]
) -> None:
    workshop.control("POST", "/faults", BRIDGE[write] | fault | {"times": 3})
    ref = workshop.customer_writes("zendesk", "Export fails", "The CSV export shows an error for three users.")
    note = {"body": "Reproduced, it needs a code fix.", "public": False, "by": "agent"}
    workshop.control("POST", f"/zendesk/tickets/{ref.id}/comments", note)
    for _ in range(8):
        workshop.work(ref)
        workshop.pass_time(minutes=2)
    marker = f"zendesk-desk-{ref.id}"
    issues = [one for one in workshop.control("GET", "/jira/issues") if marker in one["rendered"]["fields"]["labels"]]
    assert len(issues) == 1
    assert len(issues[0]["remote_links"]) == 1
    comments = workshop.shown(ref)["comments"]
    assert sum("Engineering has this ticket as" in str(one["body"]) for one in comments) == 1
    assert ours(workshop, ref, public=True) <= 1
    assert {effect.state for effect in workshop.runtime.store.effects_of(ref)} == {"confirmed"}
    assert workshop.runtime.store.parked() == []
