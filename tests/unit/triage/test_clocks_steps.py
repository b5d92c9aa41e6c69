"""What is done when a goal or a due time passes: each thing once, and not at night."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.triage.calendar import CalendarPart, compiled
from app.triage.clocks.parts import Quiet
from app.triage.clocks.steps import Step, quiet_until
from app.triage.decision import Severity
from app.triage.marks import clock_line
from tests.unit.triage.courses import answers, look, moves, notes, ticket, we_note

TIMES = {"P2": {"goal": "30m", "due": "60m"}, "P0": {"goal": "30m", "due": "60m"}, "on_goal": {"say": "Soon"}}
NIGHT = Quiet(hours=("00:00-08:00", "20:00-24:00"))
HOUR = 60


def test_each_step_is_taken_at_its_instant_and_announced_before() -> None:
    assert (look(ticket(), 29, **TIMES).steps, look(ticket(), 29, **TIMES).wakes) == ([], 30)
    assert (look(ticket(), 30, **TIMES).steps, look(ticket(), 30, **TIMES).wakes) == ([("goal", 30, 0)], 60)
    assert (look(ticket(), 60, **TIMES).steps, look(ticket(), 60, **TIMES).wakes) == ([("breach", 60, 0)], None)


def told(steps: Iterable[Step]) -> str:
    """A note of ours in which these steps are told."""
    return f"The time is over.\n\n{clock_line(step.mark for step in steps)}"


def test_a_step_that_a_note_of_ours_tells_of_is_not_taken_again() -> None:
    first = look(ticket(), 61, **TIMES).agenda.due
    assert look(ticket(we_note(61, told(first))), 62, **TIMES).steps == []
    assert look(ticket(notes(61, told(first))), 62, **TIMES).steps == [("breach", 60, 0)]


def test_a_goal_is_not_told_when_its_breach_has_passed_as_well() -> None:
    assert look(ticket(), 200, **TIMES).steps == [("breach", 60, 0)]


def test_a_breach_is_told_though_its_goal_was_told_before() -> None:
    first = look(ticket(), 31, **TIMES).agenda.due
    assert look(ticket(we_note(31, told(first))), 60, **TIMES).steps == [("breach", 60, 0)]


def test_nothing_is_done_for_a_clock_that_has_ended() -> None:
    late = look(ticket(answers(90)), 100, stop=("answered",), **TIMES)
    assert (late.steps, late.wakes, late.clocks.breached) == ([], None, {"it"})


def test_of_repetitions_that_were_missed_only_the_newest_is_told() -> None:
    looked = look(ticket(), 250, repeat=True, **TIMES)
    assert (looked.steps, looked.wakes) == ([("breach", 240, 3)], 300)
    done = ticket(we_note(250, told(looked.agenda.due)))
    assert look(done, 260, repeat=True, **TIMES).steps == []
    assert look(done, 300, repeat=True, **TIMES).steps == [("breach", 300, 4)]


def test_a_restart_begins_the_repetitions_anew() -> None:
    looked = look(ticket(answers(200)), 250, repeat=True, restart=("answered",), **TIMES)
    assert (looked.steps, looked.wakes) == ([("goal", 230, 0)], 260)


def test_repetitions_count_from_the_due_time_that_pauses_moved() -> None:
    of = ticket(moves(10, "open", "pending"), moves(70, "pending", "open"))
    looked = look(of, 190, repeat=True, pause=("pending",), **TIMES)
    assert (looked.steps, looked.wakes) == ([("breach", 180, 1)], 240)


def test_a_deed_for_other_ranks_is_not_done() -> None:
    breach = {"say": "Do it", "ranks": ["P0", "L3"]}
    assert look(ticket(), 61, P2={"due": "60m"}, on_breach=breach).steps == []
    assert look(ticket(), 61, P2={"due": "60m"}, on_breach=breach).wakes is None
    assert look(ticket(), 61, severity=Severity.P0, P0={"due": "60m"}, on_breach=breach).steps == [("breach", 60, 0)]


def test_a_clock_that_nobody_minds_wakes_nobody() -> None:
    quiet = look(ticket(), 5, P2={"due": "60m"}, on_breach=None)
    assert (quiet.due, quiet.wakes) == (60, None)


def test_in_quiet_hours_a_step_waits_until_they_end() -> None:
    waiting = look(ticket(), 13 * HOUR, P2={"due": "12h"}, quiet=NIGHT)  # 22:00
    assert (waiting.steps, waiting.wakes) == ([], 23 * HOUR)  # 08:00
    assert look(ticket(), 23 * HOUR, P2={"due": "12h"}, quiet=NIGHT).steps == [("breach", 12 * HOUR, 0)]


def test_a_critical_ticket_minds_no_quiet_hours() -> None:
    at_night = look(ticket(), 13 * HOUR, severity=Severity.P0, P0={"due": "12h"}, quiet=NIGHT)
    assert at_night.steps == [("breach", 12 * HOUR, 0)]


def test_quiet_hours_are_those_of_the_calendars_zone() -> None:
    new_york = compiled(CalendarPart(timezone="America/New_York"))  # 22:00 UTC is 17:00 there
    assert look(ticket(), 13 * HOUR, P2={"due": "12h"}, quiet=NIGHT, calendar=new_york).steps != []


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02T19:59:59Z", None),
        ("2026-03-02T20:00:00Z", "2026-03-03T08:00:00Z"),
        ("2026-03-03T00:00:00Z", "2026-03-03T08:00:00Z"),
        ("2026-03-03T07:59:59Z", "2026-03-03T08:00:00Z"),
        ("2026-03-03T08:00:00Z", None),
    ],
)
def test_quiet_hours_hold_their_start_and_not_their_end_over_midnight(now: str, until: str | None) -> None:
    found = quiet_until(datetime.fromisoformat(now), NIGHT, UTC)
    assert found == (datetime.fromisoformat(until) if until else None)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-28T21:00:00Z", "2026-03-29T06:00:00Z"),  # clocks are put forward at night: eight is six
        ("2026-10-24T20:00:00Z", "2026-10-25T07:00:00Z"),  # and back: eight is seven
    ],
)
def test_quiet_hours_end_by_the_clock_when_clocks_are_changed(now: str, until: str) -> None:
    found = quiet_until(datetime.fromisoformat(now), NIGHT, ZoneInfo("Europe/Berlin"))
    assert found == datetime.fromisoformat(until)


def test_hours_that_fill_the_day_are_refused() -> None:
    with pytest.raises(ValueError, match="fill the whole day"):
        Quiet(hours=("00:00-24:00",))


def test_without_quiet_hours_nothing_waits() -> None:
    now = datetime(2026, 3, 3, 3, tzinfo=UTC)
    assert quiet_until(now, Quiet(), UTC) is None
    assert quiet_until(now + timedelta(hours=1), Quiet(hours=("12:00-13:00",)), UTC) is None
