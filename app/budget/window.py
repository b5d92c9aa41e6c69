"""Sliding windows: at most ``limit`` uses in any ``seconds``, by an exact log of the uses.

The uses of a request in all its buckets are checked and taken in one step, so that no interleaving of workers takes
one too many. What the vendor says of a bucket can only lower the count: others use the same budget.
"""

from __future__ import annotations

import math
import threading
import uuid
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.budget.connection import Away, Connection

LONGEST = 3600.0
"""Seconds after which a use counts in no bucket any more."""

MANY = 10_000
"""Buckets that one process remembers before it forgets those that are empty."""


class Bucket(Protocol):
    """One limit of an account, or of the ``key`` within it."""

    @property
    def name(self) -> str: ...
    @property
    def limit(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Full:
    """There is no room in a bucket for ``after`` seconds."""

    bucket: str
    after: float


def spare(bucket: Bucket, limit: int, share: float) -> int:
    """How many uses of an account's bucket stay free for more urgent ones: the share, at least one, never all."""
    return 0 if bucket.key or share <= 0 else min(max(1, math.floor(limit * share)), limit - 1)


@dataclass(slots=True)
class _Use:
    """What is known of one bucket: when it was used, and what the vendor said last, until when."""

    log: list[float] = field(default_factory=list)
    left: int = 0
    total: int = 0
    until: float = -math.inf

    def full_for(self, bucket: Bucket, share: float, now: float) -> float:
        """Seconds until there is room; 0 when there is."""
        del self.log[: bisect_right(self.log, now - bucket.seconds)]
        spoken = self.until > now
        kept = spare(bucket, min(bucket.limit, self.total) if spoken else bucket.limit, share)
        over = len(self.log) - (bucket.limit - kept)
        wait = self.log[over] + bucket.seconds - now if over >= 0 else 0.0
        return max(wait, self.until - now) if spoken and self.left <= kept else wait

    def use(self, now: float) -> None:
        self.log.insert(bisect_right(self.log, now), now)
        self.left -= 1

    def alive(self, now: float) -> bool:
        return self.until > now or (bool(self.log) and self.log[-1] > now - LONGEST)

    def hear(self, left: int, total: int, until: float, now: float) -> None:
        if self.until > now:
            if left > 0 or (self.left <= 0 and self.until > until):
                until = self.until
            left, total = min(left, self.left), min(total, self.total)
        self.left, self.total, self.until = left, total, until


class LocalWindows:
    """The windows of one process."""

    def __init__(self) -> None:
        self._uses: dict[tuple[str, str], _Use] = {}
        self._lock = threading.Lock()

    def take(self, buckets: Sequence[Bucket], share: float, now: float) -> Full | None:
        """Use every bucket once, or none of them where one is full."""
        with self._lock:
            uses = [self._of(bucket) for bucket in buckets]
            waits = [use.full_for(bucket, share, now) for use, bucket in zip(uses, buckets, strict=True)]
            worst = max(waits, default=0.0)
            if worst > 0:
                return Full(buckets[waits.index(worst)].name, worst)
            for use in uses:
                use.use(now)
            self._prune(now)
        return None

    def note(self, buckets: Sequence[Bucket], now: float) -> None:
        """Count a use that was admitted elsewhere."""
        with self._lock:
            for bucket in buckets:
                use = self._of(bucket)
                use.full_for(bucket, 0.0, now)  # forgets what is over
                use.use(now)
            self._prune(now)

    def hear(self, bucket: Bucket, left: int, total: int, until: float, now: float) -> None:
        """The vendor says that ``left`` of ``total`` uses remain until then. It never raises what is left before."""
        with self._lock:
            self._of(bucket).hear(left, total, until, now)

    def left(self, bucket: Bucket, share: float, now: float, ahead: float = 0.0) -> int:
        """How many uses there is room for by ``ahead`` seconds from now."""
        with self._lock:
            use = self._of(bucket)
            used = len(use.log) - bisect_right(use.log, now + ahead - bucket.seconds)
            spoken = (use.left, use.total) if use.until > now + ahead else None
        return _room(bucket, share, used, spoken)

    def _prune(self, now: float) -> None:
        if len(self._uses) > MANY:  # those of single tickets would gather for ever
            self._uses = {key: use for key, use in self._uses.items() if use.alive(now)}

    def _of(self, bucket: Bucket) -> _Use:
        return self._uses.setdefault((bucket.name, bucket.key), _Use())


def _room(bucket: Bucket, share: float, used: int, spoken: tuple[int, int] | None) -> int:
    left, total = spoken or (bucket.limit, bucket.limit)
    kept = spare(bucket, min(bucket.limit, total), share)
    return max(0, min(bucket.limit - used, left) - kept)


_TAKE = """
local worst, which = 0, 0
local now = tonumber(ARGV[1])
for i = 1, #KEYS / 2 do
  local log, told, at = KEYS[2 * i - 1], KEYS[2 * i], 5 * i - 2
  local limit, seconds, share = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  redis.call('ZREMRANGEBYSCORE', log, '-inf', ARGV[at + 3])
  local said = redis.call('HMGET', told, 'left', 'total', 'until')
  local spoken, cap = said[3] and tonumber(said[3]) > now, limit
  if spoken then cap = math.min(limit, tonumber(said[2])) end
  local kept = 0
  if share > 0 then kept = math.min(math.max(1, math.floor(cap * share)), cap - 1) end
  local wait, over = 0, redis.call('ZCARD', log) - (limit - kept)
  if over >= 0 then
    wait = tonumber(redis.call('ZRANGE', log, over, over, 'WITHSCORES')[2]) + seconds - now
  end
  if spoken and tonumber(said[1]) <= kept then wait = math.max(wait, tonumber(said[3]) - now) end
  if wait > worst then worst, which = wait, i end
end
if which > 0 then return {which, tostring(worst)} end
for i = 1, #KEYS / 2 do
  redis.call('ZADD', KEYS[2 * i - 1], ARGV[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[2 * i - 1], ARGV[5 * i + 2])
  if redis.call('EXISTS', KEYS[2 * i]) == 1 then redis.call('HINCRBY', KEYS[2 * i], 'left', -1) end
end
return {0, '0'}
"""

_HEAR = """
local left, total, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local said = redis.call('HMGET', KEYS[1], 'left', 'total', 'until')
local stop = ARGV[3]
if said[3] and tonumber(said[3]) > now then
  if left > 0 or (tonumber(said[1]) <= 0 and tonumber(said[3]) > tonumber(stop)) then stop = said[3] end
  left, total = math.min(left, tonumber(said[1])), math.min(total, tonumber(said[2]))
end
redis.call('HSET', KEYS[1], 'left', left, 'total', total, 'until', stop)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
"""


class Windows:
    """The windows that all workers share, and this process's own while Redis is away.

    Each process remembers its own uses besides, so that it does not start from nothing when Redis goes.
    """

    def __init__(self, prefix: str, connection: Connection | None, local: LocalWindows) -> None:
        self._prefix, self._connection, self._local = prefix, connection, local

    def take(self, buckets: Sequence[Bucket], share: float, now: float) -> Full | None:
        """Use every bucket once, or none of them where one is full."""
        if self._connection is None:
            return self._local.take(buckets, share, now)
        keys = [key for bucket in buckets for key in self._keys(bucket)]
        args: list[str | float] = [repr(now), uuid.uuid4().hex]
        for bucket in buckets:
            args += [bucket.limit, bucket.seconds, 0 if bucket.key else share, repr(now - bucket.seconds)]
            args.append(int(bucket.seconds * 1000) + 1000)
        try:
            which, wait = self._connection.ask(lambda client: client.register_script(_TAKE)(keys, args))
        except Away:
            return self._local.take(buckets, share, now)
        if which:
            return Full(buckets[int(which) - 1].name, float(wait))
        self._local.note(buckets, now)
        return None

    def hear(self, bucket: Bucket, left: int, total: int, until: float, now: float) -> None:
        """The vendor says that ``left`` of ``total`` uses remain until then. It never raises what is left before."""
        self._local.hear(bucket, left, total, until, now)
        if self._connection is None:
            return
        args: list[str | float] = [left, total, repr(until), repr(now), max(1000, int((until - now) * 1000))]
        try:
            self._connection.ask(lambda client: client.register_script(_HEAR)([self._keys(bucket)[1]], args))
        except Away:
            return

    def left(self, bucket: Bucket, share: float, now: float, ahead: float = 0.0) -> int:
        """How many uses there is room for by ``ahead`` seconds from now."""
        left = self.left_for_all(bucket, share, now, ahead)
        return self._local.left(bucket, share, now, ahead) if left is None else left

    def left_for_all(self, bucket: Bucket, share: float, now: float, ahead: float = 0.0) -> int | None:
        """The same as all workers together count it; None while Redis is away and nobody knows."""
        if self._connection is None:
            return self._local.left(bucket, share, now, ahead)
        log, told = self._keys(bucket)
        try:
            used, said = self._connection.ask(
                lambda client: (
                    client.zcount(log, f"({now + ahead - bucket.seconds!r}", "+inf"),
                    client.hmget(told, ["left", "total", "until"]),
                )
            )
        except Away:
            return None
        spoken = (int(said[0] or 0), int(said[1] or 0)) if all(said) and float(said[2] or 0) > now + ahead else None
        return _room(bucket, share, int(used), spoken)

    def _keys(self, bucket: Bucket) -> tuple[str, str]:
        name = f"{self._prefix}:{bucket.name}:{bucket.key}"
        return name, f"{name}:told"
