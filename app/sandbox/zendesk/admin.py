"""What administrators do in an account: webhooks and their secrets, triggers, custom fields, groups. Others get a 403.

"Webhooks API": a webhook is subscribed to events (then it POSTs JSON) or connected to a trigger, never both; its
signing secret has an address of its own. "Triggers": conditions of ``all`` and ``any``; of the fields that they may ask
about only those are modelled that setting up needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import g, request

from app.sandbox import moments
from app.sandbox.zendesk import paging
from app.sandbox.zendesk.account import Account
from app.sandbox.zendesk.answers import Answer, enclosed, root
from app.sandbox.zendesk.errors import ZendeskError, invalid, not_found, not_modelled
from app.sandbox.zendesk.events import SUBSCRIPTIONS, TRIGGER, ZendeskHook, ulid
from app.sandbox.zendesk.records import Record

MORE_KINDS = (
    "attachment_linked_to_comment", "attachment_redacted_from_comment", "brand_changed", "comment_made_private",
    "comment_redacted", "csat_received", "csat_requested", "custom_status_changed", "description_changed",
    "email_ccs_changed", "followers_changed", "form_changed", "marked_as_spam", "merged", "next_sla_breach_changed",
    "ola_policy_changed", "permanently_deleted", "schedule_changed", "sla_policy_changed", "submitter_changed",
    "undeleted",
)  # fmt: skip
"""Ticket events that may be subscribed to, besides those that the sandbox sends."""

EVENTS = frozenset({*SUBSCRIPTIONS, *(f"zen:event-type:ticket.{kind}" for kind in MORE_KINDS)})
FIELD_TYPES = frozenset({"text", "textarea", "checkbox", "date", "integer", "decimal", "regexp"})
_NEEDED = ("endpoint", "http_method", "name", "request_format", "status", "subscriptions")
_KEYS = frozenset({*_NEEDED, "authentication", "custom_headers", "description"})


def routes(account: Account) -> dict[str, dict[str, Callable[..., Any]]]:
    """Rules with a view for each method."""
    admin = _Admin(account)
    return {
        "webhooks": {"GET": admin.webhooks, "POST": admin.add_webhook},
        "webhooks/<hook_id>/signing_secret": {"GET": admin.secret},
        "webhooks/<hook_id>/invocations": {"GET": admin.invocations},
        "triggers": {"GET": admin.triggers, "POST": admin.add_trigger},
        "ticket_fields": {"POST": admin.add_field},
        "groups": {"POST": admin.add_group},
        "users/show_many": {"GET": admin.users},
    }


class _Admin:
    def __init__(self, account: Account) -> None:
        self.account, self.records, self.sender = account, account.records, account.sender
        self._triggers: list[Record] = []

    def webhooks(self) -> Record:
        self._administrator()
        return paging.page("webhooks", [_shown(hook) for hook in self.account.hooks])

    def add_webhook(self) -> Answer:
        self._administrator()
        body = enclosed("webhook")
        problem = _problem(body)
        if problem:
            raise ZendeskError(400, {"errors": [{"code": "InvalidWebhook", "title": problem}]})
        hook = ZendeskHook(body["endpoint"], ulid(), tuple(body["subscriptions"]), name=body["name"])
        hook.status = body["status"]
        self.account.hooks.append(hook)
        return {"webhook": _shown(hook)}, 201, {}

    def secret(self, hook_id: str) -> Record:
        self._administrator()
        return {"signing_secret": {"algorithm": "SHA256", "secret": self._hook(hook_id).secret}}

    def invocations(self, hook_id: str) -> Record:
        """The newest first, one for each delivery, by its last attempt."""
        self._administrator()
        hook = self._hook(hook_id)
        last = {one["id"]: one for one in self.sender.attempts() if one["url"] == hook.url}
        shown = [
            {"id": one["id"], "status": "success" if one["outcome"] == "delivered" else "failed",
             "status_code": one["status"], "latest_completed_at": one["at"]}
            for one in reversed(last.values())
        ]  # fmt: skip
        return paging.page("invocations", shown)

    def triggers(self) -> Record:
        self._administrator()
        return paging.page("triggers", self._triggers)

    def add_trigger(self) -> Answer:
        self._administrator()
        body = enclosed("trigger")
        for name in ("title", "conditions", "actions"):
            if not isinstance(body, dict) or not body.get(name):
                raise invalid(name, "cannot be blank")
        unless_by = _unless_by(body["conditions"])
        for action in body["actions"]:
            self._connect(action, unless_by, active=body.get("active", True))
        at, number = moments.zendesk(moments.now()), self.records.new_id()
        trigger = {
            "url": f"{root()}triggers/{number}.json", "id": number, "title": body["title"], "raw_title": body["title"],
            "active": body.get("active", True), "position": len(self._triggers) + 1, "default": False,
            "conditions": {"all": [], "any": [], **body["conditions"]}, "actions": body["actions"],
            "created_at": at, "updated_at": at,
        }  # fmt: skip
        self._triggers.append(trigger)
        return {"trigger": trigger}, 201, {}

    def _connect(self, action: Any, unless_by: int | None, *, active: bool) -> None:
        """Let the action's webhook send its body whenever the trigger fires."""
        if not isinstance(action, dict) or action.get("field") != "notification_webhook":
            raise not_modelled("triggers that do anything but notify a webhook")
        value = action.get("value")
        if not isinstance(value, list) or len(value) != 2 or not all(isinstance(one, str) for one in value):
            raise invalid("actions", "Notification webhook wants the webhook's id and a body")
        found = next((one for one in self.account.hooks if one.id == value[0]), None)
        if found is None or TRIGGER not in found.subscriptions:
            raise invalid("actions", "Webhook is invalid")
        if active:
            found.template, found.unless_by = value[1], unless_by

    def add_field(self) -> Answer:
        self._administrator()
        body = enclosed("ticket_field")
        if not isinstance(body, dict) or not isinstance(body.get("title"), str) or not body["title"].strip():
            raise invalid("title", "cannot be blank")
        if body.get("type") not in FIELD_TYPES:
            raise invalid("type", f"{body.get('type')} is not valid")
        made = self.records.add_field(self.records.new_id(), body["title"], body["type"])
        return {"ticket_field": {"url": f"{root()}ticket_fields/{made['id']}.json", **made}}, 201, {}

    def add_group(self) -> Answer:
        self._administrator()
        body = enclosed("group")
        name = body.get("name") if isinstance(body, dict) else None
        if not isinstance(name, str) or not name.strip():
            raise invalid("name", "cannot be blank")
        if self.records.group_by_name(name):
            raise invalid("name", f"{name} has already been taken")
        made = self.records.group(name)
        return {"group": {"url": f"{root()}groups/{made['id']}.json", **made}}, 201, {}

    def users(self) -> Record:
        ids = [one for one in request.args.get("ids", "").split(",") if one]
        if not 1 <= len(ids) <= 100 or not all(one.isdigit() for one in ids):
            raise ZendeskError(400, {"error": "BadRequest", "description": "between 1 and 100 ids"})
        there = [self.records.users[int(one)] for one in ids if int(one) in self.records.users]
        users = [{"url": f"{root()}users/{one['id']}.json", **one} for one in there]
        return {"users": users, "next_page": None, "previous_page": None, "count": len(users)}

    def _hook(self, hook_id: str) -> ZendeskHook:
        for hook in self.account.hooks:
            if hook.id == hook_id:
                return hook
        raise not_found()

    def _administrator(self) -> None:
        if self.records.caller(g.who)["role"] != "admin":
            raise ZendeskError(403, {"error": "Forbidden", "description": "You do not have access to this page"})


