"""Rings for several tickets at once, with a broker and without one."""

from __future__ import annotations

from prometheus_client.registry import REGISTRY

from app.cli.broker import Broker
from app.queue import enqueue_all, make
from app.triage.ticket import Ref
from config.settings import Settings

RINGS = [(Ref("zendesk", "acme", str(number)), 0.0) for number in range(1, 4)]


def rings(outcome: str) -> float:
    return REGISTRY.get_sample_value("triage_rings_total", {"outcome": outcome}) or 0.0


def test_every_ticket_is_rung_for(broker: Broker) -> None:
    celery = make(Settings(_env_file=None, redis_url=broker.url))  # type: ignore[call-arg]
    before = rings("rung")
    assert enqueue_all(celery, RINGS) == 3
    assert rings("rung") - before == 3


def test_without_a_broker_only_the_first_ring_is_tried() -> None:
    celery = make(Settings(_env_file=None, redis_url="redis://127.0.0.1:1/0"))  # type: ignore[call-arg]
    before = rings("failed")
    assert enqueue_all(celery, RINGS) == 0
    assert rings("failed") - before == 1
