"""Each fault at each write, once and several times in a row: in the end there is exactly one of it.

What is the same however often it is sent (labels, people, links) is sent again. A note, a move and a new issue are
looked for first, as the worker does and as the bridge does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.errors import Busy, OutcomeUnknown, Retryable
from app.triage.actions import Action, AddFollowers, AddNote, AddTags, Assign, Link, SetPriority, SetStatus
from app.triage.bridge import NewIssue, RemoteLink
from app.triage.effects import shows
from app.triage.marks import marks_in
from app.triage.ticket import Ref
from app.vendors.jira.client import JiraClient
from tests.contract.jira_sites import JiraSite, running

FAULTS = [
    (action, times) for action in ("drop_before_apply", "drop_after_apply", "truncate", "html502", "429")
    for times in (1, 3)
] + [("hang_after_apply", 1)]  # fmt: skip
TIMEOUT = 0.5
DANA = "dana@sandbox.example"
MARK = "0123456789ab"
NOTE = AddNote(f"Rated P1.\n\nFirstline note {MARK}", MARK)


@pytest.fixture(scope="module")
def running_site() -> Iterator[JiraSite]:
    with running("cloud") as one:
        yield one


@pytest.fixture(params=FAULTS, ids=lambda fault: f"{fault[0]} x{fault[1]}")
def arm(request: pytest.FixtureRequest, running_site: JiraSite) -> Iterator[Callable[[], None]]:
    """Lets the next writes meet the fault, each of both methods so many times."""
    action, times = request.param
    delay = TIMEOUT + 0.1 if action.startswith("hang") else 0.0

    def armed() -> None:
        for method in ("PUT", "POST"):
            fault = {"action": action, "vendor": "jira", "times": times, "delay": delay, "method": method}
            running_site.control("POST", "faults", fault)

    yield armed
    running_site.control("DELETE", "faults")


@pytest.fixture
def site(running_site: JiraSite) -> JiraSite:
    return running_site


def until_done(act: Callable[[], object]) -> None:
    """Again after each fault, as the queue would."""
    for _ in range(8):
        try:
            act()
            return
        except Retryable:
            continue
    raise AssertionError("never done")


def settled(site: JiraSite, client: JiraClient, key: str, action: Action) -> None:
    """Send what the issue does not show yet."""
    ticket = site.read(client, key)
    if not shows(ticket, action):
        for write in client.writes(ticket, [action])[0]:
            client.send(write)


def test_labels_priority_and_assignee(site: JiraSite, arm: Callable[[], None]) -> None:
    key, client = site.new(labels=["by-agent"]), site.client(timeout=TIMEOUT)
    put, _ = client.writes(site.read(client, key), [AddTags(("sev-p1",)), SetPriority("High"), Assign(site.user(DANA))])
    arm()
    until_done(lambda: [client.send(write) for write in put])
    values = site.state(key)["values"]
    assert values["labels"] == ["by-agent", "sev-p1"]
    assert (values["priority"], bool(values["assignee"])) == ("High", True)
    assert [len(one["items"]) for one in site.state(key)["histories"]] == [2, 1], "each field changed once"


@pytest.mark.parametrize("what", ["link", "watcher", "remote link"])
def test_what_hangs_on_an_issue(site: JiraSite, arm: Callable[[], None], what: str) -> None:
    key, other, client = site.new(), site.new(), site.client(timeout=TIMEOUT)
    ticket = site.read(client, key)
    actions: dict[str, Action] = {
        "link": Link(Ref("jira", "acme", other), "duplicate"),
        "watcher": AddFollowers((site.user(DANA),)),
    }
    arm()
    if what == "remote link":
        until_done(lambda: client.link_remote(ticket.ref, RemoteLink("g", "https://a.example/1", "One")))
    else:
        (write,), _ = client.writes(ticket, [actions[what]])
        until_done(lambda: client.send(write))
    state = site.state(key)
    counts = {
        "link": len(state["rendered"]["fields"]["issuelinks"]),
        "watcher": len(state["watchers"]),
        "remote link": len(state["remote_links"]),
    }
    assert counts == {"link": 0, "watcher": 0, "remote link": 0} | {what: 1}
    assert state["comments"] == []


@pytest.mark.parametrize("action", [NOTE, SetStatus("Triaged")], ids=["note", "move"])
def test_what_is_looked_for_before_it_is_sent_again(site: JiraSite, arm: Callable[[], None], action: Action) -> None:
    key, client = site.new(), site.client(timeout=TIMEOUT)
    client.whoami()
    arm()
    until_done(lambda: settled(site, client, key, action))
    state = site.state(key)
    if action is NOTE:
        assert [(marks_in(one["body"]), one["public"]) for one in state["comments"]] == [((MARK,), False)]
    else:
        assert (state["status"], len(state["histories"])) == ("Triaged", 1)


def test_a_new_issue(site: JiraSite, arm: Callable[[], None]) -> None:
    client, marker = site.client(timeout=TIMEOUT), f"triage-{site.new()}"
    issue = NewIssue("ENG", "Bug", "Checkout is down", "It fails.", marker)
    unknown: list[Any] = []

    def make() -> None:
        if unknown and client.find_issue(marker):
            return
        try:
            client.create_issue(issue)
        except OutcomeUnknown as error:
            unknown.append(error)
            raise

    arm()
    until_done(make)
    labels = [one.values["labels"] for one in site.sandbox.site.records.issues.values()]
    assert sum(marker in one for one in labels) == 1


def test_too_many_writes_to_one_issue_wait_and_other_issues_go_on(site: JiraSite) -> None:
    """``jira-per-issue-on-write``: 20 in 2 seconds. Only that issue has to wait."""
    key, other, client = site.new(), site.new(), site.client()
    puts = [client.writes(site.read(client, one), [AddTags(("a",))])[0][0] for one in (key, other)]
    with pytest.raises(Busy) as caught:
        for _ in range(21):
            client.send(puts[0])
    assert caught.value.after is not None
    assert 0 < caught.value.after <= 2
    client.send(puts[1])
