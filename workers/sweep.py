"""The sweep: whatever is due gets looked at again, whether or not anybody rang for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from app.errors import Held, TriageError
from app.queue import enqueue_all
from app.runtime import Runtime
from app.store.pulse import BRAKE, SWEPT
from app.triage import boilerplate
from app.triage.ticket import Ref
from workers import brake, gap, index_ticket, jobs, known_issue_making, opinions, pages, registry

log = structlog.get_logger("sweep")

BATCH = 500
KEEP_DELIVERIES = timedelta(days=30)  # closed deliveries are what stops a late replay of the same one
KEEP_CYCLES = timedelta(days=400)  # reports compare a year with the one before
FORGET_SECONDS = 3600.0
FREQUENCIES_SECONDS = 300.0  # to see whether it is time: once a day, and oftener while there are few tickets

Ring = tuple[Ref, float]
"""A ticket, and after how many seconds it is rung."""


def sweep(runtime: Runtime) -> int:
    """Ring every ticket that is due: open events, expired leases, passed ``wake_at``. Returns how many.

    Of those that wait for a vendor only as many are rung as its limits have room for until the next sweep, the worst
    severity first, and spread over that time: a backlog drains at the vendor's pace and never stands in the queue
    before what is new. What room is then left goes to tickets that were decided under an earlier policy. Then it looks
    after pages that no look reaches, after jobs at the vendors, and for tickets whose webhook never came.

    It also proves the round trip (beat, broker, worker, store) for ``/readyz``, and learns who we are at each vendor.
    Two sweeps at once do no harm: a ring for a ticket that is not due ends in one query.
    """
    now = runtime.now()
    runtime.store.beat("worker", now)
    if not runtime.store.hold("sweep", now, max(1.0, runtime.settings.sweep_seconds * 0.8)):
        return 0
    brake.begin_run(runtime)
    braked = runtime.store.brake() is not None
    if not braked:
        runtime.store.replay_withheld(now, BRAKE)  # what it held back while it was on
    seconds = min(runtime.settings.sweep_seconds, 60.0)
    rings = [(ref, 0.0) for ref in runtime.store.due(now, BATCH)]
    rings += _room_for(runtime, now, seconds)
    outdated = [] if braked or len(rings) >= BATCH else list(_outdated(runtime, now, seconds, rings))
    rings += outdated
    rung = enqueue_all(runtime.celery, rings)
    if rings:
        log.info("swept", due=len(rings), rung=rung, outdated=len(outdated))
    pages.catch_up(runtime)
    check_vendors(runtime)
    jobs.poll(runtime)
    gap.look(runtime)
    registry.refresh(runtime)
    known_issue_making.make(runtime)
    index_ticket.ring(runtime)
    _forget(runtime, now)
    if runtime.store.hold("frequencies", now, FREQUENCIES_SECONDS):
        runtime.store.take_frequencies(now)
    runtime.store.beat(SWEPT, runtime.now())
    return rung


def _room_for(runtime: Runtime, now: datetime, seconds: float) -> Iterator[Ring]:
    """The waiting tickets to ring, each with a delay within the seconds. What nobody has read may be urgent, and needs
    no more than room to be read; the others need room to be written."""
    for vendor, name in runtime.every_account():
        gate = runtime.gate(vendor, name)
        for urgent in (True, False):
            room = min(gate.room(seconds, to_write=not urgent) + 1, BATCH)
            yield from _spread(runtime.store.waiting(now, vendor, name, room, urgent=urgent), seconds)


def _outdated(runtime: Runtime, now: datetime, seconds: float, rings: Sequence[Ring]) -> Iterator[Ring]:
    """Open tickets that were decided under a policy that is in force no more, brought forward and spread like those
    that wait: so many that half of the room which the due ones leave stays free, and never more than the setting says,
    because a changed policy is no emergency. The most severe go first.

    A process that works under an older policy than another has loaded since, as during a change of versions, leaves
    them to that one: else the two would take the same tickets from each other."""
    newest = runtime.store.newest_policies()
    if any(newest.get(policy.name, policy.digest) != policy.digest for policy in runtime.policies):
        return
    rung = Counter((ref.vendor, ref.account) for ref, _ in rings)
    for vendor, name in runtime.every_account():
        room = runtime.gate(vendor, name).room(seconds) - rung[vendor, name]
        most = min(room // 2, runtime.settings.outdated_per_sweep)
        if most > 0:
            in_force = {policy.digest for policy in runtime.policies.at(vendor, name)}
            refs = runtime.store.outdated(vendor, name, in_force, now, most)
            runtime.store.bring_forward(refs, now)
            yield from _spread(refs, seconds)


def _spread(refs: Sequence[Ref], seconds: float) -> Iterator[Ring]:
    return ((ref, seconds * place / len(refs)) for place, ref in enumerate(refs))


def _forget(runtime: Runtime, now: datetime) -> None:
    """Delete what is kept for a time only, now and then: it reads through whole tables."""
    if runtime.store.hold("forget", now, FORGET_SECONDS):
        runtime.store.forget_deliveries(now - KEEP_DELIVERIES)
        runtime.store.forget_cycles(now - KEEP_CYCLES)
        runtime.store.forget_opinions(now - opinions.KEPT)
        runtime.store.forget_paragraphs(now - boilerplate.KEPT)
        runtime.store.forget_answers(now)
        runtime.store.forget_symptoms(now - runtime.solved_within)


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
