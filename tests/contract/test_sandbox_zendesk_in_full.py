"""The sandbox's Zendesk beyond tags and comments: followers, problems, statuses, merges, deletions, jobs."""

from __future__ import annotations

from typing import Any

import pytest

from app.sandbox.server import Sandbox
from app.sandbox.zendesk.events import ZendeskHook
from app.sandbox.zendesk.records import WAITING
from tests.contract.test_sandbox_zendesk import Desk, desk, running, ticket_id

__all__ = ["desk", "running", "ticket_id"]  # fixtures


def agents(sandbox: Sandbox, role: str = "agent") -> list[int]:
    return [one["id"] for one in sandbox.account.records.users.values() if one["role"] == role]


def kinds(sandbox: Sandbox, number: int) -> list[str]:
    """The events that webhooks were told about a ticket."""
    return [one["kind"].removeprefix("ticket.") for one in sandbox.sender.attempts() if one["subject"] == str(number)]


@pytest.fixture
def told(running: Sandbox) -> Sandbox:
    """A sandbox with a subscriber, whose deliveries are kept rather than sent."""
    running.account.hooks[:] = [ZendeskHook("http://127.0.0.1:9/", "s")]
    running.sender.paused = True
    return running


def test_followers_of_the_desk_are_added_and_removed_and_customers_are_left_out(
    desk: Desk, running: Sandbox, ticket_id: int
) -> None:
    one, other = agents(running)[:2]
    customer = desk.ticket(ticket_id)["requester_id"]
    wanted = [{"user_id": str(who), "action": "put"} for who in (one, other, customer)]
    assert desk.put(ticket_id, followers=wanted).ok
    assert desk.ticket(ticket_id)["follower_ids"] == [one, other]
    desk.put(ticket_id, followers=[{"user_id": str(one), "action": "delete"}])
    assert desk.ticket(ticket_id)["follower_ids"] == [other]


def test_null_takes_the_assignee_off(desk: Desk, running: Sandbox, ticket_id: int) -> None:
    desk.put(ticket_id, assignee_id=agents(running)[0])
    assert desk.ticket(ticket_id)["assignee_id"]
    desk.put(ticket_id, assignee_id=None)
    assert desk.ticket(ticket_id)["assignee_id"] is None


def test_an_incident_hangs_on_a_problem_and_on_nothing_else(desk: Desk, ticket_id: int) -> None:
    problem = desk.new(type="problem")
    assert desk.put(ticket_id, type="incident", problem_id=desk.new()).status_code == 422
    assert desk.put(ticket_id, type="question", problem_id=problem).status_code == 422
    assert desk.put(ticket_id, type="incident", problem_id=problem).ok
    assert desk.ticket(problem)["has_incidents"]
    listed = desk.api("GET", f"tickets/{problem}/incidents").json()["tickets"]
    assert [one["id"] for one in listed] == [ticket_id]
    desk.put(ticket_id, type="question")
    assert desk.ticket(ticket_id)["problem_id"] is None


def test_a_custom_status_sits_under_its_category_and_the_plain_word_leaves_it(desk: Desk, ticket_id: int) -> None:
    listed = {one["agent_label"]: one for one in desk.api("GET", "custom_statuses").json()["custom_statuses"]}
    assert listed["Waiting for engineering"]["id"] == WAITING
    desk.put(ticket_id, custom_status_id=WAITING)
    shown = desk.ticket(ticket_id)
    assert (shown["status"], shown["custom_status_id"]) == ("hold", WAITING)
    desk.put(ticket_id, status="hold")
    assert desk.ticket(ticket_id)["custom_status_id"] == listed["On-hold"]["id"]


def test_attachments_are_listed_with_the_comment(desk: Desk) -> None:
    number = desk.new(attachments=["first.log"])
    desk.control("POST", f"zendesk/tickets/{number}/comments", {"body": "Here", "attachments": ["a.png", "b.png"]})
    thread = desk.api("GET", f"tickets/{number}/comments").json()["comments"]
    assert [[file["file_name"] for file in one["attachments"]] for one in thread] == [["first.log"], ["a.png", "b.png"]]


def test_a_customers_reply_to_a_closed_ticket_opens_a_follow_up_with_its_tags(desk: Desk, ticket_id: int) -> None:
    desk.control("POST", f"zendesk/tickets/{ticket_id}/edit", {"status": "closed", "add_tags": ["sev-p1"]})
    desk.control("POST", f"zendesk/tickets/{ticket_id}/comments", {"body": "It is back"})
    closed = desk.ticket(ticket_id)
    assert len(closed["comments"]) == 1
    (number,) = closed["followup_ids"]
    follow_up = desk.ticket(number)
    assert follow_up["tags"] == ["sev-p1", "vip"]
    assert follow_up["via"]["source"]["rel"] == "follow_up"
    assert follow_up["via"]["source"]["from"]["ticket_id"] == ticket_id
    assert follow_up["requester_id"] == closed["requester_id"]


