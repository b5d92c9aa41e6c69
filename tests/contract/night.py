"""A night on call: the worker's own functions over one ticket, pagers on sockets, and a clock that the test moves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.packs import load_policies
from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.page import Page
from app.triage.policies import Policies
from app.triage.ticket import Comment, Customer, Event, Ref, Speaker, Status, Ticket
from config.accounts import PagerTargets, ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.pagers import Pager, pager
from tests.contract.scripted_vendor import ScriptedVendor
from workers import pages
from workers.reconcile import reconcile

REF = Ref("zendesk", "acme", "1")
DOWN = Ticket(
    ref=REF,
    subject="Everything is down",
    body="The whole platform is down for all of our users.",
    created_at=NOW,
    updated_at=NOW,
    requester=Customer(id="7", name="Ada", organization="Acme"),
    version="1",
)


class Night:
    """``pagers`` by target name; those not asked for are not set. ``at`` is the clock."""

    def __init__(self, folder: Path, pagers: dict[str, Pager], ticket: Ticket, **settings: Any) -> None:
        self.at, self.pagers = NOW, pagers
        self.vendor = ScriptedVendor(ticket)
        self.rings = 0
        addresses = {name: one.hook if name in ("email", "chat") else one.pagerduty for name, one in pagers.items()}
        values = {
            "database_url": f"sqlite:///{folder}/store.db",
            "redis_url": "memory://",
            "zendesk": {"acme": ZendeskAccount(subdomain="acme")},
            "mode": "auto",
            "model": "off",  # what phrases and rules make of a text can be foretold
            "pager": PagerTargets.model_validate(addresses),
            "pager_secret": "s3cret",
        }
        self.settings = Settings.model_validate(values | settings)
        (folder / "store.db").write_bytes(_migrated())
        self.runtime = self.worker()

    def worker(self) -> Runtime:
        """Another worker over the same store and vendor."""
        clients = {("zendesk", "acme"): self.vendor}
        runtime = Runtime(self.settings, now=lambda: self.at, clients=clients)  # type: ignore[arg-type]  # a double
        runtime.policies = _policies()  # read once: it takes longer than all the rest
        return runtime

    def ring(self, kind: str = "updated") -> str:
        """Something happens to the ticket, and it is looked at."""
        self.tell(kind)
        return reconcile(self.runtime, REF).outcome

    def tell(self, kind: str = "updated") -> None:
        """A delivery comes, and nobody works."""
        self.rings += 1
        self.runtime.store.record(Event(REF, kind, f"d{self.rings}"), "x", self.at)

    def minutes(self, count: float, *, awake: bool = True) -> None:
        """Time passes; the workers look at what is due, each half a minute, unless they are dead."""
        end = self.at + timedelta(minutes=count)
        while self.at < end:
            self.at += timedelta(seconds=30)
            if awake:
                self.sweep()

    def sweep(self) -> None:
        """What a sweep does about tickets that are due and pages that are stuck."""
        for ref in self.runtime.store.due(self.at, 10):
            reconcile(self.runtime, ref)
        pages.catch_up(self.runtime)

    def agent_notes(self, text: str) -> None:
        """An agent writes an internal note, and it is looked at."""
        comments = self.vendor.ticket.comments
        note = Comment(f"a{len(comments)}", Speaker.AGENT, text, self.at, public=False, author_id="42")
        self.vendor.ticket = replace(self.vendor.ticket, comments=(*comments, note), version=f"v{len(comments)}")
        self.ring()

    def becomes(self, status: Status) -> None:
        """The ticket's status changes, and it is looked at."""
        self.vendor.ticket = replace(self.vendor.ticket, status=status)
        self.ring()

    @property
    def page(self) -> Page:
        found = self.runtime.store.page(REF)
        assert found is not None
        return found

    @property
    def notes(self) -> str:
        """All notes of ours, the oldest first."""
        ours = (one.body for one in self.vendor.ticket.comments if one.speaker is Speaker.WORKER)
        return "\n\n".join(ours)

    def ledger(self) -> dict[str, str]:
        """The state of each step in the ledger."""
        return {
            effect.key.removeprefix(f"{REF}:page:"): effect.state
            for effect in self.runtime.store.effects_of(REF)
            if effect.kind == "page"
        }


@cache
def _migrated() -> bytes:
    """An empty store, made once: making it takes longer than a night."""
    with tempfile.TemporaryDirectory() as folder:
        migrate(f"sqlite:///{folder}/store.db")
        return (Path(folder) / "store.db").read_bytes()


@cache
def _policies() -> Policies:
    return load_policies(Settings(_env_file=None, model="off"), {})  # type: ignore[call-arg]


@contextmanager
def night(folder: Path, *names: str, ticket: Ticket = DOWN, **settings: Any) -> Iterator[Night]:
    """A night with a pager for each of these targets."""
    with ExitStack() as stack:
        running = Night(folder, {name: stack.enter_context(pager()) for name in names}, ticket, **settings)
        yield running
        running.runtime.store.close()


def after(minutes: float) -> datetime:
    """That long after the ticket came."""
    return NOW + timedelta(minutes=minutes)
