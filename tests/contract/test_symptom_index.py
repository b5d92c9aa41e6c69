"""The index of symptoms, kept alike on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from app.store.store import Store
from app.store.symptom_frequencies import frequencies
from app.store.symptom_rows import terms_of
from app.store.symptom_tables import postings, spaces, symptoms
from app.store.symptoms import acute_near, candidates, keep, kept, lock_space, nearby
from app.triage.decision import Label
from app.triage.duplicates.entry import Entry, Parent
from app.triage.duplicates.space import space_of
from app.triage.symptoms.symptom import Symptom
from app.triage.symptoms.words import term_hash
from app.triage.ticket import Event, Ref, VendorName
from tests.conftest import NOW
from tests.contract import test_store

url, store = test_store.url, test_store.store

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def a_symptom(words: str, *fingerprints: str, surface: str = "") -> Symptom:
    terms = {term_hash(word): 40 for word in words.split()}
    return Symptom(terms, fingerprints, (surface,) if surface else ())


def an_entry(number: int | str, words: str = "export fails", *fingerprints: str, **more: Any) -> Entry:
    """A ticket made so many minutes after the first one."""
    ref = number if isinstance(number, Ref) else Ref("zendesk", more.pop("account", "acme"), str(number))
    made = NOW + MINUTE * int(ref.id) if ref.id.isdigit() else NOW
    values: dict[str, Any] = {"space": "acme", "created_at": made, "label": Label.DEFECT, "subject": words}
    return Entry(ref=ref, symptom=a_symptom(words, *fingerprints), **values | more)


@contextmanager
def holding(store: Store, space: str = "acme") -> Iterator[Connection]:
    with store._begin() as connection:
        lock_space(connection, space)
        yield connection


def put(store: Store, *entries: Entry) -> list[bool]:
    done = []
    for entry in entries:
        with holding(store, entry.space) as connection:
            done.append(keep(connection, store._insert, entry, frequencies(connection, entry.space)))
    return done


def found(store: Store, entry: Entry) -> set[str]:
    """The numbers of the candidates for an entry."""
    with holding(store, entry.space) as connection:
        return {one.ref.id for one in candidates(connection, entry, frequencies(connection, entry.space))}


def read(store: Store, entry: Entry) -> Entry | None:
    with store._begin() as connection:
        return kept(connection, [entry.ref]).get(entry.ref)


WHOLE = an_entry(
    7,
    "checkout shows an error",
    "exception:1f0c9a",
    acute=True,
    requester="r1",
    organization="o1",
    area="Payment",
    type="incident",
    over_at=NOW + DAY,
    told=(("browser", "Firefox"), ("error", "E-4711")),
    facts=frozenset({"outage", "unusable"}),
    said=Parent(Ref("zendesk", "acme", "3"), 1.0, "person"),
    apart=frozenset({Ref("jira", "acme", "SUP-1"), Ref("zendesk", "acme", "2")}),
    parent=Parent(Ref("zendesk", "acme", "3"), 0.97, "alike"),
    master=Ref("zendesk", "acme", "1"),
)


def test_what_is_kept_comes_back_as_it_was(store: Store) -> None:
    bare = an_entry(8)
    assert put(store, WHOLE, bare) == [True, True]
    assert read(store, WHOLE) == WHOLE
    assert read(store, bare) == replace(bare, master=bare.ref), "a ticket that hangs on none is its own master"


def test_an_unchanged_ticket_writes_nothing(store: Store) -> None:
    statements: list[str] = []
    put(store, WHOLE)
    event.listen(store._engine, "before_cursor_execute", lambda _c, _k, statement, *_: statements.append(statement))
    assert put(store, WHOLE) == [False]
    assert [one for one in statements if one.startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert put(store, replace(WHOLE, over_at=None)) == [True]
    assert [one.split()[1] for one in statements if one.startswith(("INSERT", "UPDATE", "DELETE"))] == ["symptom"], (
        "its postings stay"
    )


def test_tickets_that_share_what_tells_most_are_candidates_whatever_the_rest_is(store: Store) -> None:
    put(
        store,
        an_entry(1, "payroll export stops halfway"),
        an_entry(2, "login page stays white"),
        an_entry(3, "the payroll run is late", "code:4711"),
        an_entry(4, "something else entirely", "code:4711"),
    )
    assert found(store, an_entry(5, "our payroll is wrong")) == {"1", "3"}
    assert found(store, an_entry(6, "unheard", "code:4711")) == {"3", "4"}
    assert found(store, an_entry(2, "login page stays white")) == set(), "nobody is a candidate for itself"


@pytest.mark.policy("S0-61")
def test_the_newest_tickets_of_the_same_customer_are_candidates_whatever_they_say(store: Store) -> None:
    put(
        store,
        an_entry(1, "alpha", requester="r1", organization="o1"),
        an_entry(2, "beta", requester="r2", organization="o1"),
        an_entry(3, "gamma", requester="r3", organization="o2"),
        an_entry(4, "delta", requester="r1", account="other"),
        *(an_entry(number, "epsilon", organization="o3") for number in range(20, 40)),
    )
    assert found(store, an_entry(5, "zeta", requester="r1")) == {"1"}, "ids of another account are another's"
    assert found(store, an_entry(5, "zeta", requester="r1", organization="o1")) == {"1", "2"}
    assert found(store, an_entry(5, "zeta")) == set()
    assert found(store, an_entry(5, "zeta", organization="o3")) == {str(number) for number in range(30, 40)}


@pytest.mark.policy("S0-62")
def test_the_newest_others_of_a_product_area_are_told(store: Store) -> None:
    entries = [an_entry(number, "alpha", area="Payment") for number in (1, 2, 3)]
    put(store, *entries, an_entry(4, "alpha", area="Login"), an_entry(5, "alpha", area="Payment", space="other"))
    with store._begin() as connection:
        assert [ref.id for ref in nearby(connection, entries[2], 5)] == ["2", "1"]
        assert [ref.id for ref in nearby(connection, an_entry(9, "alpha", area="Payment"), 2)] == ["3", "2"]
        assert nearby(connection, an_entry(9, "alpha"), 5) == []


def test_failures_of_a_time_are_told_the_first_one_first(store: Store) -> None:
    put(
        store,
        *(an_entry(number, "alpha", acute=True) for number in (9, 2, 3, 30)),
        an_entry(4, "alpha"),
        an_entry(5, "alpha", acute=True, space="other"),
    )
    with store._begin() as connection:
        near = acute_near(connection, "acme", NOW + 2 * MINUTE, NOW + 9 * MINUTE)
    assert [one.ref.id for one in near] == ["2", "3", "9"]


def test_a_ticket_that_is_given_another_place_keeps_its_postings(store: Store) -> None:
    first, second = an_entry(1), an_entry(2)
    put(store, first, second)
    rows, placed = posted(store), replace(second, parent=Parent(first.ref, 0.9, "alike"), master=first.ref)
    assert put(store, placed, placed) == [True, False]
    assert read(store, second) == placed
    assert posted(store) == rows


def test_the_index_outlives_the_process(store: Store, url: str) -> None:
    put(store, an_entry(1, "payroll export stops"), WHOLE)
    store.close()
    other = Store(url)
    assert found(other, an_entry(2, "payroll")) == {"1"}
    assert read(other, WHOLE) == WHOLE
    other.close()


def test_what_one_worker_keeps_another_finds_and_changes(store: Store, url: str) -> None:
    other = Store(url)
    put(store, an_entry(1, "payroll export stops"))
    assert found(other, an_entry(2, "payroll")) == {"1"}
    put(other, an_entry(1, "calendar is empty"))
    assert found(store, an_entry(2, "payroll")) == set()
    assert found(store, an_entry(2, "calendar")) == {"1"}
    other.close()


def test_nothing_is_found_across_tenants_not_even_under_the_same_ids(store: Store) -> None:
    mine = an_entry(1, "payroll export stops", "code:4711", requester="r1", organization="o1", area="Pay", acute=True)
    theirs = replace(mine, ref=Ref("zendesk", "other", "1"), space="other")
    put(store, mine, theirs)
    for asking in (replace(mine, ref=Ref("zendesk", "acme", "2")), replace(mine, ref=Ref("zendesk", "other", "2"))):
        with holding(store, "acme") as connection:
            entry = replace(asking, space="acme")
            assert [one.ref for one in candidates(connection, entry, frequencies(connection, "acme"))] == [mine.ref]
            assert nearby(connection, entry, 5) == [mine.ref]
            assert [one.ref for one in acute_near(connection, "acme", NOW, NOW + DAY)] == [mine.ref]


def test_security_tickets_are_candidates_only_for_each_other_and_a_new_label_moves_a_ticket(store: Store) -> None:
    assert space_of("acme", Label.SECURITY) != space_of("acme", Label.DEFECT)
    secret = {"space": space_of("acme", Label.SECURITY), "label": Label.SECURITY}
    put(store, an_entry(1, "token leaked"), an_entry(2, "token leaked", **secret))
    assert found(store, an_entry(3, "token leaked")) == {"1"}
    assert found(store, an_entry(3, "token leaked", **secret)) == {"2"}
    put(store, an_entry(1, "token leaked", **secret))
    assert found(store, an_entry(3, "token leaked")) == set()
    assert found(store, an_entry(3, "token leaked", **secret)) == {"1", "2"}


def chain(store: Store, *numbers: int, **more: Any) -> list[Entry]:
    """A cluster in which each ticket hangs on the one before it."""
    entries: list[Entry] = []
    for number in numbers:
        entry = an_entry(number, **more)
        if entries:
            entry = replace(entry, parent=Parent(entries[-1].ref, 0.9, "alike"), master=entries[0].ref)
        entries.append(entry)
    put(store, *entries)
    return entries


def places(store: Store, entries: list[Entry]) -> dict[str, tuple[str | None, str | None]]:
    """By number: on which one each ticket of the index hangs, and its master."""
    with store._begin() as connection:
        read = kept(connection, [entry.ref for entry in entries])
    return {
        ref.id: (one.parent.ref.id if one.parent else None, one.master.id if one.master else None)
        for ref, one in sorted(read.items())
    }


def posted(store: Store) -> list[tuple[str, int, int]]:
    """All postings, by the space's name."""
    with store._begin() as connection:
        query = select(spaces.c.name, postings.c.term, postings.c.n).join(spaces, spaces.c.id == postings.c.space)
        return sorted((name, term, n) for name, term, n in connection.execute(query))


