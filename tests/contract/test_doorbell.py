"""Rings for several tickets at once, with a broker and without one."""

from __future__ import annotations

from typing import Any

from celery import Celery

from app.cli.broker import Broker
from app.queue import enqueue_all
from app.triage.ticket import Ref
from config.celery import celery_config
from config.settings import Settings

RINGS = [(Ref("zendesk", "acme", str(number)), 0.0) for number in range(1, 4)]


class Counting(Celery):  # type: ignore[misc]  # celery has no types
    """Counts what it is asked to send. The metric of rings counts for the whole process, in which the doorbells of
    earlier tests may still be ringing."""

    asked = 0

    def send_task(self, *args: Any, **kwargs: Any) -> Any:
        self.asked += 1
        return super().send_task(*args, **kwargs)


def celery_at(url: str) -> Counting:
    celery = Counting("doorbell", set_as_current=False)
    celery.conf.update(celery_config(Settings(_env_file=None, redis_url=url)))
    return celery


def test_every_ticket_is_rung_for(broker: Broker) -> None:
    celery = celery_at(broker.url)
    assert enqueue_all(celery, RINGS) == 3
    assert celery.asked == 3


def test_without_a_broker_only_the_first_ring_is_tried() -> None:
    celery = celery_at("redis://127.0.0.1:1/0")
    assert enqueue_all(celery, RINGS) == 0
    assert celery.asked == 1
