"""What is asked of Jira's search, and what its answers say. Pure.

Times in a query: a quoted one is in the time zone of the user who asks, and has minutes only; a bare number is
milliseconds since 1970 wherever one asks from ("JQL date time formats": "if you omit the quote-marks, the number you
supply will be interpreted as milliseconds after epoch"). So the number is sent, at a full minute.

Changes are walked by their time, not by counting: each page starts at the minute of the last change of the page
before. An issue that changes meanwhile, as those do that we triage on the way, moves to the end, and with it what is
counted before the rest; by time none of the rest is passed over. Counting (a token in the Cloud, ``startAt`` in a
Data Center) goes on only inside one minute that has more changes than a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.triage.bridge import OVER
from app.triage.bridge_issue import LABEL
from app.triage.known_issues.sources import SourceIssue
from app.triage.ticket import Ref
from app.vendors import Change, Changes
from app.vendors.jira.markup import text_of
from app.vendors.jira.payload import ISSUE_KEY
from app.vendors.jira.reading import status_of
from config.accounts import JiraAccount

PAGE = 100
OVERLAP = timedelta(minutes=2)
"""Searching lags behind writing ("recent updates might not be immediately visible"): a walk starts that much earlier
than the one before it ended."""


def path(account: JiraAccount) -> str:
    """Where issues are searched. In the Cloud ``/search`` is gone: it answers 410."""
    return "/rest/api/2/search/jql" if account.deployment == "cloud" else "/rest/api/2/search"


def by_marker(marker: str) -> dict[str, str]:
    """The parameters that ask for the oldest issue with this label."""
    return {"jql": f'labels = "{marker}" ORDER BY created ASC', "maxResults": "1", "fields": "created"}


KNOWN_FOR = "30d"
"""How long an issue that is done is still listed as a known issue that was fixed, counted from its last change."""

MOST_KNOWN = 300
"""Known issues of a site that are read."""


def known_issues(account: JiraAccount, token: str) -> dict[str, str]:
    """The parameters that ask for a page of the site's known issues."""
    jql = account.known_issues_jql or (
        f'labels = "{account.known_issues_label}" AND (statusCategory != Done OR updated >= -{KNOWN_FOR}) '
        "ORDER BY updated DESC"
    )
    fields = "summary,description,status,labels,resolution,fixVersions,components,security"
    wanted = ",".join(filter(None, (fields, account.fields.get("workaround", ""))))
    asked = {"jql": jql, "maxResults": str(PAGE), "fields": wanted}
    if token:
        asked["nextPageToken" if account.deployment == "cloud" else "startAt"] = token
    return asked


def known_issue(one: Mapping[str, Any], account: JiraAccount) -> SourceIssue | None:
    """One of them; None for what is no issue."""
    key, raw = str(one.get("key")), one.get("fields") or {}
    if not ISSUE_KEY.fullmatch(key):
        return None
    ref, done = Ref("jira", account.name, key), status_of(raw.get("status") or {}) in OVER
    return SourceIssue(
        source="jira",
        key=str(ref),
        id=key,
        ref=ref,
        title=str(raw.get("summary") or ""),
        text=text_of(raw.get("description")),
        url=f"{account.base_url}/browse/{key}",
        labels=tuple(map(str, raw.get("labels") or ())),
        done=done,
        resolution=str((raw.get("resolution") or {}).get("name") or ""),
        fix_versions=tuple(str(version.get("name") or "") for version in raw.get("fixVersions") or ()),
        area=next((str(part.get("name") or "") for part in raw.get("components") or ()), ""),
        workaround=str(raw.get(account.fields.get("workaround", "")) or ""),
        security=bool(raw.get("security")),
    )


def first_issue(answer: Mapping[str, Any], account: JiraAccount) -> Ref | None:
    """The first issue of an answer, None where there is none."""
    keys = (str(one.get("key")) for one in answer.get("issues") or ())
    return next((Ref("jira", account.name, key) for key in keys if ISSUE_KEY.fullmatch(key)), None)


def since_when(cursor: str, since: datetime) -> tuple[int, str]:
    """Where to go on: a full minute in milliseconds, and the token or number inside it."""
    start, _, token = cursor.partition(" ")
    return (int(start), token) if start.isdecimal() else (_minute(since - OVERLAP), "")


def changed_since(start: int, token: str, account: JiraAccount) -> dict[str, str]:
    """The parameters that ask for a page of changes, the oldest first: in the projects that are triaged, and of issues
    that we made for tickets elsewhere, in whatever project."""
    condition = f"updated >= {start}"
    if account.projects:
        projects = ", ".join(f'"{key}"' for key in account.projects)
        condition = f'(project in ({projects}) OR labels = "{LABEL}") AND {condition}'
    asked = {"jql": f"{condition} ORDER BY updated ASC, key ASC", "maxResults": str(PAGE), "fields": "updated"}
    if token:
        asked["nextPageToken" if account.deployment == "cloud" else "startAt"] = token
    return asked


def changes(answer: Mapping[str, Any], start: int, token: str, account: JiraAccount) -> Changes:
    """The page, and the cursor after it."""
    issues = answer.get("issues") or ()
    found = tuple(filter(None, (_change(one, account) for one in issues)))
    last = max((_minute(one.at) for one in found), default=start)
    more, onward = further(answer, issues, token)
    if not more:
        return Changes(found, str(max(start, last - _milliseconds(OVERLAP))), more=False)
    return Changes(found, str(last) if last > start else f"{start} {onward}", more=True)


def further(answer: Mapping[str, Any], issues: Sequence[Any], token: str) -> tuple[bool, str]:
    """Whether there is more after this page, and the token or number that asks for it."""
    if "total" in answer:
        number = int(token or 0) + len(issues)
        return bool(issues) and number < int(answer["total"]), str(number)
    following = str(answer.get("nextPageToken") or "")
    return bool(following) and answer.get("isLast") is not True, following


def _change(one: Mapping[str, Any], account: JiraAccount) -> Change | None:
    key, updated = str(one.get("key")), str((one.get("fields") or {}).get("updated") or "")
    if not ISSUE_KEY.fullmatch(key) or not updated:
        return None
    return Change(Ref("jira", account.name, key), updated, datetime.fromisoformat(updated).astimezone(UTC))


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60 * 60_000


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds()) * 1000
