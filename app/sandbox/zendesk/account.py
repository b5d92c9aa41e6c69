"""One Zendesk account: its records, what may be done to its tickets, its limits, and its webhooks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from app.sandbox import moments
from app.sandbox.limits import Window
from app.sandbox.webhooks import Sender
from app.sandbox.zendesk import paging
from app.sandbox.zendesk.errors import ZendeskError, not_found, too_many
from app.sandbox.zendesk.events import ZendeskHook, deliveries
from app.sandbox.zendesk.records import Record, Records
from app.sandbox.zendesk.tickets import Happening, Tickets

_READ = re.compile(r"/api/v2/tickets/(\d+)(/comments)?(?:\.json)?/?")


class Limits:
    """The limits that Zendesk's "Rate limits" page gives for ticket updates and the export; 0 switches one off."""

    def __init__(self) -> None:
        self.updates = Window(100, 60.0)
        self.per_ticket = Window(30, 600.0)
        self.export = Window(10, 60.0)
        self.requests = Window(2500, 60.0)

    def general(self) -> dict[str, str]:
        """Count a request; the headers that every answer carries. The general limit is shown, not enforced."""
        self.requests.use()
        total, left = str(self.requests.total), str(self.requests.remaining())
        return {
            "X-Rate-Limit": total,
            "X-Rate-Limit-Remaining": left,
            "ratelimit-limit": total,
            "ratelimit-remaining": left,
            "ratelimit-reset": str(self.requests.resets()),
            "rate-limit": total,
            "rate-limit-remaining": left,
            "rate-limit-reset": str(self.requests.resets()),
        }

    def update(self, user_id: int, ticket_id: int) -> dict[str, str]:
        """Count an update of a ticket, whatever becomes of it; its headers. Raises when there is no room."""
        key = (user_id, ticket_id)
        account_wait = self.updates.use()
        wait = account_wait or self.per_ticket.use(key)
        headers = {}
        if self.updates.total:
            headers["zendesk-rate-limit-tickets-update"] = _shown(self.updates)
        if self.per_ticket.total:
            headers["zendesk-ratelimit-per-ticket-updates"] = _shown(self.per_ticket, key)
        if wait:
            raise too_many(wait, headers)
        return headers

    def update_of_many(self) -> dict[str, str]:
        """Count a request that updates many tickets; its headers. Raises when there is no room."""
        wait = self.updates.use()
        headers = {"zendesk-rate-limit-tickets-update": _shown(self.updates)} if self.updates.total else {}
        if wait:
            raise too_many(wait, headers)
        return headers


def _shown(window: Window, key: Any = None) -> str:
    return f"total={window.total}; remaining={window.remaining(key)}; resets={window.resets(key)}"


class Account:
    """Everything the API and the control API act on."""

    def __init__(self, accounts: Mapping[str, str], sender: Sender) -> None:
        self.records = Records(accounts)
        self.hooks: list[ZendeskHook] = []
        self.limits = Limits()
        self.export_lag = 60.0
        self.most_jobs = 30
        self.created: dict[tuple[str, str], tuple[Record, int, dict[str, str]]] = {}
        self.sender = sender
        self.tickets = Tickets(self.records, self._tell)
        self._after_reads: list[tuple[int, str, Callable[[], None]]] = []

    def _tell(self, happening: Happening) -> None:
        self.sender.send(list(deliveries(self.hooks, happening)))

    def delete(self, ticket_id: int, actor: Record, kind: str = "soft_deleted") -> None:
        """Move a ticket to the deleted ones; ``kind`` is the event that tells it."""
        ticket = self.records.ticket(ticket_id)
        self.records.deleted.add(ticket_id)
        self._moved(ticket, actor, kind, "deleted")

    def delete_for_ever(self, ticket_id: int, actor: Record) -> None:
        """What a deleted ticket held is scrubbed."""
        ticket = self._deleted(ticket_id)
        self.records.scrubbed.add(ticket_id)
        for one in self.records.comments[ticket_id]:
            one |= {"body": "", "html_body": "", "plain_body": "", "attachments": []}
        ticket |= {"subject": "SCRUBBED", "raw_subject": "SCRUBBED", "description": "SCRUBBED", "tags": []}
        self._moved(ticket, actor, "permanently_deleted", "deleted")

    def restore(self, ticket_id: int, actor: Record) -> None:
        """Take a ticket back from the deleted ones."""
        ticket = self._deleted(ticket_id)
        self.records.deleted.remove(ticket_id)
        self._moved(ticket, actor, "undeleted", ticket["status"])

    def _deleted(self, ticket_id: int) -> Record:
        if ticket_id not in self.records.deleted - self.records.scrubbed:
            raise not_found()
        return self.records.tickets[ticket_id]

    def _moved(self, ticket: Record, actor: Record, kind: str, status: str) -> None:
        at = moments.after(ticket["updated_at"], moments.now())
        ticket["updated_at"], ticket["generated_timestamp"] = moments.zendesk(at), int(moments.now().timestamp())
        self._tell(Happening({**ticket, "status": status}, actor, False, {kind: (None, {})}, None))

    def once_read(self, ticket_id: int, what: str, act: Callable[[], None]) -> None:
        """``act`` right after the next answer to a GET of this ticket; ``what`` is ``ticket`` or ``comments``."""
        with self.records.lock:
            self._after_reads.append((ticket_id, what, act))

    def after_read(self, path: str) -> None:
        """An answer was made: do what waited for it, before the answer leaves."""
        found = _READ.fullmatch(path)
        if not found or not self._after_reads:
            return
        read = (int(found[1]), "comments" if found[2] else "ticket")
        with self.records.lock:
            due = [entry for entry in self._after_reads if entry[:2] == read]
            self._after_reads = [entry for entry in self._after_reads if entry[:2] != read]
            for _, _, act in due:
                act()

    def exported(self, addressed: Callable[[str, Record], Record]) -> dict[str, Any]:
        """A page of the incremental export ("Incremental exports: cursor-based"): everything that changed since,
        deleted tickets too, the last minute withheld."""
        size = min(1000, int(request.args.get("per_page", "1000")))
        cursor, start = request.args.get("cursor"), request.args.get("start_time", "")
        newest = moments.now().timestamp() - self.export_lag
        if cursor:
            since, last_id = divmod(paging.decoded(cursor), 10**7)
        elif start.isdigit():
            since, last_id = int(start), 0
            if since > newest:
                description = "Invalid start_time: must be at least 60 seconds ago"
                raise ZendeskError(400, {"error": "InvalidValue", "description": description})
        else:
            raise ZendeskError(400, {"error": "MissingParameter", "description": "start_time or cursor is required"})
        places = ((one["generated_timestamp"], ticket_id) for ticket_id, one in self.records.tickets.items())
        changed = sorted(place for place in places if place > (since, last_id) and place[0] <= newest)
        page = changed[:size]
        position = page[-1] if page else (since, last_id)
        tickets = [self.records.tickets[ticket_id] for _, ticket_id in page]
        after = paging.encoded(position[0] * 10**7 + position[1])
        return {
            "tickets": [
                addressed("tickets", {**one, "status": "deleted"} if one["id"] in self.records.deleted else one)
                for one in tickets
            ],
            "after_cursor": after,
            "after_url": f"{request.base_url}?cursor={after}",
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": len(changed) <= size,
        }
