"""Zendesk's Support API, the part that a triage worker meets. Every path works with and without ``.json``."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from app.sandbox.zendesk import admin, paging
from app.sandbox.zendesk.account import Account
from app.sandbox.zendesk.answers import (
    Answer,
    addressed,
    enclosed,
    found,
    included,
    json_object,
    locked,
    refused,
    root,
    unknown,
)
from app.sandbox.zendesk.deletions import Deletions
from app.sandbox.zendesk.errors import ZendeskError, unauthorized
from app.sandbox.zendesk.many import Many
from app.sandbox.zendesk.parameters import Parameters, tags_of
from app.sandbox.zendesk.records import Record


def create_app(account: Account) -> Flask:
    """The API of one account as a WSGI application."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    api = _Api(account)
    app.before_request(api.authenticate)
    app.after_request(api.after)
    app.register_error_handler(ZendeskError, refused)
    app.register_error_handler(HTTPException, unknown)
    parts = [api.routes(), Many(account).routes(), Deletions(account).routes(), admin.routes(account)]
    for rule, methods in [route for part in parts for route in part.items()]:
        for method, view in methods.items():
            for ending in ("", ".json"):
                app.add_url_rule(
                    f"/api/v2/{rule}{ending}",
                    f"{method} {rule}{ending}",
                    locked(account.records.lock, view),
                    methods=[method],
                )
    return app


