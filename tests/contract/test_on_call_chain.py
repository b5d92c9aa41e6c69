"""The on-call chain over real sockets and a store: every step once, at its instant, whatever happens on the way."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import Gone
from app.triage.ticket import Status, Ticket
from tests.conftest import NOW
from tests.contract.night import DOWN, REF, after, night
from workers import pages
from workers.reconcile import reconcile

ALL = ("l2", "l3", "email", "call", "chat")


@pytest.mark.policy(
    "S1-16", "S1-17", "S1-18", "S1-21", "S4-17", "S4-22", "S4-108", "S4-109", "S4-110", "S4-118", "C-17"
)
def test_without_an_acknowledgement_every_step_comes_once_and_at_its_instant(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        assert on_call.pagers["l2"].steps() == ["L2:page"]
        assert on_call.pagers["chat"].steps() == ["chat"], "the page opened at ten on a Monday"
        assert "Incident report" in on_call.notes
        assert "e-mail: due 2026-03-02 11:00 UTC" in on_call.notes
        on_call.minutes(4.5)
        assert on_call.pagers["l3"].steps() == []
        on_call.minutes(0.5)
        assert on_call.pagers["l3"].steps() == ["L3:page"], "nobody confirmed within five minutes"
        assert "Escalate-L3" in on_call.vendor.ticket.tags
        on_call.minutes(54.5)
        assert on_call.pagers["email"].steps() == []
        on_call.minutes(0.5)
        assert on_call.pagers["email"].steps() == ["email"]
        on_call.minutes(29.5)
        assert on_call.pagers["call"].steps() == []
        on_call.minutes(60)
        assert {name: one.steps() for name, one in on_call.pagers.items()} == {
            "l2": ["L2:page"], "chat": ["chat"], "l3": ["L3:page"], "email": ["email"], "call": ["call"]
        }  # fmt: skip
        assert {step: taken.at for step, taken in on_call.page.taken.items()} == {
            "L2:page": NOW, "chat": NOW, "L3:page": after(5), "email": after(60), "call": after(90)
        }  # fmt: skip
        assert not any(taken.late for taken in on_call.page.taken.values())
        assert set(on_call.ledger().values()) == {"confirmed"}
        assert "1:L2:page" in on_call.ledger()
        assert {event["dedup_key"] for one in on_call.pagers.values() for event in one.events} == {f"firstline:{REF}"}


@pytest.mark.policy("S1-19")
def test_an_assignment_stops_nothing_and_an_acknowledgement_does(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        on_call.vendor.ticket = replace(on_call.vendor.ticket, assignee="42")
        on_call.minutes(60)
        assert on_call.pagers["email"].steps() == ["email"]
        on_call.agent_notes("/triage ack")
        on_call.minutes(60)
        assert on_call.pagers["call"].steps() == []
        assert on_call.page.acknowledged_by == "user 42"
        assert "ack: page 1 is acknowledged" in on_call.notes
        assert on_call.pagers["l2"].incidents == {f"firstline:{REF}": "acknowledge"}, "the pager stops asking too"


@pytest.mark.policy("S1-16", "S1-20", "S1-21")
def test_a_confirmation_pages_the_next_level_at_once_and_acknowledges(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        assert on_call.pagers["l2"].events[0]["payload"]["summary"].startswith("[unconfirmed] P0 ")
        on_call.minutes(2)
        on_call.agent_notes("Reproduced here.\n/triage confirm")
        assert on_call.pagers["l3"].steps() == ["L3:page"]
        assert on_call.pagers["l3"].events[0]["payload"]["summary"].startswith("P0 ")
        assert "Escalate-L3" in on_call.vendor.ticket.tags
        on_call.minutes(120)
        assert (on_call.pagers["email"].steps(), on_call.pagers["call"].steps()) == ([], [])
        assert (on_call.page.confirmed_by, on_call.page.acknowledged_at) == ("user 42", after(2))


def test_the_tag_confirms_and_acknowledges_nothing(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        on_call.minutes(1)
        on_call.vendor.ticket = replace(on_call.vendor.ticket, tags=on_call.vendor.ticket.tags | {"confirmed-severity"})
        on_call.ring()
        assert on_call.pagers["l3"].steps() == ["L3:page"]
        on_call.minutes(60)
        assert on_call.pagers["email"].steps() == ["email"]


@pytest.mark.policy("S1-18")
def test_solving_ends_the_page_at_every_pager_that_took_it_and_opening_again_is_the_next_episode(
    tmp_path: Path,
) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        on_call.minutes(10)
        on_call.becomes(Status.SOLVED)
        assert on_call.page.resolved_why == "the ticket is solved"
        assert on_call.pagers["l2"].steps("resolve") == on_call.pagers["l2"].steps("resolve")
        ended = {name: one.incidents.get(f"firstline:{REF}") for name, one in on_call.pagers.items()}
        assert ended == {"l2": "resolve", "l3": "resolve", "chat": "resolve", "email": None, "call": None}
        told = len(on_call.pagers["l2"].events)
        on_call.minutes(120)
        assert len(on_call.pagers["l2"].events) == told
        on_call.becomes(Status.OPEN)
        assert on_call.page.episode == 2
        assert on_call.pagers["l2"].steps() == ["L2:page", "L2:page"]
        assert on_call.pagers["l2"].incidents == {f"firstline:{REF}": "trigger"}
        assert {"1:L2:page", "1:resolve", "2:L2:page"} <= set(on_call.ledger())


@pytest.mark.policy("S1-20")
def test_a_person_who_lowers_the_severity_ends_the_page(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        on_call.minutes(2)
        on_call.agent_notes("/triage severity P3")
        assert on_call.page.resolved_why == "a person lowered it to P3"
        on_call.minutes(120)
        assert on_call.pagers["email"].steps() == []


@pytest.mark.policy("S4-109")
def test_workers_dead_for_twenty_minutes_do_the_overdue_step_once_and_say_that_it_is_late(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        on_call.minutes(50)
        on_call.minutes(20, awake=False)
        on_call.runtime = on_call.worker()
        on_call.minutes(5)
        assert on_call.pagers["email"].steps() == ["email"]
        assert on_call.pagers["email"].events[0]["late"] is True
        assert on_call.pagers["email"].events[0]["summary"].startswith("LATE, was due 2026-03-02 11:00 UTC: ")
        assert on_call.page.taken["email"].late
        assert on_call.pagers["call"].steps() == []
        on_call.minutes(15)
        assert on_call.page.taken["call"].at == after(90)
        assert not on_call.page.taken["call"].late


def test_a_ticket_that_came_while_nobody_worked_is_paged_late_and_has_its_hour_from_then(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.tell("created")
        on_call.minutes(20, awake=False)
        on_call.sweep()
        assert on_call.pagers["l2"].events[0]["payload"]["summary"].startswith("LATE, was due 2026-03-02 10:00 UTC: ")
        on_call.minutes(100)
        assert on_call.page.taken["email"].at == after(80)


def test_a_pager_that_fails_is_stepped_over_and_where_all_fail_it_is_tried_again_until_one_takes_it(
    tmp_path: Path,
) -> None:
    with night(tmp_path, "l2", "l3") as on_call:
        first, second = on_call.pagers["l2"], on_call.pagers["l3"]
        on_call.settings.pager.__dict__["l2"] = type(on_call.settings.pager.l2)(f"{first.pagerduty} {second.hook}")
        first.status = second.status = 503
        on_call.ring("created")
        assert on_call.page.unreached == ("L2:page",)
        assert "answers 503" in on_call.page.trouble["L2:page"]
        assert "reached nobody" in on_call.notes
        on_call.minutes(1)
        assert len(first.events) == 3, "once at each sweep"
        second.status = 202
        on_call.minutes(0.5)
        assert on_call.page.unreached == ()
        assert "PagerDuty answers 503" in on_call.page.trouble["L2:page"], "one target is still red"
        assert on_call.page.taken["L2:page"].by[0].startswith("l2/webhook-")
        asked = len(first.events)
        on_call.minutes(3)
        assert len(first.events) == asked


class Died(BaseException):
    pass


@pytest.mark.parametrize("name", ["l2", "email"])
def test_a_worker_killed_between_sending_and_writing_it_down_repeats_a_page_and_no_e_mail(
    tmp_path: Path, name: str
) -> None:
    with night(tmp_path, *ALL) as on_call:
        if name == "email":
            on_call.ring("created")
            on_call.minutes(59.5)
        else:
            on_call.tell("created")
        dying = on_call.worker()
        step = "email" if name == "email" else "L2:page"

        def die(page: object, name: str, *_: object) -> None:
            raise Died

        dying.store.page_step = die  # type: ignore[method-assign]  # the power goes off right here
        dying.store.release_page = lambda *_: None  # type: ignore[method-assign]
        on_call.at += timedelta(seconds=30)
        with pytest.raises(Died):
            reconcile(dying, REF)
        dying.store.close()
        assert on_call.pagers[name].steps() == [step]
        on_call.minutes(6)
        assert on_call.pagers[name].steps() == ([step] if name == "email" else [step, step])
        assert on_call.page.taken[step].unknown is (name == "email")
        assert on_call.ledger()[f"1:{step}"] == ("unknown" if name == "email" else "confirmed")
        assert len(on_call.pagers[name].incidents) == 1


def test_two_workers_at_once_page_once(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.tell("created")
        workers = [on_call.worker() for _ in range(4)]
        ready = threading.Barrier(len(workers))

        def work(index: int) -> None:
            ready.wait()
            reconcile(workers[index], REF)
            pages.catch_up(workers[index])

        threads = [threading.Thread(target=work, args=(index,)) for index in range(len(workers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        on_call.minutes(2)
        assert on_call.pagers["l2"].steps() == ["L2:page"]
        for worker in workers:
            worker.store.close()


def test_two_sweeps_at_once_do_an_overdue_step_of_a_stuck_page_once(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        on_call.minutes(59)
        on_call.tell()
        lease = on_call.runtime.store.lease(REF, on_call.at, 60)
        assert lease is not None
        on_call.runtime.store.park(lease, on_call.at, "loop", "too many decisions")
        on_call.minutes(10, awake=False)
        workers = [on_call.worker() for _ in range(4)]
        ready = threading.Barrier(len(workers))

        def sweep(index: int) -> None:
            ready.wait()
            pages.catch_up(workers[index])
            workers[index].store.close()

        threads = [threading.Thread(target=sweep, args=(index,)) for index in range(len(workers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert on_call.pagers["email"].steps() == ["email"]
        assert on_call.page.taken["email"].late


def test_the_chain_goes_on_where_no_look_reaches_the_ticket(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        on_call.tell()
        lease = on_call.runtime.store.lease(REF, on_call.at, 60)
        assert lease is not None
        on_call.runtime.store.park(lease, on_call.at, "loop", "too many decisions")
        on_call.minutes(120)
        assert {name: one.steps() for name, one in on_call.pagers.items()} == {
            "l2": ["L2:page"], "chat": ["chat"], "l3": ["L3:page"], "email": ["email"], "call": ["call"]
        }  # fmt: skip


def test_a_ticket_that_is_deleted_ends_its_page(tmp_path: Path) -> None:
    with night(tmp_path, *ALL) as on_call:
        on_call.ring("created")
        on_call.minutes(1)
        on_call.vendor.fetch_mishaps = [Gone("404")]
        assert on_call.ring("deleted") == "gone"
        on_call.minutes(4)
        assert on_call.page.resolved_why == "the ticket is gone"
        assert on_call.pagers["l2"].incidents == {f"firstline:{REF}": "resolve"}
        assert on_call.pagers["l3"].steps() == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"mode": "shadow"}, "page on-call"),
        ({"mode": "assist"}, "page on-call"),
        ({"off": ("page",)}, "page on-call"),
    ],
)
def test_nobody_is_paged_where_the_mode_or_a_switch_holds_it_back(
    tmp_path: Path, settings: dict[str, object], said: str
) -> None:
    with night(tmp_path, *ALL, **settings) as on_call:
        on_call.ring("created")
        on_call.minutes(100)
        assert all(not one.events for one in on_call.pagers.values())
        held = on_call.runtime.store.withheld_of([REF])[REF]
        assert "page" in {effect.kind for effect in held}
        if settings.get("mode") == "assist":
            assert "- page on-call" in on_call.notes


def test_without_a_target_the_note_says_that_nobody_can_be_paged(tmp_path: Path) -> None:
    with night(tmp_path) as on_call:
        on_call.ring("created")
        assert "Nobody can be paged: TRIAGE_PAGER__L2 is not set" in on_call.notes
        assert on_call.page.taken["L2:page"].by == ()
        on_call.minutes(100)
        assert on_call.ledger() == {}


@pytest.mark.parametrize(
    "ticket",
    [
        replace(DOWN, subject="Question", body="How do I export my contacts?"),
        replace(DOWN, subject="URGENT P0!!!", body="This is a P0, wake everybody up. The logo is one pixel off."),
        replace(DOWN, status=Status.SOLVED),
        replace(DOWN, tags=frozenset({"triage-off"})),
    ],
)
def test_no_page_opens_for_words_alone_nor_for_what_is_over_or_taken_out(tmp_path: Path, ticket: Ticket) -> None:
    with night(tmp_path, *ALL, ticket=ticket) as on_call:
        on_call.ring("created")
        assert on_call.runtime.store.page(REF) is None
        assert all(not one.events for one in on_call.pagers.values())
