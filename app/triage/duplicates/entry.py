"""``Entry``: a ticket as the index of symptoms keeps it, with its place among those that report the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.triage.decision import Label
from app.triage.symptoms.symptom import Symptom
from app.triage.ticket import Ref

Via = Literal["alike", "storm", "person", "follow_up"]
"""Why a ticket hangs on its parent: their symptoms are alike, both belong to a storm, a person said so at the vendor or
by command, or the customer went on with a closed ticket."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The earlier ticket on which one hangs: with which chance (0..1) both report the same, and why."""

    ref: Ref
    chance: float
    via: Via


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A ticket in the index.

    ``space`` is the set of tickets that may match each other: a tenant's, or those of them that are about security.
    ``acute``: it reports a failure that is there now, ``vague``: it says no more than that something fails, ``severe``:
    by its own words it is P0 or P1. ``requester`` and ``organization`` are the vendor's ids, empty
    where not known. ``over_at`` is when it was solved or closed, None while it is open. ``type`` is the vendor's word
    (``problem``, ``incident``, ``Bug``). ``told`` is what it tells a master: short texts (environment, error, account),
    each after its name (S0-66); ``facts`` are those of its facts that are about impact.

    ``said`` is the earlier ticket on which it hangs by a person's word or as a follow-up, ``apart`` are tickets that a
    person said it does not repeat. ``parent`` and ``master`` are its place in the index: a master's is itself. Times
    are UTC.
    """

    ref: Ref
    space: str
    created_at: datetime
    symptom: Symptom
    label: Label
    acute: bool = False
    vague: bool = False
    severe: bool = False
    requester: str = ""
    organization: str = ""
    area: str = ""
    subject: str = ""
    type: str = ""
    over_at: datetime | None = None
    told: tuple[tuple[str, str], ...] = ()
    facts: frozenset[str] = frozenset()
    said: Parent | None = None
    apart: frozenset[Ref] = field(default_factory=frozenset)
    parent: Parent | None = None
    master: Ref | None = None

    @property
    def age(self) -> tuple[datetime, Ref]:
        """By what tickets are in order: the earliest of a cluster is its master."""
        return self.created_at, self.ref

    @property
    def customer(self) -> str:
        """Who reports it, for counting: the organization, or else the requester, or else the ticket itself (S0-48)."""
        return self.organization or self.requester or str(self.ref)
