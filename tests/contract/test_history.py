"""A ticket's own history as it is read from both vendors' sandboxes, and the requests that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import responses
from pydantic import SecretStr

from app.sandbox.server import Sandbox
from app.sandbox.zendesk.records import WAITING
from app.triage.ticket import Change, Ref, Status, Ticket
from app.vendors.zendesk.client import ZendeskClient
from config.accounts import ZendeskAccount
from tests.contract.jira_sites import DEPLOYMENTS, JiraSite
from tests.contract.jira_sites import running as jira_running
from tests.contract.test_sandbox_zendesk import Desk, running
from tests.contract.test_zendesk_client import AUDITS, BASE, RAW, account, comment, described_wire, fetched, shows

__all__ = ["running"]  # fixture
DANA, MIGUEL = "dana@sandbox.example", "miguel@sandbox.example"


def told(ticket: Ticket) -> list[tuple[Any, ...]]:
    return [(one.by, one.field, one.old, one.new, one.status) for one in ticket.history]


def in_order(history: tuple[Change, ...], ticket: Ticket) -> bool:
    """Whether each change comes after the one before, and all between the ticket's making and its last change."""
    moments = [ticket.created_at, *(one.at for one in history), ticket.updated_at]
    return all(earlier <= later for earlier, later in pairwise(moments))


# Zendesk


@pytest.fixture
def desk(running: Sandbox) -> Desk:
    running.account.limits.updates.total = running.account.limits.per_ticket.total = 0
    return Desk(running)


@pytest.fixture
def client(running: Sandbox) -> ZendeskClient:
    login: dict[str, Any] = {"email": "firstline@sandbox.example", "token": SecretStr("sandbox")}
    client = ZendeskClient(ZendeskAccount(name="acme", url=f"{running.url}/zendesk", **login))
    client.whoami()
    return client


def read(client: ZendeskClient, number: int) -> Ticket:
    return client.fetch(Ref("zendesk", "acme", str(number)))


def asked(sandbox: Sandbox, number: int | str) -> list[str]:
    """What was asked of a ticket since the last time."""
    paths = [one["path"] for one in sandbox.journal.requests()]
    sandbox.journal.clear()
    return [path.rpartition("/")[2] for path in paths if f"/tickets/{number}" in path]


def user(sandbox: Sandbox, email: str) -> str:
    return str(next(one["id"] for one in sandbox.account.records.users.values() if one["email"] == email))


def test_a_new_zendesk_ticket_has_no_history_and_no_read_is_spent_on_it(
    desk: Desk, client: ZendeskClient, running: Sandbox
) -> None:
    number = desk.new(tags=["vip"], priority="high")
    running.journal.clear()
    assert read(client, number).history == ()
    assert asked(running, number) == [f"{number}.json", "comments.json"]


def test_what_agents_customers_and_we_did_to_a_zendesk_ticket_is_told(
    desk: Desk, client: ZendeskClient, running: Sandbox
) -> None:
    number, dana, us = desk.new(tags=["vip"]), user(running, DANA), client.whoami()
    customer = str(desk.ticket(number)["requester_id"])
    edit = f"zendesk/tickets/{number}/edit"
    desk.control("POST", edit, {"by": DANA, "group": "Frontline Support", "assignee": DANA})
    desk.put(number, priority="urgent", tags=["vip", "sev-p1"], comment={"body": "Rated P1.", "public": False})
    desk.put(number, custom_status_id=WAITING)
    desk.control("POST", f"zendesk/tickets/{number}/comments", {"by": "customer", "body": "Any news?"})
    desk.control("POST", edit, {"by": DANA, "status": "solved", "remove_tags": ["vip"]})
    running.journal.clear()
    ticket = read(client, number)
    assert told(ticket) == [
        (dana, "assignee", "", dana, None),
        (dana, "group", "", "Frontline Support", None),
        (dana, "status", "new", "open", Status.OPEN),
        (us, "priority", "", "urgent", None),
        (us, "tags", "vip", "sev-p1 vip", None),
        (us, "status", "open", "Waiting for engineering", Status.HOLD),
        (customer, "status", "Waiting for engineering", "open", Status.OPEN),
        (dana, "tags", "sev-p1 vip", "sev-p1", None),
        (dana, "status", "open", "solved", Status.SOLVED),
    ]
    assert in_order(ticket.history, ticket)
    assert asked(running, number) == [f"{number}.json", "comments.json", "audits.json"]
    assert (ticket.set_by("status"), ticket.set_by("priority")) == (dana, us)


