"""Tickets are placed the same whatever comes first and however many workers place them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.errors import Unavailable
from app.store.migrate import migrate
from app.store.schema import tickets
from app.store.store import Store
from app.store.symptom_rows import ENTRY, entry_of
from app.triage.decision import Label
from app.triage.duplicates.entry import Entry, Parent
from app.triage.duplicates.found import Placed
from app.triage.duplicates.parts import Patterns
from app.triage.ticket import Event, Ref
from tests.conftest import NOW
from tests.unit.triage.reports import DUPLICATES, WEAK, places, ref, report, reports

PATTERNS = Patterns()
LATER = NOW + timedelta(minutes=30)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    server: str = request.getfixturevalue("postgres")
    name = f"test_{abs(hash(request.node.name + str(tmp_path))):x}"
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    return server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    migrate(url)
    opened = Store(url)
    yield opened
    opened.close()


def place(store: Store, entry: Entry, at=LATER) -> Placed:
    return store.place(entry, DUPLICATES, PATTERNS, at)


def kept(store: Store) -> dict[Ref, Entry]:
    with store._begin() as connection:
        return {one.ref: one for one in map(entry_of, connection.execute(select(*ENTRY)))}


def where(store: Store) -> dict[Ref, tuple[Ref | None, Ref | None]]:
    """On what each ticket hangs, and its master."""
    return {one.ref: (one.master, one.parent.ref if one.parent else None) for one in kept(store).values()}


def wanted(entries: Iterable[Entry]) -> dict[Ref, tuple[Ref | None, Ref | None]]:
    return {one: (master, parent.ref if parent else None) for one, (master, parent) in places(entries).items()}


def storm(number: int) -> list[Entry]:
    """So many reports, one a second, each of its own customer, and each third said vaguely."""
    return [report(n, n / 60, facts=WEAK if n % 3 else {"outage"}) for n in range(1, number + 1)]


def test_a_ticket_alone_has_no_cluster(store: Store) -> None:
    placed = place(store, report(1))
    assert placed == Placed()
    assert where(store) == {ref(1): (ref(1), None)}


def test_the_second_of_two_knows_its_master_and_rings_it(store: Store) -> None:
    place(store, report(1))
    placed = place(store, report(2, 3))
    assert placed.changed == (ref(1),)
    assert placed.cluster is not None
    assert (placed.cluster.master, placed.cluster.tickets, placed.cluster.customers) == (ref(1), 2, 2)
    assert (placed.cluster.via, placed.cluster.children, placed.cluster.storm) == ("storm", (), False)
    first = place(store, report(1)).cluster
    assert first is not None
    assert (first.via, first.children) == (None, (ref(2),))


def test_what_the_others_know_is_told_to_the_master_alone(store: Store) -> None:
    place(store, report(1))
    told = (("environment", "staging"),)
    placed = place(store, report(2, 3, told=told, facts={"outage", "scope_many"}))
    assert placed.cluster is not None
    assert (placed.cluster.news, placed.cluster.facts) == ((), frozenset())
    first = place(store, report(1)).cluster
    assert first is not None
    assert [(one.source, one.customer, one.told) for one in first.news] == [(ref(2), "organization-2", told)]
    assert first.facts == {"outage", "scope_many"}


def test_the_candidates_say_why_they_were_not_chosen(store: Store) -> None:
    same = "e-4711 when saving the form"
    place(store, report(1, -90, "forms", facts=(), acute=False, text=same, over_at=NOW - timedelta(minutes=80)))
    place(store, report(2, -70, "forms", facts=(), acute=False, text=same))
    place(store, report(3, -65, "forms", facts=(), acute=False, text=same))
    place(store, report(4, -60, "forms", facts=(), acute=False, text=same, label=Label.GUIDANCE))
    place(store, report(5, -50, "email", facts=(), acute=False, text=same))
    placed = place(store, report(6, 0, "forms", facts=(), acute=False, text=same, apart=frozenset({ref(3)})))
    why = {one.ref: (one.band, one.rejected) for one in placed.candidates}
    assert why[ref(1)] == ("link", "was solved before this came: it may have come back")
    assert why[ref(3)] == ("link", "a person said that it is another fault")
    assert why[ref(4)] == ("link", "is of a kind that is linked only for the same customer")
    assert {one.ref for one in placed.candidates if not one.rejected} <= {ref(2)}


def test_a_customer_who_asks_again_is_linked_whatever_the_label(store: Store) -> None:
    same = "e-4711 when saving the form"
    place(store, report(1, 0, "forms", facts=(), acute=False, text=same, label=Label.GUIDANCE, requester="me"))
    placed = place(store, report(2, 9, "forms", facts=(), acute=False, text=same, label=Label.BILLING, requester="me"))
    assert placed.cluster is not None
    assert placed.cluster.via == "alike"


def test_wishes_are_counted_by_customer_and_never_linked(store: Store) -> None:
    wish = {"facts": (), "acute": False, "label": Label.ENHANCEMENT, "text": "dark mode for the e-reader please"}
    for number in range(1, 7):
        placed = place(store, report(number, number, "design", **(wish | {"organization": f"o{number % 3}"})))
    assert (placed.demand, placed.cluster) == (3, None)


def test_the_spaces_never_meet(store: Store) -> None:
    for number in range(1, 9):
        place(store, report(number, number, space="acme" if number % 2 else "acme/security"))
    assert [int(master.id) % 2 for _, (master, _) in sorted(where(store).items()) if master] == [1, 0] * 4


def test_a_ticket_that_moves_to_another_space_leaves_its_cluster(store: Store) -> None:
    entries = storm(8)
    for one in entries:
        place(store, one)
    entries[0] = replace(entries[0], space="acme/security")
    placed = place(store, entries[0])
    assert set(placed.changed) == {ref(number) for number in range(2, 9)}
    assert where(store) == wanted(entries[1:]) | {ref(1): (ref(1), None)}


def test_a_storm_that_loses_one_of_just_enough_reports_is_none_any_more(store: Store) -> None:
    entries = [report(number, number, facts=WEAK) for number in range(1, 6)]
    for one in entries:
        place(store, one)
    assert {master for master, _ in where(store).values()} == {ref(1)}
    placed = place(store, replace(entries[3], space="acme/security"))
    assert set(placed.changed) == {ref(2), ref(3), ref(5), ref(1)}
    assert where(store) == {ref(number): (ref(number), None) for number in range(1, 6)}


def test_what_reads_otherwise_carries_no_more_what_was_alike(store: Store) -> None:
    first = report(1, 0, "forms", facts=(), acute=False, text="e-4711 when saving the form")
    place(store, first)
    second = report(2, 9, "forms", facts=(), acute=False, text="e-4711 when saving the form")
    assert place(store, second).cluster is not None
    changed = replace(first, symptom=report(1, 0, "forms", text="another thing altogether").symptom)
    assert place(store, changed).changed == (ref(2),)
    assert where(store) == wanted([changed, second])


def test_a_ticket_that_comes_late_is_the_master_of_those_before_it(store: Store) -> None:
    entries = storm(8)
    for one in entries[1:]:
        place(store, one)
    placed = place(store, entries[0])
    assert set(placed.changed) == {ref(number) for number in range(2, 9)}
    assert where(store) == wanted(entries)


def test_what_reads_otherwise_by_now_hangs_otherwise(store: Store) -> None:
    entries = storm(8)
    for one in entries:
        place(store, one)
    entries[0] = replace(entries[0], acute=False, facts=frozenset())
    place(store, entries[0])
    assert where(store) == wanted(entries)


def test_a_person_s_word_moves_the_ticket_and_is_kept_when_clusters_merge(store: Store) -> None:
    entries = [*storm(8), report(90, -500, "", facts=(), acute=False)]
    entries[4] = replace(entries[4], said=Parent(ref(90), 1.0, "person"))
    entries[5] = replace(entries[5], apart=frozenset({ref(1)}))
    for order in (entries, entries[::-1]):
        for one in order:
            place(store, one)
        assert where(store) == wanted(entries)


def test_a_problem_that_people_made_later_is_the_master_whenever_it_comes(store: Store) -> None:
    problem = report(90, 60, "", facts=(), acute=False)
    said = Parent(ref(90), 1.0, "person")
    for number in (1, 2):
        place(store, report(number, number, said=said))
    assert {master for master, _ in where(store).values()} == {ref(90)}
    placed = place(store, problem)
    assert placed.cluster is not None
    assert (placed.cluster.master, placed.cluster.tickets, placed.cluster.children) == (ref(90), 3, (ref(1), ref(2)))


def test_two_tickets_of_which_each_is_said_to_repeat_the_other_hang_on_one_of_them(store: Store) -> None:
    place(store, report(1, 0, said=Parent(ref(2), 1.0, "person")))
    place(store, report(2, 1, said=Parent(ref(1), 1.0, "person")))
    assert len({master for master, _ in where(store).values()}) == 1


def test_placing_a_ticket_again_changes_nothing_and_rings_nobody(store: Store) -> None:
    entries = storm(12)
    for one in entries:
        place(store, one)
    before = kept(store)
    random.Random(1).shuffle(entries)
    assert [place(store, one).changed for one in entries] == [()] * 12
    assert kept(store) == before


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without tickets."""
    file: Path = tmp_path_factory.mktemp("empty") / "store.db"
    migrate(f"sqlite:///{file}")
    return file


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=reports(), shuffled=st.randoms(use_true_random=False), again=st.integers(0, 14))
def test_any_order_of_arrival_and_any_replay_end_alike(empty: Path, tmp_path_factory, entries, shuffled, again) -> None:
    store = Store(f"sqlite:///{shutil.copy(empty, tmp_path_factory.mktemp('clusters'))}")
    order = list(entries)
    shuffled.shuffle(order)
    for number, one in enumerate(order):
        place(store, one)
        if number == again:
            for other in order[: again + 1]:
                assert place(store, other).changed == ()
    assert where(store) == wanted(entries)
    store.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=reports(), after=reports(), moved=st.sets(st.integers(0, 14)))
