"""The sandbox's webhooks: what they say, how they are signed, how often they are tried."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from app.sandbox.server import Sandbox

ZENDESK_AUTH = ("firstline@sandbox.example/token", "sandbox")
JIRA_AUTH = ("firstline@sandbox.example", "sandbox")


class Receiver(ThreadingHTTPServer):
    """Keeps every delivery. ``says`` is asked for the status and the headers of each answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.says: Callable[[int], tuple[int, dict[str, str]]] = lambda number: (202, {})
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(body) for where, _, body in list(self.got) if where == path]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, headers = self.server.says(len(self.server.got))
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Desk:
    """A sandbox and the receiver of its webhooks."""

    def __init__(self, sandbox: Sandbox, receiver: Receiver) -> None:
        self.sandbox, self.receiver = sandbox, receiver

    def control(self, path: str, body: Any = None) -> Any:
        answer = requests.post(f"{self.sandbox.url}/control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def settle(self) -> None:
        deadline = time.monotonic() + 10
        while self.sandbox.sender.pending():
            assert time.monotonic() < deadline, "webhooks are still on their way"
            time.sleep(0.01)

    def zendesk(self) -> list[dict[str, Any]]:
        self.settle()
        return self.receiver.bodies("/webhooks/zendesk")

    def jira(self) -> list[dict[str, Any]]:
        self.settle()
        return self.receiver.bodies("/webhooks/jira")

    def new(self, **given: Any) -> int:
        return int(self.control("zendesk/tickets", {"subject": "Help", "body": "Text", **given})["id"])

    def issue(self) -> str:
        return str(self.control("jira/issues", {"subject": "Help", "body": "Text"})["key"])


@pytest.fixture
def desk() -> Iterator[Desk]:
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, args=(0.02,), daemon=True).start()
    with Sandbox(seed=False, webhooks=[receiver.url], zendesk_secret="zs", jira_secret="js") as sandbox:
        sandbox.sender.patience = 0.05
        yield Desk(sandbox, receiver)
    receiver.shutdown()
    receiver.server_close()


def test_a_zendesk_delivery_is_signed_over_its_timestamp_and_body(desk: Desk) -> None:
    desk.new()
    desk.settle()
    ((path, headers, body),) = desk.receiver.got
    timestamp = headers["x-zendesk-webhook-signature-timestamp"]
    digest = hmac.digest(b"zs", timestamp.encode() + body, hashlib.sha256)
    assert path == "/webhooks/zendesk"
    assert headers["x-zendesk-webhook-signature"] == base64.b64encode(digest).decode()
    assert headers["user-agent"] == "Zendesk Webhook"
    assert headers["content-type"] == "application/json; charset=utf-8"
    for name in ("x-zendesk-account-id", "x-zendesk-webhook-id", "x-zendesk-webhook-invocation-id"):
        assert headers[name]


def test_a_zendesk_event_has_text_for_ids_and_upper_case_words(desk: Desk) -> None:
    ticket_id = desk.new(priority="high")
    (event,) = desk.zendesk()
    assert event["type"] == "zen:event-type:ticket.created"
    assert event["subject"] == f"zen:ticket:{ticket_id}"
    assert isinstance(event["account_id"], int)
    detail = event["detail"]
    assert (detail["id"], detail["status"], detail["priority"]) == (str(ticket_id), "NEW", "HIGH")
    assert isinstance(detail["requester_id"], str)
    assert detail["assignee_id"] is None


def test_one_write_of_the_worker_tells_several_events_with_the_worker_as_actor(desk: Desk) -> None:
    ticket_id = desk.new(tags=["a"])
    desk.settle()
    desk.receiver.got.clear()
    base = f"{desk.sandbox.url}/zendesk/api/v2"
    ticket = {"tags": ["b"], "priority": "urgent", "status": "open", "comment": {"body": "note", "public": False}}
    requests.put(f"{base}/tickets/{ticket_id}", json={"ticket": ticket}, auth=ZENDESK_AUTH, timeout=5)
    told = {event["type"].removeprefix("zen:event-type:ticket."): event for event in desk.zendesk()}
    assert set(told) == {"comment_added", "tags_changed", "priority_changed", "status_changed"}
    assert told["tags_changed"]["event"]["tags_added"] == ["b"]
    assert told["priority_changed"]["event"]["current"] == "URGENT"
    assert told["status_changed"]["event"]["previous"] == "NEW"
    assert told["comment_added"]["event"]["comment"]["is_public"] is False
    me = requests.get(f"{base}/users/me", auth=ZENDESK_AUTH, timeout=5).json()["user"]["id"]
    assert {event["detail"]["actor_id"] for event in told.values()} == {str(me)}
    assert len({event["event"]["meta"]["sequence"]["id"] for event in told.values()}) == 1


