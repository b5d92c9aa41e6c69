"""The way to Redis: short timeouts, and a moment's rest after a failure, so that nobody ever waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import redis

SECONDS = 0.25
"""A socket's timeout. Redis answers within a millisecond or is of no use here."""

REST = 1.0
"""Seconds before Redis is tried again after it failed."""

T = TypeVar("T")


class Away(Exception):
    """Redis does not answer now: count in this process."""


class Connection:
    """One process's connections, made on first use."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=None, decode_responses=True
        )
        self._again_at = 0.0

    def ask(self, question: Callable[[redis.Redis], T]) -> T:
        """The answer to a question. Raises Away, at once while it rests."""
        if time.monotonic() < self._again_at:
            raise Away
        try:
            return question(self._client)
        except (redis.RedisError, OSError):
            self._again_at = time.monotonic() + REST
            raise Away from None


def connect(url: str) -> Connection | None:
    """The way to the Redis of this address; None where there is none (``memory://``, or not set)."""
    return Connection(url) if url.startswith(("redis://", "rediss://", "unix://")) else None
