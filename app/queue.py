"""The doorbell: a queue message says which ticket to look at, and nothing that matters lives in it.

The receiver and the workers meet here, in a task *name* and a ticket reference, and in the store.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from itertools import takewhile

from celery import Celery

from app.metrics import RINGS
from app.triage.ticket import Ref
from config.celery import OPINION_QUEUE, SWEEP_QUEUE, TRIAGE_QUEUE, celery_config
from config.settings import Settings

RECONCILE = "triage.reconcile"
SWEEP = "triage.sweep"
OPINION = "triage.opinion"

_OPINION_EXPIRES = 3600  # seconds: what nobody asked by then, the next look at the ticket wants again


def make(settings: Settings) -> Celery:
    """The Celery application; it connects on first use, not here."""
    celery = Celery("firstline", set_as_current=True)
    celery.conf.update(celery_config(settings))
    return celery


def enqueue_reconcile(celery: Celery, ref: Ref, *, delay: float = 0.0) -> bool:
    """Ring for one ticket, at most a minute from now; False when the broker did not take it (the sweep will ring)."""
    countdown = min(delay, 60.0) if delay > 0 else None
    return _ring(
        lambda: celery.send_task(RECONCILE, args=[str(ref)], queue=TRIAGE_QUEUE, countdown=countdown, retry=False)
    )


def enqueue_all(celery: Celery, rings: Iterable[tuple[Ref, float]]) -> int:
    """Ring for tickets, each with its delay in seconds, until the broker takes no more: a ring that it does not take
    costs seconds, and the sweep rings the rest. Returns how many rang."""
    return sum(1 for _ in takewhile(bool, (enqueue_reconcile(celery, ref, delay=delay) for ref, delay in rings)))


def enqueue_sweep(celery: Celery) -> bool:
    """Ring for one sweep; False when the broker did not take it."""
    return _ring(lambda: celery.send_task(SWEEP, queue=SWEEP_QUEUE, expires=60, retry=False))


def enqueue_opinion(celery: Celery, ref: Ref) -> bool:
    """Ring for a second opinion on a ticket; False when the broker did not take it, and there is then none."""
    return _ring(
        lambda: celery.send_task(OPINION, args=[str(ref)], queue=OPINION_QUEUE, expires=_OPINION_EXPIRES, retry=False)
    )


def _ring(send: Callable[[], object]) -> bool:
    try:
        send()
    except Exception:  # kombu raises a dozen kinds; whatever it is, the store has the event and the sweep rings again
        RINGS.labels("failed").inc()
        return False
    RINGS.labels("rung").inc()
    return True


class Doorbell:
    """Rings from a thread of its own, so that a broker which hangs or is gone never delays a webhook's answer.

    Rings wait in a bounded line; what does not fit, or is lost with the process, the sweep rings later.
    """

    def __init__(self, celery: Celery, *, capacity: int = 10_000) -> None:
        self._celery = celery
        self._line: queue.Queue[Ref] = queue.Queue(capacity)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def ring(self, ref: Ref) -> None:
        """Ask for one ticket to be looked at; returns at once."""
        try:
            self._line.put_nowait(ref)
        except queue.Full:
            RINGS.labels("dropped").inc()
            return
        if self._thread is None:
            with self._starting:  # lazily: servers fork after the application is built, and threads do not survive that
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="doorbell", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        while True:
            enqueue_reconcile(self._celery, self._line.get())


def work_here(celery: Celery) -> None:
    """Run a worker and the sweep's clock in threads of this process, for the broker ``memory://``. The tasks are
    found by Celery under their module's name, so nothing of the workers is imported here."""
    from celery.beat import EmbeddedService

    celery.conf.imports = ["workers.tasks"]
    every = [TRIAGE_QUEUE, SWEEP_QUEUE, OPINION_QUEUE]
    worker = celery.WorkController(
        pool="threads", concurrency=2, queues=every, without_gossip=True, without_mingle=True
    )
    clock = EmbeddedService(celery, thread=True)
    for name, run in (("worker", worker.start), ("beat", clock.start)):
        threading.Thread(target=run, name=name, daemon=True).start()
