"""``/healthz`` (this process), ``/readyz`` (everything it needs to do its work), ``/metrics`` (Prometheus)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app import metrics
from app.errors import Unavailable
from app.runtime import Runtime
from app.store.pulse import BRAKE, KNOWN_ISSUES, Beat
from app.triage.patterns import faults
from app.web.coverage import covered, proof

blueprint = Blueprint("health", __name__)
log = structlog.get_logger("health")

BROKER_SECONDS = 1.0


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Store, broker, a worker's round trip, the proof that no open ticket is forgotten, each vendor account: 200 when
    all are well, else 503 that says which."""
    runtime: Runtime = current_app.extensions["runtime"]
    checks = check(runtime)
    ready = all(part["ok"] for part in checks.values())
    return jsonify(status="ready" if ready else "not ready", checks=checks), 200 if ready else 503


def check(runtime: Runtime) -> dict[str, dict[str, Any]]:
    """Each part with ``ok`` and, when ill, what is wrong and what mends it."""
    try:
        beats = runtime.store.beats()
        coverage = proof(runtime, beats)
    except Unavailable as error:
        return {"store": {"ok": False, "error": str(error), "mend": "look at DATABASE_URL; run `triage migrate`"}}
    now = runtime.now()
    stale = runtime.settings.sweep_seconds * 3
    checks: dict[str, dict[str, Any]] = {"store": {"ok": True}, "broker": _broker(runtime)}
    checks["worker"] = _worker(beats.get("worker"), now, stale)
    checks["coverage"] = coverage
    for vendor, name in runtime.every_account():
        checks[f"{vendor}:{name}"] = _account(beats.get(f"{vendor}:{name}"), runtime.gate(vendor, name).open())
    checks |= {name: _source(beat) for name, beat in beats.items() if name.startswith(KNOWN_ISSUES)}
    for account, permission in runtime.permissions().items():
        checks[f"mode {account}"] = {"ok": True, "mode": permission.mode, "means": str(permission)}
    checks["on-call"] = _oncall(runtime)
    brake = beats.get(BRAKE)
    if brake is not None and not brake.ok:
        mend = "look at `triage runs`, take back what is wrong with `triage undo RUN`, then `triage resume`"
        checks["brake"] = {"ok": False, "error": f"nothing is written: {brake.detail['why']}", "mend": mend}
    return checks


