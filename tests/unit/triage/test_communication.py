"""From L3 on one person talks to the customer: whoever else answers in public is noticed, once a comment (S1-32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from app.triage.actions import AddFollowers, AddNote
from app.triage.decision import Context, Decision
from app.triage.engine import decide, outcome_hash, plan
from app.triage.policy import Policy
from app.triage.ticket import Comment, Speaker, Ticket
from tests.unit.triage.conftest import NOW, a_ticket

AT_L3 = Comment("1", Speaker.AGENT, "Reproduced, it needs a code fix.", NOW, public=False, author_id="ann")
LATER = NOW + timedelta(hours=1)


def answered(*by: str, at: int = 30, **more: object) -> Ticket:
    """A ticket at L3 that ``ann`` holds, and public answers after that."""
    answers = tuple(
        Comment(str(number), Speaker.AGENT, "We found the cause.", NOW + timedelta(minutes=at), author_id=author)
        for number, author in enumerate(by, start=2)
    )
    ticket = a_ticket("The export fails with an error.", assignee="ann")
    return replace(ticket, comments=(AT_L3, *answers), **more)  # type: ignore[arg-type]


def second_look(policy: Policy, ticket: Ticket, people: Mapping[str, tuple[str, ...]] | None = None) -> Decision:
    """The decision an hour after the ticket reached L3."""
    context = Context(our_id="us", people=people or {})
    first = decide(replace(ticket, comments=(AT_L3,)), context, policy, NOW)
    assert (first.level, first.communicator, first.warnings) == ("L3", "l2_assignee", ())
    return decide(ticket, replace(context, previous=first), policy, LATER)


@pytest.mark.policy("S1-32")
def test_an_engineer_who_answers_in_public_is_noticed_in_the_note(policy: Policy) -> None:
    ticket = answered("eng")
    decision = second_look(policy, ticket)
    assert decision.warnings == ("comment 2 answered the customer in public, though the L2 specialist talks to them",)
    (note,) = [action for action in plan(ticket, decision, Context(), policy) if isinstance(action, AddNote)]
    assert "Please note:\n- comment 2 answered the customer in public" in note.text


@pytest.mark.policy("S1-32")
def test_each_such_answer_is_news_once(policy: Policy) -> None:
    once, twice = second_look(policy, answered("eng")), second_look(policy, answered("eng", "eng"))
    assert [len(once.warnings), len(twice.warnings)] == [1, 2]
    assert len({outcome_hash(one) for one in (second_look(policy, answered()), once, twice)}) == 3
    again = decide(answered("eng"), Context(our_id="us", previous=once), policy, LATER + timedelta(hours=1))
    assert outcome_hash(again) == outcome_hash(once)


@pytest.mark.policy("S1-32")
@pytest.mark.parametrize(
    ("ticket", "people"),
    [
        (answered("ann"), {}),
        (answered("bea"), {"l2_assignee": ("bea",)}),
        (answered("us"), {}),
        (answered(""), {}),
        (answered("eng", at=-5), {}),
        (answered("eng", assignee=""), {}),
        (answered("eng", customer_reads=False), {}),
    ],
    ids=["the holder", "by role", "us", "nobody known", "before L3", "no communicator known", "no customer reads"],
)
def test_nobody_is_warned_of_who_may_answer(
    policy: Policy, ticket: Ticket, people: Mapping[str, tuple[str, ...]]
) -> None:
    assert second_look(policy, ticket, people).warnings == ()


def test_below_l3_anybody_may_answer(policy: Policy) -> None:
    ticket = a_ticket("The export fails with an error.", assignee="ann")
    answer = Comment("2", Speaker.AGENT, "Which browser?", NOW, author_id="eng")
    first = decide(ticket, Context(), policy, NOW - timedelta(hours=1))
    assert decide(replace(ticket, comments=(answer,)), Context(previous=first), policy, NOW).warnings == ()


@pytest.mark.policy("S1-32")
def test_the_second_level_specialist_follows_what_engineering_works_on(policy: Policy) -> None:
    ticket, context = answered(), Context(people={"l2_assignee": ("bea",)})
    actions = plan(ticket, decide(ticket, context, policy, NOW), context, policy)
    assert [action for action in actions if isinstance(action, AddFollowers)] == [AddFollowers(("bea",))]
