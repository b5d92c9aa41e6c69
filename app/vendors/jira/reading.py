"""Jira's JSON to a Ticket. Pure, and calm about what Cloud and Data Center leave out.

An issue read tells how many watch it, not who, and asking would be one more request for every issue: ``followers``
stays empty, and what we did ourselves is known from ``Context.applied``. Adding a watcher again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from app.errors import Refused
from app.triage.marks import marks_in
from app.triage.ticket import Change, Comment, Customer, Ref, Speaker, Status, Ticket
from app.vendors.jira.markup import text_of
from app.vendors.jira.payload import ISSUE_KEY
from app.vendors.jira.values import INTERNAL, kind
from config.accounts import JiraAccount

FIELDS = (
    "summary,description,comment,status,priority,labels,issuetype,project,reporter,creator,assignee,created,updated,"
    "components,issuelinks,attachment,resolution,fixVersions"
)
"""The fields that are read, besides the configured custom ones."""

YES = frozenset({"true", "yes", "1", "strategic"})
"""What the configured field ``strategic`` says of a strategic account, in small letters."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_CATEGORIES = {"new": Status.NEW, "indeterminate": Status.OPEN, "done": Status.SOLVED}
_RELATIONS = {("duplicate", "outwardIssue"): "duplicate", ("problem/incident", "inwardIssue"): "incident"}
_NAMES = (
    (("waiting for customer", "pending", "awaiting customer"), Status.PENDING),
    (("hold", "blocked"), Status.HOLD),
    (("closed",), Status.CLOSED),
)


def ticket_of(
    issue: Mapping[str, Any],
    comments: Sequence[Mapping[str, Any]],
    account: JiraAccount,
    our_id: str,
    history: tuple[Change, ...] = (),
) -> Ticket:
    """The ticket from an issue read with its transitions and editmeta, all of its comments, and its history."""
    raw: Mapping[str, Any] = issue["fields"]
    key = str(issue.get("key"))
    if not ISSUE_KEY.fullmatch(key):
        raise Refused("Jira named an issue key that is none")
    desk = (raw.get("project") or {}).get("projectTypeKey") == "service_desk"
    area = _first_name(raw.get("components"))
    fields: dict[str, str | None] = {"area": area} if area else {}
    fields |= {name: _field(raw.get(field_id)) for name, field_id in account.fields.items()}
    organization_id, organization = _organization(raw.get(account.fields.get("organization", "")))
    links = dict(_links(raw.get("issuelinks") or ()))
    customers = {user_id(raw.get("reporter")), user_id(raw.get("creator"))} - {""} if desk else set[str]()
    return Ticket(
        ref=Ref("jira", account.name, key),
        subject=str(raw.get("summary") or ""),
        body=text_of(raw.get("description")),
        comments=_comments(comments, our_id, customers),
        history=history,
        created_at=_time(raw.get("created")),
        updated_at=_time(raw.get("updated")),
        requester=Customer(
            id=user_id(raw.get("reporter")),
            name=str((raw.get("reporter") or {}).get("displayName") or ""),
            organization_id=organization_id,
            organization=organization,
            tier=fields.get("tier") or "",
            strategic=(fields.get("strategic") or "").casefold() in YES,
        ),
        status=status_of(raw.get("status") or {}),
        status_name=str((raw.get("status") or {}).get("name") or ""),
        priority=(raw.get("priority") or {}).get("name") or None,
        type=str((raw.get("issuetype") or {}).get("name") or ""),
        tags=frozenset(raw.get("labels") or ()),
        assignee=user_id(raw.get("assignee")),
        brand=str((raw.get("project") or {}).get("key") or ""),
        fields=MappingProxyType(fields),
        customer_reads=desk,
        attachments=tuple(str(one.get("filename") or "") for one in raw.get("attachment") or ()),
        links=frozenset((relation, Ref("jira", account.name, to)) for relation, to in links),
        resolution=_first_name([raw.get("resolution")]) or "",
        fix_versions=tuple(str(one.get("name") or "") for one in raw.get("fixVersions") or ()),
        version=str(raw.get("updated") or ""),
        native=_native(issue, links, desk=desk, default_priority=account.default_priority),
    )


def user_id(person: Any) -> str:
    """A user's id: accountId in the Cloud, the name in a Data Center."""
    return str(person.get("accountId") or person.get("name") or "") if isinstance(person, dict) else ""


def _native(
    issue: Mapping[str, Any], links: Mapping[tuple[str, str], str], *, desk: bool, default_priority: str
) -> Mapping[str, Any]:
    """What the adapter's own ``actions`` needs to know of this issue: ``links`` are the links' own ids by relation and
    key; ``editable`` only where Jira told it."""
    native: dict[str, Any] = {
        "service_desk": desk,
        "issue_id": str(issue.get("id") or ""),
        "default_priority": default_priority,
        "links": links,
        "transitions": _transitions(issue.get("transitions") or ()),
    }
    editable = (issue.get("editmeta") or {}).get("fields")
    if editable:
        native["editable"] = {name: kind(meta.get("schema") or {}) for name, meta in editable.items()}
        priorities = (editable.get("priority") or {}).get("allowedValues") or ()
        native["priorities"] = tuple(str(one.get("name")) for one in priorities)
    return MappingProxyType(native)


