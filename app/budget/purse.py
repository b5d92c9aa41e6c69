"""The money that may be spent in a day (UTC), one purse for all workers: counted in Redis, and in each process while
Redis is away. What something may cost at most is taken before it is bought, and the rest is given back after."""

from __future__ import annotations

import threading
from datetime import datetime

from app.budget.connection import Away, Connection

_DAYS = 2 * 86_400_000  # milliseconds that a day's count is kept
_MILLIONTHS = 1_000_000  # counted in whole millionths of a dollar: sums of fractions drift

_TAKE = """
local spent = tonumber(redis.call('GET', KEYS[1]) or '0')
if spent + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""


class Purse:
    """A day's money in US dollars. While Redis is away each process may spend ``daily`` less what it spent itself."""

    def __init__(self, name: str, daily: float, connection: Connection | None) -> None:
        self._prefix, self._connection = f"firstline:purse:{name}", connection
        self._daily = _whole(daily)
        self._mine: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, usd: float, now: datetime) -> bool:
        """Whether there is as much left today; it is then taken. What costs nothing may always be had."""
        amount, day = _whole(usd), self._day(now)
        if self._connection is None:
            return self._take_mine(amount, day)
        args: list[str | float] = [amount, self._daily, _DAYS]
        try:
            taken = self._connection.ask(lambda client: client.register_script(_TAKE)([day], args))
        except Away:
            return self._take_mine(amount, day)
        if taken:
            self._note(amount, day)
        return bool(taken)

    def give_back(self, usd: float, now: datetime) -> None:
        """What was taken and not spent; less than nothing where more was spent. ``now`` is when it was taken."""
        amount, day = _whole(usd), self._day(now)
        self._note(-amount, day)
        if self._connection is None:
            return
        try:
            self._connection.ask(lambda client: client.decrby(day, amount))
        except Away:
            return

    def _take_mine(self, amount: int, day: str) -> bool:
        with self._lock:
            spent = self._mine.get(day, 0)
            if spent + amount > self._daily:
                return False
            self._mine = {day: spent + amount}
            return True

    def _note(self, amount: int, day: str) -> None:
        with self._lock:
            self._mine = {day: self._mine.get(day, 0) + amount}

    def _day(self, now: datetime) -> str:
        return f"{self._prefix}:{now:%Y-%m-%d}"


def _whole(usd: float) -> int:
    return round(usd * _MILLIONTHS)
