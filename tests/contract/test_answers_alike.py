"""The same answer in three tickets and no page: found by hashes alone, in one account, told once (S4-09, S4-62)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from app.packs import load_policies
from app.runtime import Runtime
from app.store.answers import Answered, keep
from app.store.migrate import migrate
from app.store.schema import answers
from app.store.store import Store
from app.triage.answers_alike import GivenAnswer, given
from app.triage.policies import Policies
from app.triage.records import from_json
from app.triage.ticket import Comment, Customer, Event, Ref, Speaker, Status, Ticket, VendorName
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.scripted_vendor import ScriptedVendor
from tests.contract.test_bridge import configured
from tests.contract.test_reconcile import Clock, clock, vendor
from tests.contract.test_store import store, url
from tests.contract.tracker import Tracker
from tests.unit.triage.given_answers import OTHERS, SAME
from workers.reconcile import reconcile
from workers.sweep import sweep

__all__ = ["clock", "store", "url", "vendor"]  # fixtures

DAY = timedelta(days=1)
EXPORT = SAME["export contacts"]
PAGE = "\n\nSee https://help.acme.example/articles/12"


def ticket(number: int, answer: str = "", account: str = "acme", vendor: VendorName = "zendesk") -> Ticket:
    """A question that somebody answered an hour later."""
    at = NOW + timedelta(minutes=number)
    comments = (Comment(f"c{number}", Speaker.AGENT, answer, at, author_id="9"),) if answer else ()
    return Ticket(
        ref=Ref(vendor, account, str(number)),
        subject="How do I export my contacts?",
        body="Hello, how do I export my contacts as a CSV file? Could you explain the steps to me?",
        created_at=NOW,
        updated_at=NOW,
        comments=comments,
        requester=Customer(id="7", name="Ada"),
        status=Status.OPEN,
        version="1",
    )


def kept(store: Store, one: Ticket, cited: bool = False, days: int = 90) -> None:
    news = [(answer, answer.at + days * DAY) for answer in given(one)]
    with store._begin() as connection:
        keep(connection, store._insert, one.ref, Answered(news, cited))


def asked(store: Store, one: Ticket, days: float = 1) -> tuple[GivenAnswer, ...]:
    return store.answers_alike(one.ref, given(one), NOW + days * DAY)


def test_the_store_finds_the_other_tickets_of_the_account_with_the_same_answer(store: Store) -> None:
    for number, answer in enumerate((*EXPORT[:2], *OTHERS[:4]), start=1):
        kept(store, ticket(number, answer))
    (found,) = asked(store, ticket(50, EXPORT[0]))
    assert (found.tickets, found.cited) == ((Ref("zendesk", "acme", "2"), Ref("zendesk", "acme", "1")), False)
    assert asked(store, ticket(51)) == ()
    for elsewhere in (ticket(50, EXPORT[0], "globex"), ticket(50, EXPORT[0], vendor="jira")):
        assert [one.tickets for one in asked(store, elsewhere)] == [()]


def test_a_row_of_another_account_is_never_found_even_by_the_same_hashes(store: Store) -> None:
    theirs = ticket(1, EXPORT[0], "globex")
    stolen = replace(given(ticket(1, EXPORT[0]))[0], comment_id="c1")
    with store._begin() as connection:
        keep(connection, store._insert, theirs.ref, Answered([(stolen, NOW + DAY)], cited=False))
    assert [one.tickets for one in asked(store, ticket(2, EXPORT[0]), days=0.5)] == [()]


def test_an_answer_that_is_kept_is_no_news_and_counts_once(store: Store) -> None:
    one = ticket(1, EXPORT[0])
    for _ in range(2):
        kept(store, one)
    assert asked(store, one) == ()
    later = replace(one, comments=(*one.comments, replace(one.comments[0], id="c9", body=EXPORT[1])))
    assert [(news.comment_id, news.tickets) for news in asked(store, later)] == [("c9", ())]
    kept(store, later)
    assert [len(news.tickets) for news in asked(store, ticket(2, EXPORT[0]))] == [1]


def test_that_a_ticket_shows_a_page_is_known_however_late_it_did(store: Store) -> None:
    kept(store, ticket(1, EXPORT[0]))
    kept(store, ticket(2, EXPORT[0]))
    assert [one.cited for one in asked(store, ticket(3, EXPORT[0]))] == [False]
    with store._begin() as connection:
        keep(connection, store._insert, ticket(1).ref, Answered((), cited=True))
    assert [(len(one.tickets), one.cited) for one in asked(store, ticket(3, EXPORT[0]))] == [(2, True)]


def test_what_counts_no_more_is_not_found_and_is_forgotten(store: Store) -> None:
    kept(store, ticket(1, EXPORT[0]), days=30)
    kept(store, ticket(2, EXPORT[0]))
    assert [len(one.tickets) for one in asked(store, ticket(3, EXPORT[0]), days=29)] == [2]
    assert [len(one.tickets) for one in asked(store, ticket(3, EXPORT[0]), days=31)] == [1]
    assert store.forget_answers(NOW + 31 * DAY) == 32
    assert store.forget_answers(NOW + 31 * DAY) == 0
    assert [len(one.tickets) for one in asked(store, ticket(3, EXPORT[0]), days=29)] == [1]


def test_of_an_answer_that_everybody_gives_no_more_rows_are_kept(store: Store) -> None:
    (answer,) = given(ticket(1, EXPORT[0]))
    for others in (198, 199, 200, 201):
        one = replace(answer, tickets=tuple(Ref("zendesk", "acme", str(n)) for n in range(others)))
        told = Answered([(one, NOW + DAY)], cited=False)
        with store._begin() as connection:
            keep(connection, store._insert, Ref("zendesk", "acme", f"T{others}"), told)
    with store._begin() as connection:
        assert set(connection.execute(select(answers.c.ticket_id)).scalars()) == {"T198", "T199"}


def look(runtime: Runtime, vendor: ScriptedVendor, one: Ticket, name: str = "") -> list[str]:
    """The worker looks at a ticket; gives our notes on it."""
    vendor.ticket = one
    runtime.store.record(Event(one.ref, "updated", f"{one.ref} {name}"), "x", runtime.now())
    assert reconcile(runtime, one.ref).outcome in ("decided", "unchanged")
    return [comment.body for comment in vendor.ticket.comments if comment.speaker is Speaker.WORKER]


TOLD = "- the same answer was given in 3 tickets (also in 2, 1) and no page says it: write one"


@pytest.mark.policy("S4-09")
def test_the_third_ticket_with_the_same_answer_proposes_a_page_once(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    clock.move(hours=2)
    assert not any("write one" in note for n in (1, 2) for note in look(runtime, vendor, ticket(n, EXPORT[n % 2])))
    third = ticket(3, EXPORT[0])
    notes = look(runtime, vendor, third)
    assert TOLD in notes[-1]
    assert "cs leadership" in notes[-1]
    shown = vendor.ticket
    for again in range(3):
        clock.move(hours=1)
        assert look(runtime, vendor, vendor.ticket, f"again {again}") == notes
    assert from_json(runtime.store.history(third.ref)[-1]).same_answers == (
        Ref("zendesk", "acme", "2"),
        Ref("zendesk", "acme", "1"),
    )
    assert vendor.ticket == shown
    for number in (4, 5):
        assert not any("write one" in note for note in look(runtime, vendor, ticket(number, EXPORT[0])))
    assert any("given in 6 tickets (also in 5, 4, 3, 2, 1)" in n for n in look(runtime, vendor, ticket(6, EXPORT[0])))


@pytest.mark.policy("S4-09")
@pytest.mark.parametrize("shows", [1, 3])
def test_where_one_of_them_shows_a_page_nothing_is_proposed(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock, shows: int
) -> None:
    clock.move(hours=2)
    for number in (1, 2, 3):
        notes = look(runtime, vendor, ticket(number, EXPORT[0] + (PAGE if number == shows else "")))
        assert not any("write one" in note for note in notes)


def test_the_same_answer_twice_in_one_ticket_or_by_us_is_no_third(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    clock.move(hours=2)
    look(runtime, vendor, ticket(1, EXPORT[0]))
    twice = ticket(2, EXPORT[0])
    twice = replace(twice, comments=(*twice.comments, replace(twice.comments[0], id="c22", body=EXPORT[1])))
    assert not any("write one" in note for note in look(runtime, vendor, twice))
    ours = ticket(3, EXPORT[0])
    ours = replace(ours, comments=(replace(ours.comments[0], author_id="99"),))
    assert not any("write one" in note for note in look(runtime, vendor, ours))


def test_nothing_is_kept_of_words_and_nothing_is_asked_without_an_answer(
    runtime: Runtime, vendor: ScriptedVendor, clock: Clock
) -> None:
    clock.move(hours=2)
    said: list[str] = []
    event.listen(runtime.store._engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    look(runtime, vendor, ticket(1))
    assert not [query for query in said if " answer" in query and "answers" not in query]
    said.clear()
    look(runtime, vendor, ticket(2, EXPORT[0]))
    reads = [query for query in said if query.startswith("SELECT") and "FROM answer" in query]
    assert len(reads) == 2
    with runtime.store._begin() as connection:
        rows = connection.execute(select(answers)).all()
    assert len(rows) == 32
    assert not any(word in repr(rows).casefold() for word in ("contacts", "export", "minutes", "eve"))


def test_no_look_reads_an_account_through(runtime: Runtime) -> None:
    said: list[tuple[str, tuple[str, ...]]] = []
    event.listen(runtime.store._engine, "before_cursor_execute", lambda *given: said.append((given[2], given[3])))
    asked(runtime.store, ticket(1, EXPORT[0]))
    plans = []
    with runtime.store._begin() as connection:
        for query, values in [one for one in said if "FROM answer" in one[0]]:
            plans.append(str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()))
    assert "ticket_id=? AND account=? AND vendor=?" in plans[0]
    assert "vendor=? AND account=? AND band=?" in plans[1]


def test_the_sweep_forgets_answers_after_the_window(runtime: Runtime, clock: Clock) -> None:
    kept(runtime.store, ticket(1, EXPORT[0]))
    for days, left in ((90, 32), (1, 0)):
        clock.move(days=days)
        sweep(runtime)
        with runtime.store._begin() as connection:
            assert len(connection.execute(select(answers)).all()) == left


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load_policies(Settings(_env_file=None), {})  # type: ignore[call-arg]


@pytest.fixture
def runtime(tmp_path: Path, clock: Clock, vendor: ScriptedVendor, policies: Policies) -> Iterator[Runtime]:
    settings = configured(tmp_path, engineering="").model_copy(update={"model": "off"})
    migrate(settings.database_url)
    built = Runtime(settings, now=clock, clients={("zendesk", "acme"): vendor})
    built.__dict__["policies"] = policies  # compiled once for all tests
    yield built
    built.store.close()


@pytest.fixture
def bridged(tmp_path: Path, clock: Clock, vendor: ScriptedVendor) -> Iterator[tuple[Runtime, Tracker]]:
    """A worker with engineering's Jira at hand, and a team that wants issues for pages."""
    settings, tracker = configured(tmp_path).model_copy(update={"model": "off"}), Tracker(clock)
    migrate(settings.database_url)
    knobs = {"TRIAGE_BRIDGE__PROJECT": "ENG", "TRIAGE_FEATURES__PROPOSED_DOCUMENTS": "true"}
    built = Runtime(settings, knobs, now=clock, clients={("zendesk", "acme"): vendor, ("jira", "dev"): tracker})
    yield built, tracker
    built.store.close()


@pytest.mark.policy("S4-62")
def test_an_issue_for_the_page_is_made_where_the_team_wants_it(
    bridged: tuple[Runtime, Tracker], vendor: ScriptedVendor, clock: Clock
) -> None:
    runtime, tracker = bridged
    clock.move(hours=2)
    for number in (1, 2):
        look(runtime, vendor, ticket(number, EXPORT[0]))
    assert tracker.asked == []
    for again in range(3):
        look(runtime, vendor, ticket(3, EXPORT[0]) if not again else vendor.ticket, f"again {again}")
        clock.move(hours=1)
    (issue,) = tracker.asked
    assert (issue.issue_type, issue.summary) == ("Task", "Proposed User Doc: How do I export my contacts?")
    assert "The same answer was given in 3 tickets (also in 2, 1) and no page says it: write one." in issue.text
