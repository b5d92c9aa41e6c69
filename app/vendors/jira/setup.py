"""What an administrator would do by hand in a Jira site: look at what is there, and make what is missing.

Nothing that is there is ever changed. Sources: Atlassian's "Webhooks" (admin webhooks; their secret can be set and
never read), "Issue fields", "Permissions". Statuses and moves belong to a workflow: they are looked at only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from app.errors import Gone, OutcomeUnknown, Permanent, Unavailable
from app.vendors.answers import json_object
from app.vendors.gate import http_date
from app.vendors.jira.payload import ACCEPTED
from app.vendors.wanted import TITLE, Plan, Step, field_steps, field_title, is_ours
from config.accounts import JiraAccount

if TYPE_CHECKING:
    import requests

    from app.vendors.jira.client import JiraClient

EVENTS = tuple(ACCEPTED)
HOOKS = "/rest/webhooks/1.0/webhook"
HOOKS_OF_10 = "/rest/jira-webhook/1.0/webhooks"
"""Where a Data Center has them since its version 10, which answers 404 at the old place."""

_KIND = "com.atlassian.jira.plugin.system.customfieldtypes:"

Record = Mapping[str, Any]


@dataclass(frozen=True)
class There:
    """What the site shows. ``hooks`` is None where our user may not see webhooks: only administrators may. ``target``
    is the address that is meant, where other installations have webhooks too."""

    user: Record
    clock: datetime | None
    fields: Mapping[str, Record]
    priorities: tuple[str, ...]
    statuses: tuple[str, ...]
    hooks: tuple[Record, ...] | None

    target: str = ""

    @property
    def hook(self) -> Record | None:
        """Our webhook; of several the one that leads to the target, or is enabled."""
        meant = sorted(self.hooks or (), key=lambda one: (one.get("url") != self.target, not one.get("enabled", True)))
        return meant[0] if meant else None


class JiraSetup:
    """Reads and makes through the site's client. Raises only errors of ``app.errors``."""

    def __init__(self, client: JiraClient, account: JiraAccount) -> None:
        self._client, self._account = client, account

    def there(self, target: str = "") -> There:
        """Read all that a plan or a look at the site's health needs: five or six requests."""
        answer = self._client.ask("GET", "/rest/api/2/myself")
        return There(
            user=json_object(answer),
            clock=http_date(answer.headers.get("Date", "")),
            fields={str(one["id"]): one for one in self._list("/rest/api/2/field")},
            priorities=tuple(str(one["name"]) for one in self._list("/rest/api/2/priority")),
            statuses=tuple(dict.fromkeys(str(one["name"]) for one in self._list("/rest/api/2/status"))),
            hooks=self._hooks(),
            target=target,
        )

    def people(self, ids: Collection[str]) -> Mapping[str, Record]:
        """The users of these ids by id; those that do not exist are left out."""
        if self._account.deployment == "server":
            return {one: user for one in ids if (user := self._user(one))}
        found: dict[str, Record] = {}
        known = list(ids)
        for start in range(0, len(known), 50):
            some = known[start : start + 50]
            asked = {"accountId": some, "maxResults": str(len(some))}
            answer = json_object(self._client.ask("GET", "/rest/api/2/user/bulk", params=asked))
            found |= {str(one["accountId"]): one for one in answer.get("values") or ()}
        return found

    def lacks(self, permissions: Iterable[str], project: str = "") -> tuple[str, ...]:
        """Those of the permissions that our user does not have: in a project, or in none at all. Raises Gone for a
        project that it does not see."""
        asked = {"permissions": ",".join(permissions), **({"projectKey": project} if project else {})}
        answer = json_object(self._client.ask("GET", "/rest/api/2/mypermissions", params=asked))
        told = answer.get("permissions") or {}
        return tuple(one for one in asked["permissions"].split(",") if not told.get(one, {}).get("havePermission"))

    def make(self, step: Step, target: str, secret: str) -> dict[str, str]:
        """Take one step; the settings that ``.env`` gains by it. The webhook's secret is ours: Jira never tells it."""
        if step.kind == "webhook":
            self._make_hook(target, secret)
            return {"WEBHOOK_SECRET": secret}
        kind = {"type": f"{_KIND}textfield", "searcherKey": f"{_KIND}textsearcher"}
        made = json_object(self._client.ask("POST", "/rest/api/2/field", body={"name": field_title(step.name), **kind}))
        if not made.get("id"):
            raise OutcomeUnknown("the answer to POST /rest/api/2/field shows no id; run it again to see")
        return {step.name: str(made["id"])}

    def _make_hook(self, target: str, secret: str) -> None:
        hook = {"name": f"{TITLE} {self._account.name}", "url": target, "events": list(EVENTS), "excludeBody": False}
        try:
            self._client.ask("POST", HOOKS, body={**hook, "secret": secret})
        except Gone:
            if self._account.deployment == "cloud":
                raise
            self._client.ask("POST", HOOKS_OF_10, body={**hook, "configuration": {"secret": secret}})

    def _hooks(self) -> tuple[Record, ...] | None:
        for path in (HOOKS, HOOKS_OF_10):
            try:
                found = self._list(path)
            except Gone:
                continue
            except Permanent:
                return None
            return tuple(one for one in found if is_ours(str(one.get("url")), "jira", self._account.name))
        return None

    def _user(self, name: str) -> Record | None:
        try:
            return json_object(self._client.ask("GET", "/rest/api/2/user", params={"username": name}))
        except Gone:
            return None

    def _list(self, path: str) -> list[Record]:
        return _rows(self._client.ask("GET", path))