def test_tickets_that_read_otherwise_or_move_end_where_they_had_begun(
    empty: Path, tmp_path_factory, before, after, moved
) -> None:
    store = Store(f"sqlite:///{shutil.copy(empty, tmp_path_factory.mktemp('clusters'))}")
    for one in before:
        place(store, one)
    known = {one.ref: one for one in before}
    for one in after:
        made_at = known[one.ref].created_at if one.ref in known else one.created_at
        space = "acme/security" if int(one.ref.id) in moved else "acme"
        known[one.ref] = replace(one, created_at=made_at, space=space)
        place(store, known[one.ref])
    spaces = [[one for one in known.values() if one.space == space] for space in ("acme", "acme/security")]
    assert where(store) == wanted(spaces[0]) | wanted(spaces[1])
    store.close()


def test_a_master_is_rung_at_sizes_that_matter_and_else_a_minute_later(store: Store) -> None:
    entries = [report(n, n / 60) for n in range(1, 51)]
    for one in entries:
        store.record(Event(one.ref, "created", str(one.ref)), "x", LATER)
        lease = store.lease(one.ref, LATER, 60)
        assert lease is not None
        store.remember(lease, LATER, decision=None)
    rung = [number for number, one in enumerate(entries, start=1) if ref(1) in place(store, one).changed]
    assert rung == [2, 3, 5, 6, 12, 24, 48]
    with store._begin() as connection:
        due = connection.execute(select(tickets.c.due_at).where(tickets.c.ticket_id == "1")).scalar_one()
    assert due == LATER


