"""What keeps a ticket that waits from being reminded of or solved, and which status it is moved to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.triage import effects, step_notes
from app.triage.actions import Action, Reply, SetStatus, effect_key
from app.triage.bridge import LinkedIssue
from app.triage.decision import Context, KnownIssue
from app.triage.engine import decide, plan
from app.triage.fields import Known
from app.triage.policy import Policy
from app.triage.replies import due
from app.triage.ticket import Change, Comment, Customer, Ref, Speaker, Status, Ticket
from app.triage.undo import Change as Done
from app.triage.undo import undo
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

HOW = "How do I change the time zone of my profile? Where is that setting?"
DAY = timedelta(days=1)
NOON = NOW + timedelta(hours=3)


def waiting(state: str = "pending", status: Status = Status.PENDING, **more: Any) -> Ticket:
    """An answered question that has waited since noon."""
    answer = Comment("1", Speaker.AGENT, "It is under Profile.", NOON, True, "5")
    moved = Change(NOON, "5", "status", "new", state, status)
    ticket = a_ticket(HOW, requester=Customer(id="7", name="Ada"), status=status, status_name=state, history=(moved,))
    return replace(ticket, **{"comments": (answer,), **more})


def asked_for(
    policy: Policy,
    ticket: Ticket,
    now: datetime,
    context: Context = Context(),  # noqa: B008
) -> tuple[list[Reply], list[SetStatus]]:
    """The replies and the moves that are planned."""
    decision = decide(ticket, context, policy, now)
    planned: tuple[Action, ...] = plan(ticket, decision, context, policy)
    return list(due(ticket, decision, context, policy)), [one for one in planned if isinstance(one, SetStatus)]


@pytest.mark.policy("C-19", "S4-65")
@pytest.mark.parametrize(
    ("more", "context", "reminded"),
    [
        ({}, Context(), True),
        ({}, Context(known_issues=(KnownIssue("ENG-1"),)), False),
        ({}, Context(linked=(LinkedIssue(Ref("jira", "dev", "ENG-1"), "known_issue"),)), False),
        ({}, Context(linked=(LinkedIssue(Ref("jira", "dev", "ENG-1"), "known_issue", done=True),)), True),
        ({"customer_reads": False}, Context(), False),
        ({"tags": frozenset({"triage-off"})}, Context(), False),
    ],
)
def test_who_is_reminded(policy: Policy, more: dict[str, Any], context: Context, reminded: bool) -> None:
    replies, moves = asked_for(policy, waiting(**more), NOON + 3 * DAY, context)
    assert ([one.reason.startswith("reminder-") for one in replies], moves) == ([True] if reminded else [], [])


def test_where_nobody_reads_a_reminder_no_note_tells_of_one(policy: Policy) -> None:
    ticket = waiting(customer_reads=False)
    decision = decide(ticket, Context(), policy, NOON + 4 * DAY)
    assert not any(step.clock == "pending_reminder" for step in decision.steps)


def reminded(policy: Policy, ticket: Ticket, at: datetime) -> tuple[Ticket, Context]:
    """The ticket with our reminder in it, and what we know then."""
    (reply,), _ = asked_for(policy, ticket, at)
    said = Comment("2", Speaker.AGENT, reply.text, at, True, "99")
    context = Context(our_id="99", applied={effects.REPLY + reply.reason: reply.mark})
    return effects.with_our_replies(replace(ticket, comments=(*ticket.comments, said)), context.applied), context


@pytest.mark.policy("C-19")
def test_the_three_days_count_from_what_was_said(policy: Policy) -> None:
    ticket, context = reminded(policy, waiting(), NOON + 5 * DAY)
    assert asked_for(policy, ticket, NOON + 7 * DAY, context) == ([], [])
    _, (move,) = asked_for(policy, ticket, NOON + 8 * DAY, context)
    assert move.names == ("solved",)
    assert effect_key(ticket.ref, move, "any").endswith(f":set_status:{move.step}")


@pytest.mark.policy("C-19")
def test_a_reminder_that_counts_as_a_reply_begins_no_new_three_days() -> None:
    policy = laid_over("ack: {counts_as_first_reply: true}")
    ticket, context = reminded(policy, waiting(), NOON + 3 * DAY)
    replies, (move,) = asked_for(policy, ticket, NOON + 6 * DAY, context)
    assert (replies, move.name) == ([], "solved")


@pytest.mark.policy("S4-65")
def test_a_move_that_was_refused_is_told_and_not_tried_again(policy: Policy) -> None:
    ticket, context = reminded(policy, waiting(), NOON + 3 * DAY)
    _, (move,) = asked_for(policy, ticket, NOON + 6 * DAY, context)
    applied = effects.refused_after(move, context.applied, "no such move")
    context = replace(context, applied=applied)
    assert asked_for(policy, ticket, NOON + 6 * DAY, context) == ([], [])
    decision = decide(ticket, context, policy, NOON + 6 * DAY)
    (note,) = step_notes.refused(Known(ticket, context, decision, policy))
    assert "could not be set to solved: no such move. Please do it by hand." in note.text
    told = replace(ticket, comments=(*ticket.comments, Comment("3", Speaker.WORKER, note.text, NOON, False, "99")))
    assert step_notes.refused(Known(told, context, decision, policy)) == ()


@pytest.mark.policy("S4-68")
def test_every_name_of_a_status_goes_along_and_any_of_them_is_the_effect() -> None:
    policy = laid_over("statuses: {open: {zendesk: [Reopened, open]}}")
    ticket = waiting("Waiting on Customer")
    _, (move,) = asked_for(policy, ticket, NOON + 10 * DAY)
    assert move.names == ("Reopened", "open")
    assert effects.from_json("set_status", effects.to_json(move)) == move
    after = replace(ticket, status=Status.OPEN, status_name="open")
    assert effects.shows(after, move)
    assert not effects.shows(ticket, move)
    back = undo(after, [Done("k", move, {"status": "Waiting on Customer"})])
    assert back.actions == (SetStatus("Waiting on Customer"),)


def test_a_plain_move_is_written_down_as_ever() -> None:
    assert effects.to_json(SetStatus("Triaged")) == {"name": "Triaged"}
    assert effects.from_json("set_status", {"name": "Triaged"}) == SetStatus("Triaged")


@pytest.mark.policy("S4-69")
@pytest.mark.parametrize(
    ("tag", "put_on", "over"),
    [
        ("hold-7d", 0, 7),
        ("HOLD-7D", 0, 7),
        ("hold-2d", 4, 6),
        ("hold-2026-03-06", 0, None),
        ("hold-2026-03-01", 0, 0),
        ("hold-7", 0, 0),
        ("hold-99x", 0, 0),
        ("holding", 0, 0),
    ],
)
def test_a_tag_says_how_long_a_hold_is(policy: Policy, tag: str, put_on: int, over: int | None) -> None:
    added = Change(NOON + put_on * DAY, "5", "tags", "", tag)
    ticket = waiting("hold", Status.HOLD)
    ticket = replace(ticket, tags=frozenset({tag}), history=(*ticket.history, added))
    end = NOW.replace(day=6) if over is None else NOON + (over or 0) * DAY  # the office opens at nine
    if not over and over is not None:
        assert asked_for(policy, ticket, NOON + 30 * DAY)[1] == []
        return
    assert asked_for(policy, ticket, end - timedelta(minutes=1))[1] == []
    assert [one.name for one in asked_for(policy, ticket, end)[1]] == ["open"]
