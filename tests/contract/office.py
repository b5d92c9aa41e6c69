"""A workshop whose sandbox stands under the same clock as the worker: days pass in moments, and a look is taken only
when the store says that the ticket is due, as the sweep would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.packs import load_policies
from app.runtime import Runtime
from app.sandbox import moments
from app.sandbox.server import Sandbox
from app.sandbox.zendesk.records import ON_CUSTOMER
from app.store.schema import tickets
from app.triage.policies import Policies
from app.triage.ticket import Ref, Status, Ticket
from config.settings import Settings
from tests.contract.workshop import Workshop

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
QUESTION = ("Export", "How do I export my contacts to a spreadsheet? I did not find it.")
ANSWER = "Please open Contacts and choose Export. Does that help?"
STATUSES: Mapping[str, Mapping[str, Any]] = {
    "zendesk": {
        "open": {"status": "open"},
        "pending": {"status": "pending"},
        "hold": {"status": "hold"},
        "waiting": {"custom_status_id": ON_CUSTOMER},
        "solved": {"status": "solved"},
    },
    "jira": {
        "open": {"status": "In progress"},
        "pending": {"status": "Waiting for customer"},
        "hold": {"status": "On hold"},
        "waiting": {"status": "Waiting on customer"},
        "solved": {"status": "Resolved"},
    },
}


class Office(Workshop):
    """Begins on a Monday at ten, UTC."""

    def __init__(self, folder: Path, sandbox: Sandbox, knobs: Mapping[str, str] | None = None, **settings: Any) -> None:
        moments.stop(MONDAY)
        super().__init__(folder, sandbox, **settings)
        variables = {"TRIAGE_BRIDGE__PROJECT": "ENG", **(knobs or {})}
        self.runtime = Runtime(self.settings, variables, now=self.now)
        self.runtime.policies = _policies(tuple(variables.items()))

    def now(self) -> datetime:
        moments.stop(MONDAY + self._ahead)
        return MONDAY + self._ahead

    def pass_time(self, **by: float) -> None:
        """Put both clocks forward."""
        super().pass_time(**by)
        moments.stop(self.now())

    def at_work(self, ref: Ref, **by: float) -> None:
        """Let time pass; the ticket is looked at whenever it is due, within half a minute."""
        end = self.now() + timedelta(**by)
        while (due := self._due(ref)) is not None and due < end:
            self._go_on_to(max(due, self.now()) + timedelta(seconds=30))
            self.work(ref)
        self._go_on_to(max(end, self.now()))

    def _go_on_to(self, at: datetime) -> None:
        self.pass_time(seconds=(at - self.now()).total_seconds())

    def _due(self, ref: Ref) -> datetime | None:
        """When the sweep will ring for the ticket."""
        its = (tickets.c.vendor == ref.vendor, tickets.c.account == ref.account, tickets.c.ticket_id == ref.id)
        with self.runtime.store._begin() as connection:
            due, leased, later = connection.execute(
                select(tickets.c.due_at, tickets.c.lease_until, tickets.c.not_before).where(*its)
            ).one()
        assert self.runtime.store.parked() == []
        return max(filter(None, (due, leased, later))) if due else leased

    def hears(self, ref: Ref) -> None:
        """A delivery comes, and the ticket is looked at."""
        self.tell(ref)
        self.work(ref)

    def asks(self, vendor: str, subject: str = QUESTION[0], body: str = QUESTION[1], **more: Any) -> Ref:
        """A customer writes, and the ticket is triaged."""
        ref = self.customer_writes(vendor, subject, body, **more)
        self.work(ref)
        self.pass_time(minutes=5)
        return ref

    def edits(self, ref: Ref, **changes: Any) -> None:
        """An agent changes the ticket; ``state`` stands for the vendor's own status."""
        if state := changes.pop("state", None):
            changes |= STATUSES[ref.vendor][state]
        self.control("POST", f"{self._place(ref)}/edit", changes)
        self.hears(ref)

    def answers(self, ref: Ref, body: str = ANSWER, **more: Any) -> None:
        """An agent answers in public."""
        self.control("POST", f"{self._place(ref)}/comments", {"by": "agent", "body": body, **more})

    def customer_answers(self, ref: Ref, body: str) -> None:
        """The customer writes again; at Zendesk that opens the ticket."""
        self.control("POST", f"{self._place(ref)}/comments", {"by": "customer", "body": body})
        self.hears(ref)

    def pending(self, vendor: str, **more: Any) -> Ref:
        """A question that was answered, and waits for the customer."""
        ref = self.asks(vendor, **more)
        self.answers(ref)
        self.edits(ref, state="pending")
        return ref

    def status(self, ref: Ref) -> Status:
        """What its status means."""
        return self.ticket(ref).status

    def ticket(self, ref: Ref) -> Ticket:
        """The ticket as the worker reads it."""
        return self.runtime.client(ref.vendor, ref.account).fetch(ref)

    def said(self, ref: Ref, *, public: bool) -> list[str]:
        """What we said on the ticket, seen by the customer or not."""
        ticket = self.ticket(ref)
        us = self.runtime.client(ref.vendor, ref.account).whoami()
        return [one.body for one in ticket.comments if one.public is public and one.author_id == us]

    def count(self, ref: Ref, words: str, *, public: bool = False) -> int:
        """How many comments of ours hold these words."""
        return sum(words in body for body in self.said(ref, public=public))

    def close(self) -> None:
        super().close()
        moments.stop(None)

    @staticmethod
    def _place(ref: Ref) -> str:
        return f"/zendesk/tickets/{ref.id}" if ref.vendor == "zendesk" else f"/jira/issues/{ref.id}"


@cache
def _policies(variables: tuple[tuple[str, str], ...]) -> Policies:
    """The policies under these variables: reading them takes longer than weeks in the office."""
    return load_policies(Settings(_env_file=None), dict(variables))  # type: ignore[call-arg]


Made = Callable[..., Office]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        running.account.limits.updates.total = 0  # limits have their own tests
        running.account.limits.requests.total = 1_000_000
        yield running


@pytest.fixture
def made(tmp_path: Path, sandbox: Sandbox) -> Iterator[Made]:
    """An office with knobs and settings of a test's own."""
    offices: list[Office] = []

    def make(knobs: Mapping[str, str] | None = None, **settings: Any) -> Office:
        offices.append(Office(tmp_path, sandbox, knobs, **settings))
        return offices[-1]

    yield make
    for one in offices:
        one.control("DELETE", "/faults")
        one.close()


@pytest.fixture
def office(made: Made) -> Office:
    return made()
