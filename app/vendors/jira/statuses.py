"""What the statuses of a site mean: an issue tells the category of the one that it is in, not of those it was in."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

AGAIN = 300.0
"""Seconds before an unknown status makes us read the list again."""

KEPT = 3600.0
"""Seconds after which even a known one does."""

_Category = Mapping[str, Any]


class Statuses:
    """Categories by a status's id. ``read`` gives the whole list and may raise what a read raises."""

    def __init__(self, read: Callable[[], Iterable[Any]], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._read_at: float | None = None
        self._known: Mapping[str, _Category] = MappingProxyType({})

    def categories(self, wanted: Collection[str]) -> Mapping[str, _Category]:
        """The categories that are known, after the list was read where it may know a wanted one that we do not."""
        now = self._clock()
        known = all(one in self._known for one in wanted)
        if wanted and (self._read_at is None or now - self._read_at >= (KEPT if known else AGAIN)):
            self._known = categories_of(self._read())
            self._read_at = now
        return self._known


def categories_of(statuses: Iterable[Any]) -> Mapping[str, _Category]:
    """The category of each status by its id, of those that tell one."""
    told = (one for one in statuses if isinstance(one, dict) and isinstance(one.get("statusCategory"), dict))
    return MappingProxyType({str(one.get("id")): one["statusCategory"] for one in told})