def look_ends(store: Store, ref: Ref, *, ours: bool = True) -> None:
    """A look at a ticket ends with nothing decided."""
    store.record(Event(ref, "created", f"d-{ref}"), "x", NOW)
    lease = store.lease(ref, NOW, 60)
    assert lease is not None
    store.remember(lease, NOW, decision=None, ours=ours)


def test_what_was_solved_long_ago_leaves_and_stays_while_something_newer_hangs_on_it(store: Store) -> None:
    long_ago, lately = NOW - 31 * DAY, NOW - 29 * DAY
    put(
        store,
        an_entry(1, "payroll", over_at=long_ago),
        an_entry(2, "payroll", over_at=lately),
        an_entry(3, "payroll"),
        an_entry(4, "payroll", over_at=long_ago, space="other"),
    )
    alone = chain(store, 11, 12, words="calendar", over_at=long_ago)
    mixed = chain(store, 21, 22, 23, 24, words="invoice", over_at=long_ago)
    put(store, replace(mixed[2], over_at=None))
    assert store.forget_symptoms(NOW - 30 * DAY) == 1 + 1 + 2 + 1
    assert found(store, an_entry(9, "payroll calendar invoice")) == {"2", "3", "21", "22", "23"}
    assert places(store, alone) == {}
    assert places(store, mixed) == {"21": (None, "21"), "22": ("21", "21"), "23": ("22", "21")}
    assert {name for name, *_ in posted(store)} == {"acme"}
    assert store.forget_symptoms(NOW - 30 * DAY) == 0


