"""Rate limits: how many in which window, and when there will be room again."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Hashable


class Window:
    """At most ``total`` uses of one key in any ``seconds``; ``total`` 0 switches it off. Not locked: its owner is.
    ``clock`` gives seconds."""

    def __init__(self, total: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.seconds, self.clock = total, seconds, clock
        self._used: dict[Hashable, deque[float]] = {}

    def use(self, key: Hashable = None) -> int:
        """Count one use. Returns 0, or the whole seconds to wait when there was no room (and counts nothing)."""
        used = self._current(key)
        if self.total and len(used) >= self.total:
            return self.resets(key)
        used.append(self.clock())
        return 0

    def remaining(self, key: Hashable = None) -> int:
        """How many uses are left now."""
        return max(0, self.total - len(self._current(key)))

    def resets(self, key: Hashable = None) -> int:
        """Whole seconds until the oldest use is forgotten."""
        used = self._current(key)
        return max(1, math.ceil(used[0] + self.seconds - self.clock())) if used else math.ceil(self.seconds)

    def _current(self, key: Hashable) -> deque[float]:
        used = self._used.setdefault(key, deque())
        horizon = self.clock() - self.seconds
        while used and used[0] <= horizon:
            used.popleft()
        return used
