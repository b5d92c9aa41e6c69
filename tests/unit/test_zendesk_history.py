"""A Zendesk ticket's history out of its audits, odd ones included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.triage.ticket import Change, Status
from app.vendors.zendesk.history import history_of, ids_in, may_have_changed

GROUPS = {71: "Support", 72: "Data"}
STATUSES = {5: "Waiting for engineering", 6: "Waiting for legal"}
RULE = {"channel": "rule", "source": {"from": {"id": 35079792, "title": "Assign to first responder"}, "rel": "trigger"}}


def audit(minute: int, *events: Any, by: Any = 12, number: int | None = None) -> dict[str, Any]:
    at = f"2026-03-01T10:{minute:02}:00Z"
    return {"id": number or minute, "created_at": at, "author_id": by, "events": list(events)}


def change(name: str, old: Any, new: Any, **more: Any) -> dict[str, Any]:
    return {"id": 1, "type": "Change", "field_name": name, "previous_value": old, "value": new, **more}


def created(**values: Any) -> dict[str, Any]:
    return audit(0, *({"type": "Create", "field_name": name, "value": value} for name, value in values.items()), by=11)


def read(*audits: Any) -> list[tuple[Any, ...]]:
    return [
        (one.at.minute, one.by, one.field, one.old, one.new, one.status) for one in history_of(audits, GROUPS, STATUSES)
    ]


def test_what_changed_is_told_with_who_did_it_and_when_and_what_it_began_with_is_not() -> None:
    began = created(status="new", priority=None, tags=["vip"], group_id=None)
    worked = audit(
        7,
        {"id": 9, "type": "Comment", "body": "On it", "public": True, "author_id": 12},
        change("assignee_id", None, "12"),
        change("group_id", None, "71"),
        change("priority", None, "normal"),
        change("status", "new", "solved"),
        change("tags", ["vip"], ["vip", "billing"]),
        change("22317138", "", "a custom field"),
        change("satisfaction_score", "unoffered", "offered"),
    )
    assert read(began, worked) == [
        (7, "12", "assignee", "", "12", None),
        (7, "12", "group", "", "Support", None),
        (7, "12", "priority", "", "normal", None),
        (7, "12", "tags", "vip", "billing vip", None),
        (7, "12", "status", "new", "solved", Status.SOLVED),
    ]
    (first, *_) = history_of([worked], {}, {})
    assert first == Change(datetime(2026, 3, 1, 10, 7, tzinfo=UTC), "12", "assignee", "", "12")


def test_the_oldest_comes_first_however_the_audits_lie_and_within_one_second_the_lower_number() -> None:
    audits = [
        audit(5, change("status", "open", "pending"), number=30),
        audit(5, change("status", "new", "open"), number=20),
        audit(2, change("priority", "", "low"), number=40),
    ]
    assert [one[4] for one in read(*audits)] == ["low", "open", "pending"]
    assert read(*audits) == read(*audits[::-1])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (["b", "a"], ["c", "a"], [("a b", "a c")]),
        ("b  a", "c a", [("a b", "a c")]),
        (None, ["a"], [("", "a")]),
        (["a"], None, [("a", "")]),
        (["a", "b"], "b a", []),
        ("", [], []),
    ],
)
def test_tags_come_as_a_list_or_as_words(old: Any, new: Any, told: list[tuple[str, str]]) -> None:
    assert [one[3:5] for one in read(audit(1, change("tags", old, new)))] == told


def test_a_custom_status_is_told_by_its_label_and_once() -> None:
    told = read(
        created(status="new", custom_status_id=1),
        audit(1, change("status", "new", "hold"), change("custom_status_id", 1, 5)),
        audit(2, change("custom_status_id", "5", "6")),
        audit(3, change("status", "hold", "open"), change("custom_status_id", 6, 2)),
    )
    assert [one[2:] for one in told] == [
        ("status", "new", "Waiting for engineering", Status.HOLD),
        ("status", "Waiting for engineering", "Waiting for legal", Status.HOLD),
        ("status", "Waiting for legal", "open", Status.OPEN),
    ]


def test_an_unknown_custom_status_goes_by_the_word_that_it_stands_under() -> None:
    told = read(
        created(status="open"),
        audit(1, change("custom_status_id", 2, 99)),
        audit(2, change("status", "open", "pending"), change("custom_status_id", 99, 98)),
        audit(3, change("custom_status_id", 98, 5)),
        audit(4, change("status", "pending", "peculiar")),
    )
    assert [one[2:] for one in told] == [
        ("status", "open", "pending", Status.PENDING),
        ("status", "pending", "Waiting for engineering", Status.PENDING),
        ("status", "Waiting for engineering", "peculiar", Status.OPEN),
    ]


def test_what_a_trigger_did_in_the_same_audit_counts_with_it_and_nobody_did_it() -> None:
    told = read(
        audit(0, change("status", "new", "open", via=RULE), change("group_id", None, 71, via=RULE), by=11),
        audit(1, change("status", "open", "solved"), change("status", "solved", "pending", via=RULE)),
        audit(2, change("priority", "low", "high"), change("priority", "high", "low", via=RULE)),
        audit(3, change("status", "pending", "solved"), by=-1),
    )
    assert [(minute, by, new) for minute, by, _, _, new, _ in told] == [
        (0, "", "Support"),
        (0, "", "open"),
        (1, "", "pending"),
        (3, "", "solved"),
    ]


@pytest.mark.parametrize(("author", "by"), [(None, ""), (-1, ""), ("12", "12"), (12, "12"), ("", ""), ({}, "")])
def test_an_author_may_be_missing(author: Any, by: str) -> None:
    assert [one[1] for one in read(audit(1, change("priority", None, "low"), by=author))] == [by]


def test_a_group_without_a_name_goes_by_its_id() -> None:
    told = read(audit(1, change("group_id", "71", "404")), audit(2, change("group_id", 404, None)))
    assert [one[3:5] for one in told] == [("Support", "404"), ("404", "")]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"created_at": "2026-03-01T10:01:00Z"},
        {"created_at": None, "events": [change("priority", None, "low")]},
        {"created_at": "yesterday", "events": [change("priority", None, "low")]},
        audit(1) | {"events": None},
        audit(1) | {"events": {"type": "Change"}},
        audit(1, None, "Change", {"type": "Change"}, {"type": None, "field_name": "status"}),
        audit(1, change("priority", None, None), change("assignee_id", "12", 12), change("status", None, "new")),
        audit(1, {"type": "Notification", "field_name": "status", "value": "open", "previous_value": "new"}),
    ],
)
def test_what_says_nothing_is_passed_over(odd: dict[str, Any]) -> None:
    good = audit(2, change("status", "new", "open"))
    assert read(odd, good) == [(2, "12", "status", "new", "open", Status.OPEN)]


def test_where_the_previous_value_is_missing_the_status_before_is_known_from_the_one_before() -> None:
    told = read(
        created(status="pending"), audit(1, change("status", None, "open")), audit(2, change("status", None, "hold"))
    )
    assert [one[3:5] for one in told] == [("pending", "open"), ("open", "hold")]


FRESH: dict[str, Any] = {"status": "new", "assignee_id": None, "created_at": "2026-03-01T10:00:00Z"}
FRESH["updated_at"] = FRESH["created_at"]


@pytest.mark.parametrize(
    "since",
    [{"status": "open"}, {"assignee_id": 12}, {"updated_at": "2026-03-01T10:00:01Z"}, {"status": "closed"}],
)
def test_only_where_something_can_have_happened_are_the_audits_worth_a_read(since: dict[str, Any]) -> None:
    assert not may_have_changed(FRESH, [{}])
    assert may_have_changed(FRESH, [{}, {}])
    assert may_have_changed(FRESH | since, [{}])


def test_the_groups_and_statuses_that_the_changes_name_are_known_before_their_names() -> None:
    audits = [audit(1, change("group_id", "71", 72), change("custom_status_id", 1, "5")), created(group_id="9"), {}]
    assert ids_in(audits, "group_id") == {71, 72}
    assert ids_in(audits, "custom_status_id") == {1, 5}
