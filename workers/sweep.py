"""The sweep: whatever is due gets looked at again, whether or not anybody rang for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from app.errors import Held, TriageError
from app.queue import enqueue_all
from app.runtime import Runtime
from app.store.pulse import BRAKE
from app.triage import boilerplate
from app.triage.ticket import Ref
from workers import brake, gap, jobs, opinions, pages

log = structlog.get_logger("sweep")

BATCH = 500
KEEP_DELIVERIES = timedelta(days=30)  # closed deliveries are what stops a late replay of the same one


def sweep(runtime: Runtime) -> int:
    """Ring every ticket that is due: open events, expired leases, passed ``wake_at``. Returns how many.

    Of those that wait for a vendor only as many are rung as its limits have room for until the next sweep, the worst
    severity first, and spread over that time: a backlog drains at the vendor's pace and never stands in the queue
    before what is new. Then it looks after pages that no look reaches, after jobs at the vendors, and for tickets whose
    webhook never came.

    It also proves the round trip (beat, broker, worker, store) for ``/readyz``, and learns who we are at each vendor.
    Two sweeps at once do no harm: a ring for a ticket that is not due ends in one query.
    """
    now = runtime.now()
    runtime.store.beat("worker", now)
    if not runtime.store.hold("sweep", now, max(1.0, runtime.settings.sweep_seconds * 0.8)):
        return 0
    brake.begin_run(runtime)
    if runtime.store.brake() is None:
        runtime.store.replay_withheld(now, BRAKE)  # what it held back while it was on
    rings = [(ref, 0.0) for ref in runtime.store.due(now, BATCH)]
    rings += _room_for(runtime, now, min(runtime.settings.sweep_seconds, 60.0))
    rung = enqueue_all(runtime.celery, rings)
    if rings:
        log.info("swept", due=len(rings), rung=rung)
    pages.catch_up(runtime)
    check_vendors(runtime)
    jobs.poll(runtime)
    gap.look(runtime)
    runtime.store.forget_deliveries(now - KEEP_DELIVERIES)
    runtime.store.forget_opinions(now - opinions.KEPT)
    runtime.store.forget_paragraphs(now - boilerplate.KEPT)
    return rung


def _room_for(runtime: Runtime, now: datetime, seconds: float) -> Iterator[tuple[Ref, float]]:
    """The waiting tickets to ring, each with a delay within the seconds. What nobody has read may be urgent, and needs
    no more than room to be read; the others need room to be written."""
    for vendor, name in runtime.every_account():
        gate = runtime.gate(vendor, name)
        for urgent in (True, False):
            room = min(gate.room(seconds, to_write=not urgent) + 1, BATCH)
            refs = runtime.store.waiting(now, vendor, name, room, urgent=urgent)
            yield from ((ref, seconds * place / len(refs)) for place, ref in enumerate(refs))


def check_vendors(runtime: Runtime) -> None:
    """Record for each account whether its credentials work, and our own user's id (the receiver ignores our edits)."""
    for vendor, name in runtime.every_account():
        try:
            user = runtime.client(vendor, name).whoami()
        except Held:  # not asked: a full budget is no illness, and /readyz tells of an open breaker by itself
            continue
        except TriageError as error:
            log.warning("vendor does not answer", vendor=vendor, account=name, error=type(error).__name__)
            runtime.store.beat(f"{vendor}:{name}", runtime.now(), ok=False, detail={"error": type(error).__name__})
        else:
            runtime.store.beat(f"{vendor}:{name}", runtime.now(), detail={"user_id": user})
