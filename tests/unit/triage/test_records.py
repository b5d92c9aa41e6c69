"""Tickets and decisions as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.triage.decision import Context, Severity
from app.triage.engine import decide
from app.triage.policy import Policy
from app.triage.records import decision_to_record, from_json, to_json
from app.triage.ticket import Ref, Speaker, Status
from app.triage.ticket_records import ticket_from_record
from tests.unit.triage.conftest import NOW, a_ticket


@pytest.mark.parametrize("text", ["The whole platform is down.", "I forgot my password.", "", "Please add a theme. 😀"])
def test_a_decision_survives_json(policy: Policy, text: str) -> None:
    decision = decide(a_ticket(text, "Hello"), Context(), policy, NOW)
    assert from_json(json.loads(json.dumps(to_json(decision)))) == decision


def test_a_decision_record_has_the_promised_keys(policy: Policy) -> None:
    record = decision_to_record(decide(a_ticket("The platform is down."), Context(), policy, NOW))
    assert record["id"] == "1"
    assert set(record) >= {
        "id", "label", "second_label", "confidence", "severity", "level", "destination", "page", "tags", "duplicate_of",
        "known_issue", "deadlines", "evidence", "ruled_out",
    }  # fmt: skip
    json.dumps(record)


def test_a_full_record_becomes_a_ticket() -> None:
    ticket = ticket_from_record(
        {
            "id": "SUP-7",
            "vendor": "jira",
            "subject": "s",
            "body": "b",
            "comments": ["plain", {"body": "x", "role": "agent", "public": False, "at": "2026-03-01T09:00:00Z"}],
            "requester": {"name": "Ann", "id": 5},
            "organization": {"name": "Acme", "tier": "enterprise"},
            "tags": ["a"],
            "created_at": "2026-03-01T09:00:00Z",
            "priority": "High",
            "status": "In Progress",
            "brand": "main",
            "unknown": "is ignored",
        }
    )
    assert ticket.ref == Ref("jira", "local", "SUP-7")
    assert [comment.speaker for comment in ticket.comments] == [Speaker.CUSTOMER, Speaker.AGENT]
    assert ticket.requester.tier == "enterprise"
    assert ticket.status is Status.OPEN
    assert (ticket.priority, ticket.brand, ticket.status_name) == ("High", "main", "In Progress")


def test_a_history_becomes_the_tickets_oldest_first() -> None:
    history = [
        {
            "at": "2026-03-01T11:00:00+01:00",
            "by": 12,
            "field": "status",
            "old": "Triage",
            "new": "Parked",
            "status": "hold",
        },
        {"at": "2026-03-01T09:00:00Z", "field": "tags", "new": ["vip", "emea"]},
        {"at": "2026-03-01T12:00:00Z", "by": "ann", "field": "status", "old": "Parked", "new": "Resolved"},
        {"at": "2026-03-01T13:00:00Z", "field": "tags", "old": "vip emea", "new": None},
        {"at": "2026-03-01T13:00:00Z", "field": "assignee", "new": 7},
    ]
    ticket = ticket_from_record({"id": 1, "body": "b", "history": history})
    assert [(one.at.hour, one.by, one.field, one.old, one.new, one.status) for one in ticket.history] == [
        (9, "", "tags", "", "emea vip", None),
        (10, "12", "status", "Triage", "Parked", Status.HOLD),
        (12, "ann", "status", "Parked", "Resolved", Status.SOLVED),
        (13, "", "tags", "emea vip", "", None),
        (13, "", "assignee", "", "7", None),
    ]
    assert ticket_from_record({"id": 1, "body": "b"}).history == ()


def test_an_organization_may_be_a_name_and_a_private_comment_is_an_agents() -> None:
    ticket = ticket_from_record(
        {"id": 1, "body": "b", "organization": "Acme", "comments": [{"body": "note", "public": False, "author": "Kim"}]}
    )
    assert ticket.requester.organization == "Acme"
    assert ticket.comments[0].speaker is Speaker.AGENT


def test_a_ticket_of_unknown_age_is_not_overdue(policy: Policy) -> None:
    decision = decide(ticket_from_record({"id": 1, "body": "The platform is down."}), Context(), policy, NOW)
    assert "overdue-first-reply" not in decision.tags


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ([], "JSON object"),
        ({}, "no id"),
        ({"id": "1"}, "neither subject nor body"),
        ({"id": "1", "body": 5.5, "subject": []}, "subject must be text"),
        ({"id": "1", "body": "b", "comments": "x"}, "comments must be a list"),
        ({"id": "1", "body": "b", "comments": [{}]}, "comment 1"),
        ({"id": "1", "body": "b", "comments": [{"body": "x", "role": "wizard"}]}, "wizard"),
        ({"id": "1", "body": "b", "created_at": "yesterday"}, "ISO 8601"),
        ({"id": "1", "body": "b", "history": "x"}, "history must be a list"),
        ({"id": "1", "body": "b", "history": ["solved"]}, "change 1 of the history"),
        ({"id": "1", "body": "b", "history": [{"at": 1, "field": "subject"}]}, "'subject' of change 1"),
        (
            {"id": "1", "body": "b", "history": [{"field": "status", "new": "open"}]},
            "change 1 of the history has no at",
        ),
        ({"id": "1", "body": "b", "history": [{"at": "soon", "field": "status"}]}, "ISO 8601"),
        ({"id": "1", "body": "b", "vendor": "trello"}, "trello"),
        ({"id": "1", "body": "b", "tags": [1]}, "tags"),
        ({"id": "1", "body": "b", "created_at": 1e40}, "created_at"),
    ],
)
def test_a_bad_record_is_refused_with_a_clear_sentence(record: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ticket_from_record(record)


MAIL = {"id": "1", "subject": "Re: your ticket", "body": "The whole platform is down for all of our users."}


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"auto-submitted": "auto-generated; owner-email=x"},
        {"Precedence": "Bulk"},
        {"X-Autoreply": "yes"},
        {"Return-Path": "<>"},
    ],
)
def test_mail_that_a_machine_sent_is_neither_answered_nor_paged_whatever_it_says(
    policy: Policy, headers: dict[str, str]
) -> None:
    decision = decide(ticket_from_record({**MAIL, "headers": headers}), Context(), policy, NOW)
    assert "auto_reply" in decision.facts
    assert (decision.severity, decision.page) == (Severity.P3, False)


@pytest.mark.parametrize("headers", [{}, None, {"Auto-Submitted": "no"}, {"Precedence": "list"}])
def test_mail_with_other_headers_is_a_persons(policy: Policy, headers: dict[str, str] | None) -> None:
    assert decide(ticket_from_record({**MAIL, "headers": headers}), Context(), policy, NOW).page


def test_headers_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="headers must be an object"):
        ticket_from_record({**MAIL, "headers": ["Auto-Submitted: auto-replied"]})
