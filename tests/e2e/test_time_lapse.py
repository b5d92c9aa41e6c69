"""Fourteen days in minutes: every promise is kept at its instant, in its calendar, once, whatever happens to us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.lapse.desk import Seen, seen
from tests.e2e.lapse.expected import WATCHED, expected
from tests.e2e.lapse.installation import MOST_TICKS, TICK, LapseInstallation
from tests.e2e.lapse.office import RULES
from tests.e2e.lapse.play import play
from tests.e2e.lapse.stories import LENGTH, START, Story, stories

END = START + LENGTH
NIGHT = (START + timedelta(days=8, hours=8), START + timedelta(days=8, hours=14))
"""Six hours of a working day without a worker."""

LATE = MOST_TICKS * TICK
SMALL, FULL = 40, 500


def test_every_clock_of_forty_tickets_fires_once_and_at_its_instant(tmp_path: Path) -> None:
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
        differences = {}
        for story in told:
            found = [one for one in seen(installation, refs[story.number]) if one.what in WATCHED]
            wanted = expected(story, END, down)
            if not same(found, wanted):
                differences[f"{story.vendor} {story.severity} {refs[story.number]} {story.happenings}"] = found, wanted
        assert differences == {}
        assert installation.store.parked() == []
    finally:
        installation.stop()


def same(found: Sequence[Seen], wanted: Sequence[Seen]) -> bool:
    """Whether each that is wanted was found, at its instant or within the minute in which a write may have waited."""
    if [one.what for one in found] != [one.what for one in wanted]:
        return False
    return all(timedelta() <= f.at - w.at < LATE for f, w in zip(found, wanted, strict=True))
