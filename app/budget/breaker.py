"""The circuit breaker of an account: after five failures in a row nothing is sent but one probe every half a minute."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from app.budget.connection import Away, Connection

FAILURES = 5
PROBE_SECONDS = 30.0
_FORGET = 3_600_000  # milliseconds: a breaker that nobody has asked for an hour is closed

_ADMIT = """
local failures = tonumber(redis.call('HGET', KEYS[1], 'failures') or '0')
if failures < tonumber(ARGV[2]) then return '0' end
local probe = redis.call('HGET', KEYS[1], 'probe')
if tonumber(probe) > tonumber(ARGV[1]) then return tostring(tonumber(probe) - tonumber(ARGV[1])) end
redis.call('HSET', KEYS[1], 'probe', ARGV[3])
return '-1'
"""
_FAILED = """
if redis.call('HINCRBY', KEYS[1], 'failures', 1) == tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'probe', ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
"""


@dataclass
class LocalBreaker:
    """The breaker of one process."""

    failures: int = 0
    probe_at: float = 0.0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def admit(self, now: float) -> float:
        """0: go on; -1: go on, as the probe; else the seconds until the next probe."""
        with self._lock:
            if self.failures < FAILURES:
                return 0.0
            if self.probe_at > now:
                return self.probe_at - now
            self.probe_at = now + PROBE_SECONDS
            return -1.0

    def failed(self, now: float) -> None:
        with self._lock:
            self.failures += 1
            if self.failures == FAILURES:
                self.probe_at = now + PROBE_SECONDS

    def succeeded(self) -> None:
        with self._lock:
            self.failures = 0


class Breaker:
    """The breaker that all workers share, and this process's own while Redis is away."""

    def __init__(self, key: str, connection: Connection | None, local: LocalBreaker) -> None:
        self._key, self._connection, self._local = key, connection, local

    def admit(self, now: float) -> float:
        """0: go on; -1: go on, as the one probe; else the seconds until the next probe."""
        if self._connection is None:
            return self._local.admit(now)
        args: list[str | float] = [repr(now), FAILURES, repr(now + PROBE_SECONDS)]
        try:
            return float(self._connection.ask(lambda client: client.register_script(_ADMIT)([self._key], args)))
        except Away:
            return self._local.admit(now)

    def not_probed(self, now: float) -> None:
        """The probe could not be sent after all: the next request may be it."""
        self._local.probe_at = now
        if self._connection is not None:
            connection, key = self._connection, self._key
            try:
                connection.ask(lambda client: client.hset(key, "probe", repr(now)))
            except Away:
                return

    def failed(self, now: float) -> None:
        """A request was answered 5xx or not at all."""
        self._local.failed(now)
        if self._connection is not None:
            args: list[str | float] = [FAILURES, repr(now + PROBE_SECONDS), _FORGET]
            try:
                self._connection.ask(lambda client: client.register_script(_FAILED)([self._key], args))
            except Away:
                return

    def succeeded(self) -> None:
        """A request was answered otherwise: the vendor is there."""
        self._local.succeeded()
        if self._connection is not None:
            try:
                self._connection.ask(lambda client: client.delete(self._key))
            except Away:
                return

    def open(self) -> bool:
        """Whether requests are being held back."""
        if self._connection is not None:
            try:
                failures = self._connection.ask(lambda client: client.hget(self._key, "failures"))
            except Away:
                pass
            else:
                return int(failures or 0) >= FAILURES
        return self._local.failures >= FAILURES
