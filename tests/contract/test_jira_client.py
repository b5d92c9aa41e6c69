"""The Jira client: what it reads becomes a Ticket, what it sends holds against Atlassian's own description."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from pydantic import SecretStr

from app.errors import Gone, Misconfigured, Refused, Unauthorized
from app.triage.actions import AddNote, AddTags, RemoveOwnTags, Reply, Route, SetFields, SetPriority, SetStatus
from app.triage.ticket import Customer, Ref, Speaker, Status, Ticket
from app.vendors import Write
from app.vendors.jira.client import JiraClient
from config.accounts import JiraAccount
from tests.contract import vendor_specs

BASE = "https://acme.atlassian.net"
ISSUE = f"{BASE}/rest/api/2/issue"
US = "557058:us"
FIELDS: dict[str, Any] = {
    "summary": "Checkout is down",
    "description": "It *fails*\n{noformat}\nHTTP 500\n{noformat}",
    "status": {"name": "To Do", "statusCategory": {"key": "new"}},
    "priority": {"name": "Medium"},
    "labels": ["emea", "Vip"],
    "issuetype": {"name": "Bug"},
    "project": {"key": "SUP", "projectTypeKey": "software"},
    "reporter": {"accountId": "ann", "displayName": "Ann", "accountType": "atlassian"},
    "creator": {"accountId": "ann"},
    "assignee": None,
    "created": "2026-03-01T12:00:00.000+0200",
    "updated": "2026-03-01T12:05:00.123+0200",
    "customfield_10050": {"value": "P2"},
    "customfield_10051": None,
    "comment": {"comments": [], "total": 0},
}
EDITABLE = {
    "labels": {"schema": {"type": "array", "items": "string"}},
    "priority": {"schema": {"type": "priority"}, "allowedValues": [{"name": "Highest"}, {"name": "Medium"}]},
    "customfield_10050": {"schema": {"type": "option"}},
    "customfield_10051": {"schema": {"type": "string"}},
}
TRANSITIONS = [
    {"id": "11", "name": "Start", "to": {"name": "In Progress"}},
    {"id": "21", "name": "Triage", "to": {"name": "Triaged"}},
]


def account(**changes: Any) -> JiraAccount:
    told = {
        "name": "acme",
        "url": BASE,
        "email": "worker@acme.test",
        "token": SecretStr("tok-123"),
        "fields": {"severity": "customfield_10050", "label": "customfield_10051"},
    }
    return JiraAccount(**(told | changes))


def comment(number: int, author: str, text: str, kind: str = "atlassian", **more: Any) -> dict[str, Any]:
    person = {"accountId": author, "accountType": kind}
    at = f"2026-03-01T10:{number:02}:00.000+0000"
    return {"id": str(number), "author": person, "body": text, "created": at} | more


def issue(**fields: Any) -> dict[str, Any]:
    return {
        "id": "10040",
        "key": "SUP-41",
        "fields": FIELDS | fields,
        "transitions": TRANSITIONS,
        "editmeta": {"fields": EDITABLE},
        "changelog": {"histories": []},
    }


@pytest.fixture
def jira() -> Iterator[responses.RequestsMock]:
    """Jira behind a mocked wire. Whatever was sent is held against Atlassian's description at the end."""
    vendor_specs.available("jira")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.get(f"{BASE}/rest/api/2/myself", json={"accountId": US})
        yield wire
        for call in wire.calls:
            assert vendor_specs.problems("jira", call.request, BASE) == []


def fetched(wire: responses.RequestsMock, raw: dict[str, Any] | None = None, **fields: Any) -> Ticket:
    wire.get(f"{ISSUE}/SUP-41", json=raw or issue(**fields))
    return JiraClient(account()).fetch(Ref("jira", "acme", "SUP-41"))


def desk(**fields: Any) -> dict[str, Any]:
    return issue(project={"key": "SUP", "projectTypeKey": "service_desk"}, **fields)


