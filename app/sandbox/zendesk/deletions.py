"""Deleted tickets: listed, restored; and spam, which is deleted while its sender is suspended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g

from app.sandbox.zendesk import paging
from app.sandbox.zendesk.account import Account
from app.sandbox.zendesk.records import Record


class Deletions:
    """The endpoints about tickets that are gone."""

    def __init__(self, account: Account) -> None:
        self.account, self.records = account, account.records

    def routes(self) -> dict[str, dict[str, Callable[..., Any]]]:
        """Paths to views, by method."""
        return {
            "deleted_tickets": {"GET": self.deleted},
            "deleted_tickets/<int:ticket_id>/restore": {"PUT": self.restore},
            "tickets/<int:ticket_id>/mark_as_spam": {"PUT": self.spam},
        }

    def deleted(self) -> Record:
        gone = [self.records.tickets[one] for one in sorted(self.records.deleted - self.records.scrubbed)]
        return paging.page("deleted_tickets", [self._shown(one) for one in gone])

    def _shown(self, ticket: Record) -> Record:
        return {
            "id": ticket["id"],
            "subject": ticket["subject"],
            "actor": {"id": self.records.caller(g.who)["id"], "name": self.records.caller(g.who)["name"]},
            "deleted_at": ticket["updated_at"],
            "previous_state": ticket["status"],
        }

    def restore(self, ticket_id: int) -> tuple[None, int, Record]:
        self.account.restore(ticket_id, self.records.caller(g.who))
        return None, 200, {}

    def spam(self, ticket_id: int) -> tuple[None, int, Record]:
        requester = self.records.users[self.records.ticket(ticket_id)["requester_id"]]
        self.account.delete(ticket_id, self.records.caller(g.who), "marked_as_spam")
        requester["suspended"] = True
        return None, 200, {}