class _Api:
    def __init__(self, account: Account) -> None:
        self.account, self.records = account, account.records

    def routes(self) -> dict[str, dict[str, Callable[..., Any]]]:
        return {
            "users/me": {"GET": self.me},
            "users/<int:user_id>": {"GET": self.user},
            "organizations/<int:organization_id>": {"GET": self.organization},
            "groups": {"GET": self.groups},
            "users/<int:user_id>/group_memberships": {"GET": self.memberships},
            "ticket_fields": {"GET": self.fields},
            "custom_statuses": {"GET": self.custom_statuses},
            "problems": {"GET": self.problems},
            "tickets": {"POST": self.create, "GET": self.tickets},
            "tickets/<int:ticket_id>": {"GET": self.ticket, "PUT": self.update, "DELETE": self.delete},
            "tickets/<int:ticket_id>/comments": {"GET": self.comments},
            "tickets/<int:ticket_id>/audits": {"GET": self.audits},
            "tickets/<int:ticket_id>/tags": {"GET": self.tags, "PUT": self.add_tags},
            "tickets/<int:ticket_id>/incidents": {"GET": self.incidents},
            "incremental/tickets/cursor": {"GET": self.export},
        }

    # Who asks, and how often

    def authenticate(self) -> None:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            name, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorized() from None
        email = name.removesuffix("/token")
        known = self.records.tokens.get(email)
        if scheme.lower() != "basic" or not name.endswith("/token") or known is None:
            raise unauthorized()
        if not hmac.compare_digest(known.encode(), token.encode()):
            raise unauthorized()
        g.who = email

    def after(self, response: Response) -> Response:
        with self.records.lock:
            response.headers.extend(self.account.limits.general())
        if response.status_code < 300 and request.method == "GET":
            self.account.after_read(request.path)
        return response

    @property
    def who(self) -> Record:
        return self.records.caller(g.who)

    # Reading

    def me(self) -> Record:
        return {"user": {**addressed("users", self.who), "authenticity_token": "sandbox"}}

    def user(self, user_id: int) -> Record:
        return {"user": addressed("users", found(self.records.users, user_id))}

    def organization(self, organization_id: int) -> Record:
        return {"organization": addressed("organizations", found(self.records.organizations, organization_id))}

    def groups(self) -> Record:
        return paging.page("groups", [addressed("groups", one) for one in self.records.groups.values()])

    def memberships(self, user_id: int) -> Record:
        user = found(self.records.users, user_id)
        listed: list[Record] = [
            {"id": group + user_id, "user_id": user_id, "group_id": group, "created_at": user["created_at"],
             "updated_at": user["created_at"], "default": user["default_group_id"] == group}
            for group, members in self.records.members.items() if user_id in members
        ]  # fmt: skip
        return paging.page("group_memberships", [addressed("group_memberships", one) for one in listed])

    def fields(self) -> Record:
        fields = [addressed("ticket_fields", one) for one in self.records.fields.values()]
        return paging.page("ticket_fields", fields)

    def custom_statuses(self) -> Record:
        wanted = request.args.get("active")
        listed = [one for one in self.records.custom_statuses.values() if wanted in (None, str(one["active"]).lower())]
        return {"custom_statuses": [addressed("custom_statuses", one) for one in listed]}

    def incidents(self, ticket_id: int) -> Record:
        self.records.ticket(ticket_id)
        there = [one for number, one in self.records.tickets.items() if number not in self.records.deleted]
        return paging.page("tickets", [addressed("tickets", one) for one in there if one["problem_id"] == ticket_id])

    def problems(self) -> Record:
        """Problem tickets, the last changed first."""
        there = [one for number, one in self.records.tickets.items() if number not in self.records.deleted]
        found = sorted((one for one in there if one["type"] == "problem"), key=lambda one: str(one["updated_at"]))
        return paging.page("tickets", [addressed("tickets", one) for one in reversed(found)])

    def tickets(self) -> Record:
        there = [one for ticket_id, one in self.records.tickets.items() if ticket_id not in self.records.deleted]
        return paging.page("tickets", [addressed("tickets", one) for one in there])

    def ticket(self, ticket_id: int) -> Record:
        ticket = self.records.ticket(ticket_id)
        return {"ticket": addressed("tickets", ticket), **self._sideloads([ticket])}

    def comments(self, ticket_id: int) -> Record:
        self.records.ticket(ticket_id)
        newest_first = request.args.get("sort_order") == "desc" or request.args.get("sort") == "-created_at"
        thread = self.records.comments[ticket_id]
        page = paging.page("comments", thread[::-1] if newest_first else list(thread))
        if "users" in included():
            authors = dict.fromkeys(one["author_id"] for one in page["comments"])
            page["users"] = [addressed("users", self.records.users[one]) for one in authors]
        return page

    def audits(self, ticket_id: int) -> Record:
        self.records.ticket(ticket_id)
        return paging.page("audits", list(self.records.audits[ticket_id]))

    def tags(self, ticket_id: int) -> Record:
        return {"tags": self.records.ticket(ticket_id)["tags"]}

    def export(self) -> Record:
        wait = self.account.limits.export.use(g.who)
        if wait:
            description = "Number of allowed incremental export API requests per minute exceeded"
            error = {"error": "APIRateLimitExceeded", "description": description}
            raise ZendeskError(429, error, {"Retry-After": str(wait)})
        return self.account.exported(addressed)

    # Writing

    def create(self) -> Answer:
        """A repeated ``Idempotency-Key`` gives the first answer again; it is for new tickets only."""
        key = (g.who, request.headers.get("Idempotency-Key", ""))
        if key in self.account.created:
            body, status, headers = self.account.created[key]
            return body, status, {**headers, "x-idempotency-lookup": "hit"}
        body, status, headers = self._create()
        if key[1]:
            self.account.created[key] = (body, status, headers)
            headers = {**headers, "x-idempotency-lookup": "miss"}
        return body, status, headers

    def _create(self) -> Answer:
        parameters = Parameters(enclosed("ticket"), self.records, creating=True)
        ticket, audit = self.account.tickets.create(parameters, self.who)
        answer = {"ticket": addressed("tickets", ticket), "audit": audit}
        return answer, 201, {**_warned(parameters), "Location": f"{root()}tickets/{ticket['id']}.json"}

    def update(self, ticket_id: int) -> Answer:
        headers = self.account.limits.update(self.who["id"], ticket_id)
        parameters = Parameters(enclosed("ticket"), self.records)
        ticket, audit = self.account.tickets.update(ticket_id, parameters, self.who)
        answer = {"ticket": addressed("tickets", ticket), "audit": audit}
        return answer, 200, {**headers, **_warned(parameters)}

    def add_tags(self, ticket_id: int) -> Answer:
        headers = self.account.limits.update(self.who["id"], ticket_id)
        ticket, body = self.records.ticket(ticket_id), json_object()
        protection: Record = {name: body[name] for name in ("safe_update", "updated_stamp") if name in body}
        merged: Record = {"tags": [*ticket["tags"], *tags_of(body.get("tags"), "tags")], **protection}
        ticket, _ = self.account.tickets.update(ticket_id, Parameters(merged, self.records), self.who)
        return {"tags": ticket["tags"]}, 200, headers

    def delete(self, ticket_id: int) -> Answer:
        self.account.delete(ticket_id, self.who)
        return {}, 204, {}

    # Shapes

    def _sideloads(self, tickets: list[Record]) -> Record:
        wanted = included()
        answer: Record = {}
        tables = {
            "users": (self.records.users, ("requester_id", "submitter_id", "assignee_id")),
            "groups": (self.records.groups, ("group_id",)),
            "organizations": (self.records.organizations, ("organization_id",)),
        }
        for name, (table, columns) in tables.items():
            if name in wanted:
                ids = dict.fromkeys(ticket[column] for ticket in tickets for column in columns)
                answer[name] = [addressed(name, table[one]) for one in ids if one is not None]
        return answer


def _warned(parameters: Parameters) -> dict[str, str]:
    warning = parameters.warning()
    return {"X-Zendesk-API-Warn": warning} if warning else {}
