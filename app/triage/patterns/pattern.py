"""``Pattern``: what the first ticket of a fault stands for, as it was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

PostKind = Literal["investigating", "known_issue"]
"""A post on the status page: that a fault is being looked into (S4-116), or what is known of it (S4-117)."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post that a person is asked to put on the status page. ``blast``: it also goes out to every customer."""

    kind: PostKind
    blast: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """The known issue that the fault is to become (S4-76): its tag and title. ``wanted``: a person said so, or the
    policy lets it be made by itself; else it is only proposed."""

    tag: str
    title: str
    wanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What the first ticket of a fault stands for. Other tickets of the fault have none.

    ``tickets`` and ``customers`` are as they were when it was decided, ``since`` is when the first ticket was made,
    UTC. ``stage`` is the number of tickets that was told last: it grows by doubling, so that a note tells of it seldom.
    ``storm`` says how many customers reported it in how short a time, empty for a fault that never was a storm.
    """

    tickets: int
    customers: int
    since: datetime
    stage: int = 0
    storm: str = ""
    post: Post | None = None
    named: Named | None = None

    @property
    def outcome(self) -> list[Any]:
        """What makes another outcome of it: not the counts, which grow at every look."""
        post, named = self.post, self.named
        made = named.tag if named and named.wanted else ""
        return [self.stage, bool(self.storm), post.kind if post else "", bool(post and post.blast), made]


def to_json(pattern: Pattern) -> dict[str, Any]:
    """The pattern as a JSON object; ``from_json`` gives it back."""
    return {**asdict(pattern), "since": pattern.since.isoformat()}


def from_json(data: Mapping[str, Any]) -> Pattern:
    """The pattern that ``to_json`` wrote."""
    post, named = data["post"], data["named"]
    told = {
        "since": datetime.fromisoformat(data["since"]),
        "post": Post(**post) if post else None,
        "named": Named(**named) if named else None,
    }
    return Pattern(**{**data, **told})
