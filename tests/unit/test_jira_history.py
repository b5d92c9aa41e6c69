"""A Jira issue's history out of its changelog, as a Cloud and as a Data Center write it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.triage.ticket import Change, Status
from app.vendors.jira.history import history_of

DANA = {"accountId": "712020:dana", "displayName": "Dana"}
ISSUE: dict[str, Any] = {
    "fields": {"status": {"name": "Gestoppt", "statusCategory": {"key": "indeterminate"}}},
    "transitions": [
        {"id": "1", "name": "Start", "to": {"name": "In Arbeit", "statusCategory": {"key": "indeterminate"}}},
        {"id": "2", "name": "End", "to": {"name": "Fertig", "statusCategory": {"key": "done"}}},
        {"id": "3", "name": "Back", "to": {"name": "Offen", "statusCategory": {"key": "new"}}},
        {"id": "4", "name": "Bare", "to": {"name": "Nackt"}},
        {"id": "5", "name": "No target"},
    ],
}


def entry(minute: int, *items: Any, by: Any = DANA, number: Any = None) -> dict[str, Any]:
    at = f"2026-03-01T12:{minute:02}:00.123+0200"
    return {"id": str(number or minute), "author": by, "created": at, "items": list(items)}


def item(field: str, old: str | None, new: str | None, **ids: Any) -> dict[str, Any]:
    return {"field": field, "fieldtype": "jira", "from": None, "to": None, "fromString": old, "toString": new, **ids}


def read(*entries: Any, issue: dict[str, Any] = ISSUE) -> list[tuple[Any, ...]]:
    return [(one.at.minute, one.by, one.field, one.old, one.new, one.status) for one in history_of(issue, entries)]


def test_what_changed_is_told_with_who_did_it_and_when() -> None:
    worked = entry(
        7,
        item("status", "Offen", "In Arbeit", fieldId="status"),
        item("assignee", None, "Dana", to="712020:dana", fieldId="assignee"),
        item("priority", "Medium", "High", fieldId="priority"),
        item("labels", "b a", "a  c", fieldId="labels"),
        item("summary", "x", "y", fieldId="summary"),
        item("resolution", None, "Done", fieldId="resolution"),
        item("Priority", "1", "2", fieldId="customfield_1", fieldtype="custom"),
        item("Status", "1", "2", fieldtype="custom"),
    )
    assert read(worked) == [
        (7, "712020:dana", "status", "Offen", "In Arbeit", Status.OPEN),
        (7, "712020:dana", "assignee", "", "712020:dana", None),
        (7, "712020:dana", "priority", "Medium", "High", None),
        (7, "712020:dana", "tags", "a b", "a c", None),
    ]
    (first, *_) = history_of(ISSUE, [worked])
    at = datetime(2026, 3, 1, 10, 7, 0, 123_000, tzinfo=UTC)
    assert first == Change(at, "712020:dana", "status", "Offen", "In Arbeit", Status.OPEN)


def test_the_oldest_comes_first_however_the_entries_lie_and_in_one_instant_the_lower_number() -> None:
    entries = [
        entry(5, item("status", "B", "C"), number=100),
        entry(5, item("status", "A", "B"), number=99),
        entry(2, item("labels", "", "x"), number=200),
    ]
    assert [one[4] for one in read(*entries)] == ["x", "B", "C"]
    assert read(*entries) == read(*entries[::-1])


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("In Arbeit", Status.OPEN),
        ("fertig", Status.SOLVED),
        ("Offen", Status.NEW),
        ("Gestoppt", Status.OPEN),
        ("Nackt", Status.OPEN),
        ("Warten", Status.OPEN),
        ("Waiting for customer", Status.PENDING),
        ("On hold", Status.HOLD),
        ("Blocked by vendor", Status.HOLD),
        ("Closed", Status.CLOSED),
        ("Resolved", Status.SOLVED),
        ("Done", Status.SOLVED),
        ("Solved by us", Status.SOLVED),
    ],
)
def test_what_an_old_status_means_is_told_by_its_words_and_by_where_the_issue_still_names_it(
    name: str, status: Status
) -> None:
    assert read(entry(1, item("status", "x", name)))[0][5] is status
    assert read(entry(1, item("status", "x", name)), issue={})[0][5] is not Status.NEW


def test_a_category_that_the_issue_tells_stands_above_a_word_for_done() -> None:
    issue = {"fields": {"status": {"name": "Not done", "statusCategory": {"key": "new"}}}}
    assert read(entry(1, item("status", "x", "Not done")), issue=issue)[0][5] is Status.NEW


def test_a_data_center_tells_people_by_keys_and_they_are_known_by_name_where_they_are_met() -> None:
    kim, lee, bo = ({"key": f"JIRAUSER{number}", "name": name} for number, name in ((1, "kim"), (2, "lee"), (3, "bo")))
    issue = {"fields": {"assignee": kim, "reporter": bo}}
    told = read(
        entry(1, item("assignee", "", "Lee", to="JIRAUSER2"), by=kim),
        entry(2, item("assignee", "Lee", "Kim", **{"from": "JIRAUSER2"}, to="JIRAUSER1"), by=lee),
        entry(3, item("assignee", "Kim", "Gone", **{"from": "JIRAUSER1"}, to="gone"), by=bo),
        issue=issue,
    )
    assert [(one[1], *one[3:5]) for one in told] == [("kim", "", "lee"), ("lee", "lee", "kim"), ("bo", "kim", "gone")]


def test_an_account_id_beside_an_old_name_is_taken() -> None:
    given = item("assignee", None, "Dana", to="dana", tmpToAccountId="712020:dana", tmpFromAccountId=None)
    assert read(entry(1, given))[0][4] == "712020:dana"


@pytest.mark.parametrize("author", [None, {}, {"displayName": "Former user"}])
def test_an_author_may_be_missing(author: Any) -> None:
    assert read(entry(1, item("priority", "", "Low"), by=author))[0][1] == ""


@pytest.mark.parametrize(
    "odd",
    [
        {},
        entry(1),
        entry(1) | {"items": None},
        entry(1, {}),
        entry(1, None),
        entry(1, {"field": None}),
        entry(1, item("priority", None, None), item("labels", "a b", "b a"), item("status", "A", "A")),
        entry(1, item("priority", None, "Low")) | {"created": None},
        entry(1, item("priority", None, "Low")) | {"created": 1492070429},
        entry(1, item("priority", None, "Low")) | {"created": "yesterday"},
    ],
)
def test_what_says_nothing_is_passed_over(odd: dict[str, Any]) -> None:
    assert read(odd, entry(2, item("priority", "", "High"))) == [(2, "712020:dana", "priority", "", "High", None)]
