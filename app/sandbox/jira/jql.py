"""A small part of JQL: conditions joined by AND, alternatives joined by OR in brackets, and an order. What is not
understood is refused, as Jira does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.sandbox import moments
from app.sandbox.jira import catalog
from app.sandbox.jira.errors import refused
from app.sandbox.jira.records import Issue

_ORDER = re.compile(r"\border\s+by\s+(?P<by>.+)$", re.I | re.S)
_CONDITION = re.compile(
    r"""\s*(?P<name>[A-Za-z_]\w*|cf\[\d+\])\s*
        (?P<operator>!=|>=|<=|=|>|<|!~|~|not\s+in\b|in\b|is\s+not\b|is\b)\s*
        (?P<value>\([^)]*\)|"[^"]*"|'[^']*'|[^\s()]+)\s*""",
    re.I | re.X,
)
_AND, _OR = re.compile(r"and\b", re.I), re.compile(r"or\b", re.I)
_OPEN, _CLOSE = re.compile(r"\s*\("), re.compile(r"\s*\)\s*")
_AGO = re.compile(r"-(\d+)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def search(jql: str, issues: list[Issue], zone: str = "Etc/UTC") -> list[Issue]:
    """The issues that hold, ordered; the newest first when no order is asked for. ``zone`` is that of who asks."""
    order = _ORDER.search(jql)
    conditions = jql[: order.start()] if order else jql
    if not conditions.strip():
        raise refused("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    for holds in _conditions(conditions, ZoneInfo(zone)):
        issues = [issue for issue in issues if holds(issue)]
    for part in reversed(order["by"].split(",") if order else ["created DESC"]):
        name, _, way = part.strip().partition(" ")
        issues = sorted(issues, key=lambda issue: _sortable(issue, name), reverse=way.strip().lower() == "desc")
    return issues


def _conditions(text: str, zone: ZoneInfo) -> list[Callable[[Issue], bool]]:
    found, place = [], 0
    while True:
        holds, place = _one(text, place, zone)
        found.append(holds)
        if place >= len(text):
            return found
        joint = _AND.match(text, place)
        if not joint:
            raise refused(f"Error in the JQL Query: the sandbox knows AND only here, at character {place + 1}.")
        place = joint.end()


def _one(text: str, place: int, zone: ZoneInfo) -> tuple[Callable[[Issue], bool], int]:
    """A condition, or several in brackets of which one must hold; and where it ends."""
    bracket = _OPEN.match(text, place)
    if not bracket:
        condition = _CONDITION.match(text, place)
        if not condition:
            raise refused(f"Error in the JQL Query: expecting a condition at character {place + 1}.")
        return _holds(condition, zone), condition.end()
    found, place = [], bracket.end()
    while True:
        holds, place = _one(text, place, zone)
        found.append(holds)
        joint = _OR.match(text, place)
        if joint:
            place = joint.end()
            continue
        closed = _CLOSE.match(text, place)
        if not closed:
            raise refused(f"Error in the JQL Query: expecting OR or a bracket at character {place + 1}.")
        return lambda issue: any(holds(issue) for holds in found), closed.end()


def _holds(condition: re.Match[str], zone: ZoneInfo) -> Callable[[Issue], bool]:
    name = condition["name"].lower()
    operator = " ".join(condition["operator"].lower().split())
    wanted = [_unquoted(one) for one in condition["value"].strip("()").split(",")]
    values = _values(name)
    if operator in ("is", "is not"):
        return lambda issue: bool(values(issue)) == (operator == "is not")
    if operator in ("=", "in"):
        return lambda issue: any(_same(one, other) for one in wanted for other in values(issue))
    if operator in ("!=", "not in"):
        return lambda issue: not any(_same(one, other) for one in wanted for other in values(issue))
    if operator == "~":
        words = wanted[0].strip('"\\').lower().split()
        return lambda issue: all(any(word in other.lower() for other in values(issue)) for word in words)
    if name in ("created", "updated") and operator in (">", ">=", "<", "<="):
        limit = _moment(condition["value"], zone)
        return lambda issue: _compare(moments.parse(values(issue)[0]), operator, limit)
    raise refused(f"The operator '{operator}' is not supported by the '{name}' field.")


def _values(name: str) -> Callable[[Issue], list[str]]:
    table: dict[str, Callable[[Issue], list[str]]] = {
        "project": lambda issue: [issue.project, catalog.PROJECTS[issue.project].name],
        "key": lambda issue: [issue.key, issue.id],
        "issuekey": lambda issue: [issue.key, issue.id],
        "id": lambda issue: [issue.id, issue.key],
        "issue": lambda issue: [issue.key, issue.id],
        "status": lambda issue: [issue.status],
        "statuscategory": lambda issue: [_category(issue)],
        "issuetype": lambda issue: [issue.issuetype],
        "type": lambda issue: [issue.issuetype],
        "priority": lambda issue: [issue.values.get("priority") or ""],
        "labels": lambda issue: list(issue.values.get("labels") or ()),
        "component": lambda issue: list(issue.values.get("components") or ()),
        "reporter": lambda issue: [issue.values["reporter"]] if issue.values.get("reporter") else [],
        "assignee": lambda issue: [issue.values["assignee"]] if issue.values.get("assignee") else [],
        "resolution": lambda issue: [issue.resolution] if issue.resolution else [],
        "summary": lambda issue: [issue.values["summary"]],
        "description": lambda issue: [issue.values.get("description") or ""],
        "text": lambda issue: [issue.values["summary"], issue.values.get("description") or "",
                               *(comment.body for comment in issue.comments)],
        "created": lambda issue: [issue.created],
        "updated": lambda issue: [issue.updated],
    }  # fmt: skip
    if name not in table:
        raise refused(f"Field '{name}' does not exist or you do not have permission to view it.")
    return table[name]


def _category(issue: Issue) -> str:
    return catalog.CATEGORIES[catalog.PROJECTS[issue.project].status(issue.status).category][1]


def _same(wanted: str, value: str) -> bool:
    return wanted.casefold() == value.casefold()


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'")


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """A bare number is milliseconds since 1970; a date is in the zone of who asks, and has no seconds."""
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    text = _unquoted(text)
    ago = _AGO.fullmatch(text)
    if ago:
        return moments.now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    raise refused(f"Date value '{text}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd', '-5d'.")


def _compare(value: Any, operator: str, limit: datetime) -> bool:
    if operator.startswith(">"):
        return bool(value > limit or (operator == ">=" and value == limit))
    return bool(value < limit or (operator == "<=" and value == limit))


def _sortable(issue: Issue, name: str) -> Any:
    if name.lower() in ("key", "id", "issuekey"):
        return int(issue.id)
    if name.lower() in ("created", "updated"):
        return moments.parse(_values(name.lower())(issue)[0])
    return [text.casefold() for text in _values(name.lower())(issue)]