def test_the_names_that_a_history_tells_by_id_are_asked_for_once(
    desk: Desk, client: ZendeskClient, running: Sandbox
) -> None:
    numbers = [desk.new(), desk.new()]
    for number in numbers:
        for group in ("Frontline Support", "Engineering"):
            desk.control("POST", f"zendesk/tickets/{number}/edit", {"group": group})
        desk.put(number, custom_status_id=WAITING)
    running.journal.clear()
    for number in numbers:
        ticket = read(client, number)
        assert [one.new for one in ticket.history if one.field == "group"] == ["Frontline Support", "Engineering"]
        assert ticket.status_name == ticket.history[-1].new == "Waiting for engineering"
    paths = [one["path"].rpartition("/")[2] for one in running.journal.requests()]
    assert (paths.count("groups.json"), paths.count("custom_statuses.json")) == (1, 1)


def test_more_than_a_hundred_audits_are_read_page_by_page(desk: Desk, client: ZendeskClient, running: Sandbox) -> None:
    number = desk.new()
    for turn in range(130):
        desk.put(number, priority="high" if turn % 2 else "low")
    running.journal.clear()
    history = read(client, number).history
    assert [one.new for one in history] == ["low", "high"] * 65
    assert [one.old for one in history] == ["", *("low", "high") * 64, "low"]
    assert asked(running, number).count("audits.json") == 2


@pytest.fixture
def zendesk() -> Iterator[responses.RequestsMock]:
    with described_wire() as wire:
        yield wire


def audit(number: int, name: str, old: Any, new: Any) -> dict[str, Any]:
    event = {"id": number, "type": "Change", "field_name": name, "previous_value": old, "value": new}
    return {"id": number, "created_at": f"2026-03-01T10:{number:02}:00Z", "author_id": 12, "events": [event]}


def test_a_groups_present_name_comes_with_the_ticket_and_another_is_looked_up_even_if_it_was_deleted(
    zendesk: responses.RequestsMock,
) -> None:
    groups = [{"id": 71, "name": "Support"}, {"id": 72, "name": "Old desk", "deleted": True}]
    moved = [audit(1, "group_id", None, "71")]
    zendesk.upsert("GET", AUDITS, json={"audits": moved})
    assert fetched(zendesk, [comment(1, 11, "x")]).history[0].new == "Support"
    zendesk.get(f"{BASE}/api/v2/groups.json", json={"groups": groups})
    zendesk.upsert(
        "GET", AUDITS, json={"audits": [*moved, audit(2, "group_id", "71", "72"), audit(3, "group_id", 72, 9)]}
    )
    assert [one.new for one in fetched(zendesk, [comment(1, 11, "x")]).history] == ["Support", "Old desk", "9"]


def test_a_status_that_was_switched_off_keeps_its_label_in_the_history(zendesk: responses.RequestsMock) -> None:
    listed = [{"id": 6, "agent_label": "Old", "status_category": "hold", "active": False}]
    zendesk.get(f"{BASE}/api/v2/custom_statuses.json", json={"custom_statuses": listed})
    zendesk.upsert("GET", AUDITS, json={"audits": [audit(1, "custom_status_id", 1, 6)]})
    assert fetched(zendesk, [comment(1, 11, "x")]).history[0].new == "Old"


