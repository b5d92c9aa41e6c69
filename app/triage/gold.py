"""Tickets with the right answer beside them, from JSON: what a model is trained on and a policy is measured against."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.triage.decision import Label, Severity
from app.triage.folding import fold
from app.triage.ticket import Ticket
from app.triage.ticket_records import ticket_from_record


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket and what is right about it: ``label`` above all, ``also`` those that can be defended, any of
    ``severities``, whether to ``page``. What is not known is None or empty and is not measured. ``source`` names where
    the row comes from. ``symptoms``: the source knows only bug, feature and question, so that a topical answer to a
    Defect is compatible with it."""

    ticket: Ticket
    label: Label | None = None
    also: tuple[Label, ...] = ()
    severities: tuple[Severity, ...] = ()
    page: bool | None = None
    source: str = ""
    symptoms: bool = False
    spam: bool = False

    @property
    def hash(self) -> str:
        """Sixteen hex digits over the folded words of subject and body: equal for equal texts."""
        words = " ".join(fold(f"{self.ticket.subject} {self.ticket.body}")[0].split())
        return hashlib.sha256(words.encode()).hexdigest()[:16]


def row_from_record(record: Mapping[str, Any], source: str = "") -> Row:
    """A row from a JSON object: a ticket as ``triage decide`` reads it, and ``label`` (or ``gold_label``), ``also``,
    ``severity`` (or ``gold_severity``; one or a list), ``page``, ``source``, ``kind``. Raises ValueError."""
    told = str(record.get("source") or source)
    return Row(
        ticket=ticket_from_record(record),
        label=_label(record.get("label") or record.get("gold_label")),
        also=tuple(label for name in _listed(record.get("also")) if (label := _label(name))),
        severities=_severities(record.get("severity") or record.get("gold_severity")),
        page=_page(record.get("page")),
        source=told,
        symptoms=record.get("kind") == "type",
        spam=record.get("original_label") == "spam",
    )


def _label(name: object) -> Label | None:
    if name is None:
        return None
    found = next((label for label in Label if label.casefold() == str(name).casefold()), None)
    if found is None:
        raise ValueError(f"{name!r} is no label; known: {', '.join(Label)}")
    return found


def _severities(given: object) -> tuple[Severity, ...]:
    names = _listed(given)
    for name in names:
        if str(name) not in Severity.__members__:
            raise ValueError(f"{name!r} is no severity; known: {', '.join(Severity.__members__)}")
    return tuple(Severity[str(name)] for name in names)


def _listed(given: object) -> list[object]:
    return given if isinstance(given, list) else [] if given is None else [given]


def _page(given: object) -> bool | None:
    if given is not None and not isinstance(given, bool):
        raise ValueError("page must be true or false")
    return given