def _problem(body: Any) -> str:
    """Why this is no webhook; empty when it is one."""
    if not isinstance(body, dict) or any(not body.get(name) for name in _NEEDED):
        return f"needs {', '.join(_NEEDED)}"
    if set(body) - _KEYS:
        return f"unknown keys {sorted(set(body) - _KEYS)}"
    parts = urlsplit(str(body["endpoint"]))
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "endpoint must be a URL"
    subscriptions = body["subscriptions"]
    if subscriptions == [TRIGGER]:
        return ""
    wrong = [one for one in subscriptions if one not in EVENTS]
    if wrong:
        return f"unknown subscriptions {wrong}"
    if (body["http_method"], body["request_format"]) != ("POST", "json"):
        return "a webhook that is subscribed to events must POST json"
    return "" if body["status"] in ("active", "inactive") else "status must be active or inactive"


def _unless_by(conditions: Any) -> int | None:
    """Whose changes do not fire the trigger. Every condition must be one that is modelled."""
    if not isinstance(conditions, dict) or not (conditions.get("all") or conditions.get("any")):
        raise invalid("conditions", "cannot be blank")
    unless_by = None
    for one in conditions.get("all") or ():
        if (one.get("field"), one.get("operator")) != ("role", "is_not") or not str(one.get("value")).isdigit():
            raise not_modelled(f"the condition {one}")
        unless_by = int(one["value"])
    for one in conditions.get("any") or ():
        if one.get("field") != "update_type" or one.get("value") not in ("Create", "Change"):
            raise not_modelled(f"the condition {one}")
    return unless_by


def _shown(hook: ZendeskHook) -> Record:
    return {
        "id": hook.id,
        "name": hook.name,
        "status": hook.status,
        "endpoint": hook.url,
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": list(hook.subscriptions),
        "created_at": moments.zendesk(moments.now()),
    }
