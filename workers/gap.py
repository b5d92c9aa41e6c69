"""The gap sweep: tickets whose webhook never came. Both vendors drop deliveries by design.

Each account is walked through by its list of changes, from where the walk before began and a little earlier. What no
delivery told of, or told of in an older version, is made due like a delivery would: under an id made of ticket and
version, so that doing it twice changes nothing. A ticket that then needs nothing ends "unchanged" and is known in its
new version, our own writes among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import cast

import structlog

from app.errors import Busy, Gone, Refused, TriageError, Unauthorized, Unavailable
from app.metrics import GAP_EVENTS
from app.queue import enqueue_reconcile
from app.runtime import Runtime
from app.store.gaps import GAP, KNOWN, Heard
from app.triage.ticket import Event, Ref, VendorName
from app.vendors import Change, TellsChanges
from app.vendors.delivery import instant

log = structlog.get_logger("gap")

MOST_PAGES = 5
"""Pages of one account in one sweep: the export takes ten requests a minute, and the sweep has other things to do."""

OVERLAP = timedelta(minutes=15)
"""How much earlier the next walk begins: lists of changes lag behind, and times are the vendor's."""

FIRST = timedelta(hours=1)
"""How far back the first walk looks: nobody asked for history to be triaged."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands: it covers what changed from ``since`` on until ``until`` (UTC, ISO), and goes on at
    ``cursor``; without one it has yet to begin. What changed until ``known``, after we first looked, was compared: the
    last walk that came to an end began then."""

    since: str
    known: str
    until: str = ""
    cursor: str = ""


def look(runtime: Runtime) -> int:
    """Find what was missed at every account, at most once in ``gap_seconds``. Returns how many changes were."""
    if not runtime.store.hold("gap", runtime.now(), runtime.settings.gap_seconds):
        return 0
    beats = runtime.store.beats()
    found = 0
    for vendor, account in runtime.every_account():
        beat = beats.get(_name(vendor, account))
        found += _account(runtime, vendor, account, _walk(beat.detail) if beat else _first(runtime.now()))
    return found


def _walk(detail: Mapping[str, str]) -> Walk:
    since = detail["since"]
    return Walk(since, detail.get(KNOWN, since), detail["until"], detail["cursor"])


def _first(now: datetime) -> Walk:
    return Walk((now - FIRST).isoformat(), now.isoformat())


def _account(runtime: Runtime, vendor: VendorName, account: str, walk: Walk) -> int:
    found = 0
    if not walk.cursor:
        walk = replace(walk, until=runtime.now().isoformat())
    try:
        client = runtime.client(vendor, account)
        if not hasattr(client, "changed"):
            return 0
        for _ in range(MOST_PAGES):
            page = cast(TellsChanges, client).changed(datetime.fromisoformat(walk.since), walk.cursor)
            found += _recover(runtime, vendor, account, page.changes)
            if not page.more:
                walk = Walk((datetime.fromisoformat(walk.until) - OVERLAP).isoformat(), walk.until)
                break
            walk = replace(walk, cursor=page.cursor)
            _keep(runtime, vendor, account, walk)
    except (Busy, Unavailable) as error:
        log.info("gap sweep waits", vendor=vendor, account=account, error=type(error).__name__)
        _keep(runtime, vendor, account, walk, error)
    except TriageError as error:
        log.warning("gap sweep cannot look", vendor=vendor, account=account, reason=str(error))
        if isinstance(error, Refused | Gone) and not isinstance(error, Unauthorized):
            walk = Walk(walk.since, walk.known)  # the cursor may have died
        _keep(runtime, vendor, account, walk, error)
    else:
        _keep(runtime, vendor, account, walk)
    if found:
        log.info("gap sweep found", vendor=vendor, account=account, count=found)
    return found


def _recover(runtime: Runtime, vendor: VendorName, account: str, changes: Sequence[Change]) -> int:
    """Make due what was missed; returns how much was."""
    newest = {change.ref.id: change for change in changes}  # the oldest come first
    heard = runtime.store.heard(vendor, account, list(newest))
    found, ringing = 0, True
    for event in _missed(newest.values(), heard):
        if runtime.store.record(event, "", runtime.now()) == "accepted":
            found += 1
            ringing = ringing and enqueue_reconcile(runtime.celery, event.ref)  # else the next sweep rings
    GAP_EVENTS.labels(vendor).inc(found)
    return found


def _missed(changes: Iterable[Change], heard: Heard) -> Iterator[Event]:
    for change in changes:
        ref = change.ref
        if change.gone:
            if ref.id in heard.versions and ref.id not in heard.deleted:
                yield _event(ref, "deleted", change)
        elif ref.id not in heard.asked and _newer(change, heard.versions.get(ref.id, "")):
            yield _event(ref, "updated", change)


def _newer(change: Change, looked_at: str) -> bool:
    """Whether the change came after the version in which the ticket was last looked at."""
    last = instant(looked_at)
    return change.version != looked_at and (last is None or change.at > last)


def _event(ref: Ref, kind: str, change: Change) -> Event:
    return Event(ref, kind, f"gap:{ref}:{change.version}", at=change.at)


def _keep(runtime: Runtime, vendor: str, account: str, walk: Walk, error: TriageError | None = None) -> None:
    detail = asdict(walk) | ({"error": type(error).__name__} if error else {})
    runtime.store.beat(_name(vendor, account), runtime.now(), ok=error is None, detail=detail)


def _name(vendor: str, account: str) -> str:
    return f"{GAP}:{vendor}:{account}"
