"""What administrators do on a site: webhooks with a secret, custom fields; and what a user may ask about permissions.

"Webhooks": an admin webhook is made with a secret that is never told again. A new field is on no screen until a person
puts it there, so no issue takes it yet ("Issue fields").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request

from app.sandbox.jira import catalog
from app.sandbox.jira.answers import json_object, locked, number
from app.sandbox.jira.errors import invalid
from app.sandbox.jira.errors import refused as refusal
from app.sandbox.jira.events import EVENTS, JiraHook
from app.sandbox.jira.render import Json
from app.sandbox.jira.site import Site, caller

HOOKS = "/rest/webhooks/1.0/webhook"
PERMISSIONS = frozenset(
    {"ADMINISTER", "BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS", "ASSIGN_ISSUES", "LINK_ISSUES", "CREATE_ISSUES"}
    | {"TRANSITION_ISSUES", "MANAGE_WATCHERS", "DELETE_ISSUES"}
)
_KEYS = frozenset({"name", "url", "events", "filters", "excludeBody", "secret", "enabled", "description"})
_KIND = "com.atlassian.jira.plugin.system.customfieldtypes:"
_KINDS = {"textfield": "string", "textarea": "string", "float": "number", "select": "option"}


def routes(site: Site) -> dict[str, dict[str, Callable[..., Any]]]:
    """Rules below the version, with a view for each method."""
    admin = _Admin(site)
    return {
        "mypermissions": {"GET": admin.permissions},
        "field": {"POST": admin.add_field},
        "user/bulk": {"GET": admin.users},
    }


def add_routes(app: Flask, site: Site) -> None:
    """Mount the webhooks, which have an API of their own."""
    admin = _Admin(site)
    for method, view in (("GET", admin.webhooks), ("POST", admin.add_webhook)):
        app.add_url_rule(HOOKS, f"{method} webhooks", locked(site.records.lock, view), methods=[method])


class _Admin:
    def __init__(self, site: Site) -> None:
        self.site = site

    def permissions(self) -> Json:
        wanted = [one for one in request.args.get("permissions", "").split(",") if one]
        if not wanted or set(wanted) - PERMISSIONS:
            raise refusal("The 'permissions' query parameter is required and must hold permission keys.")
        project = request.args.get("projectKey")
        if project and project not in catalog.PROJECTS:
            raise refusal(f"No project could be found with key '{project}'.", 404)
        denied = self.site.denied
        return {
            "permissions": {
                name: {"id": str(position), "key": name, "name": name.replace("_", " ").capitalize(),
                       "type": "GLOBAL" if name == "ADMINISTER" else "PROJECT", "description": "",
                       "havePermission": name not in denied}
                for position, name in enumerate(wanted)
            }
        }  # fmt: skip

    def add_field(self) -> tuple[Json, int]:
        self._administrator(400)
        body = json_object()
        kind = str(body.get("type", "")).removeprefix(_KIND)
        wrong = {}
        if not isinstance(body.get("name"), str) or not body["name"].strip():
            wrong["name"] = "The name of the custom field is required."
        if kind not in _KINDS or body["type"] == kind:
            wrong["type"] = "The type of the custom field is not valid."
        if set(body) - {"name", "description", "type", "searcherKey"}:
            raise refusal("Invalid request payload. Refer to the REST API documentation and try again.")
        if wrong:
            raise invalid(wrong)
        custom_id = int(self.site.records.new_id())
        made: Json = {
            "id": f"customfield_{custom_id}", "key": f"customfield_{custom_id}", "name": body["name"], "custom": True,
            "orderable": True, "navigable": True, "searchable": True, "clauseNames": [f"cf[{custom_id}]", body["name"]],
            "schema": {"type": _KINDS[kind], "custom": f"{_KIND}{kind}", "customId": custom_id},
        }  # fmt: skip
        self.site.made_fields.append(made)
        return made, 201

    def users(self) -> Json:
        ids = request.args.getlist("accountId")
        if not ids:
            raise refusal("The 'accountId' query parameter is required.")
        size = number("maxResults", 10, 200)
        there = [self.site.render().user(one) for one in ids if one in self.site.records.users][:size]
        return {"startAt": 0, "maxResults": size, "total": len(there), "isLast": True, "values": there}

    def webhooks(self) -> list[Json]:
        self._administrator(403)
        return [self._shown(hook) for hook in self.site.hooks]

    def add_webhook(self) -> tuple[Json, int]:
        self._administrator(403)
        body = json_object()
        parts = urlsplit(str(body.get("url", "")))
        events = body.get("events")
        if not body.get("name") or parts.scheme not in ("http", "https") or not parts.netloc:
            raise refusal("A webhook needs a name and a URL.")
        if not isinstance(events, list) or not events or set(events) - EVENTS or set(body) - _KEYS:
            raise refusal("Unknown events or keys.")
        hook = JiraHook(str(body["url"]), str(body.get("secret", "")), events=frozenset(events), name=str(body["name"]))
        hook.enabled = body.get("enabled", True)
        self.site.hooks.append(hook)
        return self._shown(hook), 201

    def _shown(self, hook: JiraHook) -> Json:
        return {
            "self": f"{self.site.base}{HOOKS}/{hook.id}",
            "name": hook.name,
            "url": hook.url,
            "events": sorted(hook.events),
            "filters": {},
            "excludeBody": False,
            "enabled": hook.enabled,
            "isSigned": bool(hook.secret),
            "lastUpdatedUser": caller(self.site).account_id,
        }

    def _administrator(self, status: int) -> None:
        if "ADMINISTER" in self.site.denied:
            raise refusal("Only Jira administrators can do this.", status)
