"""A Jira issue's history out of its changelog, as a Cloud and as a Data Center write it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.triage.ticket import Change, Status
from app.vendors.jira.history import history_of, unknown_statuses
from app.vendors.jira.statuses import Statuses

DANA = {"accountId": "712020:dana", "displayName": "Dana"}
IDS = {"Gestoppt": "1", "In Arbeit": "2", "Fertig": "3", "Offen": "4", "Nackt": "5", "Erledigt": "6", "Warten": "7"}


def status(name: str, category: str = "") -> dict[str, Any]:
    return {"id": IDS[name], "name": name, **({"statusCategory": {"key": category}} if category else {})}


ISSUE: dict[str, Any] = {
    "fields": {"status": status("Gestoppt", "indeterminate")},
    "transitions": [
        {"id": "11", "name": "Start", "to": status("In Arbeit", "indeterminate")},
        {"id": "12", "name": "End", "to": status("Fertig", "done")},
        {"id": "13", "name": "Back", "to": status("Offen", "new")},
        {"id": "14", "name": "Bare", "to": status("Nackt")},
        {"id": "15", "name": "No target"},
    ],
}
SITE = {"6": {"key": "done"}, "7": {"key": "indeterminate"}}


def entry(minute: int, *items: Any, by: Any = DANA, number: Any = None) -> dict[str, Any]:
    at = f"2026-03-01T12:{minute:02}:00.123+0200"
    return {"id": str(number or minute), "author": by, "created": at, "items": list(items)}


def item(field: str, old: str | None, new: str | None, **ids: Any) -> dict[str, Any]:
    told = {"field": field, "fieldtype": "jira", "from": None, "to": None, "fromString": old, "toString": new}
    return told | ({"to": IDS.get(str(new))} if field == "status" else {}) | ids


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
    ("name", "meaning"),
    [
        ("In Arbeit", Status.OPEN),
        ("Fertig", Status.SOLVED),
        ("Offen", Status.NEW),
        ("Gestoppt", Status.OPEN),
        ("Nackt", Status.OPEN),
        ("Erledigt", Status.SOLVED),
        ("Warten", Status.OPEN),
        ("Neither here nor there", Status.OPEN),
        ("Waiting for customer", Status.PENDING),
        ("On hold", Status.HOLD),
        ("Blocked by vendor", Status.HOLD),
        ("Closed", Status.CLOSED),
        ("Resolved", Status.SOLVED),
        ("Done", Status.SOLVED),
        ("Solved by us", Status.SOLVED),
    ],
)
def test_what_an_old_status_means_is_told_by_its_category_and_else_by_its_words(name: str, meaning: Status) -> None:
    (change,) = history_of(ISSUE, [entry(1, item("status", "x", name))], SITE)
    assert change.status is meaning


def test_a_known_category_stands_above_a_word_for_done() -> None:
    entries = [entry(1, item("status", "x", "Not done", to="8"))]
    assert history_of({}, entries)[0].status is Status.SOLVED
    assert history_of({}, entries, {"8": {"key": "new"}})[0].status is Status.NEW


def test_only_the_statuses_of_which_the_issue_says_nothing_are_asked_for() -> None:
    names = ("Gestoppt", "Fertig", "Nackt", "Erledigt", "Elsewhere")
    entries = [entry(n, item("status", "x", name), item("labels", "", "y", to="9")) for n, name in enumerate(names)]
    assert unknown_statuses(ISSUE, [*entries, {}]) == {IDS["Nackt"], IDS["Erledigt"]}


def test_the_sites_statuses_are_read_when_one_is_unknown_and_kept() -> None:
    now, reads = [0.0], [0]

    def read() -> list[Any]:
        reads[0] += 1
        return [{"id": 6, "statusCategory": {"key": "done"}}, {"id": "7"}, {"id": "8", "statusCategory": None}, "odd"]

    statuses = Statuses(read, lambda: now[0])
    assert statuses.categories(()) == {}
    for at, wanted, known in ((0, "6", 1), (3599, "6", 1), (3600, "6", 2), (3899, "7", 2), (3900, "7", 3)):
        now[0] = at
        assert statuses.categories({wanted}) == {"6": {"key": "done"}}
        assert reads[0] == known


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
