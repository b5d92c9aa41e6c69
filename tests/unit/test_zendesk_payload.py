"""Both Zendesk dialects are read; whatever else arrives is ignored or malformed, and never an accident."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Malformed
from app.triage.ticket import Event, Ignored, Ref
from app.vendors.zendesk.payload import ACCEPTED, IGNORED, OTHER_OBJECTS, parse

HEADERS = {"x-zendesk-webhook-invocation-id": "01HANA2B5D5W9XSJS3NE5SQA1J"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
KEYS = st.sampled_from(["type", "id", "detail", "subject", "time", "event", "ticket", "ticket_id", "url", "actor_id"])


def event(kind: str, **changes: Any) -> dict[str, Any]:
    return {
        "type": f"zen:event-type:{kind}",
        "account_id": 1,
        "id": "cbe4028c-7239-495d-b020-f22348516046",
        "time": "2026-03-01T10:00:45.789012345Z",
        "subject": "zen:ticket:35436",
        "zendesk_event_version": "2022-11-06",
        "detail": {"id": "35436", "actor_id": "8447388090494", "status": "OPEN", "priority": "HIGH"},
        "event": {"meta": {"sequence": {"id": "x", "position": 1}}},
    } | changes


def read(payload: Any, headers: dict[str, str] = HEADERS) -> Event | Ignored:
    return parse(headers, json.dumps(payload).encode(), "acme")


@pytest.mark.parametrize(("kind", "ours"), list(ACCEPTED.items()))
def test_a_ticket_event_names_its_ticket_its_kind_its_actor_and_its_time(kind: str, ours: str) -> None:
    assert read(event(kind)) == Event(
        Ref("zendesk", "acme", "35436"),
        ours,
        HEADERS["x-zendesk-webhook-invocation-id"],
        actor_id="8447388090494",
        at=datetime(2026, 3, 1, 10, 0, 45, 789012, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", sorted(IGNORED))
def test_ticket_events_that_change_nothing_for_us_are_ignored(kind: str) -> None:
    answer = read(event(kind))
    assert isinstance(answer, Ignored)
    assert answer.reason == "not_acted_on"


@pytest.mark.parametrize("family", sorted(OTHER_OBJECTS))
def test_events_of_other_objects_are_ignored_under_their_name(family: str) -> None:
    assert read(event(f"{family}.created")) == Ignored(family, HEADERS["x-zendesk-webhook-invocation-id"])


@pytest.mark.parametrize("kind", ["ticket.sang", "satellite.created", "", "." * 5000])
def test_kinds_that_zendesk_invents_tomorrow_are_ignored_under_one_word(kind: str) -> None:
    answer = read(event(kind))
    assert isinstance(answer, Ignored)
    assert answer.reason == "unknown_kind"


def test_without_a_detail_the_subject_names_the_ticket() -> None:
    answer = read(event("ticket.created", detail=None))
    assert isinstance(answer, Event)
    assert answer.ref.id == "35436"
    assert answer.actor_id is None


@pytest.mark.parametrize(
    "body",
    [
        {"ticket_id": "123"},
        {"ticketID": "123", "type": "End User Comment"},
        {"ticketId": 123},
        {"Ticket ID": " #123 "},
        {"TICKET-ID": "123"},
        {"ticket.id": "123"},
        {"ticket": {"id": "123"}},
        {"ticket": {"id": 123, "status": "Open"}},
        {"ticket": "#123"},
        {"ticket_number": "123"},
        {"id": "123"},
        {"id": "6b9bbadf-5725", "ticket_id": "123"},
        {"ticket_url": "acme.zendesk.com/agent/tickets/123"},
        {"url": "https://acme.zendesk.com/agent/tickets/123/"},
        {"link": "https://acme.zendesk.com/api/v2/tickets/123.json"},
        {"ticket_id": "", "id": "123"},
    ],
)
def test_a_trigger_body_names_its_ticket_however_the_administrator_called_it(body: dict[str, Any]) -> None:
    answer = read(body)
    assert isinstance(answer, Event)
    assert answer.ref == Ref("zendesk", "acme", "123")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("End User Comment", "commented"),
        ("ticket created", "created"),
        ("Ticket Merged", "merged"),
        ("deleted", "deleted"),
        ("Incident", "updated"),
        ("", "updated"),
    ],
)
def test_a_trigger_body_may_say_what_happened(said: str, kind: str) -> None:
    answer = read({"ticket_id": "1", "event": said, "updated_at": "2026-03-01T10:00:00Z", "actor_id": "77"})
    assert answer == Event(
        Ref("zendesk", "acme", "1"),
        kind,
        HEADERS["x-zendesk-webhook-invocation-id"],
        actor_id="77",
        at=datetime(2026, 3, 1, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        [],
        {},
        1.5,
        0,
        -1,
        "0",
        "-1",
        "1:2",
        "12a",
        "１２",
        "1２",
        "1" * 40,
        "x",
        "../1",
        "1\n2",
        "\u0000",
        2**64,
    ],
)
def test_what_cannot_be_a_ticket_id_never_becomes_a_reference(value: object) -> None:
    for body in (event("ticket.created", detail={"id": value}, subject=value), {"ticket_id": value}):
        with pytest.raises(Malformed):
            read(body)


def test_the_invocation_id_names_the_delivery_and_a_digest_of_what_was_signed_otherwise() -> None:
    body = json.dumps(event("ticket.created")).encode()
    first = parse({"X-Zendesk-Webhook-Signature-Timestamp": "a"}, body, "acme").delivery_id
    again = parse({"X-Zendesk-Webhook-Signature-Timestamp": "a"}, body, "acme").delivery_id
    later = parse({"X-Zendesk-Webhook-Signature-Timestamp": "b"}, body, "acme").delivery_id
    assert first == again != later
    assert first.startswith("sha256:")
    garbage = parse({"X-Zendesk-Webhook-Invocation-Id": "x" * 10_000}, body, "acme").delivery_id
    assert len(garbage) < 100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'\xef\xbb\xbf{"ticket_id": "1"}',
        b'{"ticket_id": 1e999}',
        b'{"ticket_id": NaN}',
        b'{"ticket_id": "\\ud800"}',
        b'{"ticket_id": "\xff"}',
        '{"ticket_id": "1"}'.encode("utf-16"),
        b"null",
        b'"ticket"',
        b"[1]",
        b"ticket_id=1",
        b'{"ticket_id": ' + b"9" * 10_000 + b"}",
        b'{"subject": "he said "hello"", "ticket_id": "1"}',
    ],
)
def test_a_body_that_is_not_strict_json_of_an_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse(HEADERS, body, "acme")
    assert "hello" not in str(caught.value)


def test_a_nul_in_a_string_is_harmless() -> None:
    answer = parse(HEADERS, b'{"ticket_id": "7", "actor_id": "a\\u0000b", "title": "\\u0000"}', "acme")
    assert isinstance(answer, Event)
    assert answer.actor_id is None


@given(st.dictionaries(KEYS, JSON | st.sampled_from(sorted(f"zen:event-type:{k}" for k in ACCEPTED))))
def test_whatever_types_the_fields_have_only_malformed_is_raised(payload: dict[str, Any]) -> None:
    try:
        answer = read(payload)
    except Malformed:
        return
    if isinstance(answer, Event):
        assert answer.ref == Ref.parse(str(answer.ref))
        assert answer.ref.id.isascii()
        assert answer.ref.id.isdigit()


@given(st.binary())
def test_whatever_bytes_arrive_only_malformed_is_raised(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(HEADERS, body, "acme")
