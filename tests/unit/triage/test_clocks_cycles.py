"""When a clock runs, stands still, begins anew and ends, and when it falls due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.triage.clocks.parts import Clock
from app.triage.decision import Context, Level, Severity
from app.triage.effects import PROMISED
from tests.unit.triage.courses import (
    REQUESTER,
    answers,
    asks,
    at,
    given,
    look,
    moves,
    notes,
    ticket,
)

DAY = 24 * 60


@pytest.mark.parametrize(
    ("start", "spans"),
    [
        ("created", [(0, None)]),
        ("asked", [(0, 20)]),
        ("asked_again", [(10, 20)]),
        ("answered", [(20, None)]),
        ("noted", [(30, None)]),
        ("assigned", [(5, 20)]),
        ("moved", [(25, None)]),
    ],
)
def test_a_clock_begins_when_its_moment_comes(start: str, spans: list[tuple[float, float | None]]) -> None:
    of = ticket(given(5), asks(10), answers(20), moves(25, "new", "open"), notes(30))
    stop = () if start in ("created", "answered", "noted", "moved") else ("answered",)
    assert look(of, 40, start=(start,), stop=stop).spans == spans


def test_it_ends_at_the_first_stop_and_begins_again_at_the_next_start() -> None:
    of = ticket(asks(10), asks(15), answers(20), answers(30), asks(50))
    assert look(of, 60, start=("asked_again",), stop=("answered",)).spans == [(10, 20), (50, None)]


def test_it_begins_anew_at_each_restart_while_it_runs() -> None:
    of = ticket(notes(30), notes(70), answers(90))
    looked = look(of, 95, start=("created",), restart=("noted",), stop=("answered",))
    assert looked.spans == [(0, 30), (30, 70), (70, 90)]


def test_an_answer_with_the_ticket_itself_ends_the_first_reply_and_one_with_a_later_message_does_not() -> None:
    assert look(ticket(answers(0)), 5, stop=("answered",)).spans == [(0, 0)]
    both = ticket(asks(10), answers(10))
    assert look(both, 20, start=("asked_again",), stop=("answered",)).spans == [(10, None)]


def test_a_solved_ticket_ends_every_clock() -> None:
    of = ticket(moves(40, "open", "solved"))
    assert look(of, 90).spans == [(0, 40)]
    assert look(of, 90).clocks.overdue == frozenset()
    assert look(of, 90).clocks.deadlines == {}


def test_a_ticket_that_was_opened_again_goes_on_and_the_time_between_does_not_count() -> None:
    of = ticket(moves(40, "open", "solved"), moves(100, "solved", "open"))
    assert look(of, 101).spans == [(0, None)]
    assert look(of, 101).due == 120


def test_it_stands_still_while_pending_and_is_not_due_then() -> None:
    of = ticket(moves(10, "open", "pending"))
    looked = look(of, 500, pause=("pending",), P2={"goal": "30m", "due": "60m"})
    (cycle,) = looked.clocks.cycles
    assert (cycle.due, cycle.goal, cycle.paused) == (None, None, True)
    assert (looked.steps, looked.wakes, looked.clocks.deadlines) == ([], None, {})
    assert not looked.clocks.on_time | looked.clocks.at_risk | looked.clocks.overdue


def test_what_was_left_of_it_counts_on_after_the_pause() -> None:
    of = ticket(moves(10, "open", "pending"), moves(500, "pending", "open", REQUESTER))
    assert look(of, 501, pause=("pending",), P2={"goal": "30m", "due": "60m"}).due == 550
    assert look(of, 501, pause=("pending",), P2={"goal": "30m", "due": "60m"}).goal == 520
    assert look(of, 501).due == 60  # no pause is its own


def test_a_status_by_its_own_name_is_another_state_than_the_vendor_s() -> None:
    of = ticket(moves(10, "open", "Waiting on Customer"))
    assert look(of, 20, pause=("waiting",)).due is None
    assert look(of, 20, pause=("pending",)).due == 60


def test_it_runs_only_in_its_states_each_time_anew() -> None:
    of = ticket(moves(10, "open", "hold"), moves(30, "hold", "open"), moves(50, "open", "hold"))
    assert look(of, 60, start=("state",), states=("hold",)).spans == [(10, 30), (50, None)]


def test_a_customer_who_opens_the_ticket_again_has_not_moved_it_for_us() -> None:
    of = ticket(moves(10, "open", "pending"), moves(30, "pending", "open", REQUESTER))
    assert look(of, 60, start=("moved",)).spans == [(10, None)]
    assert look(of, 60, start=("moved",), restart=("moved",)).spans == [(10, None)]


def test_its_times_follow_the_level_else_the_severity() -> None:
    times = {"P2": {"due": "60m"}, "L2": {"due": "90m"}}
    assert look(ticket(), 1, **times).due == 60
    assert look(ticket(), 1, level=Level.L2, **times).due == 90
    assert look(ticket(), 1, severity=Severity.P3, **times).clocks.cycles == ()


def test_a_condition_that_does_not_hold_takes_the_clock_away() -> None:
    assert look(ticket(), 1, when={"facts": ["resolved"]}).clocks.cycles == ()
    assert look(ticket(), 1, when={"facts": ["resolved"]}, facts=frozenset({"resolved"})).due == 60


@pytest.mark.policy("C-17")
def test_goal_and_due_time_have_passed_at_their_instant_and_a_clock_that_ends_then_was_kept() -> None:
    times = {"P2": {"goal": "30m", "due": "60m"}, "stop": ("answered",)}
    assert look(ticket(), 29.9, **times).clocks.on_time == {"it"}
    assert look(ticket(), 30, **times).clocks.at_risk == {"it"}
    assert look(ticket(), 59.9, **times).clocks.at_risk == {"it"}
    at_due = look(ticket(), 60, **times).clocks
    assert (at_due.at_risk, at_due.overdue, at_due.breached) == (set(), {"it"}, {"it"})
    assert look(ticket(answers(60)), 90, **times).clocks.breached == set()
    late = look(ticket(answers(61)), 90, **times).clocks
    assert (late.overdue, late.breached) == (set(), {"it"})


def test_a_goal_that_falls_together_with_the_due_time_is_none() -> None:
    assert look(ticket(), 1, P2={"goal": "60m", "due": "60m"}).goal is None


@pytest.mark.parametrize(
    ("tag", "due"),
    [
        ("hold-2h", 120 + 10),
        ("HOLD-7d", 7 * DAY + 10),
        ("hold-2026-03-09", 7 * DAY),  # a Monday, when the office opens
        ("hold-2026-03-07", 7 * DAY),  # a Saturday: the next opening
    ],
)
def test_a_tag_says_until_when_it_is_put_on_hold(tag: str, due: float) -> None:
    of = ticket(moves(10, "open", "hold"), tags=frozenset({tag, "other"}))
    assert look(of, 20, start=("state",), states=("hold",), said_by="hold").due == due


@pytest.mark.parametrize("tag", ["hold", "hold-", "hold-7x", "hold-2026-13-41", "hold-soon", "on-hold-7d", "hold-999d"])
def test_a_tag_that_says_no_time_starts_nothing(tag: str) -> None:
    of = ticket(moves(10, "open", "hold"), tags=frozenset({tag}))
    assert look(of, 20, start=("state",), states=("hold",), said_by="hold").clocks.cycles == ()


def test_a_bad_tag_beside_a_good_one_does_no_harm() -> None:
    of = ticket(moves(10, "open", "hold"), tags=frozenset({"hold-0x", "hold-2026-99-99", "hold-2h"}))
    assert look(of, 20, start=("state",), states=("hold",), said_by="hold").due == 130


@pytest.mark.parametrize(("told", "due"), [(30, 30), (90, 60)])
def test_the_earlier_holds_of_what_the_customer_was_told_and_what_the_clock_says(told: int, due: int) -> None:
    context = Context(applied={PROMISED + "it": at(told).isoformat()})
    looked = look(ticket(), 5, context=context)
    (cycle,) = looked.clocks.cycles
    assert (looked.due, cycle.told, cycle.counted) == (due, at(told), at(60))


def test_what_was_told_is_of_the_first_cycle_alone() -> None:
    context = Context(our_id="99", applied={PROMISED + "it": at(30).isoformat()})
    looked = look(ticket(answers(10), asks(20)), 25, context=context, start=("asked",), stop=("answered",))
    assert [(cycle.told, cycle.due) for cycle in looked.clocks.cycles] == [(None, at(60)), (None, at(80))]


def test_a_thread_of_thousands_of_messages_keeps_the_newest_cycles() -> None:
    of = ticket(*(notes(number) for number in range(1, 3000)))
    looked = look(of, 3000, restart=("noted",))
    assert (len(looked.clocks.cycles), looked.due) == (200, 2999 + 60)


def test_a_policy_that_changed_counts_from_the_same_beginning() -> None:
    of = ticket(asks(10))
    assert look(of, 50, P2={"due": "30m"}).clocks.overdue == {"it"}
    assert look(of, 50, P2={"due": "4h"}).clocks.overdue == set()
    assert look(of, 50, P2={"due": "4h"}).due == 240


def test_a_clock_that_nothing_begins_does_not_load() -> None:
    with pytest.raises(ValueError, match="nothing begins it"):
        Clock(start=())


def test_a_ticket_whose_time_of_coming_was_not_told_starts_its_clocks_now() -> None:
    of = ticket(created_at=at() - timedelta(days=365 * 60))
    assert look(of, 5).due == 65
