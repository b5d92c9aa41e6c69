"""The product's worker with another clock: ``celery -A tests.e2e.lapse.worker worker``."""

from __future__ import annotations

from app.runtime import Runtime, build
from config.settings import Settings
from tests.e2e.lapse import clock
from workers import tasks

app = tasks.app


def _with_the_clock(settings: Settings) -> Runtime:
    """The parts of a worker's child, which it builds at its first task."""
    built = build(settings)
    built.now = clock.read
    return built


tasks.build = _with_the_clock
