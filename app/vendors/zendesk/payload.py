"""What a Zendesk delivery tells us: which ticket to look at.

Two dialects. An event-subscribed webhook has a fixed shape (Zendesk: "Ticket events"): ids as strings, values in
upper case, ``detail`` and ``event``. A webhook connected to a trigger or automation sends whatever an administrator
typed, every value a string; only the ticket's id is needed, under any name an administrator would give it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.errors import Malformed
from app.triage.ticket import Event, Ignored, Ref
from app.vendors.delivery import actor, delivery_id, header, instant, json_object, within

_PREFIX = "zen:event-type:"

ACCEPTED: Mapping[str, str] = {
    "ticket.created": "created",
    "ticket.comment_added": "commented",
    "ticket.merged": "merged",
    "ticket.soft_deleted": "deleted",
    "ticket.permanently_deleted": "deleted",
    "ticket.marked_as_spam": "deleted",
    "ticket.agent_assignment_changed": "updated",
    "ticket.brand_changed": "updated",
    "ticket.comment_made_private": "updated",
    "ticket.comment_redacted": "updated",
    "ticket.custom_field_changed": "updated",
    "ticket.custom_status_changed": "updated",
    "ticket.description_changed": "updated",
    "ticket.form_changed": "updated",
    "ticket.group_assignment_changed": "updated",
    "ticket.organization_changed": "updated",
    "ticket.priority_changed": "updated",
    "ticket.problem_link_changed": "updated",
    "ticket.requester_changed": "updated",
    "ticket.status_changed": "updated",
    "ticket.subject_changed": "updated",
    "ticket.tags_changed": "updated",
    "ticket.type_changed": "updated",
    "ticket.undeleted": "updated",
}
"""Kinds of event that make us look at the ticket, and what they are to us."""

IGNORED: frozenset[str] = frozenset(
    {
        "ticket.attachment_linked_to_comment",
        "ticket.attachment_redacted_from_comment",
        "ticket.csat_received",
        "ticket.csat_requested",
        "ticket.email_ccs_changed",
        "ticket.external_id_changed",
        "ticket.followers_changed",
        "ticket.next_sla_breach_changed",
        "ticket.ola_policy_changed",
        "ticket.schedule_changed",
        "ticket.sla_policy_changed",
        "ticket.submitter_changed",
        "ticket.task_due_at_changed",
    }
)
"""Kinds of ticket event that change nothing we decide on."""

OTHER_OBJECTS: frozenset[str] = frozenset(
    {"agent", "article", "community_comment", "community_post", "custom_object", "messaging", "organization", "user"}
)
"""Objects other than tickets that an event may be about; their names are the reasons of ``Ignored``."""

TICKET_ID = re.compile(r"[1-9][0-9]{0,18}")
_ID = re.compile(r"\s*#?([1-9][0-9]{0,18})\s*")
_URL = re.compile(r"\s*[^\s]{0,2000}/tickets/([1-9][0-9]{0,18})(?:\.json)?/?\s*")
_SUBJECT = re.compile(r"zen:ticket:([1-9][0-9]{0,18})")
_ID_KEYS = ("ticketid", "ticketnumber", "ticketno", "ticketurl", "ticketlink", "ticket", "id", "url", "link")
_KIND_KEYS = ("event", "eventtype", "eventname", "kind", "action", "trigger", "type")
_WORDS = (("comment", "commented"), ("creat", "created"), ("merge", "merged"), ("delet", "deleted"))


def parse(headers: Mapping[str, str], body: bytes, account: str) -> Event | Ignored:
    """Read a delivery whose signature held. Raises Malformed, and nothing else, when it names no ticket."""
    payload = json_object(body)
    timestamp = header(headers, "X-Zendesk-Webhook-Signature-Timestamp").encode("utf-8", "replace")
    key = delivery_id(header(headers, "X-Zendesk-Webhook-Invocation-Id"), body, timestamp)
    kind = payload.get("type")
    if isinstance(kind, str) and kind.startswith(_PREFIX):
        return _event(kind.removeprefix(_PREFIX), payload, account, key)
    return _trigger(payload, account, key)


def _event(kind: str, payload: dict[str, Any], account: str, key: str) -> Event | Ignored:
    if kind not in ACCEPTED:
        family = kind.partition(".")[0]
        if kind in IGNORED:
            return Ignored("not_acted_on", key)
        return Ignored(family if family in OTHER_OBJECTS else "unknown_kind", key)
    ticket_id = _ticket_id(within(payload, "detail", "id")) or _subject_id(payload.get("subject"))
    if not ticket_id:
        raise Malformed("a ticket event without a ticket id")
    return Event(
        Ref("zendesk", account, ticket_id),
        ACCEPTED[kind],
        key,
        actor_id=actor(within(payload, "detail", "actor_id")),
        at=instant(payload.get("time")),
    )


def _trigger(payload: dict[str, Any], account: str, key: str) -> Event:
    named = dict(_plain_names(payload))
    ticket = payload.get("ticket")
    inner = dict(_plain_names(ticket)) if isinstance(ticket, dict) else {}
    candidates = [named.get("ticketid"), inner.get("id"), inner.get("ticketid"), inner.get("url")]
    candidates += [named.get(name) for name in _ID_KEYS]
    ticket_id = next(filter(None, map(_ticket_id, candidates)), None)
    if ticket_id is None:
        raise Malformed('no ticket id under any name known; let the trigger send {"ticket_id": "{{ticket.id}}"}')
    said = " ".join(value.lower() for name in _KIND_KEYS if isinstance(value := named.get(name), str))
    return Event(
        Ref("zendesk", account, ticket_id),
        next((kind for word, kind in _WORDS if word in said), "updated"),
        key,
        actor_id=actor(named.get("actorid"), named.get("currentuserid")),
        at=instant(named.get("updatedat")) or instant(inner.get("updatedat")),
    )


def _plain_names(payload: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """``Ticket ID``, ``ticket_id``, ``ticketID`` and ``ticket.id`` are all ``ticketid``."""
    for name, value in payload.items():
        yield "".join(filter(str.isalnum, name.lower())), value


def _ticket_id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    found = _ID.fullmatch(value) or _URL.fullmatch(value)
    return found[1] if found else None


def _subject_id(value: object) -> str | None:
    found = _SUBJECT.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None
