"""Delivers webhooks: from threads of its own, at least once, in no promised order, tried again as the vendor does.

What is signed, and what is tried again, differs by vendor: a ``Hook`` knows (see ``events.py`` of each).
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from app.sandbox import moments

KEPT = 20_000
THREADS = 8
APART = 0.4  # seconds over which shuffled deliveries and duplicates are strewn


class Hook(Protocol):
    """One subscription at a vendor: where to, how signed, and how often tried."""

    url: str
    timeout: float

    def headers(self, delivery: Delivery, attempt: int) -> dict[str, str]:
        """The headers of this attempt (1 is the first), signature included."""

    def again(self, attempt: int, status: int | None, headers: Mapping[str, str], *, timed_out: bool) -> float | None:
        """Seconds until the next attempt, or None for no more. ``status`` is None when there was no answer."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one subscriber. Its ``id`` is the same on every attempt; ``subject`` is the ticket."""

    id: str
    vendor: str
    kind: str
    subject: str
    body: bytes
    hook: Hook


class Sender:
    """Sends deliveries, unless told to lose, double or shuffle them (``duplicates`` 2 sends each one twice)."""

    def __init__(self) -> None:
        self.paused, self.duplicates, self.shuffle = False, 1, False
        self.patience = 2.0  # the longest wait before another attempt: vendors wait minutes, a test does not
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Delivery, int]] = []
        self._held: list[Delivery] = []
        self._attempts: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._numbers, self._open, self._stopped = itertools.count(), 0, False
        self._sessions = threading.local()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        self._clock = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._clock.start()

    def send(self, deliveries: Iterable[Delivery]) -> None:
        """Take the deliveries and return at once."""
        with self._changed:
            for delivery in deliveries:
                if self.paused:
                    self._held.append(delivery)
                    self._note(delivery, 0, "lost", None, 0.0)
                    continue
                for copy in range(max(1, self.duplicates)):
                    later = random.random() * APART if self.shuffle or copy else 0.0  # noqa: S311 - no secret
                    self._schedule(delivery, 1, later)

    def release(self) -> int:
        """Send what was lost while paused; returns how many."""
        with self._changed:
            held, self._held = self._held, []
        self.send(held)
        return len(held)

    def attempts(self) -> list[dict[str, Any]]:
        """Every attempt, oldest first."""
        with self._changed:
            return list(self._attempts)

    def pending(self) -> int:
        """How many are still to be sent, or being sent, or waiting for another attempt."""
        with self._changed:
            return len(self._due) + self._open

    def stop(self) -> None:
        """Drop what is not sent and end the threads."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _schedule(self, delivery: Delivery, attempt: int, later: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + later, next(self._numbers), delivery, attempt))
        self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, delivery, attempt = heapq.heappop(self._due)
                self._open += 1
                self._pool.submit(self._attempt, delivery, attempt)

    def _attempt(self, delivery: Delivery, attempt: int) -> None:
        started = time.monotonic()
        status, headers, timed_out, outcome = None, dict[str, str](), False, "delivered"
        try:
            response = self._session().post(
                delivery.hook.url,
                data=delivery.body,
                headers=delivery.hook.headers(delivery, attempt),
                timeout=delivery.hook.timeout,
                allow_redirects=False,
            )
            status, headers = response.status_code, {k.lower(): v for k, v in response.headers.items()}
            if not response.ok:
                outcome = "refused"
        except requests.Timeout:
            timed_out, outcome = True, "timeout"
        except (requests.RequestException, OSError):
            outcome = "unreachable"
        again = None
        if outcome != "delivered":
            again = delivery.hook.again(attempt, status, headers, timed_out=timed_out)
        with self._changed:
            self._note(delivery, attempt, outcome, status, time.monotonic() - started)
            self._open -= 1
            if again is not None and not self._stopped:
                self._schedule(delivery, attempt + 1, min(again, self.patience))

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
            session.trust_env = False  # no proxy between the sandbox and this machine
        return session

    def _note(self, delivery: Delivery, attempt: int, outcome: str, status: int | None, took: float) -> None:
        self._attempts.append(
            {
                "at": moments.now().isoformat(),
                "id": delivery.id,
                "vendor": delivery.vendor,
                "kind": delivery.kind,
                "subject": delivery.subject,
                "url": delivery.hook.url,
                "attempt": attempt,
                "outcome": outcome,
                "status": status,
                "seconds": round(took, 4),
                "body": delivery.body.decode("utf-8", "replace"),
            }
        )
