"""Whose turn it is: skill and room first, then who waited longest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.triage.assignment import choose
from app.triage.decision import Agent, Label
from tests.unit.triage.conftest import NOW


def agent(name: str, ago: int | None = None, **more: object) -> Agent:
    last = NOW - timedelta(minutes=ago) if ago is not None else None
    return Agent(name, last=last, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("agents", "chosen"),
    [
        ([], None),
        ([agent("b", 5), agent("a", 3)], "b"),
        ([agent("b", 5), agent("a")], "a"),
        ([agent("b", 5), agent("a", 5)], "a"),
        ([agent("b"), agent("a")], "a"),
        ([agent("a", 9, capacity=2, load=2), agent("b", 1)], "b"),
        ([agent("a", 9, capacity=2, load=1), agent("b", 1)], "a"),
        ([agent("a", 9, capacity=0)], None),
        ([agent("a", 9, skills=frozenset({"Billing"})), agent("b", 1, skills=frozenset({"data"}))], "b"),
        ([agent("a", skills=frozenset({"Billing"}))], None),
    ],
)
def test_the_one_who_can_and_has_room_and_waited_longest_is_next(agents: list[Agent], chosen: str | None) -> None:
    found = choose(agents, Label.DATA)
    assert (found.id if found else None) == chosen
