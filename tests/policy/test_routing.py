"""Which team a ticket goes to, which rung takes it, and what is written to the ticket so that it gets there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.triage.actions import AddTags, Route, SetFields, SetPriority
from app.triage.decision import Context, KnownIssue, Label, Level, Severity
from app.triage.engine import decide, plan
from app.triage.ticket import Ref
from app.triage.vocabulary import DESTINATIONS
from tests.policy.conftest import NAMES, NOTHING_KNOWN, NOW, a_ticket, decided, policy

DOWN = "The whole platform is down for all of our users."
AGENT: dict[str, Any] = {"speaker": "agent", "public": False}


def P(ids: str, destination: str, text: str, **given: Any) -> Any:  # noqa: N802 - one row of the table below
    marks = pytest.mark.policy(*ids.split(), "S0-52")
    return pytest.param(destination, text, given, id=f"{destination}: {text[:40]}", marks=marks)


TABLE = (
    P("S0-53", "frontline", "How do I change the language of the report?"),
    P("S0-53", "frontline", "I forgot my password, please reset it."),
    P("S0-53", "frontline", "Please send me a copy of the invoice for May."),
    P("S0-54 S4-90", "technical", "The calendar shows an error when I press save."),
    P("S0-54", "technical", "Webhooks to our Slack workspace fail with HTTP 401."),
    P("S0-54", "technical", "Nobody of our 200 users can log in any more."),
    P("S0-54", "technical", "After the import 300 customer records are missing."),
    P("S0-55", "engineering", "The export fails.", comments=[{**AGENT, "body": "Reproduced, it needs a code fix."}]),
    P("S0-56 S2-91", "product", "Please add a dark theme, it would be nice.", tags=["high-value"]),
    P("C-08", "frontline", "Please add a dark theme, it would be nice."),
    P("S0-57", "security", "I want to report a vulnerability: the search field allows cross-site scripting."),
    P("S0-57", "security", "Since the release we can see the invoices of other customers."),
    P("S0-57", "security", "Do you have a SOC 2 report?"),
    P("S0-58", "finance", "We were charged twice for June, please refund the second payment."),
    P("S0-58", "finance", "We dispute the charge on our last invoice, it is not what our contract says."),
)


@pytest.mark.parametrize(("destination", "text", "given"), TABLE)
def test_each_concern_goes_to_the_team_that_is_best_placed(destination: str, text: str, given: dict[str, Any]) -> None:
    assert decided(text, **given).destination == destination


@pytest.mark.policy("S0-53", "S0-54", "S0-55", "S0-56", "S0-57", "S0-58")
def test_there_are_six_destinations_each_with_a_team() -> None:
    teams = {name: team.team for name, team in policy().pack.destinations.items()}
    assert teams.keys() == DESTINATIONS.keys()
    assert len(set(teams.values())) == 6


@pytest.mark.policy("S0-56", "S2-03", "C-08")
@pytest.mark.parametrize(
    ("demand", "destination"), [(1, "frontline"), (4, "frontline"), (5, "product"), (60, "product")]
)
def test_an_idea_goes_to_product_once_five_customers_ask_for_it(demand: int, destination: str) -> None:
    decision = decided("Please add a dark theme, it would be nice.", context=Context(demand=demand))
    assert decision.destination == destination
    assert ("product" in decision.notify) is (destination == "product")


@pytest.mark.policy("S2-03", "S2-91")
def test_an_idea_of_a_valued_account_goes_to_product_at_once() -> None:
    for tag in ("high-value", "strategic"):
        assert decided("Please add a dark theme, it would be nice.", tags=[tag]).destination == "product"


@pytest.mark.policy("S0-56")
def test_a_fault_that_many_report_is_no_idea_in_demand() -> None:
    assert decided("The calendar shows an error.", context=Context(demand=60)).destination == "technical"


@pytest.mark.policy("S0-52")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text", ["", "x", DOWN, "How do I export?", "Refund me.", "We have been hacked.", "Add a theme."]
)
def test_every_ticket_has_a_team_under_every_policy(name: str, text: str) -> None:
    chosen = policy(name)
    assert chosen.pack.destinations[decided(text, under=name).destination].team


@pytest.mark.policy("U-07", "S1-27", "S1-28", "S2-79")
@pytest.mark.parametrize(
    ("note", "tag", "team"),
    [
        ("No progress after 30 minutes, over to L2.", "Escalate-L2", "technical"),
        ("Reproduced, it needs a code fix.", "Escalate-L3", "engineering"),
    ],
)
def test_an_escalation_is_written_as_its_tag_and_its_queue(note: str, tag: str, team: str) -> None:
    ticket = a_ticket("How do I map the fields? The import shows an error.", comments=[{**AGENT, "body": note}])
    planned = plan(ticket, decide(ticket, NOTHING_KNOWN, policy(), NOW), NOTHING_KNOWN, policy())
    assert any(isinstance(action, AddTags) and tag in action.tags for action in planned)
    assert Route(team, policy().pack.destinations[team].team) in planned


@pytest.mark.policy("S2-82")
def test_what_is_escalated_can_be_listed_by_a_tag() -> None:
    assert "escalation-open" in decided(DOWN).tags
    assert "escalation-open" not in decided("How do I export a report?").tags


@pytest.mark.policy("U-04", "S2-80", "S3-10", "C-16")
@pytest.mark.parametrize(
    ("text", "severity", "zendesk", "jira"),
    [
        (DOWN, "P0", "urgent", "Highest"),
        ("Most of our users cannot process orders and there is no workaround.", "P1", "urgent", "High"),
        ("The calendar shows an error.", "P2", "high", "Medium"),
        ("The heading is misaligned by two pixels.", "P3", "normal", "Low"),
        ("Please add a dark theme, it would be nice.", "P4", "low", "Lowest"),
    ],
)
def test_priority_and_severity_are_written_in_the_vendors_words(
    text: str, severity: str, zendesk: str, jira: str
) -> None:
    for vendor, word in (("zendesk", zendesk), ("jira", jira)):
        ticket = replace(a_ticket(text), ref=Ref.parse(f"{vendor}:acme:SUP-1"))
        decision = decide(ticket, NOTHING_KNOWN, policy(), NOW)
        assert decision.severity.name == severity
        assert f"sev-{severity.lower()}" in decision.tags
        assert SetPriority(word) in plan(ticket, decision, NOTHING_KNOWN, policy())


@pytest.mark.policy("U-04", "S2-80")
def test_the_severity_is_written_to_its_field_where_the_account_has_one() -> None:
    ticket = replace(a_ticket(DOWN), fields={"severity": None})
    planned = plan(ticket, decide(ticket, NOTHING_KNOWN, policy(), NOW), NOTHING_KNOWN, policy())
    assert SetFields((("severity", "P0"),)) in planned


@pytest.mark.policy("C-16")
def test_urgency_is_high_medium_or_low_by_severity() -> None:
    words = policy().pack.urgency
    assert [words[rank.name] for rank in Severity] == ["High", "High", "Medium", "Low", "Low"]


@pytest.mark.policy("S3-11", "S4-22", "S2-02")
@pytest.mark.parametrize("name", NAMES)
def test_an_outage_is_paged_and_above_the_first_rung_under_every_policy(name: str) -> None:
    decision = decided(DOWN, under=name)
    assert decision.page
    assert decision.level > Level.L1


@pytest.mark.policy("S2-04")
def test_a_person_who_says_that_it_needs_engineering_hands_it_over() -> None:
    note = {**AGENT, "body": "I checked the logs. This requires a database change."}
    decision = decided("The export fails with an error.", comments=[note])
    assert (decision.level, decision.destination) == (Level.L3, "engineering")


@pytest.mark.policy("S2-05")
def test_what_needs_leadership_is_asked_of_a_person() -> None:
    decision = decided("Our lawyers will take legal action against you. The export fails.")
    assert "escalate to L4" in [proposal.what for proposal in decision.proposals]


@pytest.mark.policy("S4-21")
@pytest.mark.parametrize(
    "text",
    ["I am locked out of my account.", "I lost the phone with my authenticator app, the 2FA code does not arrive."],
)
def test_lockouts_take_the_fast_lane_and_the_worker_touches_no_account(text: str) -> None:
    ticket = a_ticket(text)
    decision = decide(ticket, NOTHING_KNOWN, policy(), NOW)
    assert {"fast-lane", "macro-account-recovery"} <= set(decision.tags)
    assert decision.destination == "frontline"
    assert not decision.page


@pytest.mark.policy("S4-21")
def test_other_questions_about_access_take_no_fast_lane() -> None:
    decision = decided("Our new colleague needs the role of administrator.")
    assert decision.label is Label.ACCESS
    assert "fast-lane" not in decision.tags


@pytest.mark.policy("S0-53", "S2-10")
def test_a_known_issue_with_a_workaround_stays_with_the_first_rung() -> None:
    known = Context(known_issues=(KnownIssue("SUP-9", "Umlauts in CSV", workaround="Save the file as UTF-8."),))
    decision = decided("Names with umlauts look wrong in the CSV file.", context=known)
    assert (decision.level, decision.page) == (Level.L1, False)
    assert decision.known_issue == "SUP-9"
    assert "known-issue" in decision.tags


@pytest.mark.policy("S0-49", "C-10", "S4-83")
def test_a_customer_who_may_leave_is_told_to_the_accounts_people() -> None:
    decision = decided("The export fails. If this is not fixed we will close our account.")
    assert {"csm", "engagement"} <= set(decision.notify)


@pytest.mark.policy("S4-81")
def test_who_wants_to_buy_is_told_to_sales() -> None:
    assert "sales" in decided("We would like to buy 40 more licences, whom do I talk to?").notify


@pytest.mark.policy("C-11")
@pytest.mark.parametrize(
    ("text", "severity", "page", "tags"),
    [
        ("Somebody is in our admin account right now and exports data.", "P0", True, {"security-breach", "restricted"}),
        (
            "I want to report a vulnerability: the search field allows cross-site scripting.",
            "P1",
            True,
            {"security-vulnerability", "restricted"},
        ),
        ("Do you have a SOC 2 report?", "P3", False, {"security-compliance"}),
    ],
)
def test_a_breach_a_weakness_and_a_question_are_three_things(
    text: str, severity: str, page: bool, tags: set[str]
) -> None:
    decision = decided(text)
    assert (decision.severity.name, decision.destination, decision.page) == (severity, "security", page)
    assert tags <= set(decision.tags)
    assert ("restricted" in decision.tags) is ("restricted" in tags)
