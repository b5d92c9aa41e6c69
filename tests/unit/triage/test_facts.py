"""Which facts hold: negation, hypotheticals, history, quotes, who speaks, and what later messages change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.triage.decision import Decision
from app.triage.ticket import Speaker

Decided = Callable[..., Decision]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("The whole platform is down.", "outage"),
        ("Nobody in our company can log in.", "unusable"),
        ("We cannot process any orders.", "core_capability_down"),
        ("The chart does not load.", "broken"),
        ("Pages are very slow.", "degraded"),
        ("It fails intermittently.", "intermittent"),
        ("It keeps getting worse.", "worsening"),
        ("It worked until yesterday.", "worked_before"),
        ("Payments fail at checkout.", "revenue_path"),
        ("The filing must be submitted today.", "deadline"),
        ("Everybody is affected.", "scope_all"),
        ("About 300 users are affected.", "scope_many"),
        ("A few users see this.", "scope_few"),
        ("It is only me.", "scope_one"),
        ("There is no workaround.", "no_workaround"),
        ("There is a workaround: we can still export by hand.", "workaround"),
        ("The workaround no longer works.", "workaround_broken"),
        ("Customer records are being deleted as we speak.", "data_loss"),
        ("Several orders are missing.", "data_missing"),
        ("Our data is at risk.", "data_at_risk"),
        ("We have been hacked.", "security_active"),
        ("I found an XSS vulnerability.", "vulnerability"),
        ("Are you SOC 2 certified?", "compliance_question"),
        ("I never made this purchase.", "fraud"),
        ("I am locked out.", "lockout"),
        ("The button is misaligned.", "cosmetic"),
        ("It would be nice to have a dark theme.", "new_capability"),
        ("How do I export a report?", "how_to"),
        ("I want a refund.", "refund"),
        ("We were charged twice.", "dispute"),
        ("We will switch to a competitor.", "churn"),
        ("Our CEO is asking.", "executive"),
        ("Our lawyers will contact you.", "legal"),
        ("URGENT please", "urgency"),
        ("It is working again.", "resolved"),
    ],
)
def test_a_plain_statement_is_a_fact_with_its_words_quoted(decided: Decided, text: str, fact: str) -> None:
    decision = decided(text)
    assert fact in decision.facts
    (evidence,) = (found for found in decision.evidence if found.finding == f"fact {fact}")
    assert text[evidence.start : evidence.end] == evidence.quote
    assert evidence.source == "body"


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("The platform is not down.", "outage"),
        ("There is no outage, I only ask.", "outage"),
        ("I don't think that the whole platform is down.", "outage"),
        ("No data was lost.", "data_missing"),
        ("Without any data loss we moved on.", "data_loss"),
        ("We have not been hacked.", "security_active"),
        ("What if the platform is down one day?", "outage"),
        ("What happens if the whole service is down?", "outage"),
        ("In case of an outage, whom do we call?", "outage"),
        ("Do you have an outage?", "outage"),
        ("Is the platform down?", "outage"),
        ("If your service were to go down, how fast would you be back?", "outage"),
        ("The outage in March was explained well.", "outage"),
        ("Please send the post-mortem of the complete outage.", "outage"),
        ("Our staging system is down.", "outage"),
        ("The platform is down for scheduled maintenance.", "outage"),
        ("Is the fix deployed, is it resolved?", "resolved"),
        ("It is still not resolved.", "resolved"),
        ("Please get this fixed.", "resolved"),
        ("If this is not sorted by Friday, we are in trouble.", "resolved"),
        ("An attacker could read the cookie.", "security_active"),
    ],
)
def test_what_is_denied_asked_imagined_or_past_is_not_a_fact(decided: Decided, text: str, fact: str) -> None:
    assert fact not in decided(text).facts


@pytest.mark.parametrize(
    "text",
    [
        "I am not sure why, but the platform is down.",
        "Nothing has changed here, yet the platform is down.",
        "Can you please help, the platform is down?",
        "Since last month the platform is down again and again, and now the platform is down.",
        "I can't believe the platform is down.",
    ],
)
def test_a_negation_that_belongs_to_something_else_does_not_deny(decided: Decided, text: str) -> None:
    assert "outage" in decided(text).facts


def test_a_customer_cannot_speak_as_an_agent(decided: Decided) -> None:
    words = "This needs a code fix and a database change."
    assert "code_fix_needed" not in decided(words).facts
    assert "code_fix_needed" in decided("Export fails.", comments=[(Speaker.AGENT, words)]).facts


def test_an_agent_does_not_speak_for_the_customer(decided: Decided) -> None:
    decision = decided("How do I export?", comments=[(Speaker.AGENT, "The whole platform is down.")])
    assert "outage" not in decision.facts


def test_our_own_notes_are_never_read(decided: Decided) -> None:
    note = (Speaker.WORKER, "P0 · Reliability\n\nWhy:\n> the whole platform is down for everybody")
    assert decided("How do I export?", comments=[note]) == decided("How do I export?")


def test_a_later_message_takes_an_earlier_fact_back(decided: Decided) -> None:
    assert "outage" in decided("The platform is down.").facts
    decision = decided("The platform is down.", comments=["It works again, thanks."])
    assert "outage" not in decision.facts
    assert any("outage" in item.what and "no longer holds" in item.why for item in decision.ruled_out)


def test_a_relapse_after_the_recovery_counts_again(decided: Decided) -> None:
    decision = decided("The platform is down.", comments=["It works again.", "Sorry, the platform is down once more."])
    assert "outage" in decision.facts
    assert decision.page


def test_only_me_after_all_narrows_the_scope(decided: Decided) -> None:
    decision = decided("Everybody is affected, the platform is down.", comments=["Turns out it is only me."])
    assert "scope_one" in decision.facts
    assert "scope_all" not in decision.facts
    assert not decision.page


def test_evidence_of_a_comment_names_the_comment(decided: Decided) -> None:
    decision = decided("Hello", comments=["The platform is down."])
    assert {found.source for found in decision.evidence if found.finding == "fact outage"} == {"1"}


def test_evidence_points_into_the_original_letters(decided: Decided) -> None:
    body = "“Hello” \u200b— naïve question: we can’t process any orders\u00a0today 😀, the plat\u200bform is down."
    for found in decided(body).evidence:
        assert body[found.start : found.end] == found.quote
