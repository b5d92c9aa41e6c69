"""The shape of what packs say about tickets that report the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from app.triage.business_time import Span
from app.triage.decision import Label
from app.triage.rules import Duration, Fact, Part

Chance = Annotated[float, Field(gt=0, le=1)]
SurfaceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]

_WALL = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def wall_time(span: Span) -> timedelta:
    """How long a span of minutes, hours or days is. Raises ValueError for business time."""
    if span.unit not in _WALL:
        raise ValueError(f"'{span}' is business time; write minutes, hours or days, such as 30m")
    return span.amount * _WALL[span.unit]


def _is_wall_time(span: Span) -> Span:
    wall_time(span)
    return span


WallClock = Annotated[Duration, AfterValidator(_is_wall_time)]
"""A span that passes day and night."""


class Wording(Part):
    """Phrases, except where one of ``unless`` stands in the same sentence."""

    phrases: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Surface(Wording):
    """A part of the product, by the phrases with which customers name it. ``part_of`` names a greater part: when that
    one is down, so is this."""

    phrases: tuple[str, ...] = Field(min_length=1)
    part_of: SurfaceName | None = None


class Storm(Part):
    """When many reports are one storm: so many ``customers`` within so long (``within``, wall-clock), or two tickets
    that are severe or have one of the facts of ``sure``. Acute tickets on one surface belong to it until ``gap`` has
    passed without such reports; vague ones where ``flood`` customers report within that time. Tickets that name no
    surface belong to it by the facts of ``whole``. A ticket with one of ``other`` and
    none of ``sure`` tells of another fault than those without: what is wrong is not what is down."""

    customers: int = Field(default=5, ge=2)
    within: WallClock = Span(30, "m")
    gap: WallClock = Span(60, "m")
    flood: int = Field(default=50, ge=2)
    sure: tuple[Fact, ...] = ()
    whole: tuple[Fact, ...] = ()
    other: tuple[Fact, ...] = ()
    source: str = ""

    @model_validator(mode="after")
    def _gap_holds_a_storm(self) -> Self:
        if wall_time(self.gap) < wall_time(self.within):
            raise ValueError("gap is shorter than within; a storm would end before it is known for one")
        return self


class Duplicates(Part):
    """From which chance (0..1) a ticket is linked to an earlier one, or only named in the note (S0-60, S0-64), for
    tickets of these labels; those of one requester whatever their label is. A ticket that was solved longer ago than
    ``solved_within`` is no candidate.

    A ticket is acute, it reports a failure that is there now, where it has one of the facts of ``acute`` or the words
    of ``failing``, and besides tells that it began just now (``fresh``), or not that it is so for long (``lasting``).
    It asks, and is not acute, with a label beside those of ``label`` and a fact of ``not_acute``, unless it plainly
    fails (``plain``). One that is neither fresh nor plain is vague, unless it concerns many: by a fact of ``many`` or
    of ``storm.sure``, by the words of ``broad``, or because its own words rank it P0 or P1.
    ``surfaces`` are the parts of the product, what is narrower first; the one named ``everything`` is all of it."""

    link: Chance = 0.95
    suggest: Chance = 0.5
    most_named: int = Field(default=5, ge=1, le=20)
    solved_within: WallClock = Span(30, "d")
    label: tuple[Label, ...] = (
        *(Label.DEFECT, Label.RELIABILITY, Label.INTEGRATION, Label.ACCESS, Label.DATA, Label.SECURITY),
    )
    acute: tuple[Fact, ...] = ()
    not_acute: tuple[Fact, ...] = ()
    many: tuple[Fact, ...] = ()
    failing: Wording = Wording()
    plain: Wording = Wording()
    broad: Wording = Wording()
    lasting: Wording = Wording()
    fresh: Wording = Wording()
    surfaces: Mapping[SurfaceName, Surface] = {}
    storm: Storm = Storm()
    source: str = ""

    @model_validator(mode="after")
    def _link_is_the_surer(self) -> Self:
        if self.suggest > self.link:
            raise ValueError("suggest is above link: what is linked is surer than what is only named")
        return self

    @model_validator(mode="after")
    def _parts_are_known(self) -> Self:
        for name, surface in self.surfaces.items():
            if surface.part_of is not None and surface.part_of not in self.surfaces:
                raise ValueError(f"{name} is part of {surface.part_of}, which is none; name one of the surfaces")
        return self


class Patterns(Part):
    """When several tickets that report the same are a pattern. Customers count within ``window`` (wall-clock time;
    S0-48, S0-81). From ``told_from`` tickets on the note of the first one tells of the others, and again when their
    number has doubled. ``create``: whether a rule that proposes a known issue asks a person (``propose``) or makes the
    candidate itself (``create``; S4-76)."""

    window: WallClock = Span(14, "d")
    told_from: int = Field(default=3, ge=2)
    create: Literal["propose", "create"] = "propose"
    source: str = ""