def sent(wire: responses.RequestsMock, ticket: Ticket, *actions: Any) -> list[tuple[str, str, Any]]:
    """Carry the actions out; what went over the wire."""
    wire.put(f"{ISSUE}/SUP-41", status=204)
    wire.post(f"{ISSUE}/SUP-41/comment", json={"id": "1"}, status=201)
    wire.post(f"{ISSUE}/SUP-41/transitions", status=204)
    wire.post(f"{BASE}/rest/servicedeskapi/request/SUP-41/comment", json={"id": "1", "public": False}, status=201)
    client, before = JiraClient(account()), len(wire.calls)
    writes, impossible = client.writes(ticket, actions)
    assert impossible == {}
    assert {action for write in writes for action in write.actions} == set(actions)
    for write in writes:
        client.send(write)
    requests = [call.request for call in wire.calls][before:]
    return [(one.method or "", one.path_url, json.loads(one.body or b"null")) for one in requests]


def test_the_constructor_sends_nothing() -> None:
    with responses.RequestsMock():
        JiraClient(account())
        JiraClient(account(deployment="server", email=""))


@pytest.mark.parametrize("missing", [{"token": SecretStr("")}, {"email": ""}])
def test_a_missing_token_is_a_setting_to_mend(missing: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured) as caught:
        JiraClient(account(**missing))
    assert "TRIAGE_JIRA__ACME__TOKEN" in str(caught.value)
    assert "tok-123" not in str(caught.value)


def test_who_we_are_is_asked_once(jira: responses.RequestsMock) -> None:
    client = JiraClient(account())
    assert [client.whoami(), client.whoami()] == [US, US]
    assert len(jira.calls) == 1
    assert jira.calls[0].request.headers["Authorization"].startswith("Basic ")


def test_a_data_center_knows_users_by_name_and_takes_a_bearer_token() -> None:
    with responses.RequestsMock() as wire:
        wire.get("https://jira.acme.test/jira/rest/api/2/myself", json={"name": "worker", "key": "JIRAUSER1"})
        where = {"url": "https://jira.acme.test/jira", "deployment": "server"}
        assert JiraClient(account(email="", **where)).whoami() == "worker"
        assert JiraClient(account(**where)).whoami() == "worker"
        assert [call.request.headers["Authorization"].split()[0] for call in wire.calls] == ["Bearer", "Basic"]


def test_a_nameless_answer_is_unauthorized() -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/rest/api/2/myself", json={})
        with pytest.raises(Unauthorized):
            JiraClient(account()).whoami()


def test_an_issue_is_read_whole_in_one_read(jira: responses.RequestsMock) -> None:
    ticket = fetched(jira)
    assert ticket.ref == Ref("jira", "acme", "SUP-41")
    assert (ticket.subject, ticket.body, ticket.comments) == ("Checkout is down", "It *fails*\n```\nHTTP 500\n```", ())
    assert (ticket.status, ticket.status_name, ticket.priority, ticket.type) == (Status.NEW, "To Do", "Medium", "Bug")
    assert ticket.tags == {"emea", "Vip"}
    assert (ticket.group, ticket.assignee, ticket.brand) == ("", "", "SUP")
    assert ticket.requester == Customer(id="ann", name="Ann")
    assert dict(ticket.fields) == {"severity": "P2", "label": None}
    assert ticket.version == "2026-03-01T12:05:00.123+0200"
    assert ticket.created_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert ticket.history == ()
    assert ticket.native["service_desk"] is False
    assert ticket.native["default_priority"] == "Medium"
    assert ticket.native["issue_id"] == "10040"
    assert len(jira.calls) == 2


def test_an_issue_asked_for_by_number_or_moved_answers_by_its_key(jira: responses.RequestsMock) -> None:
    jira.get(f"{ISSUE}/10040", json=issue())
    assert JiraClient(account()).fetch(Ref("jira", "acme", "10040")).ref.id == "SUP-41"


@pytest.mark.parametrize("key", [None, "", "sup-1", "SUP-1:2", "../x"])
def test_a_key_that_is_none_never_becomes_a_reference(jira: responses.RequestsMock, key: object) -> None:
    with pytest.raises(Refused):
        fetched(jira, issue() | {"key": key})


@pytest.mark.parametrize("name", ["../1", "SUP-1/../2", "sup-1", "", "SUP-1?x"])
def test_what_is_no_issue_never_becomes_an_address(name: str) -> None:
    with responses.RequestsMock(), pytest.raises(Refused):
        JiraClient(account()).fetch(Ref("jira", "acme", name))


