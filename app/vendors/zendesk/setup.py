"""What an administrator would do by hand in a Zendesk account: look at what is there, and make what is missing.

Nothing that is there is ever changed. Sources: Zendesk's "Webhooks API" (a webhook is subscribed to events, or
connected to a trigger, and stays so), "Triggers", "Ticket fields", "Groups".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.errors import OutcomeUnknown, Permanent, Refused
from app.vendors.answers import json_object
from app.vendors.gate import http_date
from app.vendors.wanted import TITLE, Plan, Step, Wanted, field_steps, field_title, is_ours
from app.vendors.zendesk.payload import ACCEPTED
from config.accounts import ZendeskAccount

if TYPE_CHECKING:
    from app.vendors.zendesk.client import ZendeskClient

SUBSCRIPTIONS = tuple(f"zen:event-type:{kind}" for kind in ACCEPTED)
TRIGGER = "conditional_ticket_events"
BODY = json.dumps({"ticket_id": "{{ticket.id}}", "current_user_id": "{{current_user.id}}"})
"""What the trigger sends: ids only, for a quote in any other placeholder's text would break the JSON."""

ROLES = ("agent", "admin")

_MAX_PAGES = 50
_NOT_FAILED = frozenset({"success", "in progress", "pending"})

Record = Mapping[str, Any]


@dataclass(frozen=True)
class There:
    """What the account shows; of somebody who is no agent only the user. ``sees_hooks``: our user may see webhooks.
    ``secret`` is the signing secret of ours, empty where there is none or it may not be read; ``failing`` how many of
    its last hundred deliveries failed, None where that may not be read; ``statuses`` the labels of active ones."""

    user: Record
    clock: datetime | None
    groups: tuple[str, ...] = ()
    fields: Mapping[str, Record] = field(default_factory=dict)
    sees_hooks: bool = False
    hook: Record | None = None
    triggers: tuple[Record, ...] = ()
    secret: str = field(default="", repr=False)
    failing: int | None = None
    statuses: tuple[str, ...] = ()


