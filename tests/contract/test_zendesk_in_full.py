"""The Zendesk client beyond tags and notes: people, links, statuses, what a ticket hangs on, lists and jobs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses

from app.errors import Busy, Gone, OutcomeUnknown, Refused, Unavailable
from app.triage import effects
from app.triage.actions import AddFollowers, AddTags, Assign, Link, Route, SetPriority, SetStatus, Unassign
from app.triage.ticket import Ref, Status
from app.vendors import Change, Job
from app.vendors.zendesk.client import ZendeskClient
from tests.contract.test_zendesk_client import BASE, RAW, account, comment, described_wire, fetched, sent, shows

REF = Ref("zendesk", "acme", "35436")
PROBLEM = Ref("zendesk", "acme", "77")
EXPORT = f"{BASE}/api/v2/incremental/tickets/cursor.json"
JOB = {"id": "8b72", "status": "queued", "results": None}


@pytest.fixture
def zendesk() -> Iterator[responses.RequestsMock]:
    with described_wire() as wire:
        yield wire


def there(wire: responses.RequestsMock, number: str = "77", kind: str | None = "problem") -> None:
    wire.get(f"{BASE}/api/v2/tickets/{number}.json", json={"ticket": {"id": int(number), "type": kind}})


# People


def staff(wire: responses.RequestsMock) -> None:
    """12 is in Support and Data, 13 in Support, 14 in Data, 98 in none, and 99 is nobody."""
    groups = [{"id": 71, "name": "Support"}, {"id": 72, "name": "Data"}]
    wire.get(f"{BASE}/api/v2/groups.json", json={"groups": groups})
    for user, theirs in ((12, (71, 72)), (13, (71,)), (14, (72,)), (98, ())):
        members = [{"id": group, "user_id": user, "group_id": group} for group in theirs]
        wire.get(f"{BASE}/api/v2/users/{user}/group_memberships.json", json={"group_memberships": members})
    wire.get(f"{BASE}/api/v2/users/99/group_memberships.json", status=404, json={"error": "RecordNotFound"})


def test_a_ticket_is_given_to_a_person(zendesk: responses.RequestsMock) -> None:
    staff(zendesk)
    body = sent(zendesk, fetched(zendesk, [comment(1, 11, "x")]), Assign("12"))
    assert body["assignee_id"] == 12


def test_a_person_is_taken_off_by_a_null_that_is_sent(zendesk: responses.RequestsMock) -> None:
    body = sent(zendesk, fetched(zendesk, [comment(1, 11, "x")], assignee_id=12), Unassign("12"))
    assert body == {"assignee_id": None, "safe_update": True, "updated_stamp": RAW["updated_at"]}


def test_one_is_taken_off_and_another_gets_the_ticket_in_one_put(zendesk: responses.RequestsMock) -> None:
    staff(zendesk)
    ticket = fetched(zendesk, [comment(1, 11, "x")], assignee_id=12)
    assert sent(zendesk, ticket, Unassign("12"), Assign("13"))["assignee_id"] == 13


@pytest.mark.parametrize(
    ("actions", "refused"),
    [
        ((Assign("14"),), "group 71"),
        ((Assign("98"),), "group 71"),
        ((Assign("99"),), "group 71"),
        ((Assign("13"), Route("data", "Data")), "group 72"),
        ((Assign("14"), Route("data", "Data")), ""),
        ((Assign("12"), Route("data", "No such group")), ""),
    ],
)
def test_who_is_not_in_the_tickets_group_is_not_given_it_and_the_rest_is_done(
    zendesk: responses.RequestsMock, actions: tuple[Any, ...], refused: str
) -> None:
    staff(zendesk)
    ticket = fetched(zendesk, [comment(1, 11, "x")])
    (write,), impossible = ZendeskClient(account()).writes(ticket, [*actions, SetPriority("low")])
    assert SetPriority("low") in write.actions
    assert (actions[0] in write.actions) is not refused.startswith("group")
    assert refused in impossible.get(actions[0], "")


def test_a_ticket_without_a_group_is_given_to_nobody_who_is_in_none(zendesk: responses.RequestsMock) -> None:
    staff(zendesk)
    ticket = fetched(zendesk, [comment(1, 11, "x")], group_id=None)
    client = ZendeskClient(account())
    for _ in range(3):
        assert client.writes(ticket, [Assign("14")])[0][0].body["ticket"]["assignee_id"] == 14
    assert "any group" in client.writes(ticket, [Assign("99")])[1][Assign("99")]
    asked = [call.request.path_url.partition("?")[0] for call in zendesk.calls]
    assert asked.count("/api/v2/users/14/group_memberships.json") == 1


def test_who_took_the_ticket_meanwhile_is_not_taken_off(zendesk: responses.RequestsMock) -> None:
    ticket = fetched(zendesk, [comment(1, 11, "x")], assignee_id=14)
    assert ZendeskClient(account()).writes(ticket, [Unassign("12")]) == ((), {})


def test_only_those_who_do_not_follow_yet_are_added_and_nobody_is_removed(zendesk: responses.RequestsMock) -> None:
    ticket = fetched(zendesk, [comment(1, 11, "x")], follower_ids=[21, 22])
    assert ticket.followers == {"21", "22"}
    body = sent(zendesk, ticket, AddFollowers(("22", "23", "24")))
    assert body["followers"] == [{"user_id": "23", "action": "put"}, {"user_id": "24", "action": "put"}]


@pytest.mark.parametrize(
    ("action", "changes"),
    [(Assign("12"), {"assignee_id": 12}), (AddFollowers(("21",)), {"follower_ids": [21]}), (Unassign("12"), {})],
)
def test_what_people_are_to_do_already_is_not_written(
    zendesk: responses.RequestsMock, action: Any, changes: dict[str, Any]
) -> None:
    ticket = fetched(zendesk, [comment(1, 11, "x")], **changes)
    assert effects.shows(ticket, action)
    assert ZendeskClient(account()).writes(ticket, [action]) == ((), {})


@pytest.mark.parametrize(("action", "setting"), [(Assign("dana"), "AGENTS"), (AddFollowers(("1", "d@x")), "PEOPLE")])
def test_who_is_no_user_id_is_named_by_its_setting(zendesk: responses.RequestsMock, action: Any, setting: str) -> None:
    staff(zendesk)
    client = ZendeskClient(account())
    writes, impossible = client.writes(fetched(zendesk, [comment(1, 11, "x")]), [action, SetPriority("low")])
    assert f"TRIAGE_ZENDESK__ACME__{setting}" in impossible[action]
    assert writes[0].actions == (SetPriority("low"),)


# Links


@pytest.mark.parametrize("relation", ["incident", "duplicate", "relates"])
def test_a_report_of_a_known_problem_becomes_its_incident_in_the_same_put(
    zendesk: responses.RequestsMock, relation: Any
) -> None:
    there(zendesk)
    body = sent(zendesk, fetched(zendesk, [comment(1, 11, "x")], type=None), Link(PROBLEM, relation), AddTags(("a",)))
    assert (body["type"], body["problem_id"]) == ("incident", 77)
    assert "a" in body["tags"]


def test_an_incident_tells_its_problem_and_is_not_linked_again(zendesk: responses.RequestsMock) -> None:
    there(zendesk)
    ticket = fetched(zendesk, [comment(1, 11, "x")], problem_id=77)
    assert ticket.links == {("incident", PROBLEM)}
    assert ZendeskClient(account()).writes(ticket, [Link(PROBLEM, "incident")]) == ((), {})


@pytest.mark.parametrize(
    ("to", "changes", "said"),
    [
        (PROBLEM, {"type": "problem"}, "a problem itself"),
        (PROBLEM, {"problem_id": 76}, "another problem"),
        (Ref("zendesk", "acme", "78"), {}, "no problem"),
        (Ref("zendesk", "acme", "404"), {}, "no problem"),
        (Ref("zendesk", "acme", "../77"), {}, "no problem"),
        (Ref("zendesk", "other", "77"), {}, "of this account"),
        (Ref("jira", "acme", "SUP-1"), {}, "of this account"),
        (REF, {}, "of this account"),
    ],
)
def test_a_link_that_zendesk_cannot_hold_is_told_and_the_rest_is_done(
    zendesk: responses.RequestsMock, to: Ref, changes: dict[str, Any], said: str
) -> None:
    there(zendesk)
    there(zendesk, "78", "question")
    zendesk.get(f"{BASE}/api/v2/tickets/404.json", status=404, json={"error": "RecordNotFound"})
    ticket = fetched(zendesk, [comment(1, 11, "x")], **changes)
    action = Link(to, "duplicate")
    writes, impossible = ZendeskClient(account()).writes(ticket, [action, SetPriority("low")])
    assert said in impossible[action]
    assert [write.actions for write in writes] == [(SetPriority("low"),)]


# Statuses


def custom_statuses(wire: responses.RequestsMock) -> None:
    listed = [
        {"id": 1, "agent_label": "Open", "status_category": "open", "active": True, "default": True},
        {"id": 5, "agent_label": "Waiting for engineering", "status_category": "hold", "active": True},
        {"id": 6, "agent_label": "Old", "status_category": "hold", "active": False},
    ]
    wire.get(f"{BASE}/api/v2/custom_statuses.json", json={"custom_statuses": listed})


def test_a_custom_status_goes_by_its_label_and_the_list_is_read_once(zendesk: responses.RequestsMock) -> None:
    custom_statuses(zendesk)
    shows(zendesk, [comment(1, 11, "x")], status="hold", custom_status_id=5)
    client = ZendeskClient(account())
    for _ in range(2):
        (write,), _nothing = client.writes(client.fetch(REF), [SetStatus("waiting for Engineering")])
        assert write.body["ticket"]["custom_status_id"] == 5
        assert "status" not in write.body["ticket"]
    ticket = client.fetch(REF)
    assert ticket.status is Status.HOLD
    assert effects.shows(ticket, SetStatus("Waiting for engineering"))
    asked = [call.request.path_url for call in zendesk.calls]
    assert asked.count("/api/v2/custom_statuses.json") == 1


def test_the_default_status_of_a_category_goes_by_its_label_too_and_reads_as_the_category(
    zendesk: responses.RequestsMock,
) -> None:
    listed = {"id": 4, "agent_label": "On-hold", "status_category": "hold", "active": True, "default": True}
    zendesk.get(f"{BASE}/api/v2/custom_statuses.json", json={"custom_statuses": [listed]})
    shows(zendesk, [comment(1, 11, "x")], status="hold", custom_status_id=4)
    client = ZendeskClient(account())
    (write,), _nothing = client.writes(client.fetch(REF), [SetStatus("On-hold")])
    assert write.body["ticket"]["custom_status_id"] == 4
    assert client.fetch(REF).status_name == "hold"


def test_one_of_the_six_statuses_reads_no_list(zendesk: responses.RequestsMock) -> None:
    assert sent(zendesk, fetched(zendesk, [comment(1, 11, "x")]), SetStatus("Open"))["status"] == "open"


def test_a_status_that_is_switched_off_is_none(zendesk: responses.RequestsMock) -> None:
    custom_statuses(zendesk)
    ticket = fetched(zendesk, [comment(1, 11, "x")])
    writes, impossible = ZendeskClient(account()).writes(ticket, [SetStatus("Old")])
    assert writes == ()
    assert "agent label" in impossible[SetStatus("Old")]


# What a ticket shows besides


def test_attachments_are_known_by_their_names_alone(zendesk: responses.RequestsMock) -> None:
    file = {"file_name": "log\x00.txt", "content_url": f"{BASE}/attachments/token/x/?name=log.txt", "size": 5}
    first, second = comment(1, 11, "It fails"), comment(2, 11, "Here")
    ticket = fetched(zendesk, [first | {"attachments": [file, {"file_name": None}]}, second | {"attachments": [file]}])
    assert ticket.attachments == ("log.txt", "")
    assert ticket.comments[0].attachments == ("log.txt",)
    assert "content_url" not in str(ticket)
    assert not any("attachments" in call.request.path_url for call in zendesk.calls), "nothing is fetched"


@pytest.mark.parametrize(
    ("via", "source"),
    [
        ({"channel": "email", "source": {"from": {"ticket_id": 9}, "rel": "follow_up"}}, "9"),
        ({"channel": "email", "source": {"from": {"ticket_id": 9}, "rel": "problem"}}, ""),
        ({"channel": "email", "source": {"from": None, "rel": "follow_up"}}, ""),
        (None, ""),
    ],
)
def test_a_follow_up_names_the_closed_ticket_it_goes_on_with(
    zendesk: responses.RequestsMock, via: Any, source: str
) -> None:
    assert fetched(zendesk, [comment(1, 11, "x")], via=via).follow_up_of == source


@pytest.mark.parametrize(
    ("flag", "strategic"), [(True, True), ("Yes", True), ("1", True), (False, False), (None, False)]
)
@pytest.mark.parametrize("place", ["organization", "user", "field"])
def test_a_strategic_customer_is_marked_in_any_of_three_places(
    zendesk: responses.RequestsMock, place: str, flag: Any, strategic: bool
) -> None:
    organization = {
        "id": 51,
        "name": "Acme",
        "organization_fields": {"strategic": flag if place == "organization" else None},
    }
    user = {"id": 11, "role": "end-user", "user_fields": {"strategic": flag} if place == "user" else {}}
    fields = [{"id": 360009, "value": flag if place == "field" else None}]
    shown = {"ticket": RAW | {"custom_fields": fields}, "users": [user], "organizations": [organization]}
    zendesk.get(f"{BASE}/api/v2/tickets/35436.json", json=shown)
    zendesk.get(f"{BASE}/api/v2/tickets/35436/comments.json", json={"comments": []})
    ticket = ZendeskClient(account(fields={"strategic": "360009"})).fetch(REF)
    assert ticket.requester.strategic is strategic


# Changes


def test_changes_are_read_a_page_a_call_deleted_ones_among_them(zendesk: responses.RequestsMock) -> None:
    at = "2026-03-01T10:00:00Z"
    page = {
        "tickets": [
            {"id": 1, "updated_at": at, "status": "open"},
            {"id": 2, "updated_at": at, "status": "deleted"},
            {"id": None, "updated_at": None},
        ],
        "after_cursor": "c1",
        "end_of_stream": False,
    }
    zendesk.get(EXPORT, json=page)
    since = datetime(2026, 3, 1, 9, tzinfo=UTC)
    client = ZendeskClient(account())
    first = client.changed(since)
    when = datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert first.changes == (
        Change(Ref("zendesk", "acme", "1"), at, when),
        Change(Ref("zendesk", "acme", "2"), at, when, gone=True),
    )
    assert (first.cursor, first.more) == ("c1", True)
    assert not client.changed(since, "c1").more, "a page that leads to itself is the last"
    assert [call.request.params for call in zendesk.calls] == [{"start_time": "1772355600"}, {"cursor": "c1"}]


def test_the_export_is_never_asked_for_the_last_minute(zendesk: responses.RequestsMock) -> None:
    zendesk.get(EXPORT, json={"tickets": [], "after_cursor": None, "end_of_stream": True})
    before = time.time()
    changes = ZendeskClient(account()).changed(datetime.now(UTC) + timedelta(hours=1))
    assert int(zendesk.calls[0].request.params["start_time"]) <= before - 60
    assert (changes.changes, changes.cursor, changes.more) == ((), "", False)


# Many at once


def test_a_hundred_tickets_get_and_lose_tags_in_one_request(zendesk: responses.RequestsMock) -> None:
    zendesk.put(f"{BASE}/api/v2/tickets/update_many.json", json={"job_status": JOB})
    assert ZendeskClient(account()).retag(["1", "2"], ["late"], ["sla-ok", "b"]) == "8b72"
    request = zendesk.calls[0].request
    assert request.params == {"ids": "1,2"}
    assert json.loads(request.body or b"") == {"ticket": {"additional_tags": ["late"], "remove_tags": ["b", "sla-ok"]}}


@pytest.mark.parametrize("ids", [[], [str(n) for n in range(1, 102)], ["1,2"], ["x"]])
def test_too_many_or_no_tickets_are_never_asked_for(ids: list[str]) -> None:
    with responses.RequestsMock(), pytest.raises(Refused):
        ZendeskClient(account()).retag(ids, ["a"], [])


@pytest.mark.parametrize("status", [400, 422, 429])
def test_too_many_jobs_are_a_reason_to_wait_whatever_the_status(zendesk: responses.RequestsMock, status: int) -> None:
    zendesk.put(f"{BASE}/api/v2/tickets/update_many.json", status=status, json={"error": "TooManyJobs"})
    with pytest.raises(Busy):
        ZendeskClient(account()).retag(["1"], ["a"], [])


def test_a_job_that_is_refused_for_another_reason_is_refused(zendesk: responses.RequestsMock) -> None:
    zendesk.put(f"{BASE}/api/v2/tickets/update_many.json", status=400, json={"error": "InvalidValue"})
    with pytest.raises(Refused):
        ZendeskClient(account()).retag(["1"], ["a"], [])


def test_an_answer_without_a_job_is_an_unknown_outcome(zendesk: responses.RequestsMock) -> None:
    zendesk.put(f"{BASE}/api/v2/tickets/update_many.json", json={})
    with pytest.raises(OutcomeUnknown):
        ZendeskClient(account()).retag(["1"], ["a"], [])


DONE = {"id": 1, "action": "update", "status": "Updated", "success": True}
FAILED = {"id": 2, "action": "update", "success": False, "error": "TicketUpdateFailed", "details": "Ann wrote this"}


@pytest.mark.parametrize(
    ("status", "results", "job"),
    [
        ("queued", None, Job("queued", {})),
        ("working", [DONE], Job("working", {})),
        ("completed", [DONE, FAILED], Job("completed", {"2": "TicketUpdateFailed"})),
        ("completed", {"success": True}, Job("completed", {})),
        ("completed", {"success": False}, Job("failed", {})),
        ("completed", [{"index": 0, "error": "x y", "success": False}], Job("failed", {})),
        ("completed", [{"id": 3, "errors": "some words"}], Job("completed", {"3": "refused"})),
        ("failed", None, Job("failed", {})),
    ],
)
def test_a_job_tells_where_it_stands_and_who_did_not_take_it(
    zendesk: responses.RequestsMock, status: str, results: Any, job: Job
) -> None:
    zendesk.get(
        f"{BASE}/api/v2/job_statuses/8b72.json", json={"job_status": {**JOB, "status": status, "results": results}}
    )
    assert ZendeskClient(account()).job("8b72") == job


def test_a_job_that_zendesk_forgot_is_gone_and_an_odd_answer_none(zendesk: responses.RequestsMock) -> None:
    zendesk.get(f"{BASE}/api/v2/job_statuses/old.json", status=404, json={"error": "RecordNotFound"})
    zendesk.get(f"{BASE}/api/v2/job_statuses/odd.json", json={"job_status": {"status": "dreaming"}})
    client = ZendeskClient(account())
    with pytest.raises(Gone):
        client.job("old")
    with pytest.raises(Unavailable):
        client.job("odd")
    with pytest.raises(Refused):
        client.job("../tickets/1")


def test_a_write_returns_the_version_that_it_left(zendesk: responses.RequestsMock) -> None:
    staff(zendesk)
    left = {"id": 35436, "updated_at": "2026-03-01T10:09:00Z"}
    zendesk.put(f"{BASE}/api/v2/tickets/35436.json", json={"ticket": left})
    client = ZendeskClient(account())
    (write,), _ = client.writes(fetched(zendesk, [comment(1, 11, "x")]), [Route("data", "Data"), Assign("12")])
    assert (write.body["ticket"]["group_id"], write.body["ticket"]["assignee_id"]) == (72, 12)
    assert client.send(write) == "2026-03-01T10:09:00Z"
