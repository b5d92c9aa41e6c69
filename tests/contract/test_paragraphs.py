"""What an account's tickets share is learned from hashes alone, slowly, and never from a storm of equal complaints."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.runtime import Runtime
from app.store.paragraphs import count
from app.store.schema import paragraphs
from app.store.store import Store
from app.triage import boilerplate
from app.triage.ticket import Customer, Event, Ref, Ticket
from tests.conftest import NOW
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_reconcile import Clock, clock, runtime, vendor
from tests.contract.test_store import store, url
from workers.reconcile import reconcile
from workers.sweep import sweep

__all__ = ["clock", "runtime", "store", "url", "vendor"]  # fixtures

DAY = timedelta(days=1)
HASHES = ("a" * 32, "b" * 32)
DECISION = {"policy": "unified", "policy_digest": "abc", "label": "Defect", "severity": "P2"}
FORM = (
    "Thank you for shopping with us. If the parcel was lost, or our site is down for everybody, please tell us the\n"
    "number of your order and the day on which you placed it, so that we can find it quickly."
)


def ticket(number: int, requester: str, account: str = "acme", body: str = "b") -> Ticket:
    ref = Ref("zendesk", account, str(number))
    return Ticket(ref=ref, subject="s", body=body, created_at=NOW, updated_at=NOW, requester=Customer(id=requester))


SPREADS = {  # tickets, people, days, over how many days, whether it becomes shared
    "many tickets of several people over weeks": (20, 3, 5, 20, True),
    "one ticket too few": (19, 3, 5, 20, False),
    "two people who always write it": (30, 2, 10, 20, False),
    "a storm of equal complaints": (60, 60, 3, 2, False),
    "a storm that comes back after weeks": (60, 60, 4, 20, False),
    "a storm that lasts a week": (60, 60, 8, 8, False),
    "tickets of nobody who is known": (25, 0, 25, 25, False),
}


def counted(store: Store, account: str, tickets: int, people: int, days: int, over: int) -> datetime:
    """Count tickets of an account that are spread like this; gives the day of the last."""
    at = NOW
    with store._begin() as connection:
        for number in range(tickets):
            at = NOW + (number * days // tickets) * over * DAY / max(1, days - 1)
            requester = f"{number % people:016x}" if people else ""
            count(connection, store._insert, Ref("zendesk", account, str(number)), requester, HASHES, at)
    return at


def test_only_what_several_people_wrote_in_many_tickets_over_weeks_is_shared(store: Store) -> None:
    for number, (name, (*spread, becomes)) in enumerate(SPREADS.items()):
        account = f"acme{number}"
        last = counted(store, account, *spread)
        found = store.shared_paragraphs(Ref("zendesk", account, "99"), [*HASHES, "c" * 32], last)
        assert found == (set(HASHES) if becomes else frozenset()), name
    assert store.shared_paragraphs(Ref("zendesk", "acme0", "99"), (), NOW + 30 * DAY) == frozenset()
    assert store.shared_paragraphs(Ref("jira", "acme0", "99"), HASHES, NOW + 30 * DAY) == frozenset()


def test_what_was_not_seen_for_long_is_forgotten(store: Store) -> None:
    counted(store, "acme", 20, 3, 5, 20)
    counted(store, "other", 20, 3, 5, 60)
    assert store.forget_paragraphs(NOW + 30 * DAY) == len(HASHES)
    assert store.shared_paragraphs(Ref("zendesk", "acme", "99"), HASHES, NOW + 60 * DAY) == frozenset()
    assert store.shared_paragraphs(Ref("zendesk", "other", "99"), HASHES, NOW + 60 * DAY) == set(HASHES)


def test_a_lost_lease_counts_nothing(store: Store) -> None:
    one = ticket(1, "1")
    store.record(Event(one.ref, "created", "d"), "x", NOW)
    stale = store.lease(one.ref, NOW, 1)
    assert stale is not None
    assert store.lease(one.ref, NOW + DAY, 60) is not None
    store.remember(stale, NOW + DAY, decision=DECISION, ticket=one, paragraphs=HASHES)
    assert store.forget_paragraphs(NOW + 90 * DAY) == 0


def test_the_worker_counts_a_ticket_once_and_reads_what_is_shared_no_more(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    def look(number: int, name: str = "created") -> Ref:
        body = f"The invoice of my last order shows the wrong total.\n\n{FORM}"
        vendor.ticket = ticket(number, str(number % 4), body=body)
        ref = vendor.ticket.ref
        runtime.store.record(Event(ref, name, f"{number} {name}"), "x", clock())
        assert reconcile(runtime, ref).outcome in ("decided", "unchanged")
        return ref

    first = look(0)
    severity = runtime.store.history(first)[-1]["severity"]
    look(0, "updated")
    with runtime.store._begin() as connection:
        (row,) = connection.execute(select(paragraphs)).all()
    assert (row.tickets, row.days) == (1, 1)
    assert "site" not in repr(row)
    hashes = boilerplate.paragraphs_of(vendor.ticket)
    with runtime.store._begin() as connection:
        for number in range(1, boilerplate.LEAST_TICKETS):
            clock.move(days=1)
            count(connection, runtime.store._insert, first, f"{number % 4:016x}", hashes, clock())
    last = look(1000)
    assert runtime.store.history(last)[-1]["severity"] > severity
    assert not {"outage", "broad"} & set(runtime.store.history(last)[-1]["facts"])


def test_the_sweep_forgets_what_was_not_seen_for_long(runtime: Runtime, clock: Clock) -> None:
    counted(runtime.store, "acme", 1, 1, 1, 1)
    for days, left in ((boilerplate.KEPT.days, len(HASHES)), (1, 0)):
        clock.move(days=days)
        sweep(runtime)
        with runtime.store._begin() as connection:
            assert len(connection.execute(select(paragraphs)).all()) == left