def test_a_trigger_sends_what_the_administrator_typed_with_text_put_in(desk: Desk) -> None:
    template = '{"ticket_id": "{{ticket.id}}", "title": "{{ticket.title}}", "priority": "{{ticket.priority}}"}'
    desk.control("zendesk/trigger", {"body": template, "url": f"{desk.receiver.url}/trigger", "secret": "t"})
    ticket_id = desk.new(priority="low", subject="Plain")
    desk.new(subject='A "quoted" word')
    desk.settle()
    bodies = [body for path, _, body in desk.receiver.got if path == "/trigger"]
    assert json.loads(bodies[0]) == {"ticket_id": str(ticket_id), "title": "Plain", "priority": "Low"}
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(bodies[1])


@pytest.mark.parametrize(
    ("status", "headers", "attempts"),
    [(409, {}, 4), (503, {"Retry-After": "1"}, 6), (429, {"Retry-After": "1"}, 6), (503, {}, 1),
     (503, {"Retry-After": "60"}, 1), (500, {}, 1), (401, {}, 1), (404, {}, 1)],
)  # fmt: skip
def test_zendesk_tries_again_after_409_429_and_503_only(
    desk: Desk, status: int, headers: dict[str, str], attempts: int
) -> None:
    desk.receiver.says = lambda number: (status, headers)
    desk.new()
    desk.settle()
    assert len(desk.receiver.got) == attempts
    assert len({got["x-zendesk-webhook-invocation-id"] for _, got, _ in desk.receiver.got}) == 1


def test_zendesk_does_not_try_again_when_nobody_listens(desk: Desk) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        desk.sandbox.account.hooks[0].url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        desk.new()
        desk.settle()
    assert [one["outcome"] for one in desk.sandbox.sender.attempts()] == ["unreachable"]


def test_zendesk_tries_again_five_times_after_a_time_out(desk: Desk) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        hook = desk.sandbox.account.hooks[0]
        hook.url, hook.timeout = f"http://127.0.0.1:{silent.getsockname()[1]}/", 0.05
        desk.new()
        desk.settle()
    assert [one["outcome"] for one in desk.sandbox.sender.attempts()] == ["timeout"] * 6


def test_a_jira_delivery_is_signed_over_its_body(desk: Desk) -> None:
    key = desk.issue()
    (event,) = desk.jira()
    ((_, headers, body),) = desk.receiver.got
    assert headers["x-hub-signature"] == "sha256=" + hmac.new(b"js", body, hashlib.sha256).hexdigest()
    assert headers["x-atlassian-webhook-flow"] == "Primary"
    assert headers["x-atlassian-webhook-identifier"]
    assert "x-atlassian-webhook-retry" not in headers
    assert (event["webhookEvent"], event["issue"]["key"]) == ("jira:issue_created", key)
    assert isinstance(event["timestamp"], int)


def test_a_jira_update_tells_what_changed_and_who_did_it(desk: Desk) -> None:
    key = desk.issue()
    desk.settle()
    desk.receiver.got.clear()
    base = f"{desk.sandbox.url}/jira/rest/api/2"
    body = {"update": {"labels": [{"add": "x"}]}, "fields": {"priority": {"name": "High"}}}
    requests.put(f"{base}/issue/{key}", json=body, auth=JIRA_AUTH, timeout=5)
    (event,) = desk.jira()
    assert event["webhookEvent"] == "jira:issue_updated"
    assert {item["field"] for item in event["changelog"]["items"]} == {"labels", "priority"}
    me = requests.get(f"{base}/myself", auth=JIRA_AUTH, timeout=5).json()["accountId"]
    assert event["user"]["accountId"] == me


