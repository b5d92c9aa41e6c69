"""The gate before one account: whether a request may go out now, and how much room there is for waiting tickets.

P0 and P1 may use all of a limit. A ticket that is looked at for the first time, whose severity nobody knows yet, and
one whose writing has begun leave a tenth of it free; every other leaves a fifth.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Protocol

from app.budget.breaker import Breaker, LocalBreaker
from app.budget.connection import Connection
from app.budget.window import Bucket, LocalWindows, Windows
from app.errors import Held

URGENT = 1
"""The rank of P1: this and better may use the whole of a limit."""

BEGUN_LEAVES, WAITING_LEAVES = 0.1, 0.2
UNTOLD = 10.0
"""Seconds that what an answer says holds for, where it does not say until when."""


class Told(Protocol):
    """What an answer says of a bucket."""

    @property
    def bucket(self) -> Bucket: ...
    @property
    def left(self) -> int: ...
    @property
    def total(self) -> int | None: ...
    @property
    def resets(self) -> float | None: ...


class Limits(Protocol):
    """What is known about one account's limits; ``app.vendors`` has one for each vendor."""

    @property
    def wide(self) -> Sequence[Bucket]:
        """The buckets of the whole account that are worth a gauge."""
        ...

    @property
    def ticket(self) -> Sequence[tuple[Bucket, int]]:
        """What one ticket uses up from being read to being written, about."""
        ...

    @property
    def look(self) -> Sequence[tuple[Bucket, int]]:
        """What one ticket uses up when it is read."""
        ...

    def buckets(self, method: str, path: str) -> Sequence[Bucket]:
        """The buckets that a request counts in."""
        ...

    def told(self, method: str, path: str, status: int, headers: Mapping[str, str], now: float) -> Sequence[Told]:
        """What an answer's headers say. ``now`` is in seconds since 1970, for resets that are given as a time."""
        ...


class _Turn(threading.local):
    """The ticket that this thread works on."""

    share = BEGUN_LEAVES
    rank: int | None = None


class Budget:
    """The gate of one account, shared by all workers through Redis. ``clock`` is the workers' own; ``memory`` names
    what this process counts by itself: gates with the same share it."""

    def __init__(
        self,
        account: str,
        limits: Limits,
        connection: Connection | None,
        clock: Callable[[], datetime],
        memory: str = "",
    ) -> None:
        windows, breaker = _memory(memory, account)
        self._limits, self._clock = limits, clock
        self._windows = Windows(f"firstline:budget:{account}", connection, windows)
        self._breaker = Breaker(f"firstline:breaker:{account}", connection, breaker)
        self._account, self._turn = account, _Turn()

    # One request

    def admit(self, method: str, path: str) -> None:
        """Count a request that is about to be sent. Raises Held where it must not go out now."""
        now = self._now()
        wait = self._breaker.admit(now)
        if wait > 0:
            raise Held(f"{self._account} does not answer; asked again in {wait:.0f} s", after=wait)
        full = self._windows.take(self._limits.buckets(method, path), self._turn.share, now)
        if full is None:
            if method not in ("GET", "HEAD") and self._turn.share > BEGUN_LEAVES:
                self._turn.share = BEGUN_LEAVES  # a ticket whose writing has begun had better be finished
            return
        if wait < 0:
            self._breaker.not_probed(now)
        raise Held(f"the limit {full.bucket} of {self._account} is used up for {full.after:.0f} s", after=full.after)

    def answered(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer what is left, and whether the vendor is well."""
        now = self._now()
        if status >= 500:
            self._breaker.failed(now)
        else:
            self._breaker.succeeded()
        for told in self._limits.told(method, path, status, headers, now):
            seconds = told.resets
            if seconds is None:  # jitter, so that not everything that was turned away comes back at once
                seconds = UNTOLD * random.uniform(0.5, 1.0) if told.left == 0 else UNTOLD  # noqa: S311 - no secret
            total = told.bucket.limit if told.total is None else told.total
            self._windows.hear(told.bucket, told.left, total, now + seconds, now)

    def unanswered(self, method: str, path: str) -> None:
        """No answer came."""
        self._breaker.failed(self._now())

    # One ticket

    @property
    def rank(self) -> int | None:
        """The rank of the severity that was decided in this turn, None while nothing was."""
        return self._turn.rank

    def begin(self, rank: int | None) -> None:
        """A ticket's turn begins. ``rank`` is what is known of one that waited, None for one that is new.

        Raises Held where a ticket of no urgency waits and could not be written now: reading it would be a waste.
        """
        self._turn.rank, self._turn.share = None, BEGUN_LEAVES if rank is None else WAITING_LEAVES
        if rank is not None and rank > URGENT and not self.room(0.0):
            raise Held(f"no room in the limits of {self._account} yet", after=1.0)

    def decided(self, rank: int) -> None:
        """The ticket's severity is known now."""
        self._turn.rank = rank
        self._turn.share = 0.0 if rank <= URGENT else WAITING_LEAVES

    def end(self) -> None:
        """The ticket's turn is over."""
        self._turn.rank, self._turn.share = None, BEGUN_LEAVES

    # Everybody

    def room(self, seconds: float, *, to_write: bool = True) -> int:
        """How many waiting tickets may be tried within so many seconds, to be written or else to be read at last; one
        while the breaker is open."""
        now = self._now()
        if self._breaker.open():
            return 1
        uses = self._limits.ticket if to_write else self._limits.look
        return min(self._windows.left(bucket, WAITING_LEAVES, now, seconds) // each for bucket, each in uses)

    def remaining(self) -> Iterator[tuple[str, int]]:
        """What is left now of each limit of the account, by its name; nothing while Redis is away."""
        now = self._now()
        for bucket in self._limits.wide:
            left = self._windows.left_for_all(bucket, 0.0, now)
            if left is not None:
                yield bucket.name, left

    def open(self) -> bool:
        """Whether the circuit breaker is open."""
        return self._breaker.open()

    def _now(self) -> float:
        return self._clock().timestamp()


@cache
def _memory(scope: str, account: str) -> tuple[LocalWindows, LocalBreaker]:
    """What this process counts by itself. One for all gates of an account and a store: with the broker ``memory://``
    the pages and the workers share a process but not their parts."""
    return LocalWindows(), LocalBreaker()
