"""Files the seeds as their customers would: a few at once, the rest over a span, later messages a little after."""

from __future__ import annotations

import heapq
import itertools
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from app.sandbox.desk_side import jira_comment, jira_create, zendesk_comment, zendesk_create
from app.sandbox.jira.site import Site
from app.sandbox.zendesk.account import Account

AT_ONCE = 5
REPLY_AFTER = 6.0  # seconds of a span of a minute
WAIT_FOR_RECEIVER = 30.0


@dataclass(frozen=True, slots=True)
class Seed:
    """One ticket to file; ``then`` are its later messages. ``expect`` is what a careful reader makes of it all,
    ``at_first`` of the first message, where that differs; neither is served by the APIs."""

    vendor: str
    given: dict[str, Any]
    then: tuple[dict[str, Any], ...]
    expect: dict[str, list[str]]
    at_first: dict[str, list[str]]


def seeds() -> list[Seed]:
    """All seeds, the two vendors mixed as they are to be filed."""
    zendesk, jira = _read("zendesk"), _read("jira")
    share = len(zendesk) / max(1, len(zendesk) + len(jira))
    mixed: list[Seed] = []
    while zendesk or jira:
        behind = sum(one.vendor == "zendesk" for one in mixed) <= share * len(mixed)
        mixed.append((zendesk if zendesk and (behind or not jira) else jira).pop(0))
    return mixed


def _read(vendor: str) -> list[Seed]:
    text = resources.files("app.sandbox.seeds").joinpath(f"{vendor}.toml").read_text("utf-8")
    found = []
    for entry in tomllib.loads(text)["ticket"]:
        given = {name: value for name, value in entry.items() if name not in ("then", "expect", "at_first")}
        found.append(Seed(vendor, given, tuple(entry.get("then", ())), entry["expect"], entry.get("at_first", {})))
    return found


class Seeding:
    """A thread that files the seeds over ``over`` seconds, once the first receiver listens."""

    def __init__(self, account: Account, site: Site, over: float, receivers: Sequence[str]) -> None:
        self._account, self._site, self._over, self._receivers = account, site, over, receivers
        self._plan: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="seeding", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """File no more."""
        self._stopped.set()

    def _run(self) -> None:
        for address in self._receivers:
            self._wait_for(address)
        began, every = time.monotonic(), seeds()
        step = self._over / max(1, len(every) - AT_ONCE + 1)
        for number, seed in enumerate(every):
            at = max(0, number - AT_ONCE + 1) * step
            self._later(at, partial(self._file, seed, at))
        while self._plan:
            seconds, _, act = heapq.heappop(self._plan)
            if self._stopped.wait(max(0.0, began + seconds - time.monotonic())):
                return
            act()

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        heapq.heappush(self._plan, (seconds, next(self._numbers), act))

    def _file(self, seed: Seed, at: float) -> None:
        """File the ticket and plan its later messages."""
        write: Callable[[dict[str, Any]], object]
        if seed.vendor == "zendesk":
            write = partial(zendesk_comment, self._account, zendesk_create(self._account, seed.given)["id"])
        else:
            write = partial(jira_comment, self._site, jira_create(self._site, seed.given).key)
        for number, message in enumerate(seed.then, 1):
            self._later(at + number * REPLY_AFTER * min(1.0, self._over / 60), partial(write, message))

    def _wait_for(self, address: str) -> None:
        """A receiver that starts beside the sandbox may need a moment; what it misses it would never see."""
        parts, deadline = urlsplit(address), time.monotonic() + WAIT_FOR_RECEIVER
        while time.monotonic() < deadline and not self._stopped.wait(0.1):
            with suppress(OSError), socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1):
                return
