"""Every kind of answer of the sandbox against the vendors' published descriptions (openapi-core, in process)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from openapi_core.testing import MockRequest, MockResponse

from app.sandbox.server import Sandbox
from tests.contract.vendor_specs import description

HOST = "http://vendor.test"
ZENDESK_AUTH = ("firstline@sandbox.example/token", "sandbox")
JIRA_AUTH = ("firstline@sandbox.example", "sandbox")

FIRSTLINE = f"712020:{uuid.uuid5(uuid.NAMESPACE_URL, 'mailto:firstline@sandbox.example')}"
"""The accountId of the worker's user."""

NULLS = "the Support API's description knows few nulls; every recorded answer has them (priority, type, group_id ...)"
"""Why nulls are taken out of Zendesk's answers before they are compared."""

OFFSETS = "the description says date-time, which wants +00:00; Jira writes +0000, in its own examples too"
"""Why offsets are rewritten in Jira's answers before they are compared."""

ONE_FOR_A_LIST = {("GET", "/rest/api/2/issue/SUP-1/remotelink")}
"""The description gives one link as the answer; Jira answers a list of links, which is compared one by one."""

ZENDESK = [
    ("GET", "/api/v2/users/me.json", None),
    ("GET", "/api/v2/tickets/1001.json?include=users,groups,organizations", None),
    ("GET", "/api/v2/tickets/1001/comments?page[size]=2&include=users", None),
    ("GET", "/api/v2/tickets/1001/comments.json", None),
    ("GET", "/api/v2/tickets/1001/audits", None),
    ("GET", "/api/v2/tickets", None),
    ("PUT", "/api/v2/tickets/1001", {"ticket": {"priority": "high", "comment": {"body": "x", "public": False}}}),
    ("POST", "/api/v2/tickets", {"ticket": {"subject": "New", "comment": {"body": "hello"}}}),
    ("GET", "/api/v2/groups", None),
    ("GET", "/api/v2/users/<agent>/group_memberships", None),
    ("GET", "/api/v2/users/<requester>", None),
    ("GET", "/api/v2/organizations/<organization>", None),
    ("GET", "/api/v2/ticket_fields", None),
    ("GET", "/api/v2/incremental/tickets/cursor?start_time=1700000000", None),
    ("PUT", "/api/v2/tickets/update_many?ids=1001", {"ticket": {"additional_tags": ["a"]}}),
    ("GET", "/api/v2/custom_statuses", None),
    ("PUT", "/api/v2/tickets/1002", {"ticket": {"type": "incident", "problem_id": 1003, "assignee_id": None}}),
    ("GET", "/api/v2/tickets/1003/incidents", None),
    ("GET", "/api/v2/problems?page[size]=1", None),
    ("PUT", "/api/v2/tickets/1002", {"ticket": {"custom_status_id": 36000000000207}}),
    ("PUT", "/api/v2/tickets/1002", {"ticket": {"followers": [{"user_id": "<agent>", "action": "put"}]}}),
    ("POST", "/api/v2/tickets/1003/merge", {"ids": [1004], "source_comment": "x", "source_comment_is_public": False}),
    ("POST", "/api/v2/tickets", {"ticket": {"via_followup_source_id": 1004, "comment": {"body": "once more"}}}),
    ("DELETE", "/api/v2/tickets/1005", None),
    ("GET", "/api/v2/deleted_tickets", None),
    ("PUT", "/api/v2/deleted_tickets/1005/restore", None),
    ("PUT", "/api/v2/tickets/1005/mark_as_spam", None),
    ("DELETE", "/api/v2/deleted_tickets/1005", None),
    ("GET", "/api/v2/tickets/1001/tags", None),
    ("PUT", "/api/v2/tickets/1001/tags", {"tags": ["one"]}),
    ("POST", "/api/v2/groups", {"group": {"name": "Another"}}),
    ("POST", "/api/v2/ticket_fields", {"ticket_field": {"type": "text", "title": "Firstline level"}}),
    ("GET", "/api/v2/triggers", None),
    ("GET", "/api/v2/users/show_many?ids=<requester>", None),
]
"""In this order: a ticket is merged away before it is followed up, and deleted before it is restored."""