def test_a_data_center_issue_with_documents_for_text_is_read_too(jira: responses.RequestsMock) -> None:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": "It fails"}]}
    ticket = fetched(
        jira,
        description={"type": "doc", "version": 1, "content": [paragraph]},
        reporter={"name": "ann", "key": "JIRAUSER2", "displayName": "Ann"},
    )
    assert (ticket.body, ticket.requester.id) == ("It fails", "ann")


def test_a_bare_issue_is_read_calmly(jira: responses.RequestsMock) -> None:
    ticket = fetched(jira, {"id": "1", "key": "SUP-41", "fields": {"comment": None}})
    assert (ticket.subject, ticket.body, ticket.status, ticket.priority) == ("", "", Status.OPEN, None)


@pytest.mark.parametrize(
    ("name", "category", "status"),
    [
        ("To Do", "new", Status.NEW),
        ("In Progress", "indeterminate", Status.OPEN),
        ("Waiting for support", "indeterminate", Status.OPEN),
        ("Waiting for customer", "indeterminate", Status.PENDING),
        ("On Hold", "indeterminate", Status.HOLD),
        ("Resolved", "done", Status.SOLVED),
        ("Closed", "done", Status.CLOSED),
        ("Etwas", "invented", Status.OPEN),
    ],
)
def test_a_status_is_told_by_its_name_and_category(
    jira: responses.RequestsMock, name: str, category: str, status: Status
) -> None:
    assert fetched(jira, status={"name": name, "statusCategory": {"key": category}}).status is status


def history(number: int) -> dict[str, Any]:
    """The entry of this number in a changelog: at its minute, the labels become its number."""
    at = datetime(2026, 3, 1, 10, tzinfo=UTC) + timedelta(minutes=number)
    item = {"field": "labels", "fieldId": "labels", "fromString": str(number - 1), "toString": str(number)}
    return {"id": str(10_000 + number), "author": {"accountId": "ben"}, "created": at.isoformat(), "items": [item]}


def shown_with(*numbers: int, total: int) -> dict[str, Any]:
    changelog = {"startAt": 0, "maxResults": 100, "total": total, "histories": [history(one) for one in numbers]}
    return issue() | {"changelog": changelog}


def pages_of_changes(wire: responses.RequestsMock, total: int, size: int = 100) -> None:
    for start in range(0, total, size):
        page = [history(one) for one in range(start + 1, min(start + size, total) + 1)]
        told = {"startAt": start, "maxResults": size, "total": total, "isLast": start + size >= total, "values": page}
        asked = responses.matchers.query_param_matcher({"startAt": str(start), "maxResults": "100"})
        wire.get(f"{ISSUE}/SUP-41/changelog", json=told, match=[asked])


@pytest.mark.parametrize(("total", "reads"), [(100, 0), (101, 1), (200, 1), (201, 2), (250, 2)])
def test_the_changes_that_the_issue_does_not_show_are_read_from_the_oldest_on(
    jira: responses.RequestsMock, total: int, reads: int
) -> None:
    pages_of_changes(jira, total)
    ticket = fetched(jira, shown_with(*range(total, total - 100, -1), total=total))
    assert [one.new for one in ticket.history] == [str(one) for one in range(1, total + 1)]
    assert len(jira.calls) == 2 + reads


def test_a_short_page_of_changes_is_gone_on_from_where_it_ended(jira: responses.RequestsMock) -> None:
    pages_of_changes(jira, 25, size=10)
    ticket = fetched(jira, shown_with(25, 24, total=25))
    assert [one.new for one in ticket.history] == [str(one) for one in range(1, 26)]


def test_a_changelog_without_an_end_is_refused_and_an_empty_page_ends_it(jira: responses.RequestsMock) -> None:
    page = {"total": 10**6, "isLast": False, "values": [history(1)]}
    jira.get(f"{ISSUE}/SUP-41/changelog", json=page)
    with pytest.raises(Refused, match="pages of changes"):
        fetched(jira, shown_with(9, total=10**6))
    jira.upsert("GET", f"{ISSUE}/SUP-41/changelog", json=page | {"values": []})
    assert [one.new for one in fetched(jira, shown_with(9, total=10**6)).history] == ["9"]


