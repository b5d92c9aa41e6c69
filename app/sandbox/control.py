"""The control API, under ``/control``: what tests and demonstrations need and no vendor has. JSON in, JSON out.

GET    /writes                                   every accepted change through the vendors' APIs, in order
GET    /requests                                 every request to them
DELETE /requests                                 forget both
GET    /zendesk/tickets[/<id>]                   full state, comments and audits included
POST   /zendesk/tickets                          a customer writes (see desk_side)
POST   /zendesk/tickets/<id>/comments | /edit    a customer or an agent writes; an agent edits
POST   /zendesk/tickets/<id>/edit_after_read     the same edit, right after the next API GET of the ticket's
                                                 comments ("after": "ticket": of the ticket itself)
DELETE /zendesk/tickets/<id>                     an agent deletes it
GET    /jira/issues[/<key>], POST /jira/issues, .../comments, .../edit, .../edit_after_read ("after": "issue",
       the usual, or "comments"), DELETE         the same for Jira; {"project": "ENG"} in an edit moves the issue
GET    /faults, POST /faults, DELETE /faults     see faults.Fault
GET    /deliveries                               each attempt at a webhook; {"pending": n} in GET /webhooks
POST   /webhooks                                 {"paused", "duplicates", "shuffle", "release", "patience"}
POST   /zendesk/trigger                          {"body": text with {{placeholders}}, "url", "secret"}: one more
                                                 webhook, connected to a trigger on every change
GET    /clock, POST /clock                       {"at": "2026-03-02T10:00:00+00:00"} stops the time there; null: it runs
GET    /settings, POST /settings                 limits and lags: by the names that GET shows
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.sandbox import desk_side, moments
from app.sandbox.faults import Fault, Faults
from app.sandbox.jira.errors import JiraError
from app.sandbox.jira.site import Site
from app.sandbox.journal import Journal
from app.sandbox.webhooks import Sender
from app.sandbox.zendesk.account import Account
from app.sandbox.zendesk.errors import ZendeskError
from app.sandbox.zendesk.events import TRIGGER, ZendeskHook


def blueprint(account: Account, site: Site, journal: Journal, faults: Faults, sender: Sender) -> Blueprint:
    """The control API over these parts."""
    control = Blueprint("control", __name__, url_prefix="/control")
    settings = _Settings(account, site)

    @control.get("/writes")
    def writes() -> Any:
        return jsonify(journal.writes())

    @control.get("/requests")
    def requests() -> Any:
        return jsonify(journal.requests())

    @control.delete("/requests")
    def forget() -> Any:
        journal.clear()
        return {}

    @control.get("/faults")
    def armed() -> Any:
        return jsonify(faults.armed())

    @control.post("/faults")
    def arm() -> Any:
        given = _given()
        for fault in [Fault(**one) for one in (given if isinstance(given, list) else [given])]:
            faults.arm(fault)
        return jsonify(faults.armed()), 201

    @control.delete("/faults")
    def disarm() -> Any:
        faults.clear()
        return {}

    @control.get("/deliveries")
    def deliveries() -> Any:
        return jsonify(sender.attempts())

    @control.get("/webhooks")
    def webhooks() -> Any:
        return {"paused": sender.paused, "duplicates": sender.duplicates, "shuffle": sender.shuffle,
                "patience": sender.patience, "pending": sender.pending()}  # fmt: skip

    @control.post("/webhooks")
    def misbehave() -> Any:
        given = _given()
        for name in ("paused", "duplicates", "shuffle", "patience"):
            if name in given:
                setattr(sender, name, given[name])
        return {"released": sender.release() if given.get("release") else 0}

    @control.get("/clock")
    def clock() -> Any:
        return {"at": moments.now().isoformat()}

    @control.post("/clock")
    def set_clock() -> Any:
        at = _given()["at"]
        moments.stop(None if at is None else datetime.fromisoformat(at).astimezone(UTC))
        return clock()

    @control.get("/settings")
    def shown() -> Any:
        return settings.shown()

    @control.post("/settings")
    def changed() -> Any:
        settings.change(_given())
        return settings.shown()

    control.register_blueprint(_zendesk(account))
    control.register_blueprint(_jira(site))
    control.register_error_handler(Exception, _refused)
    return control


def zendesk_state(account: Account, ticket_id: int) -> dict[str, Any]:
    """A ticket with everything that belongs to it; a deleted one too."""
    records = account.records
    with records.lock:
        ticket = records.tickets.get(ticket_id) or records.ticket(ticket_id)
        group = records.groups.get(ticket["group_id"])
        organization = records.organizations.get(ticket["organization_id"])
        return {
            **ticket,
            "group": group["name"] if group else None,
            "organization": organization["name"] if organization else None,
            "requester": records.users[ticket["requester_id"]]["name"],
            "comments": list(records.comments[ticket_id]),
            "audits": list(records.audits[ticket_id]),
            "deleted": ticket_id in records.deleted,
        }


def jira_state(site: Site, key: str) -> dict[str, Any]:
    """An issue with everything that belongs to it."""
    with site.records.lock:
        issue = site.records.issue(key)
        return {**asdict(issue), "rendered": site.render().issue(issue)}


def _zendesk(account: Account) -> Blueprint:
    control = Blueprint("zendesk", __name__, url_prefix="/zendesk")

    @control.get("/tickets")
    def tickets() -> Any:
        with account.records.lock:
            return jsonify([zendesk_state(account, one) for one in account.records.tickets])

    @control.get("/tickets/<int:ticket_id>")
    def ticket(ticket_id: int) -> Any:
        return zendesk_state(account, ticket_id)

    @control.post("/tickets")
    def create() -> Any:
        return zendesk_state(account, desk_side.zendesk_create(account, _given())["id"]), 201

    @control.post("/tickets/<int:ticket_id>/comments")
    def comment(ticket_id: int) -> Any:
        desk_side.zendesk_comment(account, ticket_id, _given())
        return zendesk_state(account, ticket_id), 201

    @control.post("/tickets/<int:ticket_id>/edit")
    def edit(ticket_id: int) -> Any:
        desk_side.zendesk_edit(account, ticket_id, _given())
        return zendesk_state(account, ticket_id)

    @control.post("/tickets/<int:ticket_id>/edit_after_read")
    def edit_after_read(ticket_id: int) -> Any:
        given = _given()
        account.records.ticket(ticket_id)
        what = _choice(given.pop("after", "comments"), ("comments", "ticket"))
        account.once_read(ticket_id, what, lambda: _void(desk_side.zendesk_edit(account, ticket_id, given)))
        return {}, 202

    @control.delete("/tickets/<int:ticket_id>")
    def delete(ticket_id: int) -> Any:
        with account.records.lock:
            account.delete(ticket_id, account.records.caller(desk_side.AGENT.email))
        return {}

    @control.post("/trigger")
    def trigger() -> Any:
        given = _given()
        first = account.hooks[0] if account.hooks else None
        url = given.get("url") or (first.url if first else "")
        secret = given.get("secret") or (first.secret if first else "")
        hook = ZendeskHook(url, secret, (TRIGGER,), given["body"], name="Trigger")
        account.hooks.append(hook)
        return {"id": hook.id}, 201

    return control


def _jira(site: Site) -> Blueprint:
    control = Blueprint("jira", __name__, url_prefix="/jira")

    @control.get("/issues")
    def issues() -> Any:
        with site.records.lock:
            return jsonify([jira_state(site, one) for one in site.records.issues])

    @control.get("/issues/<key>")
    def issue(key: str) -> Any:
        return jira_state(site, key)

    @control.post("/issues")
    def create() -> Any:
        return jira_state(site, desk_side.jira_create(site, _given()).id), 201

    @control.post("/issues/<key>/comments")
    def comment(key: str) -> Any:
        desk_side.jira_comment(site, key, _given())
        return jira_state(site, key), 201

    @control.post("/issues/<key>/edit")
    def edit(key: str) -> Any:
        return jira_state(site, desk_side.jira_edit(site, key, _given()).id)

    @control.post("/issues/<key>/edit_after_read")
    def edit_after_read(key: str) -> Any:
        given = _given()
        found = site.records.issue(key)
        what = _choice(given.pop("after", "issue"), ("issue", "comments"))
        site.once_read(found.id, what, lambda: _void(desk_side.jira_edit(site, found.id, given)))
        return {}, 202

    @control.delete("/issues/<key>")
    def delete(key: str) -> Any:
        with site.records.lock:
            site.issues.delete(site.records.issue(key), site.records.caller(desk_side.AGENT.email))
        return {}

    return control


class _Settings:
    """What may be changed while it runs, by name. A limit of 0 is off."""

    def __init__(self, account: Account, site: Site) -> None:
        limits, per_issue = account.limits, site.limits
        self._places: dict[str, tuple[object, str]] = {
            "zendesk_requests_per_minute": (limits.requests, "total"),
            "zendesk_updates_per_minute": (limits.updates, "total"),
            "zendesk_updates_per_ticket": (limits.per_ticket, "total"),
            "zendesk_exports_per_minute": (limits.export, "total"),
            "zendesk_export_lag": (account, "export_lag"),
            "zendesk_jobs_at_once": (account, "most_jobs"),
            "jira_writes_per_2_seconds": (per_issue.short, "total"),
            "jira_writes_per_30_seconds": (per_issue.long, "total"),
            "jira_gets_per_second": (per_issue.asks, "total"),
            "jira_puts_per_second": (per_issue.edits, "total"),
            "jira_webhook_shape": (site, "shape"),
            "jira_deployment": (site, "deployment"),
            "jira_time_zone": (site, "zone"),
        }

    def shown(self) -> dict[str, Any]:
        return {name: getattr(owner, attribute) for name, (owner, attribute) in self._places.items()}

    def change(self, given: dict[str, Any]) -> None:
        for name in given:
            _choice(name, tuple(self._places))
        for name, value in given.items():
            owner, attribute = self._places[name]
            setattr(owner, attribute, value)


def _given() -> Any:
    return request.get_json(force=True)


def _choice(word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise ValueError(f"{word!r} is none of {', '.join(words)}")
    return word


def _void(result: object) -> None:
    """An edit's result, dropped."""


def _refused(error: Exception) -> tuple[Response, int]:
    if isinstance(error, (ZendeskError, JiraError)):
        return jsonify(error.body), error.status

    return jsonify({"error": f"{type(error).__name__}: {error}"}), int(getattr(error, "code", None) or 400)
