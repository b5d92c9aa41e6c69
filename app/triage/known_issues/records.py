"""Entries of the registry as JSON: what the store keeps, and what commands print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from app.triage.decision import Label
from app.triage.known_issues.entry import RegistryEntry
from app.triage.ticket import Ref

_TIMES = ("workaround_at", "fixed_at", "making_at")
_LISTS = ("patterns", "errors")


def to_json(entry: RegistryEntry) -> dict[str, Any]:
    """Everything that an entry says; what it does not say is left out. Its number in the store is not in it."""
    data = {one.name: getattr(entry, one.name) for one in fields(entry) if one.name != "id"}
    data |= {name: data[name].isoformat() for name in _TIMES if data[name]}
    data |= {"ref": str(entry.ref) if entry.ref else None, "labels": [label.value for label in entry.labels]}
    data |= {name: list(data[name]) for name in _LISTS}
    return {name: value for name, value in data.items() if value}


def from_json(data: Mapping[str, Any], entry_id: int = 0) -> RegistryEntry:
    """The entry again."""
    values = dict(data)
    values |= {name: datetime.fromisoformat(values[name]) for name in _TIMES if name in values}
    values |= {name: tuple(values[name]) for name in _LISTS if name in values}
    values["ref"] = Ref.parse(values["ref"]) if "ref" in values else None
    values["labels"] = tuple(map(Label, values.get("labels", ())))
    return RegistryEntry(**(values | {"id": entry_id, "title": values.get("title", "")}))
