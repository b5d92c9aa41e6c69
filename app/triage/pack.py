"""The shape of a pack, as pydantic models. What does not fit does not load."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from app.triage.decision import Label, Level
from app.triage.rules import Destination, Escalate, Fact, Part, Raise, Rank, Rule, SendTo, SetSeverity, Speaking, Tag
from app.triage.rules import Weigh as WeighLabel

_DURATION = re.compile(r"^(\d+)\s*(m|min|h|d)$")
_UNIT = {"m": 60, "min": 60, "h": 3600, "d": 86400}


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("a duration is written like 60m, 4h or 2d")
    match = _DURATION.match(value)
    if match is None:
        raise ValueError(f"{value!r} is not a duration such as 60m, 4h or 2d")
    return timedelta(seconds=int(match.group(1)) * _UNIT[match.group(2)])


def _in_minutes(value: timedelta) -> str:
    return f"{int(value.total_seconds() // 60)}m"


Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(_in_minutes, when_used="json")]
Phrases = tuple[str, ...]


class About(Part):
    """Which policy this is; name and version are stamped into every decision and note (S1-01)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str
    title: str = ""
    source: str = ""
    effective: str = ""


class Team(Part):
    """A destination's team, by the name of its group at the vendor."""

    team: str = Field(min_length=1)
    source: str = ""


class Rung(Part):
    """One level of the support ladder (C-06)."""

    title: str
    source: str = ""


class Clock(Part):
    """A promise in clock time from creation, by severity. ``audience`` says to whom."""

    due: Mapping[Rank, Duration]
    audience: str = "customer"
    source: str = ""


class FactPhrases(Part):
    """How a fact is recognised.

    ``phrases`` anywhere in what ``who`` says; not when one of ``unless`` stands in the same sentence. ``replaces`` are
    facts that stop holding when this one is said later. ``guarded``: the pack's guards are looked at, except
    questions when it may be ``asked``.
    """

    phrases: Phrases = ()
    unless: Phrases = ()
    who: tuple[Speaking, ...] = ("customer",)
    replaces: tuple[Fact, ...] = ()
    guarded: bool = True
    asked: bool = False
    source: str = ""


class Guards(Part):
    """Phrases that take a finding back: said just before it (``negation``, except ``not_negation``; one of
    ``breaks`` between them parts the two), inside it (``inside``), anywhere in its sentence (``hypothetical``;
    ``history``, except ``still``), or at the head of a question (``asking``)."""

    negation: Phrases = ()
    not_negation: Phrases = ()
    breaks: Phrases = ()
    inside: Phrases = ()
    hypothetical: Phrases = ()
    history: Phrases = ()
    still: Phrases = ()
    asking: Phrases = ()


class Cue(Part):
    """Phrases that speak for a label with ``points``. ``where`` is ``any``, ``subject``, ``opening`` (subject, or the
    first sentences), or ``pasted`` (code and logs)."""

    points: float
    phrases: Phrases = Field(min_length=1)
    where: Annotated[str, Field(pattern="^(any|subject|opening|pasted)$")] = "any"
    unless: Phrases = ()
    guarded: bool = False
    source: str = ""


class Labels(Part):
    """The taxonomy's cues and how scores become labels (S0-01..S0-15).

    ``yields``: the points that a label of form (Defect, Guidance, Enhancement) gives up when a label of topic (one of
    the other six) reaches ``topic_min``: what a question or a fault is about says more than its form (S0-12).
    """

    subject_factor: float = 1.5
    repeat_factor: float = 0.25
    second_min: float = 3.0
    second_share: float = 0.45
    tie_margin: float = 0.5
    unsure_below: float = 0.4
    prior: Mapping[Label, float] = {}
    topic_min: float = 3.0
    yields: Mapping[Label, float] = {}
    cues: Mapping[Label, Mapping[str, Cue]]
    weigh: tuple[Rule[WeighLabel], ...] = ()


class Example(Part):
    """A ticket and what must be decided about it; run by the tests and by whoever changes the pack."""

    name: str
    subject: str = ""
    body: str = ""
    comments: tuple[str, ...] = ()
    label: tuple[Label, ...] | None = None
    severity: tuple[Rank, ...] | None = None
    destination: tuple[Destination, ...] | None = None
    level: Level | None = None
    page: bool | None = None
    tags: tuple[str, ...] | None = None
    facts: tuple[Fact, ...] | None = None
    not_facts: tuple[Fact, ...] | None = None
    second_label: Label | None = None
    source: str = ""


class Pack(Part):
    """A whole policy as data."""

    pack: About
    words: Mapping[str, Phrases] = {}
    destinations: Mapping[Destination, Team]
    ladder: Mapping[Level, Rung]
    priority: Mapping[str, Mapping[Rank, str]]
    clocks: Mapping[str, Clock] = {}
    guards: Guards = Guards()
    facts: Mapping[Fact, FactPhrases]
    labels: Labels
    severity: tuple[Rule[SetSeverity], ...]
    upgrades: tuple[Rule[Raise], ...] = ()
    routes: tuple[Rule[SendTo], ...]
    escalations: tuple[Rule[Escalate], ...]
    tags: tuple[Rule[Tag], ...] = ()
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _ends_are_open(self) -> Pack:
        for name, rules in (("severity", self.severity), ("routes", self.routes), ("escalations", self.escalations)):
            if not rules or rules[-1].when.model_fields_set:
                raise ValueError(f"the last rule of {name} must hold always (no 'when'), so that every ticket gets one")
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Pack:
        for group in ("severity", "upgrades", "routes", "escalations", "tags"):
            names = [rule.name for rule in getattr(self, group)]
            double = next((name for name in names if names.count(name) > 1), None)
            if double:
                raise ValueError(f"two rules of {group} are named {double!r}")
        return self

    @model_validator(mode="after")
    def _everyone_has_a_place(self) -> Pack:
        from app.triage.vocabulary import DESTINATIONS

        missing = [name for name in DESTINATIONS if name not in self.destinations]
        if missing:
            raise ValueError(f"destinations lacks {', '.join(missing)}")
        for vendor, words in self.priority.items():
            lacking = [rank for rank in ("P0", "P1", "P2", "P3", "P4") if rank not in words]
            if lacking:
                raise ValueError(f"priority.{vendor} lacks {', '.join(lacking)}")
        return self


def schema() -> str:
    """The JSON Schema of a pack as text, for editors. Checked in as config/packs/pack.schema.json."""
    return json.dumps(Pack.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
