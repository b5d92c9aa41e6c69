"""What a Jira delivery tells us: which issue to look at. Everything else in it is a hint.

Cloud and Data Center differ. Measured on 29 real deliveries: a Data Center ``comment_*`` has neither user nor issue
(the issue's id is in the comment's own address), a Cloud ``comment_*`` has a thin issue, and Data Center users have a
name and no accountId.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.errors import Malformed
from app.triage.ticket import Event, Ignored, Ref
from app.vendors.delivery import actor, delivery_id, header, instant, json_object, within
from config.accounts import JiraAccount

ACCEPTED: Mapping[str, str] = {
    "jira:issue_created": "created",
    "jira:issue_updated": "updated",
    "jira:issue_deleted": "deleted",
    "comment_created": "commented",
    "comment_updated": "updated",
    "comment_deleted": "updated",
}
"""Kinds that make us look at the issue, and what they are to us. A deleted comment is an update of its issue."""

IGNORED: Mapping[str, str] = {
    "jira:worklog_updated": "worklog",
    "worklog_created": "worklog",
    "worklog_updated": "worklog",
    "worklog_deleted": "worklog",
    "issue_property_set": "issue_property",
    "issue_property_deleted": "issue_property",
    "attachment_created": "attachment",
    "attachment_deleted": "attachment",
    "issuelink_created": "issuelink",
    "issuelink_deleted": "issuelink",
    "sprint_created": "sprint",
    "sprint_updated": "sprint",
    "sprint_deleted": "sprint",
    "sprint_started": "sprint",
    "sprint_closed": "sprint",
    "board_created": "board",
    "board_updated": "board",
    "board_deleted": "board",
    "board_configuration_changed": "board",
    "project_created": "project",
    "project_updated": "project",
    "project_deleted": "project",
    "project_soft_deleted": "project",
    "project_restored_deleted": "project",
    "project_archived": "project",
    "project_restored_archived": "project",
    "jira:version_created": "version",
    "jira:version_updated": "version",
    "jira:version_deleted": "version",
    "jira:version_moved": "version",
    "jira:version_merged": "version",
    "jira:version_released": "version",
    "jira:version_unreleased": "version",
    "user_created": "user",
    "user_updated": "user",
    "user_deleted": "user",
    "option_voting_changed": "option",
    "option_watching_changed": "option",
    "option_unassigned_issues_changed": "option",
    "option_subtasks_changed": "option",
    "option_attachments_changed": "option",
    "option_issuelinks_changed": "option",
    "option_timetracking_changed": "option",
    "jira_expression_evaluation_failed": "expression",
}
"""Kinds that need nothing from us, and the reason given for it."""

ISSUE_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,63}-[1-9][0-9]{0,18}")
ISSUE_ID = re.compile(r"[1-9][0-9]{0,18}")
_COMMENT = re.compile(r"https?://[^\s?#]{1,2000}/issue/([1-9][0-9]{0,18})/comment/[0-9]{1,19}")


def triaged(issue: str, account: JiraAccount) -> bool:
    """Whether an issue is of concern to triage: it is in one of the configured projects, or all of them are. A number
    tells no project; it is answered by the key under which the issue is read."""
    return not account.projects or not ISSUE_KEY.fullmatch(issue) or issue.rpartition("-")[0] in account.projects


def parse(headers: Mapping[str, str], body: bytes, account: str) -> Event | Ignored:
    """Read a delivery whose signature held. Raises Malformed, and nothing else, when it names no issue."""
    payload = json_object(body)
    key = delivery_id(header(headers, "X-Atlassian-Webhook-Identifier"), body)
    kind = payload.get("webhookEvent")
    if not isinstance(kind, str):
        raise Malformed("no webhookEvent")
    if kind not in ACCEPTED:
        return Ignored(IGNORED.get(kind, "unknown_kind"), key)
    issue_id = _issue_id(payload)
    if issue_id is None:
        raise Malformed("neither issue.key nor issue.id nor an issue in comment.self")
    commented = payload.get("issue_event_type_name") == "issue_commented"
    return Event(
        Ref("jira", account, issue_id),
        "commented" if commented else ACCEPTED[kind],
        key,
        actor_id=_actor(payload),
        at=instant(payload.get("timestamp")),
    )


def _issue_id(payload: dict[str, Any]) -> str | None:
    """The key where it is told, else the number; for a bare comment the number in its address."""
    issue_key, issue_id = within(payload, "issue", "key"), within(payload, "issue", "id")
    if isinstance(issue_id, int) and not isinstance(issue_id, bool):
        issue_id = str(issue_id)
    if isinstance(issue_key, str) and ISSUE_KEY.fullmatch(issue_key):
        return issue_key
    if isinstance(issue_id, str) and ISSUE_ID.fullmatch(issue_id):
        return issue_id
    address = within(payload, "comment", "self")
    found = _COMMENT.fullmatch(address) if isinstance(address, str) else None
    return found[1] if found else None


def _actor(payload: dict[str, Any]) -> str | None:
    """Who did it: an accountId in the Cloud, a user name in a Data Center."""
    people = (within(payload, "user"), within(payload, "comment", "updateAuthor"), within(payload, "comment", "author"))
    return actor(*(within(person, name) for person in people for name in ("accountId", "name")))
