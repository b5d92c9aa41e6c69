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
STEP = timedelta(minutes=30)
"""All happens on these marks, so that many tickets share an instant."""

Kind = Literal["opened", "customer", "agent", "note", "fix", "assigned", "pending", "waiting", "hold", "open", "solved"]

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


Plan = tuple[Kind, ...]
URGENT: tuple[Plan, ...] = (
    ("solved",),
    ("agent", "solved"),
    ("assigned", "note", "agent", "solved"),
    ("note", "customer", "agent", "solved"),
    ("agent", "pending", "customer", "agent", "solved"),
    ("customer", "note", "solved"),
)
"""Of P0 and P1, over which somebody sits until they are solved."""

USUAL: tuple[Plan, ...] = (
    (),  # nobody ever answers
    ("agent",),
    ("agent", "pending"),  # the customer is reminded, and it is solved
    ("agent", "customer", "agent", "solved"),
    ("assigned", "agent", "pending", "customer", "agent", "solved"),
    ("agent", "hold"),
    ("note", "customer", "customer", "agent"),
    ("agent", "waiting"),
    ("solved", "customer"),
    ("assigned", "note", "agent", "pending", "open", "agent", "solved"),
    ("agent", "fix"),  # engineering gets an issue, and does nothing about it
    ("customer", "agent", "hold", "customer", "agent"),
    ("assigned", "fix", "agent"),
)
AT_ZENDESK_ALONE = "fix"
"""An issue needs none for engineering."""


def stories(count: int) -> list[Story]:
    """So many tickets over all severities, both vendors and every plan."""
    return [_story(number) for number in range(count)]


def _story(number: int) -> Story:
    choose = random.Random(number)
    severity, turn = f"P{number % 5}", number // 5
    urgent = severity in ("P0", "P1")
    plans = URGENT if urgent else USUAL
    plan = plans[(number + 3 * turn) % len(plans)]
    vendor = "zendesk" if AT_ZENDESK_ALONE in plan else ("zendesk", "jira")[(number + turn) % 2]
    opened = START + STEP * choose.randrange(int((LENGTH - timedelta(days=2 if urgent else 11)) / STEP))
    longest = {"P0": timedelta(hours=1), "P1": timedelta(hours=3)}.get(severity)
    return Story(number, vendor, severity, tuple(_happenings(opened, plan, longest, choose)))


def _happenings(at: datetime, plan: Plan, longest: timedelta | None, choose: random.Random) -> Iterator[Happening]:
    yield Happening(at, "opened")
    for kind in plan:
        most = longest or choose.choice((timedelta(hours=1), timedelta(hours=12), timedelta(hours=40)))
        at += STEP * choose.randint(1, int(most / STEP))
        yield Happening(at, kind)
