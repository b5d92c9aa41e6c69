"""What the store remembers of pages, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from app.store.store import Store
from app.triage.page import Page, Taken
from app.triage.ticket import Event, Ref
from tests.conftest import NOW
from tests.contract.test_store import store, url

__all__ = ["store", "url"]  # fixtures

REF, OTHER = Ref("zendesk", "acme", "1"), Ref("zendesk", "beta", "1")
MINUTE = timedelta(minutes=1)


def opened(store: Store, ref: Ref = REF, at=NOW) -> Page:
    return store.open_page(ref, ref, at - MINUTE, at, "P0", "P0 Reliability: everything is down")


def test_an_incident_has_one_open_page_and_each_account_its_own(store: Store) -> None:
    first = opened(store)
    assert (first.episode, first.key, first.told_at, first.opened_at) == (1, f"firstline:{REF}", NOW - MINUTE, NOW)
    assert opened(store, at=NOW + MINUTE) == first
    assert opened(store, OTHER).key == f"firstline:{OTHER}"
    assert store.page(Ref("jira", "acme", "1")) is None
    assert store.page_by_key(f"firstline:{REF}") == first
    assert store.page_by_key("") is None
    assert [page.incident for page in store.open_pages()] == [REF, OTHER]


def test_an_open_page_is_handed_over_to_the_ticket_that_is_repeated_and_keeps_its_key(store: Store) -> None:
    first = Ref("jira", "acme", "SUP-1")
    page = opened(store)
    handed = store.hand_page_over(page, first)
    assert (handed.incident, handed.episode, handed.key, handed.opened_by) == (first, 1, page.key, REF)
    assert store.page(first) == handed
    assert store.page(REF) is None
    assert store.hand_page_over(opened(store, OTHER), first) == handed, "what is open there stays"
    assert store.resolve_page(handed, NOW, "over")
    again = store.hand_page_over(opened(store, OTHER), first)
    assert (again.episode, again.open, again.opened_by) == (2, True, OTHER)


def test_of_whose_look_a_page_was_opened_is_known_across_accounts_if_its_name_fits(store: Store) -> None:
    long = Ref("zendesk", "a" * 60, "1")
    for incident, opener, kept in (
        (REF, Ref("jira", "acme", "SUP-1"), Ref("jira", "acme", "SUP-1")),
        (OTHER, long, OTHER),
    ):
        assert store.open_page(incident, opener, NOW, NOW, "P0", "down").opened_by == kept


def test_of_many_who_open_a_page_at_once_all_get_the_same(store: Store) -> None:
    ready, found = threading.Barrier(6), list[Page]()

    def work() -> None:
        ready.wait()
        found.append(opened(store))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert {page.episode for page in found} == {1}


def test_what_is_over_is_followed_by_the_next_episode(store: Store) -> None:
    first = opened(store)
    assert store.resolve_page(first, NOW + MINUTE, "the ticket is solved")
    assert not store.resolve_page(first, NOW + 2 * MINUTE, "again")
    second = opened(store, at=NOW + 3 * MINUTE)
    assert (second.episode, second.key) == (2, first.key)
    assert store.page_by_key(first.key) == second
    assert store.open_pages() == [second]


def test_the_first_acknowledgement_counts_and_only_one_of_this_episode(store: Store) -> None:
    page = opened(store)
    assert not store.acknowledge_page(page, NOW - 5 * MINUTE, "early", "pagerduty")
    assert store.acknowledge_page(page, NOW + MINUTE, "Ada", "board")
    assert not store.acknowledge_page(page, NOW + 2 * MINUTE, "Bob", "pagerduty")
    known = store.page(REF)
    assert known is not None
    assert (known.acknowledged_by, known.acknowledged_via, known.acknowledged_at) == ("Ada", "board", NOW + MINUTE)
    assert store.confirm_page(page, NOW + MINUTE, "user 7")
    assert not store.confirm_page(page, NOW + MINUTE, "user 8")
    store.resolve_page(page, NOW + 3 * MINUTE, "solved")
    assert not store.acknowledge_page(page, NOW + 4 * MINUTE, "late", "board")


def test_a_page_that_is_told_otherwise_stays_the_same_page(store: Store) -> None:
    retold = store.retell_page(opened(store), "P0 Reliability: everything is down, storm: 14 customers in 20 min")
    assert store.page(REF) == retold
    assert (retold.episode, retold.key) == (1, f"firstline:{REF}")


def test_one_at_a_time_carries_steps_out_and_who_lost_the_right_writes_nothing(store: Store) -> None:
    page = opened(store)
    first = store.hold_page(page, NOW, NOW + MINUTE)
    assert first is not None
    assert store.hold_page(page, NOW, NOW + MINUTE) is None
    assert store.still_holds_page(first, NOW)
    assert not store.still_holds_page(first, NOW + MINUTE)
    second = store.hold_page(page, NOW + MINUTE, NOW + 2 * MINUTE)
    assert second is not None
    store.page_step(first, "L2:page", Taken(NOW, ("l2/a",)))
    store.release_page(first, None)
    known = store.page(REF)
    assert known is not None
    assert (dict(known.taken), known.next_at) == ({}, NOW)
    assert store.still_holds_page(second, NOW + MINUTE)


def test_steps_and_troubles_come_back_as_they_were_written(store: Store) -> None:
    page = store.hold_page(opened(store), NOW, NOW + MINUTE)
    assert page is not None
    page = store.page_step(page, "L2:page", None, "pagerduty-1: answers 503")
    assert page.unreached == ("L2:page",)
    taken = Taken(NOW, ("l2/webhook-2",), late=True)
    page = store.page_step(page, "L2:page", taken, "pagerduty-1: answers 503")
    page = store.page_step(page, "email", Taken(NOW, unknown=True))
    store.release_page(page, NOW + 60 * MINUTE)
    known = store.page(REF)
    assert known is not None
    assert dict(known.taken) == {"L2:page": taken, "email": Taken(NOW, unknown=True)}
    assert dict(known.trouble) == {"L2:page": "pagerduty-1: answers 503"}
    assert (known.unreached, known.next_at) == ((), NOW + 60 * MINUTE)
    assert store.hold_page(page, NOW, NOW + MINUTE) is not None, "it was given back"


@pytest.mark.parametrize("state", ["parked", "waits", "rests", "due"])
def test_a_page_is_stuck_where_no_look_will_reach_its_ticket(store: Store, state: str) -> None:
    opened(store)
    store.record(Event(REF, "created", "d"), "x", NOW)
    lease = store.lease(REF, NOW, 60)
    assert lease is not None
    match state:
        case "parked":
            store.park(lease, NOW, "loop", "too many")
        case "waits":
            store.wait(lease, NOW, 300, "Unavailable", blameless=True)
        case "rests":
            store.remember(lease, NOW, decision=None)
        case "due":
            store.remember(lease, NOW, decision=None, wake_at=NOW)
    stuck = store.stuck_pages(NOW, NOW + 3 * MINUTE)
    assert [page.incident for page in stuck] == ([] if state == "due" else [REF])
    assert store.stuck_pages(NOW - MINUTE, NOW) == [], "not overdue for long"


def test_a_page_follows_its_issue_to_another_name_and_keeps_its_key(store: Store) -> None:
    old, new = Ref("jira", "acme", "SUP-7"), Ref("jira", "acme", "OPS-3")
    store.record(Event(old, "created", "d"), "x", NOW)
    opened(store, old)
    store.rename(old, new, NOW)
    assert store.page(old) is None
    moved = store.page_by_key(f"firstline:{old}")
    assert moved is not None
    assert (moved.incident, moved.opened_by) == (new, new)
