"""What holds under every shipped policy, for any facts and any text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.triage.conditions import Seen
from app.triage.counterfactuals import Outcome, changed, counterfactuals
from app.triage.decision import Context, Label
from app.triage.escalation import escalate
from app.triage.lock import InForce
from app.triage.outcome import outcome_hash
from app.triage.severity import rate
from app.triage.vocabulary import FACTS, IMPACT, LOOKED_UP
from tests.policy.conftest import NAMES, decided, policy, seen

NOISE = ("spam", "advertising", "auto_reply")
FOUND = sorted(set(FACTS) - LOOKED_UP - set(NOISE))
some_facts = st.sets(st.sampled_from(FOUND), max_size=7)


@pytest.mark.policy("S1-02", "S1-03", "S3-03")
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=400)
@given(facts=some_facts, more=st.sampled_from(sorted(IMPACT)), label=st.sampled_from(Label))
def test_one_more_fact_of_impact_never_lowers_the_severity(name: str, facts: set[str], more: str, label: Label) -> None:
    before = rate(seen(facts, label, name), None).severity
    after = rate(seen({*facts, more}, label, name), None).severity
    assert after <= before


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=300)
@given(facts=some_facts, label=st.sampled_from(Label))
def test_a_stated_counterfactual_when_it_is_so_changes_the_outcome(name: str, facts: set[str], label: Label) -> None:
    asked = seen(facts, label, name)
    now = outcome(asked)
    for stated in counterfactuals(asked, now, lambda other: outcome(replace(asked, facts=other))):
        then = outcome(replace(asked, facts=changed(facts, stated.add, stated.remove)))
        shown = policy(name).pack.shown
        assert (shown(then.severity), str(then.level)) != (shown(now.severity), str(now.level))
        assert stated.outcome in (shown(then.severity), str(then.level))


def outcome(asked: Seen) -> Outcome:
    """What the facts come to under the rules alone."""
    rated = rate(asked, None)
    known = replace(asked, facts=rated.at_upgrades.facts, severity=rated.severity)
    return Outcome(rated.severity, escalate(known, InForce(rated.severity), rated).level)


TEXTS = (
    ("Login page", "The whole platform is down for all of our users since 9:00, nobody can work."),
    ("Orders", "We cannot process any orders, it affects all our customers, and there is no workaround."),
    ("Export", "The CSV export shows an error for two of our users. In Firefox it works."),
    ("Invoice", "We were charged twice for June, please refund the second charge."),
    ("A wish", "It would be nice if you could add a dark theme."),
    ("Question", "How do I change the language of the report?"),
    ("Leak", "Customers can see each other's invoices since the release."),
    ("Speed", "Pages are very slow every afternoon, about one in ten requests times out."),
    ("Typo", "There is a typo in the heading of the settings page."),
    ("Records", "Records keep disappearing from our workspace, more of them every minute."),
)
GREETINGS = ("Hello,\n\n", "Dear team,\n\nI hope you are well.\n\n", "Good morning!\n\n", "Hi there,\n\n")
THANKS = (
    "\n\nThank you very much in advance!",
    "\n\nMany thanks and kind regards",
    "\n\nHave a nice day.",
    "\n\nThanks a lot for your help, it is much appreciated.",
)
SIGNATURES = (
    "\n\n--\nJo Field\nHead of Critical Outage Response\nTotal Downtime Ltd",
    "\n\nKind regards,\nMaren Holt\nChief Emergency Officer, Breach & Loss Insurance",
    "\n\nSent from my phone",
)
QUOTED = (
    "\n\nOn Mon, 3 Mar 2025, Support wrote:\n> The whole platform is down for everyone.\n> We are losing data.",
    "\n\n> URGENT: all systems are down\n> please refund us and add a new feature",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("subject", "body"), TEXTS)
@settings(max_examples=12)
@given(before=st.sampled_from(("", *GREETINGS)), after=st.sampled_from((*THANKS, *SIGNATURES, *QUOTED)))
@pytest.mark.policy("S0-76")
def test_politeness_signatures_and_quoted_history_change_nothing(
    name: str, subject: str, body: str, before: str, after: str
) -> None:
    plain = decided(body, subject, under=name)
    dressed = decided(before + body + after, subject, under=name)
    assert outcome_hash(dressed) == outcome_hash(plain)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("subject", "body"), TEXTS)
def test_deciding_again_after_a_decision_decides_the_same(name: str, subject: str, body: str) -> None:
    first = decided(body, subject, under=name)
    again = decided(body, subject, under=name, context=Context(previous=first, tags=frozenset(first.tags)))
    assert outcome_hash(again) == outcome_hash(first)


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_policy_loads_and_says_which_it_is(name: str) -> None:
    chosen = policy(name)
    assert chosen.name == name
    assert chosen.stamp.startswith(f"{name} {chosen.version}")
    assert decided("x", under=name).policy_stamp == chosen.stamp
