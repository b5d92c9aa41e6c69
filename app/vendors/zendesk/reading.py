"""Zendesk's JSON to a Ticket. Pure, and calm about missing parts: a deleted user, an empty field, no comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from app.errors import Gone
from app.triage.note import marks_in
from app.triage.ticket import Comment, Customer, Ref, Speaker, Status, Ticket
from app.vendors.zendesk.markup import text_of
from config.settings import ZendeskAccount

_GONE = frozenset({"deleted", "archived", "scrubbed"})
_STATUS = {status.value: status for status in Status}
_EPOCH = datetime.fromtimestamp(0, UTC)


def ticket_of(
    answer: Mapping[str, Any],
    thread: Sequence[Mapping[str, Any]],
    people: Iterable[Mapping[str, Any]],
    account: ZendeskAccount,
    our_id: str,
) -> Ticket:
    """The ticket from its own read (with sideloads), its comments, and the users sideloaded with those.

    Raises Gone for one that Zendesk shows though it is deleted.
    """
    raw: Mapping[str, Any] = answer["ticket"]
    status = str(raw.get("status") or "new").lower()
    if status in _GONE:
        raise Gone(f"ticket {raw['id']} is {status}")
    users = _by_id([*people, *answer.get("users", ())])  # the last wins
    organizations = _by_id(answer.get("organizations", ()))
    fields = _fields(raw, account)
    requester = users.get(raw.get("requester_id"), {})
    first, later = _thread(raw, thread, users, our_id)
    return Ticket(
        ref=Ref("zendesk", account.name, str(raw["id"])),
        subject=str(raw.get("subject") or raw.get("raw_subject") or ""),
        body=first,
        comments=later,
        created_at=_time(raw.get("created_at")),
        updated_at=_time(raw.get("updated_at")),
        requester=_customer(raw, requester, organizations, fields),
        status=_STATUS.get(status, Status.OPEN),
        status_name=status,
        priority=raw.get("priority") or None,
        type=str(raw.get("type") or ""),
        tags=frozenset(raw.get("tags") or ()),
        group=str(_by_id(answer.get("groups", ())).get(raw.get("group_id"), {}).get("name") or ""),
        assignee=_id(raw.get("assignee_id")),
        channel=str((raw.get("via") or {}).get("channel") or ""),
        brand=_id(raw.get("brand_id")),
        language=str(requester.get("locale") or ""),
        fields=MappingProxyType(fields),
        customer_reads=raw.get("is_public") is not False,
        version=str(raw.get("updated_at") or ""),
    )


def _thread(
    raw: Mapping[str, Any], thread: Sequence[Mapping[str, Any]], users: Mapping[Any, Mapping[str, Any]], our_id: str
) -> tuple[str, tuple[Comment, ...]]:
    """The first message's text, and the later ones, oldest first."""
    ordered = sorted(thread, key=lambda one: (_time(one.get("created_at")), int(one.get("id") or 0)))
    if not ordered:
        return str(raw.get("description") or ""), ()
    return _text(ordered[0]), tuple(_comment(one, raw, users, our_id) for one in ordered[1:])


def _comment(
    one: Mapping[str, Any], raw: Mapping[str, Any], users: Mapping[Any, Mapping[str, Any]], our_id: str
) -> Comment:
    body, author, public = _text(one), one.get("author_id"), one.get("public") is not False
    if _id(author) == our_id and marks_in(body):
        speaker = Speaker.WORKER
    elif users.get(author, {}).get("role") == "end-user" or (public and author == raw.get("requester_id")):
        speaker = Speaker.CUSTOMER
    else:
        speaker = Speaker.AGENT
    return Comment(_id(one.get("id")), speaker, body, _time(one.get("created_at")), public, _id(author))


def _text(one: Mapping[str, Any]) -> str:
    source = one.get("html_body")
    return text_of(source) if source else str(one.get("plain_body") or one.get("body") or "")


def _customer(
    raw: Mapping[str, Any],
    requester: Mapping[str, Any],
    organizations: Mapping[Any, Mapping[str, Any]],
    fields: Mapping[str, str | None],
) -> Customer:
    """The requester. The tier is a ticket field of ours, else a field of the organization or the user, named tier."""
    organization = organizations.get(raw.get("organization_id"), {})
    tiers = (
        fields.get("tier"),
        (organization.get("organization_fields") or {}).get("tier"),
        (requester.get("user_fields") or {}).get("tier"),
    )
    return Customer(
        id=_id(raw.get("requester_id")),
        name=str(requester.get("name") or ""),
        organization_id=_id(raw.get("organization_id")),
        organization=str(organization.get("name") or ""),
        tier=str(next(filter(None, tiers), "")),
    )


def _fields(raw: Mapping[str, Any], account: ZendeskAccount) -> dict[str, str | None]:
    values = {str(one.get("id")): one.get("value") for one in raw.get("custom_fields") or ()}
    return {name: _field(values.get(field_id)) for name, field_id in account.fields.items()}


def _field(value: Any) -> str | None:
    match value:
        case None | "" | []:
            return None
        case bool():
            return str(value).lower()
        case list():
            return ",".join(map(str, value))
    return str(value)


def _by_id(records: Iterable[Mapping[str, Any]] | None) -> dict[Any, Mapping[str, Any]]:
    return {one.get("id"): one for one in records or ()}


def _id(value: Any) -> str:
    return "" if value is None else str(value)


def _time(value: Any) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC) if value else _EPOCH
