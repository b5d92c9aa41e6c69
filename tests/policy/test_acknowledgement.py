"""The first words to a customer who reports a fault: thanks, the disruption in their words, logged, and who looks."""

from __future__ import annotations

import pytest

from app.triage.decision import Context
from app.triage.engine import decide
from app.triage.replies import due
from tests.policy.conftest import NOTHING_KNOWN, NOW, a_ticket, policy


def heard(body: str, context: Context = NOTHING_KNOWN) -> str:
    """The acknowledgement of a ticket."""
    ticket = a_ticket(body)
    (reply,) = due(ticket, decide(ticket, context, policy(), NOW), context, policy())
    return reply.text


@pytest.mark.policy("S0-68")
def test_a_fault_is_acknowledged_in_the_customers_own_words_as_logged_and_looked_into() -> None:
    text = heard("Saving a note fails with an error message. It began this morning.")
    assert "Thank you for letting us know" in text
    assert "Saving a note fails with an error message" in text
    assert "logged" in text
    assert "look" in text


def test_where_no_disruption_can_be_quoted_the_words_stay_general() -> None:
    text = heard("The calendar.")
    assert "Thank you" in text
    assert "You told us" not in text