def test_a_data_center_has_no_pages_of_changes() -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/rest/api/2/myself", json={"name": "worker"})
        wire.get(f"{ISSUE}/SUP-41", json=shown_with(1, 2, total=3))
        ticket = JiraClient(account(deployment="server")).fetch(Ref("jira", "acme", "SUP-41"))
        assert [one.new for one in ticket.history] == ["1", "2"]


def test_who_speaks_is_told_by_account_type_and_our_own_notes_by_account_and_mark(
    jira: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "app.vendors.jira.reading.marks_in", lambda text: ("m",) if text.startswith("Firstline decided") else ()
    )
    thread = [
        comment(6, "ann", "The reporter"),
        comment(1, "ben", "On it"),
        comment(2, US, "Firstline decided P1", jsdPublic=False),
        comment(3, US, "An administrator typed this with our account"),
        comment(4, "ben", "Firstline decided P1"),
        comment(5, "qm:1", "Me too", "customer"),
        comment(7, "ann", "Between us", visibility={"type": "role", "value": "Agents"}),
    ]
    ticket = fetched(jira, desk(comment={"comments": thread, "total": 7}))
    assert [(one.id, one.speaker) for one in ticket.comments] == [
        ("1", Speaker.AGENT),
        ("2", Speaker.WORKER),
        ("3", Speaker.AGENT),
        ("4", Speaker.AGENT),
        ("5", Speaker.CUSTOMER),
        ("6", Speaker.CUSTOMER),
        ("7", Speaker.AGENT),
    ]
    assert [one.public for one in ticket.comments] == [True, False, True, True, True, True, False]


def test_outside_a_service_desk_a_reporter_is_a_colleague(jira: responses.RequestsMock) -> None:
    ticket = fetched(jira, comment={"comments": [comment(1, "ann", "x")], "total": 1})
    assert ticket.comments[0].speaker is Speaker.AGENT


def test_a_thread_longer_than_the_issue_shows_is_read_page_by_page(jira: responses.RequestsMock) -> None:
    thread = [comment(n, "ben", str(n)) for n in range(1, 6)]
    for start in (0, 2, 4):
        jira.get(
            f"{ISSUE}/SUP-41/comment",
            json={"comments": thread[start : start + 2], "total": 5, "maxResults": 2},
            match=[responses.matchers.query_param_matcher({"startAt": str(start)}, strict_match=False)],
        )
    ticket = fetched(jira, comment={"comments": thread[3:], "total": 5})
    assert [one.body for one in ticket.comments] == ["1", "2", "3", "4", "5"]
    assert len(jira.calls) == 5


def test_a_thread_without_an_end_is_refused(jira: responses.RequestsMock) -> None:
    page = {"comments": [comment(1, "ben", "x")], "total": 10**6}
    jira.get(f"{ISSUE}/SUP-41/comment", json=page)
    with pytest.raises(Refused):
        fetched(jira, comment={"comments": [], "total": 10**6})


def test_fields_go_first_then_the_note_then_the_status(jira: responses.RequestsMock) -> None:
    requests = sent(
        jira,
        fetched(jira),
        SetStatus("triaged"),
        AddNote("Rated P1.\n\n> [~ann] {code}", "m1"),
        SetPriority("Highest"),
        AddTags(("severity-p1", "two words")),
        RemoveOwnTags(("emea",)),
        Route("platform", "Platform & SRE"),
        SetFields((("severity", "P1"), ("label", "defect"))),
    )
    assert requests == [
        (
            "PUT",
            "/rest/api/2/issue/SUP-41",
            {
                "update": {"labels": [{"add": "severity-p1"}, {"add": "two-words"}, {"remove": "emea"}]},
                "fields": {
                    "priority": {"name": "Highest"},
                    "customfield_10050": {"value": "P1"},
                    "customfield_10051": "defect",
                },
            },
        ),
        (
            "POST",
            "/rest/api/2/issue/SUP-41/comment",
            {
                "body": "Rated P1.\n\n{noformat}\n[\u200b~ann] {\u200bcode}\n{noformat}",
                "properties": [{"key": "sd.public.comment", "value": {"internal": True}}],
            },
        ),
        ("POST", "/rest/api/2/issue/SUP-41/transitions", {"transition": {"id": "21"}}),
    ]


