"""What administrators do in the sandbox is refused as it would be at the vendors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from app.sandbox.desk_side import zendesk_create
from app.sandbox.server import Sandbox

ZENDESK_AUTH = ("firstline@sandbox.example/token", "sandbox")
JIRA_AUTH = ("firstline@sandbox.example", "sandbox")
TRIGGER = "conditional_ticket_events"
CREATED = "zen:event-type:ticket.created"
HOOK = {
    "name": "x", "status": "active", "endpoint": "https://x.test", "http_method": "POST", "request_format": "json",
    "subscriptions": [CREATED],
}  # fmt: skip
CONDITIONS = {"any": [{"field": "update_type", "operator": "is", "value": "Change"}]}
JIRA_HOOK = {"name": "x", "url": "https://x.test", "events": ["jira:issue_created"]}
TEXT = "com.atlassian.jira.plugin.system.customfieldtypes:textfield"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        yield running


def zendesk(sandbox: Sandbox, method: str, path: str, body: Any = None) -> requests.Response:
    address = f"{sandbox.url}/zendesk/api/v2/{path}"
    return requests.request(method, address, json=body, auth=ZENDESK_AUTH, timeout=5)


def jira(sandbox: Sandbox, method: str, path: str, body: Any = None) -> requests.Response:
    return requests.request(method, f"{sandbox.url}/jira{path}", json=body, auth=JIRA_AUTH, timeout=5)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("webhooks", {"webhook": {**HOOK, "endpoint": "x.test"}}, 400),
        ("webhooks", {"webhook": {**HOOK, "subscriptions": []}}, 400),
        ("webhooks", {"webhook": {**HOOK, "subscriptions": ["zen:event-type:ticket.updated"]}}, 400),
        ("webhooks", {"webhook": {**HOOK, "subscriptions": [TRIGGER, CREATED]}}, 400),
        ("webhooks", {"webhook": {**HOOK, "http_method": "PUT"}}, 400),
        ("webhooks", {"webhook": {**HOOK, "secret": "mine"}}, 400),
        ("triggers", {"trigger": {"title": "x", "conditions": CONDITIONS, "actions": []}}, 422),
        ("triggers", {"trigger": {"title": "x", "conditions": {"all": []}, "actions": [{}]}}, 422),
        ("groups", {"group": {"name": "Engineering"}}, 422),
        ("groups", {"group": {}}, 422),
        ("ticket_fields", {"ticket_field": {"type": "text"}}, 422),
        ("ticket_fields", {"ticket_field": {"type": "emoji", "title": "x"}}, 422),
    ],
)
def test_zendesk_refuses_what_cannot_be_made(sandbox: Sandbox, path: str, body: Any, status: int) -> None:
    assert zendesk(sandbox, "POST", path, body).status_code == status


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/rest/webhooks/1.0/webhook", {**JIRA_HOOK, "url": "x.test"}),
        ("/rest/webhooks/1.0/webhook", {**JIRA_HOOK, "events": ["issue_created"]}),
        ("/rest/webhooks/1.0/webhook", {**JIRA_HOOK, "jqlFilter": "project = SUP"}),
        ("/rest/api/2/field", {"name": "x", "type": "textfield"}),
        ("/rest/api/2/field", {"type": TEXT}),
    ],
)
def test_jira_refuses_what_cannot_be_made(sandbox: Sandbox, path: str, body: Any) -> None:
    assert jira(sandbox, "POST", path, body).status_code == 400


@pytest.mark.parametrize("query", ["", "permissions=EDIT_EVERYTHING"])
def test_jira_tells_permissions_only_by_their_keys(sandbox: Sandbox, query: str) -> None:
    assert jira(sandbox, "GET", f"/rest/api/2/mypermissions?{query}").status_code == 400


def test_a_trigger_needs_a_webhook_that_takes_triggers(sandbox: Sandbox) -> None:
    made = zendesk(sandbox, "POST", "webhooks", {"webhook": HOOK}).json()["webhook"]
    action = {"field": "notification_webhook", "value": [made["id"], "{}"]}
    trigger = {"title": "x", "conditions": CONDITIONS, "actions": [action]}
    assert zendesk(sandbox, "POST", "triggers", {"trigger": trigger}).status_code == 422


def test_the_changes_of_the_user_whom_a_trigger_leaves_out_send_nothing() -> None:
    with Sandbox(seed=False) as sandbox:
        hook = {**HOOK, "endpoint": f"{sandbox.url}/nobody", "subscriptions": [TRIGGER]}
        made = zendesk(sandbox, "POST", "webhooks", {"webhook": hook}).json()["webhook"]
        zendesk_create(sandbox.account, {"subject": "a", "body": "b", "requester": "Ann"})
        assert sandbox.sender.attempts() == [], "no trigger uses the webhook yet"
        us = str(zendesk(sandbox, "GET", "users/me").json()["user"]["id"])
        trigger = {
            "title": "x",
            "conditions": {**CONDITIONS, "all": [{"field": "role", "operator": "is_not", "value": us}]},
            "actions": [{"field": "notification_webhook", "value": [made["id"], '{"ticket_id": "{{ticket.id}}"}']}],
        }
        assert zendesk(sandbox, "POST", "triggers", {"trigger": trigger}).status_code == 201
        assert zendesk(sandbox, "PUT", "tickets/1001", {"ticket": {"priority": "high"}}).ok
        assert (sandbox.sender.attempts(), sandbox.sender.pending()) == ([], 0)
        zendesk_create(sandbox.account, {"subject": "c", "body": "d", "requester": "Ann"})
        assert sandbox.sender.pending() or sandbox.sender.attempts()


def test_a_new_field_of_jira_is_on_no_screen_yet(sandbox: Sandbox) -> None:
    made = jira(sandbox, "POST", "/rest/api/2/field", {"name": "Firstline level", "type": TEXT})
    assert made.status_code == 201
    assert made.json()["id"] in {one["id"] for one in jira(sandbox, "GET", "/rest/api/2/field").json()}
    issue = {"project": {"key": "ENG"}, "issuetype": {"id": "10011"}, "summary": "b", made.json()["id"]: "L2"}
    assert jira(sandbox, "POST", "/rest/api/2/issue", {"fields": issue}).status_code == 400
