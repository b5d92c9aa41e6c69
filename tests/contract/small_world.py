"""A sandbox Zendesk and the workers' own functions in one process, under one clock that the test moves: an hour of a
busy account in a few seconds. Nothing of ours is replaced but the doorbell: it keeps the rings for the loop below."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from werkzeug.test import Client

from app.runtime import Runtime
from app.sandbox import desk_side, people
from app.sandbox.webhooks import Sender
from app.sandbox.zendesk import rest
from app.sandbox.zendesk.account import Account
from app.store.migrate import migrate
from app.triage.ticket import Event, Ref
from app.vendors.answers import Gated
from app.vendors.zendesk.client import ZendeskClient
from config.accounts import ZendeskAccount
from config.settings import Settings
from workers.reconcile import reconcile
from workers.sweep import sweep

URL = "http://127.0.0.1:1"
RUN = timedelta(seconds=0.05)
QUESTION = "How do I export my contacts to a spreadsheet? This is number {} of our questions."
BREACH = "An intruder is in our account right now and downloads customer data. It is a breach."


class Clock:
    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()


class InSandbox(HTTPAdapter):
    """Hands a request to the sandbox without a socket. ``trouble`` may answer in its place, with a status."""

    world: World

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        status = self.world.trouble()
        asked = (self.world.clock.seconds(), request.method or "", request.path_url.partition("?")[0])
        response = requests.Response()
        response.request, response.url = request, request.url or ""
        if status:
            response.status_code, response._content = status, b"<html>Service unavailable</html>"
        else:
            with self.world.http.open(
                request.path_url, method=request.method, headers=list(request.headers.items()), data=request.body
            ) as answer:
                response.status_code, response._content = answer.status_code, answer.get_data()
                response.headers.update(dict(answer.headers))
        self.world.asked.append((*asked, response.status_code))
        return response


class _Adapter(Gated, InSandbox):
    pass


class Rings:
    """Celery's place: what was rung, and when it is to be heard."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.line, self.count = clock, list[tuple[datetime, int, str]](), itertools.count()

    def send_task(self, name: str, args: list[str], countdown: float | None = None, **_: Any) -> None:
        at = self.clock.at + timedelta(seconds=countdown or 0)
        heapq.heappush(self.line, (at, next(self.count), args[0]))


class World:
    """``updates`` and ``requests`` are the account's limits a minute; the sandbox counts the former by itself. ``url``
    is the store's, where it is not a file of SQLite's. ``looked`` says which tickets were looked at, and when."""

    def __init__(self, folder: Path, *, updates: int, requests: int, url: str = "") -> None:
        self.clock = Clock()
        sender = Sender()
        self.account = Account({people.WORKER_EMAIL: people.WORKER_TOKEN}, sender)
        limits = self.account.limits
        limits.updates.total, limits.requests.total = updates, requests
        for window in (limits.updates, limits.per_ticket, limits.export, limits.requests):
            window.clock = self.clock.seconds
        self.http = Client(rest.create_app(self.account))
        self.asked: list[tuple[float, str, str, int]] = []
        self.trouble: Callable[[], int] = lambda: 0
        token = SecretStr(people.WORKER_TOKEN)
        zendesk = ZendeskAccount(
            url=URL, email=people.WORKER_EMAIL, token=token, updates_per_minute=updates, requests_per_minute=requests
        )
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None,
            mode="auto",
            model="off",  # what phrases and rules make of a text can be foretold
            database_url=url or f"sqlite:///{folder}/store.db",
            redis_url="memory://",
            zendesk={"acme": zendesk},
        )
        migrate(settings.database_url)
        self.runtime = Runtime(settings, now=self.clock)
        self.rings = Rings(self.clock)
        self.runtime.celery = self.rings  # type: ignore[assignment]
        client = self.runtime.client("zendesk", "acme")
        assert isinstance(client, ZendeskClient)
        adapter = _Adapter(self.runtime.gate("zendesk", "acme"))
        adapter.world = self
        client._zenpy.tickets.session.mount(URL, adapter)
        self.outcomes: Counter[str] = Counter()
        self.looked: list[tuple[datetime, Ref]] = []
        self._deliveries, self._customers = itertools.count(), itertools.count(1)
        self._next_sweep = self.clock.at

    def file(self, body: str) -> Ref:
        """A customer writes in, each time another one, and the receiver hears of it."""
        person = f"Ann {next(self._customers)}"
        ticket = desk_side.zendesk_create(self.account, {"subject": "Question", "body": body, "requester": person})
        ref = Ref("zendesk", "acme", str(ticket["id"]))
        self.tell(ref, "created")
        return ref

    def tell(self, ref: Ref, kind: str) -> None:
        """A delivery about a ticket arrives and rings."""
        self.runtime.store.record(Event(ref, kind, f"d{next(self._deliveries)}"), "x", self.clock.at)
        self.rings.send_task("", [str(ref)])

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass: rings are answered one after another, the sweep comes twice a minute. Whether ``until`` came
        to hold."""
        end = self.clock.at + timedelta(seconds=seconds)
        while self.clock.at < end:
            if self._next_sweep <= self.clock.at:
                sweep(self.runtime)
                self._next_sweep += timedelta(seconds=self.runtime.settings.sweep_seconds)
            elif self.rings.line and self.rings.line[0][0] <= self.clock.at:
                self._answer(Ref.parse(heapq.heappop(self.rings.line)[2]))
                if until():
                    return True
            else:
                later = [self._next_sweep, *(ring[0] for ring in self.rings.line[:1])]
                self.clock.at = max(self.clock.at, min(end, *later))
        return until()

    def _answer(self, ref: Ref) -> None:
        before = len(self.asked)
        result = reconcile(self.runtime, ref)
        self.outcomes[result.outcome] += 1
        if result.outcome != "not_due":
            self.looked.append((self.clock.at, ref))
        self.clock.at += RUN if len(self.asked) > before else timedelta()
        if result.again is not None:
            self.rings.send_task("", [str(result.again)], countdown=min(result.delay, 60.0))

    def notes(self, ref: Ref) -> int:
        """How many notes of ours a ticket has."""
        return sum("Firstline note" in str(one["body"]) for one in self.account.records.comments[int(ref.id)])

    def statuses(self) -> Mapping[int, int]:
        """How often each status was answered."""
        return Counter(status for *_, status in self.asked)

    def close(self) -> None:
        self.runtime.store.close()