def test_only_a_closed_ticket_can_be_followed_up(desk: Desk, ticket_id: int) -> None:
    body = {"ticket": {"via_followup_source_id": ticket_id, "comment": {"body": "x"}}}
    assert desk.api("POST", "tickets", body).status_code == 422


def test_a_merge_closes_its_sources_for_ever_and_tells_it(desk: Desk, told: Sandbox, ticket_id: int) -> None:
    source = desk.new(body="The same thing")
    job = desk.api("POST", f"tickets/{ticket_id}/merge", {"ids": [source], "target_comment": "merged"})
    assert job.json()["job_status"]["status"] == "queued"
    merged = desk.ticket(source)
    assert (merged["status"], merged["tags"]) == ("closed", ["closed_by_merge"])
    assert "merged" in kinds(told, source)
    assert [one["public"] for one in desk.ticket(ticket_id)["comments"]] == [True, False]
    assert desk.api("POST", f"tickets/{ticket_id}/merge", {"ids": [source]}).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [({"ids": ["self"]}, 422), ({"ids": []}, 400), ({}, 400), ({"ids": [1], "source_comment": None}, 400)],
)
def test_a_merge_that_makes_no_sense_is_refused(desk: Desk, ticket_id: int, body: dict[str, Any], status: int) -> None:
    asked = {**body, **({"ids": [ticket_id]} if body.get("ids") == ["self"] else {})}
    answer = desk.api("POST", f"tickets/{ticket_id}/merge", asked)
    assert answer.status_code == status
    assert desk.ticket(ticket_id)["status"] == "new"


def test_deleted_restored_spam_and_scrubbed_tickets_are_told_and_shown_as_such(
    desk: Desk, told: Sandbox, ticket_id: int
) -> None:
    def there() -> int:
        return desk.api("GET", f"tickets/{ticket_id}").status_code

    desk.api("DELETE", f"tickets/{ticket_id}")
    assert there() == 404
    listed = desk.api("GET", "deleted_tickets").json()["deleted_tickets"]
    assert ticket_id in {one["id"] for one in listed}
    assert desk.api("PUT", f"deleted_tickets/{ticket_id}/restore").ok
    assert there() == 200
    assert desk.api("PUT", f"tickets/{ticket_id}/mark_as_spam").ok
    assert desk.api("DELETE", f"deleted_tickets/{ticket_id}").ok
    assert desk.api("PUT", f"deleted_tickets/{ticket_id}/restore").status_code == 404
    expected = ["soft_deleted", "undeleted", "marked_as_spam", "permanently_deleted"]
    assert [kind for kind in kinds(told, ticket_id) if kind in expected] == expected
    assert desk.ticket(ticket_id)["description"] == "SCRUBBED"


def test_thirty_jobs_at_a_time_are_enough(desk: Desk, ticket_id: int) -> None:
    desk.control("POST", "settings", {"zendesk_jobs_at_once": 2})
    ask = {"ticket": {"additional_tags": ["x"]}}
    answers = []
    while not answers or answers[-1].ok:
        answers.append(desk.api("PUT", f"tickets/update_many?ids={ticket_id}", ask))
    assert answers[-1].json()["error"] == "TooManyJobs"
    for answer in answers[:-1]:
        for _ in range(3):
            desk.api("GET", f"job_statuses/{answer.json()['job_status']['id']}")
    desk.control("POST", "settings", {"zendesk_jobs_at_once": 1000})
    assert desk.api("PUT", f"tickets/update_many?ids={ticket_id}", ask).ok


def test_every_spelling_of_the_limits_is_in_the_headers(desk: Desk, ticket_id: int) -> None:
    read = desk.api("GET", f"tickets/{ticket_id}").headers
    for name in ("x-rate-limit", "x-rate-limit-remaining", "ratelimit-reset", "rate-limit-remaining"):
        assert read[name].isdigit()
    desk.control("POST", "settings", {"zendesk_updates_per_minute": 100})
    ask = {"ticket": {"additional_tags": ["y"]}}
    many = desk.api("PUT", f"tickets/update_many?ids={ticket_id}", ask).headers
    assert many["zendesk-rate-limit-tickets-update"].startswith("total=100; remaining=")
    desk.control("POST", "settings", {"zendesk_updates_per_minute": 0})