def test_a_ticket_that_is_gone_leaves_and_its_cluster_is_sorted_and_looked_at_anew(store: Store) -> None:
    cluster = chain(store, 1, 2, 3, 4)
    for entry in cluster[1:]:
        look_ends(store, entry.ref)
    assert store.due(NOW, 9) == []
    look_ends(store, cluster[0].ref, ours=False)
    assert places(store, cluster) == {"2": (None, "2"), "3": ("2", "2"), "4": ("3", "2")}
    assert {ref.id for ref in store.due(NOW, 9)} == {"2", "3", "4"}
    assert found(store, an_entry(9)) == {"2", "3", "4"}
    look_ends(store, Ref("zendesk", "acme", "77"), ours=False)
    assert store.due(NOW, 9) != []


def test_what_a_person_hung_stays_though_the_other_ticket_is_not_in_the_index(store: Store) -> None:
    gone, unknown, renamed = (Ref("jira", "acme", name) for name in ("SUP-1", "SUP-2", "OPS-2"))
    put(store, an_entry(gone))
    by_word = an_entry(2, parent=Parent(gone, 1.0, "person"), master=gone)
    below = an_entry(3, parent=Parent(by_word.ref, 0.9, "alike"), master=gone)
    alike = an_entry(4, parent=Parent(gone, 0.9, "alike"), master=gone)
    other = an_entry(5, parent=Parent(unknown, 1.0, "follow_up"), master=unknown)
    put(store, by_word, below, alike, other)
    look_ends(store, gone, ours=False)
    store.rename(unknown, renamed, NOW)
    after = {"2": ("SUP-1", "SUP-1"), "3": ("2", "SUP-1"), "4": (None, "4"), "5": ("OPS-2", "OPS-2")}
    assert places(store, [by_word, below, alike, other]) == after
    assert store.rebuild("acme", NOW).sorted == 0
    assert places(store, [by_word, below, alike, other]) == after


