"""Who watches an issue. The body of a request is nothing but the user's id, as a JSON text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from app.sandbox.jira.answers import EMPTY, version
from app.sandbox.jira.errors import refused
from app.sandbox.jira.render import Json
from app.sandbox.jira.site import Site, caller, written


def routes(site: Site) -> dict[str, dict[str, Callable[..., Any]]]:
    """Rules below the version, with a view for each method."""
    watchers = _Watchers(site)
    return {"issue/<key>/watchers": {"GET": watchers.shown, "POST": watchers.add, "DELETE": watchers.remove}}


class _Watchers:
    def __init__(self, site: Site) -> None:
        self._site = site

    def shown(self, key: str) -> Json:
        issue, render = self._site.records.issue(key), self._site.render(version())
        people = [render.user(one) for one in issue.watchers]
        return {**render.watches(issue, caller(self._site).account_id), "watchers": people}

    def add(self, key: str) -> tuple[None, int]:
        issue = written(self._site, key)
        given = request.get_json(silent=True)
        if request.mimetype != "application/json" or not isinstance(given, str | None):
            raise refused("Error parsing JSON: the body must be the id of a user, as a string")
        user = caller(self._site) if given is None else self._site.records.named(given, server=self._site.server)
        if user is None:
            raise refused("The user does not exist, or you do not have the permission to see them.", 404)
        if user.account_id not in issue.watchers:
            issue.watchers.append(user.account_id)
        return EMPTY

    def remove(self, key: str) -> tuple[None, int]:
        issue, name = written(self._site, key), "username" if self._site.server else "accountId"
        user = self._site.records.named(request.args.get(name), server=self._site.server)
        if user is None or user.account_id not in issue.watchers:
            raise refused("The user does not exist, or does not watch this issue.", 404)
        issue.watchers.remove(user.account_id)
        return EMPTY
