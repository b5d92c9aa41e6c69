"""What a decision says would have to be otherwise."""

from __future__ import annotations

import pytest

from app.triage.decision import Counterfactual
from app.triage.engine import decide
from app.triage.note import counterfactual, render
from tests.policy.conftest import NOTHING_KNOWN, NOW, a_ticket, decided, policy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Most of our users cannot process orders, there is no workaround.", "P2 if an alternative path works"),
        ("The export fails for a few users. In Firefox it works.", "P1 if there is no practical alternative"),
        ("There is a typo on the start page.", "P2 if something does not work as it should"),
        ("Exports fail.", "L3 if a person on our side names a code fix or a database change"),
        ("The whole platform is down for everybody.", "P2 if an alternative path works"),
    ],
)
def test_the_smallest_change_is_said_in_words(text: str, said: str) -> None:
    assert said in [counterfactual(one) for one in decided(text).counterfactuals]


def test_what_would_lower_it_may_be_a_fact_that_goes() -> None:
    said = [counterfactual(one) for one in decided("We can see the invoices of another customer.").counterfactuals]
    assert "P3 but for: a breach or an exposure is underway" in said


def test_both_directions_and_the_next_level_are_told_and_no_more() -> None:
    assert len(decided("The export fails for a few users. In Firefox it works.").counterfactuals) <= 3


def test_no_outage_is_pictured_as_a_breach() -> None:
    for text in ("How do I export a report?", "The date filter shows an error.", "Orders fail for all customers."):
        for one in decided(text).counterfactuals:
            assert not {"security_active", "vulnerability"} & {*one.add, *one.remove}


def test_the_note_holds_them() -> None:
    ticket = a_ticket("Most of our users cannot process orders, there is no workaround.")
    note = render(decide(ticket, NOTHING_KNOWN, policy(), NOW), policy(), "", ticket)
    would_be = next(paragraph for paragraph in note.split("\n\n") if paragraph.startswith("It would be:"))
    assert "- P2 if an alternative path works" in would_be.splitlines()


def test_words_for_a_change_of_both_kinds() -> None:
    one = Counterfactual("P1", add=("no_workaround", "scope_many"), remove=("cosmetic",))
    assert counterfactual(one) == (
        "P1 if there is no practical alternative and many users are affected and but for: only the looks are concerned"
    )
