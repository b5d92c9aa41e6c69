"""The sweep: whatever is due gets looked at again, whether or not anybody rang for it."""

from __future__ import annotations

from datetime import timedelta

import structlog

from app.errors import TriageError
from app.queue import enqueue_reconcile
from app.runtime import Runtime
from app.store.pulse import BRAKE
from app.triage.ticket import VENDORS
from workers import brake, gap, jobs

log = structlog.get_logger("sweep")

BATCH = 500
KEEP_DELIVERIES = timedelta(days=30)  # closed deliveries are what stops a late replay of the same one


def sweep(runtime: Runtime) -> int:
    """Ring every ticket that is due: open events, expired leases, passed ``wake_at``. Returns how many.

    Then it looks after jobs at the vendors, and for tickets whose webhook never came.
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
    due = runtime.store.due(now, BATCH)
    rung = sum(enqueue_reconcile(runtime.celery, ref) for ref in due)
    if due:
        log.info("swept", due=len(due), rung=rung)
    check_vendors(runtime)
    jobs.poll(runtime)
    gap.look(runtime)
    runtime.store.forget_deliveries(now - KEEP_DELIVERIES)
    return rung


def check_vendors(runtime: Runtime) -> None:
    """Record for each account whether its credentials work, and our own user's id (the receiver ignores our edits)."""
    for vendor in VENDORS:
        for name in runtime.accounts(vendor):
            try:
                user = runtime.client(vendor, name).whoami()
            except TriageError as error:
                log.warning("vendor does not answer", vendor=vendor, account=name, error=type(error).__name__)
                runtime.store.beat(f"{vendor}:{name}", runtime.now(), ok=False, detail={"error": type(error).__name__})
            else:
                runtime.store.beat(f"{vendor}:{name}", runtime.now(), detail={"user_id": user})
