"""The product's worker with another clock: ``celery -A tests.e2e.lapse.worker worker``."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_process_init

from tests.e2e.lapse import clock
from workers.tasks import app, runtime

__all__ = ["app"]


@worker_process_init.connect
def _take_the_clock(**_: Any) -> None:
    runtime().now = clock.read
