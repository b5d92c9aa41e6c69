"""Jira Cloud and Data Center deliveries are read; whatever else arrives is ignored or malformed, never an accident."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Malformed
from app.triage.ticket import Event, Ignored, Ref
from app.vendors.jira.payload import ACCEPTED, IGNORED, parse, triaged
from config.accounts import JiraAccount

HEADERS = {"x-atlassian-webhook-identifier": "f6ec5a10-0f9d-4c5a-9f0a-000000000001"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
KEYS = st.sampled_from(["webhookEvent", "timestamp", "issue", "comment", "user", "issue_event_type_name", "id", "key"])


def delivery(kind: str = "jira:issue_updated", **changes: Any) -> dict[str, Any]:
    return {
        "timestamp": 1772359245789,
        "webhookEvent": kind,
        "user": {"accountId": "557058:abc-1", "displayName": "Ann"},
        "issue": {"id": "10040", "key": "SUP-41", "fields": {"summary": "x"}},
    } | changes


def read(payload: Any, headers: dict[str, str] = HEADERS) -> Event | Ignored:
    return parse(headers, json.dumps(payload).encode(), "acme")


@pytest.mark.parametrize(("kind", "ours"), list(ACCEPTED.items()))
def test_a_delivery_names_its_issue_its_kind_its_actor_and_its_time(kind: str, ours: str) -> None:
    assert read(delivery(kind)) == Event(
        Ref("jira", "acme", "SUP-41"),
        ours,
        HEADERS["x-atlassian-webhook-identifier"],
        actor_id="557058:abc-1",
        at=datetime(2026, 3, 1, 10, 0, 45, 789000, tzinfo=UTC),
    )


@pytest.mark.parametrize(("kind", "reason"), list(IGNORED.items()))
def test_other_things_are_ignored_under_their_name(kind: str, reason: str) -> None:
    assert read(delivery(kind)) == Ignored(reason, HEADERS["x-atlassian-webhook-identifier"])


def test_kinds_that_jira_invents_tomorrow_are_ignored_under_one_word() -> None:
    answer = read(delivery("jira:issue_sang"))
    assert isinstance(answer, Ignored)
    assert answer.reason == "unknown_kind"


def test_a_data_center_comment_without_user_and_issue_names_its_issue_in_its_address() -> None:
    comment = {"self": "http://jira:8080/jira/rest/api/2/issue/10013/comment/10082", "author": {"name": "lev"}}
    answer = read({"timestamp": 1, "webhookEvent": "comment_created", "comment": comment})
    assert isinstance(answer, Event)
    assert (answer.ref.id, answer.kind, answer.actor_id) == ("10013", "commented", "lev")


def test_a_data_center_update_that_carries_a_comment_is_a_comment() -> None:
    answer = read(delivery(issue_event_type_name="issue_commented"))
    assert isinstance(answer, Event)
    assert answer.kind == "commented"


@pytest.mark.parametrize(
    "key", [None, 7, "sup-41", "SUP-", "SUP-0", "S-1", "A:B-1", "SUP-1\n", "ÄÄ-1", "SUP-１", [], {}]
)
def test_a_key_that_is_none_gives_way_to_the_number(key: object) -> None:
    for number in ("10040", 10040):
        answer = read(delivery(issue={"key": key, "id": number}))
        assert isinstance(answer, Event)
        assert answer.ref.id == "10040"


@pytest.mark.parametrize("number", [None, True, [], {}, 1.5, 0, -1, "0", "1:2", "１２", "1２", "1" * 40, "\u0000"])
def test_what_cannot_be_an_issue_never_becomes_a_reference(number: object) -> None:
    with pytest.raises(Malformed):
        read(delivery(issue={"id": number}, comment={"self": f"http://x/issue/{number}/comment/-"}))


@pytest.mark.parametrize("kind", [None, 1, [], {}])
def test_without_a_webhook_event_a_body_is_malformed(kind: object) -> None:
    with pytest.raises(Malformed):
        read({"webhookEvent": kind, "issue": {"key": "SUP-1"}})


def test_the_identifier_names_the_delivery_and_a_digest_of_the_body_otherwise() -> None:
    one, two = json.dumps(delivery()).encode(), json.dumps(delivery(timestamp=2)).encode()
    assert parse({}, one, "acme").delivery_id == parse({}, one, "acme").delivery_id
    assert parse({}, one, "acme").delivery_id != parse({}, two, "acme").delivery_id


@pytest.mark.parametrize("timestamp", [None, True, "soon", [], 10**18, -(10**18), 1.5])
def test_a_timestamp_that_is_none_is_left_out(timestamp: object) -> None:
    answer = read(delivery(timestamp=timestamp))
    assert isinstance(answer, Event)
    assert answer.at is None


@given(st.dictionaries(KEYS, JSON | st.sampled_from(sorted(ACCEPTED)) | st.dictionaries(KEYS, JSON)))
def test_whatever_types_the_fields_have_only_malformed_is_raised(payload: dict[str, Any]) -> None:
    try:
        answer = read(payload)
    except Malformed:
        return
    if isinstance(answer, Event):
        assert answer.ref == Ref.parse(str(answer.ref))


@given(st.binary())
def test_whatever_bytes_arrive_only_malformed_is_raised(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(HEADERS, body, "acme")


@pytest.mark.parametrize(
    ("issue", "projects", "concerns"),
    [
        ("SUP-7", (), True),
        ("SUP-7", ("SUP",), True),
        ("SUP-7", ("OPS", "SUP"), True),
        ("ENG-7", ("SUP",), False),
        ("SUP_2-7", ("SUP",), False),
        ("10040", ("SUP",), True),  # the number tells no project; the key under which it is read will
    ],
)
def test_only_issues_of_the_configured_projects_concern_triage(
    issue: str, projects: tuple[str, ...], concerns: bool
) -> None:
    assert triaged(issue, JiraAccount(url="https://a.test", projects=projects)) is concerns
