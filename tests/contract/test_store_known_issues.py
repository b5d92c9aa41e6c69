"""The registry of known issues in the store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.store.known_issues import Match
from app.store.migrate import migrate
from app.store.store import Store
from app.triage.known_issues.entry import RegistryEntry, over, with_workaround
from app.triage.ticket import Event, Ref
from tests.conftest import NOW

LATER = NOW + timedelta(hours=1)
TICKET, OTHER = Ref("zendesk", "acme", "1"), Ref("zendesk", "acme", "2")
ISSUE = Ref("jira", "acme", "ENG-7")
SLOW = RegistryEntry(source="jira", key=str(ISSUE), ref=ISSUE, title="Export is slow", tag="ENG-7-export-is-slow")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/store.db"
    else:
        import psycopg

        cluster = request.getfixturevalue("postgres")
        name = f"known_{abs(hash(request.node.nodeid)) % 10**12}"
        with psycopg.connect(cluster.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = cluster.rsplit("/", 1)[0] + f"/{name}"
    migrate(url)
    opened = Store(url)
    yield opened
    opened.close()


def test_an_entry_is_found_by_tag_key_and_number_in_its_own_tenant_alone(store: Store) -> None:
    kept, new = store.keep_known_issue("acme", SLOW, NOW)
    assert new
    for name in ("ENG-7-export-is-slow", "eng-7-export-is-slow", "ENG-7", "eng-7", str(kept.id)):
        assert store.known_issue("acme", name) == kept
        assert store.known_issue("other", name) is None
    assert store.known_issues("other") == []


def test_the_same_news_changes_nothing_and_other_news_does(store: Store) -> None:
    kept, _ = store.keep_known_issue("acme", SLOW, NOW)
    stamp = store.known_issues_stamp("acme")
    assert store.keep_known_issue("acme", SLOW, LATER) == (kept, False)
    assert store.known_issues_stamp("acme") == stamp
    assert store.known_issues_stamp("other") != stamp
    after, changed = store.keep_known_issue("acme", replace(SLOW, title="Exports are slow", tag="ENG-7-other"), LATER)
    assert changed
    assert (after.id, after.title, after.tag) == (kept.id, "Exports are slow", "ENG-7-export-is-slow")
    assert store.known_issues_stamp("acme") != stamp


def test_an_issue_that_a_person_entered_by_its_key_is_not_entered_twice(store: Store) -> None:
    entered = RegistryEntry(
        source="hand", key="hand:ENG-7-slow-csv", tag="ENG-7-slow-csv", title="Slow CSV", patterns=("csv .. slow",),
        workaround="Export by month.",
    )  # fmt: skip
    mine = store.change_known_issue("acme", entered, NOW)
    both, _ = store.keep_known_issue("acme", replace(SLOW, url="https://jira/ENG-7", workaround="Wait."), LATER)
    assert both.id == mine.id
    assert (both.tag, both.title, both.patterns) == ("ENG-7-slow-csv", "Slow CSV", ("csv .. slow",))
    assert (both.workaround, both.url, both.ref) == ("Export by month.", "https://jira/ENG-7", ISSUE)
    assert len(store.known_issues("acme")) == 1


def test_a_tag_that_is_taken_makes_a_candidate_without_one(store: Store) -> None:
    store.keep_known_issue("acme", SLOW, NOW)
    other = replace(SLOW, source="zendesk", key="zendesk:acme:9", ref=Ref("zendesk", "acme", "9"))
    kept, _ = store.keep_known_issue("acme", other, NOW)
    assert (kept.tag, kept.state) == ("", "candidate")
    assert store.keep_known_issue("acme", replace(SLOW, source="jira"), NOW)[1] is False


def test_a_cluster_is_proposed_once_and_by_many_at_once_too(store: Store) -> None:
    found: list[int] = []

    def propose() -> None:
        found.append(store.propose_known_issue("acme", TICKET, "Login fails", "1-login-fails", NOW))

    threads = [threading.Thread(target=propose) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    (entry,) = store.known_issues("acme")
    assert (entry.state, entry.source, entry.tag) == ("candidate", "pattern", "1-login-fails")
    assert store.propose_known_issue("acme", TICKET, "Other words", "1-other-words", LATER) == entry.id


def test_tickets_of_an_entry_become_due_when_it_is_fixed_and_stay_known(store: Store) -> None:
    entry, _ = store.keep_known_issue("acme", SLOW, NOW)
    for ref in (TICKET, OTHER):
        store.record(Event(ref, "created", f"d-{ref}"), "x", NOW)
        lease = store.lease(ref, NOW, 60)
        assert lease is not None
        store.match_known_issues(ref, {entry.id: Match("pattern", ref.id)}, NOW)
        store.remember(lease, NOW, decision=None)
    assert store.due(LATER, 10) == []
    store.keep_known_issue("acme", replace(SLOW, state="fixed", fixed_in="4.2"), LATER)
    assert sorted(store.due(LATER, 10)) == [TICKET, OTHER]
    store.match_known_issues(TICKET, {}, LATER)
    ((fixed, match),) = store.known_issues_of(TICKET)
    assert (fixed.state, fixed.fixed_in, fixed.fixed_at, match.how) == ("fixed", "4.2", LATER, "pattern")
    assert [ref for ref, _ in store.tickets_of_known_issue(entry.id)] == [TICKET, OTHER]
    assert store.tickets_by_known_issue("acme") == {entry.id: 2}


def test_a_match_that_ended_is_forgotten_while_the_entry_is_open(store: Store) -> None:
    entry, _ = store.keep_known_issue("acme", SLOW, NOW)
    store.match_known_issues(TICKET, {entry.id: Match("alike")}, NOW)
    store.match_known_issues(TICKET, {entry.id: Match("pattern", "7", "abc")}, LATER)
    assert [match for _, match in store.known_issues_of(TICKET)] == [Match("pattern", "7", "abc")]
    store.match_known_issues(TICKET, {}, LATER)
    assert store.known_issues_of(TICKET) == []


def test_what_was_dropped_comes_back_with_its_source(store: Store) -> None:
    entry, _ = store.keep_known_issue("acme", SLOW, NOW)
    store.change_known_issue("acme", over(entry, "dropped", "", NOW), NOW)
    assert [one.state for one in store.known_issues("acme")] == ["dropped"]
    assert store.known_issues("acme", ("open", "candidate")) == []
    back, changed = store.keep_known_issue("acme", SLOW, LATER)
    assert changed
    assert back.state == "open"
    assert store.known_issue_at("acme", ISSUE) == back
    assert store.known_issue_at("other", ISSUE) is None


def test_what_a_person_retired_stays_fixed_whatever_its_source_says(store: Store) -> None:
    entry, _ = store.keep_known_issue("acme", SLOW, NOW)
    store.change_known_issue("acme", over(replace(entry, retired=True), "fixed", "4.2", NOW), NOW)
    again, changed = store.keep_known_issue("acme", SLOW, LATER)
    assert not changed
    assert (again.state, again.fixed_in, again.fixed_at) == ("fixed", "4.2", NOW)


def test_a_new_workaround_is_taken_to_work(store: Store) -> None:
    entry, _ = store.keep_known_issue("acme", replace(SLOW, workaround="Wait."), NOW)
    assert entry.workaround_at == NOW
    broken = store.change_known_issue("acme", replace(entry, workaround_broken=True), NOW)
    assert store.keep_known_issue("acme", replace(SLOW, workaround="Wait."), LATER)[0].workaround_broken
    assert with_workaround(broken, "Wait.", LATER) == broken
    mended, _ = store.keep_known_issue("acme", replace(SLOW, workaround="Export by month."), LATER)
    assert (mended.workaround_broken, mended.workaround_at) == (False, LATER)