def test_in_a_service_desk_the_note_is_posted_as_not_public(jira: responses.RequestsMock) -> None:
    requests = sent(jira, fetched(jira, desk()), AddNote("x", "m1"))
    assert requests == [("POST", "/rest/servicedeskapi/request/SUP-41/comment", {"body": "x", "public": False})]


THANKS = Reply("ack", "Hello [~ann],\n\nthank you.", "m2")


def test_a_reply_is_posted_last_and_as_public(jira: responses.RequestsMock) -> None:
    requests = sent(jira, fetched(jira, desk()), THANKS, SetStatus("triaged"), AddNote("x", "m1"))
    where = "/rest/servicedeskapi/request/SUP-41/comment"
    assert requests == [
        ("POST", where, {"body": "x", "public": False}),
        ("POST", "/rest/api/2/issue/SUP-41/transitions", {"transition": {"id": "21"}}),
        ("POST", where, {"body": "Hello \\[\\~ann\\],\n\nthank you.", "public": True}),
    ]


def test_where_no_customer_reads_there_is_no_reply_and_the_rest_is_done(jira: responses.RequestsMock) -> None:
    ticket = fetched(jira)
    writes, impossible = JiraClient(account()).writes(ticket, [THANKS, AddNote("x", "m1")])
    assert not ticket.customer_reads
    assert [write.actions for write in writes] == [(AddNote("x", "m1"),)]
    assert "no service project" in impossible[THANKS]


def test_a_reply_to_an_issue_that_is_no_customers_request_goes_to_the_issue_itself(
    jira: responses.RequestsMock,
) -> None:
    jira.post(f"{BASE}/rest/servicedeskapi/request/SUP-41/comment", status=404)
    jira.post(f"{ISSUE}/SUP-41/comment", json={"id": "77", "jsdPublic": True}, status=201)
    client = JiraClient(account())
    ((reply,), _) = client.writes(fetched(jira, desk()), [THANKS])
    client.send(reply)
    assert json.loads(jira.calls[-1].request.body or b"") == {"body": reply.body["body"]}


NOTE = Write("POST", "/rest/servicedeskapi/request/SUP-41/comment", {"body": "x", "public": False}, ())


@pytest.mark.parametrize("said", [{"public": True}, {}, {"public": None}, {"public": "false"}])
def test_a_note_that_is_not_confirmed_as_internal_is_an_alarm(jira: responses.RequestsMock, said: Any) -> None:
    jira.post(BASE + NOTE.path, json={"id": "77"} | said, status=201)
    with pytest.raises(Refused, match=r"MAY BE PUBLIC.*comment 77"):
        JiraClient(account()).send(NOTE)


def test_an_issue_that_is_no_customers_request_takes_the_note_itself(jira: responses.RequestsMock) -> None:
    jira.post(BASE + NOTE.path, status=404)
    jira.post(f"{ISSUE}/SUP-41/comment", json={"id": "77", "jsdPublic": False}, status=201)
    JiraClient(account()).send(NOTE)
    assert json.loads(jira.calls[-1].request.body or b"")["properties"][0]["key"] == "sd.public.comment"


def test_there_too_a_public_note_is_an_alarm(jira: responses.RequestsMock) -> None:
    jira.post(BASE + NOTE.path, status=404)
    jira.post(f"{ISSUE}/SUP-41/comment", json={"id": "77", "jsdPublic": True}, status=201)
    with pytest.raises(Refused, match="MAY BE PUBLIC"):
        JiraClient(account()).send(NOTE)


def test_an_issue_that_has_gone_has_gone_for_its_note_too(jira: responses.RequestsMock) -> None:
    jira.post(BASE + NOTE.path, status=404)
    jira.post(f"{ISSUE}/SUP-41/comment", status=404)
    with pytest.raises(Gone):
        JiraClient(account()).send(NOTE)


