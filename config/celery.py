"""Celery's settings. Redis and Celery are a doorbell, never the record: losing every message loses nothing."""

from __future__ import annotations

from typing import Any

from config.settings import Settings

SWEEP_QUEUE = "sweep"
TRIAGE_QUEUE = "triage"
OPINION_QUEUE = "opinion"


def queues(settings: Settings) -> tuple[str, ...]:
    """The queues that an ordinary worker looks after: second opinions only where it was told to."""
    also = settings.asks_model and settings.llm_worker == "same"
    return (TRIAGE_QUEUE, SWEEP_QUEUE, *([OPINION_QUEUE] if also else []))


def celery_config(settings: Settings) -> dict[str, Any]:
    """The settings block, each line there because its absence was seen to lose, double or hang something.

    Acknowledge late and give back what a killed child held; no result backend; time limits far below the visibility
    timeout, so that no task runs beside itself; sockets that notice a dead broker; publishing that never retries in
    the web process; SIGTERM that lets running tasks end.
    """
    broker: dict[str, Any] = {
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
    }
    if settings.redis_url.startswith("memory://"):
        broker = {"polling_interval": 0.01}
    return {
        "broker_url": settings.redis_url or "redis://127.0.0.1:6379/0",
        "broker_transport_options": broker,
        "broker_connection_max_retries": None,
        "broker_connection_retry_on_startup": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_default_queue": TRIAGE_QUEUE,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_retry_on_worker_lost": True,
        "task_ignore_result": True,
        "task_time_limit": 120,
        "task_soft_time_limit": 90,
        "task_publish_retry": False,
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": not settings.redis_url.startswith("memory://"),
        "worker_max_tasks_per_child": 500,
        "worker_max_memory_per_child": 400_000,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_soft_shutdown_timeout": settings.shutdown_seconds,
        "worker_enable_soft_shutdown_on_idle": True,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "beat_scheduler": "celery.beat:Scheduler",
        "beat_max_loop_interval": min(5.0, settings.sweep_seconds),
        "beat_schedule": {
            "sweep": {
                "task": "triage.sweep",
                "schedule": settings.sweep_seconds,
                "options": {"queue": SWEEP_QUEUE, "expires": max(60.0, settings.sweep_seconds * 2)},
            }
        },
    }
