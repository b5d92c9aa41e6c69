"""Tickets as JSON objects: what ``triage decide`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, get_args

from app.triage.clocks import UNKNOWN
from app.triage.ticket import Change, ChangedField, Comment, Customer, Ref, Speaker, Status, Ticket, VendorName


def ticket_from_record(record: Any) -> Ticket:
    """A ticket from one JSON object; ``id`` and a ``subject`` or ``body`` are required. Raises ValueError."""
    if not isinstance(record, Mapping):
        raise ValueError("a ticket is a JSON object with id, subject and body")
    if "id" not in record or record["id"] in (None, ""):
        raise ValueError("the ticket has no id")
    subject = _text(record, "subject")
    body = _text(record, "body") or _text(record, "description")
    if "subject" not in record and "body" not in record and "description" not in record:
        raise ValueError("the ticket has neither subject nor body")
    created = _time(record, "created_at") or UNKNOWN
    return Ticket(
        ref=_ref(record),
        subject=subject,
        body=body,
        created_at=created,
        updated_at=_time(record, "updated_at") or created,
        comments=tuple(_comments(record, created)),
        history=_history(record),
        requester=_customer(record),
        status=_status(_text(record, "status")),
        status_name=_text(record, "status"),
        priority=_text(record, "priority") or None,
        type=_text(record, "type"),
        tags=frozenset(_texts(record, "tags")),
        group=_text(record, "group"),
        assignee=_text(record, "assignee"),
        channel=_text(record, "channel"),
        brand=_text(record, "brand"),
        language=_text(record, "language"),
        automatic=_automatic(record),
        fields=MappingProxyType({"area": area} if (area := _text(record, "area")) else {}),
    )


def _ref(record: Mapping[str, Any]) -> Ref:
    name = str(record.get("vendor") or "zendesk").lower()
    vendor: VendorName
    if name == "zendesk":
        vendor = "zendesk"
    elif name == "jira":
        vendor = "jira"
    else:
        raise ValueError(f"vendor {name!r} is not known; it is zendesk or jira")
    return Ref(vendor, _text(record, "account") or "local", str(record["id"]))


_BULK = frozenset({"bulk", "junk", "auto_reply"})


def _automatic(record: Mapping[str, Any]) -> bool:
    """Whether a header says that no person sent the mail: RFC 3834's, or one of those before it."""
    given = record.get("headers") or {}
    if not isinstance(given, Mapping):
        raise ValueError("headers must be an object of names and values")
    headers = {str(name).casefold(): str(value).strip().casefold() for name, value in given.items()}
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip()
    auto = "x-autoreply" in headers or "x-autorespond" in headers
    return submitted != "no" or auto or headers.get("precedence") in _BULK or headers.get("return-path") == "<>"


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if isinstance(value, Mapping) and "name" in value:
        value = value["name"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text, not {type(value).__name__}")
    return value


def _texts(record: Mapping[str, Any], name: str) -> list[str]:
    value = record.get(name) or []
    if isinstance(value, str):
        return value.split()
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ValueError(f"{name} must be a list of texts")
    return list(value)


def _time(record: Mapping[str, Any], name: str) -> datetime | None:
    value = record.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, ValueError, OSError):
            raise ValueError(f"{name} is not a time: {value!r}") from None
    try:
        at = datetime.fromisoformat(str(value))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} is not an ISO 8601 time such as 2026-03-01T09:00:00Z: {value!r}") from None


_STATUSES = {
    **{status.value: status for status in Status},
    "to do": Status.NEW,
    "in progress": Status.OPEN,
    "on-hold": Status.HOLD,
    "resolved": Status.SOLVED,
    "done": Status.SOLVED,
}


def _status(name: str) -> Status:
    """The status by its own or a usual name; a name of the account's own is an open one."""
    return _STATUSES.get(name.lower(), Status.OPEN) if name else Status.NEW