def plan(there: There, account: JiraAccount, target: str) -> Plan:
    """What is to be done so that the site has what is wanted; ``target`` is our receiver's address for it. Pure."""
    by_name = {str(one.get("name")).casefold(): field_id for field_id, one in there.fields.items()}
    made = "a text field; put it on the edit screens of your projects"
    fields, known = field_steps(account, by_name, there.fields, unknown="field of this site", make=lambda _: made)
    env = {"FIELDS": json.dumps({**account.fields, **known})} if set(known) - set(account.fields) else {}
    return Plan((_hook(there, account, target), *fields, *_status(there, account)), env)


def _hook(there: There, account: JiraAccount, target: str) -> Step:
    name = "issue and comment events"
    if there.hooks is None:
        return Step("webhook", name, "cannot", "our user is no administrator: let one make it at System > WebHooks")
    hook = there.hook
    if hook is None:
        return Step("webhook", name, "make", f"POST to {target}")
    lacking = [one for one in EVENTS if one not in (hook.get("events") or ())]
    if target and str(hook["url"]).rstrip("/") != target.rstrip("/"):
        return Step("webhook", name, "cannot", "it points at another address: change its URL, or delete it")
    if not hook.get("enabled", True):
        return Step("webhook", name, "cannot", "it is disabled: enable it at System > WebHooks")
    if not account.webhook_secret.get_secret_value():
        why = "its secret cannot be read: type a new one at System > WebHooks and into WEBHOOK_SECRET"
        return Step("webhook", name, "cannot", why)
    return Step("webhook", name, "there", f"not told of {', '.join(lacking)}: add them" if lacking else "")


def _status(there: There, account: JiraAccount) -> list[Step]:
    wanted = account.triaged_status
    if not wanted:
        return []
    if wanted.casefold() in map(str.casefold, there.statuses):
        return [Step("status", wanted, "there")]
    return [Step("status", wanted, "cannot", "no workflow has it: add it to the workflow, or correct TRIAGED_STATUS")]


def _rows(answer: requests.Response) -> list[Record]:
    """A list of objects, bare or as a page's ``values``."""
    try:
        found = orjson.loads(answer.content)
    except ValueError:
        found = None
    if isinstance(found, dict):
        found = found.get("values")
    if not isinstance(found, list):
        raise Unavailable(f"the answer {answer.status_code} to GET {answer.request.path_url} is not a list")
    return [one for one in found if isinstance(one, dict)]
