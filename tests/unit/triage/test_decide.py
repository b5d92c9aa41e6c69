"""Severity, routes, rungs, clocks and tags, and the properties that hold for any text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.triage.decision import Context, Decision, Label, Level, Severity
from app.triage.engine import decide
from app.triage.policy import Policy
from app.triage.ticket import Comment, Customer, Speaker, Status
from tests.unit.triage.conftest import NOW, a_ticket

Decided = Callable[..., Decision]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXTS = (
    "The whole platform is down for everybody.",
    "Customer records are being deleted as we speak.",
    "We cannot process any orders and there is no workaround.",
    "The date filter shows an error.",
    "How do I export a report?",
    "It would be nice to have a dark theme.",
    "There is a typo on the start page.",
    "We were charged twice for June.",
    "I forgot my password.",
    "Pages are very slow.",
    "Webhooks to Slack fail with HTTP 401.",
)
URGENT = ("URGENT!!!", "This is a P0!", "SEV1, critical, ASAP", "Our CEO demands that this is fixed immediately!")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("words", URGENT)
@pytest.mark.policy("S1-02")
def test_words_of_urgency_alone_never_page(decided: Decided, text: str, words: str) -> None:
    plain, urgent = decided(text), decided(f"{words} {text}", subject=words)
    assert urgent.page == plain.page
    assert urgent.severity >= max(Severity.P0, plain.severity - 1)
    assert urgent.severity > Severity.P0 or plain.severity is Severity.P0


@pytest.mark.parametrize("words", URGENT)
def test_words_of_urgency_without_anything_else_are_minor(decided: Decided, words: str) -> None:
    decision = decided(words)
    assert decision.severity >= Severity.P3
    assert not decision.page


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("The date filter shows an error.", Severity.P2),
        ("Orders fail for most of our customers.", Severity.P1),
        ("Orders fail for most of our customers. As a workaround we can still enter them manually.", Severity.P2),
        ("The platform is down for a few users.", Severity.P1),
        ("The platform is down for everybody.", Severity.P0),
    ],
)
def test_scope_and_workaround_move_the_severity(decided: Decided, text: str, severity: Severity) -> None:
    assert decided(text).severity is severity


@pytest.mark.policy("S1-18", "S1-19", "S1-27")
@pytest.mark.parametrize("text", ["The platform is down for everybody.", "Payments fail for all customers."])
def test_p0_and_p1_page_and_go_to_the_second_rung_at_once(decided: Decided, text: str) -> None:
    decision = decided(text)
    assert (decision.level, decision.page) == (Level.L2, True)
    assert "Escalate-L2" in decision.tags


@pytest.mark.policy("S1-31")
def test_an_agent_who_names_a_code_fix_escalates_to_the_third_rung(decided: Decided) -> None:
    decision = decided("The export fails.", comments=[(Speaker.AGENT, "Reproduced the bug, it needs a code fix.")])
    assert decision.level is Level.L3
    assert "Escalate-L3" in decision.tags
    assert decision.destination == "engineering"
    assert not decision.page


@pytest.mark.policy("S0-55")
def test_engineering_is_never_chosen_without_a_word_of_a_person_on_our_side(decided: Decided) -> None:
    for text in TEXTS:
        assert decided(text).destination != "engineering"
    assert decided("We need a code fix, this is a confirmed bug.").destination != "engineering"


@pytest.mark.policy("S0-79", "S0-59")
def test_routing_waits_while_a_check_is_not_recorded(decided: Decided) -> None:
    decision = decided("The export fails.", context=Context(similar=None))
    assert decision.destination == ""
    assert not any(tag.startswith("dest-") for tag in decision.tags)
    assert decision.checks["duplicates"] == "not recorded"


@pytest.mark.policy("S0-22", "S0-30", "S0-38", "S0-44")
@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("The platform is down.", NOW + timedelta(hours=1)),
        ("Payments fail for all customers.", NOW + timedelta(hours=4)),
        ("The date filter shows an error.", NOW + timedelta(days=1)),  # one business day, P2
        ("There is a typo on the start page.", NOW + timedelta(days=2)),  # two, P3
    ],
)
def test_the_first_reply_is_promised_by_severity(decided: Decided, text: str, due: datetime) -> None:
    decision = decided(text)
    assert decision.deadlines["first_reply"] == due


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("The platform is down.", NOW + timedelta(minutes=5)),  # unconfirmed, it goes on to engineering
        (
            "The date filter shows an error.",
            NOW + timedelta(days=1),
        ),  # its response by level is due before: nothing is done
    ],
)
def test_a_ticket_is_looked_at_again_when_the_next_thing_is_done(decided: Decided, text: str, at: datetime) -> None:
    decision = decided(text)
    assert decision.wake_at == at
    assert min(decision.deadlines.values()) <= at


def test_a_promise_that_passed_is_tagged_until_an_agent_replies_in_public(policy: Policy) -> None:
    later = NOW + timedelta(minutes=61)
    ticket = a_ticket("The platform is down.")
    late = decide(ticket, Context(), policy, later)
    assert "overdue-first-reply" in late.tags
    assert late.wake_at == NOW + timedelta(minutes=90)  # the next half hour in which nobody touched it
    private = Comment("1", Speaker.AGENT, "Looking.", NOW, public=False)
    assert "overdue-first-reply" in decide(replace(ticket, comments=(private,)), Context(), policy, later).tags
    public = replace(private, public=True)
    assert "overdue-first-reply" not in decide(replace(ticket, comments=(public,)), Context(), policy, later).tags
    solved = replace(ticket, status=Status.SOLVED)
    assert "overdue-first-reply" not in decide(solved, Context(), policy, later).tags


@pytest.mark.policy("S0-51")
def test_growth_since_the_last_look_raises_once_and_stays(policy: Policy) -> None:
    few = a_ticket("The calendar does not load for a few users.")
    first = decide(few, Context(), policy, NOW)
    assert first.severity is Severity.P2
    many = a_ticket("The calendar does not load for a few users.", comments=["Now about 300 users are affected."])
    second = decide(many, Context(previous=first), policy, NOW)
    assert second.severity is Severity.P1
    assert "grown" in second.facts
    third = decide(many, Context(previous=second), policy, NOW)
    assert (third.severity, third.facts) == (second.severity, second.facts)
    over = a_ticket("x", comments=["Now about 300 users are affected.", "It works again, thank you."])
    assert decide(over, Context(previous=third), policy, NOW).severity is Severity.P3


@pytest.mark.policy("C-12")
def test_the_tier_of_the_customer_does_not_move_the_severity(decided: Decided) -> None:
    for text in TEXTS:
        assert decided(text, requester=Customer(tier="enterprise")) == decided(text, requester=Customer(tier="free"))


def test_tags_name_the_outcome(decided: Decided) -> None:
    decision = decided("We cannot process any orders and there is no workaround.")
    assert f"label-{decision.label.lower()}" in decision.tags
    assert f"sev-{decision.severity.name.lower()}" in decision.tags
    assert f"dest-{decision.destination}" in decision.tags


def test_an_empty_ticket_is_decided_and_marked_for_a_look(decided: Decided) -> None:
    decision = decided("")
    assert decision.label is Label.DEFECT
    assert decision.severity is Severity.P3
    assert "needs-triage" in decision.tags
    assert not decision.page


IMPACT = (
    "The whole platform is down for everybody.",
    "Customer records are being deleted as we speak.",
    "We have been hacked.",
    "Payments fail for all customers.",
    "There is no workaround.",
    "About 300 users are affected.",
)


@QUICK
@given(text=st.sampled_from(TEXTS), impact=st.sampled_from(IMPACT))
def test_one_more_impact_never_lowers_the_severity(policy: Policy, text: str, impact: str) -> None:
    before = decide(a_ticket(text), Context(), policy, NOW)
    after = decide(a_ticket(f"{text} {impact}"), Context(), policy, NOW)
    assert after.severity <= before.severity


@QUICK
@given(
    text=st.sampled_from(TEXTS),
    tail=st.sampled_from(
        (
            "\n\nBest regards,\nThe platform is down Ltd",
            "\n\n> the whole platform is down",
            "\n\nOn Mon, 3 Mar 2025 at 10:00, Ann wrote:\n> how do I export?",
            "\n\n-- \nAnn\nHead of Refunds",
            "\n\nKind regards\nKim",
        )
    ),
)
def test_signatures_and_quoted_history_change_nothing(policy: Policy, text: str, tail: str) -> None:
    before = decide(a_ticket(text), Context(), policy, NOW)
    after = decide(a_ticket(text + tail), Context(), policy, NOW)
    assert after == before


@QUICK
@given(body=st.text(max_size=400), subject=st.text(max_size=60), comment=st.text(max_size=200))
def test_any_text_is_decided_and_every_quote_is_what_stands_there(
    policy: Policy, body: str, subject: str, comment: str
) -> None:
    ticket = a_ticket(body, subject, [comment])
    decision = decide(ticket, Context(), policy, NOW)
    assert decision == decide(ticket, Context(), policy, NOW)
    texts = {"subject": subject, "body": body, "1": comment}
    for found in decision.evidence:
        assert texts[found.source][found.start : found.end] == found.quote


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "(" * 50_000, "is down " * 20_000, "> " * 50_000, "\n" * 100_000, "<" * 50_000, "http://" * 9_000],
)
def test_a_hostile_text_takes_no_long_time(policy: Policy, text: str) -> None:
    import time

    started = time.perf_counter()
    decide(a_ticket(text, text[:500]), Context(), policy, NOW)
    assert time.perf_counter() - started < 3.0
