"""The service desk's own SLAs, as a request's fields show them: a clock that runs, stands still, or has ended.

Elapsed time counts, without a calendar. A clock stands still while the request waits for the customer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.sandbox import moments
from app.sandbox.jira import catalog
from app.sandbox.jira.records import Issue, User

GOALS = {catalog.FIRST_RESPONSE_FIELD: timedelta(hours=4), catalog.RESOLUTION_FIELD: timedelta(hours=72)}


def promise(name: str, issue: Issue, users: dict[str, User], now: datetime) -> dict[str, Any]:
    """The value of an SLA field."""
    start, goal = moments.parse(issue.created) or now, GOALS[name]
    stop = moments.parse(issue.resolved or "") if name == catalog.RESOLUTION_FIELD else _answered(issue, users)
    shown: dict[str, Any] = {"id": name.rpartition("_")[2], "name": catalog.FIELDS[name].name, "_links": {}}
    cycle: dict[str, Any] = {
        "startTime": _moment(start),
        "breached": (stop or now) > start + goal,
        "goalDuration": _span(goal),
        "elapsedTime": _span((stop or now) - start),
        "remainingTime": _span(start + goal - (stop or now)),
    }
    if stop:
        return {**shown, "completedCycles": [{**cycle, "stopTime": _moment(stop)}]}
    paused = issue.status == catalog.CUSTOMER
    breach = {} if paused else {"breachTime": _moment(start + goal)}
    return {**shown, "completedCycles": [],
            "ongoingCycle": {**cycle, **breach, "paused": paused, "withinCalendarHours": True}}  # fmt: skip


def _answered(issue: Issue, users: dict[str, User]) -> datetime | None:
    first = (one for one in issue.comments if one.public and users[one.author].kind != "customer")
    return next((moments.parse(one.created) for one in first), None)


def _moment(at: datetime) -> dict[str, Any]:
    return {"iso8601": f"{at:%Y-%m-%dT%H:%M:%S}+0000", "jira": moments.jira(at), "friendly": f"{at:%d/%b/%y %H:%M}",
            "epochMillis": int(at.timestamp() * 1000)}  # fmt: skip


def _span(span: timedelta) -> dict[str, Any]:
    return {"millis": int(span.total_seconds() * 1000), "friendly": f"{span.total_seconds() / 3600:.0f}h"}
