"""What an account calls its groups and statuses, and who is in which group, read when it is first asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

AGAIN = 300.0
"""Seconds before an unknown name or id makes us read its list again."""

KEPT = 3600.0
"""Seconds after which even a known one does."""


class Listed(NamedTuple):
    """One entry of a list. What is no longer ``usable`` is known by its id only, for tickets that still name it."""

    id: int
    name: str
    usable: bool = True


class Names:
    """Ids by name, without regard to case, and names by id. ``read`` gives the whole list and may raise what a read
    raises."""

    def __init__(self, read: Callable[[], Iterable[Listed]]) -> None:
        self._read = read
        self._read_at: float | None = None
        self.ids: Mapping[str, int] = {}
        self.by_id: Mapping[int, str] = {}

    def look_up(self, wanted: str | int) -> None:
        """Read the list when it may know a name or an id that we do not."""
        now = time.monotonic()
        known = wanted in self.by_id if isinstance(wanted, int) else wanted.casefold() in self.ids
        if self._read_at is not None and now - self._read_at < (KEPT if known else AGAIN):
            return
        listed = list(self._read())
        self.ids = {one.name.casefold(): one.id for one in listed if one.usable}
        self.by_id = {one.id: one.name for one in listed}
        self._read_at = now
