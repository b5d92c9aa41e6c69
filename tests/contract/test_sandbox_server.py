"""The sandbox as a program: faults on real sockets, the command line, the seeds being filed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from app.sandbox.server import Sandbox

AUTH = ("firstline@sandbox.example/token", "sandbox")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        yield running


@pytest.fixture
def ticket(sandbox: Sandbox) -> str:
    """The address of a ticket in the API."""
    given = {"subject": "Help", "body": "Text"}
    made = requests.post(f"{sandbox.url}/control/zendesk/tickets", json=given, timeout=5).json()
    return f"{sandbox.url}/zendesk/api/v2/tickets/{made['id']}.json"


def arm(sandbox: Sandbox, **fault: Any) -> None:
    answer = requests.post(f"{sandbox.url}/control/faults", json=fault, timeout=5)
    assert answer.status_code == 201, answer.text


def put(address: str, priority: str, timeout: float = 5) -> requests.Response:
    return requests.put(address, json={"ticket": {"priority": priority}}, auth=AUTH, timeout=timeout)


def priority(address: str) -> Any:
    return requests.get(address, auth=AUTH, timeout=5).json()["ticket"]["priority"]


def test_a_dropped_connection_is_an_error_whether_or_not_the_write_was_applied(sandbox: Sandbox, ticket: str) -> None:
    arm(sandbox, vendor="zendesk", method="PUT", action="drop_before_apply")
    with pytest.raises(requests.ConnectionError):
        put(ticket, "low")
    assert priority(ticket) is None
    arm(sandbox, vendor="zendesk", method="PUT", action="drop_after_apply")
    with pytest.raises(requests.ConnectionError):
        put(ticket, "high")
    assert priority(ticket) == "high"
    assert put(ticket, "low").ok


def test_a_request_can_hang_applied_or_not(sandbox: Sandbox, ticket: str) -> None:
    for action, expected in (("hang", None), ("hang_after_apply", "low")):
        arm(sandbox, method="PUT", action=action, delay=0.5)
        with pytest.raises(requests.Timeout):
            put(ticket, "low", timeout=0.1)
        time.sleep(0.1)
        assert priority(ticket) == expected


def test_statuses_headers_and_bodies_can_be_wrong(sandbox: Sandbox, ticket: str) -> None:
    arm(sandbox, action="status:503", headers={"Retry-After": "7"}, method="PUT")
    answer = put(ticket, "low")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    arm(sandbox, action="html502", path_contains="/tickets/")
    answer = put(ticket, "low")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    arm(sandbox, action="429", headers={"Retry-After": "Sat, 21 Nov 2026 05:00:00 GMT"})
    assert put(ticket, "low").headers["Retry-After"].endswith("GMT")
    assert priority(ticket) is None
    arm(sandbox, action="truncate")
    with pytest.raises(requests.RequestException):
        put(ticket, "low")
    assert priority(ticket) == "low"


def test_a_fault_befalls_only_what_it_names_and_only_so_often(sandbox: Sandbox, ticket: str) -> None:
    arm(sandbox, action="status:500", vendor="zendesk", method="PUT", path_contains="/tickets", times=2, skip=1)
    assert [put(ticket, word).status_code for word in ("low", "high", "low", "high")] == [200, 500, 500, 200]
    arm(sandbox, action="status:500", vendor="jira")
    assert put(ticket, "low").ok
    left = requests.get(f"{sandbox.url}/control/faults", timeout=5).json()
    assert [one["vendor"] for one in left] == ["jira"]
    requests.delete(f"{sandbox.url}/control/faults", timeout=5)
    assert requests.get(f"{sandbox.url}/control/faults", timeout=5).json() == []


def test_an_unknown_fault_setting_or_ticket_is_refused(sandbox: Sandbox) -> None:
    for path, body in (("faults", {"action": "explode"}), ("faults", {"act": "x"}), ("settings", {"bogus": 1})):
        assert requests.post(f"{sandbox.url}/control/{path}", json=body, timeout=5).status_code == 400
    assert requests.get(f"{sandbox.url}/control/zendesk/tickets/7", timeout=5).status_code == 404


def test_many_at_once_lose_nothing(sandbox: Sandbox, ticket: str) -> None:
    requests.post(f"{sandbox.url}/control/settings", json={"zendesk_updates_per_ticket": 0}, timeout=5)

    def write(number: int) -> None:
        comment = {"comment": {"body": f"note {number}", "public": False}}
        assert requests.put(ticket, json={"ticket": comment}, auth=AUTH, timeout=20).ok

    threads = [threading.Thread(target=write, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    comments = requests.get(ticket.replace(".json", "/comments.json"), auth=AUTH, timeout=5).json()["comments"]
    assert len(comments) == 25


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_its_address_and_stops_when_told(ending: signal.Signals) -> None:
    env = {**os.environ, "SANDBOX_ZENDESK_SECRET": "a", "SANDBOX_JIRA_SECRET": "b"}
    words = [sys.executable, "-m", "app.sandbox", "--port", "0", "--no-seed", "--account", "me@x.example:t:1"]
    process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("sandbox ready on http://127.0.0.1:")
        url = line.split()[-1]
        me = requests.get(f"{url}/zendesk/api/v2/users/me", auth=("me@x.example/token", "t:1"), timeout=5)
        assert me.status_code == 200
        process.send_signal(ending)
        assert process.wait(timeout=5) == 0
    finally:
        process.kill()
        process.communicate()


def test_the_seeds_are_filed_within_their_span_and_the_first_at_once() -> None:
    with Sandbox(over=3.0) as sandbox:
        time.sleep(0.5)
        soon = _filed(sandbox)
        deadline = time.monotonic() + 3.0
        while _filed(sandbox) < 60 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert soon >= 5
        assert _filed(sandbox) == 60
        time.sleep(1.2)  # the later messages
        comments = [one["comments"] for one in requests.get(f"{sandbox.url}/control/jira/issues", timeout=5).json()]
        assert sum(map(bool, comments)) >= 4


def _filed(sandbox: Sandbox) -> int:
    return sum(
        len(requests.get(f"{sandbox.url}/control/{path}", timeout=5).json())
        for path in ("zendesk/tickets", "jira/issues")
    )


def test_the_time_of_both_vendors_stops_where_a_test_says_and_runs_again(sandbox: Sandbox, ticket: str) -> None:
    at = "2026-03-02T10:00:00+00:00"
    assert requests.post(f"{sandbox.url}/control/clock", json={"at": at}, timeout=5).json() == {"at": at}
    put(ticket, "high")
    given = {"subject": "Help", "body": "Text"}
    issue = requests.post(f"{sandbox.url}/control/jira/issues", json=given, timeout=5).json()
    made = requests.post(f"{sandbox.url}/control/zendesk/tickets", json=given, timeout=5).json()
    assert (made["created_at"], issue["created"]) == ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00.000+0000")
    running = requests.post(f"{sandbox.url}/control/clock", json={"at": None}, timeout=5).json()["at"]
    assert running > "2026-03-03"