def test_a_ticket_that_moved_keeps_its_place_under_its_new_name(store: Store) -> None:
    old, new = Ref("jira", "acme", "SUP-1"), Ref("jira", "acme", "OPS-1")
    first, second = (
        an_entry(old),
        an_entry(2, said=Parent(old, 1.0, "person"), parent=Parent(old, 1.0, "person"), master=old),
    )
    put(store, first, second)
    store.rename(old, new, NOW)
    assert read(store, second) == replace(
        second, said=Parent(new, 1.0, "person"), parent=Parent(new, 1.0, "person"), master=new
    )
    assert found(store, an_entry(9)) == {"OPS-1", "2"}


def test_a_ticket_that_was_known_under_both_names_stays_under_the_new_one(store: Store) -> None:
    old, new = Ref("jira", "acme", "SUP-1"), Ref("jira", "acme", "OPS-1")
    put(store, an_entry(old), an_entry(new, created_at=NOW + MINUTE, parent=Parent(old, 0.9, "alike"), master=old))
    store.rename(old, new, NOW)
    assert places(store, [an_entry(old), an_entry(new)]) == {"OPS-1": (None, "OPS-1")}
    assert found(store, an_entry(9)) == {"OPS-1"}


def test_what_hung_on_a_ticket_that_became_about_security_hangs_on_it_no_more(store: Store) -> None:
    cluster = chain(store, 1, 2, 3)
    space = space_of("acme", Label.SECURITY)
    with holding(store, "acme") as connection:
        lock_space(connection, space)
        secret = replace(cluster[0], space=space, label=Label.SECURITY)
        assert keep(connection, store._insert, secret, frequencies(connection, space))
    assert places(store, cluster) == {"1": (None, "1"), "2": (None, "2"), "3": ("2", "2")}


def fill(store: Store, tickets: int) -> list[Entry]:
    """Tickets of which each has a word that all have, one that some have, and one of its own."""
    entries = [an_entry(number, f"common some{number % 7} own{number}") for number in range(1, tickets + 1)]
    with holding(store) as connection:
        for entry in entries:
            keep(connection, store._insert, entry, frequencies(connection, "acme"))
    return entries


def taken(store: Store) -> tuple[int, dict[int, int]]:
    with store._begin() as connection:
        known = frequencies(connection, "acme")
    return known.tickets, dict(known.of)


def test_frequencies_stand_still_until_they_are_taken_anew(store: Store, url: str) -> None:
    other = Store(url)
    assert store.take_frequencies(NOW) == []
    fill(store, 30)
    assert taken(store) == (0, {})
    assert store.take_frequencies(NOW) == ["acme"]
    common, some, own = (term_hash(word) for word in ("common", "some3", "own3"))
    for one in (store, other):
        tickets, of = taken(one)
        assert (tickets, of[common], of[some], of.get(own)) == (30, 30, 4, None)
    put(store, *(an_entry(number, "common") for number in range(101, 110)))
    assert store.take_frequencies(NOW + DAY - MINUTE) == []
    assert taken(store) == taken(other) == (tickets, of)
    assert store.take_frequencies(NOW + DAY) == ["acme"]
    assert taken(store)[1][common] == taken(other)[1][common] == 39
    other.close()


def test_the_first_two_hundred_tickets_of_a_space_are_reason_enough_to_take_its_frequencies(store: Store) -> None:
    fill(store, 199)
    store.take_frequencies(NOW)
    assert store.take_frequencies(NOW + MINUTE) == []
    put(store, an_entry(200, "common"))
    assert store.take_frequencies(NOW + MINUTE) == ["acme"]
    assert store.take_frequencies(NOW + MINUTE) == []


