"""Jira's REST API, the part that a triage worker meets: version 2, and version 3 where only texts differ."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Any

from flask import Flask, g, request
from werkzeug.exceptions import HTTPException

from app.sandbox import moments
from app.sandbox.jira import admin, catalog, changes, desk, jql, links, screens, watchers
from app.sandbox.jira.answers import EMPTY, chosen, comment_text, json_object, locked, number, refused, unknown, version
from app.sandbox.jira.edits import Edit, project_of
from app.sandbox.jira.errors import JiraError, invalid, unauthorized
from app.sandbox.jira.errors import refused as refusal
from app.sandbox.jira.issues import INTERNAL
from app.sandbox.jira.records import Issue
from app.sandbox.jira.render import Json, Render
from app.sandbox.jira.site import Site, caller, written


def create_app(site: Site) -> Flask:
    """The API of one site as a WSGI application."""
    app = Flask(__name__, static_folder=None)
    api = _Api(site)
    app.before_request(api.authenticate)
    app.register_error_handler(JiraError, refused)
    app.register_error_handler(HTTPException, unknown)
    parts = [part.routes(site) for part in (links, screens, watchers, changes, admin)]
    for rule, methods in [route for routes in (api.routes(), *parts) for route in routes.items()]:
        for method, view in methods.items():
            for one in ("2", "3", "latest"):
                path = f"/rest/api/{one}/{rule}"
                app.add_url_rule(path, f"{method} {path}", locked(site.records.lock, view), methods=[method])
    desk.add_routes(app, site)
    admin.add_routes(app, site)
    return app


class _Api:
    def __init__(self, site: Site) -> None:
        self.site, self.records = site, site.records

    def routes(self) -> dict[str, dict[str, Callable[..., Any]]]:
        return {
            "serverInfo": {"GET": self.server_info},
            "myself": {"GET": self.myself},
            "user": {"GET": self.user},
            "priority": {"GET": self.priorities},
            "status": {"GET": self.statuses},
            "field": {"GET": self.fields},
            "project/<key>": {"GET": self.project},
            "issue": {"POST": self.create},
            "issue/<key>": {"GET": self.issue, "PUT": self.edit},
            "issue/<key>/assignee": {"PUT": self.assign},
            "issue/<key>/comment": {"GET": self.comments, "POST": self.comment},
            "issue/<key>/comment/<comment_id>": {"GET": self.one_comment},
            "issue/<key>/transitions": {"GET": self.transitions, "POST": self.transition},
            "search/jql": {"GET": self.search, "POST": self.search},
            "search": {"GET": self.old_search, "POST": self.old_search},
        }

    def authenticate(self) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.site.server:  # a personal access token
            email = next((one for one, known in self.records.tokens.items() if _same(known, given)), None)
        else:
            email = self._basic(given) if scheme.lower() == "basic" else None
        if email is None:
            raise unauthorized()
        g.who = email
        with self.records.lock:
            self.site.limits.ask(request.method, str(request.url_rule))

    def _basic(self, encoded: str) -> str | None:
        try:
            email, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        known = self.records.tokens.get(email)
        return email if known is not None and _same(known, token) else None

    @property
    def render(self) -> Render:
        return self.site.render(version())

    # The site

    def server_info(self) -> Json:
        return {
            "baseUrl": self.site.base,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Server" if self.site.server else "Cloud",
            "buildNumber": 100290,
            "buildDate": "2026-11-02T00:00:00.000+0000",
            "serverTime": moments.jira(moments.now()),
            "scmInfo": "sandbox",
            "serverTitle": "Sandbox Jira",
        }

    def myself(self) -> Json | None:
        return self.render.user(caller(self.site).account_id, email=True)

    def user(self) -> Json | None:
        account_id = request.args.get("accountId", "")
        if account_id not in self.records.users:
            raise refusal("Specified user does not exist or you do not have required permissions", 404)
        return self.render.user(account_id)

    def priorities(self) -> list[Json]:
        usual = catalog.DEFAULT_PRIORITY
        return [
            {**self.render.priority(name), "statusColor": "#999999", "description": "", "isDefault": name == usual}
            for name in catalog.PRIORITIES.values()
        ]

    def statuses(self) -> list[Json]:
        return [self.render.status(one) for project in catalog.PROJECTS.values() for one in project.statuses]

    def fields(self) -> list[Json]:
        return [*(_field(one) for one in catalog.FIELDS.values()), *self.site.made_fields]

    def project(self, key: str) -> Json:
        for project in catalog.PROJECTS.values():
            if key.upper() == project.key or key == project.id:
                types = [self.render.issue_type(project, name) for name in project.issue_types.values()]
                return {**self.render.project(project), "issueTypes": types, "style": "classic", "isPrivate": False}
        raise refusal(f"No project could be found with key '{key}'.", 404)

    # Issues

    def issue(self, key: str) -> Json:
        issue = self.records.issue(key)
        shown = self.render.issue(issue, chosen(request.args.get("fields"), None, set(catalog.FIELDS)))
        expand = request.args.get("expand", "").split(",")
        if "changelog" in expand:
            shown["changelog"] = changes.within_issue(self.site, issue)
        if "editmeta" in expand:
            shown["editmeta"] = screens.editable(catalog.PROJECTS[issue.project], self.render)
        if "transitions" in expand:
            shown["transitions"] = self.transitions(key)["transitions"]
        if request.args.get("properties"):
            wanted = request.args["properties"].split(",")
            shown["properties"] = {k: v for k, v in issue.properties.items() if k in wanted or "*all" in wanted}
        self.site.after_read(issue.id, "issue")
        return shown

    def create(self) -> tuple[Json, int]:
        body = json_object()
        project = project_of(body)
        edit = Edit(body, self.records, project, version(), None, server=self.site.server)
        issue = self.site.issues.create(edit, project, caller(self.site))
        return {"id": issue.id, "key": issue.key, "self": self.render.address(f"issue/{issue.id}")}, 201

    def edit(self, key: str) -> tuple[None, int]:
        issue, body = self._written(key), json_object()
        if not body.get("fields") and not body.get("update") and "properties" not in body:
            raise refusal("one of 'fields' or 'update' required")
        edit = self._changes(issue, body)
        self.site.issues.edit(issue, edit, caller(self.site))
        return EMPTY

    def assign(self, key: str) -> tuple[None, int]:
        issue = self._written(key)
        edit = self._changes(issue, {"fields": {"assignee": json_object()}})
        self.site.issues.edit(issue, edit, caller(self.site))
        return EMPTY

    def _changes(self, issue: Issue, body: Json) -> Edit:
        project = catalog.PROJECTS[issue.project]
        return Edit(body, self.records, project, version(), issue, server=self.site.server)

    # Comments

    def comments(self, key: str) -> Json:
        issue = self.records.issue(key)
        start, size = number("startAt", 0), number("maxResults", 100)
        thread = issue.comments[::-1] if request.args.get("orderBy", "").startswith("-") else issue.comments
        page = thread[start : start + size]
        with_properties = "properties" in request.args.get("expand", "")
        shown = [self.render.comment(issue, one, properties=with_properties) for one in page]
        self.site.after_read(issue.id, "comments")
        return {"startAt": start, "maxResults": size, "total": len(thread), "comments": shown}

    def one_comment(self, key: str, comment_id: str) -> Json:
        issue = self.records.issue(key)
        for comment in issue.comments:
            if comment.id == comment_id:
                with_properties = "properties" in request.args.get("expand", "")
                return self.render.comment(issue, comment, properties=with_properties)
        raise refusal(f"Can not find a comment for the id: {comment_id}.", 404)

    def comment(self, key: str) -> tuple[Json, int]:
        issue, body = self._written(key), json_object()
        text = comment_text(body.get("body"))
        given = body.get("properties") or []
        if not isinstance(given, list) or not all(
            isinstance(one, dict) and {"key", "value"} <= set(one) for one in given
        ):
            raise invalid({"properties": "must be an array of {key, value}"})
        properties = {one["key"]: one["value"] for one in given}
        internal = properties.get(INTERNAL) == {"internal": True}
        made = self.site.issues.comment(issue, text, caller(self.site), public=not internal, properties=properties)
        return self.render.comment(issue, made), 201

    # The workflow

    def transitions(self, key: str) -> Json:
        issue = self.records.issue(key)
        project = catalog.PROJECTS[issue.project]
        shown = [
            {"id": one.id, "name": one.name, "to": self.render.status(project.status(one.to)), "hasScreen": False,
             "isGlobal": False, "isInitial": False, "isAvailable": True, "isConditional": False, "isLooped": False}
            for one in self.site.issues.transitions(issue)
        ]  # fmt: skip
        wanted = request.args.get("transitionId")
        return {"expand": "transitions", "transitions": [one for one in shown if wanted in (None, one["id"])]}

    def transition(self, key: str) -> tuple[None, int]:
        issue, body = self._written(key), json_object()
        wanted = body.get("transition")
        if not isinstance(wanted, dict) or not isinstance(wanted.get("id"), str):
            raise refusal("Missing 'transition' identifier")
        self.site.issues.transition(issue, wanted["id"], caller(self.site))
        return EMPTY

    # Search

    def search(self) -> Json:
        if self.site.server:
            raise refusal(f"null for uri: {request.url}", 404)
        start, size, found, wanted = self._searched("nextPageToken")
        issues = [self._found(issue, wanted) for issue in found[start : start + size]]
        last = start + size >= len(found)
        return {"issues": issues, "isLast": last, **({} if last else {"nextPageToken": str(start + size)})}

    def old_search(self) -> Json:
        """A Data Center's; in the Cloud it is gone."""
        if not self.site.server:
            g.reads = True
            message = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
            raise refusal(message, 410)
        start, size, found, wanted = self._searched("startAt")
        issues = [self.render.issue(issue, wanted or None, expand=False) for issue in found[start : start + size]]
        return {"startAt": start, "maxResults": size, "total": len(found), "issues": issues}

    def _searched(self, onward: str) -> tuple[int, int, list[Issue], set[str] | None]:
        """From where on, how many, the issues, and the fields that are asked for."""
        g.reads = True
        asked: Json = json_object() if request.method == "POST" else {**request.args}
        names = asked.get("fields")
        names = ",".join(names) if isinstance(names, list) else names
        try:
            size, start = min(int(asked.get("maxResults") or 50), 5000), int(asked.get(onward) or 0)
        except ValueError:
            raise refusal(f"maxResults must be a number, {onward} one that was given") from None
        found = jql.search(str(asked.get("jql") or ""), list(self.records.issues.values()), self.site.zone)
        return start, size, found, chosen(names, set(), set(catalog.FIELDS))

    def _found(self, issue: Issue, wanted: set[str] | None) -> Json:
        if wanted == set():
            return {"id": issue.id}
        return self.render.issue(issue, wanted)

    def _written(self, key: str) -> Issue:
        return written(self.site, key)


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())


def _field(field: catalog.Field) -> Json:
    schema = screens.schema(field)
    names = [field.id] if not field.custom else [f"cf[{schema['customId']}]", field.name]
    return {"id": field.id, "key": field.id, "name": field.name, "custom": bool(field.custom), "orderable": True,
            "navigable": True, "searchable": True, "clauseNames": names, "schema": schema}  # fmt: skip
