"""Changes of many tickets in one request: asked for here, and looked after by the sweep. Nobody waits for them.

A single ticket's changes stay one safe PUT (see ``apply``); this is for a run that gives or takes the same tags on many
tickets, a hundred in one request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import cast

import structlog

from app.errors import Busy, Gone, TriageError
from app.runtime import Runtime
from app.store.jobs import JobEnd, OpenJob
from app.triage.ticket import Event, VendorName
from app.vendors import Job, ManyAtOnce

log = structlog.get_logger("jobs")

AT_ONCE = 100
FORGOTTEN_AFTER = timedelta(days=1)
"""How long Zendesk can tell what became of a job."""


def retag(
    runtime: Runtime,
    vendor: VendorName,
    account: str,
    run: str,
    ids: Sequence[str],
    add: Sequence[str],
    remove: Sequence[str],
) -> tuple[str, ...]:
    """Ask for tags to be added to and removed from these tickets, a hundred a request. Returns the ids that the vendor
    did not take yet, because it has too many jobs under way: ask for them again later. Raises what a write raises; to
    ask again is harmless, because a tag is there or not."""
    client = _client(runtime, vendor, account)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        try:
            job_id = client.retag(some, add, remove)
        except Busy as error:
            log.info("jobs wait", vendor=vendor, account=account, count=len(ids) - start, reason=str(error))
            return tuple(ids[start:])
        runtime.store.keep_job(vendor, account, job_id, run, some, add, remove, runtime.now())
    return ()


def poll(runtime: Runtime) -> None:
    """Look once after every job that has not ended; a vendor that does not answer is asked at the next sweep."""
    silent: set[tuple[str, str]] = set()
    for job in runtime.store.open_jobs():
        account = (job.vendor, job.account)
        if account in silent:
            continue
        try:
            seen: Job | None = _client(runtime, *account).job(job.job_id)
        except Gone:
            seen = None
        except TriageError as error:
            silent.add(account)
            log.info("job not seen", vendor=job.vendor, account=job.account, error=type(error).__name__)
            if runtime.now() - job.started_at <= FORGOTTEN_AFTER:
                continue
            seen = None
        _settle(runtime, job, seen)


def _settle(runtime: Runtime, job: OpenJob, seen: Job | None) -> None:
    old = runtime.now() - job.started_at > FORGOTTEN_AFTER
    if seen is None or (seen.state in ("queued", "working") and old):
        _close(runtime, job, "lost", dict.fromkeys(job.ids, "nobody can tell"))
    elif seen.state == "failed":
        _close(runtime, job, "failed", dict.fromkeys(job.ids, "the job failed") | dict(seen.failed))
    elif seen.state == "completed":
        _close(runtime, job, "completed", seen.failed)


def _close(runtime: Runtime, job: OpenJob, state: JobEnd, failed: Mapping[str, str]) -> None:
    """End a job, and have the tickets that did not take it looked at, one by one: their own run says what holds."""
    left: Collection[str] = [one for one in job.ids if one in failed]
    for ticket_id in left:
        runtime.store.record(Event(job.ref(ticket_id), "updated", f"job:{job.job_id}:{ticket_id}"), "", runtime.now())
    runtime.store.close_job(job, state, {one: failed[one] for one in left}, runtime.now())
    reasons = Counter(failed[one] for one in left)
    tell = log.warning if left else log.info
    tell(
        "job ended",
        vendor=job.vendor,
        account=job.account,
        state=state,
        count=len(job.ids) - len(left),
        reason=", ".join(f"{count} {reason}" for reason, count in reasons.most_common(5)),
    )


def _client(runtime: Runtime, vendor: str, account: str) -> ManyAtOnce:
    return cast(ManyAtOnce, runtime.client(cast(VendorName, vendor), account))  # only Zendesk's are ever asked
