"""When what happened on a ticket, by its own thread and history."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.triage.actions import reply_mark
from app.triage.bridge import LinkedIssue
from app.triage.clocks.parts import MOMENTS, Moment
from app.triage.decision import Context, Decision, Level, Severity
from app.triage.effects import REPLY
from app.triage.engine import decide
from app.triage.ticket import Change, Comment, Ref, Speaker, Status, Ticket
from tests.unit.triage.courses import (
    KNOWN,
    US,
    Look,
    answers,
    asks,
    at,
    given,
    look,
    moves,
    notes,
    tagged,
    ticket,
    unified,
    we_note,
)

BEFORE = decide(ticket(), KNOWN, unified(), at())


def when(moment: Moment, of: Ticket, context: Context = KNOWN, **more: object) -> list[float]:
    """The instants of a moment, in minutes since the ticket came."""
    looked: Look = look(of, 1000, context=context, **more)  # type: ignore[arg-type]
    return [(one - at()).total_seconds() / 60 for one in looked.story.moments.get(moment, ())]


def earlier(**more: object) -> Context:
    previous: Decision = replace(BEFORE, **more)  # type: ignore[arg-type]
    return replace(KNOWN, previous=previous)


def test_every_moment_that_the_policy_may_name_is_told_but_those_of_on_call() -> None:
    told = look(ticket(), 1).story.moments
    assert set(MOMENTS) - set(told) <= {"paged", "acknowledged"}


def test_a_note_that_holds_commands_alone_is_no_note() -> None:
    assert when("noted", ticket(notes(10, "/triage why"), notes(20, "Restarted it.\n/triage why"))) == [20]


def test_what_we_write_is_no_touch() -> None:
    of = ticket(we_note(10, "Routed."), moves(20, "new", "open", US))
    assert [when(kind, of) for kind in ("noted", "answered", "moved")] == [[], [], []]


def test_a_ticket_that_was_made_with_an_assignee_was_assigned_when_it_came() -> None:
    assert when("assigned", ticket(assignee="7")) == [0]
    assert when("assigned", ticket(given(10, "8", old="7"), given(20, "", old="8"))) == [0, 10]
    assert when("assigned", ticket(given(10))) == [10]


def test_the_acknowledgement_ends_the_first_reply_only_where_the_policy_counts_it() -> None:
    ack = Comment("1", Speaker.WORKER, "We got it.", at(1))
    assert when("answered", ticket(ack)) == []


def test_states_are_read_from_the_history_without_a_gap() -> None:
    of = ticket(moves(10, "new", "open"), moves(20, "open", "pending"), moves(30, "pending", "solved"))
    periods = look(of, 40).story.periods
    assert [one.state for one in periods] == ["new", "open", "pending", "solved"]
    assert [before.end for before in periods[:-1]] == [after.start for after in periods[1:]]
    assert look(of, 40).story.solved == at(30)


def test_a_ticket_without_a_history_has_had_its_status_since_it_came() -> None:
    of = ticket(status=Status.PENDING, status_name="pending")
    (period,) = look(of, 40).story.periods
    assert (period.state, period.start, period.end) == ("pending", at(), None)


def test_the_status_that_is_shown_counts_where_the_history_lags_behind() -> None:
    of = replace(ticket(moves(10, "new", "open")), status=Status.HOLD, status_name="hold")
    assert look(of, 40).story.periods[-1].state == "hold"


@pytest.mark.parametrize("spelling", ["Escalate-L2", "escalate-l2"])
def test_a_level_was_reached_when_its_tag_was_put_on(spelling: str) -> None:
    of = ticket(tagged(10, "vip"), tagged(20, f"{spelling} vip", "vip"), tagged(30, f"a {spelling} vip", spelling))
    assert when("level", of, level=Level.L2) == [20]
    assert when("level", of, earlier(level=Level.L2, level_since=at(25)), level=Level.L2) == [20]


def test_a_level_was_left_when_its_tag_was_taken_off() -> None:
    of = ticket(tagged(20, "Escalate-L2"), tagged(50, "", "Escalate-L2"), tagged(90, "Escalate-L2"))
    assert when("level", of, level=Level.L2) == [90]
    back = ticket(tagged(20, "Escalate-L2"), tagged(50, "", "Escalate-L2"))
    assert when("level", back) == [50]


def test_without_a_tag_in_the_history_our_decisions_say_since_when() -> None:
    assert when("level", ticket(), earlier(level=Level.L2, level_since=at(7)), level=Level.L2) == [7]
    assert when("level", ticket(), earlier(level=Level.L2, level_since=None, at=at(9)), level=Level.L2) == [9]
    assert when("level", ticket(), earlier(level=Level.L1), level=Level.L2) == [1000]


def test_a_ticket_that_nobody_decided_about_is_at_the_first_level_since_it_came() -> None:
    assert when("level", ticket()) == [0]


def test_it_became_critical_when_that_happened_which_made_it_so() -> None:
    of = ticket(asks(30, "Now all is down."))
    assert when("critical", of, severity=Severity.P0) == [30]
    assert when("critical", ticket(asks(30), answers(40), notes(50)), severity=Severity.P0) == [30]
    ranked = Change(at(35), US, "priority", "normal", "urgent")
    assert when("critical", ticket(asks(30), ranked, asks(90)), severity=Severity.P0) == [35]
    assert when("critical", of, earlier(severity=Severity.P2, at=at(10)), severity=Severity.P1) == [30]
    assert when("critical", of, earlier(severity=Severity.P2, at=at(40)), severity=Severity.P1) == [1000]
    since = earlier(severity=Severity.P1, critical_since=at(5))
    assert when("critical", of, since, severity=Severity.P0) == [5]
    assert when("critical", of, severity=Severity.P2) == []


def test_p0_is_confirmed_by_the_command_for_it_and_by_no_other() -> None:
    assert when("confirmed", ticket(notes(3, "/triage confirm")), severity=Severity.P0) == [3]
    for text in ("/triage accept", "/triage severity P0", "/triage severity P1", "/triage ack"):
        assert when("confirmed", ticket(notes(3, text)), severity=Severity.P0) == []


def test_p0_is_confirmed_by_the_tag_and_not_by_another_rank() -> None:
    assert when("confirmed", ticket(tagged(4, "a confirmed-severity", "a")), severity=Severity.P0) == [4]
    at_once = when("confirmed", ticket(tags=frozenset({"Confirmed-Severity"})), severity=Severity.P0)
    assert at_once == [0]
    assert when("confirmed", ticket(tagged(4, "confirmed-severity"), asks(30)), severity=Severity.P0) == [30]
    assert when("confirmed", ticket(notes(4, "/triage confirm"), asks(30)), severity=Severity.P0) == [30]
    ours = replace(KNOWN, tags=frozenset({"confirmed-severity"}))
    assert when("confirmed", ticket(tagged(4, "confirmed-severity")), ours, severity=Severity.P0) == []
    assert when("confirmed", ticket(notes(3, "/triage confirm"))) == []  # nothing to confirm


def test_the_report_stands_there_since_our_note_of_the_outcome() -> None:
    outcome, answer = "P0, L2.\n\nFirstline note 0123456789ab", "So.\n\nFirstline answer 0123456789ab"
    of = ticket(we_note(2, outcome), we_note(5, answer))
    assert when("reported", of) == [2]


def test_engineering_has_its_issue_since_it_was_linked() -> None:
    issue = LinkedIssue(Ref("jira", "acme", "ENG-1"), "escalation", since=at(12), heard=(at(20), at(40)))
    context = replace(KNOWN, linked=(issue,))
    assert when("linked", ticket(), context) == [12]
    assert when("engineering", ticket(), context) == [20, 40]


def test_a_reminder_counts_for_the_state_that_it_was_sent_in() -> None:
    text = "Do you still need us?"
    context = replace(KNOWN, applied={f"{REPLY}reminder-1": reply_mark(text)})
    sent = Comment("1", Speaker.WORKER, text, at(20), author_id=US)
    assert when("reminded", ticket(moves(10, "open", "pending"), sent), context) == [20]
    again = ticket(moves(10, "open", "pending"), sent, moves(30, "pending", "open"), moves(40, "open", "pending"))
    assert when("reminded", again, context) == []


def test_the_customer_said_thanks_when_the_words_were_written() -> None:
    assert when("thanked", ticket(asks(10)), thanked=at(10)) == [10]
    assert when("thanked", ticket(answers(10))) == []
