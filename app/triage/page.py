"""A page: that on-call is woken about an incident, and what became of it. One an incident; solved and opened again, the
next episode (S1-18, S1-19)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from app.triage.ticket import Ref

Via = Literal["pagerduty", "command", "board"]
"""How somebody acknowledged."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How a step ended: when, and the targets that gave a receipt, as ``l2/pagerduty-1a2b3c``; none where no target is
    set. ``late``: it came well after it was due. ``unknown``: it was sent, and nobody knows whether it arrived."""

    at: datetime
    by: tuple[str, ...] = ()
    late: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is known of one episode. ``key`` is the dedup key at every pager, the same for all episodes of an incident.

    ``incident`` is the ticket that it is about, ``opened_by`` the one whose look opened it: another one where that
    repeats the incident. ``told_at`` is when we heard of it, ``opened_at`` when the chain began. ``summary`` is one
    line for the pager. ``taken`` are the steps that are over, by name (``L2:page``, ``email``), ``trouble`` why a
    target did not take a step, by the same names. ``closed_there``: somebody resolved it at the pager, which solves
    nothing here. ``token`` fences whoever carries steps out.
    """

    incident: Ref
    episode: int
    key: str
    opened_by: Ref
    told_at: datetime
    opened_at: datetime
    severity: str = ""
    summary: str = ""
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_via: str = ""
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    closed_there: bool = False
    resolved_at: datetime | None = None
    resolved_why: str = ""
    next_at: datetime | None = None
    taken: Mapping[str, Taken] = field(default_factory=lambda: MappingProxyType({}))
    trouble: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    token: int = 0

    @property
    def open(self) -> bool:
        """Whether the incident is not over."""
        return self.resolved_at is None

    @property
    def unreached(self) -> tuple[str, ...]:
        """The steps that were due and that no target took."""
        return tuple(step for step in self.trouble if step not in self.taken)


def key_of(incident: Ref) -> str:
    """The dedup key of an incident: ``firstline:zendesk:acme:4711``."""
    return f"firstline:{incident}"
