"""A Zendesk ticket's audits to its history. Pure, and calm about what an audit leaves out.

One audit may hold several changes of the same thing, an agent's and then those of the triggers that it set off: what
counts is how it stood before the audit and after it. Shapes: Zendesk's "Ticket Audit events reference"; ids come as
numbers or as text, tags as a list or as words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.triage.ticket import Change, ChangedField, Status
from app.vendors.delivery import within

_FIELDS: Mapping[str, ChangedField] = {
    "assignee_id": "assignee",
    "group_id": "group",
    "priority": "priority",
    "tags": "tags",
}
_STATUS, _CUSTOM = "status", "custom_status_id"
_MEANING = {status.value: status for status in Status}
_Seen = Mapping[str, Any]


def may_have_changed(raw: Mapping[str, Any], thread: Sequence[Any]) -> bool:
    """Whether anything can have happened to a ticket since it was made: only then are its audits worth a read."""
    fresh = raw.get("status") in (None, "new") and raw.get("assignee_id") is None and len(thread) <= 1
    return not fresh or raw.get("updated_at") != raw.get("created_at")


def ids_in(audits: Iterable[_Seen], name: str) -> set[int]:
    """The groups (``group_id``) or the statuses (``custom_status_id``) that the changes name."""
    events = [event for audit in audits for event in _changes(audit) if event.get("field_name") == name]
    values = (value for event in events for value in (event.get("previous_value"), event.get("value")))
    return {its_id for its_id in map(_id, values) if its_id}


def history_of(audits: Iterable[_Seen], groups: Mapping[int, str], statuses: Mapping[int, str]) -> tuple[Change, ...]:
    """What changed, oldest first. ``groups`` are names by id, ``statuses`` the labels of custom statuses by id."""
    dated = [(at, audit) for audit in audits if (at := _time(audit.get("created_at")))]
    dated.sort(key=lambda one: (one[0], _id(one[1].get("id")) or 0))
    history: list[Change] = []
    word, custom = Status.NEW.value, None
    for at, audit in dated:
        for event in _events(audit, "Create"):
            if event.get("field_name") == _STATUS:
                word = str(event.get("value") or word)
            elif event.get("field_name") == _CUSTOM:
                custom = _id(event.get("value"))
        before, after, by = _net(audit)
        for name, field in _FIELDS.items():
            if name in after:
                old, new = (_text(field, side[name], groups) for side in (before, after))
                if old != new:
                    history.append(Change(at, by[name], field, old, new))
        if _STATUS in after or _CUSTOM in after:
            was, had = str(before.get(_STATUS) or word), _id(before.get(_CUSTOM)) or custom
            word = str(after.get(_STATUS) or word)
            custom = _id(after.get(_CUSTOM))
            old, new = statuses.get(had or 0, was), statuses.get(custom or 0, word)
            if old != new:
                who = by[_STATUS] if _STATUS in by else by[_CUSTOM]
                history.append(Change(at, who, "status", old, new, _MEANING.get(word, Status.OPEN)))
    return tuple(history)


def _net(audit: _Seen) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """By field: what stood before the audit, what stands after it, and who changed it last."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    by: dict[str, str] = {}
    for event in _changes(audit):
        name = str(event.get("field_name"))
        before.setdefault(name, event.get("previous_value"))
        after[name] = event.get("value")
        by[name] = _author(audit, event)
    return before, after, by


def _author(audit: _Seen, event: _Seen) -> str:
    """The user; nobody where a trigger or an automation did it (Zendesk gives its automations the user -1)."""
    author = _id(audit.get("author_id")) or 0
    return str(author) if author > 0 and within(event, "via", "channel") != "rule" else ""


def _changes(audit: _Seen) -> Iterator[_Seen]:
    return _events(audit, "Change")


def _events(audit: _Seen, kind: str) -> Iterator[_Seen]:
    events = audit.get("events")
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and event.get("type") == kind:
            yield event


def _text(field: ChangedField, value: Any, groups: Mapping[int, str]) -> str:
    if field == "tags":
        words = value if isinstance(value, list) else str(value or "").split()
        return " ".join(sorted(set(map(str, words))))
    if field == "group":
        return groups.get(_id(value) or 0, "" if value is None else str(value))
    return "" if value is None else str(value)


def _id(value: Any) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).removeprefix("-").isdecimal() else None


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError):
        return None