JIRA = [
    ("GET", "/rest/api/2/serverInfo", None),
    ("GET", "/rest/api/2/myself", None),
    ("GET", "/rest/api/2/issue/SUP-1?expand=changelog,transitions,editmeta", None),
    ("GET", "/rest/api/3/issue/SUP-1", None),
    ("GET", "/rest/api/2/issue/SUP-1/comment?expand=properties", None),
    ("POST", "/rest/api/2/issue/SUP-1/comment", {"body": "note", "properties": []}),
    ("GET", "/rest/api/2/issue/SUP-1/changelog", None),
    ("GET", "/rest/api/2/issue/SUP-1/transitions", None),
    ("POST", "/rest/api/2/issue/SUP-1/transitions", {"transition": {"id": "11"}}),
    ("PUT", "/rest/api/2/issue/SUP-1", {"update": {"labels": [{"add": "x"}]}, "fields": {"priority": {"name": "Low"}}}),
    ("GET", "/rest/api/2/priority", None),
    ("GET", "/rest/api/2/field", None),
    ("GET", "/rest/api/2/status", None),
    ("GET", "/rest/api/2/project/SUP", None),
    ("GET", "/rest/api/2/issueLinkType", None),
    ("POST", "/rest/api/2/issue/SUP-1/remotelink", {"globalId": "z", "object": {"url": "http://x.test", "title": "t"}}),
    ("GET", "/rest/api/2/issue/SUP-1/remotelink", None),
    ("POST", "/rest/api/2/issueLink", {"type": {"name": "Relates"}, "inwardIssue": {"key": "SUP-1"},
                                       "outwardIssue": {"key": "SUP-2"}}),
    ("GET", "/rest/api/2/issue/SUP-2", None),
    ("POST", "/rest/api/2/issue/SUP-1/watchers", FIRSTLINE),
    ("GET", "/rest/api/2/issue/SUP-1/watchers", None),
    ("PUT", "/rest/api/2/issue/SUP-1/assignee", {"accountId": None}),
    ("GET", "/rest/api/2/issue/createmeta/ENG/issuetypes", None),
    ("GET", "/rest/api/2/issue/createmeta/ENG/issuetypes/10011", None),
    ("GET", "/rest/api/2/issue/createmeta/SUP/issuetypes/10002?maxResults=3", None),
    ("GET", "/rest/api/2/search/jql?jql=project%20%3D%20SUP&fields=summary,labels", None),
    ("GET", "/rest/api/2/mypermissions?permissions=EDIT_ISSUES,ADD_COMMENTS&projectKey=SUP", None),
    ("GET", "/rest/api/2/user/bulk?accountId=<us>&maxResults=1", None),
    ("POST", "/rest/api/2/field", {"name": "Firstline level",
                                   "type": "com.atlassian.jira.plugin.system.customfieldtypes:textfield"}),
    ("POST", "/rest/api/2/search/jql", {"jql": "project = SUP", "fields": ["*all"]}),
    ("POST", "/rest/api/2/issue", {"fields": {"project": {"key": "ENG"}, "issuetype": {"id": "10011"}, "summary": "b"}},
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        person = {"name": "Ann", "email": "ann@brightwell.example"}
        for number in (1, 2):
            given = {"subject": f"Ticket {number}", "body": "Hello\n\nworld", "requester": person, "tags": ["vip"]}
            control(running, "/zendesk/tickets", given)
            control(running, "/jira/issues", {**given, "attachments": ["trace.log"]})
        problem = {"subject": "It is down", "body": "It is down", "requester": person, "type": "problem"}
        for one in (problem, {**problem, "type": "question", "attachments": ["log.txt"]}, problem):
            control(running, "/zendesk/tickets", one)
        control(running, "/zendesk/tickets/1001/comments", {"by": "agent", "body": "an answer"})
        control(running, "/jira/issues/SUP-1/comments", {"by": "agent", "body": "an answer"})
        control(running, "/jira/issues/SUP-1/edit", {"priority": "High", "assignee": "dana@sandbox.example"})
        yield running


def control(sandbox: Sandbox, path: str, body: Any) -> Any:
    answer = requests.post(f"{sandbox.url}/control{path}", json=body, timeout=5)
    assert answer.ok, answer.text
    return answer.json()


def comparable(value: Any) -> Any:
    """Without nulls (see NULLS), and with offsets as the format wants them (see OFFSETS)."""
    if isinstance(value, dict):
        return {name: comparable(one) for name, one in value.items() if one is not None}
    if isinstance(value, str):
        return re.sub(r"(\d\d\.\d{3})\+0000$", r"\1+00:00", value)
    return [comparable(one) for one in value] if isinstance(value, list) else value


def _responses(vendor: str, method: str, path: str) -> list[str]:
    paths = (description(vendor).spec / "paths").read_value()
    for template, operations in paths.items():
        if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path):
            return list(operations[method.lower()]["responses"])
    return []


def problems(vendor: str, response: requests.Response, body: Any) -> list[str]:
    sent = response.request
    parts = urlsplit(str(sent.url))
    path = parts.path.removeprefix(f"/{vendor}").removesuffix(".json")
    content = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    asked = MockRequest(
        HOST, sent.method or "", path, args=dict(parse_qsl(parts.query)), headers=dict(sent.headers), data=content,
        content_type="application/json",
    )  # fmt: skip
    if not response.content:  # openapi-core misses a body that the description does not ask for
        return (
            []
            if str(response.status_code) in _responses(vendor, sent.method or "", path)
            else [f"{response.status_code} is not described"]
        )
    said = MockResponse(json.dumps(body).encode(), response.status_code, dict(response.headers), "application/json")
    errors = description(vendor).iter_response_errors(asked, said)
    return [
        f"{error!r} " + " / ".join(str(inner) for inner in getattr(error.__cause__, "schema_errors", ()))
        for error in errors
    ]


@pytest.mark.parametrize(("method", "path", "body"), ZENDESK, ids=lambda value: value if isinstance(value, str) else "")
def test_zendesk_answers_as_its_description_says(sandbox: Sandbox, method: str, path: str, body: Any) -> None:
    ticket = requests.get(f"{sandbox.url}/control/zendesk/tickets/1001", timeout=5).json()
    path = path.replace("<requester>", str(ticket["requester_id"]))
    path = path.replace("<organization>", str(ticket["organization_id"]))
    agent = next(one["id"] for one in sandbox.account.records.users.values() if one["role"] == "agent")
    path = path.replace("<agent>", str(agent))
    body = json.loads(json.dumps(body).replace("<agent>", str(agent)))
    response = requests.request(method, f"{sandbox.url}/zendesk{path}", json=body, auth=ZENDESK_AUTH, timeout=5)
    assert response.ok, response.text
    assert problems("zendesk", response, comparable(response.json()) if response.content else None) == []


@pytest.mark.parametrize(("method", "path", "body"), JIRA, ids=lambda value: value if isinstance(value, str) else "")
def test_jira_answers_as_its_description_says(sandbox: Sandbox, method: str, path: str, body: Any) -> None:
    path = path.replace("<us>", sandbox.site.records.caller("firstline@sandbox.example").account_id)
    response = requests.request(method, f"{sandbox.url}/jira{path}", json=body, auth=JIRA_AUTH, timeout=5)
    assert response.ok, response.text
    answers = [response.json()] if response.content else [None]
    if (method, path) in ONE_FOR_A_LIST:
        answers = answers[0]
        assert answers
    for answer in answers:
        assert problems("jira", response, comparable(answer)) == []


def test_a_job_and_a_rate_limit_answer_as_zendesk_describes_them(sandbox: Sandbox) -> None:
    base = f"{sandbox.url}/zendesk/api/v2"
    job = requests.put(f"{base}/tickets/update_many?ids=1002", json={"ticket": {"priority": "low"}}, auth=ZENDESK_AUTH,
                       timeout=5).json()["job_status"]  # fmt: skip
    assert job["status"] == "queued"
    for state in ("queued", "working", "completed"):
        seen = requests.get(f"{base}/job_statuses/{job['id']}.json", auth=ZENDESK_AUTH, timeout=5)
        assert seen.json()["job_status"]["status"] == state
        assert problems("zendesk", seen, comparable(seen.json())) == []
    assert seen.json()["job_status"]["results"][0]["success"] is True


def test_a_trigger_that_was_made_is_answered_as_zendesk_describes_it(sandbox: Sandbox) -> None:
    base = f"{sandbox.url}/zendesk/api/v2"
    hook = {"name": "x", "status": "active", "endpoint": "https://x.test", "http_method": "POST",
            "request_format": "json", "subscriptions": ["conditional_ticket_events"]}  # fmt: skip
    made = requests.post(f"{base}/webhooks", json={"webhook": hook}, auth=ZENDESK_AUTH, timeout=5).json()["webhook"]
    trigger = {
        "title": "Tell us",
        "conditions": {"any": [{"field": "update_type", "operator": "is", "value": "Create"}]},
        "actions": [{"field": "notification_webhook", "value": [made["id"], "{}"]}],
    }
    answer = requests.post(f"{base}/triggers", json={"trigger": trigger}, auth=ZENDESK_AUTH, timeout=5)
    assert answer.status_code == 201
    assert problems("zendesk", answer, comparable(answer.json())) == []


def test_a_page_of_the_requests_desk_has_the_shape_of_the_reference(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/jira/rest/servicedeskapi/request/SUP-2/comment"
    made = requests.post(address, json={"body": "internal", "public": False}, auth=JIRA_AUTH, timeout=5)
    assert made.status_code == 201
    page = requests.get(address, auth=JIRA_AUTH, timeout=5).json()
    assert {"size", "start", "limit", "isLastPage", "values"} <= page.keys()
    assert {"id", "body", "public", "author", "created"} <= page["values"][0].keys()
    assert {"iso8601", "jira", "friendly", "epochMillis"} == page["values"][0]["created"].keys()
