"""One budget for all workers, over a real Redis: shared by processes, gone with Redis, back with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.budget.breaker import PROBE_SECONDS
from app.budget.connection import connect
from app.budget.gate import Budget
from app.budget.window import LocalWindows, Windows
from app.cli.broker import Broker, start
from app.errors import Held
from app.vendors.gate import Bucket
from app.vendors.zendesk.limits import ZendeskLimits
from config.accounts import ZendeskAccount
from tests.conftest import NOW

TICKET = "/api/v2/tickets/{}.json"
ACCOUNT = ZendeskAccount(subdomain="acme", updates_per_minute=20, requests_per_minute=600)


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def gate(url: str, name: str, clock: Clock, account: ZendeskAccount = ACCOUNT) -> Budget:
    """A worker's gate: its memory is its own, as another process's is."""
    return Budget(name, ZendeskLimits(account), connect(url), clock, uuid.uuid4().hex)


def admitted(budget: Budget, number: int, method: str = "PUT") -> bool:
    try:
        budget.admit(method, TICKET.format(number))
    except Held:
        return False
    return True


@pytest.fixture
def name() -> str:
    return f"zendesk:{uuid.uuid4().hex}"


def test_two_workers_share_one_window_and_another_account_has_its_own(broker: Broker, name: str) -> None:
    clock = Clock()
    one, two = gate(broker.url, name, clock), gate(broker.url, name, clock)
    for budget in (one, two):
        budget.decided(0)
    sent = [admitted(budget, number) for number in range(15) for budget in (one, two)]
    assert sum(sent) == 20
    assert not admitted(two, 99)
    assert dict(one.remaining())["updates"] == dict(two.remaining())["updates"] == 0
    assert admitted(gate(broker.url, name + "b", clock), 1)
    clock.at += timedelta(seconds=62)
    assert admitted(two, 99)


def test_threads_that_ask_at_the_same_moment_never_get_one_too_many(broker: Broker, name: str) -> None:
    clock, won = Clock(), list[bool]()
    begin = threading.Barrier(8)

    def ask(thread: int) -> None:
        budget = gate(broker.url, name, clock)
        budget.decided(0)
        begin.wait()
        won.extend(admitted(budget, thread * 100 + number) for number in range(10))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 20


_PROCESS = """
import sys
from datetime import UTC, datetime
from app.budget.connection import connect
from app.budget.gate import Budget
from app.errors import Held
from app.vendors.zendesk.limits import ZendeskLimits
from config.accounts import ZendeskAccount

account = ZendeskAccount(subdomain="acme", updates_per_minute=20, requests_per_minute=600)
now = datetime(2026, 3, 2, 10, tzinfo=UTC)
budget = Budget(sys.argv[2], ZendeskLimits(account), connect(sys.argv[1]), lambda: now, "")
budget.decided(0)
sent = 0
for number in range(20):
    try:
        budget.admit("PUT", f"/api/v2/tickets/{sys.argv[3]}{number}.json")
    except Held:
        continue
    sent += 1
