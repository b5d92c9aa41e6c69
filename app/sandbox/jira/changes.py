"""The change log of an issue: what an issue shows of it, and the Cloud's pages of all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from app.sandbox.jira.answers import number, version
from app.sandbox.jira.errors import refused
from app.sandbox.jira.records import Issue
from app.sandbox.jira.render import Json
from app.sandbox.jira.site import Site

SHOWN = 100
"""As many changes an issue of the Cloud shows with ``expand=changelog``."""


def routes(site: Site) -> dict[str, dict[str, Callable[..., Any]]]:
    """Rules below the version, with a view for each method."""

    def changelog(key: str) -> Json:
        """From the oldest on. The Cloud's alone."""
        if site.server:
            raise refused(f"null for uri: {request.url}", 404)
        render = site.render(version())
        histories = [render.history(one) for one in site.records.issue(key).histories]
        start, size = number("startAt", 0), number("maxResults", 100, 100)
        total = len(histories)
        return {"self": request.base_url, "startAt": start, "maxResults": size, "total": total,
                "isLast": start + size >= total, "values": histories[start : start + size]}  # fmt: skip

    return {"issue/<key>/changelog": {"GET": changelog}}


def within_issue(site: Site, issue: Issue) -> Json:
    """The Cloud shows the newest hundred, the newest first; a Data Center all, the oldest first."""
    render, total = site.render(version()), len(issue.histories)
    shown = issue.histories if site.server else issue.histories[: -SHOWN - 1 : -1]
    histories = [render.history(one) for one in shown]
    return {"startAt": 0, "maxResults": len(histories), "total": total, "histories": histories}
