"""Acknowledgements of pages: ``POST /webhooks/pagerduty`` by PagerDuty, ``POST /pages/acknowledge`` by the board.

Both keep the acknowledgement at once and make the ticket due, whose next look tells the ticket and the other pagers.
The answers to PagerDuty are those of the other webhooks (``app.web.webhooks``); it repeats what got a 5xx.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, current_app, jsonify, redirect, request, url_for
from werkzeug.exceptions import Forbidden, NotFound, RequestEntityTooLarge, ServiceUnavailable
from werkzeug.wrappers import Response as BaseResponse

from app.errors import BadSignature, NotJson, Rejected, TooLarge, Unavailable
from app.metrics import DELIVERIES, timed
from app.oncall import events
from app.runtime import Runtime
from app.store.pages import EARLY
from app.triage.page import Page
from app.triage.ticket import Event

blueprint = Blueprint("pages", __name__)
log = structlog.get_logger("pages")

AHEAD = timedelta(minutes=5)
"""How far PagerDuty's clock may be ahead of ours."""

LONGEST_NAME = 60


@blueprint.post("/webhooks/pagerduty")
def pagerduty() -> tuple[Response, int]:
    """Take one delivery of PagerDuty's."""
    runtime: Runtime = current_app.extensions["runtime"]
    with timed("receive"):
        try:
            outcome, status = _receive(runtime)
        except Rejected as error:
            DELIVERIES.labels("pagerduty", error.reason).inc()
            log.warning("rejected", vendor="pagerduty", reason=error.reason)
            return jsonify(outcome=error.reason, detail=str(error)), error.status
        except Unavailable as error:
            DELIVERIES.labels("pagerduty", "store_down").inc()
            log.error("store down", vendor="pagerduty", error=str(error))
            answer = jsonify(outcome="store_down", detail="the store is down; please deliver again")
            answer.headers["Retry-After"] = "5"
            return answer, 503
    DELIVERIES.labels("pagerduty", outcome).inc()
    return jsonify(outcome=outcome), status


@blueprint.post("/pages/acknowledge")
def acknowledge() -> BaseResponse:
    """The button on the board: a form with the page's ``key``, its ``episode``, and a ``name`` that may be empty."""
    from_our_own_page()
    runtime: Runtime = current_app.extensions["runtime"]
    name = " ".join(request.form.get("name", "").split())[:LONGEST_NAME]
    now = runtime.now()
    try:
        page = runtime.store.page_by_key(request.form.get("key", ""))
        if page is None or str(page.episode) != request.form.get("episode"):
            raise NotFound("there is no such page; it may be over")
        if runtime.store.acknowledge_page(page, now, name or "board", "board"):
            _ring(runtime, page, "page_acknowledged", f"board:{page.key}:{page.episode}", now)
            log.info("acknowledged", ref=str(page.incident), kind="board")
    except Unavailable as error:
        raise ServiceUnavailable("the store is down; acknowledge at the pager or in the ticket") from error
    return redirect(url_for("board.tickets"), 303)


def _receive(runtime: Runtime) -> tuple[str, int]:
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise TooLarge("a delivery is at most 1 MiB") from error
    if not request.mimetype.endswith("json"):
        raise NotJson("send application/json")
    secrets = runtime.settings.pagerduty_secrets()
    if not secrets:
        raise BadSignature("TRIAGE_PAGERDUTY_SECRET is not set")
    events.verify(request.headers.get("X-PagerDuty-Signature", ""), body, secrets)
    told, now = events.parse(body), runtime.now()
    page = runtime.store.page_by_key(told.key) if told.kind and told.key else None
    if page is None or not page.open or not page.opened_at - EARLY <= told.at <= now + AHEAD:
        return "ignored", 200
    runtime.store.acknowledge_page(page, told.at, told.by, "pagerduty")
    if told.kind == "resolved":
        runtime.store.page_closed_there(page)
    if not _ring(runtime, page, f"page_{told.kind}", told.id, now):
        return "duplicate", 200
    log.info("acknowledged", ref=str(page.incident), kind="pagerduty")
    return "accepted", 202


def _ring(runtime: Runtime, page: Page, kind: str, delivery: str, now: datetime) -> bool:
    """Have the incident looked at, and the ticket that opened its page where that is another one; False for a second
    delivery of the same."""
    new = False
    for ref in dict.fromkeys((page.incident, page.opened_by)):
        name = f"page:{hashlib.sha256(delivery.encode()).hexdigest()[:32]}:{ref.id}"
        if runtime.store.record(Event(ref, kind, name), name[:64], now) == "accepted":
            runtime.doorbell.ring(ref)
            new = True
    return new


def from_our_own_page() -> None:
    """Raise Forbidden for a form that another site's page has sent. Browsers say where a form came from; the pages have
    no login of their own, so this is all that keeps a stranger's page from pressing the button."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            raise Forbidden("this form was sent from another site")
        return
    origin = request.headers.get("Origin", "")
    if not origin or urlsplit(origin).netloc != request.host:
        raise Forbidden("nothing says that this form was sent from our own page")