class ZendeskSetup:
    """Reads and makes through the account's client. Raises only errors of ``app.errors``."""

    def __init__(self, client: ZendeskClient, account: ZendeskAccount) -> None:
        self._client, self._account = client, account

    def there(self, target: str = "") -> There:
        """Read all that a plan or a look at the account's health needs: six to eight requests. ``target`` is the
        address that is meant, where other installations have webhooks too."""
        answer = self._client.ask("GET", "/api/v2/users/me.json")
        user, clock = json_object(answer).get("user") or {}, http_date(answer.headers.get("Date", ""))
        if user.get("role") not in ROLES:
            return There(user, clock)
        fields = {str(one["id"]): one for one in self._all("/api/v2/ticket_fields.json", "ticket_fields")}
        groups = tuple(str(one["name"]) for one in self._all("/api/v2/groups.json", "groups") if not one.get("deleted"))
        statuses = self._statuses()
        try:
            hook = self._hook(target)
        except Permanent:
            return There(user, clock, groups, fields, statuses=statuses)
        return There(
            user=user,
            clock=clock,
            groups=groups,
            fields=fields,
            sees_hooks=True,
            hook=hook,
            triggers=self._triggers(str(hook["id"])) if hook and TRIGGER in hook["subscriptions"] else (),
            secret=self._secret(str(hook["id"])) if hook else "",
            failing=self._failing(str(hook["id"])) if hook else None,
            statuses=statuses,
        )

    def _statuses(self) -> tuple[str, ...]:
        """By the label that agents see; none where the account's plan has none."""
        try:
            listed = json_object(self._client.ask("GET", "/api/v2/custom_statuses.json")).get("custom_statuses") or ()
        except Permanent:
            return ()
        return tuple(str(one.get("agent_label")) for one in listed if one.get("active") is not False)

    def people(self, ids: Collection[str]) -> Mapping[str, Record]:
        """The users of these ids by id; those that do not exist are left out."""
        known = [one for one in ids if one.isdecimal()]
        found: dict[str, Record] = {}
        for start in range(0, len(known), 100):
            some = {"ids": ",".join(known[start : start + 100])}
            answer = json_object(self._client.ask("GET", "/api/v2/users/show_many.json", params=some))
            found |= {str(one["id"]): one for one in answer.get("users") or ()}
        return found

    def make(self, step: Step, target: str) -> dict[str, str]:
        """Take one step; the settings that ``.env`` gains by it: WEBHOOK_SECRET, or a field's id under our name."""
        match step.kind:
            case "webhook":
                return self._make_hook(step, target)
            case "trigger":
                self._make_trigger(step, target)
            case "field":
                title = field_title(step.name)
                made = self._post("ticket_fields", "ticket_field", {"type": "text", "title": title})
                return {step.name: str(made["id"])}
            case "group":
                self._post("groups", "group", {"name": step.name})
        return {}

    def _make_hook(self, step: Step, target: str) -> dict[str, str]:
        connected = step.name == TRIGGER
        hook = {
            "name": f"{TITLE} {self._account.name}",
            "status": "active",
            "endpoint": target,
            "http_method": "POST",
            "request_format": "json",
            "subscriptions": [TRIGGER] if connected else list(SUBSCRIPTIONS),
        }
        made = self._post("webhooks", "webhook", hook)
        return {"WEBHOOK_SECRET": self._secret(str(made["id"]))}

    def _make_trigger(self, step: Step, target: str) -> None:
        """A trigger on every creation and change, but for our own user's: a loop would cost the account its limits."""
        hook = self._hook(target)
        if hook is None:
            raise OutcomeUnknown("the webhook that was made is not listed yet; run `triage setup zendesk` again")
        conditions = {
            "all": [{"field": "role", "operator": "is_not", "value": self._client.whoami()}],
            "any": [{"field": "update_type", "operator": "is", "value": word} for word in ("Create", "Change")],
        }
        actions = [{"field": "notification_webhook", "value": [str(hook["id"]), BODY]}]
        trigger = {"title": step.name, "conditions": conditions, "actions": actions, "active": True}
        self._post("triggers", "trigger", trigger)

    def _post(self, path: str, name: str, record: Record) -> Record:
        ending = "" if path == "webhooks" else ".json"
        answer = json_object(self._client.ask("POST", f"/api/v2/{path}{ending}", body={name: record}))
        made = answer.get(name)
        if not isinstance(made, dict) or not made.get("id"):
            raise OutcomeUnknown(f"the answer to POST /api/v2/{path} shows no {name}; run it again to see")
        return made

    def _hook(self, target: str) -> Record | None:
        """Our webhook; of several the one that leads to the target, or that signs with our secret, or is active."""
        ours = [
            one
            for one in self._all("/api/v2/webhooks", "webhooks")
            if is_ours(str(one.get("endpoint")), "zendesk", self._account.name)
        ]
        secrets = {secret.decode() for secret in self._account.secrets()} if len(ours) > 1 else set()

        def strangeness(one: Record) -> tuple[bool, bool, bool]:
            signs = bool(secrets) and self._secret(str(one["id"])) in secrets
            return one.get("endpoint") != target, not signs, one.get("status") != "active"

        return min(ours, key=strangeness, default=None)

    def _triggers(self, hook_id: str) -> tuple[Record, ...]:
        """The triggers that are connected to a webhook."""
        return tuple(
            one
            for one in self._all("/api/v2/triggers.json", "triggers")
            for action in one.get("actions") or ()
            if action.get("field") == "notification_webhook" and str((action.get("value") or [""])[0]) == hook_id
        )

    def _secret(self, hook_id: str) -> str:
        try:
            answer = json_object(self._client.ask("GET", f"/api/v2/webhooks/{hook_id}/signing_secret"))
        except Permanent:  # an agent without the right to webhooks
            return ""
        return str((answer.get("signing_secret") or {}).get("secret") or "")

    def _failing(self, hook_id: str) -> int | None:
        try:
            path = f"/api/v2/webhooks/{hook_id}/invocations"
            answer = json_object(self._client.ask("GET", path, params={"page[size]": "100"}))
        except Permanent:
            return None
        return sum(str(one.get("status")).lower() not in _NOT_FAILED for one in answer.get("invocations") or ())

    def _all(self, path: str, name: str) -> list[Record]:
        """All records of a list, page by page. Only the cursor of an answer is used, never its links."""
        found: list[Record] = []
        asked = {"page[size]": "100"}
        for _ in range(_MAX_PAGES):
            page = json_object(self._client.ask("GET", path, params=asked))
            found += page.get(name) or ()
            meta = page.get("meta") or {}
            cursor = str(meta.get("after_cursor") or "")
            if not meta.get("has_more") or not cursor or cursor == asked.get("page[after]"):
                return found
            asked["page[after]"] = cursor
        raise Refused(f"{path} has more than {_MAX_PAGES} pages of a hundred")


