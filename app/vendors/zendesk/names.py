"""What an account calls its groups and statuses, and who is in which group, read when it is first asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

AGAIN = 300.0
"""Seconds before an unknown name makes us read its list again."""

KEPT = 3600.0
"""Seconds after which even a known name does."""


class Names:
    """Ids by name, without regard to case. ``read`` gives the whole list and may raise what a read raises."""

    def __init__(self, read: Callable[[], Mapping[str, int]]) -> None:
        self._read = read
        self._read_at: float | None = None
        self.ids: Mapping[str, int] = {}

    def look_up(self, name: str) -> None:
        """Read the list when it may know a name that we do not."""
        now = time.monotonic()
        if self._read_at is not None and now - self._read_at < (KEPT if name.casefold() in self.ids else AGAIN):
            return
        self.ids = {known.casefold(): its_id for known, its_id in self._read().items()}
        self._read_at = now