print(sent)
"""


def test_two_processes_share_one_window(broker: Broker, name: str) -> None:
    other = subprocess.Popen([sys.executable, "-c", _PROCESS, broker.url, name, "9"], stdout=subprocess.PIPE)
    budget = gate(broker.url, name, Clock())
    budget.decided(0)
    ours = sum(admitted(budget, number) for number in range(7))
    assert ours + int(other.communicate(timeout=60)[0]) == 20


@settings(max_examples=30)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("take"), st.sampled_from([0.0, 0.1, 0.2]), st.integers(0, 1)),
            st.tuples(st.just("hear"), st.integers(0, 6), st.integers(1, 20)),
            st.tuples(st.just("wait"), st.integers(1, 15), st.just(0)),
        ),
        max_size=40,
    )
)
def test_redis_and_the_memory_of_a_process_count_alike(broker: Broker, steps: list[tuple[str, float, int]]) -> None:
    shared = Windows(f"test:{uuid.uuid4().hex}", connect(broker.url), LocalWindows())
    local, now = LocalWindows(), 1000.0
    wide, keyed = Bucket("updates", 6, 30.0), [Bucket("ticket", 2, 50.0, key) for key in ("a", "b")]
    for step, first, second in steps:
        if step == "take":
            asked = (wide, keyed[second])
            found, expected = shared.take(asked, first, now), local.take(asked, first, now)
            assert (found and found.bucket) == (expected and expected.bucket)
            assert (found.after if found else 0) == pytest.approx(expected.after if expected else 0)
        elif step == "hear":
            for windows in (shared, local):
                windows.hear(wide, int(first), 6, now + second, now)
        else:
            now += first
        assert shared.left(wide, 0.2, now, 5.0) == local.left(wide, 0.2, now, 5.0)


def test_a_429_to_one_worker_stops_all_and_only_what_it_names(broker: Broker, name: str) -> None:
    clock = Clock()
    one, two = gate(broker.url, name, clock), gate(broker.url, name, clock)
    one.answered("PUT", TICKET.format(1), 429, {"Retry-After": "30"})
    two.decided(0)
    with pytest.raises(Held) as held:
        two.admit("PUT", TICKET.format(2))
    assert held.value.after == pytest.approx(30)
    assert admitted(two, 2, "GET")
    clock.at += timedelta(seconds=31)
    assert admitted(two, 2)


def test_the_breaker_is_one_for_all_and_lets_one_probe_through(broker: Broker, name: str) -> None:
    clock = Clock()
    gates = [gate(broker.url, name, clock) for _ in range(3)]
    for number in range(5):
        gates[number % 2].unanswered("GET", TICKET.format(number))
    assert [budget.open() for budget in gates] == [True] * 3
    assert [admitted(budget, 1, "GET") for budget in gates] == [False] * 3
    clock.at += timedelta(seconds=PROBE_SECONDS)
    assert [admitted(budget, 1, "GET") for budget in gates] == [True, False, False]
    gates[0].answered("GET", TICKET.format(1), 503, {})
    assert [admitted(budget, 1, "GET") for budget in gates] == [False] * 3
    clock.at += timedelta(seconds=PROBE_SECONDS)
    assert [admitted(budget, 1, "GET") for budget in gates[::-1]] == [True, False, False]
    gates[2].answered("GET", TICKET.format(1), 404, {})
    assert [admitted(budget, 1, "GET") for budget in gates] == [True] * 3
    assert not any(budget.open() for budget in gates)


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that the test may kill."""
    running = start(tmp_path / "broker")
    yield running
    running.stop()


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_without_redis_each_process_counts_by_itself_and_together_again_when_it_is_back(
    own_broker: Broker, name: str, tmp_path: Path
) -> None:
    clock = Clock()
    one, two = gate(own_broker.url, name, clock), gate(own_broker.url, name, clock)
    for budget in (one, two):
        budget.decided(0)
    assert all(admitted(one, number) for number in range(12))
    assert own_broker.process is not None
    os.kill(own_broker.process.pid, signal.SIGKILL)
    own_broker.process.wait()
    assert sum(admitted(one, 100 + number) for number in range(20)) == 8, "it knows its own uses from before"
    assert sum(admitted(two, 200 + number) for number in range(30)) == 20
    assert dict(one.remaining()) == {}, "nobody knows what all of them have left"
    for _ in range(5):
        one.unanswered("GET", TICKET.format(1))
    assert one.open()
    one.answered("GET", TICKET.format(1), 200, {})

    port = int(own_broker.url.rsplit(":", 1)[1].split("/")[0])
    password = own_broker.url.split(":", 2)[2].rsplit("@", 1)[0]
    again = start(tmp_path / "again", port=port, password=password)
    try:
        clock.at += timedelta(seconds=700)
        assert eventually(lambda: admitted(one, 1, "GET") and dict(two.remaining()).get("requests", 600) < 600)
    finally:
        again.stop()


def test_a_redis_that_hangs_delays_nobody(own_broker: Broker, name: str) -> None:
    assert own_broker.process is not None
    os.kill(own_broker.process.pid, signal.SIGSTOP)
    try:
        budget = gate(own_broker.url, name, Clock())
        budget.decided(0)
        assert sum(admitted(budget, number) for number in range(50)) == 20
    finally:
        os.kill(own_broker.process.pid, signal.SIGCONT)
