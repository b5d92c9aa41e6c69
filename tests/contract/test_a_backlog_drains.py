"""More tickets than the limits allow, and a vendor that was away: the sandbox counts for itself, and never says 429."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app.sandbox import desk_side
from app.triage.marks import marks_in
from tests.contract.small_world import BREACH, QUESTION, World
from workers.reconcile import Result, reconcile


@dataclass(frozen=True)
class Size:
    tickets: int
    updates: int
    requests: int


SMALL, FULL = Size(45, 20, 80), Size(1000, 100, 400)
SIZES = [pytest.param(SMALL, id="a-fifth-of-the-plan"), pytest.param(FULL, id="1000-tickets", marks=pytest.mark.soak)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[[Size], World]]:
    made: list[World] = []

    def make(size: Size) -> World:
        made.append(World(tmp_path, updates=size.updates, requests=size.requests))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_thousand_tickets_drain_without_a_429_and_the_p0_goes_first(
    world: Callable[[Size], World], size: Size
) -> None:
    desk = world(size)
    tickets = [desk.file(QUESTION.format(number)) for number in range(size.tickets)]
    desk.run(100)
    waiting = [ref for ref in tickets if not desk.notes(ref)]
    assert len(waiting) > size.tickets / 3, "the limits hold most of them back"
    urgent = [desk.file(BREACH) for _ in range(max(2, size.updates // 20))]  # two writes each
    assert desk.run(30, lambda: all(map(desk.notes, urgent))), "a P0 does not wait for the others"
    assert sum(not desk.notes(ref) for ref in waiting) > len(waiting) / 2, "and they wait still"
    writes = 2 * size.tickets
    assert desk.run(90 * writes / size.updates, lambda: all(map(desk.notes, tickets)))
    desk.run(120)
    assert [desk.notes(ref) for ref in tickets] == [1] * size.tickets
    for ref in urgent:  # what clocks say of a P0 meanwhile comes on top, each thing once
        marks = [mark for one in desk.account.records.comments[int(ref.id)] for mark in marks_in(str(one["body"]))]
        assert marks and len(set(marks)) == len(marks)
    assert desk.statuses().keys() == {200}, "no 429, and nothing else went wrong"
    reads = sum(method == "GET" for _, method, *_ in desk.asked)
    assert reads <= 4.5 * size.tickets, "a waiting ticket is not read again and again"
    assert desk.runtime.store.parked() == []
    assert desk.runtime.store.backlog(desk.clock.at)[1] == 0.0


def test_after_an_outage_the_backlog_drains_at_the_vendors_pace(world: Callable[[Size], World]) -> None:
    desk = world(SMALL)
    desk.run(1)  # who we are is known
    desk.trouble, before = (lambda: 503), len(desk.asked)
    tickets = [desk.file(QUESTION.format(number)) for number in range(30)]
    desk.run(300)
    assert len(desk.asked) - before <= 5 + 300 / 30, "five failures, then a probe every half a minute"
    assert desk.runtime.gate("zendesk", "acme").open()
    desk.trouble, back = (lambda: 0), desk.clock.seconds()
    assert desk.run(900, lambda: all(map(desk.notes, tickets)))
    since = [at for at, *_ in desk.asked if at >= back]
    for start in since:
        assert sum(start <= at < start + 60 for at in since) <= SMALL.requests
        assert sum(start <= at < start + 10 for at in since) <= SMALL.requests / 5, "no storm at its return"
    assert desk.statuses().keys() == {200, 503}
    assert [desk.notes(ref) for ref in tickets] == [1] * len(tickets)


def test_a_waiting_ticket_that_becomes_urgent_is_read_at_once(world: Callable[[Size], World]) -> None:
    desk = world(Size(0, 4, 80))
    tickets = [desk.file(QUESTION.format(number)) for number in range(6)]
    desk.run(20)
    late = next(ref for ref in tickets if not desk.notes(ref))
    reads = len(desk.asked)
    desk.tell(late, "updated")
    desk.run(2)
    assert len(desk.asked) - reads == 2, "news are read, and then it waits again"
    desk_side.zendesk_comment(desk.account, int(late.id), {"body": BREACH, "by": "customer"})
    desk.tell(late, "commented")
    assert desk.run(5, lambda: desk.notes(late) == 1)


def test_what_our_budget_holds_back_uses_up_no_try_and_costs_no_request(world: Callable[[Size], World]) -> None:
    desk = world(Size(0, 2, 80))
    refs = [desk.file(QUESTION.format(number)) for number in range(3)]
    desk.run(15)
    held = next(ref for ref in refs if not desk.notes(ref))
    before = len(desk.asked)
    for _ in range(2 * desk.runtime.settings.max_tries):
        desk.clock.at += timedelta(seconds=2)
        assert reconcile(desk.runtime, held) == Result("waiting", delay=1.0)
    assert len(desk.asked) == before
    assert desk.runtime.store.parked() == []
