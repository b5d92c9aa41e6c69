"""The site's webhooks, in the shapes seen in real deliveries.

Cloud: ``jira:issue_*`` carries the user, the issue and what changed; ``comment_created`` a thin issue (no labels, no
description). Data Center, when asked for: a comment comes alone, with neither user nor issue, from people who have a
name and no accountId; an ``jira:issue_updated`` of type ``issue_commented`` comes beside it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.sandbox import moments
from app.sandbox.jira import catalog
from app.sandbox.jira.issues import Happening
from app.sandbox.jira.render import Json, Render
from app.sandbox.webhooks import Delivery

AGAIN = frozenset({408, 409, 425, 429})
EVENTS = frozenset(
    {f"jira:issue_{what}" for what in ("created", "updated", "deleted")}
    | {f"comment_{what}" for what in ("created", "updated", "deleted")}
    | {f"issuelink_{what}" for what in ("created", "deleted")}
    | {f"worklog_{what}" for what in ("created", "updated", "deleted")}
)
"""What a webhook may be told of: an administrator ticks some."""

THIN = ("summary", "issuetype", "project", "assignee", "priority", "status")
TYPE_NAMES = {"jira:issue_created": "issue_created", "jira:issue_updated": "issue_generic"}


@dataclass
class JiraHook:
    """One webhook that an administrator made, with a secret."""

    url: str
    secret: str
    id: str = field(default_factory=lambda: str(uuid.uuid4().int % 10**6))
    timeout: float = 20.0
    events: frozenset[str] = EVENTS
    name: str = "Firstline"
    enabled: bool = True

    def headers(self, delivery: Delivery, attempt: int) -> dict[str, str]:
        """The signature is of the body alone (WebSub); the identifier stays the same when tried again."""
        digest = hmac.new(self.secret.encode(), delivery.body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Atlassian Webhook HTTP Client",
            "X-Atlassian-Webhook-Identifier": delivery.id,
            "X-Atlassian-Webhook-Flow": "Primary",
            "X-Hub-Signature": f"sha256={digest}",
        }
        return {**headers, "X-Atlassian-Webhook-Retry": str(attempt - 1)} if attempt > 1 else headers

    def again(self, attempt: int, status: int | None, headers: Mapping[str, str], *, timed_out: bool) -> float | None:
        """Five times more after 408, 409, 425, 429, any 5xx, or no answer at all; never after another 4xx."""
        if attempt > 5 or not (status is None or status in AGAIN or status >= 500):
            return None
        wait = headers.get("retry-after", "")
        return float(wait) if wait.isdigit() else 0.5 * 2 ** (attempt - 1)


def deliveries(hooks: list[JiraHook], happening: Happening, render: Render, *, shape: str) -> Iterator[Delivery]:
    """What each webhook is to be told of this. ``shape`` is cloud or server."""
    told = list(_events(happening, render, shape))
    for hook in hooks:
        for event in told:
            if not hook.enabled or event["webhookEvent"] not in hook.events:
                continue
            body = json.dumps(event, ensure_ascii=False).encode()
            yield Delivery(str(uuid.uuid4()), "jira", event["webhookEvent"], happening.issue.key, body, hook)


def _events(happening: Happening, render: Render, shape: str) -> Iterator[Json]:
    event: Json = {"timestamp": int(moments.now().timestamp() * 1000), "webhookEvent": happening.kind}
    if happening.link:
        name, inward, outward = catalog.LINK_TYPES[happening.link.type_id]
        kind = {"id": int(happening.link.type_id), "name": name, "outwardName": outward, "inwardName": inward}
        link = {"id": int(happening.link.id), "sourceIssueId": int(happening.link.source),
                "destinationIssueId": int(happening.link.target), "issueLinkType": kind}  # fmt: skip
        yield {**event, "issueLink": link}
    elif happening.comment:
        comment = render.comment(happening.issue, happening.comment)
        if shape == "server":
            comment = _server_comment(comment)
            yield {**event, "webhookEvent": "jira:issue_updated", "issue_event_type_name": "issue_commented",
                   "user": comment["author"], "issue": render.issue(happening.issue), "comment": comment}  # fmt: skip
            yield {**event, "comment": comment}
        else:
            thin = render.issue(happening.issue, THIN, expand=False)
            yield {**event, "comment": comment, "issue": thin, "eventType": "primaryAction"}
    else:
        changed: Json = {}
        if happening.items:
            changed = {"changelog": {"id": str(uuid.uuid4().int % 10**8), "items": list(happening.items)}}
        event_type = TYPE_NAMES.get(happening.kind)
        user = render.user(happening.actor.account_id)
        yield {**event, **({"issue_event_type_name": event_type} if event_type else {}), "user": user,
               "issue": render.issue(happening.issue), **changed}  # fmt: skip


def _server_comment(comment: Json) -> Json:
    person = _server_user(comment["author"])
    kept = {name: value for name, value in comment.items() if name not in ("jsdPublic", "author", "updateAuthor")}
    return {**kept, "author": person, "updateAuthor": person}


def _server_user(user: Any) -> Json:
    name = user["displayName"].lower().replace(" ", ".")
    kept = {key: value for key, value in user.items() if key not in ("accountId", "accountType")}
    return {**kept, "self": user["self"].split("?")[0] + f"?username={name}", "name": name, "key": name}
