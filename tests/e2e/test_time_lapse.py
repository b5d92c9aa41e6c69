"""Fourteen days in minutes: every promise is kept at its instant, in its calendar, once, whatever happens to us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.lapse.desk import Seen, seen
from tests.e2e.lapse.expected import expected
from tests.e2e.lapse.installation import MOST_TICKS, TICK, LapseInstallation
from tests.e2e.lapse.office import RULES
from tests.e2e.lapse.play import play
from tests.e2e.lapse.stories import LENGTH, START, Story, stories

END = START + LENGTH
NIGHT = (START + timedelta(days=8, hours=8), START + timedelta(days=8, hours=14))
"""Six hours of a working day without a worker."""

LATE = MOST_TICKS * TICK
SMALL, FULL = 30, 500


def test_every_clock_of_thirty_tickets_fires_once_and_at_its_instant(tmp_path: Path) -> None:
    assert_as_expected(LapseInstallation(tmp_path, START, RULES), stories(SMALL))


@pytest.mark.soak
def test_every_clock_of_500_tickets_fires_once_and_at_its_instant(tmp_path: Path) -> None:
    assert_as_expected(LapseInstallation(tmp_path, START, RULES), stories(FULL))


@pytest.mark.soak
def test_after_six_hours_without_a_worker_each_overdue_step_is_done_once(tmp_path: Path) -> None:
    assert_as_expected(LapseInstallation(tmp_path, START, RULES), stories(FULL), down=NIGHT)


@pytest.mark.soak
def test_two_sweeps_at_once_with_two_workers_on_postgresql_double_nothing(tmp_path: Path, postgres: str) -> None:
    installation = LapseInstallation(tmp_path, START, RULES, database=postgres, workers=2)
    assert_as_expected(installation, stories(FULL), sweeps=2)


def assert_as_expected(
    installation: LapseInstallation,
    told: Sequence[Story],
    *,
    down: tuple[datetime, datetime] | None = None,
    sweeps: int = 1,
) -> None:
    """Play the stories and compare each ticket with what must be seen on it."""
    try:
        installation.start()
        refs = play(installation, told, END, down=down, sweeps=sweeps)
        differences = [
            difference
            for story in told
            for difference in compared(story, seen(installation, refs[story.number]), expected(story, END, down))
        ]
        if differences:
            pytest.fail("\n".join(differences), pytrace=False)
        assert installation.store.parked() == []
    finally:
        installation.stop()


def compared(story: Story, found: Sequence[Seen], wanted: Sequence[Seen]) -> list[str]:
    """What was seen and not wanted, or wanted and not seen, each at its instant or within the minute in which a write
    may have waited."""
    left = list(found)
    lines = []
    for one in wanted:
        match = next((f for f in left if f.what == one.what and timedelta() <= f.at - one.at < LATE), None)
        if match:
            left.remove(match)
        else:
            lines.append(f"missing   {one.at:%d %H:%M} {one.what}")
    lines += [f"too many  {one.at:%d %H:%M:%S} {one.what}" for one in left]
    course = ", ".join(f"{one.kind} {one.at:%d %H:%M}" for one in story.happenings)
    return [f"{story.vendor} {story.number} {story.severity} ({course})", *lines] if lines else []
