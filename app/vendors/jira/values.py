"""Values in the shape that Jira's fields ask for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

Deployment = Literal["cloud", "server"]
INTERNAL: Mapping[str, Any] = {"key": "sd.public.comment", "value": {"internal": True}}
"""The comment property by which Jira keeps a comment from a service desk's customers."""


def shaped(value: str, kind: str) -> Any:
    """A field's value in the shape its kind asks for; text where Jira did not tell the kind."""
    match kind:
        case "option":
            return {"value": value}
        case "array/option":
            return [{"value": value}]
        case "array/string":
            return [value]
        case "number" if value.isdecimal():
            return int(value)
    return value


def kind(schema: Mapping[str, Any]) -> str:
    """A field's kind: its type, and for a list what is in it (``array/option``)."""
    name, items = str(schema.get("type") or ""), schema.get("items")
    return f"{name}/{items}" if items else name


def labels(tags: Iterable[str]) -> set[str]:
    """Tags as labels: a label holds no spaces (Jira refuses the whole request for one)."""
    return {"-".join(tag.split()) for tag in tags} - {""}


def person(user: str, deployment: Deployment) -> dict[str, str]:
    """A user as a field's value: the Cloud knows people by accountId, a Data Center by name."""
    return {"accountId" if deployment == "cloud" else "name": user}