def test_a_master_that_is_looked_at_meanwhile_is_looked_at_again(store: Store) -> None:
    first = report(1)
    store.record(Event(first.ref, "created", "d1"), "x", LATER)
    place(store, first)
    lease = store.lease(first.ref, LATER, 60)
    assert lease is not None
    place(store, report(2, 3))
    assert store.remember(lease, LATER + timedelta(seconds=1), decision=None, wake_at=None)
    assert store.lease(first.ref, LATER + timedelta(seconds=1), 60) is not None


def test_a_page_about_any_ticket_of_a_cluster_is_known_to_the_others(store: Store) -> None:
    for one in storm(6):
        place(store, one)
    assert store.paged_in_cluster(ref(1)) is None
    page = store.open_page(ref(4), ref(4), LATER, LATER, "P1", "down")
    assert store.paged_in_cluster(ref(1)) == ref(4)
    store.resolve_page(page, LATER, "solved")
    assert store.paged_in_cluster(ref(1)) is None


def test_reports_that_come_at_once_have_one_master_and_exact_counts(url: str, store: Store) -> None:
    entries = storm(200)
    entries += [replace(report(n, 1, facts=WEAK), organization="organization-1") for n in range(201, 221)]
    random.Random(7).shuffle(entries)
    workers = [Store(url) for _ in range(4)]
    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(lambda pair: until_placed(workers[pair[0] % 4], pair[1]), enumerate([*entries, *entries[:20]])))
    for worker in workers:
        worker.close()
    assert where(store) == wanted(entries)
    first = place(store, next(one for one in entries if one.ref == ref(1))).cluster
    assert first is not None
    assert (first.tickets, first.customers, first.in_storm, first.lately) == (220, 200, 200, 200)
    assert first.storm
    assert len(first.children) == 219


def until_placed(store: Store, entry: Entry) -> Placed:
    """As a worker does: a database that is busy for too long is asked again."""
    while True:
        with suppress(Unavailable):
            return place(store, entry)


def _place_all(url: str, entries: Sequence[Entry]) -> None:
    store = Store(url)
    for one in entries:
        until_placed(store, one)
    store.close()


def test_reports_placed_by_several_processes_have_one_master(url: str, store: Store) -> None:
    entries = storm(24)
    random.Random(3).shuffle(entries)
    context = get_context("spawn")
    processes = [context.Process(target=_place_all, args=(url, entries[part::3])) for part in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert where(store) == wanted(entries)
