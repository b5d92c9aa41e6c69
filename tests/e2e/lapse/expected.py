"""What must be seen of us on the tickets of the stories, and when, found by looking at each once a minute.

Written from the policy and the numbers of the pack alone: none of the product's code is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tests.e2e.lapse.desk import Seen
from tests.e2e.lapse.office import MINUTE, after
from tests.e2e.lapse.stories import Kind, Story

FIRST_REPLY = {"P0": "60m", "P1": "4h", "P2": "1bd", "P3": "2bd", "P4": "2bd"}
WATCHED = ("+overdue-first-reply", "-overdue-first-reply")


def expected(story: Story, end: datetime, down: tuple[datetime, datetime] | None = None) -> list[Seen]:
    """All that is watched of a story until ``end``; while the workers are ``down`` nobody looks."""
    return sorted(_overdue_first_reply(story, end, down))


def looks(story: Story, end: datetime, down: tuple[datetime, datetime] | None) -> Iterator[datetime]:
    """Every minute in which somebody looks."""
    at = story.opened
    while at < end:
        if down is None or not down[0] <= at < down[1]:
            yield at
        at += MINUTE


def happened(story: Story, at: datetime) -> list[Kind]:
    """What people did until then."""
    return [one.kind for one in story.happenings if one.at <= at]


def solved(story: Story, at: datetime) -> bool:
    """Whether it is solved: a customer who writes again opens it."""
    return next((kind == "solved" for kind in reversed(happened(story, at)) if kind in ("solved", "customer")), False)


def _overdue_first_reply(story: Story, end: datetime, down: tuple[datetime, datetime] | None) -> Iterator[Seen]:
    """The tag is there while the reply is owed and late (S0-22, S0-30, S0-38, S0-44)."""
    due, there = after(story.opened, FIRST_REPLY[story.severity]), False
    for at in looks(story, end, down):
        owed = "agent" not in happened(story, at) and not solved(story, at)
        if (owed and due <= at) != there:
            there = not there
            yield Seen(at, "+overdue-first-reply" if there else "-overdue-first-reply")