@pytest.mark.parametrize(
    "action",
    [AddTags(("Vip",)), RemoveOwnTags(("vip", "gone")), Route("platform", "x"), SetStatus("To do")],
)
def test_what_the_issue_shows_already_is_not_written(jira: responses.RequestsMock, action: Any) -> None:
    assert JiraClient(account()).writes(fetched(jira), [action]) == ((), {})


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (SetPriority("P1"), "Highest, Medium"),
        (SetStatus("Closed"), "no move"),
        (SetFields((("severity", "P1"), ("team", "x"))), "TRIAGE_JIRA__ACME__FIELDS"),
    ],
)
def test_what_jira_would_refuse_is_not_sent_and_the_rest_is(
    jira: responses.RequestsMock, action: Any, told: str
) -> None:
    writes, impossible = JiraClient(account()).writes(fetched(jira), [action, AddTags(("a",))])
    assert [write.body for write in writes] == [{"update": {"labels": [{"add": "a"}]}}]
    assert told in impossible[action]


@pytest.mark.parametrize(
    ("missing", "action"),
    [
        ("labels", AddTags(("a",))),
        ("labels", RemoveOwnTags(("emea",))),
        ("priority", SetPriority("Highest")),
        ("customfield_10050", SetFields((("severity", "P1"),))),
    ],
)
def test_a_field_that_is_not_on_the_edit_screen_is_named(
    jira: responses.RequestsMock, missing: str, action: Any
) -> None:
    editable = {name: meta for name, meta in EDITABLE.items() if name != missing}
    ticket = fetched(jira, issue() | {"editmeta": {"fields": editable}})
    writes, impossible = JiraClient(account()).writes(ticket, [action])
    assert writes == ()
    assert missing in impossible[action]


@pytest.mark.parametrize(
    ("schema", "value", "shaped"),
    [
        ({"type": "option"}, "P1", {"value": "P1"}),
        ({"type": "array", "items": "option"}, "P1", [{"value": "P1"}]),
        ({"type": "array", "items": "string"}, "P1", ["P1"]),
        ({"type": "number"}, "3", 3),
        ({"type": "string"}, "P1", "P1"),
        ({}, "P1", "P1"),
    ],
)
def test_a_custom_field_gets_its_value_in_the_shape_of_its_kind(
    jira: responses.RequestsMock, schema: dict[str, str], value: str, shaped: Any
) -> None:
    ticket = fetched(jira, issue() | {"editmeta": {"fields": EDITABLE | {"customfield_10050": {"schema": schema}}}})
    requests = sent(jira, ticket, SetFields((("severity", value),)))
    assert requests[0][2] == {"fields": {"customfield_10050": shaped}}


def test_where_jira_does_not_tell_what_is_editable_everything_is_tried(jira: responses.RequestsMock) -> None:
    ticket = fetched(jira, issue() | {"editmeta": None})
    requests = sent(jira, ticket, SetPriority("Anything"), SetFields((("severity", "P1"),)))
    assert requests[0][2] == {"fields": {"priority": {"name": "Anything"}, "customfield_10050": "P1"}}


def test_not_even_the_debug_log_holds_bodies_or_tokens(
    jira: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sent(jira, fetched(jira, description="CUSTOMER-WORDS"), AddNote("OUR-WORDS", "m1"))
    assert not any(word in caplog.text for word in ("CUSTOMER-WORDS", "OUR-WORDS", "tok-123", "Basic "))


@pytest.mark.parametrize(
    ("method", "path", "wrong"),
    [
        ("PUT", "/rest/api/2/issue/SUP-1", {"labels": ["a"]}),
        ("PUT", "/rest/api/2/issue/SUP-1", {"update": {"labels": [{"append": "a"}]}}),
        ("POST", "/rest/api/2/issue/SUP-1/transitions", {"transition": {"id": 21}}),
        ("POST", "/rest/api/2/issue/SUP-1/comment", {"body": {"type": "doc"}}),
    ],
)
def test_the_description_does_refuse_what_is_wrong(method: str, path: str, wrong: dict[str, Any]) -> None:
    vendor_specs.available("jira")
    with responses.RequestsMock() as wire:
        wire.add(method, BASE + path, json={}, status=201)
        JiraClient(account()).send(Write(method, path, wrong, ()))
        assert vendor_specs.problems("jira", wire.calls[0].request, BASE)
