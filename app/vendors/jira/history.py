"""A Jira issue's changelog to its history. Pure, and calm about what an entry leaves out.

The Cloud lists the newest change first and tells people by accountId; a Data Center lists the oldest first and tells
them by a key that need not be their name. A status has a name and an id there, and no category.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from app.triage.ticket import Change, ChangedField, Status
from app.vendors.jira.reading import status_of, user_id
from app.vendors.jira.statuses import categories_of

_FIELDS: Mapping[str, ChangedField] = {
    "status": "status",
    "assignee": "assignee",
    "priority": "priority",
    "labels": "tags",
}
_DONE = ("done", "resolved", "solved", "closed")


def unknown_statuses(issue: Mapping[str, Any], histories: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids of the statuses that the issue was once in and says nothing of."""
    items = (item for one in histories for item in _items(one) if _field(item) == "status")
    return {str(item.get("to")) for item in items if item.get("to")} - categories_of(_shown(issue)).keys()


def history_of(
    issue: Mapping[str, Any], histories: Iterable[Mapping[str, Any]], site: Mapping[str, Any] = MappingProxyType({})
) -> tuple[Change, ...]:
    """What changed, oldest first, out of the entries of the changelog in any order. ``site`` are the categories of the
    site's statuses by id, where they were read."""
    dated = [(at, one) for one in histories if (at := _time(one.get("created")))]
    dated.sort(key=lambda one: (one[0], _number(one[1].get("id"))))
    people = dict(_people(issue, [one for _, one in dated]))
    categories = {**site, **categories_of(_shown(issue))}
    return tuple(change for at, one in dated for change in _changes(at, one, people, categories))


def _changes(
    at: datetime, entry: Mapping[str, Any], people: Mapping[str, str], categories: Mapping[str, Any]
) -> Iterator[Change]:
    for item in _items(entry):
        field = _field(item)
        if field is None:
            continue
        old, new = (_value(field, item, side, people) for side in ("from", "to"))
        if old != new:
            status = _meaning(item, categories) if field == "status" else None
            yield Change(at, user_id(entry.get("author")), field, old, new, status)


def _items(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = entry.get("items")
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


def _field(item: Mapping[str, Any]) -> ChangedField | None:
    """A custom field may be called anything, ``Status`` too; a Data Center tells no ids of fields."""
    if item.get("fieldtype") == "custom":
        return None
    return _FIELDS.get(str(item.get("fieldId") or item.get("field")).casefold())


def _value(field: ChangedField, item: Mapping[str, Any], side: str, people: Mapping[str, str]) -> str:
    if field == "assignee":
        person = str(item.get(f"tmp{side.capitalize()}AccountId") or item.get(side) or "")
        return people.get(person, person)
    text = str(item.get(f"{side}String") or "")
    return " ".join(sorted(set(text.split()))) if field == "tags" else text


def _meaning(item: Mapping[str, Any], categories: Mapping[str, Any]) -> Status:
    """What a new status means by its name and its category; by a word for done where no category is known."""
    name = str(item.get("toString") or "")
    category = categories.get(str(item.get("to")))
    if category is None and any(word in name.casefold() for word in _DONE):
        category = {"key": "done"}
    return status_of({"name": name, "statusCategory": category})


def _shown(issue: Mapping[str, Any]) -> list[Any]:
    """The statuses that the issue is in or may be moved to."""
    return [(issue.get("fields") or {}).get("status"), *(one.get("to") for one in issue.get("transitions") or ())]


def _people(issue: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Names by key, of everybody who is met with both."""
    fields = issue.get("fields") or {}
    met = [fields.get(name) for name in ("assignee", "reporter", "creator")]
    for person in (*met, *(one.get("author") for one in entries)):
        if isinstance(person, dict) and person.get("key"):
            yield str(person["key"]), user_id(person)


def _number(value: Any) -> int:
    return int(value) if str(value).isdecimal() else 0


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError):
        return None
