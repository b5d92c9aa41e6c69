"""The documents' ladder of severity: what is P0, P1, P2, P3, P4, what raises it, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.triage.decision import Context, Decision, Severity
from app.triage.engine import decide
from app.triage.rules import Raise
from tests.policy.conftest import NOW, a_ticket, decided, policy


def P(ids: str, name: str, text: str, *severities: str):  # noqa: N802 - one row of the table below
    return pytest.param(text, severities, id=name, marks=pytest.mark.policy(*ids.split()))


MAP = (
    P("S0-16 S0-17 S1-03", "unusable for all", "The product is completely unusable for all our users.", "P0"),
    P("S0-18 S1-05", "service unavailable", "The whole service is unavailable, every request returns 503.", "P0"),
    P("S0-19", "active loss", "Our records are being deleted while we watch, for all customers.", "P0"),
    P("S0-19", "exposure", "Any user can see the invoices of other customers since the release.", "P0"),
    P("S0-20", "breach", "Someone is in our admin account right now and is exporting the customer list.", "P0"),
    P("S0-21", "worse by the minute", "Nobody can log in, there is no workaround and it is getting worse.", "P0"),
    P("S0-25 S1-06", "key capability", "Most of our users cannot process orders and there is no workaround.", "P1"),
    P("S0-26", "core broken, rest works", "Orders fail for all customers. Reports and settings still open.", "P1"),
    P("S0-27", "multiple users", "Invoices cannot be created by about 60 of our users. No workaround exists.", "P1"),
    P("S0-28", "time is short", "We cannot run payroll and the salaries must be sent today.", "P1"),
    P("S0-29", "no alternative", "We cannot send any orders and there is no alternative.", "P1"),
    P("S1-08", "model fails", "The core AI model consistently fails and our financial workflow came to a halt.", "P1"),
    P("S0-33 S0-34", "workaround", "The export fails for our team. As a workaround we copy the rows by hand.", "P2"),
    P("S0-36", "few users", "The report shows an error for three users.", "P2"),
    P("S1-09", "intermittent", "Sending mails fails now and then, a retry works.", "P2"),
    P("S1-11", "no history", "The reporting dashboard fails to load historical data for May.", "P2"),
    P("S0-40 S3-05", "looks", "The heading is misaligned by two pixels.", "P3"),
    P("S1-13", "display error", "A label on the settings page is cut off. Everything works.", "P3"),
    P("S0-42 S1-12", "question", "Where can I find the time zone setting?", "P3"),
    P("S0-41 S1-14 S1-15", "idea", "Could you add a new data source integration for Parquet files?", "P4"),
    P("S3-04", "downtime", "A bug causes complete system downtime for us.", "P0"),
    P("S0-35", "inconvenient", "The filter forgets its value, inconvenient but we can still work.", "P2", "P3"),
)


@pytest.mark.parametrize(("text", "severities"), MAP)
def test_the_severity_is_the_documents(text: str, severities: tuple[str, ...]) -> None:
    assert decided(text).severity.name in severities


@pytest.mark.policy("S3-13")
def test_a_payment_fault_outranks_a_blemish() -> None:
    payment = decided("Our customers cannot pay at checkout, the payment fails.")
    blemish = decided("The button at checkout has the wrong colour.")
    assert payment.severity < blemish.severity


@pytest.mark.policy("S0-37", "S1-02")
@pytest.mark.parametrize("shout", ["P0!!! ", "CRITICAL, ESCALATE NOW: ", "urgent urgent urgent ", "Sev1: "])
def test_words_of_rank_and_urgency_rate_nothing(shout: str) -> None:
    for text in ("There is a typo on the start page.", "How do I export a report?", "The date filter shows an error."):
        assert decided(shout + text).severity == decided(text).severity
        assert not decided(shout + text).page


@pytest.mark.policy("S1-02")
def test_no_severity_rule_asks_for_effort_urgency_or_mood() -> None:
    rules = policy().pack.rules
    for rule in (*rules.severity, *rules.upgrades):
        asked = {*(rule.when.facts or ()), *(rule.when.all_facts or ())}
        assert not asked & {"urgency", "frustrated", "code_fix_needed", "verified"}, rule.name


FAULT = "The calendar shows an error for a few of our users."


@pytest.mark.policy("S0-46", "S0-49")
def test_a_churn_threat_raises_by_one_and_pages_nobody() -> None:
    plain = decided(FAULT)
    threat = decided(FAULT + " If this is not fixed we will cancel our contract.")
    assert threat.severity == plain.severity - 1
    assert not threat.page
    assert any(proposal.what == "page on-call" for proposal in threat.proposals)
    assert {"csm", "engagement"} <= set(threat.notify)


@pytest.mark.policy("S0-49")
def test_executive_attention_raises_by_one_and_pages_nobody() -> None:
    plain, invoked = decided(FAULT), decided(FAULT + " Our CEO wants to be informed about it.")
    assert invoked.severity == plain.severity - 1
    assert not invoked.page


@pytest.mark.policy("S0-46", "C-09")
def test_several_rules_of_one_cause_raise_once() -> None:
    both = decided(FAULT + " We will cancel our contract. We are switching to a competitor.")
    assert both.severity == decided(FAULT).severity - 1


@pytest.mark.policy("S0-50")
def test_a_workaround_that_stops_raises() -> None:
    before = decided("Labels do not print. As a workaround we use the desktop client.")
    after = decided(
        "Labels do not print. As a workaround we use the desktop client.",
        comments=["The workaround no longer works either."],
    )
    assert (before.severity, after.severity) == (Severity.P2, Severity.P1)


@pytest.mark.policy("S0-48")
@pytest.mark.parametrize(("organizations", "severity"), [(1, Severity.P2), (2, Severity.P2), (3, Severity.P1)])
def test_three_organizations_with_the_same_symptom_raise(organizations: int, severity: Severity) -> None:
    assert decided(FAULT, context=Context(organizations=organizations)).severity is severity


@pytest.mark.policy("S0-48")
def test_many_people_of_one_organization_are_no_pattern() -> None:
    assert decided(FAULT, context=Context(reporters=50)).severity == decided(FAULT).severity


@pytest.mark.policy("S0-51")
def test_growth_raises_once() -> None:
    text = "The export fails for a few users, sometimes."
    first = decided(text)
    grown = decided(text, comments=["It is about 300 users now."], context=Context(previous=first))
    again = decided(text, comments=["It is about 300 users now."], context=Context(previous=grown))
    assert grown.severity == first.severity - 1
    assert again.severity == grown.severity


@pytest.mark.policy("S0-47")
def test_a_first_reply_that_is_overdue_raises_to_p2_at_most() -> None:
    question = a_ticket("The icon of the export is blurry.")
    late = decide(question, Context(), policy(), NOW + timedelta(days=30))
    assert (decided("The icon of the export is blurry.").severity, late.severity) == (Severity.P3, Severity.P2)
    assert not late.page


@pytest.mark.policy("S0-47", "S1-35")
def test_an_idea_never_rises_by_time() -> None:
    idea = a_ticket("It would be nice to have a dark theme.")
    late = decide(idea, Context(), policy(), NOW + timedelta(days=300))
    assert late.severity is Severity.P4
    assert late.level == "L1"


@pytest.mark.policy("S0-78")
def test_an_uncertain_fault_is_rounded_up_and_pages_nobody() -> None:
    decision = decided("It does not work any more somehow.")
    assert decision.severity <= Severity.P2
    assert not decision.page


def test_every_cause_has_a_ceiling_and_none_but_facts_reaches_p0() -> None:
    pack = policy().pack
    assert {rule.then.cause for rule in pack.rules.upgrades if isinstance(rule.then, Raise)} <= set(pack.upgrade)
    assert all(Severity[ceiling.max] >= Severity.P1 for ceiling in pack.upgrade.values())


@pytest.mark.policy("S1-04", "S1-07", "S1-10", "C-12")
def test_any_tier_can_be_p0_by_default() -> None:
    down = "The whole platform is down for all of our users."
    for tier in ("Free", "Pro", "Enterprise", ""):
        assert decided(down, organization={"name": "Acme", "tier": tier}).severity is Severity.P0


def shown(decision: Decision, under: str) -> str:
    return policy(under).pack.shown(decision.severity)


@pytest.mark.policy("C-01")
def test_the_default_shows_the_ranks_by_their_own_names() -> None:
    assert [policy().pack.shown(rank) for rank in Severity] == ["P0", "P1", "P2", "P3", "P4"]


@pytest.mark.policy("S0-76")
def test_a_later_message_changes_the_picture_both_ways() -> None:
    worse = decided("The export fails for one user.", comments=["Now it fails for everyone, no workaround."])
    better = decided("Nothing loads for anyone here.", comments=["It works again, thanks."])
    assert worse.severity <= Severity.P1
    assert better.severity is Severity.P3


def test_an_empty_thread_is_minor() -> None:
    ticket = replace(a_ticket(""), subject="")
    assert decide(ticket, Context(), policy(), NOW).severity >= Severity.P2
