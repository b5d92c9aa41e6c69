"""Acknowledgements that come back: by PagerDuty's signed webhook and by the button on the board."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.triage.ticket import Ref, Status
from app.web import create_app
from tests.contract.night import REF, Night, night

NEW, OLD = "new-secret", "old-secret"
KEY = f"firstline:{REF}"


@pytest.fixture
def on_call(tmp_path: Path) -> Iterator[Night]:
    with night(tmp_path, "l2", "l3", "email", "call", pagerduty_secret=NEW, pagerduty_secret_previous=OLD) as running:
        running.ring("created")
        yield running


@pytest.fixture
def client(on_call: Night) -> FlaskClient:
    return create_app(on_call.runtime).test_client()


def event(at: datetime, kind: str = "incident.acknowledged", key: str = KEY, identity: str = "01ABC") -> dict[str, Any]:
    """PagerDuty's envelope, version 3."""
    return {
        "event": {
            "id": identity,
            "event_type": kind,
            "resource_type": "incident",
            "occurred_at": at.isoformat().replace("+00:00", "Z"),
            "agent": {"id": "PXPGF42", "type": "user_reference", "summary": "Earline Greenholt"},
            "client": None,
            "data": {"id": "PGR0VU2", "type": "incident", "status": "acknowledged", "incident_key": key},
        }
    }


def signature(body: bytes, *secrets: str) -> str:
    return ",".join("v1=" + hmac.new(one.encode(), body, hashlib.sha256).hexdigest() for one in secrets)


def deliver(client: FlaskClient, content: Any, *secrets: str, header: str | None = None, **more: Any) -> TestResponse:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    signed = signature(body, *(secrets or (NEW,))) if header is None else header
    headers = {"X-PagerDuty-Signature": signed, "Content-Type": "application/json", **more}
    return client.post("/webhooks/pagerduty", data=body, headers=headers)


@pytest.mark.policy("S1-19", "S4-108")
def test_an_acknowledgement_at_pagerduty_stops_the_chain_and_is_told_in_the_ticket(
    client: FlaskClient, on_call: Night
) -> None:
    on_call.minutes(3)
    answer = deliver(client, event(on_call.at))
    assert (answer.status_code, answer.json) == (202, {"outcome": "accepted"})
    on_call.minutes(120)
    assert (on_call.pagers["email"].steps(), on_call.pagers["call"].steps()) == ([], [])
    assert on_call.page.acknowledged_via == "pagerduty"
    assert on_call.notes.count("acknowledged at PagerDuty by Earline Greenholt at 2026-03-02 10:03 UTC") == 1
    assert on_call.pagers["l2"].steps("acknowledge") == [], "PagerDuty knows it already"


def test_a_second_delivery_of_the_same_changes_nothing(client: FlaskClient, on_call: Night) -> None:
    assert deliver(client, event(on_call.at)).status_code == 202
    again = deliver(client, event(on_call.at))
    assert (again.status_code, again.json) == (200, {"outcome": "duplicate"})


def test_an_incident_resolved_at_pagerduty_is_acknowledged_and_solves_no_ticket(
    client: FlaskClient, on_call: Night
) -> None:
    deliver(client, event(on_call.at, "incident.resolved"))
    on_call.minutes(100)
    assert on_call.page.open
    assert on_call.page.acknowledged_at is not None
    assert on_call.notes.count("The page was resolved at PagerDuty.") == 1
    assert on_call.vendor.ticket.status is Status.NEW
    assert on_call.pagers["email"].steps() == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "incident.triggered"},
        {"kind": "incident.annotated"},
        {"key": "firstline:zendesk:acme:999"},
        {"key": "baf7cf21b1da41b4b0221008339ff357"},
        {"at": -10},
        {"at": 10},
    ],
)
def test_what_is_about_no_open_page_of_ours_is_ignored(
    client: FlaskClient, on_call: Night, change: dict[str, Any]
) -> None:
    at = on_call.at + timedelta(minutes=change.pop("at", 0))
    answer = deliver(client, event(at, **change))
    assert (answer.status_code, answer.json) == (200, {"outcome": "ignored"})
    assert on_call.page.acknowledged_at is None


def test_an_acknowledgement_of_an_earlier_episode_is_none_of_the_next(client: FlaskClient, on_call: Night) -> None:
    before = on_call.at
    on_call.minutes(5)
    on_call.becomes(Status.SOLVED)
    on_call.minutes(5)
    on_call.becomes(Status.OPEN)
    assert deliver(client, event(before)).json == {"outcome": "ignored"}
    assert on_call.page.episode == 2
    assert on_call.page.acknowledged_at is None


@pytest.mark.parametrize("secrets", [(NEW,), (OLD,), ("unknown", OLD), (NEW, "unknown")])
def test_each_secret_in_force_and_each_signature_counts_while_a_secret_is_rotated(
    client: FlaskClient, on_call: Night, secrets: tuple[str, ...]
) -> None:
    assert deliver(client, event(on_call.at), *secrets).status_code == 202


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=",
        "v1=,v1=",
        "v2=" + "0" * 64,
        "0" * 64,
        "v1=" + "0" * 64,
        "v1=zz",
        ",,,",
        "v1=\u00e9",
        "v1=" + "f" * 9999,
    ],
)
def test_what_pagerduty_did_not_sign_is_turned_away(client: FlaskClient, on_call: Night, header: str) -> None:
    answer = deliver(client, event(on_call.at), header=header)
    assert (answer.status_code, answer.json["outcome"]) == (401, "bad_signature")  # type: ignore[index]
    assert on_call.page.acknowledged_at is None


