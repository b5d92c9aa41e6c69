"""The sandbox's Zendesk is as strict as the real one is said to be (Zendesk's reference, recorded interactions)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from app.sandbox.server import Sandbox

AUTH = ("firstline@sandbox.example/token", "sandbox")


class Desk:
    """A sandbox, spoken to through both of its doors."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url
        self.http = requests.Session()
        self.http.trust_env = False

    def api(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        more.setdefault("auth", AUTH)
        return self.http.request(method, f"{self.url}/zendesk/api/v2/{path}", json=body, timeout=5, **more)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"{self.url}/control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def put(self, ticket_id: int, **ticket: Any) -> requests.Response:
        return self.api("PUT", f"tickets/{ticket_id}.json", {"ticket": ticket})

    def ticket(self, ticket_id: int) -> dict[str, Any]:
        return self.control("GET", f"zendesk/tickets/{ticket_id}")

    def new(self, **given: Any) -> int:
        given = {"subject": "Help", "body": "It broke", "requester": "Ann", **given}
        return int(self.control("POST", "zendesk/tickets", given)["id"])


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as sandbox:
        yield sandbox


@pytest.fixture
def desk(running: Sandbox) -> Desk:
    return Desk(running)


@pytest.fixture
def ticket_id(desk: Desk) -> int:
    desk.control("POST", "settings", {"zendesk_updates_per_minute": 0})
    return desk.new(tags=["vip"])


def test_only_the_right_token_is_let_in(desk: Desk) -> None:
    for auth in (
        None,
        ("firstline@sandbox.example", "sandbox"),
        (AUTH[0], "wrong"),
        ("who@x.example/token", "sandbox"),
    ):
        answer = desk.api("GET", "users/me", auth=auth)
        assert answer.status_code == 401
        assert answer.json()["error"] == "Couldn't authenticate you"
    assert desk.api("GET", "users/me.json").json()["user"]["email"] == "firstline@sandbox.example"


def test_tags_in_a_put_replace_the_whole_set(desk: Desk, ticket_id: int) -> None:
    desk.put(ticket_id, tags=["New", "two words", "odd#"])
    assert desk.ticket(ticket_id)["tags"] == ["new", "odd", "two", "words"]


def test_a_safe_update_of_an_outdated_ticket_conflicts(desk: Desk, ticket_id: int) -> None:
    stamp = desk.ticket(ticket_id)["updated_at"]
    desk.control("POST", f"zendesk/tickets/{ticket_id}/edit", {"add_tags": ["by-agent"]})
    for safe in (True, False):
        refused = desk.put(ticket_id, tags=["mine"], safe_update=safe, updated_stamp=stamp)
        assert refused.status_code == 409
        assert refused.json()["error"] == "UpdateConflict"
    assert desk.ticket(ticket_id)["tags"] == ["by-agent", "vip"]
    fresh = desk.ticket(ticket_id)["updated_at"]
    assert desk.put(ticket_id, tags=["mine"], safe_update=True, updated_stamp=fresh).ok


def test_updated_at_has_whole_seconds_and_changes_with_each_update(desk: Desk, ticket_id: int) -> None:
    stamps = [desk.ticket(ticket_id)["updated_at"]]
    for priority in ("low", "high", "urgent"):
        stamps.append(desk.put(ticket_id, priority=priority).json()["ticket"]["updated_at"])
    assert len(set(stamps)) == 4
    assert all(len(stamp) == len("2026-11-21T04:00:00Z") for stamp in stamps)


@pytest.mark.parametrize(
    ("ticket", "status"),
    [
        ({"priority": "P1"}, 422),
        ({"group_id": 1}, 422),
        ({"assignee_id": 1}, 422),
        ({"status": "bogus"}, 422),
        ({"tags": 7}, 400),
        ({"group_id": "36"}, 400),
        ({"comment": {"body": 7}}, 400),
        ({"custom_fields": {"1": 2}}, 400),
        ({"safe_update": True}, 422),
        ({"updated_stamp": 5}, 400),
        ({"followers": [{"user_id": "1"}]}, 422),
        ({"followers": {}}, 400),
        ({"email_ccs": []}, 501),
        ({"problem_id": 1}, 422),
        ({"custom_status_id": 1}, 422),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_a_wrong_value_is_refused_and_nothing_of_the_request_is_applied(
    desk: Desk, ticket_id: int, ticket: dict[str, Any], status: int
) -> None:
    before = desk.ticket(ticket_id)
    assert desk.put(ticket_id, **{"subject": "changed", **ticket}).status_code == status
    assert desk.ticket(ticket_id) == before


def test_unknown_keys_are_dropped_and_named_in_a_header(desk: Desk, ticket_id: int) -> None:
    answer = desk.put(ticket_id, id=ticket_id, additional_tags=["x"], priority="low")
    assert answer.status_code == 200
    assert answer.headers["X-Zendesk-API-Warn"] == (
        'Removed restricted keys ["ticket.id", "ticket.additional_tags"] from parameters'
    )
    assert desk.ticket(ticket_id)["tags"] == ["vip"]


def test_a_comment_without_public_takes_the_tickets_first_value(desk: Desk, ticket_id: int) -> None:
    private = desk.new(public=False)
    for one, expected in ((ticket_id, True), (private, False)):
        desk.put(one, comment={"body": "a note"})
        assert desk.ticket(one)["comments"][-1]["public"] is expected
    desk.put(ticket_id, comment={"body": "a note", "public": False})
    assert desk.ticket(ticket_id)["comments"][-1]["public"] is False


def test_a_closed_ticket_takes_nothing(desk: Desk, ticket_id: int) -> None:
    desk.control("POST", f"zendesk/tickets/{ticket_id}/edit", {"status": "closed"})
    answer = desk.put(ticket_id, priority="low")
    assert answer.status_code == 422
    assert "closed prevents ticket update" in answer.text


def test_a_deleted_ticket_is_not_found_but_stays_in_the_export(desk: Desk, ticket_id: int) -> None:
    desk.control("DELETE", f"zendesk/tickets/{ticket_id}")
    for method, path in (("GET", ""), ("GET", "/comments"), ("PUT", "")):
        answer = desk.api(method, f"tickets/{ticket_id}{path}", {"ticket": {}} if method == "PUT" else None)
        assert answer.status_code == 404
        assert answer.json()["error"] == "RecordNotFound"
    desk.control("POST", "settings", {"zendesk_export_lag": 0})
    exported = desk.api("GET", "incremental/tickets/cursor?start_time=1700000000").json()
    assert {one["id"]: one["status"] for one in exported["tickets"]}[ticket_id] == "deleted"
    desk.control("POST", "settings", {"zendesk_export_lag": 60})


def test_the_export_walks_through_everything_once_and_withholds_the_last_minute(desk: Desk, ticket_id: int) -> None:
    first = "incremental/tickets/cursor?start_time=1700000000&per_page=1"
    assert desk.api("GET", first).json()["tickets"] == []
    desk.control("POST", "settings", {"zendesk_export_lag": 0, "zendesk_exports_per_minute": 0})
    page, seen = desk.api("GET", first).json(), []
    while page["tickets"]:
        seen += [one["id"] for one in page["tickets"]]
        assert page["end_of_stream"] == (len(seen) == len(desk.control("GET", "zendesk/tickets")))
        page = desk.api("GET", f"incremental/tickets/cursor.json?cursor={page['after_cursor']}&per_page=1").json()
    assert len(seen) == len(set(seen))
    assert ticket_id in seen
    desk.control("POST", "settings", {"zendesk_export_lag": 60, "zendesk_exports_per_minute": 10})


def test_comments_come_in_pages_that_a_cursor_leads_through(desk: Desk, ticket_id: int) -> None:
    for number in range(3):
        desk.put(ticket_id, comment={"body": f"note {number}", "public": False})
    page, bodies, pages = desk.api("GET", f"tickets/{ticket_id}/comments?page[size]=2").json(), [], 1
    bodies += [one["body"] for one in page["comments"]]
    while page["meta"]["has_more"]:
        page = desk.http.get(page["links"]["next"], auth=AUTH, timeout=5).json()
        bodies += [one["body"] for one in page["comments"]]
        pages += 1
    assert bodies == ["It broke", "note 0", "note 1", "note 2"]
    assert pages == 2


def test_html_is_made_safe_and_a_plain_body_is_derived(desk: Desk, ticket_id: int) -> None:
    source = "<p>Hi &amp; hello {{ticket.id}}</p><!-- mark --><script>x()</script><ul><li data-m='1'>one</li></ul>"
    desk.put(ticket_id, comment={"html_body": source, "public": False})
    made = desk.ticket(ticket_id)["comments"][-1]
    assert made["body"] == f"Hi & hello {ticket_id}\n\n- one"
    assert "mark" not in made["html_body"]
    assert "script" not in made["html_body"]
    assert "data-m" not in made["html_body"]


def test_placeholders_in_an_agents_comment_are_expanded_and_unknown_ones_vanish(desk: Desk, ticket_id: int) -> None:
    desk.put(ticket_id, comment={"body": "a {{ticket.nothing}} b", "public": False})
    assert desk.ticket(ticket_id)["comments"][-1]["body"] == "a  b"


def test_a_customers_comment_reopens_a_solved_ticket(desk: Desk, ticket_id: int) -> None:
    desk.put(ticket_id, status="solved")
    assert desk.ticket(ticket_id)["assignee_id"] is not None
    desk.control("POST", f"zendesk/tickets/{ticket_id}/comments", {"body": "Still broken"})
    assert desk.ticket(ticket_id)["status"] == "open"


def test_a_new_group_takes_the_ticket_from_an_assignee_who_is_not_in_it(desk: Desk, ticket_id: int) -> None:
    desk.control("POST", f"zendesk/tickets/{ticket_id}/edit", {"assignee": "dana@sandbox.example"})
    assert (desk.ticket(ticket_id)["group"], desk.ticket(ticket_id)["status"]) == ("Frontline Support", "open")
    groups = {one["name"]: one["id"] for one in desk.api("GET", "groups").json()["groups"]}
    desk.put(ticket_id, group_id=groups["Security Team"])
    assert desk.ticket(ticket_id)["assignee_id"] is None


def test_an_update_that_changes_nothing_leaves_no_audit(desk: Desk, ticket_id: int) -> None:
    before = desk.ticket(ticket_id)
    assert desk.put(ticket_id, tags=["VIP"]).json()["audit"]["events"] == []
    assert desk.ticket(ticket_id) == before


def test_audits_tell_who_changed_what(desk: Desk, ticket_id: int) -> None:
    desk.control("POST", f"zendesk/tickets/{ticket_id}/edit", {"priority": "high"})
    audit = desk.api("GET", f"tickets/{ticket_id}/audits").json()["audits"][-1]
    author = desk.api("GET", f"users/{audit['author_id']}").json()["user"]
    assert author["name"] == "Dana Okafor"
    (event,) = audit["events"]
    assert (event["field_name"], event["previous_value"], event["value"]) == ("priority", None, "high")


def test_thirty_updates_of_one_ticket_in_ten_minutes_are_enough(desk: Desk, ticket_id: int) -> None:
    for number in range(30):
        assert desk.put(ticket_id, subject=f"s{number}").ok
    refused = desk.put(ticket_id, subject="once more")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "remaining=0" in refused.headers["zendesk-ratelimit-per-ticket-updates"]


def test_a_hundred_updates_in_a_minute_are_enough_for_the_account(desk: Desk) -> None:
    desk.control("POST", "settings", {"zendesk_updates_per_minute": 3})
    statuses = [desk.put(desk.new(), priority="low").status_code for _ in range(4)]
    desk.control("POST", "settings", {"zendesk_updates_per_minute": 0})
    assert statuses[-1] == 429
    assert desk.put(desk.new(), priority="low").ok


def test_update_many_adds_and_removes_tags_and_reports_each_ticket(desk: Desk, ticket_id: int) -> None:
    other = desk.new(tags=["a", "b"])
    body = {"ticket": {"additional_tags": ["new"], "remove_tags": ["a"]}}
    job = desk.api("PUT", f"tickets/update_many?ids={ticket_id},{other},99", body).json()["job_status"]
    for state in ("queued", "working", "completed"):
        done = desk.api("GET", f"job_statuses/{job['id']}").json()["job_status"]
        assert done["status"] == state
    assert [one["success"] for one in done["results"]] == [True, True, False]
    assert desk.ticket(other)["tags"] == ["b", "new"]


def test_a_repeated_idempotency_key_creates_one_ticket(desk: Desk) -> None:
    body = {"ticket": {"subject": "Once", "comment": {"body": "x"}}}
    answers = [desk.api("POST", "tickets", body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [one.headers["x-idempotency-lookup"] for one in answers] == ["miss", "hit"]
    assert answers[0].json()["ticket"]["id"] == answers[1].json()["ticket"]["id"]


@pytest.mark.parametrize("what", ["comments", "ticket"])
def test_an_agent_can_edit_between_the_workers_read_and_its_write(desk: Desk, ticket_id: int, what: str) -> None:
    given = {"add_tags": ["urgent-by-hand"], "after": what}
    desk.control("POST", f"zendesk/tickets/{ticket_id}/edit_after_read", given)
    read = desk.api("GET", f"tickets/{ticket_id}").json()["ticket"]
    desk.api("GET", f"tickets/{ticket_id}/comments")
    stale = desk.put(ticket_id, tags=["mine"], safe_update=True, updated_stamp=read["updated_at"])
    assert stale.status_code == 409
    assert desk.ticket(ticket_id)["tags"] == ["urgent-by-hand", "vip"]


def test_the_journal_holds_accepted_writes_only(desk: Desk, ticket_id: int) -> None:
    desk.control("DELETE", "requests")
    desk.put(ticket_id, priority="P9")
    desk.put(ticket_id, priority="low")
    desk.api("GET", "groups")
    (write,) = desk.control("GET", "writes")
    assert write["who"] == "firstline@sandbox.example"
    assert (write["method"], write["path"], write["status"]) == ("PUT", f"/api/v2/tickets/{ticket_id}.json", 200)
    assert write["body"] == {"ticket": {"priority": "low"}}
    assert len(desk.control("GET", "requests")) == 3


def test_pages_for_people_show_the_ticket_and_escape_what_customers_write(desk: Desk) -> None:
    ticket_id = desk.new(subject="<b>bold</b>", body="<script>alert(1)</script> a < b")
    desk.put(ticket_id, comment={"body": "for agents only", "public": False}, tags=["sev-p1"])
    page = desk.http.get(f"{desk.url}/zendesk/agent/tickets/{ticket_id}", timeout=5).text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<script>" not in page
    assert "internal note" in page
    assert "sev-p1" in page
    assert str(ticket_id) in desk.http.get(desk.url, timeout=5).text
    assert desk.http.get(f"{desk.url}/zendesk/agent/tickets/9", timeout=5).status_code == 404
