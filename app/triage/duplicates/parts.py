"""The shape of what packs say about tickets that report the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.triage.business_time import Span
from app.triage.decision import Label
from app.triage.rules import Duration, Fact, Part

Chance = Annotated[float, Field(gt=0, le=1)]
SurfaceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]


class Surface(Part):
    """A part of the product, by the phrases with which customers name it."""

    phrases: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()


class Storm(Part):
    """When many reports are one storm: so many ``customers`` within so long (``within``, wall-clock). Acute tickets
    on one surface belong together while no more than ``gap`` lies between one and the next."""

    customers: int = Field(default=5, ge=2)
    within: Duration = Span(30, "m")
    gap: Duration = Span(60, "m")
    source: str = ""


class Duplicates(Part):
    """From which chance (0..1) a ticket is linked to an earlier one, or only named in the note (S0-60, S0-64), for
    tickets of these labels; those of one requester whatever their label is. A ticket that was solved longer ago than
    ``solved_within`` is no candidate. ``acute`` are the facts that tell of a failure that is there now, ``not_acute``
    those with which it is none. ``surfaces`` are the parts of the product."""

    link: Chance = 0.95
    suggest: Chance = 0.5
    most_named: int = Field(default=5, ge=1, le=20)
    solved_within: Duration = Span(30, "d")
    label: tuple[Label, ...] = (
        *(Label.DEFECT, Label.RELIABILITY, Label.INTEGRATION, Label.ACCESS, Label.DATA, Label.SECURITY),
    )
    acute: tuple[Fact, ...] = ()
    not_acute: tuple[Fact, ...] = ()
    surfaces: Mapping[SurfaceName, Surface] = {}
    storm: Storm = Storm()
    source: str = ""

    @model_validator(mode="after")
    def _link_is_the_surer(self) -> Self:
        if self.suggest > self.link:
            raise ValueError("suggest is above link: what is linked is surer than what is only named")
        return self


class Patterns(Part):
    """When several tickets that report the same are a pattern. Customers count within ``window`` (wall-clock time;
    S0-48, S0-81). From ``told_from`` tickets on the note of the first one tells of the others, and again when their
    number has doubled. ``create``: whether a rule that proposes a known issue asks a person (``propose``) or makes the
    candidate itself (``create``; S4-76)."""

    window: Duration = Span(14, "d")
    told_from: int = Field(default=3, ge=2)
    create: Literal["propose", "create"] = "propose"
    source: str = ""
