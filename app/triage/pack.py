"""The shape of a pack, as pydantic models. What does not fit does not load."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from app.triage.bridge_parts import Bridge
from app.triage.calendar import CalendarPart, NamedCalendar
from app.triage.clocks.parts import Clock, Quiet, State, StateNames
from app.triage.decision import Level, Severity
from app.triage.duplicates.parts import Duplicates, Patterns
from app.triage.example import Example
from app.triage.form_parts import FieldName, Forms, Message
from app.triage.known_issues.parts import KnownIssues
from app.triage.oncall_parts import OnCall
from app.triage.patterns.parts import PostText
from app.triage.patterns.pattern import PostKind
from app.triage.reply_parts import Ack, Document, Language, RepeatedAnswers, ReplyText
from app.triage.rule_groups import Rules
from app.triage.rules import (
    Cause,
    Destination,
    Fact,
    Part,
    Raise,
    Rank,
    Role,
    Tell,
)
from app.triage.taxonomy import FactPhrases, Guards, Labels, LanguagePart, Phrases, Reader
from app.triage.vocabulary import DESTINATIONS

_RANKS = tuple(Severity.__members__)


class About(Part):
    """Which policy this is; name and version are stamped into every decision and note (S1-01)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str
    title: str = ""
    source: str = ""
    effective: str = Field(default="", pattern=r"^(\d{4}-\d\d-\d\d)?$")


class Team(Part):
    """A destination's team, by the name of its group at the vendor. ``keeps``: an escalation leaves a ticket there."""

    team: str = Field(min_length=1)
    keeps: bool = False
    source: str = ""


class Rung(Part):
    """One level of the support ladder (C-06): the queue that takes an escalated ticket (none: the ticket stays), the
    tag that says so, and the roles that are told."""

    title: str
    queue: Destination | None = None
    tag: str = ""
    notify: tuple[Role, ...] = ()
    source: str = ""


class Ceiling(Part):
    """How far a cause may raise the severity (C-09)."""

    max: Rank
    source: str = ""


class SeverityNames(Part):
    """``display``: the name each rank is shown by (C-01). ``words``: how a customer is told, by language (C-13).
    ``tier_scope``: tiers for which a rank is open; a customer of another known tier gets the next one (C-12)."""

    display: Mapping[Rank, str]
    words: Mapping[Language, Mapping[Rank, str]] = {}
    tier_scope: Mapping[Rank, tuple[str, ...]] = {}
    source: str = ""


class Accounts(Part):
    """Organizations by name or id, or tags that mark their tickets."""

    strategic: tuple[str, ...] = ()
    high_value: tuple[str, ...] = ()


class Demand(Part):
    """How many customers must ask for a feature before product management is asked (S2-90, C-08)."""

    product_review: int = Field(default=5, ge=1)
    source: str = ""


class Escalation(Part):
    """``p2_p3``: the first level tries before P2 and P3 go on, or they go on at once (C-23). ``min_complete``: the
    share of the escalation form that must be known before a P2 or lower goes to engineering (S2-78)."""

    p2_p3: Literal["attempt_first", "direct"] = "attempt_first"
    min_complete: float = Field(default=0.5, ge=0, le=1)
    message: Literal["note", "email", "webhook", "off"] = "note"
    source: str = ""


class Leadership(Part):
    """Whether the top of the ladder is reached without a person's confirmation (S2-31)."""

    auto: bool = False
    source: str = ""


class Paging(Part):
    """Whether a person must confirm a P0 or P1 (by the tag) before on-call is paged (C-24)."""

    require_confirm_to_page: bool = False
    confirm_tag: str = "confirmed-severity"
    source: str = ""


class TagNames(Part):
    """``map``: a tag's spelling at a vendor, where it differs from the policy's (C-14). ``off``: the tag with which
    people take a ticket out, to which nothing is then written; empty for none."""

    off: str = "triage-off"
    map: Mapping[Literal["zendesk", "jira"], Mapping[str, str]] = {}


class Bundle(Part):
    """How another team takes a ticket over (S4-86): its group, whether the agent is taken off and follows, whether the
    escalation tags go, and how the note about it begins."""

    team: str = Field(min_length=1)
    unassign: bool = False
    follow: bool = False
    drop_escalations: bool = False
    note: str = ""
    source: str = ""