def plan(there: There, wanted: Wanted, account: ZendeskAccount, target: str, *, trigger: bool) -> Plan:
    """What is to be done so that the account has what is wanted; ``target`` is our receiver's address for it. Pure."""
    by_title = {str(one.get("title")).casefold(): field_id for field_id, one in there.fields.items()}
    fields, known = field_steps(
        account, by_title, there.fields, unknown="ticket field", make=lambda title: f"a text field titled {title!r}"
    )
    hooks, env = _hooks(there, account, target, trigger=trigger)
    groups = [_group(team, there.groups) for team in wanted.teams]
    if set(known) - set(account.fields):
        env["FIELDS"] = json.dumps({**account.fields, **known})
    return Plan((*hooks, *fields, *groups), env)


def _hooks(there: There, account: ZendeskAccount, target: str, *, trigger: bool) -> tuple[list[Step], dict[str, str]]:
    name = TRIGGER if trigger else "ticket events"
    title = f"{TITLE} {account.name}"
    if not there.sees_hooks:
        return [Step("webhook", name, "cannot", "our user is no administrator: let one's token set it up")], {}
    if there.hook is None:
        steps = [Step("webhook", name, "make", f"POST to {target}")]
        return steps + ([Step("trigger", title, "make")] if trigger else []), {}
    connected = TRIGGER in there.hook["subscriptions"]
    steps = [Step("webhook", TRIGGER if connected else "ticket events", *_of_hook(there.hook, target))]
    if connected:
        active = any(one.get("active") for one in there.triggers)
        steps.append(Step("trigger", title, "there" if active else "make"))
    ours = account.webhook_secret.get_secret_value()
    return steps, {"WEBHOOK_SECRET": there.secret} if there.secret and not ours else {}


def _of_hook(hook: Record, target: str) -> tuple[Any, str]:
    """State of the webhook that is there, and what a person must do about it: we never change one."""
    subscribed = hook["subscriptions"]
    lacking = [] if TRIGGER in subscribed else [one for one in SUBSCRIPTIONS if one not in subscribed]
    if target and str(hook["endpoint"]).rstrip("/") != target.rstrip("/"):
        return "cannot", "it points at another address: change its endpoint, or delete it and run this again"
    if hook.get("status") != "active":
        return "cannot", "it is inactive: activate it in Admin Center > Webhooks"
    if lacking:
        shown = ", ".join(one.rpartition(".")[2] for one in lacking[:4])
        return "there", f"not told of {len(lacking)} kinds of event ({shown} ...): add them in Admin Center > Webhooks"
    return "there", ""


def _group(team: str, there: Sequence[str]) -> Step:
    if team.casefold() in map(str.casefold, there):
        return Step("group", team, "there")
    return Step("group", team, "make", "add its agents afterwards; or name yours in GROUPS and run this again")
