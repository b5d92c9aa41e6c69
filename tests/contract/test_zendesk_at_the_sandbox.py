"""The Zendesk client at the sandbox: what was sent is what the ticket then shows, in one PUT, with no key dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from app.errors import Busy, Conflict, Gone, Refused
from app.sandbox.server import Sandbox
from app.sandbox.zendesk.records import WAITING
from app.triage import effects
from app.triage.actions import (
    Action,
    AddFollowers,
    AddNote,
    AddTags,
    Assign,
    Link,
    RemoveOwnTags,
    Route,
    SetFields,
    SetPriority,
    SetStatus,
    Unassign,
)
from app.triage.ticket import Ref, Status, Ticket
from app.vendors.zendesk.client import ZendeskClient
from config.accounts import ZendeskAccount
from tests.contract.test_sandbox_zendesk import Desk, running

__all__ = ["running"]  # fixture


@pytest.fixture
def desk(running: Sandbox) -> Desk:
    running.account.limits.updates.total = 0
    return Desk(running)


@pytest.fixture
def client(running: Sandbox) -> Iterator[ZendeskClient]:
    told: dict[str, Any] = {"email": "firstline@sandbox.example", "token": SecretStr("sandbox")}
    fields = {"severity": "36000000000101", "label": "36000000000102"}
    yield ZendeskClient(ZendeskAccount(name="acme", url=f"{running.url}/zendesk", fields=fields, **told))


def read(client: ZendeskClient, number: int) -> Ticket:
    return client.fetch(Ref("zendesk", "acme", str(number)))


def user(sandbox: Sandbox, name: str) -> str:
    return next(str(one["id"]) for one in sandbox.account.records.users.values() if one["name"] == name)


def test_everything_at_once_is_one_put_and_shows(desk: Desk, client: ZendeskClient, running: Sandbox) -> None:
    problem, number = desk.new(type="problem"), desk.new(tags=["vip", "stale"])
    actions: list[Action] = [
        SetPriority("urgent"),
        AddTags(("sev-p1",)),
        RemoveOwnTags(("stale",)),
        SetFields((("severity", "P1"),)),
        Route("engineering", "Engineering"),
        Assign(user(running, "Priya Raman")),
        AddFollowers((user(running, "Dana Okafor"), user(running, "Miguel Soares"))),
        Link(Ref("zendesk", "acme", str(problem)), "incident"),
        SetStatus("Waiting for engineering"),
        AddNote("Rated P1.", "0123456789ab"),
    ]
    ticket = read(client, number)
    desk.control("DELETE", "requests")
    (write,), impossible = client.writes(ticket, actions)
    assert impossible == {}
    left = client.send(write)
    assert [one["method"] for one in desk.control("GET", "requests")] == ["GET"] * 4 + ["PUT"]
    after = read(client, number)
    assert after.version == left
    assert [one for one in actions if not isinstance(one, AddNote) and not effects.shows(after, one)] == []
    assert (after.status, after.tags) == (Status.HOLD, {"vip", "sev-p1"})
    assert desk.ticket(number)["custom_status_id"] == WAITING
    assert not after.comments[-1].public


def test_a_person_is_taken_off(desk: Desk, client: ZendeskClient, running: Sandbox) -> None:
    number = desk.new()
    desk.control("POST", f"zendesk/tickets/{number}/edit", {"assignee": "dana@sandbox.example"})
    ticket = read(client, number)
    action = Unassign(ticket.assignee)
    client.send(client.writes(ticket, [action])[0][0])
    assert read(client, number).assignee == ""


def test_nothing_is_left_to_write_when_it_is_planned_again(desk: Desk, client: ZendeskClient, running: Sandbox) -> None:
    problem, number = desk.new(type="problem"), desk.new()
    again: list[Action] = [
        AddFollowers((user(running, "Dana Okafor"),)),
        Assign(user(running, "Dana Okafor")),
        Link(Ref("zendesk", "acme", str(problem)), "incident"),
    ]
    client.send(client.writes(read(client, number), again)[0][0])
    assert client.writes(read(client, number), again) == ((), {})


def test_an_edit_between_our_read_and_our_write_is_a_conflict(desk: Desk, client: ZendeskClient) -> None:
    number = desk.new()
    ticket = read(client, number)
    desk.control("POST", f"zendesk/tickets/{number}/edit", {"add_tags": ["by-hand"]})
    with pytest.raises(Conflict):
        client.send(client.writes(ticket, [AddTags(("ours",))])[0][0])
    assert desk.ticket(number)["tags"] == ["by-hand"]


def test_a_ticket_closed_between_our_read_and_our_write_refuses(desk: Desk, client: ZendeskClient) -> None:
    number = desk.new()
    ticket = read(client, number)
    desk.control("POST", f"zendesk/tickets/{number}/edit", {"status": "closed"})
    with pytest.raises(Refused, match="RecordInvalid, status"):
        client.send(client.writes(ticket, [AddTags(("ours",))])[0][0])


def test_a_follow_up_with_attachments_is_read_as_such(desk: Desk, client: ZendeskClient) -> None:
    number = desk.new()
    desk.control("POST", f"zendesk/tickets/{number}/edit", {"status": "closed"})
    desk.control("POST", f"zendesk/tickets/{number}/comments", {"body": "Again", "attachments": ["log.txt"]})
    ticket = read(client, desk.ticket(number)["followup_ids"][0])
    assert (ticket.follow_up_of, ticket.attachments) == (str(number), ("log.txt",))


@pytest.mark.parametrize("way", ["DELETE", "PUT"])
def test_a_deleted_ticket_and_spam_are_gone_for_ever(desk: Desk, client: ZendeskClient, way: str) -> None:
    number = desk.new()
    path = f"tickets/{number}" if way == "DELETE" else f"tickets/{number}/mark_as_spam"
    assert desk.api(way, path).ok
    for _ in range(2):
        with pytest.raises(Gone):
            read(client, number)
        desk.api("DELETE", f"deleted_tickets/{number}")


def test_a_merged_ticket_is_closed_and_tagged(desk: Desk, client: ZendeskClient) -> None:
    target, source = desk.new(), desk.new()
    desk.api("POST", f"tickets/{target}/merge", {"ids": [source]})
    ticket = read(client, source)
    assert ticket.status is Status.CLOSED
    assert "closed_by_merge" in ticket.tags


def test_more_jobs_than_zendesk_takes_are_a_reason_to_wait(desk: Desk, client: ZendeskClient, running: Sandbox) -> None:
    number = desk.new()
    running.account.records.jobs.clear()
    desk.control("POST", "settings", {"zendesk_jobs_at_once": 1})
    job = client.retag([str(number)], ["late"], ["vip"])
    with pytest.raises(Busy) as caught:
        client.retag([str(number)], ["late"], ["vip"])
    assert caught.value.after
    assert [client.job(job).state for _ in range(3)] == ["queued", "working", "completed"]
    assert client.retag([str(number)], [], ["late"])
    desk.control("POST", "settings", {"zendesk_jobs_at_once": 30})
