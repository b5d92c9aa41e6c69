"""Zendesk's JSON to a Ticket. Pure, and calm about missing parts: a deleted user, an empty field, no comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from app.errors import Gone
from app.triage.marks import marks_in
from app.triage.ticket import Change, Comment, Customer, Ref, Speaker, Status, Ticket
from app.vendors.blocks import printable
from app.vendors.delivery import within
from app.vendors.zendesk.markup import links_of, text_of
from config.accounts import ZendeskAccount

_GONE = frozenset({"deleted", "archived", "scrubbed"})
_STATUS = {status.value: status for status in Status}
_YES = frozenset({"true", "yes", "1"})
_MAIL_SYSTEMS = frozenset({"mailer-daemon", "postmaster"})
_EPOCH = datetime.fromtimestamp(0, UTC)


def ticket_of(
    answer: Mapping[str, Any],
    thread: Sequence[Mapping[str, Any]],
    people: Iterable[Mapping[str, Any]],
    account: ZendeskAccount,
    our_id: str,
    statuses: Mapping[int, str] = MappingProxyType({}),
    history: tuple[Change, ...] = (),
) -> Ticket:
    """The ticket from its own read (with sideloads), its comments, and the users sideloaded with those.

    ``statuses`` are the labels of custom statuses by id, where they were read. Raises Gone for a ticket that Zendesk
    shows though it is deleted. One that was merged into another is closed, and tagged ``closed_by_merge``.
    """
    raw: Mapping[str, Any] = answer["ticket"]
    status = str(raw.get("status") or "new").lower()
    if status in _GONE:
        raise Gone(f"ticket {raw['id']} is {status}")
    users = _by_id([*people, *answer.get("users", ())])  # the last wins
    organizations = _by_id(answer.get("organizations", ()))
    fields = _fields(raw, account)
    requester = users.get(raw.get("requester_id"), {})
    first, *later = _ordered(thread) or [{"body": raw.get("description")}]
    return Ticket(
        ref=Ref("zendesk", account.name, str(raw["id"])),
        subject=str(raw.get("subject") or raw.get("raw_subject") or ""),
        body=_text(first),
        comments=tuple(_comment(one, raw, users, our_id) for one in later),
        history=history,
        created_at=_time(raw.get("created_at")),
        updated_at=_time(raw.get("updated_at")),
        requester=_customer(raw, requester, organizations, fields),
        status=_STATUS.get(status, Status.OPEN),
        status_name=statuses.get(raw.get("custom_status_id") or 0, status),
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
        attachments=_attachments(first),
        followers=frozenset(map(str, raw.get("follower_ids") or ())),
        links=_links(raw, account),
        follow_up_of=_follow_up_of(raw),
        automatic=_by_a_mail_system(raw),
        version=str(raw.get("updated_at") or ""),
        native=MappingProxyType({"has_incidents": raw.get("has_incidents") is True}),
    )


def _by_a_mail_system(raw: Mapping[str, Any]) -> bool:
    """Whether a mail server itself wrote the mail: a bounce. Zendesk shows no headers, and suspends most of what
    carries RFC 3834's by itself."""
    sender = within(raw, "via", "source", "from", "address")
    return str(sender or "").partition("@")[0].casefold() in _MAIL_SYSTEMS


def _ordered(thread: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The comments, oldest first."""
    return sorted(thread, key=lambda one: (_time(one.get("created_at")), int(one.get("id") or 0)))


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
    at, attachments = _time(one.get("created_at")), _attachments(one)
    links = () if speaker is Speaker.CUSTOMER else links_of(str(one.get("html_body") or ""))
    return Comment(_id(one.get("id")), speaker, body, at, public, _id(author), attachments, links)


def _text(one: Mapping[str, Any]) -> str:
    source = one.get("html_body")
    return text_of(source) if source else str(one.get("plain_body") or one.get("body") or "")


def _attachments(one: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of what hangs on a comment. Their addresses are not even kept: nothing is ever fetched from there."""
    return tuple(printable(str(file.get("file_name") or "")) for file in one.get("attachments") or ())


def _links(raw: Mapping[str, Any], account: ZendeskAccount) -> frozenset[tuple[str, Ref]]:
    """The problem that the ticket is an incident of; Zendesk knows no other link."""
    problem = raw.get("problem_id")
    return frozenset([("incident", Ref("zendesk", account.name, str(problem)))] if problem else ())


def _follow_up_of(raw: Mapping[str, Any]) -> str:
    """The closed ticket that this one goes on with: a customer's reply to a closed ticket opens a new one."""
    source = within(raw, "via", "source")
    return _id(within(source, "from", "ticket_id")) if within(source, "rel") == "follow_up" else ""


def _customer(
    raw: Mapping[str, Any],
    requester: Mapping[str, Any],
    organizations: Mapping[Any, Mapping[str, Any]],
    fields: Mapping[str, str | None],
) -> Customer:
    """The requester. The tier is a ticket field of ours, else a field of the organization or the user, named tier; one
    who is marked strategic in any of the three is."""
    organization = organizations.get(raw.get("organization_id"), {})
    places = (fields, organization.get("organization_fields") or {}, requester.get("user_fields") or {})
    return Customer(
        id=_id(raw.get("requester_id")),
        name=str(requester.get("name") or ""),
        organization_id=_id(raw.get("organization_id")),
        organization=str(organization.get("name") or ""),
        tier=str(next((place["tier"] for place in places if place.get("tier")), "")),
        strategic=any(str(place.get("strategic")).casefold() in _YES for place in places),
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