@pytest.mark.parametrize("answer", [403, 404])
def test_where_a_plan_has_no_custom_statuses_the_six_words_do(zendesk: responses.RequestsMock, answer: int) -> None:
    zendesk.get(f"{BASE}/api/v2/custom_statuses.json", status=answer)
    both = audit(1, "status", "new", "hold")
    both["events"] += audit(1, "custom_status_id", 1, 6)["events"]
    zendesk.upsert("GET", AUDITS, json={"audits": [both]})
    shows(zendesk, [comment(1, 11, "x")], status="hold", custom_status_id=6)
    client = ZendeskClient(account())
    for _ in range(3):
        ticket = client.fetch(Ref("zendesk", "acme", str(RAW["id"])))
        assert ticket.status_name == ticket.history[0].new == "hold"
    paths = [call.request.path_url for call in zendesk.calls]
    assert paths.count("/api/v2/custom_statuses.json") == 1


# Jira


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def site(request: pytest.FixtureRequest) -> Iterator[JiraSite]:
    with jira_running(request.param) as one:
        yield one


def test_what_agents_customers_and_we_did_to_an_issue_is_told_in_one_read(site: JiraSite) -> None:
    """The site's statuses are asked for besides, once: the issue no longer tells what "Waiting for support" means. A
    Data Center's desk is asked for the thread besides, as always."""
    client = site.client()
    dana, miguel, us = site.user(DANA), site.user(MIGUEL), client.whoami()
    key = site.new(requester={"name": "Ann", "email": "ann@lumenpress.example"}, tags=["vip"])
    customer, edit = site.user("ann@lumenpress.example"), f"jira/issues/{key}/edit"
    assert site.read(client, key).history == ()
    site.control("POST", edit, {"by": DANA, "assignee": DANA, "status": "Waiting for customer"})
    site.control("POST", f"jira/issues/{key}/comments", {"by": "customer", "body": "Here it is"})
    site.control("POST", edit, {"by": DANA, "assignee": MIGUEL, "priority": "High", "add_tags": ["sev-p1"]})
    client.ask("PUT", f"/rest/api/2/issue/{key}", body={"update": {"labels": [{"remove": "vip"}]}})
    site.control("POST", edit, {"by": MIGUEL, "assignee": None, "status": "Resolved"})
    site.control("POST", edit, {"by": MIGUEL, "status": "Closed"})
    for once in (["status"], []):
        before = len(site.asked())
        ticket = site.read(client, key)
        paths = [path.rpartition("/")[2] for _, path in site.asked()[before:]]
        assert [path for path in paths if path != "comment"] == [key, *once]
    assert told(ticket) == [
        (dana, "assignee", "", dana, None),
        (dana, "status", "Waiting for support", "Waiting for customer", Status.PENDING),
        (customer, "status", "Waiting for customer", "Waiting for support", Status.NEW),
        (dana, "priority", "Medium", "High", None),
        (dana, "assignee", dana, miguel, None),
        (dana, "tags", "vip", "sev-p1 vip", None),
        (us, "tags", "sev-p1 vip", "sev-p1", None),
        (miguel, "assignee", miguel, "", None),
        (miguel, "status", "Waiting for support", "Resolved", Status.SOLVED),
        (miguel, "status", "Resolved", "Closed", Status.CLOSED),
    ]
    assert in_order(ticket.history, ticket)
    assert (ticket.set_by("status"), ticket.set_by("priority"), ticket.set_by("group")) == (miguel, dana, None)


def test_a_changelog_longer_than_the_cloud_shows_is_read_to_its_beginning(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    client.whoami()
    for turn in range(130):
        site.control("POST", f"jira/issues/{key}/edit", {"priority": "Low" if turn % 2 else "High"})
    before = len(site.asked())
    ticket = site.read(client, key)
    assert [one.new for one in ticket.history] == ["High", "Low"] * 65
    assert [one.old for one in ticket.history] == ["Medium", *("High", "Low") * 64, "High"]
    more = [("GET", f"/api/2/issue/{key}/changelog")] if site.deployment == "cloud" else []
    assert site.asked()[before:] == [("GET", f"/api/2/issue/{key}"), *more]
