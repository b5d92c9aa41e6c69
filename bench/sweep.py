"""What a sweep costs over 100,000 open tickets of which 1 % is due, as a ratio to one over the due ones alone, in one
run; on SQLite, and on PostgreSQL where it is installed. Two thirds of all tickets are over, as in an account of years.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from app.runtime import Runtime
from app.store.migrate import migrate
from app.store.schema import tickets
from app.vendors import Changes
from config import logging as logs
from config.accounts import ZendeskAccount
from config.settings import Settings
from tests.conftest import postgres_server
from workers.sweep import sweep

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
OPEN, DUE = 100_000, 1_000
ROUNDS = 7
CEILING = 3.0
MOST_QUERIES = 40

_SEARCHED = r"^S\w+ ticket\b(?!.*(due_at|ticket_id|policy_digest)[<>=])"
"""A step of SQLite's plan that goes through tickets, led by nothing of what tells a few of them from all."""


class Account:
    """A vendor that counts what it is asked."""

    asked = 0

    def whoami(self) -> str:
        self.asked += 1
        return "1"

    def changed(self, _since: datetime, _cursor: str = "") -> Changes:
        self.asked += 1
        return Changes((), "", more=False)


class Bell:
    """Celery's place."""

    def send_task(self, *_: Any, **__: Any) -> None: ...


class Store:
    """A store with so many open tickets, and the sweeps over it."""

    def __init__(self, url: str, open_tickets: int) -> None:
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None, database_url=url, redis_url="memory://", zendesk={"acme": ZendeskAccount(subdomain="acme")}
        )
        logs.configure(settings.model_copy(update={"log_level": "warning"}))
        migrate(url)
        self.at = NOW
        self.runtime = Runtime(settings, now=lambda: self.at)
        self.runtime.celery = Bell()  # type: ignore[assignment]
        self.vendor = Account()
        self.runtime.clients["zendesk", "acme"] = self.vendor  # type: ignore[assignment]
        rows = list(self._rows(open_tickets))
        engine = self.runtime.store._engine
        with engine.begin() as connection:
            for start in range(0, len(rows), 5000):
                connection.execute(tickets.insert(), rows[start : start + 5000])
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE ticket")
        self.asked: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", self._count)

    def _rows(self, open_tickets: int) -> Iterator[dict[str, Any]]:
        whole = {
            "vendor": "zendesk", "account": "acme", "lease_token": 1, "tries": 0, "waits": 0, "own_tags": ["a", "b"],
            "subject": "The export of the contacts fails", "applied": {"priority": "high"}, "looked_at": NOW,
        }  # fmt: skip
        digest = self.runtime.policy.digest
        for number in range(3 * open_tickets):
            one = whole | {"ticket_id": str(number), "rank": number % 5, "status": "solved", "policy_digest": ""}
            if number % 3 == 0:
                due = NOW - timedelta(minutes=1) if number < 3 * DUE else NOW + timedelta(days=9, seconds=number)
                one |= {"status": "open", "policy_digest": digest, "due_at": due}
            yield one if number % 3 == 0 else one | {"due_at": None}

    def _count(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            self.asked.append((statement, parameters))

    def sweep(self) -> tuple[float, int, int]:
        """Seconds, queries, requests to the vendor."""
        self.at += timedelta(seconds=30)
        self.asked.clear()
        self.vendor.asked = 0
        began = time.perf_counter()
        assert sweep(self.runtime) == 500  # noqa: S101 - what is measured must have happened
        return time.perf_counter() - began, len(self.asked), self.vendor.asked

    def whole_tables(self) -> list[str]:
        """The newest sweep's statements for which the database, by its own plan, would read every ticket."""
        engine = self.runtime.store._engine
        sqlite = engine.dialect.name == "sqlite"
        ask = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        reads = re.compile(_SEARCHED if sqlite else r"Seq Scan on ticket\b")
        with engine.connect() as connection:
            plans = [(one, connection.exec_driver_sql(ask + one, given).all()) for one, given in list(self.asked)]
        return [" ".join(one.split()) for one, plan in plans if any(reads.search(str(row[-1])) for row in plan)]

    def proof(self) -> float:
        """Seconds of the question whether all is covered."""
        began = time.perf_counter()
        self.runtime.store.coverage(self.at, timedelta(minutes=15), [("zendesk", "acme")])
        return time.perf_counter() - began

    def close(self) -> None:
        self.runtime.store.close()


def main() -> bool:
    """Print the figures; False when a ceiling is broken."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stores = {"SQLite": [f"sqlite:///{Path(folder)}/{name}.db" for name in ("many", "few")]}
        try:
            stores["PostgreSQL"] = list(_databases(stack.enter_context(postgres_server())))
        except pytest.skip.Exception as lacking:
            print(f"sweep     not measured on PostgreSQL: {lacking}")
        kept = [_measured(name, *urls) for name, urls in stores.items()]
        return all(kept)


def _databases(server: str) -> Iterator[str]:
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        for name in ("many", "few"):
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            yield server.rsplit("/", 1)[0] + f"/{name}"


def _measured(name: str, many_url: str, few_url: str) -> bool:
    many, few = Store(many_url, OPEN), Store(few_url, DUE)
    for store in (many, few):  # the first connection, the policy, the gap sweep
        store.sweep()
    pairs = [(many.sweep(), few.sweep()) for _ in range(ROUNDS)]
    scans = many.whole_tables()
    proof = sorted(many.proof() for _ in range(ROUNDS))[ROUNDS // 2]
    many.close()
    few.close()
    seconds, queries, asked = sorted(one for one, _ in pairs)[ROUNDS // 2]
    same = {one[1] for pair in pairs for one in pair} == {queries}
    ratio = sorted(one[0] / other[0] for one, other in pairs)[ROUNDS // 2]
    print(
        f"sweep     {seconds * 1000:5.1f} ms over {OPEN:,} open tickets of which {DUE:,} are due on {name}, "
        f"{ratio:4.1f} times one over the due alone (ceiling {CEILING}); {queries} queries (ceiling {MOST_QUERIES}, "
        f"there {'as many' if same else 'others'}), "
        f"{asked} request to the vendor (who we are); the proof of coverage {proof * 1000:.1f} ms"
    )
    for statement in scans:
        print(f"          reads every ticket: {statement[:200]}")
    return ratio <= CEILING and asked == 1 and same and queries <= MOST_QUERIES and not scans