def test_an_index_made_anew_from_its_rows_finds_what_it_found_before(store: Store) -> None:
    entries = fill(store, 60)
    put(store, an_entry(99, "common own5", space="acme/security"))
    cluster = chain(store, 501, 502, 503, words="payroll stops")
    store.take_frequencies(NOW)
    asked = [an_entry(900, f"common some{n} own{n} own{n + 1}") for n in range(7)] + [an_entry(901, "payroll")]
    before, rows = [found(store, one) for one in asked], posted(store)
    with store._begin() as connection:
        connection.execute(postings.delete())
        connection.execute(postings.insert().values(space=1, term=5, n=99_999))
        connection.execute(symptoms.update().where(symptoms.c.ticket_id == "503").values(master_id="7"))
        connection.execute(symptoms.update().where(symptoms.c.ticket_id == "60").values(parent_vendor="zendesk",
                           parent_account="acme", parent_id="none", chance=0.9, via="alike"))  # fmt: skip
    assert [found(store, one) for one in asked] != before
    done = {space.name: store.rebuild(space.name, NOW) for space in store.index_spaces()}
    assert [found(store, one) for one in asked] == before
    assert posted(store) == rows
    assert places(store, [*cluster, entries[59]]) == {
        "501": (None, "501"), "502": ("501", "501"), "503": ("502", "501"), "60": (None, "60"),
    }  # fmt: skip
    assert (done["acme"].tickets, done["acme"].sorted, done["acme"].unread) == (63, 2, 0)
    assert done["acme"].postings == sum(name == "acme" for name, *_ in rows)


def test_a_symptom_of_another_version_is_like_nothing_until_its_ticket_is_looked_at(store: Store) -> None:
    put(store, an_entry(1, "payroll", requester="r1"))
    with store._begin() as connection:
        connection.execute(symptoms.update().values(symptom=b"?", digest=b"?"))
    assert store.rebuild("acme", NOW).unread == 1
    assert found(store, an_entry(2, "payroll")) == set()
    assert found(store, an_entry(2, "payroll", requester="r1")) == {"1"}
    put(store, an_entry(1, "payroll", requester="r1"))
    assert found(store, an_entry(2, "payroll")) == {"1"}


def test_a_space_is_made_anew_while_workers_go_on(store: Store, url: str) -> None:
    fill(store, 100)
    other = Store(url)
    stop = threading.Event()
    wrong: list[BaseException] = []

    def work() -> None:
        number = 1000
        try:
            while not stop.is_set():
                put(other, an_entry(number, f"common own{number}"), an_entry(number - 990, f"other{number}"))
                number += 1
        except BaseException as error:
            wrong.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    store.rebuild("acme", NOW)
    stop.set()
    worker.join()
    assert wrong == []
    with store._begin() as connection:
        rows = connection.execute(select(symptoms.c.n, symptoms.c.posted)).all()
    assert sorted((n, term) for _, term, n in posted(store)) == sorted(
        (row.n, term) for row in rows for term in terms_of(row.posted)
    )
    other.close()


def test_an_account_that_is_another_tenant_s_now_takes_its_tickets_along(store: Store) -> None:
    mine = an_entry(1, "payroll", space="both")
    theirs = an_entry(
        2, "payroll", space="both", account="other", parent=Parent(mine.ref, 0.9, "alike"), master=mine.ref
    )
    secret = an_entry(3, "payroll", space="both/security", label=Label.SECURITY)
    put(store, mine, theirs, secret)
    tenants: dict[tuple[VendorName, str], str] = {("zendesk", "acme"): "acme", ("zendesk", "other"): "both"}
    touched = store.settle(tenants, NOW)
    assert touched == ["acme", "acme/security", "both", "both/security"]
    assert found(store, an_entry(9, "payroll", space="both")) == {"2"}, "at once"
    for space in touched:
        store.rebuild(space, NOW)
    assert found(store, an_entry(9, "payroll", space="acme")) == {"1"}
    assert found(store, an_entry(9, "payroll", space="acme/security")) == {"3"}
    assert places(store, [theirs]) == {"2": (None, "2")}
    assert store.settle(tenants, NOW) == []
    assert store.settle({**tenants, ("zendesk", "acme"): "both"}, NOW) == [
        "acme",
        "acme/security",
        "both",
        "both/security",
    ]
    put(store, replace(mine, space="both"))
    assert found(store, an_entry(9, "payroll", space="both")) == {"1", "2"}, "a look makes up for it"
