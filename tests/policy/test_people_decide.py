"""What a person decided stays decided: locked severities, confirmed pages, leadership, engineering (S1-16..S1-32)."""

from __future__ import annotations

from typing import Any

import pytest

from app.packs import PACKS, find_pack
from app.triage.decision import Context, Decision, Level, Severity
from app.triage.engine import decide
from app.triage.layers import parse
from app.triage.note import render
from app.triage.policy import Policy, read
from app.triage.vocabulary import ROLES
from tests.policy.conftest import NOW, a_ticket, decided, policy

DOWN = "The whole platform is down for all of our users."
FEW = "The export fails for a few users."


def after(first: Decision, *, priority: str, **more: Any) -> Context:
    """Our last decision, and what we wrote then."""
    return Context(previous=first, applied={"priority": priority}, tags=frozenset(first.tags), **more)


@pytest.mark.policy("S1-20", "S0-46")
def test_a_severity_that_a_person_lowered_stays_and_wakes_nobody_again() -> None:
    first = decided(DOWN)
    again = decided(DOWN, priority="high", context=after(first, priority="urgent"))
    assert (first.severity, first.page) == (Severity.P0, True)
    assert (again.severity, again.rated, again.page) == (Severity.P2, Severity.P0, False)
    assert [proposal.what for proposal in again.proposals] == ["raise to P0"]


@pytest.mark.policy("S1-20")
def test_on_a_locked_severity_the_clocks_run_by_what_the_person_said() -> None:
    first = decided(DOWN)
    again = decided(DOWN, priority="high", context=after(first, priority="urgent"))
    assert again.deadlines["first_reply"] > first.deadlines["first_reply"]


@pytest.mark.policy("S1-20", "S0-51")
def test_news_since_the_person_locked_it_pages_and_still_changes_no_severity() -> None:
    first = decided(FEW)
    locked = decided(FEW, priority="normal", context=after(first, priority="high"))
    news = decided(FEW, comments=[DOWN], priority="normal", context=after(locked, priority="high"))
    assert (locked.severity, locked.page) == (Severity.P3, False)
    assert (news.severity, news.rated, news.page) == (Severity.P3, Severity.P0, True)
    assert "raise to P0" in [proposal.what for proposal in news.proposals]


@pytest.mark.policy("S1-16")
def test_a_rank_that_only_a_person_gave_asks_before_it_wakes_somebody() -> None:
    first = decided("The icon is blurry.")
    raised = decided("The icon is blurry.", priority="urgent", context=after(first, priority="normal"))
    assert (raised.severity, raised.page) == (Severity.P1, False)
    assert "page on-call" in [proposal.what for proposal in raised.proposals]
    confirmed = decided(
        "The icon is blurry.",
        priority="urgent",
        tags=["confirmed-severity"],
        context=after(first, priority="normal"),
    )
    assert confirmed.page


@pytest.mark.policy("S1-16", "C-24")
def test_a_policy_may_ask_a_person_to_confirm_before_any_page() -> None:
    asking = policy_with("p0: {require_confirm_to_page: true}")
    waiting = decide(a_ticket(DOWN), Context(), asking, NOW)
    confirmed = decide(a_ticket(DOWN, tags=["Confirmed-Severity"]), Context(), asking, NOW)
    assert (waiting.severity, waiting.page) == (Severity.P0, False)
    assert confirmed.page


def policy_with(change: str) -> Policy:
    """The default policy with something laid over it."""
    text = (PACKS / "unified.yaml").read_text(encoding="utf-8")
    return read(text, "unified.yaml", find_pack, [parse(change, "change.yaml")])


@pytest.mark.policy("S2-30", "S2-31", "S2-32", "S2-33")
@pytest.mark.parametrize(
    "text",
    [
        "If this goes on our lawyers will take legal action against you. The export fails.",
        "The export fails. A journalist will publish a story about it tomorrow.",
        "The nightly report fails, although it is listed as essential in annex B of our contract.",
    ],
)
def test_leadership_is_proposed_and_not_called(text: str) -> None:
    decision = decided(text)
    assert "escalate to L4" in [proposal.what for proposal in decision.proposals]
    assert decision.level is not Level.L4
    assert "leadership" not in decision.notify


@pytest.mark.policy("S2-30")
def test_only_a_strategic_account_that_may_leave_is_for_leadership() -> None:
    text = "The export fails. If this is not fixed we will cancel our contract."
    assert "escalate to L4" not in [p.what for p in decided(text).proposals]
    assert "escalate to L4" in [p.what for p in decided(text, tags=["strategic"]).proposals]
    flagged = {"name": "Acme", "strategic": True}
    assert "escalate to L4" in [p.what for p in decided(text, organization=flagged).proposals]
    assert "escalate to L4" not in [p.what for p in decided(text, organization={"name": "Acme"}).proposals]


@pytest.mark.policy("S2-27", "S2-31")
def test_a_person_who_tags_it_calls_leadership() -> None:
    decision = decided("The export fails.", tags=["Escalate-L4"])
    assert decision.level is Level.L4
    assert "leadership" in decision.notify


@pytest.mark.policy("S2-27")
def test_a_policy_may_call_leadership_without_asking() -> None:
    auto = policy_with("l4: {auto: true}")
    decision = decide(a_ticket("Our lawyers will take legal action. The export fails."), Context(), auto, NOW)
    assert decision.level is Level.L4


