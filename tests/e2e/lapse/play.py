"""Plays stories on an installation, from one instant to the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from app.triage.ticket import Ref
from tests.e2e.lapse.desk import happen
from tests.e2e.lapse.installation import LapseInstallation
from tests.e2e.lapse.stories import Story


def play(
    installation: LapseInstallation,
    stories: Sequence[Story],
    end: datetime,
    *,
    down: tuple[datetime, datetime] | None = None,
    sweeps: int = 1,
) -> dict[int, Ref]:
    """Play until ``end``, the workers dead from one instant of ``down`` to the other; the tickets by story."""
    line = deque(sorted(((one.at, n, one) for n, story in enumerate(stories) for one in story.happenings), key=_key))
    refs: dict[int, Ref] = {}
    outages = deque(down or ())
    while True:
        working = len(outages) != 1
        due = installation.next_due() if working else None
        at = min(filter(None, (line[0][0] if line else None, due, outages[0] if outages else None)), default=end)
        if at >= end:
            return refs
        installation.set(max(at, installation.now))
        while line and line[0][0] <= at:
            _, number, happening = line.popleft()
            happen(installation, refs, stories[number], happening)
        installation.delivered()
        if outages and outages[0] <= at:
            outages.popleft()
            if working:
                installation.kill_workers()
            else:
                installation.start_workers()
        elif due and due <= at:
            installation.sweep(sweeps)
        elif working:
            installation.settle()


def _key(entry: tuple[datetime, int, object]) -> tuple[datetime, int]:
    return entry[:2]
