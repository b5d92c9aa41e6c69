"""The ladders of the documents: whose an issue is by level, under S2's four levels and the others' names for them."""

from __future__ import annotations

import pytest

from app.triage.actions import AddNote, Route
from app.triage.decision import Context, KnownIssue, Level
from app.triage.engine import decide, plan
from tests.policy.conftest import NOTHING_KNOWN, NOW, a_ticket, decided, policy

KNOWN = KnownIssue("SUP-9", "Umlauts in CSV", workaround="Save the file as UTF-8.")


def P(requirement: str, text: str):  # noqa: N802 - one row of the table below
    return pytest.param(text, id=text[:40], marks=pytest.mark.policy(requirement))


@pytest.mark.parametrize(
    "text",
    [
        P("S2-09", "How do I share a floor plan with somebody who has no account?"),
        P("S2-09", "Where can I find the setting for the time zone?"),
        P("S2-11", "Please send me copies of the invoices for January and February."),
        P("S2-11", "I forgot my password, please reset it."),
        P("S2-12", "Could you explain how to configure the opening hours?"),
    ],
)
def test_everyday_issues_stay_with_standard_support(text: str) -> None:
    decision = decided(text, under="octoacme")
    assert (decision.level, decision.destination, decision.page) == (Level.L1, "frontline", False)
    assert not any(tag.startswith("Escalate-") for tag in decision.tags)


@pytest.mark.policy("S2-10")
def test_a_known_issue_with_a_workaround_stays_with_standard_support() -> None:
    known = Context(known_issues=(KNOWN,))
    decision = decided("Names with umlauts look wrong in the CSV file.", under="octoacme", context=known)
    assert (decision.level, decision.page, decision.known_issue) == (Level.L1, False, "SUP-9")


@pytest.mark.policy("S2-01", "S2-06", "S2-13", "S2-20", "S2-27", "C-06")
def test_octoacmes_ladder_is_support_engineering_leads_and_executives() -> None:
    ladder = policy("octoacme").pack.ladder
    assert [ladder[level].queue for level in Level] == [None, "engineering", "engineering", None]
    assert ladder[Level.L3].notify == ("engineering_lead", "product_manager")
    assert ladder[Level.L4].notify == ("leadership",)


@pytest.mark.policy("S1-27", "S1-31", "C-06")
@pytest.mark.parametrize("name", ["unified", "cs-pol-001"])
def test_the_escalation_policys_ladder_is_agents_specialists_and_engineers(name: str) -> None:
    ladder = policy(name).pack.ladder
    assert [ladder[level].queue for level in Level] == [None, "technical", "engineering", None]
    assert [ladder[level].tag for level in Level] == ["", "Escalate-L2", "Escalate-L3", "Escalate-L4"]


@pytest.mark.policy("C-06", "S4-16")
def test_the_tiers_t1_to_t5_are_the_four_levels_and_the_last_is_only_told() -> None:
    ladder = policy("tiered-helpdesk").pack.ladder
    assert [ladder[level].title for level in Level] == ["Triage and T1", "T2", "T3 and T4", "T5"]
    assert ladder[Level.L4].queue is None


@pytest.mark.policy("S0-45")
def test_the_customer_is_promised_nothing_but_the_first_reply_for_a_minor_ticket() -> None:
    decision = decided("The heading is misaligned by two pixels.", under="triage-standard")
    clocks = policy("triage-standard").pack.clocks
    assert [name for name in decision.deadlines if clocks[name].audience == "customer"] == ["first_reply"]


@pytest.mark.policy("S4-23")
def test_what_needs_research_goes_to_t2_with_a_transition() -> None:
    chosen = policy("tiered-helpdesk")
    note = {"speaker": "agent", "public": False, "body": "No progress after 30 minutes, over to L2."}
    ticket = a_ticket("How do I map the fields of the import? It shows the error E-17.", comments=[note])
    decision = decide(ticket, NOTHING_KNOWN, chosen, NOW)
    planned = plan(ticket, decision, NOTHING_KNOWN, chosen)
    assert (decision.level, decision.destination) == (Level.L2, "technical")
    (told,) = (action.text for action in planned if isinstance(action, AddNote))
    assert "ESCALATED QUESTION 1:" in told
    assert any(isinstance(action, Route) for action in planned)
