"""Forms and messages as pack parts: which fields they hold, and which of them must be known."""

from __future__ import annotations

from collections.abc import Mapping
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
    """One line of a form. ``needed``: for which labels the form is incomplete without it."""

    field: FieldName
    title: str = Field(min_length=1)
    needed: tuple[Label, ...] | Literal["always"] = ()
    source: str = ""

    def is_needed(self, label: Label) -> bool:
        """Whether a form about a ticket of that label is incomplete without this row."""
        return self.needed == "always" or label in self.needed


class Form(Part):
    """A form that is filled from the ticket. ``continues``: the form whose rows follow this one's own, as the
    escalation template's follow the header of an incident report (C-28)."""

    title: str = Field(min_length=1)
    rows: tuple[Row, ...] = Field(min_length=1)
    continues: Literal["escalation"] | None = None
    source: str = ""


FormName = Literal["escalation", "incident", "feature_request"]


def _continued(forms: Mapping[FormName, Form]) -> Mapping[FormName, Form]:
    for name, form in forms.items():
        if form.continues and (form.continues not in forms or form.continues == name):
            raise ValueError(f"{name} continues {form.continues!r}, which is no other form of this pack")
    return forms


Forms = Annotated[Mapping[FormName, Form], AfterValidator(_continued)]


class Message(Part):
    """A message to colleagues, or the draft of one to the customer."""

    subject: Template
    body: Template
    source: str = ""
