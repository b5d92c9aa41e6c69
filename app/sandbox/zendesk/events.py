"""The account's webhooks: event-subscribed ones with Zendesk's fixed JSON, and one connected to a trigger.

Event shape after Zendesk's "Ticket events": ids are strings, enumerations upper case, one action tells several events.
A trigger's webhook sends the text an administrator typed, every placeholder replaced by text (not escaped: a quote in
a subject breaks the JSON, as it does in life).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.sandbox import moments
from app.sandbox.webhooks import Delivery
from app.sandbox.zendesk.records import ACCOUNT_ID, Record
from app.sandbox.zendesk.tickets import Happening

TRIGGER = "conditional_ticket_events"
SIMPLE = {
    "status": "status_changed",
    "priority": "priority_changed",
    "type": "type_changed",
    "subject": "subject_changed",
    "external_id": "external_id_changed",
    "group_id": "group_assignment_changed",
    "assignee_id": "agent_assignment_changed",
    "requester_id": "requester_changed",
    "organization_id": "organization_changed",
    "problem_id": "problem_link_changed",
    "due_at": "task_due_at_changed",
}
TOLD = ("soft_deleted", "permanently_deleted", "marked_as_spam", "undeleted", "merged")
"""Events whose own part says nothing but that they happened, or what the happening carries."""

KINDS = ("created", "comment_added", "tags_changed", "custom_field_changed", "custom_status_changed",
         "followers_changed", *TOLD, *SIMPLE.values())  # fmt: skip
SUBSCRIPTIONS = tuple(f"zen:event-type:ticket.{kind}" for kind in KINDS)
UPPER = frozenset({"status", "priority", "type"})


def ulid() -> str:
    """An id of the kind that webhooks and their invocations have."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = (int(moments.now().timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(alphabet[(number >> shift) & 31] for shift in range(125, -1, -5))


@dataclass
class ZendeskHook:
    """One webhook. ``template`` is what the administrator typed, for one that is connected to a trigger; the changes of
    the user ``unless_by`` do not fire it."""

    url: str
    secret: str
    subscriptions: tuple[str, ...] = SUBSCRIPTIONS
    template: str = ""
    name: str = "Firstline"
    id: str = field(default_factory=ulid)
    timeout: float = 12.0
    status: str = "active"
    unless_by: int | None = None

    def headers(self, delivery: Delivery, attempt: int) -> dict[str, str]:
        """Signed anew on every attempt: the timestamp is the attempt's ("Verifying webhook authenticity")."""
        timestamp = moments.zendesk(moments.now())
        digest = hmac.digest(self.secret.encode(), timestamp.encode() + delivery.body, hashlib.sha256)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(ACCOUNT_ID),
            "X-Zendesk-Webhook-Id": self.id,
            "X-Zendesk-Webhook-Invocation-Id": delivery.id,
            "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
        }

    def again(self, attempt: int, status: int | None, headers: Mapping[str, str], *, timed_out: bool) -> float | None:
        """409 three times more, 429 and 503 when they ask for less than a minute, time-outs five times; no other."""
        if timed_out:
            return 1.0 if attempt <= 5 else None
        if status == 409:
            return 0.5 if attempt <= 3 else None
        if status in (429, 503):
            wait = headers.get("retry-after", "")
            return float(wait) if wait.isdigit() and int(wait) < 60 and attempt <= 5 else None
        return None


def deliveries(hooks: list[ZendeskHook], happening: Happening) -> Iterator[Delivery]:
    """What each webhook is to be told of this."""
    ticket_id = str(happening.ticket["id"])
    told = list(_events(happening))
    for hook in hooks:
        if hook.status != "active":
            continue
        if TRIGGER in hook.subscriptions:
            if not hook.template or happening.actor["id"] == hook.unless_by:
                continue
            body = filled(hook.template, happening).encode()
            yield Delivery(ulid(), "zendesk", "trigger", ticket_id, body, hook)
            continue
        for event in told:
            if event["type"] in hook.subscriptions:
                kind = event["type"].removeprefix("zen:event-type:")
                body = json.dumps(event, ensure_ascii=False).encode()
                yield Delivery(ulid(), "zendesk", kind, ticket_id, body, hook)


def filled(template: str, happening: Happening) -> str:
    """An administrator's text with its placeholders replaced by the ticket's values, all of them text."""
    ticket = happening.ticket
    values = {
        "ticket.id": ticket["id"],
        "ticket.title": ticket["subject"],
        "ticket.description": ticket["description"],
        "ticket.status": (ticket["status"] or "").title(),
        "ticket.priority": (ticket["priority"] or "").title(),
        "ticket.tags": " ".join(ticket["tags"]),
        "ticket.updated_at_with_timestamp": ticket["updated_at"],
        "current_user.id": happening.actor["id"],
        "event": "created" if happening.created else "updated",
    }
    for name, value in values.items():
        template = template.replace("{{" + name + "}}", str(value))
    return template


def _events(happening: Happening) -> Iterator[Record]:
    bodies = list(_bodies(happening))
    sequence = str(uuid.uuid4())
    for position, (kind, body) in zip(itertools.count(1), bodies, strict=False):
        meta = {"sequence": {"id": sequence, "position": position, "total": len(bodies)}}
        yield {
            "type": f"zen:event-type:ticket.{kind}",
            "account_id": ACCOUNT_ID,
            "id": str(uuid.uuid4()),
            "time": moments.now().strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z",
            "zendesk_event_version": "2022-11-06",
            "subject": f"zen:ticket:{happening.ticket['id']}",
            "detail": _detail(happening.ticket, happening.actor),
            "event": {**body, "meta": meta},
        }


def _bodies(happening: Happening) -> Iterator[tuple[str, Record]]:
    if happening.created:
        yield "created", {}
        return
    if happening.comment:
        author = happening.comment["author_id"]
        comment = {"author": {"id": str(author)}, "body": happening.comment["body"],
                   "id": str(happening.comment["id"]), "is_public": happening.comment["public"]}  # fmt: skip
        yield "comment_added", {"comment": comment}
    for name, (before, after) in happening.changed.items():
        if name == "tags":
            added, removed = sorted(set(after) - set(before)), sorted(set(before) - set(after))
            yield "tags_changed", {"tags_added": added, "tags_removed": removed}
        elif name in SIMPLE:
            yield SIMPLE[name], {"current": _told(name, after), "previous": _told(name, before)}
        elif name in TOLD:
            yield name, after
        elif name == "custom_status_id":
            yield "custom_status_changed", {"current": str(after), "previous": str(before)}
        elif name == "follower_ids":
            yield "followers_changed", {"current": list(map(str, after)), "previous": list(map(str, before))}
        else:
            yield "custom_field_changed", {"field": {"id": name}, "current": after, "previous": before}


def _detail(ticket: Record, actor: Record) -> Record:
    words = {
        name: _told(name, ticket[name])
        for name in ("assignee_id", "brand_id", "external_id", "group_id", "id", "organization_id", "priority",
                     "requester_id", "status", "submitter_id", "type")
    }  # fmt: skip
    return {
        **words,
        "actor_id": str(actor["id"]),
        "created_at": ticket["created_at"],
        "custom_status": str(ticket["custom_status_id"]),
        "description": ticket["description"],
        "form_id": str(ticket["ticket_form_id"]),
        "is_public": ticket["is_public"],
        "subject": ticket["subject"],
        "tags": ticket["tags"],
        "updated_at": ticket["updated_at"],
        "via": {"channel": ticket["via"]["channel"]},
    }


def _told(name: str, value: Any) -> str | None:
    if value is None:
        return None
    return str(value).upper() if name in UPPER else str(value)
