"""Engineering is asked after its issue between the two sandboxes, whose time stands still until the test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from app.packs import load_policies
from app.runtime import Runtime
from app.sandbox import people
from app.triage.bridge import LinkedIssue
from app.triage.policies import Policies
from app.triage.ticket import Ref
from config.settings import Settings
from tests.contract import test_bridge_sandbox as both
from tests.contract.test_bridge_sandbox import Desk, ring, told
from tests.contract.test_reconcile import Clock
from workers.reconcile import reconcile

desk, runtime = both.desk, both.runtime


class Time:
    """One time for the workers and for both vendors."""

    def __init__(self, desk: Desk, runtime: Runtime) -> None:
        assert isinstance(runtime.now, Clock)
        self._desk, self._clock = desk, runtime.now
        self.move()

    def move(self, **by: float) -> datetime:
        self._clock.move(**by)
        self._desk.control("POST", "clock", {"at": self._clock.at.isoformat()})
        return self._clock.at


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load_policies(Settings(_env_file=None), both.KNOBS)  # type: ignore[call-arg]


@pytest.fixture
def time(desk: Desk, runtime: Runtime, policies: Policies) -> Iterator[Time]:
    runtime.__dict__["policies"] = policies  # compiled once for all tests
    yield Time(desk, runtime)
    desk.control("POST", "clock", {"at": None})
    desk.control("DELETE", "faults")


@pytest.fixture
def ref(desk: Desk, runtime: Runtime, time: Time) -> Ref:
    """A ticket that engineering has as an issue."""
    made = desk.control("POST", "zendesk/tickets", {"subject": "Export fails", "body": both.BODY})
    note = {"body": "Reproduced, it needs a code fix.", "public": False, "by": "agent"}
    desk.control("POST", f"zendesk/tickets/{made['id']}/comments", note)
    found = Ref("zendesk", "acme", str(made["id"]))
    ring(runtime, found, f"new {made['id']}")
    return found


def asked(desk: Desk, key: str) -> list[Any]:
    """Our comments on an issue."""
    comments = desk.jira(f"issue/{key}/comment?expand=properties")["comments"]
    return [one for one in comments if "Firstline nudge" in one["body"]]


@pytest.mark.policy("S3-17", "S3-18")
def test_an_issue_in_jira_gets_one_internal_comment_each_48_hours_until_it_is_resolved(
    runtime: Runtime, desk: Desk, time: Time, ref: Ref
) -> None:
    (issue,) = runtime.store.linked(ref)
    for window in (1, 2):
        time.move(hours=48)
        for _ in range(2):
            reconcile(runtime, ref)
            time.move(seconds=30)
        assert len(asked(desk, issue.ref.id)) == window
    comment = asked(desk, issue.ref.id)[0]
    assert comment["properties"] == [{"key": "sd.public.comment", "value": {"internal": True}}]
    assert f"/zendesk/agent/tickets/{ref.id}" in comment["body"]
    assert told(desk, ref, f"Engineering was asked on {issue.ref.id}") == 2
    assert told(desk, ref, "Dev receipt: was due") == 1
    desk.control("POST", f"jira/issues/{issue.ref.id}/edit", {"status": "Done"})
    time.move(hours=49)
    reconcile(runtime, ref)
    assert len(asked(desk, issue.ref.id)) == 2, "it is read before it is asked after, though its event never came"
    assert runtime.store.linked(ref)[0].done


@pytest.mark.policy("S3-16")
def test_what_engineers_do_in_jira_is_a_receipt_and_what_we_do_is_none(
    runtime: Runtime, desk: Desk, time: Time, ref: Ref
) -> None:
    (issue,) = runtime.store.linked(ref)
    assert ring(runtime, issue.ref, f"ours {ref}") == "observed"
    assert runtime.store.linked(ref)[0].heard == (), "our own making of it"
    at = time.move(hours=1)
    desk.control("POST", f"jira/issues/{issue.ref.id}/edit", {"assignee": people.AGENTS[0].email})
    assert ring(runtime, issue.ref, f"taken {ref}") == "observed"
    assert runtime.store.linked(ref)[0].heard == (at,)
    time.move(hours=47)
    reconcile(runtime, ref)
    assert told(desk, ref, "Dev receipt: was due") == 0
    assert told(desk, ref, "Dev followup: was due") == 1
    assert "please confirm" not in asked(desk, issue.ref.id)[0]["body"]
    assert ring(runtime, issue.ref, f"nudged {ref}") == "observed"
    assert runtime.store.linked(ref)[0].heard == (at,), "our own question is no answer"
    assert len(runtime.store.linked(ref)[0].nudges) == 1


@pytest.mark.parametrize("action", ["drop_after_apply", "drop_before_apply", "status:503"])
def test_a_comment_whose_answer_was_lost_stands_in_jira_once(
    runtime: Runtime, desk: Desk, time: Time, ref: Ref, action: str
) -> None:
    (issue,) = runtime.store.linked(ref)
    time.move(hours=48)
    desk.control("POST", "faults", {"action": action, "vendor": "jira", "method": "POST", "path_contains": "/comment"})
    for _ in range(3):
        reconcile(runtime, ref)
        time.move(minutes=10)
    assert len(asked(desk, issue.ref.id)) == 1
    assert told(desk, ref, "Dev followup: was due") == 1
    assert {one.state for one in runtime.store.effects_of(ref) if one.kind == "nudge"} == {"confirmed"}


def test_where_we_may_not_comment_the_ticket_is_told_once(runtime: Runtime, desk: Desk, time: Time, ref: Ref) -> None:
    fault = {"action": "status:403", "vendor": "jira", "method": "POST", "path_contains": "/comment", "times": 9}
    desk.control("POST", "faults", fault)
    for _ in range(2):
        time.move(hours=48)
        reconcile(runtime, ref)
        time.move(minutes=5)
        reconcile(runtime, ref)
    assert told(desk, ref, "Engineering could not be asked on") == 1
    assert told(desk, ref, "Dev followup: was due") == 2


def test_in_a_service_project_no_customer_sees_the_question(runtime: Runtime, desk: Desk, time: Time, ref: Ref) -> None:
    made = desk.control("POST", "jira/issues", {"subject": "x", "body": "x", "project": "SUP"})
    issue = Ref("jira", "dev", made["key"])
    ticket = runtime.client("zendesk", "acme").fetch(ref)
    runtime.store.link(ticket, LinkedIssue(issue, "known_issue"), runtime.now())
    reconcile(runtime, ref)
    time.move(hours=48)
    reconcile(runtime, ref)
    (comment,) = asked(desk, issue.id)
    assert comment["jsdPublic"] is False
