"""What happens to the tickets of a time-lapse: who writes, answers, solves, and when. The same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

START = datetime(2026, 3, 23, 0, 0, tzinfo=UTC)
"""A Monday. The clocks of Berlin are put forward on the Sunday that follows, and Good Friday is the twelfth day."""

LENGTH = timedelta(days=14)
STEP = timedelta(minutes=10)
"""All happens on these marks, so that many tickets share an instant."""

Kind = Literal["opened", "customer", "agent", "note", "pending", "hold", "open", "solved"]

TEXTS = {
    "P0": ("Everything is down", "Since 9:00 the whole service is down for all users. There is no workaround."),
    "P1": ("Import fails", "The import does not work for many users of ours and there is no workaround."),
    "P2": ("Report fails", "The export of my report fails with an error since the update."),
    "P3": ("Time zone", "Hello, how do I change the time zone of my profile? Where is that setting?"),
    "P4": ("Dark theme", "It would be nice if you could add a dark theme to the reports page."),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that people do to a ticket."""

    at: datetime
    kind: Kind


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket: what it is rated at first, and what people do, oldest first; the first opens it."""

    number: int
    vendor: str
    severity: str
    happenings: tuple[Happening, ...]

    @property
    def opened(self) -> datetime:
        """When the customer files it."""
        return self.happenings[0].at

    @property
    def text(self) -> tuple[str, str]:
        """Subject and body, the body like no other ticket's."""
        subject, body = TEXTS[self.severity]
        return subject, f"{body} Our reference is {self.number}."


PLANS: tuple[tuple[Kind, ...], ...] = (
    (),  # nobody ever answers
    ("agent",),
    ("agent", "solved"),
    ("agent", "customer", "agent", "solved"),
    ("solved",),
    ("note", "customer", "customer", "agent"),
    ("agent", "pending"),
    ("agent", "pending", "customer", "agent", "solved"),
    ("agent", "hold"),
    ("agent", "hold", "open", "agent", "solved"),
    ("agent", "solved", "customer"),
)


def stories(count: int) -> list[Story]:
    """So many tickets over all severities, both vendors and every plan."""
    return [_story(number) for number in range(count)]


def _story(number: int) -> Story:
    choose = random.Random(number)
    opened = START + STEP * choose.randrange(int(timedelta(days=8) / STEP))
    severity = f"P{number % 5}"
    plan = PLANS[number // 2 % len(PLANS)]
    return Story(number, ("zendesk", "jira")[number % 2], severity, tuple(_happenings(opened, plan, choose)))


def _happenings(at: datetime, plan: tuple[Kind, ...], choose: random.Random) -> Iterator[Happening]:
    yield Happening(at, "opened")
    for kind in plan:
        longest = choose.choice((timedelta(hours=2), timedelta(hours=12), timedelta(days=2), timedelta(days=4)))
        at += STEP * choose.randint(1, int(longest / STEP))
        yield Happening(at, kind)
