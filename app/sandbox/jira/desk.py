"""The service desk's own API: comments of a request, with ``public`` said outright. The default is true."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request

from app.sandbox import moments
from app.sandbox.jira import catalog
from app.sandbox.jira.answers import json_object, locked, number
from app.sandbox.jira.errors import JiraError
from app.sandbox.jira.records import Comment, Issue
from app.sandbox.jira.render import Json
from app.sandbox.jira.site import Site

RULE = "/rest/servicedeskapi/request/<key>/comment"


def add_routes(app: Flask, site: Site) -> None:
    """Mount the comments of requests."""
    desk = _Desk(site)
    for method, view in (("GET", desk.comments), ("POST", desk.comment)):
        app.add_url_rule(RULE, f"{method} request comment", locked(site.records.lock, view), methods=[method])


class _Desk:
    def __init__(self, site: Site) -> None:
        self._site = site

    def comments(self, key: str) -> Json:
        issue = self._request(key)
        start, size = number("start", 0), number("limit", 50, 100)
        kinds = {True: request.args.get("public", "true"), False: request.args.get("internal", "true")}
        thread = [one for one in issue.comments if kinds[one.public] == "true"]
        page = thread[start : start + size]
        shown = [self._shown(issue, one) for one in page]
        last = start + size >= len(thread)
        return {"size": len(page), "start": start, "limit": size, "isLastPage": last, "_links": {}, "values": shown}

    def comment(self, key: str) -> tuple[Json, int]:
        issue = self._request(key)
        self._site.limits.write(issue)
        body = json_object()
        if not isinstance(body.get("body"), str) or not body["body"].strip():
            raise _refusal(400, "Comment body can not be empty!")
        if not isinstance(body.get("public", True), bool):
            raise _refusal(400, "public must be true or false")
        actor = self._site.records.caller(g.who)
        made = self._site.issues.comment(issue, body["body"], actor, public=body.get("public", True))
        return self._shown(issue, made), 201

    def _request(self, key: str) -> Issue:
        try:
            issue = self._site.records.issue(key)
        except JiraError:
            raise _refusal(404, "The request could not be found or you do not have permission to see it.") from None
        if catalog.PROJECTS[issue.project].kind != "service_desk":
            raise _refusal(404, "The issue is not a request of a service desk.")
        return issue

    def _shown(self, issue: Issue, comment: Comment) -> Json:
        at: Any = moments.parse(comment.created)
        created = {
            "iso8601": f"{at:%Y-%m-%dT%H:%M:%S}+0000",
            "jira": comment.created,
            "friendly": f"{at:%d/%b/%y %H:%M}",
            "epochMillis": int(at.timestamp() * 1000),
        }
        links = {"self": f"{self._site.base}/rest/servicedeskapi/request/{issue.id}/comment/{comment.id}"}
        author = self._site.render().user(comment.author)
        return {"id": comment.id, "body": comment.body, "public": comment.public, "author": author,
                "created": created, "_links": links}  # fmt: skip


def _refusal(status: int, message: str) -> JiraError:
    return JiraError(status, {"errorMessage": message, "i18nErrorMessage": {"i18nKey": "", "parameters": []}})
