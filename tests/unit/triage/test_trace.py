"""The trace tells the decision that is made, rule by rule, and nothing else."""

from __future__ import annotations

import json

import pytest

from app.triage.actions import AddNote, Reply, SetPriority
from app.triage.decision import Context
from app.triage.engine import decide, plan
from app.triage.policy import Policy
from app.triage.ticket import Speaker, Ticket
from app.triage.trace import Asked, Group, Trace, to_json, trace
from tests.unit.triage.conftest import NOW, a_ticket, laid_over

TICKETS = {
    "an outage": a_ticket("The whole service is down for all users, there is no workaround. No data was lost."),
    "a question": a_ticket("How do I export my contacts?", "Export"),
    "an idea": a_ticket("It would be great if there were a dark theme."),
    "a breach": a_ticket("Somebody has accessed our account and is downloading customer records right now."),
    "a threat": a_ticket("The export fails since the update. Our CEO says we will cancel our contract."),
    "a thread": a_ticket(
        "Slow pages.", comments=["Now it is down for everybody.", (Speaker.AGENT, "We need a code fix.")]
    ),
    "nothing": a_ticket("", ""),
}
every_ticket = pytest.mark.parametrize("ticket", TICKETS.values(), ids=TICKETS)


def traced(ticket: Ticket, policy: Policy) -> Trace:
    return trace(ticket, policy, NOW)


def group(found: Trace, name: str) -> Group:
    return next(one for one in found.groups if one.name == name)


def asked(found: Trace, name: str, rule: str) -> Asked:
    return next(one for one in group(found, name).asked if one.rule.name == rule)


@every_ticket
@pytest.mark.policy("S0-80")
def test_it_is_the_decision_that_a_fresh_ticket_gets_and_its_plan(ticket: Ticket, policy: Policy) -> None:
    found = traced(ticket, policy)
    decision = decide(ticket, Context(), policy, NOW)
    assert found.decision == decision
    planned = plan(ticket, decision, Context(), policy)
    assert found.actions[: len(planned)] == planned
    assert all(isinstance(action, Reply) for action in found.actions[len(planned) :])


@every_ticket
@pytest.mark.policy("S0-80")
def test_the_rules_that_held_are_those_of_the_decision(ticket: Ticket, policy: Policy) -> None:
    found = traced(ticket, policy)
    for one in found.groups:
        held = [rule.rule.name for rule in one.asked if rule.held]
        if one.name not in ("upgrades", "replies", "issues"):  # these need more than that their rule holds
            assert set(held) <= set(found.decision.rules), one.name
        if one.first:
            assert len(held) == 1 or (one.name == "issues" and not held)
            assert one.asked[-1].held is bool(held)


@every_ticket
def test_every_rule_of_the_pack_was_asked_or_counted(ticket: Ticket, policy: Policy) -> None:
    found = traced(ticket, policy)
    for name, rules in policy.pack.rules.groups():
        one = group(found, name)
        assert [rule.rule for rule in one.asked] == list(rules[: len(one.asked)])
        assert one.not_asked == len(rules) - len(one.asked)
        assert one.first or one.not_asked == 0
    assert [one.rule for one in group(found, "labels").asked] == list(policy.pack.labels.weigh)


@every_ticket
def test_a_rule_held_when_all_that_it_asks_was_seen(ticket: Ticket, policy: Policy) -> None:
    for one in traced(ticket, policy).groups:
        for rule in one.asked:
            given = rule.rule.when.model_dump(exclude_none=True)
            assert {answer.condition for answer in rule.answers} == set(given)
            assert rule.held is all(answer.saw for answer in rule.answers)


def test_a_condition_says_what_it_wanted_and_what_it_saw(policy: Policy) -> None:
    found = traced(TICKETS["an outage"], policy)
    down = asked(found, "severity", "service-down")
    assert down.held
    assert [answer.saw for answer in down.answers if answer.condition == "facts"] == ["fact outage"]
    assert down.then == {"severity": "P0"}
    spam = asked(found, "severity", "fraud-bait")
    assert [(answer.condition, answer.wanted, answer.saw) for answer in spam.answers] == [("facts", ["spam"], None)]


def test_facts_are_quoted_and_what_was_dropped_has_its_reason(policy: Policy) -> None:
    found = traced(TICKETS["an outage"], policy)
    assert found.facts["outage"].quote in TICKETS["an outage"].body
    assert [one for one in found.facts.dropped if "negated" in one.why]


def test_a_rule_that_is_taken_out_is_no_longer_asked() -> None:
    found = traced(TICKETS["a threat"], laid_over("rules: {upgrades: [{name: churn-threat, off: true}]}"))
    assert "churn-threat" not in [one.rule.name for one in group(found, "upgrades").asked]


def test_the_plan_ends_with_what_is_written_and_said(policy: Policy) -> None:
    actions = traced(TICKETS["an outage"], policy).actions
    assert isinstance(actions[0], SetPriority)
    assert any(isinstance(action, AddNote) for action in actions)


@every_ticket
def test_as_json_it_says_the_same(ticket: Ticket, policy: Policy) -> None:
    found = traced(ticket, policy)
    record = json.loads(json.dumps(to_json(found), default=str))
    assert record["decision"]["severity"] == found.decision.severity.name
    assert {one["name"]: [rule["held"] for rule in one["asked"]] for one in record["groups"]} == {
        one.name: [rule.held for rule in one.asked] for one in found.groups
    }
    assert [fact["fact"] for fact in record["facts"]] == list(found.decision.facts)
    assert len(record["plan"]) == len(found.actions)
    assert record["policy"]["stamp"] == found.policy.stamp


def test_what_the_worker_itself_wrote_is_not_read(policy: Policy) -> None:
    ticket = a_ticket("Hello", comments=[(Speaker.WORKER, "The whole service is down."), "Thanks"])
    assert [message.speaker for message in traced(ticket, policy).messages] == [Speaker.CUSTOMER] * 3
