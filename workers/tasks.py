"""The Celery tasks: names, limits, retries; no logic. Start with ``triage worker`` and ``triage beat``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import structlog
from celery.signals import setup_logging, worker_process_shutdown, worker_ready

from app import metrics
from app.errors import Unavailable
from app.queue import OPINION, RECONCILE, SWEEP, enqueue_all, enqueue_opinion, enqueue_reconcile, enqueue_sweep, make
from app.runtime import Runtime, build
from app.triage.ticket import Ref
from config import logging as logs
from config.settings import load
from workers import opinions
from workers.reconcile import reconcile
from workers.sweep import sweep

app = make(load())
log = structlog.get_logger("worker")


@cache
def runtime() -> Runtime:
    """This process's parts, built after the fork. A child that starts later may read another policy than the first
    did, so each writes down its own."""
    built = build(load())
    try:
        for policy in built.record_policies():
            log.info("policy", name=policy.name, version=policy.version, digest=policy.digest)
        built.settle_tenants()
    except Unavailable as error:
        log.warning("policy not recorded", reason=str(error))
    return built


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold SIGTERM back until the block is done: platforms send it to every process at once, and a child that dies
    midway leaves its ticket leased until the lease runs out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


@app.task(name=RECONCILE, max_retries=3)
def reconcile_task(ref: str) -> None:
    """Reconcile one ticket, and ring again when more came meanwhile or it has to wait a little."""
    with undisturbed():
        result = reconcile(runtime(), Ref.parse(ref))
    if result.again is not None:
        enqueue_reconcile(app, result.again, delay=result.delay)
    enqueue_all(app, ((other, 0.0) for other in result.others))
    if result.in_doubt:
        enqueue_opinion(app, Ref.parse(ref))


@app.task(name=OPINION, max_retries=0)
def opinion_task(ref: str) -> None:
    """Ask for a second opinion on one ticket, and ring it when there is one. A worker that ends meanwhile loses the
    question alone."""
    asked = Ref.parse(ref)
    if opinions.ask(runtime(), asked):
        enqueue_reconcile(app, asked)


@app.task(name=SWEEP, max_retries=0)
def sweep_task() -> None:
    """Ring whatever is due."""
    with metrics.timed("sweep"):
        sweep(runtime())


@setup_logging.connect
def _logging(**_: Any) -> None:
    logs.configure(load())


@worker_ready.connect
def _first_sweep(**_: Any) -> None:
    """Look at once at what waited while no worker ran, and prove the round trip."""
    enqueue_sweep(app)
    log.info("worker ready")


@worker_process_shutdown.connect
def _ended(pid: int | None = None, **_: Any) -> None:
    if pid is not None:
        metrics.process_ended(pid)
