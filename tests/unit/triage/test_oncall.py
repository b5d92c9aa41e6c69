"""The chain as a pure function: what is due at which instant, what stops it, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.triage import oncall, oncall_words
from app.triage.commands import commands_in, orders_of
from app.triage.decision import Context, Decision, Level, Severity
from app.triage.engine import decide, plan
from app.triage.fields import Known
from app.triage.layers import PolicyError
from app.triage.page import Page, Taken
from app.triage.policy import Policy
from app.triage.ticket import Comment, Ref, Speaker, Status, Ticket
from tests.unit.triage.conftest import a_ticket, laid_over

MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
SUNDAY = datetime.fromisoformat("2026-03-01T09:00:00+00:00")
DOWN = a_ticket("The whole platform is down for all of our users.", "Everything is down")
SECOND = timedelta(seconds=1)


def after(minutes: float, opened: datetime = MONDAY) -> datetime:
    return opened + timedelta(minutes=minutes)


def a_page(opened: datetime = MONDAY, *taken: str, **more: Any) -> Page:
    return Page(
        incident=DOWN.ref, episode=1, key=f"firstline:{DOWN.ref}", opened_by=DOWN.ref, told_at=opened,
        opened_at=opened, severity="P0", summary="P0 Reliability: Everything is down",
        taken={step: Taken(opened, (f"{step}/x",)) for step in taken}, **more,
    )  # fmt: skip


def a_decision(policy: Policy, page: Page | None = None, now: datetime = MONDAY, **more: Any) -> Decision:
    return decide(more.pop("ticket", DOWN), Context(page=page, **more), policy, now)


def names(page: Page, policy: Policy, now: datetime, decision: Decision | None = None) -> list[str]:
    decided = decision or a_decision(policy, page, now)
    return [step.name for step in oncall.due_now(page, decided, policy, now)]


@pytest.mark.policy("S1-18", "S1-21", "S4-109", "S4-110", "C-17")
@pytest.mark.parametrize(
    ("minutes", "due"),
    [
        (0, ["L2:page", "chat"]),
        (5, ["L2:page", "chat", "L3:page"]),
        (60, ["L2:page", "chat", "L3:page", "email"]),
        (90, ["L2:page", "chat", "L3:page", "email", "call"]),
    ],
)
def test_a_step_is_due_from_its_very_instant_and_not_a_second_before(
    policy: Policy, minutes: float, due: list[str]
) -> None:
    page = a_page()
    assert names(page, policy, after(minutes)) == due
    if minutes:
        assert names(page, policy, after(minutes) - SECOND) == due[:-1]


def test_the_next_instant_is_told_until_nothing_follows(policy: Policy) -> None:
    page, seen = a_page(), []
    now: datetime | None = MONDAY
    while now is not None:
        decision = a_decision(policy, page, now)
        page = replace(page, taken={**page.taken, **{s: Taken(now, ("x/y",)) for s in names(page, policy, now)}})
        now = oncall.next_at(page, decision, policy, now)
        seen.append(now)
    assert seen == [after(5), after(60), after(90), None]


@pytest.mark.policy("S1-19", "S4-108")
@pytest.mark.parametrize("minutes", [3, 59, 60])
def test_an_acknowledgement_stops_what_was_not_sent_and_lets_an_unconfirmed_page_go_on(
    policy: Policy, minutes: float
) -> None:
    page = a_page(MONDAY, "L2:page", "chat", acknowledged_at=after(minutes), acknowledged_via="pagerduty")
    assert names(page, policy, after(200)) == ["L3:page"]


def test_our_acknowledgement_is_told_to_the_pagers_and_pagerdutys_own_is_not(policy: Policy) -> None:
    page = a_page(MONDAY, "L2:page", "L3:page", "chat", acknowledged_at=after(6), acknowledged_via="board")
    assert names(page, policy, after(7)) == ["acknowledge"]
    assert names(replace(page, acknowledged_via="pagerduty"), policy, after(7)) == []
    assert names(replace(page, taken={}), policy, after(4)) == [], "no pager knows of it"


def test_what_is_over_is_told_to_the_pagers_and_nothing_else_follows(policy: Policy) -> None:
    page = a_page(MONDAY, "L2:page", "chat", resolved_at=after(20))
    assert names(page, policy, after(200)) == ["resolve"]
    assert names(replace(page, taken={}), policy, after(200)) == []


@pytest.mark.policy("S4-118")
@pytest.mark.parametrize(("opened", "chats"), [(MONDAY, True), (SUNDAY, False)])
def test_chat_is_for_work_hours_as_they_were_when_the_page_opened(
    policy: Policy, opened: datetime, chats: bool
) -> None:
    assert ("chat" in names(a_page(opened), policy, opened)) is chats
    assert ("chat" in names(a_page(opened), policy, after(24 * 60, opened))) is chats


@pytest.mark.parametrize(("late_by", "late"), [(0, False), (5, False), (5.1, True), (300, True)])
def test_a_step_is_late_when_it_comes_well_after_it_was_due(policy: Policy, late_by: float, late: bool) -> None:
    now = after(60 + late_by)
    (step,) = [s for s in oncall.due_now(a_page(), a_decision(policy, a_page(), now), policy, now) if s.do == "email"]
    assert (step.at, step.late) == (after(60), late)


def test_the_first_page_is_late_by_when_we_heard_of_it(policy: Policy) -> None:
    page = replace(a_page(), told_at=after(-20))
    (step, _) = oncall.due_now(page, a_decision(policy, page), policy, MONDAY)
    assert (step.name, step.at, step.late) == ("L2:page", after(-20), True)


@pytest.mark.policy("S1-16", "S1-21", "C-24")
def test_a_page_that_nobody_confirmed_in_time_goes_on_to_l3_and_stays_there(policy: Policy) -> None:
    page = a_page()
    for minutes, level in [(4.9, Level.L2), (5, Level.L3), (500, Level.L3)]:
        decision = a_decision(policy, page, after(minutes))
        assert decision.level is level
        assert ("Escalate-L3" in decision.tags) is (level is Level.L3)


def test_a_policy_without_that_leaves_it_with_l2(policy: Policy) -> None:
    patient = laid_over("rules: {escalations: [{name: unconfirmed-goes-on-to-engineering, off: true}]}")
    assert a_decision(patient, a_page(), after(500)).level is Level.L2
    assert oncall.next_at(a_page(MONDAY, "L2:page", "chat"), a_decision(patient), patient, MONDAY) == after(60)


def note(text: str, at: datetime) -> Comment:
    return Comment(f"c{at:%H%M%S}", Speaker.AGENT, text, at, public=False, author_id="42")


def told(*notes: Comment) -> Ticket:
    return replace(DOWN, comments=notes)


@pytest.mark.policy("S1-16", "S1-20", "S1-21")
def test_a_confirmation_by_command_is_as_good_as_the_tag(policy: Policy) -> None:
    ticket = told(note("/triage confirm", after(1)))
    decision = decide(ticket, Context(page=a_page()), policy, after(2))
    assert (decision.level, decision.page) == (Level.L3, True)
    orders = orders_of(ticket, Context(), policy.pack)
    assert oncall.confirmed(ticket, Context(), orders, policy.pack) == "user 42"
    tagged = replace(DOWN, tags=frozenset({"Confirmed-Severity"}))
    nobody = orders_of(tagged, Context(), policy.pack)
    assert oncall.confirmed(tagged, Context(), nobody, policy.pack) == "the tag confirmed-severity"
    assert oncall.confirmed(tagged, Context(tags=frozenset({"confirmed-severity"})), nobody, policy.pack) == ""


def test_a_page_that_waits_for_a_person_goes_out_when_one_confirms(policy: Policy) -> None:
    asking = laid_over("p0: {require_confirm_to_page: true}")
    waiting = decide(DOWN, Context(), asking, MONDAY)
    assert not waiting.page
    assert "/triage confirm" in waiting.proposals[0].why
    assert decide(told(note("/triage confirm", after(1))), Context(previous=waiting), asking, after(2)).page


@pytest.mark.parametrize(("minutes", "counts"), [(-1, False), (0, True), (7, True)])
@pytest.mark.parametrize("word", ["ack", "confirm"])
def test_a_command_acknowledges_the_page_that_was_open_when_it_came(
    policy: Policy, word: str, minutes: float, counts: bool
) -> None:
    ticket = told(note(f"/triage {word}", after(minutes)))
    orders = orders_of(ticket, Context(), policy.pack)
    assert (oncall.acknowledgement(orders, a_page()) is not None) is counts
    assert oncall.acknowledgement(orders, a_page(acknowledged_at=MONDAY)) is None
    assert oncall.acknowledgement(orders, a_page(resolved_at=after(9))) is None


def test_a_customer_acknowledges_nothing(policy: Policy) -> None:
    ticket = replace(DOWN, comments=(replace(note("/triage ack", after(1)), speaker=Speaker.CUSTOMER),))
    assert commands_in(ticket, policy.pack) == ()


def test_commands_are_answered_by_what_follows_from_them(policy: Policy) -> None:
    def answered(text: str, page: Page | None) -> str:
        ticket = told(note(text, after(1)))
        context = Context(page=page)
        return "\n".join(a.text for a in plan(ticket, decide(ticket, context, policy, after(2)), context, policy)
                         if hasattr(a, "text"))  # fmt: skip

    assert "- ack: nobody is paged for this ticket" in answered("/triage ack", None)
    page = a_page(acknowledged_at=after(1), acknowledged_via="command")
    assert "- ack: page 1 is acknowledged, the chain stops" in answered("/triage ack", page)
    confirmed = answered("/triage confirm", page)
    assert "- confirm: page 1 is acknowledged, the chain stops: no e-mail and no call follows" in confirmed
    assert "; confirmed, the level is L3" in confirmed


@pytest.mark.parametrize(
    ("ticket", "change", "why"),
    [
        (DOWN, {}, ""),
        (replace(DOWN, status=Status.PENDING), {}, ""),
        (replace(DOWN, assignee="42"), {}, ""),
        (replace(DOWN, status=Status.SOLVED), {}, "the ticket is solved"),
        (replace(DOWN, status=Status.CLOSED), {}, "the ticket is closed"),
        (DOWN, {"severity": Severity.P2, "rated_at_lock": Severity.P0}, "a person lowered it to P2"),
        (DOWN, {"severity": Severity.P1, "rated_at_lock": Severity.P0}, ""),
        (DOWN, {"severity": Severity.P2}, ""),
    ],
)
def test_only_a_solution_or_a_person_ends_a_page(
    policy: Policy, ticket: Ticket, change: dict[str, Any], why: str
) -> None:
    assert oncall.over(ticket, replace(a_decision(policy), **change)) == why


def test_one_page_an_incident_whichever_ticket_tells_of_it(policy: Policy) -> None:
    master = Ref("zendesk", "acme", "77")
    decision = a_decision(policy, duplicate_of=master)
    assert oncall.incident_of(DOWN.ref, decision.duplicate_of) == master
    assert oncall.opens(DOWN, decision, None)
    assert not oncall.opens(DOWN, decision, a_page())
    assert oncall.opens(DOWN, decision, a_page(resolved_at=after(1)))
    assert not oncall.opens(replace(DOWN, status=Status.SOLVED), decision, None)
    assert not oncall.opens(DOWN, replace(decision, left_alone="an agent froze it"), None)


def test_a_ticket_that_people_took_out_gets_no_further_step(policy: Policy) -> None:
    decision = replace(a_decision(policy), left_alone="an agent froze it")
    assert names(a_page(MONDAY, "L2:page", "chat"), policy, after(100), decision) == []


@pytest.mark.policy("S1-17")
def test_the_note_has_the_incident_report_and_tells_the_chain_with_its_instants(policy: Policy) -> None:
    context = Context(page=a_page(MONDAY, "L2:page"), reachable=frozenset({"l2"}))
    decision = decide(DOWN, context, policy, MONDAY)
    text = oncall_words.paragraph(Known(DOWN, context, decision, policy))
    assert text.splitlines() == [
        "On-call chain (page 1, open since 2026-03-02 09:00 UTC):",
        "- page to L2: sent 2026-03-02 09:00 UTC",
        "- chat message: due 2026-03-02 09:00 UTC",
        "- wake-up e-mail: due 2026-03-02 10:00 UTC",
        "- call to the emergency contacts: due 2026-03-02 10:30 UTC",
        "- goes on to L3 at 2026-03-02 09:05 UTC unless confirmed before, and at once when confirmed",
        "- /triage ack in an internal note: it is seen and handled, no e-mail and no call follows",
        "- /triage confirm: it is what it seems to be; also acknowledges",
    ]
    (written,) = [a.text for a in plan(DOWN, decision, context, policy) if hasattr(a, "mark") and "Why:" in a.text]
    assert "Incident report" in written
    assert text in written


@pytest.mark.policy("C-25")
def test_a_policy_says_times_and_never_where_a_step_leads() -> None:
    for change, said in [
        ("oncall: {steps: {page: {after: 0m, to: ada@acme.example}}}", "to"),
        ("oncall: {steps: {page: null}}", "add page: {after: 0m}"),
        ("oncall: {steps: {telegram: {after: 9m}}}", "telegram"),
        ("oncall: {late_after: soon}", "late_after"),
    ]:
        with pytest.raises(PolicyError) as refused:
            laid_over(change)
        assert said in str(refused.value)


def test_steps_of_business_time_and_other_hours_are_taken_as_they_are(policy: Policy) -> None:
    own = laid_over("oncall: {steps: {email: {after: 2bh}, chat: null, call: null}}")
    page = a_page(SUNDAY, "L2:page")
    assert oncall.next_at(replace(page, confirmed_at=SUNDAY), a_decision(own), own, SUNDAY) == after(120, MONDAY)


def test_a_page_is_told_line_by_line_with_who_took_and_who_acknowledged() -> None:
    page = a_page(
        MONDAY, "L2:page", "resolve", acknowledged_at=after(3), acknowledged_by="Ada", acknowledged_via="board",
        confirmed_at=after(4), confirmed_by="user 42", resolved_at=after(70), resolved_why="it is solved",
        trouble={"call": "pagerduty-1: PagerDuty answers 503"},
    )  # fmt: skip
    page = replace(
        page, taken={**page.taken, "chat": Taken(MONDAY), "email": Taken(after(66), ("email/x",), late=True)}
    )
    assert list(oncall_words.state(page)) == [
        "page 1 of zendesk:acme:1, open since 2026-03-02 09:00 UTC, over since 2026-03-02 10:10 UTC: it is solved",
        "acknowledged on the board by Ada at 2026-03-02 09:03 UTC",
        "confirmed by user 42 at 2026-03-02 09:04 UTC",
        "page to L2: sent 2026-03-02 09:00 UTC, taken by L2:page/x",
        "end of the page to the pager: sent 2026-03-02 09:00 UTC, taken by resolve/x",
        "chat message: no target is set",
        "wake-up e-mail: sent 2026-03-02 10:06 UTC, late, taken by email/x",
        "call to the emergency contacts reached nobody: pagerduty-1: PagerDuty answers 503",
    ]
