"""The Zendesk client: what it reads becomes a Ticket, what it sends holds against Zendesk's own description."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
import structlog
from pydantic import SecretStr

from app.errors import Gone, Misconfigured, OutcomeUnknown, Refused, Unauthorized
from app.triage.actions import AddNote, AddTags, RemoveOwnTags, Reply, Route, SetFields, SetPriority, SetStatus
from app.triage.ticket import Customer, Ref, Speaker, Status, Ticket
from app.vendors import Write
from app.vendors.zendesk.client import MAX_PAGES, ZendeskClient
from config.accounts import ZendeskAccount
from tests.contract import vendor_specs

BASE = "https://acme.zendesk.com"
AUDITS = f"{BASE}/api/v2/tickets/35436/audits.json"
COMMENTS = "/api/v2/tickets/35436/comments.json"
US = 900
MARKED = "<p>Firstline decided P1.</p>"
RAW: dict[str, Any] = {
    "id": 35436,
    "subject": "Checkout is down",
    "description": "It fails",
    "status": "open",
    "priority": None,
    "type": "incident",
    "tags": ["vip", "emea"],
    "requester_id": 11,
    "submitter_id": 11,
    "assignee_id": None,
    "organization_id": 51,
    "group_id": 71,
    "brand_id": 81,
    "via": {"channel": "web"},
    "custom_fields": [{"id": 360001, "value": None}, {"id": 360002, "value": "billing"}, {"id": 360003, "value": True}],
    "created_at": "2026-03-01T10:00:00Z",
    "updated_at": "2026-03-01T10:05:00Z",
}
SIDELOADS: dict[str, Any] = {
    "users": [{"id": 11, "name": "Ann", "role": "end-user", "locale": "en-US"}],
    "groups": [{"id": 71, "name": "Support"}],
    "organizations": [{"id": 51, "name": "Acme Ltd", "organization_fields": {"tier": "enterprise"}}],
}
PEOPLE = [
    {"id": 11, "role": "end-user"},
    {"id": 12, "role": "agent"},
    {"id": US, "role": "admin"},
    {"id": 13, "role": "end-user"},
]


def account(**changes: Any) -> ZendeskAccount:
    told = {
        "name": "acme",
        "subdomain": "acme",
        "email": "worker@acme.test",
        "token": SecretStr("tok-123"),
        "fields": {"severity": "360001", "label": "360002", "sla": "360003"},
        "groups": {"platform": "Platform Team"},
    }
    return ZendeskAccount(**(told | changes))


def comment(number: int, author: int, text: str, *, public: bool = True) -> dict[str, Any]:
    return {
        "id": number,
        "type": "Comment",
        "author_id": author,
        "html_body": text,
        "plain_body": "unused",
        "public": public,
        "created_at": f"2026-03-01T10:{number:02}:00Z",
    }


@contextmanager
def described_wire() -> Iterator[responses.RequestsMock]:
    """Zendesk behind a mocked wire. Whatever was sent is held against its description at the end."""
    vendor_specs.available("zendesk")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.get(f"{BASE}/api/v2/users/me.json", json={"user": {"id": US, "role": "admin"}})
        wire.get(AUDITS, json={"audits": [], "meta": {"has_more": False}})
        yield wire
        for call in wire.calls:
            assert vendor_specs.problems("zendesk", call.request, BASE) == []


@pytest.fixture
def zendesk() -> Iterator[responses.RequestsMock]:
    with described_wire() as wire:
        yield wire


def shows(wire: responses.RequestsMock, *pages: list[dict[str, Any]], **changes: Any) -> None:
    """Put a ticket and the pages of its thread on the wire."""
    wire.get(f"{BASE}/api/v2/tickets/35436.json", json={"ticket": RAW | changes, **SIDELOADS})
    for number, page in enumerate(pages or [[]], 1):
        more = number < len(pages)
        wire.get(
            f"{BASE}/api/v2/tickets/35436/comments.json",
            json={
                "comments": page,
                "users": PEOPLE,
                "meta": {"has_more": more, "after_cursor": f"c{number}" if more else None},
                "links": {"next": "https://evil.example/steal"},
            },
        )


def fetched(wire: responses.RequestsMock, *pages: list[dict[str, Any]], **changes: Any) -> Ticket:
    shows(wire, *pages, **changes)
    return ZendeskClient(account()).fetch(Ref("zendesk", "acme", "35436"))


def sent(wire: responses.RequestsMock, ticket: Ticket, *actions: Any) -> dict[str, Any]:
    """Carry the actions out in one PUT and return its ticket."""
    wire.put(f"{BASE}/api/v2/tickets/35436.json", json={"ticket": {"id": 35436}, "audit": {"id": 1, "events": []}})
    client = ZendeskClient(account())
    writes, impossible = client.writes(ticket, actions)
    assert impossible == {}
    assert [write.actions for write in writes] == [actions]
    client.send(writes[0])
    body = json.loads(wire.calls[-1].request.body or b"")
    assert body.keys() == {"ticket"}
    return dict(body["ticket"])


def test_the_constructor_sends_nothing() -> None:
    with responses.RequestsMock():
        ZendeskClient(account())


def test_a_missing_token_is_a_setting_to_mend_and_its_error_shows_no_other() -> None:
    with pytest.raises(Misconfigured) as caught:
        ZendeskClient(account(token=SecretStr("")))
    assert "TRIAGE_ZENDESK__ACME__TOKEN" in str(caught.value)
    assert "worker@acme.test" not in str(caught.value)


def test_who_we_are_is_asked_once(zendesk: responses.RequestsMock) -> None:
    client = ZendeskClient(account())
    assert [client.whoami(), client.whoami()] == [str(US), str(US)]
    assert len(zendesk.calls) == 1
    assert zendesk.calls[0].request.headers["Authorization"].startswith("Basic ")


def test_an_anonymous_answer_to_a_wrong_token_is_unauthorized() -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/api/v2/users/me.json", json={"user": {"id": None, "name": "Anonymous user"}})
        with pytest.raises(Unauthorized):
            ZendeskClient(account()).whoami()


def test_a_ticket_is_read_whole(zendesk: responses.RequestsMock) -> None:
    ticket = fetched(zendesk, [comment(1, 11, "<p>It fails</p>")])
    assert ticket.ref == Ref("zendesk", "acme", "35436")
    assert (ticket.subject, ticket.body, ticket.comments) == ("Checkout is down", "It fails", ())
    assert (ticket.status, ticket.status_name, ticket.priority, ticket.type) == (Status.OPEN, "open", None, "incident")
    assert ticket.tags == {"vip", "emea"}
    assert (ticket.group, ticket.assignee, ticket.brand, ticket.channel) == ("Support", "", "81", "web")
    assert ticket.requester == Customer("11", "Ann", "51", "Acme Ltd", "enterprise")
    assert ticket.language == "en-US"
    assert dict(ticket.fields) == {"severity": None, "label": "billing", "sla": "true"}
    assert ticket.version == "2026-03-01T10:05:00Z"
    assert ticket.created_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert ticket.history == ()


def test_a_ticket_to_which_nothing_happened_costs_two_reads_and_who_we_are(zendesk: responses.RequestsMock) -> None:
    ticket = fetched(zendesk, [comment(1, 11, "It fails")], status="new", updated_at=RAW["created_at"])
    assert ticket.history == ()
    assert [call.request.path_url for call in zendesk.calls] == [
        "/api/v2/users/me.json",
        "/api/v2/tickets/35436.json?include=users%2Cgroups%2Corganizations",
        "/api/v2/tickets/35436/comments.json?page%5Bsize%5D=100&include=users",
    ]


def test_a_long_thread_is_read_by_its_cursor_and_never_by_the_links_it_names(zendesk: responses.RequestsMock) -> None:
    ticket = fetched(zendesk, [comment(1, 11, "one"), comment(2, 12, "two")], [comment(3, 11, "three")])
    assert (ticket.body, [one.body for one in ticket.comments]) == ("one", ["two", "three"])
    assert zendesk.calls[3].request.params["page[after]"] == "c1"


def test_a_thread_without_an_end_is_refused(zendesk: responses.RequestsMock) -> None:
    zendesk.get(f"{BASE}/api/v2/tickets/35436.json", json={"ticket": RAW, **SIDELOADS})
    pages = iter(range(1000))

    def endless(_: object) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps({"comments": [], "meta": {"has_more": True, "after_cursor": f"c{next(pages)}"}})

    zendesk.add_callback("GET", f"{BASE}/api/v2/tickets/35436/comments.json", callback=endless)
    with pytest.raises(Refused):
        ZendeskClient(account()).fetch(Ref("zendesk", "acme", "35436"))
    assert len(zendesk.calls) == MAX_PAGES + 2


def test_a_repeated_cursor_ends_the_thread(zendesk: responses.RequestsMock) -> None:
    zendesk.get(f"{BASE}/api/v2/tickets/35436.json", json={"ticket": RAW, **SIDELOADS})
    page = {"comments": [], "meta": {"has_more": True, "after_cursor": "same"}}
    zendesk.get(f"{BASE}/api/v2/tickets/35436/comments.json", json=page)
    ZendeskClient(account()).fetch(Ref("zendesk", "acme", "35436"))
    assert [call.request.path_url.partition("?")[0] for call in zendesk.calls].count(COMMENTS) == 2


def test_who_speaks_is_told_by_role_and_our_own_notes_by_account_and_mark(
    zendesk: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "app.vendors.zendesk.reading.marks_in", lambda text: ("m",) if text.startswith("Firstline decided") else ()
    )
    ticket = fetched(
        zendesk,
        [
            comment(1, 11, "It fails"),
            comment(2, 12, "On it"),
            comment(3, US, MARKED, public=False),
            comment(4, US, "An administrator typed this with our account"),
            comment(5, 12, MARKED),
            comment(6, 13, "Me too"),
            comment(7, 404, "Somebody who was deleted"),
        ],
    )
    assert [one.speaker for one in ticket.comments] == [
        Speaker.AGENT,
        Speaker.WORKER,
        Speaker.AGENT,
        Speaker.AGENT,
        Speaker.CUSTOMER,
        Speaker.AGENT,
    ]
    assert [one.public for one in ticket.comments] == [True, False, True, True, True, True]
    assert ticket.comments[0].at == datetime(2026, 3, 1, 10, 2, tzinfo=UTC)


def test_an_agent_who_raised_the_ticket_speaks_as_its_customer_in_public(zendesk: responses.RequestsMock) -> None:
    ticket = fetched(
        zendesk, [comment(1, 12, "a"), comment(2, 12, "b"), comment(3, 12, "c", public=False)], requester_id=12
    )
    assert [one.speaker for one in ticket.comments] == [Speaker.CUSTOMER, Speaker.AGENT]


@pytest.mark.parametrize("status", ["deleted", "archived", "scrubbed"])
def test_what_zendesk_still_shows_though_it_is_deleted_has_gone(zendesk: responses.RequestsMock, status: str) -> None:
    with pytest.raises(Gone):
        fetched(zendesk, status=status)


def test_a_bare_ticket_is_read_calmly(zendesk: responses.RequestsMock) -> None:
    zendesk.get(f"{BASE}/api/v2/tickets/1.json", json={"ticket": {"id": 1, "status": "peculiar"}})
    zendesk.get(f"{BASE}/api/v2/tickets/1/comments.json", json={})
    zendesk.get(f"{BASE}/api/v2/tickets/1/audits.json", json={})
    ticket = ZendeskClient(account()).fetch(Ref("zendesk", "acme", "1"))
    assert (ticket.subject, ticket.body, ticket.status, ticket.history) == ("", "", Status.OPEN, ())


@pytest.mark.parametrize("name", ["../1", "1/../2", "SUP-1", "", "1?x=1"])
def test_what_is_no_ticket_id_never_becomes_an_address(name: str) -> None:
    with responses.RequestsMock(), pytest.raises(Refused):
        ZendeskClient(account()).fetch(Ref("zendesk", "acme", name))


def test_everything_is_one_put(zendesk: responses.RequestsMock) -> None:
    groups = [{"id": 71, "name": "Support"}, {"id": 72, "name": "Platform Team"}]
    zendesk.get(f"{BASE}/api/v2/groups.json", json={"groups": groups, "meta": {"has_more": False}})
    ticket = fetched(zendesk, [comment(1, 11, "It fails")])
    body = sent(
        zendesk,
        ticket,
        SetPriority("urgent"),
        AddTags(("Severity-P1", "vip")),
        RemoveOwnTags(("emea", "never-there")),
        Route("platform", "platform team"),
        SetFields((("severity", "P1"), ("label", "defect"))),
        SetStatus("open"),
        AddNote("Rated P1.\n\n- one\n\n> {{ticket.id}} <b>", "m1"),
    )
    assert body == {
        "priority": "urgent",
        "tags": ["severity-p1", "vip"],
        "group_id": 72,
        "custom_fields": [{"id": 360001, "value": "P1"}, {"id": 360002, "value": "defect"}],
        "status": "open",
        "comment": {
            "html_body": "<p>Rated P1.</p><ul><li>one</li></ul>"
            "<blockquote>{\u200b{ticket.id}\u200b} &lt;b&gt;</blockquote>",
            "public": False,
        },
        "safe_update": True,
        "updated_stamp": "2026-03-01T10:05:00Z",
    }


THANKS = Reply("ack", "Hello Ann,\n\nthank you {{ticket.id}} <b>", "m2")


def test_a_reply_is_public_and_comes_in_a_put_of_its_own_after_the_note(zendesk: responses.RequestsMock) -> None:
    ticket = fetched(zendesk, [comment(1, 11, "It fails")])
    writes, impossible = ZendeskClient(account()).writes(ticket, [THANKS, AddNote("Rated P1.", "m1")])
    assert impossible == {}
    assert [write.actions for write in writes] == [(AddNote("Rated P1.", "m1"),), (THANKS,)]
    assert writes[1].body["ticket"] == {
        "comment": {
            "html_body": "<p>Hello Ann,</p><p>thank you {\u200b{ticket.id}\u200b} &lt;b&gt;</p>",
            "public": True,
        },
        "safe_update": True,
        "updated_stamp": "2026-03-01T10:05:00Z",
    }


def test_a_second_put_goes_on_from_the_version_that_the_first_one_left(zendesk: responses.RequestsMock) -> None:
    left = {"id": 35436, "updated_at": "2026-03-01T10:06:00Z"}
    zendesk.put(f"{BASE}/api/v2/tickets/35436.json", json={"ticket": left})
    shows(zendesk, [comment(1, 11, "x")])
    client = ZendeskClient(account())
    ticket = client.fetch(Ref("zendesk", "acme", "35436"))
    for write in client.writes(ticket, [AddNote("Rated P1.", "m1"), THANKS])[0]:
        client.send(write)
    stamps = [
        json.loads(call.request.body or b"")["ticket"]["updated_stamp"]
        for call in zendesk.calls
        if call.request.method == "PUT"
    ]
    assert stamps == ["2026-03-01T10:05:00Z", "2026-03-01T10:06:00Z"]


def test_a_ticket_that_began_with_an_internal_note_gets_no_reply_and_the_rest_is_done(
    zendesk: responses.RequestsMock,
) -> None:
    ticket = fetched(zendesk, [comment(1, 12, "a call", public=False)], is_public=False)
    writes, impossible = ZendeskClient(account()).writes(ticket, [SetPriority("high"), THANKS])
    assert not ticket.customer_reads
    assert [write.actions for write in writes] == [(SetPriority("high"),)]
    assert "internal note" in impossible[THANKS]


@pytest.mark.parametrize(
    "action",
    [
        SetPriority("low"),
        AddTags(("a",)),
        RemoveOwnTags(("vip",)),
        SetFields((("severity", "P1"),)),
        AddNote("x", "m1"),
        Reply("ack", "x", "m2"),
        SetStatus("Pending"),
    ],
)
def test_each_action_alone_is_a_safe_update_with_the_exact_stamp(zendesk: responses.RequestsMock, action: Any) -> None:
    body = sent(zendesk, fetched(zendesk, [comment(1, 11, "x")]), action)
    assert (body["safe_update"], body["updated_stamp"], len(body)) == (True, "2026-03-01T10:05:00Z", 3)


@pytest.mark.parametrize("action", [AddTags(("VIP",)), RemoveOwnTags(("gone",)), Route("l1", "SUPPORT")])
def test_what_the_ticket_shows_already_is_not_written(zendesk: responses.RequestsMock, action: Any) -> None:
    zendesk.get(f"{BASE}/api/v2/groups.json", json={"groups": [{"id": 71, "name": "Support"}, {"id": 72, "name": "x"}]})
    shows(zendesk, [comment(1, 11, "x")])
    client = ZendeskClient(account())
    assert client.writes(client.fetch(Ref("zendesk", "acme", "35436")), [action]) == ((), {})


def test_a_group_that_does_not_exist_is_named_with_its_mend_and_the_rest_is_done(
    zendesk: responses.RequestsMock,
) -> None:
    zendesk.get(f"{BASE}/api/v2/groups.json", json={"groups": [{"id": 72, "name": "Old", "deleted": True}]})
    ticket = fetched(zendesk, [comment(1, 11, "It fails")])
    client = ZendeskClient(account())
    asked = len(zendesk.calls)
    for _ in range(3):
        writes, impossible = client.writes(ticket, [Route("data", "Old"), SetPriority("high")])
        assert writes[0].actions == (SetPriority("high"),)
        assert "'Old'" in impossible[Route("data", "Old")]
        assert "TRIAGE_ZENDESK__ACME__GROUPS" in impossible[Route("data", "Old")]
    assert len(zendesk.calls) == asked + 1, "the groups are read once, not at every ticket"


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (SetPriority("P1"), "priority"),
        (SetStatus("Escalated"), "status"),
        (SetFields((("team", "x"),)), "TRIAGE_ZENDESK__ACME__FIELDS"),
    ],
)
def test_what_zendesk_would_refuse_is_not_sent(zendesk: responses.RequestsMock, action: Any, told: str) -> None:
    zendesk.get(f"{BASE}/api/v2/custom_statuses.json", json={"custom_statuses": []})
    client = ZendeskClient(account())
    writes, impossible = client.writes(fetched(zendesk, [comment(1, 11, "x")]), [action])
    assert writes == ()
    assert told in impossible[action]


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ('Removed restricted keys ["ticket.id", "ticket.comment.mood"] from parameters', "ticket.comment.mood"),
        ("Something else about Ann of ann@customer.example", "unreadable"),
        ('Removed restricted keys ["ticket.id"] from parameters', ""),
    ],
)
def test_a_key_that_zendesk_dropped_is_logged_and_counted_without_its_value(
    zendesk: responses.RequestsMock, warned_of: set[str], said: str, key: str
) -> None:
    zendesk.put(f"{BASE}/api/v2/tickets/1.json", json={"ticket": {"id": 1}}, headers={"X-Zendesk-API-Warn": said})
    with structlog.testing.capture_logs() as logs:
        ZendeskClient(account()).send(Write("PUT", "/api/v2/tickets/1.json", {"ticket": {"priority": "low"}}, ()))
    warned_of.update([key] if key else [])
    assert [line["reason"] for line in logs] == ([key] if key else [])
    assert "ann" not in str(logs).lower()


def test_a_success_that_shows_no_ticket_is_an_unknown_outcome(zendesk: responses.RequestsMock) -> None:
    zendesk.put(f"{BASE}/api/v2/tickets/1.json", json={})
    with pytest.raises(OutcomeUnknown):
        ZendeskClient(account()).send(Write("PUT", "/api/v2/tickets/1.json", {"ticket": {"priority": "low"}}, ()))


def test_not_even_the_debug_log_holds_bodies_or_tokens(
    zendesk: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ticket = fetched(zendesk, [comment(1, 11, "CUSTOMER-WORDS")])
    sent(zendesk, ticket, AddNote("OUR-WORDS", "m1"))
    assert not any(word in caplog.text for word in ("CUSTOMER-WORDS", "OUR-WORDS", "tok-123", "Basic "))


def test_an_account_may_live_under_a_path() -> None:
    with responses.RequestsMock() as wire:
        wire.get("http://127.0.0.1:4000/zendesk/api/v2/users/me.json", json={"user": {"id": 5}})
        assert ZendeskClient(account(url="http://127.0.0.1:4000/zendesk/")).whoami() == "5"


@pytest.mark.parametrize(
    "wrong",
    [
        {"priority": "P1"},
        {"tags": "a b"},
        {"updated_stamp": "2026-03-01"},
        {"additional_tags": ["a"]},
        {"group_id": "72"},
        {"comment": {"html_body": 1}},
    ],
)
def test_the_description_does_refuse_what_is_wrong(wrong: dict[str, Any]) -> None:
    vendor_specs.available("zendesk")
    with responses.RequestsMock() as wire:
        wire.put(f"{BASE}/api/v2/tickets/1.json", json={"ticket": {"id": 1}})
        ZendeskClient(account()).send(Write("PUT", "/api/v2/tickets/1.json", {"ticket": wrong}, ()))
        assert vendor_specs.problems("zendesk", wire.calls[0].request, BASE)
