"""Forms and messages as pack parts: which fields they hold, what is asked for where one is missing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.triage import templates
from app.triage.decision import Label
from app.triage.fields import FIELDS
from app.triage.rules import Part, one_of

FieldName = Annotated[str, one_of("field", tuple(FIELDS))]


def _template(text: str) -> str:
    templates.check(text)
    return text


Template = Annotated[str, Field(min_length=1), AfterValidator(_template)]
"""A text with ``{field}`` placeholders from the closed list."""


class Row(Part):
    """One line of a form. ``needed``: for which labels the form is incomplete without it; ``ask``: the question that
    gets it from the customer."""

    field: FieldName
    title: str = Field(min_length=1)
    ask: str = ""
    needed: tuple[Label, ...] | Literal["always"] = ()
    source: str = ""


class Form(Part):
    """A form that is filled from the ticket (C-28)."""

    title: str = Field(min_length=1)
    rows: tuple[Row, ...] = Field(min_length=1)
    source: str = ""


class Message(Part):
    """A message to colleagues, or the draft of one to the customer."""

    subject: Template
    body: Template
    source: str = ""