def test_a_signature_of_another_body_is_none(client: FlaskClient, on_call: Night) -> None:
    other = signature(json.dumps(event(on_call.at, key="x")).encode(), NEW)
    assert deliver(client, event(on_call.at), header=other).status_code == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"event": 1}', b'{"event": {"id": "1"}}', b"\xff",
     b'{"event": {"id": "", "event_type": "x"}}',
     b'{"event": {"id": "1", "event_type": "incident.resolved", "occurred_at": "yesterday", "data": {}}}',
     b'{"event": {"id": "1", "event_type": "incident.resolved", "occurred_at": "2026-03-02T10:00:00Z", "data": 5}}'],
)  # fmt: skip
def test_a_signed_body_that_cannot_be_read_is_malformed(client: FlaskClient, body: bytes) -> None:
    answer = deliver(client, body)
    assert (answer.status_code, answer.json["outcome"]) == (400, "malformed")  # type: ignore[index]


def test_other_types_are_turned_away_and_without_a_secret_everything_is(client: FlaskClient, on_call: Night) -> None:
    assert deliver(client, event(on_call.at), **{"Content-Type": "text/plain"}).status_code == 415
    on_call.runtime.settings = on_call.settings.model_copy(
        update={"pagerduty_secret": type(on_call.settings.pagerduty_secret)(""),
                "pagerduty_secret_previous": type(on_call.settings.pagerduty_secret)("")}
    )  # fmt: skip
    assert deliver(client, event(on_call.at), "").status_code == 401


def press(client: FlaskClient, headers: dict[str, str], **form: str) -> int:
    values = {"key": KEY, "episode": "1", "name": "Ada  Lovelace"} | form
    return client.post("/pages/acknowledge", data=values, headers=headers).status_code


@pytest.mark.policy("S4-108")
@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}])
def test_the_button_on_the_board_acknowledges_and_tells_the_pager(
    client: FlaskClient, on_call: Night, headers: dict[str, str]
) -> None:
    assert "Acknowledge" in client.get("/").text
    assert press(client, headers) == 303
    assert "Acknowledged by Ada Lovelace" in client.get("/").text
    on_call.minutes(100)
    assert on_call.pagers["email"].steps() == []
    assert on_call.pagers["l2"].incidents == {KEY: "acknowledge"}
    assert "acknowledged on the board by Ada Lovelace" in on_call.notes


def test_a_name_is_optional(client: FlaskClient, on_call: Night) -> None:
    press(client, {"Sec-Fetch-Site": "same-origin"}, name=" ")
    assert on_call.page.acknowledged_by == "board"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_a_form_that_another_site_sends_presses_no_button(
    client: FlaskClient, on_call: Night, headers: dict[str, str]
) -> None:
    assert press(client, headers) == 403
    assert on_call.page.acknowledged_at is None


def test_a_button_of_an_episode_that_is_over_presses_nothing(client: FlaskClient, on_call: Night) -> None:
    same = {"Sec-Fetch-Site": "same-origin"}
    assert press(client, same, key="firstline:zendesk:acme:999") == 404
    assert press(client, same, episode="2") == 404
    assert on_call.page.acknowledged_at is None


def test_readiness_and_metrics_are_red_while_a_step_reached_nobody(tmp_path: Path) -> None:
    with night(tmp_path, "l2") as on_call:
        client = create_app(on_call.runtime).test_client()
        on_call.pagers["l2"].status = 500
        on_call.ring("created")
        check = client.get("/readyz").json["checks"]["on-call"]  # type: ignore[index]
        assert not check["ok"]
        assert "zendesk:acme:1 L2:page: pagerduty-" in check["error"]
        assert "reached nobody" in client.get("/").text
        shown = client.get("/metrics").text
        assert "triage_pages_failing 1.0" in shown
        assert "triage_pages_unacknowledged 1.0" in shown
        assert 'triage_pages_total{outcome="failed",step="L2:page"}' in shown
        on_call.pagers["l2"].status = 202
        on_call.minutes(1)
        check = client.get("/readyz").json["checks"]["on-call"]  # type: ignore[index]
        assert check == {"ok": True, "open": 1, "targets": ["l2"]}
        assert "triage_pages_failing 0.0" in client.get("/metrics").text


def test_readiness_says_that_nobody_can_be_paged_and_is_not_ill_for_it(tmp_path: Path) -> None:
    with night(tmp_path) as on_call:
        check = create_app(on_call.runtime).test_client().get("/readyz").json["checks"]["on-call"]  # type: ignore[index]
        assert check["ok"]
        assert "TRIAGE_PAGER__L2 is not set" in check["means"]


def test_both_tickets_are_looked_at_where_a_repetition_opened_the_page(client: FlaskClient, on_call: Night) -> None:
    incident = Ref("zendesk", "acme", "77")
    on_call.runtime.store.open_page(incident, REF, on_call.at, on_call.at, "P0", "P0 Reliability: down")
    deliver(client, event(on_call.at, key=f"firstline:{incident}"))
    assert set(on_call.runtime.store.due(on_call.at, 5)) == {incident, REF}
