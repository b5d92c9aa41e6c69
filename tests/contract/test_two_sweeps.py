"""Sweeps that meet, and sweeps that did not run for hours: each ticket that is due is looked at once."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.triage.ticket import Ref
from tests.contract.small_world import BREACH, World
from workers.sweep import sweep

COUNT = 4
LOOKED = ("decided", "unchanged")


class Office:
    """A world with some urgent tickets, decided and quiet."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, updates=10_000, requests=100_000)
        self.refs = [self.world.file(BREACH) for _ in range(COUNT)]
        self.world.run(20)
        assert all(self.world.notes(ref) == 1 for ref in self.refs)

    def wait(self, at: datetime) -> None:
        """Nobody works until then."""
        self.world.clock.at = at

    def answer(self) -> dict[str, int]:
        """Work off what was rung, without another sweep; how each look ended."""
        self.world.outcomes.clear()
        while self.world.rings.line:
            self.world._answer(Ref.parse(heapq.heappop(self.world.rings.line)[2]))
        return dict(self.world.outcomes)

    def overdue(self) -> datetime:
        """An instant at which a promise to every ticket has been broken: a P0 is answered within an hour (S0-22)."""
        return self.world.clock.at + timedelta(minutes=61)

    def reads(self) -> int:
        """How often a ticket was asked for."""
        return sum(method == "GET" and path.startswith("/api/v2/tickets/") for _, method, path, _ in self.world.asked)

    def tagged(self, ref: Ref) -> int:
        """How often the tag was put on a ticket."""
        changes = [e for audit in self.world.account.records.audits[int(ref.id)] for e in audit["events"]]
        tags = [e for e in changes if e.get("field_name") == "tags" and e["type"] == "Change"]
        return sum("overdue-first-reply" in {*e["value"]} - {*e["previous_value"]} for e in tags)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.world.close()


def test_of_two_sweeps_at_the_same_moment_one_rings(office: Office) -> None:
    office.wait(office.overdue())
    other = replace(office.world.runtime)  # the parts of another process
    other.celery = office.world.runtime.celery
    both = [threading.Thread(target=sweep, args=[runtime]) for runtime in (office.world.runtime, other)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(ref for *_, ref in office.world.rings.line) == sorted(map(str, office.refs))
    assert sum(office.answer().get(one, 0) for one in LOOKED) == COUNT


def test_a_sweep_that_outlives_its_lease_is_met_by_another_and_each_ticket_is_still_looked_at_once(
    office: Office,
) -> None:
    office.wait(office.overdue())
    sweep(office.world.runtime)
    office.wait(office.world.clock.at + timedelta(seconds=office.world.runtime.settings.sweep_seconds))
    sweep(office.world.runtime)
    assert len(office.world.rings.line) == 2 * COUNT
    before = office.reads()
    outcomes = office.answer()
    assert sum(outcomes.get(one, 0) for one in LOOKED) == outcomes["not_due"] == COUNT
    assert office.reads() - before == 3 * COUNT, "a ticket, its thread and its history; the second ring reads nothing"
    assert [office.tagged(ref) for ref in office.refs] == [1] * COUNT


@pytest.mark.policy("S0-22")
def test_after_six_hours_without_a_sweep_each_overdue_ticket_is_looked_at_once(office: Office) -> None:
    office.wait(office.world.clock.at + timedelta(hours=6))
    sweep(office.world.runtime)
    assert sum(office.answer().get(one, 0) for one in LOOKED) == COUNT
    assert [office.tagged(ref) for ref in office.refs] == [1] * COUNT
    office.world.run(90)
    assert [office.tagged(ref) for ref in office.refs] == [1] * COUNT