def test_a_jira_comment_comes_with_a_thin_issue_from_the_cloud_and_alone_from_a_data_center(desk: Desk) -> None:
    key = desk.issue()
    desk.settle()
    desk.receiver.got.clear()
    desk.control(f"jira/issues/{key}/comments", {"body": "more"})
    (cloud,) = desk.jira()
    assert cloud["issue"]["key"] == key
    assert not {"labels", "description", "updated"} & set(cloud["issue"]["fields"])
    assert "user" not in cloud
    desk.receiver.got.clear()
    desk.control("settings", {"jira_webhook_shape": "server"})
    desk.control(f"jira/issues/{key}/comments", {"body": "more"})
    events = {event["webhookEvent"]: event for event in desk.jira()}
    assert set(events) == {"comment_created", "jira:issue_updated"}
    bare = events["comment_created"]
    assert set(bare) == {"timestamp", "webhookEvent", "comment"}
    assert f"/issue/{cloud['issue']['id']}/comment/" in bare["comment"]["self"]
    assert "accountId" not in bare["comment"]["author"]


@pytest.mark.parametrize(("status", "attempts"), [(503, 6), (500, 6), (429, 6), (408, 6), (400, 1), (404, 1), (401, 1)])
def test_jira_tries_again_after_what_may_pass(desk: Desk, status: int, attempts: int) -> None:
    desk.receiver.says = lambda number: (status, {})
    desk.issue()
    desk.settle()
    headers = [got for _, got, _ in desk.receiver.got]
    assert [one.get("x-atlassian-webhook-retry") for one in headers] == [None, *map(str, range(1, attempts))]
    assert len({one["x-atlassian-webhook-identifier"] for one in headers}) == 1


def test_deliveries_can_come_twice_under_the_same_id(desk: Desk) -> None:
    desk.control("webhooks", {"duplicates": 2})
    desk.new()
    desk.issue()
    desk.settle()
    ids = [got.get("x-zendesk-webhook-invocation-id") or got["x-atlassian-webhook-identifier"]
           for _, got, _ in desk.receiver.got]  # fmt: skip
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_deliveries_can_come_out_of_order(desk: Desk) -> None:
    desk.control("webhooks", {"shuffle": True})
    wanted = [str(desk.new()) for _ in range(12)]
    got = [event["detail"]["id"] for event in desk.zendesk()]
    assert sorted(got) == sorted(wanted)
    assert got != wanted


def test_deliveries_can_be_lost_and_found_again(desk: Desk) -> None:
    desk.control("webhooks", {"paused": True})
    desk.new()
    assert desk.zendesk() == []
    assert [one["outcome"] for one in desk.sandbox.sender.attempts()] == ["lost"]
    assert desk.control("webhooks", {"paused": False, "release": True}) == {"released": 1}
    assert len(desk.zendesk()) == 1


def test_the_list_of_deliveries_tells_each_attempt(desk: Desk) -> None:
    desk.receiver.says = lambda number: (409 if number == 1 else 202, {})
    ticket_id = desk.new()
    desk.settle()
    listed = requests.get(f"{desk.sandbox.url}/control/deliveries", timeout=5).json()
    assert [(one["attempt"], one["outcome"], one["status"]) for one in listed] == [(1, "refused", 409),
                                                                                   (2, "delivered", 202)]  # fmt: skip
    assert {(one["vendor"], one["kind"], one["subject"]) for one in listed} == {
        ("zendesk", "ticket.created", str(ticket_id))
    }


def test_a_webhook_made_through_the_api_hears_only_what_it_subscribed_to(desk: Desk) -> None:
    webhook = {"name": "n", "endpoint": f"{desk.receiver.url}/more", "http_method": "POST", "request_format": "json",
               "status": "active", "subscriptions": ["zen:event-type:ticket.priority_changed"]}  # fmt: skip
    address = f"{desk.sandbox.url}/zendesk/api/v2/webhooks"
    assert requests.post(address, json={"webhook": webhook}, auth=ZENDESK_AUTH, timeout=5).status_code == 201
    wrong = {**webhook, "subscriptions": ["zen:event-type:ticket.updated"]}
    assert requests.post(address, json={"webhook": wrong}, auth=ZENDESK_AUTH, timeout=5).status_code == 400
    ticket_id = desk.new()
    desk.control(f"zendesk/tickets/{ticket_id}/edit", {"priority": "low"})
    desk.settle()
    assert [one["type"].rpartition(".")[2] for one in desk.receiver.bodies("/more")] == ["priority_changed"]
    assert len(requests.get(address, auth=ZENDESK_AUTH, timeout=5).json()["webhooks"]) == 2