def _customer(record: Mapping[str, Any]) -> Customer:
    requester = record.get("requester")
    person: Mapping[str, Any] = requester if isinstance(requester, Mapping) else {"name": requester or ""}
    given = record.get("organization", record.get("organisation", person.get("organization")))
    organization: Mapping[str, Any] = given if isinstance(given, Mapping) else {"name": given or ""}
    return Customer(
        id=str(person.get("id") or ""),
        name=str(person.get("name") or ""),
        organization_id=str(organization.get("id") or ""),
        organization=str(organization.get("name") or ""),
        tier=str(organization.get("tier") or person.get("tier") or ""),
        strategic=organization.get("strategic") is True,
    )


def _comments(record: Mapping[str, Any], created: datetime) -> list[Comment]:
    given = record.get("comments") or []
    if not isinstance(given, list):
        raise ValueError("comments must be a list")
    return [_comment(entry, number, created) for number, entry in enumerate(given, start=1)]


def _comment(entry: Any, number: int, created: datetime) -> Comment:
    if isinstance(entry, str):
        return Comment(id=str(number), speaker=Speaker.CUSTOMER, body=entry, at=created)
    if not isinstance(entry, Mapping) or not isinstance(entry.get("body"), str):
        raise ValueError(f"comment {number} must be a text or an object with a body")
    public = entry.get("public", True)
    if not isinstance(public, bool):
        raise ValueError(f"public of comment {number} must be true or false")
    return Comment(
        id=str(entry.get("id") or number),
        speaker=_speaker(entry, number, public),
        body=entry["body"],
        at=_time(entry, "at") or _time(entry, "created_at") or created,
        public=public,
        author_id=str(entry.get("author_id") or ""),
    )


_FIELDS: tuple[ChangedField, ...] = get_args(ChangedField)


def _history(record: Mapping[str, Any]) -> tuple[Change, ...]:
    """What changed, oldest first, whatever its order in the file."""
    given = record.get("history") or []
    if not isinstance(given, list):
        raise ValueError("history must be a list")
    return tuple(
        sorted((_change(entry, number) for number, entry in enumerate(given, start=1)), key=lambda one: one.at)
    )


def _change(entry: Any, number: int) -> Change:
    if not isinstance(entry, Mapping):
        raise ValueError(f"change {number} of the history must be an object with at, field and new")
    at, field = _time(entry, "at"), next((one for one in _FIELDS if one == entry.get("field")), None)
    if field is None:
        known = ", ".join(_FIELDS)
        raise ValueError(f"field {entry.get('field')!r} of change {number} is not known; it is one of {known}")
    if at is None:
        raise ValueError(f"change {number} of the history has no at")
    old, new = (
        " ".join(sorted(_texts(entry, end))) if field == "tags" else _text(entry, end) for end in ("old", "new")
    )
    status = _status(_text(entry, "status") or new) if field == "status" else None
    return Change(at, _text(entry, "by"), field, old, new, status)


_SPEAKERS = {
    "customer": Speaker.CUSTOMER,
    "user": Speaker.CUSTOMER,
    "end-user": Speaker.CUSTOMER,
    "end_user": Speaker.CUSTOMER,
    "requester": Speaker.CUSTOMER,
    "agent": Speaker.AGENT,
    "admin": Speaker.AGENT,
    "support": Speaker.AGENT,
    "staff": Speaker.AGENT,
    "worker": Speaker.WORKER,
    "bot": Speaker.WORKER,
}


def _speaker(entry: Mapping[str, Any], number: int, public: bool) -> Speaker:
    """Who wrote it: ``speaker`` or ``role`` in known words, or an ``author`` by role; a private note is an agent's."""
    for name in ("speaker", "role"):
        if entry.get(name):
            word = str(entry[name]).lower()
            if word not in _SPEAKERS:
                raise ValueError(f"{name} {word!r} of comment {number} is not known; it is customer, agent or worker")
            return _SPEAKERS[word]
    author = entry.get("author")
    if isinstance(author, Mapping):
        author = author.get("role") or author.get("name")
    return _SPEAKERS.get(str(author or "").lower(), Speaker.CUSTOMER if public else Speaker.AGENT)
