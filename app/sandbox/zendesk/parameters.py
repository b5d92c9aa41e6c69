"""Reads the body of a ticket request: what is unknown is reported, what is wrong refused, the rest returned clean.

The known keys are those of the published ``TicketUpdateInput`` and ``TicketCreateInput``. Real servers drop an
unknown key and name it in ``X-Zendesk-API-Warn`` (seen in recorded interactions; zenpy's ``ticket.id`` is one).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from app.sandbox import moments
from app.sandbox.zendesk.errors import invalid, not_modelled, wrong_type
from app.sandbox.zendesk.records import Records

PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
TYPES = ("problem", "incident", "question", "task")
COMMENT_KEYS = frozenset({"body", "html_body", "public", "author_id", "uploads"})
NOT_MODELLED = frozenset(
    {"additional_collaborators", "attribute_value_ids", "collaborator_ids", "collaborators", "email_ccs"}
    | {"sharing_agreement_ids", "macro_ids", "email_cc_ids", "follower_ids"}
)
_TAG_LOST = re.compile(r"[^\w\-/:.+]", re.UNICODE)


def tags_of(value: Any, name: str = "ticket.tags") -> list[str]:
    """Tags as Zendesk keeps them: lower case, split at white space and commas, without special characters, sorted."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise wrong_type(name, "an array of strings")
    words = (word for one in given for word in re.split(r"[\s,]+", one.lower()))
    return sorted({_TAG_LOST.sub("", word) for word in words} - {""})


class Parameters:
    """One ticket request's values, and the keys that were dropped."""

    def __init__(self, given: Any, records: Records, *, creating: bool = False, bulk: bool = False) -> None:
        if not isinstance(given, dict):
            raise wrong_type("ticket", "an object")
        self._records = records
        self.values: dict[str, Any] = {}
        self.dropped: list[str] = []
        readers = {**self._readers(), **(self._create_readers() if creating else {})}
        if bulk:
            readers |= {"additional_tags": tags_of, "remove_tags": tags_of}
        for key, value in given.items():
            if key in NOT_MODELLED:
                raise not_modelled(f"ticket.{key}")
            if key in readers:
                self.values[key] = readers[key](value, f"ticket.{key}")
            else:
                self.dropped.append(f"ticket.{key}")

    def warning(self) -> str:
        """The ``X-Zendesk-API-Warn`` header; empty when nothing was dropped."""
        return f"Removed restricted keys {json.dumps(self.dropped)} from parameters" if self.dropped else ""

    def _readers(self) -> dict[str, Callable[[Any, str], Any]]:
        return {
            "subject": _text,
            "external_id": _text_or_null,
            "priority": _one_of(PRIORITIES),
            "type": _one_of(TYPES),
            "status": _one_of(STATUSES, null=False),
            "tags": tags_of,
            "group_id": self._known(self._records.groups, "Group is invalid"),
            "assignee_id": self._agent,
            "assignee_email": _text,
            "requester_id": self._known(self._records.users, "Requester is invalid"),
            "organization_id": self._known(self._records.organizations, "Organization is invalid"),
            "problem_id": self._problem,
            "followers": self._followers,
            "custom_fields": self._custom_fields,
            "custom_status_id": self._custom_status,
            "due_at": _time_or_null,
            "comment": self._comment,
            "safe_update": _boolean,
            "updated_stamp": _time,
        }

    def _create_readers(self) -> dict[str, Callable[[Any, str], Any]]:
        return {
            "raw_subject": _text,
            "recipient": _text_or_null,
            "submitter_id": self._known(self._records.users, "Submitter is invalid"),
            "requester": self._requester,
            "via_followup_source_id": self._closed,
            "brand_id": _integer,
            "ticket_form_id": _integer,
            "via": lambda value, name: value,
        }

    def _known(self, table: dict[int, Any], sentence: str) -> Callable[[Any, str], Any]:
        def read(value: Any, name: str) -> Any:
            if value is not None and _integer(value, name) not in table:
                raise invalid(name.removeprefix("ticket.").removesuffix("_id"), sentence)
            return value

        return read

    def _agent(self, value: Any, name: str) -> Any:
        if value is not None:
            user = self._records.users.get(_integer(value, name))
            if user is None or user["role"] == "end-user":
                raise invalid("assignee", "Assignee is invalid")
        return value

    def _problem(self, value: Any, name: str) -> Any:
        if value is not None:
            known = self._records.tickets.get(_integer(value, name))
            if known is None or known["type"] != "problem" or value in self._records.deleted:
                raise invalid("problem", "Problem is invalid")
        return value

    def _closed(self, value: Any, name: str) -> Any:
        """A follow-up goes on with a closed ticket only."""
        known = self._records.tickets.get(_integer(value, name))
        if known is None or known["status"] != "closed":
            raise invalid("followup_source", "is not closed")
        return value

    def _followers(self, value: Any, name: str) -> list[tuple[int, str]]:
        """Who is added and removed. The reference gives ids as text; numbers are taken too."""
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise wrong_type(name, "an array of {user_id, action}")
        read = []
        for one in value:
            told, action = str(one.get("user_id", "")), one.get("action", "put")
            user = self._records.users.get(int(told)) if told.isdigit() else None
            if user is None and isinstance(one.get("user_email"), str):
                user = self._records.user_by_email(one["user_email"])
            if user is None or action not in ("put", "delete"):
                raise invalid("followers", "Follower is invalid")
            read.append((user["id"], action))
        return read

    def _custom_status(self, value: Any, name: str) -> int:
        if _integer(value, name) not in self._records.custom_statuses:
            raise invalid("custom_status", "Custom status is invalid")
        return int(value)

    def _custom_fields(self, value: Any, name: str) -> dict[int, Any]:
        if not isinstance(value, list) or not all(isinstance(one, dict) and "id" in one for one in value):
            raise wrong_type(name, "an array of {id, value}")
        read = {_integer(one["id"], f"{name}.id"): one.get("value") for one in value}
        for field_id in read:
            if field_id not in self._records.fields:
                raise invalid("custom_fields", f"field {field_id} does not exist")
        return read

    def _requester(self, value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict) or not isinstance(value.get("name"), str):
            raise invalid("requester", "Name: is too short (minimum one character)")
        return value

    def _comment(self, value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_type(name, "an object")
        self.dropped += [f"{name}.{key}" for key in value if key not in COMMENT_KEYS]
        for key in ("body", "html_body"):
            if key in value:
                _text(value[key], f"{name}.{key}")
        if "public" in value:
            _boolean(value["public"], f"{name}.public")
        if "author_id" in value and _integer(value["author_id"], f"{name}.author_id") not in self._records.users:
            raise invalid("author", "Author is invalid")
        if value.get("uploads"):
            raise not_modelled("attachments")
        return {key: value[key] for key in COMMENT_KEYS if key in value}


def _integer(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(name, "an integer")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(name, "a string")
    return value


def _text_or_null(value: Any, name: str) -> str | None:
    return None if value is None else _text(value, name)


def _boolean(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(name, "a boolean")
    return value


def _time(value: Any, name: str) -> str:
    if moments.parse(_text(value, name)) is None:
        raise wrong_type(name, "a date-time")
    return str(value)


def _time_or_null(value: Any, name: str) -> str | None:
    return None if value is None else _time(value, name)


def _one_of(words: tuple[str, ...], *, null: bool = True) -> Callable[[Any, str], Any]:
    def read(value: Any, name: str) -> Any:
        if value is None and null:
            return None
        if _text(value, name) not in words:
            raise invalid(name.removeprefix("ticket."), f"{value} is not included in the list")
        return value

    return read
