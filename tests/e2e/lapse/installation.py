"""The installation of a time-lapse: sandbox, receiver and workers on one clock, which stands still until it is moved.

From one instant to the next of the script or of the store's ``due_at``: set the clock, let happen what happens then,
ring a sweep as beat would, and wait until nothing is left to do. No instant is told to the product from outside: where
it forgets to be woken, nothing wakes it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import redis
from sqlalchemy import func, select

from app.queue import enqueue_sweep, make
from app.store.schema import tickets
from config.celery import SWEEP_QUEUE, TRIAGE_QUEUE
from config.settings import Settings
from tests.e2e.installation import Installation
from tests.e2e.lapse import clock

MANY = "1000000"  # requests a minute: while the clock stands, every request falls into the same minute
TICK = timedelta(seconds=2)
"""How far the clock goes on while a ticket waits for another try."""

MOST_TICKS = 30
"""After a minute of ticks something is wrong. It is also how late a step may come."""


class LapseInstallation(Installation):
    """``start`` it, then ``set`` the clock, ``sweep`` and ``settle``; ``workers`` is how many of them there are."""

    pause = 0.01
    apart = MappingProxyType({})

    def __init__(self, folder: Path, start: datetime, rules: str, *, database: str = "", workers: int = 1) -> None:
        (folder / "rules.yaml").write_text(rules)
        self.now, self._clock, self._workers = start, folder / "clock", [f"worker{n}" for n in range(workers)]
        clock.write(self._clock, start)
        env = {
            clock.VARIABLE: str(self._clock),
            "TRIAGE_RULES_FILE": str(folder / "rules.yaml"),
            "TRIAGE_MODEL": "off",  # what phrases and rules make of a text can be foretold
            "TRIAGE_ZENDESK__SANDBOX__REQUESTS_PER_MINUTE": MANY,
            "TRIAGE_ZENDESK__SANDBOX__UPDATES_PER_MINUTE": MANY,
            "TRIAGE_JIRA__SANDBOX__REQUESTS_PER_MINUTE": MANY,
            "TRIAGE_JIRA__SANDBOX__TIMEOUT": "10",
            "TRIAGE_ZENDESK__SANDBOX__TIMEOUT": "10",
            "TRIAGE_ZENDESK__SANDBOX__ENGINEERING": "sandbox",
            "TRIAGE_BRIDGE__PROJECT": "ENG",
            "TRIAGE_LEASE_SECONDS": "150",
            "TRIAGE_GAP_SECONDS": "3600",  # of the lapse: every delivery arrives, so there is little to find
            "TRIAGE_MAX_CHANGES_PER_RUN": MANY,
            "TRIAGE_MAX_CHANGES_PER_HOUR": MANY,
            "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
            "REMAP_SIGTERM": "SIGQUIT",
        }
        super().__init__(folder, database=database, env=env)
        (folder / "metrics").mkdir()
        self._redis = redis.Redis.from_url(self.broker.url)
        self._celery = make(Settings(_env_file=None, redis_url=self.broker.url))  # type: ignore[call-arg]

    def command(self, name: str) -> list[str]:
        if name == "serve":
            return [
                "waitress",
                f"--port={self.port}",
                "--host=127.0.0.1",
                "--threads=8",
                "tests.e2e.lapse.receiver:app",
            ]
        if name == "worker":
            queues = f"{TRIAGE_QUEUE},{SWEEP_QUEUE}"
            return ["celery", "-A", "tests.e2e.lapse.worker", "--quiet", "worker", "--pool", "prefork",
                    "--concurrency", "2", "--queues", queues, "--without-gossip", "--without-mingle"]  # fmt: skip
        return super().command(name)

    def start(self, *names: str) -> None:
        super().start(*(names or ("sandbox", "serve")))
        limits = ("zendesk_updates_per_minute", "zendesk_updates_per_ticket", "zendesk_exports_per_minute")
        limits += ("jira_writes_per_2_seconds", "jira_writes_per_30_seconds", "jira_gets_per_second")
        off = dict.fromkeys((*limits, "jira_puts_per_second"), 0)
        self.control("POST", "/settings", {**off, "zendesk_requests_per_minute": int(MANY)})
        self.set(self.now)
        self.start_workers()

    def start_workers(self) -> None:
        """Start the workers and wait until each has swept, which is the first thing they do."""
        for label in self._workers:
            self.start_one("worker", label)
        self.wait_until(self._swept, "the workers are there", 120)
        self.settle()

    def kill_workers(self) -> None:
        """SIGKILL the workers, as a power cut would."""
        for label in self._workers:
            os.killpg(self.processes[label].pid, signal.SIGKILL)
            self.processes.pop(label).wait(timeout=10)

    def set(self, at: datetime) -> None:
        """Move the clock of everything."""
        self.control("POST", "/clock", {"at": at.isoformat()})
        clock.write(self._clock, at)
        self.now = at

    def sweep(self, times: int = 1) -> None:
        """Ring for sweeps, as many at once, and work off what they find."""
        for _ in range(times):
            assert enqueue_sweep(self._celery)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way; what waits for another try gets time to pass, and a sweep."""
        for _ in range(MOST_TICKS):
            self.wait_until(self._idle, "everything rung and told is worked off", 120)
            if not self._due():
                return
            with suppress(AssertionError):  # a delivery rings right after its answer
                self.wait_until(lambda: self._queued() or not self._due(), "the delivery has rung", 0.3)
                continue
            self.set(self.now + TICK)
            assert enqueue_sweep(self._celery)
        raise AssertionError(f"{self._due()} tickets wait for ever at {self.now}\n{self.logs()}")

    def delivered(self) -> None:
        """Wait until the receiver has answered every delivery."""
        self.wait_until(lambda: self.control("GET", "/webhooks")["pending"] == 0, "every delivery is answered")

    def next_due(self) -> datetime | None:
        """The first instant at which a ticket wants to be looked at."""
        with self.store._begin() as connection:
            return connection.execute(select(func.min(tickets.c.due_at)).where(tickets.c.parked_at.is_(None))).scalar()

    def _swept(self) -> bool:
        beat = self.store.last("worker")
        return beat is not None and beat.at == self.now and self._queued() == 0

    def _idle(self) -> bool:
        """Nobody does anything. Asked twice: between two questions a write may have become a delivery."""
        return all(self._queued() == 0 and self.control("GET", "/webhooks")["pending"] == 0 for _ in range(2))

    def _queued(self) -> int:
        """Rings that wait, are worked on, or are to be heard later."""
        lines: Sequence[int] = [self._redis.llen(name) for name in (TRIAGE_QUEUE, SWEEP_QUEUE)]  # type: ignore[misc]
        return sum(lines) + int(self._redis.hlen("unacked"))  # type: ignore[arg-type]

    def _due(self) -> int:
        with self.store._begin() as connection:
            due = select(func.count()).where(tickets.c.due_at <= self.now, tickets.c.parked_at.is_(None))
            return connection.execute(due).scalar_one()