def _transitions(transitions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Status name to transition id, also by the transition's own name where no status has it."""
    by_status, by_name = {}, {}
    for one in transitions:
        by_name[str(one.get("name")).casefold()] = str(one.get("id"))
        by_status[str((one.get("to") or {}).get("name")).casefold()] = str(one.get("id"))
    return by_name | by_status


def _links(links: Iterable[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, str], str]]:
    """The issues that this one hangs on, as relation and key, with the link's own id.

    ``outwardIssue`` is there where this one does what the type's outward words say ("duplicates"), ``inwardIssue``
    where it is done to it. The original of a repetition is only related to it.
    """
    for link in links:
        kind = str((link.get("type") or {}).get("name") or "").casefold()
        for side in ("outwardIssue", "inwardIssue"):
            key = str((link.get(side) or {}).get("key") or "")
            if not ISSUE_KEY.fullmatch(key):
                continue
            relation = _RELATIONS.get((kind, side), "relates")
            yield (relation, key), str(link.get("id") or "")


def _organization(value: Any) -> tuple[str, str]:
    """Id and name of the customer's organization: the first of a service desk's organisations, or what a field says."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict) and first.get("name"):
        return str(first.get("id") or ""), str(first["name"])
    return "", _field(first) or ""


def _first_name(values: Any) -> str | None:
    """The name of the first of several things with names."""
    return next((str(one["name"]) for one in values or () if isinstance(one, dict) and one.get("name")), None)


def _comments(comments: Sequence[Mapping[str, Any]], our_id: str, customers: set[str]) -> tuple[Comment, ...]:
    made = [_comment(one, our_id, customers) for one in comments]
    return tuple(sorted(made, key=lambda one: (one.at, int(one.id) if one.id.isdecimal() else 0)))


def _comment(one: Mapping[str, Any], our_id: str, customers: set[str]) -> Comment:
    author = one.get("author") or {}
    body, author_id = text_of(one.get("body")), user_id(author)
    public = is_public(one) is not False and not one.get("visibility")
    if author_id == our_id and marks_in(body):
        speaker = Speaker.WORKER
    elif author.get("accountType") == "customer" or (public and author_id in customers):
        speaker = Speaker.CUSTOMER
    else:
        speaker = Speaker.AGENT
    return Comment(str(one.get("id") or ""), speaker, body, _time(one.get("created")), public, author_id)


def is_public(comment: Mapping[str, Any]) -> bool | None:
    """Whether a service desk's customers see a comment, None where it does not tell.

    The Cloud says ``jsdPublic``. A Data Center does not: there it is a property of the comment, which is shown only
    where properties are asked for (pycontribs/jira issue 1011), and a comment without that property is public.
    """
    if isinstance(comment.get("jsdPublic"), bool):
        return bool(comment["jsdPublic"])
    properties = comment.get("properties")
    if not isinstance(properties, list):
        return None
    return not any(one.get("key") == INTERNAL["key"] and one.get("value") == INTERNAL["value"] for one in properties)


def status_of(status: Mapping[str, Any]) -> Status:
    """What a status means: by a word in its name, else by its category."""
    name = str(status.get("name") or "").casefold()
    for words, meaning in _NAMES:
        if any(word in name for word in words):
            return meaning
    return _CATEGORIES.get(str((status.get("statusCategory") or {}).get("key")), Status.OPEN)


def _field(value: Any) -> str | None:
    """A custom field's value as text: options and users by their name, lists joined, an SLA by its clock."""
    match value:
        case None | "" | []:
            return None
        case bool():
            return str(value).lower()
        case dict() if "completedCycles" in value or "ongoingCycle" in value:
            return _sla(value)
        case dict():
            return next((str(value[key]) for key in ("value", "name", "displayName") if value.get(key)), None)
        case list():
            return ",".join(filter(None, map(_field, value))) or None
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def _sla(value: Mapping[str, Any]) -> str | None:
    """Where a service desk's own SLA stands, as one word: ``breached``, ``paused``, ``met`` once its last cycle ended
    in time, else the instant at which it will be breached (ISO 8601, UTC). None before its first cycle."""
    cycle = value.get("ongoingCycle")
    if not cycle:
        ended = value.get("completedCycles") or ()
        return ("breached" if ended[-1].get("breached") else "met") if ended else None
    if cycle.get("breached"):
        return "breached"
    at = (cycle.get("breachTime") or {}).get("epochMillis")
    if cycle.get("paused") or not isinstance(at, int):  # a stopped clock has no such instant
        return "paused"
    return datetime.fromtimestamp(at // 1000, UTC).isoformat()


def _time(value: Any) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC) if value else _EPOCH
