"""``POST /webhooks/<vendor>[/<account>]``: verify, parse, keep, ring, answer. Nothing else happens in a request.

Answers, chosen by what the vendors do with them: 202 kept; 200 a second delivery, or one that needs nothing from us;
400/401/404/413/415 turned away; 503 with ``Retry-After: 5`` when the store is down, which both vendors try again
(Zendesk never repeats a delivery that got a 500).
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, Response, current_app, jsonify, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import BadSignature, Malformed, NotJson, Rejected, TooLarge, Unavailable
from app.metrics import DELIVERIES, timed
from app.runtime import Runtime
from app.triage.ticket import VENDORS, Event, Ignored, VendorName
from app.vendors.jira import payload as jira_payload
from app.vendors.jira import signature as jira_signature
from app.vendors.zendesk import payload as zendesk_payload
from app.vendors.zendesk import signature as zendesk_signature
from config.accounts import JiraAccount, ZendeskAccount

blueprint = Blueprint("webhooks", __name__)
log = structlog.get_logger("receiver")

VERIFY = {"zendesk": zendesk_signature.verify, "jira": jira_signature.verify}
PARSE = {"zendesk": zendesk_payload.parse, "jira": jira_payload.parse}
OWN_USER_SECONDS = 30.0  # how long the receiver trusts what it knows of our own users' ids
RETRY_AFTER = "5"


@dataclass
class _OwnUsers:
    """Our own user's id by account, as the workers learned it; read from the store now and then."""

    ids: dict[str, str]
    read_at: float = -1e9

    def get(self, runtime: Runtime, key: str) -> str | None:
        if time.monotonic() - self.read_at > OWN_USER_SECONDS:
            self.ids = {
                name: str(beat.detail["user_id"])
                for name, beat in runtime.store.beats().items()
                if "user_id" in beat.detail
            }
            self.read_at = time.monotonic()
        return self.ids.get(key)


@blueprint.record_once
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["own_users"] = _OwnUsers({})


@blueprint.post("/webhooks/<vendor>")
@blueprint.post("/webhooks/<vendor>/<account>")
def receive(vendor: str, account: str | None = None) -> tuple[Response, int]:
    """Take one delivery. See the module's text for the answers."""
    runtime: Runtime = current_app.extensions["runtime"]
    known = vendor if vendor in VENDORS else "unknown"
    with timed("receive"):
        try:
            outcome, status = _receive(runtime, vendor, account)
        except Rejected as error:
            DELIVERIES.labels(known, error.reason).inc()
            log.warning("rejected", vendor=known, account=account, reason=error.reason)
            return jsonify(outcome=error.reason, detail=str(error)), error.status
        except Unavailable as error:
            DELIVERIES.labels(known, "store_down").inc()
            log.error("store down", vendor=known, error=str(error))
            answer = jsonify(outcome="store_down", detail="the store is down; please deliver again")
            answer.headers["Retry-After"] = RETRY_AFTER
            return answer, 503
    DELIVERIES.labels(known, outcome).inc()
    return jsonify(outcome=outcome), status


def _receive(runtime: Runtime, vendor: str, account_name: str | None) -> tuple[str, int]:
    account = runtime.account(vendor, account_name)
    body = _body()
    if not request.mimetype.endswith("json"):
        raise NotJson("send application/json")
    now, headers = runtime.now(), dict(request.headers.items())
    VERIFY[vendor](headers, body, _secrets(runtime, account), now)
    digest = hashlib.sha256(body).hexdigest()
    try:
        told = PARSE[vendor](headers, body, account.name)
    except Malformed as error:
        runtime.store.park_delivery(_vendor(account), account.name, f"sha256:{digest}", body, digest, str(error), now)
        raise
    return _keep(runtime, account, told, digest, now)


def _keep(
    runtime: Runtime, account: ZendeskAccount | JiraAccount, told: Event | Ignored, digest: str, now: datetime
) -> tuple[str, int]:
    vendor = _vendor(account)
    if isinstance(told, Event) and told.actor_id is not None:
        own: _OwnUsers = current_app.extensions["own_users"]
        if told.kind != "created" and told.actor_id == own.get(runtime, f"{vendor}:{account.name}"):
            told = Ignored("own_edit", told.delivery_id)
    if isinstance(told, Ignored):
        recorded = runtime.store.record_ignored(vendor, account.name, told, digest, now)
        return ("ignored" if recorded == "accepted" else recorded), 200
    if runtime.store.record(told, digest, now) == "duplicate":
        return "duplicate", 200
    runtime.doorbell.ring(told.ref)
    log.debug("accepted", ref=str(told.ref), kind=told.kind, delivery=told.delivery_id)
    return "accepted", 202


def _body() -> bytes:
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise TooLarge("a delivery is at most 1 MiB") from error


def _secrets(runtime: Runtime, account: ZendeskAccount | JiraAccount) -> tuple[bytes, ...]:
    """The secrets in force. The published test secret counts only beside the sandbox: everybody knows it."""
    secrets = account.secrets()
    if not runtime.settings.sandbox:
        secrets = tuple(secret for secret in secrets if secret != zendesk_signature.TEST_SECRET)
    if not secrets:
        raise BadSignature("no webhook secret is configured for this account")
    return secrets


def _vendor(account: ZendeskAccount | JiraAccount) -> VendorName:
    return "zendesk" if isinstance(account, ZendeskAccount) else "jira"
