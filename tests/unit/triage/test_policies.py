"""Several policies at once: a ticket's brand picks, and a decision knows which it was."""

from __future__ import annotations

import pytest

from app.triage.decision import Context
from app.triage.engine import decide
from app.triage.policies import Policies
from app.triage.policy import Policy
from tests.unit.triage.conftest import NOW, a_ticket, laid_over


@pytest.mark.policy("U-11")
def test_a_brand_has_its_own_policy_and_a_decision_knows_which(policy: Policy) -> None:
    other = laid_over("pack: {name: other}")
    policies = Policies(policy, {"ops": other, "sup": other})
    assert [one.name for one in policies] == ["unified", "other"]
    assert policies.of(a_ticket("x", brand="OPS")) is other
    assert policies.of(a_ticket("x", brand="web")) is policies.of(a_ticket("x")) is policy
    decision = decide(a_ticket("x"), Context(), other, NOW)
    assert policies.behind(decision) is other
    assert Policies(policy, {"ops": laid_over("pack: {name: other, version: '9'}")}).behind(decision).version == "9"
    assert Policies(policy).behind(decision) is policy


@pytest.mark.policy("U-11")
def test_an_account_has_its_own_policy_and_a_brand_wins_over_it(policy: Policy) -> None:
    own, brand = laid_over("pack: {name: own}"), laid_over("pack: {name: brand}")
    ticket = a_ticket("x")
    here = (ticket.ref.vendor, ticket.ref.account)
    policies = Policies(policy, {"ops": brand}, {here: own, (ticket.ref.vendor, "another"): policy})
    assert policies.of(ticket) is own
    assert policies.of(a_ticket("x", brand="OPS")) is brand
    assert [one.name for one in policies] == ["unified", "own", "brand"]
    assert [one.name for one in policies.at(*here)] == ["own", "brand"]
    assert [one.name for one in policies.at("jira", "third")] == ["unified", "brand"]