class Pack(Part):
    """A whole policy as data."""

    pack: About
    words: Mapping[str, Phrases] = {}
    guards: Guards = Guards()
    facts: Mapping[Fact, FactPhrases]
    labels: Labels
    reader: Reader = Reader()
    languages: Mapping[Language, LanguagePart] = {}
    accounts: Accounts = Accounts()
    severity: SeverityNames
    upgrade: Mapping[Cause, Ceiling]
    demand: Demand = Demand()
    duplicates: Duplicates = Duplicates()
    patterns: Patterns = Patterns()
    known_issues: KnownIssues = KnownIssues()
    repeated_answers: RepeatedAnswers = RepeatedAnswers()
    destinations: Mapping[Destination, Team]
    ladder: Mapping[Level, Rung]
    escalation: Escalation = Escalation()
    l4: Leadership = Leadership()
    p0: Paging = Paging()
    oncall: OnCall = OnCall()
    bundles: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")], Bundle] = {}
    features: Mapping[str, bool] = {}
    priority: Mapping[Literal["zendesk", "jira"], Mapping[Rank, str]]
    urgency: Mapping[Rank, str]
    tags: TagNames = TagNames()
    calendar: CalendarPart = CalendarPart()
    calendars: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")], NamedCalendar] = {}
    clocks: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")], Clock] = {}
    statuses: Mapping[State, StateNames] = {}
    quiet: Quiet = Quiet()
    ack: Ack = Ack()
    replies: Mapping[Language, Mapping[str, ReplyText]] = {}
    posts: Mapping[Language, Mapping[PostKind, PostText]] = {}
    documents: tuple[Document, ...] = ()
    documents_min: float = Field(default=2.0, gt=0)
    forms: Forms = Field(default={})
    questions: Mapping[Language, Mapping[FieldName, str]] = {}
    messages: Mapping[Literal["engineering", "customer_update"], Message] = {}
    bridge: Bridge = Bridge()
    rules: Rules
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _everyone_has_a_place(self) -> Pack:
        needed: list[tuple[str, Mapping[Any, Any], tuple[str, ...]]] = [
            ("destinations", self.destinations, tuple(DESTINATIONS)),
            ("ladder", self.ladder, tuple(Level)),
            ("severity.display", self.severity.display, _RANKS),
            ("urgency", self.urgency, _RANKS),
            *((f"priority.{vendor}", words, _RANKS) for vendor, words in self.priority.items()),
        ]
        for where, there, names in needed:
            missing = [name for name in names if name not in there]
            if missing:
                raise ValueError(f"{where} lacks {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Pack:
        known: dict[str, Mapping[Any, Any]] = {"feature": self.features}
        known |= dict.fromkeys(("on_time", "at_risk", "overdue", "breached"), self.clocks)
        for group, rules in self.rules.groups():
            for rule in rules:
                for condition, there in known.items():
                    for name in getattr(rule.when, condition) or ():
                        if name not in there:
                            raise ValueError(
                                f"rules.{group}.{rule.name}: {condition} names {name!r}, which is not known"
                            )
                if isinstance(rule.then, Tell) and rule.then.handover and rule.then.handover not in self.bundles:
                    raise ValueError(f"rules.{group}.{rule.name}: no bundle is named {rule.then.handover!r}")
                if isinstance(rule.then, Raise) and rule.then.cause not in self.upgrade:
                    raise ValueError(f"rules.{group}.{rule.name}: upgrade has no ceiling for {rule.then.cause!r}")
        for name, clock in self.clocks.items():
            if clock.calendar and clock.calendar not in self.calendars:
                raise ValueError(f"clocks.{name}: no calendar is named {clock.calendar!r}; add it under calendars")
        return self

    @model_validator(mode="after")
    def _every_reply_can_be_said(self) -> Pack:
        default = self.replies.get(self.ack.language, {})
        for rule in self.rules.replies:
            if rule.then.text not in default:
                raise ValueError(
                    f"rules.replies.{rule.name}: replies.{self.ack.language} has no text named {rule.then.text!r}"
                )
        for posted in self.rules.patterns:
            if posted.then.post and posted.then.post not in self.posts.get(self.ack.language, {}):
                where = f"posts.{self.ack.language}"
                raise ValueError(f"rules.patterns.{posted.name}: {where} has no text named {posted.then.post!r}")
        said = {rule.then.text for rule in self.rules.replies}
        for name, clock in self.clocks.items():
            for when, deed in clock.deeds:
                if deed.reply and deed.reply not in default:
                    raise ValueError(
                        f"clocks.{name}.{when}: replies.{self.ack.language} has no text named {deed.reply!r}"
                    )
                said.add(deed.reply)
        for language, texts in self.replies.items():
            unused = sorted(texts.keys() - said)
            if unused:
                raise ValueError(f"replies.{language}.{unused[0]}: no rule under rules.replies and no clock says it")
        return self

    def question(self, field: str, language: str = "") -> str:
        """What to ask the customer for a field, in that language or the default one; empty when nothing is asked."""
        default = self.questions.get(self.ack.language, {})
        return self.questions.get(language, {}).get(field) or default.get(field, "")

    def shown(self, severity: Severity) -> str:
        """The name a rank is shown by (C-01)."""
        return self.severity.display[severity.name]


def schema() -> str:
    """The JSON Schema of a pack as text, for editors. Checked in as config/packs/pack.schema.json."""
    return json.dumps(Pack.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
