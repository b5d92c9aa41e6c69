"""An example of a pack: a ticket and what must be decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.triage.decision import Label, Level
from app.triage.patterns.pattern import PostKind
from app.triage.rules import Destination, Fact, Part, Rank, Role


class Example(Part):
    """A ticket and what must be decided about it; run by the tests and by whoever changes the pack.

    ``comments``, ``given`` (anything else that a ticket's JSON may hold) and ``context`` describe the ticket. Of the
    context ``reporters``, ``organizations`` and ``demand`` are counts, ``tickets`` that of a fault of which this is the
    first, and ``storm`` the customers who reported it within a storm's time. The rest is expected, and of a list of
    labels, severities or destinations any entry is right; ``post`` is the kind of post that is proposed, or ``none``.
    ``known_miss`` says why the expectation is right and not met yet; the day it is met, the entry must go.
    """

    name: str
    subject: str = ""
    body: str = ""
    comments: tuple[str | Mapping[str, Any], ...] = ()
    given: Mapping[str, Any] = {}
    context: Mapping[Literal["reporters", "organizations", "demand", "tickets", "storm"], int] = {}
    label: tuple[Label, ...] | None = None
    second_label: Label | None = None
    severity: tuple[Rank, ...] | None = None
    shown: str | None = None
    destination: tuple[Destination, ...] | None = None
    level: Level | None = None
    page: bool | None = None
    communicator: Role | None = None
    handover: str | None = None
    tags: tuple[str, ...] | None = None
    not_tags: tuple[str, ...] | None = None
    facts: tuple[Fact, ...] | None = None
    not_facts: tuple[Fact, ...] | None = None
    notify: tuple[Role, ...] | None = None
    proposes: tuple[str, ...] | None = None
    post: PostKind | Literal["none"] | None = None
    known_miss: str = ""
    source: str = ""