@pytest.mark.policy("S0-55", "S1-31")
@pytest.mark.parametrize(
    ("comment", "level", "destination"),
    [
        ({"speaker": "agent", "public": False, "body": "Reproduced, it needs a code fix."}, "L3", "engineering"),
        ({"speaker": "agent", "public": False, "body": "This requires a database change."}, "L3", "engineering"),
        ({"speaker": "customer", "body": "I think it needs a code fix."}, "L1", "technical"),
        (
            {"speaker": "agent", "public": False, "body": "Not reproduced yet, asking for a screenshot."},
            "L1",
            "technical",
        ),
    ],
)
def test_engineering_takes_what_a_person_on_our_side_named(
    comment: dict[str, Any], level: str, destination: str
) -> None:
    decision = decided("The export fails with an error.", comments=[comment])
    assert (decision.level, decision.destination) == (level, destination)
    assert ("Escalate-L3" in decision.tags) is (level == "L3")


@pytest.mark.policy("S1-27", "S1-28", "C-23")
@pytest.mark.parametrize(
    "given",
    [
        {"tags": ["Escalate-L2"]},
        {"tags": ["escalate-l2"]},
        {"comments": [{"speaker": "agent", "public": False, "body": "No progress after 30 minutes, over to L2."}]},
    ],
)
def test_a_person_hands_p2_and_p3_to_the_second_level(given: dict[str, Any]) -> None:
    decision = decided("How do I map the fields of the import? It shows an error.", **given)
    assert (decision.level, decision.destination, decision.page) == (Level.L2, "technical", False)
    assert "Escalate-L2" in decision.tags


@pytest.mark.policy("S1-27")
def test_our_own_escalation_tag_keeps_nothing_escalated() -> None:
    assert (
        decided("The export fails.", tags=["Escalate-L2"], context=Context(tags=frozenset({"Escalate-L2"}))).level
        == "L1"
    )


@pytest.mark.policy("C-23")
def test_a_policy_may_send_p2_and_p3_on_at_once() -> None:
    change = "escalation: {p2_p3: direct, min_complete: 0}"
    direct = decide(a_ticket("The export fails."), Context(), policy_with(change), NOW)
    assert (direct.level, decided("The export fails.").level) == (Level.L2, Level.L1)


@pytest.mark.policy("S2-78", "S4-55")
def test_an_escalation_by_rule_waits_until_the_customer_was_asked_for_what_is_missing() -> None:
    direct = policy_with("escalation: {p2_p3: direct, min_complete: 0.4}")
    bare = decide(a_ticket("The export fails."), Context(), direct, NOW)
    assert bare.level is Level.L1
    (waiting,) = [proposal for proposal in bare.proposals if proposal.what == "escalate to L2"]
    assert "What does the error message say" in waiting.why
    assert decide(a_ticket("The platform is down for everybody."), Context(), direct, NOW).level is Level.L2
    assert decide(a_ticket("The export fails.", tags=["Escalate-L2"]), Context(), direct, NOW).level is Level.L2


@pytest.mark.policy("S1-26", "S4-57")
def test_an_escalation_by_a_person_without_a_note_is_flagged() -> None:
    bare = decided("The export fails.", tags=["Escalate-L2"])
    noted = decided(
        "The export fails.",
        tags=["Escalate-L2"],
        comments=[{"speaker": "agent", "public": False, "body": "Tried another browser and a new file."}],
    )
    assert "missing-troubleshooting" in bare.tags
    assert "missing-troubleshooting" not in noted.tags


@pytest.mark.policy("S4-46", "S4-49", "C-20")
def test_missed_steps_are_tagged_only_where_the_team_wants_it() -> None:
    ticket = a_ticket("The export fails.", tags=["Escalate-L2"])
    assert "Process Tweak" not in decided("The export fails.", tags=["Escalate-L2"]).tags
    assert "Process Tweak" in decide(ticket, Context(), policy_with("features: {process_tweak: true}"), NOW).tags


@pytest.mark.policy("S4-97")
@pytest.mark.parametrize("given", [{"tags": ["Escalate-L2"]}, {"tags": ["Escalate-L3"]}])
def test_an_idea_is_never_escalated(given: dict[str, Any]) -> None:
    assert decided("Please add a dark theme, it would be nice.", **given).level is Level.L1


@pytest.mark.policy("S1-18", "S1-19")
def test_a_page_is_not_an_assignment() -> None:
    decision = decided("Invoices of other customers are visible to all our users, data is leaked right now.")
    assert decision.page
    assert decision.destination == "security"
    assert {"l2_on_call", "head_of_support"} <= set(decision.notify)


@pytest.mark.policy("S1-33", "C-07")
def test_the_communicator_follows_rank_and_level() -> None:
    assert decided(DOWN).communicator == "head_of_support"
    assert decided(DOWN, tags=["vip"]).communicator == "csm"
    assert decided("How do I export a report?").communicator == "assignee"


@pytest.mark.policy("S1-32")
def test_the_second_level_keeps_talking_to_the_customer_when_engineering_works() -> None:
    note = {"speaker": "agent", "public": False, "body": "Reproduced, it needs a code fix."}
    assert decided("The export fails.", comments=[note]).communicator == "l2_assignee"


@pytest.mark.policy("C-25")
def test_no_pack_names_people_only_roles() -> None:
    assert set(decided(DOWN).notify) <= set(ROLES)


@pytest.mark.policy("S1-01")
def test_the_decision_says_under_which_policy_it_was_made() -> None:
    decision = decided(DOWN)
    assert decision.policy_stamp == policy().stamp
    assert decision.policy_digest == policy().digest


@pytest.mark.policy("S4-86")
def test_a_handover_says_what_a_person_has_to_do_with_the_owner() -> None:
    churn = "The export fails. If this is not fixed we will cancel our contract."
    note = render(decided(churn, under="tiered-helpdesk"), policy("tiered-helpdesk"))
    assert "Hand over to: Engagement, take the agent off, who follows." in note
    assert "Hand over to" not in render(decided(churn), policy())
