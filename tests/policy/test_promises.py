"""What follows on a ticket when time passes: who is asked for what, and which rung has it next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.triage.actions import Action, AddNote, AddTags, Reply
from app.triage.bridge import LinkedIssue
from app.triage.decision import Context, Decision, Level, Severity
from app.triage.effects import PROMISED, applied_after
from app.triage.engine import decide, plan
from app.triage.marks import steps_in
from app.triage.replies import due as replies_due
from app.triage.ticket import Comment, Ref, Speaker, Ticket
from tests.policy.conftest import policy
from tests.unit.triage.courses import KNOWN, US, answers, asks, at, given, moves, notes, tagged, ticket, we_note

P2 = {"body": "The date filter shows an error."}
P3 = {"body": "There is a typo on the start page."}
P1 = {"body": "Payments fail for all customers."}
P0 = {"body": "The platform is down for everybody."}
DAY = 24 * 60


def decided(of: Ticket, now: float, context: Context = KNOWN, under: str = "unified") -> Decision:
    return decide(of, context, policy(under), at(now))


def done(of: Ticket, now: float, context: Context = KNOWN, under: str = "unified") -> tuple[Action, ...]:
    return plan(of, decided(of, now, context, under), context, policy(under))


def note(of: Ticket, now: float, context: Context = KNOWN, under: str = "unified") -> str:
    """The note that is written now; empty for none."""
    return next((one.text for one in done(of, now, context, under) if isinstance(one, AddNote)), "")


def after(decision: Decision) -> Context:
    return replace(KNOWN, previous=decision)


@pytest.mark.policy("S1-25", "S1-27", "S1-28")
@pytest.mark.parametrize("text", [P2, P3])
def test_half_an_hour_without_progress_at_the_first_rung_hands_the_ticket_to_the_second(text: dict[str, str]) -> None:
    of = ticket(given(10), **text)
    assert decided(of, 39.9).level is Level.L1
    assert decided(of, 39.9).wake_at == at(40)
    late = decided(of, 40)
    assert (late.level, late.page, late.destination) == (Level.L2, False, "technical")
    assert "Escalate-L2" in late.tags


@pytest.mark.policy("S1-25")
def test_the_half_hour_is_business_time() -> None:
    evening = ticket(given(8 * 60 - 10), **P2)  # ten minutes before the office closes
    assert decided(evening, 8 * 60 + 30).level is Level.L1
    assert decided(evening, DAY + 19).level is Level.L1
    assert decided(evening, DAY + 20).level is Level.L2


@pytest.mark.policy("S1-25")
def test_nobody_has_tried_a_ticket_that_nobody_holds() -> None:
    assert decided(ticket(**P2), 5 * 60).level is Level.L1


@pytest.mark.policy("S1-26")
def test_an_escalation_by_the_clock_without_a_note_says_that_troubleshooting_is_missing() -> None:
    assert "missing-troubleshooting" in decided(ticket(given(10), **P2), 40).tags
    noted = ticket(given(10), notes(12), **P2)
    assert decided(noted, 41.9).level is Level.L1
    late = decided(noted, 42)
    assert late.level is Level.L2
    assert "missing-troubleshooting" not in late.tags


@pytest.mark.policy("S1-25")
def test_each_touch_gives_half_an_hour_more_and_pending_none() -> None:
    assert decided(ticket(given(10), notes(35), **P2), 60).level is Level.L1
    pending = ticket(given(10), moves(20, "open", "pending"), **P2)
    assert decided(pending, 5 * 60).level is Level.L1


@pytest.mark.policy("S1-27")
def test_the_second_rung_keeps_what_it_got_by_the_clock_after_it_touched_it() -> None:
    of = ticket(given(10), tagged(41, "Escalate-L2"), given(42, "8", "7"), notes(60), **P2)
    ours = replace(after(decided(ticket(given(10), **P2), 40)), tags=frozenset({"Escalate-L2"}))
    later = decided(of, 70, ours)
    assert later.level is Level.L2
    assert later.level_since == at(41)


@pytest.mark.policy("C-02", "S4-97")
def test_an_idea_rises_by_no_clock() -> None:
    idea = ticket(given(10), body="Please add a dark mode to the dashboard, that does not exist yet.")
    late = decided(idea, 300)
    assert (late.severity, late.level) == (Severity.P4, Level.L1)


@pytest.mark.policy("S1-30")
@pytest.mark.parametrize("text", [P2, P3])
def test_after_two_working_days_the_second_rung_is_asked_to_hand_over(text: dict[str, str]) -> None:
    of = ticket(answers(5), tagged(10, "Escalate-L2"), **text)
    ours = replace(KNOWN, previous=replace(decided(of, 11), level=Level.L2))
    assert "escalate to L3" not in [one.what for one in decided(of, 2 * DAY + 9, ours).proposals]
    assert "nearly over" in note(of, DAY + 10, ours)
    late = decided(of, 2 * DAY + 10, ours)
    assert "escalate to L3" in [one.what for one in late.proposals]
    assert late.level is Level.L2
    text_ = note(of, 2 * DAY + 10, ours)
    assert "L2 window: was due by 2026-03-04 09:10 UTC." in text_
    assert "hand it to L3" in text_
    assert "For: cs leadership." in text_


@pytest.mark.policy("S1-30")
def test_what_a_person_handed_to_the_third_rung_after_two_days_stays_there() -> None:
    of = ticket(answers(5), tagged(10, "Escalate-L2"), notes(2 * DAY + 20, "/triage accept"), **P2)
    before = replace(decided(of, 11), level=Level.L2)
    late = decided(ticket(answers(5), tagged(10, "Escalate-L2"), **P2), 2 * DAY + 10, after(before))
    handed = decided(of, 2 * DAY + 21, after(late))
    assert handed.level is Level.L3
    again = decided(of, 2 * DAY + 60, after(handed))
    assert again.level is Level.L3


@pytest.mark.policy("S1-16", "S1-21")
@pytest.mark.parametrize("text", [P0, P1])
def test_what_nobody_confirms_in_five_minutes_goes_on_to_engineering(text: dict[str, str]) -> None:
    of = ticket(**text)
    early, late = decided(of, 4.9), decided(of, 5)
    assert (early.level, early.page, early.wake_at) == (Level.L2, True, at(5))
    assert (late.level, late.page) == (Level.L3, True)
    assert "unconfirmed-goes-on-to-engineering" in late.rules


@pytest.mark.policy("S1-21")
@pytest.mark.parametrize("by", [tagged(3, "confirmed-severity"), notes(3, "/triage confirm")])
def test_what_a_person_confirmed_in_time_does_not_go_on_because_of_the_clock(by: object) -> None:
    late = decided(ticket(by, **P0), 60)  # type: ignore[arg-type]
    assert "unconfirmed-goes-on-to-engineering" not in late.rules
    assert ("confirmed-goes-on-to-engineering" in late.rules) is (late.level is Level.L3)


@pytest.mark.policy("S1-17")
def test_the_incident_report_is_due_five_minutes_after_it_became_critical_and_our_note_is_it() -> None:
    of = ticket(asks(30, "Now the platform is down for everybody."), **P3)
    assert decided(of, 30).deadlines["incident_report"] == at(35)
    told = ticket(asks(30, "Now the platform is down for everybody."), we_note(31, note(of, 30)), **P3)
    assert "incident_report" not in decided(told, 60).deadlines


@pytest.mark.policy("S0-24", "S1-33", "S1-34")
@pytest.mark.parametrize(("text", "minutes"), [(P0, 60), (P0, 120), (P1, 120)])
def test_an_update_is_drafted_for_whoever_speaks_with_the_customer(text: dict[str, str], minutes: int) -> None:
    of = ticket(answers(0), tagged(1, "confirmed-severity"), **text)
    asked = decided(of, minutes)
    assert asked.communicator == "head_of_support"
    told = note(of, minutes)
    assert "Draft of the next update to the customer, for a person to send:" in told
    assert "Status:" in told
    assert "Expected time of the solution:" in told
    assert f"You will hear from us again by {at(minutes + 120):%Y-%m-%d %H:%M UTC}." in told
    assert [one.clock for one in asked.steps if one.deed.draft] == ["customer_update"]


@pytest.mark.policy("S0-24")
def test_an_update_by_a_person_begins_the_next_two_hours() -> None:
    of = ticket(answers(0), answers(100), **P0)
    assert decided(of, 110).deadlines["customer_update"] == at(220)


@pytest.mark.policy("S0-32")
def test_the_triage_standard_updates_its_second_rank_every_four_hours() -> None:
    assert decided(ticket(answers(10), **P1), 20, under="triage-standard").deadlines["customer_update"] == at(250)
    assert decided(ticket(answers(10), **P1), 20).deadlines["customer_update"] == at(130)


@pytest.mark.policy("S0-39")
def test_a_medium_ticket_is_told_of_within_three_business_days() -> None:
    of = ticket(answers(10), **P2)
    assert decided(of, 20).deadlines["customer_update"] == at(10, days=3)
    assert "customer was to hear from us" in note(of, 3 * DAY + 10)


@pytest.mark.policy("S4-29")
def test_a_minor_ticket_that_was_escalated_is_told_of_after_two_business_days() -> None:
    of = ticket(answers(10), tagged(20, "Escalate-L2"), **P3)
    assert decided(of, 30).deadlines["escalated_update"] == at(10, days=2)
    assert "heard nothing for two business days" in note(of, 2 * DAY + 10)
    assert "escalated_update" not in decided(ticket(answers(10), **P3), 30).deadlines


@pytest.mark.policy("S0-23")
def test_an_outage_that_nobody_touches_for_half_an_hour_is_told_of_day_and_night_until_it_is_mitigated() -> None:
    night = at(16 * 60)
    of = ticket(notes(15 * 60), **P0)
    steps = [one for one in decide(of, KNOWN, policy(), night).steps if one.clock == "no_touch"]
    assert [(one.window, one.at) for one in steps] == [(1, night)]
    assert "no_touch" not in [one.clock for one in decided(ticket(moves(10, "open", "solved"), **P0), 60).steps]


@pytest.mark.policy("S0-31")
def test_an_investigation_begins_on_the_same_day() -> None:
    assert decided(ticket(**P1), 1).deadlines["investigation_start"] == datetime(2026, 3, 3, tzinfo=UTC)
    assert "investigation_start" not in decided(ticket(notes(20), **P1), 30).deadlines
    assert "investigation has begun" in note(ticket(answers(5), **P1), 15 * 60)


@pytest.mark.policy("S2-07", "S2-14", "S2-21", "S2-28")
@pytest.mark.parametrize(
    ("level", "due"),
    [(Level.L1, at(240)), (Level.L2, at(0, days=1)), (Level.L3, at(120)), (Level.L4, at(15))],
)
@pytest.mark.parametrize("under", ["unified", "octoacme"])
def test_each_level_answers_in_its_time(level: Level, due: datetime, under: str) -> None:
    tag = policy(under).pack.ladder[level].tag
    of = ticket(*([tagged(0, tag)] if tag else []), **P2)
    assert decided(of, 1, under=under).deadlines["level_response"] == due
    assert "level_response" not in decided(ticket(*of.history, notes(5), **P2), 6, under=under).deadlines


@pytest.mark.policy("S2-08", "S2-15", "S2-22")
@pytest.mark.parametrize(
    ("tag", "goal", "due"),
    [
        ("", at(0, days=1), at(0, days=2)),
        ("Escalate-L2", at(0, days=3), at(0, days=7)),  # five business days go over the weekend
        ("Escalate-L3", None, datetime(2026, 3, 3, tzinfo=UTC)),
    ],
)
def test_each_level_resolves_in_its_time(tag: str, goal: datetime | None, due: datetime) -> None:
    of = ticket(*([tagged(0, tag)] if tag else []), answers(5), **P2)
    (cycle,) = (one for one in decided(of, 10, under="octoacme").clocks if one.clock == "level_resolution")
    assert (cycle.goal, cycle.due) == (goal, due)


@pytest.mark.policy("S4-103", "S4-104", "S4-105", "S4-106", "S4-107")
@pytest.mark.parametrize(
    ("tag", "linked", "yellow", "red"),
    [
        ("", False, 120, DAY),
        ("Escalate-L2", False, DAY, 2 * DAY),
        ("Escalate-L3", False, DAY, 2 * DAY),
        ("Escalate-L3", True, 2 * DAY, 3 * DAY),
        ("Escalate-L4", False, 2 * DAY, 3 * DAY),
    ],
)
def test_a_waiting_ticket_is_green_then_yellow_then_red_by_its_tier(
    tag: str, linked: bool, yellow: int, red: int
) -> None:
    issue = LinkedIssue(Ref("jira", "acme", "ENG-1"), "escalation", since=at(0), heard=(at(1),))
    context = replace(KNOWN, linked=(issue,) if linked else ())
    of = ticket(*([tagged(0, tag)] if tag else []), body="How do I share a plan with a guest?")

    def bands(now: float) -> list[str]:
        return [one for one in decided(of, now, context, "tiered-helpdesk").tags if one.startswith("band-")]

    seen = [bands(now) for now in (1, yellow - 1, yellow, red - 1, red)]
    assert seen == [["band-green"], ["band-green"], ["band-yellow"], ["band-yellow"], ["band-red"]]
    of = replace(of, comments=(answers(2),))
    assert bands(20) == []


@pytest.mark.policy("S4-20")
def test_t3_is_asked_to_hand_on_what_makes_no_progress_for_twenty_business_minutes() -> None:
    of = ticket(answers(0), tagged(10, "Escalate-L3"), **P2)
    assert "twenty minutes" not in note(of, 29, under="tiered-helpdesk")
    assert "twenty minutes" in note(of, 30, under="tiered-helpdesk")
    progress = replace(of, comments=(*of.comments, notes(25)))
    assert "twenty minutes" not in note(progress, 44, under="tiered-helpdesk")


@pytest.mark.policy("S4-28", "C-17")
def test_t3_begins_within_twenty_four_hours_of_business_days() -> None:
    friday = ticket(tagged(4 * DAY, "Escalate-L3"), **P2)
    assert decided(friday, 4 * DAY + 1).deadlines["t3_start"] == at(0, days=7)


@pytest.mark.policy("S2-83")
def test_a_ticket_is_looked_at_when_the_next_reminder_is_due_and_each_is_given_once() -> None:
    of = ticket(answers(0), tagged(1, "confirmed-severity"), **P1)
    first = decided(of, 5)
    assert first.wake_at is not None
    assert first.wake_at <= at(120)
    text = note(of, 120)
    reminded = replace(of, comments=(*of.comments, we_note(120, text)))
    assert steps_in(text)
    assert not decided(reminded, 121).steps
    assert "customer_update" in [one.clock for one in decided(reminded, 240).steps]


def test_what_is_noted_of_a_clock_is_all_that_a_second_look_needs() -> None:
    of = ticket(given(1), answers(5), asks(30), moves(40, "new", "open"), notes(60), tagged(70, "Escalate-L2"), **P2)
    watched: Context = KNOWN
    for minutes in (1, 5, 31, 61, 71, 90):
        until = replace(
            of,
            comments=tuple(one for one in of.comments if one.at <= at(minutes)),
            history=tuple(one for one in of.history if one.at <= at(minutes)),
            tags=of.tags if minutes > 70 else frozenset(),
        )
        watched = after(decided(until, minutes, watched))
    assert watched.previous is not None
    scratch = decided(of, 90)
    assert dict(scratch.deadlines) == dict(watched.previous.deadlines)
    assert scratch.wake_at == watched.previous.wake_at


@pytest.mark.policy("C-29")
def test_the_time_that_an_acknowledgement_promises_is_the_clock_that_holds() -> None:
    of = ticket(**P2)
    decision = decided(of, 0)
    (reply,) = replies_due(of, decision, KNOWN, policy())
    assert (reply.clock, reply.promise) == ("first_reply", decision.deadlines["first_reply"])
    values, _ = applied_after(reply, {}, frozenset())
    assert values[PROMISED + "first_reply"] == decision.deadlines["first_reply"].isoformat()
    acknowledged = replace(of, comments=(Comment("1", Speaker.WORKER, reply.text, at(1), author_id=US),))
    assert decided(acknowledged, 2, replace(KNOWN, applied=values)).warnings == ()
    worse = replace(acknowledged, comments=(*acknowledged.comments, asks(3, "It works again in part only.")))
    assert decided(worse, 4, replace(KNOWN, applied=values)).deadlines["first_reply"] == reply.promise


@pytest.mark.policy("C-29")
@pytest.mark.parametrize(("hours", "holds"), [(2, at(120)), (200, at(0, days=1))])
def test_a_clock_that_moved_tells_people_and_the_earlier_time_holds(hours: int, holds: datetime) -> None:
    told = at() + timedelta(hours=hours)
    context = replace(KNOWN, applied={PROMISED + "first_reply": told.isoformat()})
    decision = decided(ticket(**P2), 5, context)
    assert decision.deadlines["first_reply"] == holds
    (warning,) = decision.warnings
    assert f"the customer was told to hear from us by {told:%Y-%m-%d %H:%M} UTC" in warning
    assert "first reply is due by 2026-03-03 09:00 UTC now, and the earlier holds" in warning
    assert warning in note(ticket(**P2), 5, context)


def test_a_customer_who_was_answered_is_promised_nothing_more() -> None:
    context = replace(KNOWN, applied={PROMISED + "first_reply": at(30).isoformat()})
    assert decided(ticket(answers(5), **P2), 10, context).warnings == ()
    assert not [one for one in done(ticket(answers(5), **P2), 10, context) if isinstance(one, Reply)]


def test_a_step_alone_is_a_note_of_its_own_and_changes_nothing_else() -> None:
    of = ticket(asks(5), **P3)
    first = done(of, 6)
    (outcome,) = (one for one in first if isinstance(one, AddNote))
    tags = frozenset(tag for one in first if isinstance(one, AddTags) for tag in one.tags)
    settled = replace(of, comments=(*of.comments, we_note(6, outcome.text)), tags=tags)
    known = replace(after(decided(of, 6)), tags=tags, applied={"priority": "normal", "group": "frontline"})
    planned = [one for one in done(replace(settled, priority="normal"), 2 * DAY + 5, known) if isinstance(one, AddNote)]
    (told,) = planned
    assert "has had no answer" in told.text
    assert len(steps_in(told.text)) == len(decided(settled, 2 * DAY + 5, known).steps)


@pytest.mark.policy("S1-25", "S1-20")
def test_a_ticket_that_a_person_took_back_from_l2_gets_its_half_hour_anew() -> None:
    of = ticket(given(0), tagged(60, "Escalate-L2"), tagged(90, "", "Escalate-L2"))
    assert [decided(of, minutes).level for minutes in (91, 119, 120)] == [Level.L1, Level.L1, Level.L2]
