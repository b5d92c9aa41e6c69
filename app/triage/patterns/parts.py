"""The shape of what packs say about patterns: what a rule proposes, and the drafts for the status page."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from app.triage.conditions import not_among
from app.triage.patterns.pattern import PostKind
from app.triage.reply_parts import code_in
from app.triage.rules import Part
from app.triage.templates import check, fields_of

FOR_EVERYBODY = frozenset({"area", "since", "workaround", "next_update"})
"""Fields of a post: none of them names a customer, and none is in a customer's words."""


class Propose(Part):
    """What a person is asked to do about a fault: make it a known issue with a tag of its own (``known_issue``), or put
    a post of that kind on the status page (``post``), which also goes out to every customer where it is a ``blast``."""

    known_issue: bool = False
    post: PostKind | None = None
    blast: bool = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.known_issue is (self.post is not None):
            raise ValueError("a pattern proposes known_issue: true or a post; write a rule for each")
        if self.blast and self.post is None:
            raise ValueError("blast belongs to a post")
        return self


class PostText(Part):
    """The draft of a post: fields in braces; a paragraph whose field is unknown drops out."""

    text: str = Field(min_length=1)
    source: str = ""

    @field_validator("text")
    @classmethod
    def _for_everybody(cls, text: str) -> str:
        if code := code_in(text):
            raise ValueError(f"{code!r} is a code of ours; say it in words that customers know (C-13, S4-08)")
        check(text)
        for name in fields_of(text):
            if name not in FOR_EVERYBODY:
                raise ValueError(not_among("field of a post", name, tuple(sorted(FOR_EVERYBODY))))
        return text
