"""A day's money, over a real Redis and without one."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest

from app.budget.connection import connect
from app.budget.purse import Purse
from app.cli.broker import Broker
from tests.conftest import NOW

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["redis", "away", "none"])
def purse(request: pytest.FixtureRequest) -> Purse:
    url = {"away": AWAY, "none": "memory://"}.get(request.param)
    return Purse(uuid.uuid4().hex, 1.0, connect(url or request.getfixturevalue("broker").url))


def test_no_more_is_taken_than_there_is_and_what_comes_back_may_be_taken_again(purse: Purse) -> None:
    assert [purse.take(0.4, NOW) for _ in range(3)] == [True, True, False]
    assert purse.take(0.2, NOW)
    assert not purse.take(0.000001, NOW)
    assert purse.take(0.0, NOW)  # a model of one's own costs nothing
    purse.give_back(0.3, NOW)
    assert [purse.take(0.3, NOW), purse.take(0.000001, NOW)] == [True, False]


def test_what_cost_more_than_was_thought_counts(purse: Purse) -> None:
    assert purse.take(0.1, NOW)
    purse.give_back(-0.9, NOW)
    assert not purse.take(0.000001, NOW)


def test_each_day_has_its_own(purse: Purse) -> None:
    assert purse.take(1.0, NOW)
    assert not purse.take(1.0, NOW)
    assert purse.take(1.0, NOW + timedelta(days=1))


def test_all_workers_have_one_purse_and_each_knows_what_it_spent_when_redis_goes(broker: Broker) -> None:
    name = uuid.uuid4().hex
    one, two = (Purse(name, 1.0, connect(broker.url)) for _ in range(2))
    won: list[bool] = []
    begin = threading.Barrier(4)

    def ask(purse: Purse) -> None:
        begin.wait()
        won.extend(purse.take(0.09, NOW) for _ in range(8))

    threads = [threading.Thread(target=ask, args=(purse,)) for purse in (one, two, one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 11
    for purse in (one, two):
        purse._connection = connect(AWAY)
    left = [sum(purse.take(0.09, NOW) for _ in range(20)) for purse in (one, two)]
    assert sum(left) == 11  # each counts on what it spent: together at most as much again for each other worker
