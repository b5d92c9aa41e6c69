"""A new issue as Jira's request: what the project does not take is left out and told, so that one bad field never
stops the others. Pure.

The summary, the type and the marker cannot be left out: without its marker an issue whose making got no answer would
not be found again, and would be made twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.errors import Refused
from app.triage.bridge import NewIssue
from app.vendors.jira.markup import note_wiki
from app.vendors.jira.values import kind, labels, shaped
from config.accounts import JiraAccount

MARKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/#=-]{0,254}")
"""A label that needs no escaping in a query."""

PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_LONGEST_SUMMARY = 255
_NEEDED = frozenset({"project", "issuetype", "summary"})


@dataclass(slots=True)
class Draft:
    """``body`` is the request, ``left_out`` what it goes without: our names, each with the reason and its mend."""

    body: dict[str, Any]
    left_out: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def without(self, blamed: Sequence[str], marker: str) -> bool:
        """Take out the fields that Jira blamed in its refusal. Returns whether anything was taken out."""
        fields = self.body["fields"]
        taken = [one for one in blamed if one in fields and one not in _NEEDED]
        if fields["labels"] == [marker]:
            taken = [one for one in taken if one != "labels"]
        for one in taken:
            del fields[one]
            self.left_out[self.names.get(one, one)] = f"Jira refused the value of {one}; mend the pack, or the field"
        fields.setdefault("labels", [marker])
        return bool(taken)


def check(issue: NewIssue) -> None:
    """Raise Refused where the project's key or the marker is none: both go into addresses and queries."""
    if not PROJECT.fullmatch(issue.project):
        raise Refused(f"{issue.project!r} is not a project's key such as ENG; mend the pack")
    if not MARKER.fullmatch(issue.marker):
        raise Refused("the marker of a new issue is not a plain label")


def type_of(issue: NewIssue, types: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], str]:
    """The issue type that is wanted, or the first that is no sub-task, and then why."""
    wanted = issue.issue_type.casefold()
    for one in types:
        if wanted in (str(one.get("name")).casefold(), str(one.get("untranslatedName")).casefold()):
            return one, ""
    usable = [one for one in types if not one.get("subtask")]
    if not usable:
        raise Refused(f"the project {issue.project} has no issue type but sub-tasks; add one to its scheme")
    names = ", ".join(str(one.get("name")) for one in usable)
    return usable[0], f"{issue.project} has no issue type {issue.issue_type!r}, only {names}; mend the pack"


def draft(
    issue: NewIssue, issue_type: Mapping[str, Any], screen: Mapping[str, Mapping[str, Any]], account: JiraAccount
) -> Draft:
    """The request that makes the issue with all that its create screen takes. Raises Refused without labels there."""
    where = f"the create screen of {issue.project} ({issue_type.get('name')})"
    if "labels" not in screen:
        raise Refused(f"the field Labels is not on {where}; put it there: by a label the issue is found again")
    made = Draft({})
    fields: dict[str, Any] = {
        "project": {"key": issue.project},
        "issuetype": {"id": str(issue_type.get("id"))},
        "summary": " ".join(issue.summary.split())[:_LONGEST_SUMMARY],
        "labels": [issue.marker, *sorted(labels(issue.labels) - {issue.marker})],
    }
    made.body["fields"] = fields
    if issue.text:
        _put(made, "description", "description", note_wiki(issue.text), screen, where)
    if issue.priority:
        priority = _known([issue.priority], screen.get("priority", {}))
        _put(made, "priority", "priority", {"name": priority[0]} if priority else None, screen, where)
    if issue.components:
        known = _known(issue.components, screen.get("components", {}))
        _put(made, "components", "components", [{"name": one} for one in known] or None, screen, where)
        if lost := [one for one in issue.components if one.casefold() not in map(str.casefold, known)]:
            made.left_out.setdefault("components", _unknown(lost, "components", screen))
    for name, value in issue.fields.items():
        _custom(made, name, value, screen, account, where)
    return made


def _custom(
    made: Draft, name: str, value: str, screen: Mapping[str, Mapping[str, Any]], account: JiraAccount, where: str
) -> None:
    """A custom field by our name, in the shape of its kind."""
    field_id = account.fields.get(name)
    if field_id is None:
        setting = f"TRIAGE_JIRA__{account.name.upper()}__FIELDS"
        made.left_out[name] = f'no field id for {name}; give it in {setting}={{"{name}": "customfield_10050"}}'
        return
    meta = screen.get(field_id, {})
    allowed = _known([value], meta)
    _put(made, name, field_id, shaped(allowed[0], kind(meta.get("schema") or {})) if allowed else None, screen, where)


def _put(
    made: Draft, name: str, field_id: str, value: Any, screen: Mapping[str, Mapping[str, Any]], where: str
) -> None:
    """Set a field, or tell why not: it is not on the screen, or takes no such value (``value`` is None)."""
    if field_id not in screen:
        made.left_out[name] = f"the field {field_id} is not on {where}; put it there"
    elif value is None:
        made.left_out[name] = _unknown([], field_id, screen)
    else:
        made.body["fields"][field_id] = value
        made.names[field_id] = name


def _known(values: Sequence[str], meta: Mapping[str, Any]) -> list[str]:
    """Those of the values that a field takes, written as Jira writes them; all of them where it takes any."""
    allowed = meta.get("allowedValues")
    if not isinstance(allowed, list):
        return list(values)
    names = {_name(one).casefold(): _name(one) for one in allowed}
    return [names[one.casefold()] for one in values if one.casefold() in names]


def _unknown(values: Sequence[str], field_id: str, screen: Mapping[str, Mapping[str, Any]]) -> str:
    names = ", ".join(_name(one) for one in screen[field_id].get("allowedValues") or ()) or "none"
    which = f" {', '.join(map(repr, values))}" if values else ""
    return f"{field_id} does not take the value{which}, only {names}; mend the pack, or add it in Jira"


def _name(value: Any) -> str:
    return str(value.get("name") or value.get("value") or "") if isinstance(value, dict) else str(value)
