"""What a request counts in at each vendor, and what every spelling of an answer's headers says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.vendors.gate import reset_in, retry_after
from app.vendors.jira.limits import JiraLimits
from app.vendors.zendesk.limits import ZendeskLimits
from config.accounts import JiraAccount, ZendeskAccount

ZENDESK = ZendeskLimits(ZendeskAccount(subdomain="acme", updates_per_minute=20, requests_per_minute=400))
JIRA = JiraLimits(JiraAccount(url="https://acme.test"))
TICKET = "/api/v2/tickets/35436.json"
ISSUE = "/rest/api/2/issue/SUP-7"
NOW = 1_772_445_600.0  # 2026-03-02T10:00:00Z
EVERY = ("requests", "pace")


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("GET", TICKET, EVERY),
        ("GET", "/api/v2/tickets/35436/comments.json", EVERY),
        ("PUT", TICKET, (*EVERY, "updates", "ticket:35436")),
        ("PUT", "/zendesk/api/v2/tickets/35436", (*EVERY, "updates", "ticket:35436")),
        ("PUT", "/api/v2/tickets/35436/tags.json", (*EVERY, "updates", "ticket:35436")),
        ("POST", "/api/v2/tickets/35436/merge.json", (*EVERY, "updates", "ticket:35436")),
        ("PUT", "/api/v2/tickets/update_many.json", (*EVERY, "updates")),
        ("POST", "/api/v2/tickets.json", EVERY),
        ("GET", "/api/v2/incremental/tickets/cursor.json", (*EVERY, "exports")),
        ("GET", "/api/v2/search/export.json", (*EVERY, "search_exports")),
        ("GET", "/api/v2/search.json", EVERY),
    ],
)
def test_what_a_request_to_zendesk_counts_in(method: str, path: str, counted: tuple[str, ...]) -> None:
    found = ZENDESK.buckets(method, path)
    assert tuple(one.name + (f":{one.key}" if one.key else "") for one in found) == counted


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("GET", ISSUE, (*EVERY, "burst:GET issue")),
        ("PUT", ISSUE, (*EVERY, "burst:PUT issue", "issue:SUP-7", "issue_long:SUP-7")),
        ("POST", f"/jira{ISSUE}/comment", (*EVERY, "burst:POST issue/comment", "issue:SUP-7", "issue_long:SUP-7")),
        (
            "POST",
            "/rest/servicedeskapi/request/SUP-7/comment",
            (*EVERY, "burst:POST request/comment", "issue:SUP-7", "issue_long:SUP-7"),
        ),
        ("PUT", "/rest/api/2/issue/10001", (*EVERY, "burst:PUT issue", "issue:10001", "issue_long:10001")),
        ("POST", "/rest/api/2/issueLink", (*EVERY, "burst:POST issueLink")),
        ("GET", "/rest/api/3/search/jql", (*EVERY, "burst:GET search/jql")),
    ],
)
def test_what_a_request_to_jira_counts_in(method: str, path: str, counted: tuple[str, ...]) -> None:
    found = JIRA.buckets(method, path)
    assert tuple(one.name + (f":{one.key}" if one.key else "") for one in found) == counted


def test_the_limits_are_those_of_the_vendors_pages() -> None:
    limits = {one.name: (one.limit, round(one.seconds)) for one in ZENDESK.buckets("PUT", TICKET)}
    assert limits == {"requests": (400, 61), "pace": (80, 10), "updates": (20, 61), "ticket": (30, 612)}
    assert ZENDESK.buckets("GET", "/api/v2/incremental/tickets/cursor.json")[-1].limit == 10
    jira = {one.name: (one.limit, round(one.seconds, 2)) for one in JIRA.buckets("PUT", ISSUE)}
    assert jira["burst"] == (50, 1.02)
    assert jira["issue"] == (20, 2.04)
    assert jira["issue_long"] == (100, 30.6)
    assert JIRA.buckets("GET", ISSUE)[-1].limit == 100


SPELLINGS: list[tuple[Mapping[str, str], tuple[str, int, int | None, float | None]]] = [
    ({"x-rate-limit": "700", "x-rate-limit-remaining": "699"}, ("requests", 699, 700, None)),
    (
        {"rate-limit": "700", "rate-limit-remaining": "12", "rate-limit-reset": "41"},
        ("requests", 12, 700, 41.0),
    ),
    (
        {"ratelimit-limit": "700", "ratelimit-remaining": "0", "ratelimit-reset": "3"},
        ("requests", 0, 700, 3.0),
    ),
    ({"X-RateLimit-Limit": "400", "X-RateLimit-Remaining": "5"}, ("requests", 5, 400, None)),
    ({"zendesk-rate-limit-tickets-update": "total=20; remaining=19; resets=59"}, ("updates", 19, 20, 59.0)),
    ({"Zendesk-RateLimit-Tickets-Update": "total=20;remaining=0;resets=7"}, ("updates", 0, 20, 7.0)),
    ({"zendesk-ratelimit-per-ticket-updates": "total=30; remaining=29; resets=468"}, ("ticket", 29, 30, 468.0)),
]


@pytest.mark.parametrize(("headers", "told"), SPELLINGS)
def test_every_spelling_of_zendesks_headers_is_understood(
    headers: Mapping[str, str], told: tuple[str, int, int | None, float | None]
) -> None:
    (said,) = ZENDESK.told("PUT", TICKET, 200, headers, NOW)
    assert (said.bucket.name, said.left, said.total, said.resets) == told


@pytest.mark.parametrize(
    "headers",
    [
        {"zendesk-rate-limit-tickets-update": "remaining"},
        {"zendesk-rate-limit-something-new": "total=1; remaining=0; resets=9"},
        {"x-rate-limit-remaining": "many"},
        {"x-rate-limit": "700"},
        {"ratelimit-remaining": "9" * 40},
        {},
    ],
)
def test_headers_that_say_nothing_change_nothing(headers: Mapping[str, str]) -> None:
    assert ZENDESK.told("PUT", TICKET, 200, headers, NOW) == ()
    assert JIRA.told("PUT", ISSUE, 200, headers, NOW) == ()


@pytest.mark.parametrize(
    ("method", "path", "headers", "rests"),
    [
        ("PUT", TICKET, {"zendesk-rate-limit-tickets-update": "total=20; remaining=0; resets=9"}, {"updates"}),
        (
            "PUT",
            TICKET,
            {
                "zendesk-rate-limit-tickets-update": "total=20; remaining=9; resets=9",
                "zendesk-ratelimit-per-ticket-updates": "total=30; remaining=0; resets=400",
            },
            {"ticket"},
        ),
        ("GET", TICKET, {"x-rate-limit": "700", "x-rate-limit-remaining": "0"}, {"requests"}),
        ("PUT", TICKET, {"x-rate-limit": "700", "x-rate-limit-remaining": "0"}, {"requests"}),
        ("PUT", TICKET, {}, {"updates"}),
        ("GET", TICKET, {}, {"requests"}),
        ("GET", "/api/v2/incremental/tickets/cursor.json", {}, {"exports"}),
    ],
)
def test_a_429_of_zendesks_stops_what_it_names_and_nothing_else(
    method: str, path: str, headers: Mapping[str, str], rests: set[str]
) -> None:
    said = ZENDESK.told(method, path, 429, {**headers, "Retry-After": "30"}, NOW)
    assert {one.bucket.name for one in said if one.left == 0} == rests
    assert {one.resets for one in said if one.left == 0} == {30.0}


@pytest.mark.parametrize(
    ("headers", "rests", "seconds"),
    [
        ({"RateLimit-Reason": "jira-burst-based", "Retry-After": "1"}, {"burst"}, 1.0),
        ({"RateLimit-Reason": "jira-per-issue-on-write", "Retry-After": "2"}, {"issue", "issue_long"}, 2.0),
        (
            {"RateLimit-Reason": "jira-quota-global-based", "X-RateLimit-Reset": "2026-03-02T10:20:00Z"},
            {"requests"},
            1200.0,
        ),
        (
            {
                "RateLimit-Reason": "jira-quota-tenant-based",
                "X-RateLimit-Reset": "2026-03-02T18:00Z",
                "Retry-After": "9",
            },
            {"requests"},
            3600.0,
        ),
        ({"RateLimit-Reason": "jira-something-new", "Retry-After": "4"}, {"requests"}, 4.0),
        ({"Retry-After": "4"}, {"requests"}, 4.0),
        ({"RateLimit-Reason": "jira-burst-based"}, {"burst"}, None),
        ({}, {"requests"}, None),
    ],
)
def test_a_429_of_jiras_stops_what_its_reason_names(
    headers: Mapping[str, str], rests: set[str], seconds: float | None
) -> None:
    said = JIRA.told("PUT", ISSUE, 429, headers, NOW)
    assert {one.bucket.name for one in said} == rests
    assert {(one.left, one.resets) for one in said} == {(0, seconds)}


def test_what_jira_says_is_left_is_heard() -> None:
    headers = {"X-RateLimit-Limit": "100;w=1", "X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "1772445605"}
    (said,) = JIRA.told("GET", ISSUE, 200, headers, NOW)
    assert (said.bucket.name, said.left, said.total, said.resets) == ("requests", 7, 100, 5.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "999999"}, 3600.0),
        ({"Retry-After": "Mon, 02 Mar 2026 10:00:45 GMT", "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 45.0),
        ({"Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT", "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_every_form(headers: Mapping[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("41", 41.0), ("1772445660", 60.0), ("2026-03-02T10:01:00Z", 60.0), ("1", 1.0), ("", None), ("never", None)],
)
def test_a_reset_in_every_form(value: str, seconds: float | None) -> None:
    assert reset_in(value, NOW) == seconds
