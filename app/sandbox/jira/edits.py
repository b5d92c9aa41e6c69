"""Reads what a request wants to set on an issue. Everything wrong is collected; nothing is applied here.

Edit issue (Atlassian's REST reference): ``fields`` sets, ``update`` holds operations; a field may be in one of the two.
Labels may not contain spaces; ``status`` is ignored (it takes a transition); an unknown field or value is a 400.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from app.sandbox.jira import adf, catalog
from app.sandbox.jira.errors import invalid, refused
from app.sandbox.jira.records import Issue, Records

LONGEST = 32_767
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
KNOWN = frozenset({"fields", "update", "historyMetadata", "properties", "transition"})
IGNORED = frozenset({"status"})


class Wrong(Exception):
    """A value that a field does not take; the sentence goes into ``errors``."""


def long_text(value: Any, version: int) -> str:
    """A description or a comment: text in v2, a document in v3."""
    if version == 3:
        if not adf.is_document(value):
            raise Wrong("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
        value = adf.text_of(value)
    if not isinstance(value, str):
        raise Wrong("Operation value must be a string")
    if len(value) > LONGEST:
        raise Wrong(TOO_LONG)
    return value


class Edit:
    """The wanted values of one request: ``values`` by field, ``comments`` to add, ``links`` to make."""

    def __init__(
        self,
        body: Any,
        records: Records,
        project: catalog.Project,
        version: int,
        issue: Issue | None,
        *,
        server: bool = False,
    ) -> None:
        if not isinstance(body, dict) or set(body) - KNOWN:
            raise refused("Invalid request payload. Refer to the REST API documentation and try again.")
        self._records, self._project, self._version = records, project, version
        self._issue, self._server = issue, server
        self.values: dict[str, Any] = {}
        self.comments: list[str] = []
        self.links: list[dict[str, Any]] = []
        fields, update = body.get("fields") or {}, body.get("update") or {}
        if not isinstance(fields, dict) or not isinstance(update, dict):
            raise refused("'fields' and 'update' must be objects")
        self._errors: dict[str, str] = {}
        for name in set(fields) & set(update):
            self._errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
        for name, value in fields.items():
            self._collect(name, self._set, value)
        for name, operations in update.items():
            self._collect(name, self._operate, operations)
        if self._errors:
            raise invalid(self._errors)

    def _collect(self, name: str, read: Callable[[str, Any], None], value: Any) -> None:
        try:
            read(name, value)
        except Wrong as wrong:
            self._errors[name] = str(wrong)

    def _set(self, name: str, value: Any) -> None:
        if name in IGNORED:
            return
        reader = self._readers().get(name) if name in self._project.screen else None
        if reader is None or (self._issue and name in ("project", "issuetype")):
            raise Wrong(f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown.")
        self.values[name] = reader(value)

    def _operate(self, name: str, operations: Any) -> None:
        if not isinstance(operations, list) or not all(isinstance(o, dict) and len(o) == 1 for o in operations):
            raise Wrong("operations must be an array of objects with one operation each")
        for operation in operations:
            ((verb, value),) = operation.items()
            if name == "comment" and verb == "add":
                self._comment(value)
            elif name == "issuelinks" and verb == "add":
                self.links.append(value)
            elif name in ("labels", "components", "fixVersions") and verb in ("add", "remove", "set"):
                self._list(name, verb, value)
            elif verb == "set":
                self._set(name, value)
            else:
                raise Wrong(f"Field with id '{name}' and name '{name}' does not support operation '{verb}'")

    def _comment(self, value: Any) -> None:
        body = long_text(value.get("body") if isinstance(value, dict) else None, self._version)
        if not body.strip():
            raise Wrong("Comment body can not be empty!")
        self.comments.append(body)

    def _list(self, name: str, verb: str, value: Any) -> None:
        before = self._issue.values.get(name) or [] if self._issue else []
        now, read = list(self.values.get(name, before)), self._readers()[name]
        if verb == "set":
            now = read(value)
        else:
            (one,) = read([value])
            if verb == "remove":
                now = [other for other in now if other != one]
            elif one not in now:
                now.append(one)
        self.values[name] = now

    def _readers(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "summary": _summary,
            "description": lambda value: None if value is None else long_text(value, self._version),
            "labels": _labels,
            "components": lambda value: _several(value, self._project.components, "Component name is not valid"),
            "fixVersions": lambda value: _several(value, self._project.versions, "Version name is not valid"),
            "priority": lambda value: _choice(value, catalog.PRIORITIES, "The priority selected is invalid."),
            "assignee": self._assignee,
            "reporter": self._person,
            "duedate": _date,
            "project": self._the_project,
            "issuetype": lambda value: _choice(value, self._project.issue_types, "The issue type selected is invalid."),
            catalog.SEVERITY_FIELD: _short_text,
            catalog.LABEL_FIELD: _short_text,
            catalog.TIER_FIELD: _tier,
            catalog.ORGANIZATIONS_FIELD: _organizations,
        }

    def _the_project(self, value: Any) -> str:
        return self._project.key

    def _assignee(self, value: Any) -> str | None:
        account_id = self._person(value)
        if account_id and self._records.users[account_id].kind == "customer":
            raise Wrong(f"User '{account_id}' cannot be assigned issues.")
        return account_id

    def _person(self, value: Any) -> str | None:
        if value is None:
            return None
        if self._server:
            if not isinstance(value, dict) or set(value) - {"name", "key", "self", "displayName"}:
                raise Wrong("expected an object with a name")
            told = value.get("name")
        elif not isinstance(value, dict) or set(value) - {"accountId", "id", "self", "displayName"}:
            raise Wrong("expected an object with accountId; user names are not taken in the Cloud")
        else:
            told = value.get("accountId", value.get("id"))
        user = self._records.named(told, server=self._server)
        if told is not None and user is None:
            raise Wrong(f"User '{told}' does not exist.")
        return user.account_id if user else None


def _summary(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Wrong("You must specify a summary of the issue.")
    if "\n" in value:
        raise Wrong("The summary is invalid because it contains newline characters.")
    if len(value) > 255:
        raise Wrong("Summary must be less than 255 characters.")
    return value


def _labels(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Wrong("data was not an array of strings")
    for one in value:
        if not one or any(character.isspace() for character in one):
            raise Wrong(f"The label '{one}' contains spaces which is invalid.")
        if len(one) > 255:
            raise Wrong(f"The label '{one[:20]}…' exceeds the maximum length of 255 characters.")
    return list(dict.fromkeys(value))


def _choice(value: Any, choices: dict[str, str], sentence: str) -> str:
    """A value named by its name or its id, as an object."""
    if not isinstance(value, dict):
        raise Wrong("data was not an object with a name or an id")
    if "id" in value and isinstance(value["id"], str) and value["id"] in choices:
        return choices[value["id"]]
    if "id" not in value and value.get("name") in choices.values():
        return str(value["name"])
    raise Wrong(sentence)


def _several(value: Any, choices: dict[str, str], sentence: str) -> list[str]:
    if not isinstance(value, list):
        raise Wrong("data was not an array")
    return [_choice(one, choices, sentence) for one in value]


def _short_text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise Wrong("Operation value must be a string")
    if value and len(value) > 255:
        raise Wrong("The entered text is too long. It exceeds the allowed limit of 255 characters.")
    return value or None


def _tier(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Wrong("Could not find valid 'id' or 'value' in the Parent Option object.")
    return _choice({"id" if "id" in value else "name": value.get("id", value.get("value"))}, catalog.TIERS,
                   "Option value is not valid")  # fmt: skip


def _organizations(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Wrong("data was not an array of organisations")
    return value


def _date(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise Wrong("Error parsing date string") from None


def project_of(body: Any) -> catalog.Project:
    """The project in which an issue is to be created."""
    fields = body.get("fields") if isinstance(body, dict) else None
    wanted = fields.get("project") if isinstance(fields, dict) else None
    if not isinstance(wanted, dict):
        raise invalid({"project": "project is required"})
    for project in catalog.PROJECTS.values():
        if wanted.get("key") == project.key or wanted.get("id") == project.id:
            return project
    raise invalid({"project": "valid project is required"})