def _broker(runtime: Runtime) -> dict[str, Any]:
    url = runtime.settings.redis_url
    if url.startswith("memory://"):
        return {"ok": True}
    import redis

    try:
        with redis.Redis.from_url(
            url, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS, retry=None
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return {"ok": False, "error": type(error).__name__, "mend": "look at REDIS_URL and the Redis server"}
    return {"ok": True}


def _worker(beat: Beat | None, now: datetime, stale: float) -> dict[str, Any]:
    if beat is None:
        return {"ok": False, "error": "no sweep has run yet", "mend": "start `triage worker` and `triage beat`"}
    age = (now - beat.at).total_seconds()
    seen: dict[str, Any] = {"ok": age <= stale, "seconds_since_sweep": round(age, 1)}
    if age > stale:
        seen["mend"] = "look at the worker and beat processes"
    return seen


def _source(beat: Beat) -> dict[str, Any]:
    """How a tracker's known issues were read last. That they were not is told, and no illness: tickets are matched with
    what is known."""
    if beat.ok:
        return {"ok": True}
    mend = "look at the tracker, its token, and the JQL, label or repository of the known issues"
    return {"ok": True, "error": beat.detail["error"], "since": beat.at.isoformat(), "mend": mend}


def _oncall(runtime: Runtime) -> dict[str, Any]:
    """Ill while a step of an open page was not taken by a target that was asked. That nobody can be paged is told, and
    no illness: it is how one starts."""
    try:
        pages = runtime.store.open_pages()
    except Unavailable as error:
        return {"ok": False, "error": str(error), "mend": "look at DATABASE_URL; run `triage migrate`"}
    told: dict[str, Any] = {"ok": True, "open": len(pages), "targets": sorted(runtime.settings.pager.named())}
    if "l2" not in told["targets"]:
        told["means"] = "nobody can be paged: TRIAGE_PAGER__L2 is not set"
    ill = [f"{page.incident} {step}: {why}" for page in pages for step, why in page.trouble.items()]
    if ill:
        told |= {"ok": False, "error": "; ".join(ill[:5])}
        told["mend"] = "call who is on call, then look at TRIAGE_PAGER__L2 and the others, and at the pager's status"
    return told


def _account(beat: Beat | None, broken: bool) -> dict[str, Any]:
    if broken:
        mend = (
            "look at the vendor's status page and at URL; it is asked every half a minute, and tickets wait meanwhile"
        )
        return {"ok": False, "error": "it answers errors or nothing: the circuit breaker is open", "mend": mend}
    if beat is None:
        return {"ok": False, "error": "not asked yet", "mend": "a worker asks within the first sweep"}
    if not beat.ok:
        return {"ok": False, "error": beat.detail.get("error", ""), "mend": "check URL, EMAIL and TOKEN of the account"}
    return {"ok": True}


class _Backlog(Collector):
    """Gauges that the store knows: asked at each scrape, so they are right however many processes there are."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[GaugeMetricFamily]:
        store, now = self._runtime.store, self._runtime.now()
        parked, age = store.backlog(now)
        yield GaugeMetricFamily("triage_parked", "Tickets that wait for a person.", value=parked)
        yield GaugeMetricFamily("triage_queue_age_seconds", "How long the longest-due ticket has waited.", value=age)
        coverage = covered(self._runtime).values()
        known, late = sum(one.open for one in coverage), sum(one.late for one in coverage)
        yield GaugeMetricFamily("triage_open_tickets", "Tickets that we know and that are not over.", value=known)
        yield GaugeMetricFamily("triage_uncovered_tickets", "Open tickets not looked at in time.", value=late)
        brake = 0 if store.brake() is None else 1
        pages = store.open_pages(1000)
        silent = sum(page.acknowledged_at is None for page in pages)
        failing = sum(bool(page.unreached) for page in pages)
        yield GaugeMetricFamily("triage_pages_unacknowledged", "Open pages that nobody acknowledged.", value=silent)
        yield GaugeMetricFamily("triage_pages_failing", "Open pages with a step that reached nobody.", value=failing)
        policy = self._runtime.policy
        raging = faults.storms(store.faults(2, 200, since=faults.since(policy, now)), policy, now)
        yield GaugeMetricFamily("triage_storms", "Storms of tickets that are on now.", value=sum(1 for _ in raging))
        yield GaugeMetricFamily("triage_brake", "1 while nothing is written, because a cap was reached.", value=brake)


class _Budget(Collector):
    """Gauges of the vendors' limits, read from the windows that all workers share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[GaugeMetricFamily]:
        left = GaugeMetricFamily(
            "triage_budget_remaining", "Requests that a limit leaves us now.", labels=["vendor", "account", "bucket"]
        )
        broken = GaugeMetricFamily(
            "triage_breaker_open", "1 while an account's circuit breaker is open.", labels=["vendor", "account"]
        )
        for vendor, name in self._runtime.every_account():
            gate = self._runtime.gate(vendor, name)
            broken.add_metric([vendor, name], float(gate.open()))
            for bucket, requests in gate.remaining():
                left.add_metric([vendor, name, bucket], requests)
        yield left
        yield broken


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Everything in ``app.metrics``, summed over this host's processes, the backlog from the store, and the budget."""
    runtime: Runtime = current_app.extensions["runtime"]
    budget = CollectorRegistry()
    budget.register(_Budget(runtime))
    text = generate_latest(metrics.registry()) + generate_latest(budget)
    backlog = CollectorRegistry()
    try:
        backlog.register(_Backlog(runtime))
        text += generate_latest(backlog)
    except Unavailable:
        log.warning("backlog unknown", reason="store down")  # the counters still tell; /readyz says the rest
    return Response(text, content_type=CONTENT_TYPE_LATEST)
