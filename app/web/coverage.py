"""The proof of coverage: every open ticket was looked at within its period, or what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.runtime import Runtime
from app.store.coverage import Account, Coverage
from app.store.gaps import GAP, KNOWN
from app.store.pulse import SWEPT, Beat

_WALKS = 3
"""So many gap sweeps may fail before changes that no webhook told of count as unseen, besides the grace."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is not covered, and what mends it."""

    what: str
    mend: str


def covered(runtime: Runtime) -> dict[Account, Coverage]:
    """How the open tickets of each configured account stand. Raises Unavailable."""
    return runtime.store.coverage(runtime.now(), _grace(runtime), runtime.every_account())


def proof(runtime: Runtime, beats: Mapping[str, Beat]) -> dict[str, Any]:
    """The check ``coverage`` of ``/readyz``: the numbers it rests on, and when ill, what is not covered and a mend.
    Raises Unavailable."""
    found, now = covered(runtime), runtime.now()
    seen = [one.looked_at for one in found.values() if one.looked_at]
    check: dict[str, Any] = {
        "ok": True,
        "open": sum(one.open for one in found.values()),
        "late": sum(one.late for one in found.values()),
        "without_clock": sum(one.without_clock for one in found.values()),
        "longest_unseen_without_clock": _iso(min(seen, default=None)),
        "changes_known_until": {_name(account): _iso(_known(beats, account)) for account in found},
    }
    troubles = [*_swept(runtime, beats, now), *_late(runtime, found, now), *_unknown(runtime, beats, found, now)]
    if troubles:
        check["ok"] = False
        check["error"] = "; ".join(trouble.what for trouble in troubles)
        check["mend"] = "; ".join(dict.fromkeys(trouble.mend for trouble in troubles))
    return check


def _swept(runtime: Runtime, beats: Mapping[str, Beat], now: datetime) -> Iterator[Trouble]:
    """Before the first sweep has begun, the check ``worker`` says so."""
    begun, ended = beats.get("worker"), beats.get(SWEPT)
    if begun and (ended is None or now - ended.at > _grace(runtime)):
        since = f"since {_iso(ended.at)}" if ended else "yet"
        yield Trouble(f"no sweep came to its end {since}", "the worker's log says where it stops")


def _late(runtime: Runtime, found: Mapping[Account, Coverage], now: datetime) -> Iterator[Trouble]:
    late = {account: one for account, one in found.items() if one.late}
    if late:
        count = sum(one.late for one in late.values())
        oldest = max(round((now - one.since).total_seconds()) for one in late.values() if one.since)
        waits = [f"{_name(account)} {why}" for account in late if (why := _waits(runtime, account))]
        yield Trouble(
            f"{count} open ticket{'s were' if count > 1 else ' was'} not looked at in time, the oldest for {oldest} s"
            + (f" ({', '.join(waits)})" if waits else ""),
            "they go out at the vendor's pace, the most severe first: look at its status page and at "
            "REQUESTS_PER_MINUTE and UPDATES_PER_MINUTE"
            if waits
            else "`triage sweep --dry-run` names them; start more workers, or look at why they end",
        )


def _unknown(
    runtime: Runtime, beats: Mapping[str, Beat], found: Mapping[Account, Coverage], now: datetime
) -> Iterator[Trouble]:
    """Tickets without a clock are covered by the gap sweep. One that was never begun is no news: the account's own
    check tells whether it is asked at all."""
    longest = _WALKS * timedelta(seconds=runtime.settings.gap_seconds) + _grace(runtime)
    for account in found:
        known = _known(beats, account)
        if known is not None and now - known > longest:
            why = beats[_beat(account)].detail.get("error", "")
            yield Trouble(
                f"what changed at {_name(account)} is known only until {_iso(known)}" + (f" ({why})" if why else ""),
                "`triage doctor` says whether our user may read the list of changes",
            )


def _waits(runtime: Runtime, account: Account) -> str:
    """Why tickets of an account have to wait for the vendor; empty where they need not."""
    gate = runtime.gate(*account)
    if gate.open():
        return "answers errors or nothing: its circuit breaker is open"
    return "" if gate.room(0.0) else "has no room left in its limits"


def _known(beats: Mapping[str, Beat], account: Account) -> datetime | None:
    beat = beats.get(_beat(account))
    told = beat.detail.get(KNOWN) if beat else None
    return datetime.fromisoformat(told) if told else None


def _beat(account: Account) -> str:
    return f"{GAP}:{_name(account)}"


def _name(account: Account) -> str:
    return ":".join(account)


def _grace(runtime: Runtime) -> timedelta:
    return timedelta(seconds=runtime.settings.coverage_seconds)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
