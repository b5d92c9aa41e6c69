"""What a pack says about replies: the texts by language, when each may be said, and the documents to cite."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from app.triage.business_time import Span
from app.triage.decision import Label
from app.triage.rules import Destination, Duration, Fact, Part, Rank
from app.triage.templates import check, fields_of

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$")]
"""A language as tickets name it, in small letters: ``en``, ``de``, ``pt-br``."""

Reason = Literal["ack", "known-issue", "duplicate", "ask-first", "escalated"]
"""What a reply is about; each goes out once a ticket, ``escalated`` once a level."""

FIRST_CONTACT: tuple[Reason, ...] = ("ack", "known-issue", "duplicate")
"""Reasons by which a customer may hear from us first."""

OUR_WORDS = frozenset(
    {"severity_words", "workaround", "known_issue", "update_by", "next_update", "missing", "document"}
)
"""Fields of a reply whose text is ours."""

THEIR_WORDS = frozenset({"customer", "organization", "subject", "problem", "disruption", "capability"})
"""Fields of a reply whose text comes from outside."""

FOR_CUSTOMERS = OUR_WORDS | THEIR_WORDS

_MOST_LINES = 8
_CODE = re.compile(r"\b(?:P[0-4]|L[1-4])\b|\bEscalate-|\b(?:sev|dest|label)-")
_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9/._~%=-]*)?")


def code_in(text: str) -> str:
    """A code of ours in a text that customers read, such as ``P1``; empty for none."""
    found = _CODE.search(text)
    return found[0] if found else ""


class Ack(Part):
    """How the worker speaks to customers.

    ``channel``: in ``public``, as a draft in the internal ``note``, or not at all (``off``). ``language`` is used where
    the ticket's has no text. ``show_severity``: the ranks whose words the customer is shown, never their codes (C-13).
    ``within``: how old a ticket may be to be acknowledged: a late word of thanks helps nobody. ``not_facts``: facts
    under which the customer hears nothing. ``afterwards``: what a customer whose ticket was acknowledged before is told
    all the same once it is known, in a second reply. ``counts_as_first_reply``: whether our reply stops the clock of
    that name; it does not, because only a person's answer helps (C-29).
    """

    channel: Literal["public", "note", "off"] = "public"
    language: Language = "en"
    show_severity: tuple[Rank, ...] = ()
    within: Duration = Span(24, "h")
    not_facts: tuple[Fact, ...] = ("spam", "advertising", "auto_reply")
    afterwards: tuple[Literal["known-issue", "duplicate"], ...] = ("known-issue",)
    counts_as_first_reply: bool = False
    source: str = ""


class ReplyText(Part):
    """A reply as a template: fields in braces; a paragraph whose field is unknown drops out. ``source`` is a
    requirement's id, or ``derived`` where no document states it (S0-82)."""

    text: str = Field(min_length=1)
    source: str = ""

    @field_validator("text")
    @classmethod
    def _short_and_plain(cls, text: str) -> str:
        lines = sum(bool(line.strip()) for line in text.splitlines())
        if lines > _MOST_LINES:
            raise ValueError(f"a reply has {_MOST_LINES} lines at most, not {lines}; say less (S4-08)")
        if code := code_in(text):
            raise ValueError(f"{code!r} is a code of ours; say it in words that the customer knows (C-13, S4-08)")
        check(text)
        for name in fields_of(text):
            if name not in FOR_CUSTOMERS:
                raise ValueError(f"the field {name!r} is not for customers; known: {', '.join(sorted(FOR_CUSTOMERS))}")
        return text


class Say(Part):
    """The reply that follows: what it is about, and its text's name under ``replies``.

    ``passed_to``: the text claims that this team has the ticket, so it is said only when the ticket stands in that
    team's queue, by what was written and not by what was decided.
    """

    reason: Reason
    text: str
    passed_to: Destination | None = None


class Document(Part):
    """A page that answers a question. ``phrases`` are what customers say who need it; ``label`` limits it to tickets of
    these labels."""

    title: str = Field(min_length=1, max_length=120)
    url: str
    phrases: tuple[str, ...] = Field(min_length=1)
    label: tuple[Label, ...] | None = None

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        if not _URL.fullmatch(url):
            raise ValueError(f"{url!r} cannot be sent as it is; give an https address without query and fragment")
        return url


class RepeatedAnswers(Part):
    """When a page is to be written: people gave nearly the same public answer in so many (``times``) tickets of these
    labels, none older than ``window``, and no page was shown (S4-09). An address at one of the hosts ``not_pages`` is
    none."""

    times: int = Field(default=3, ge=2)
    window: Duration = Span(90, "d")
    label: tuple[Label, ...] = (Label.GUIDANCE,)
    not_pages: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")], ...] = ()
    source: str = ""
