"""The internal note: what was assessed, on what words, what was ruled out, and under which policy (S0-80)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.triage.actions import AddNote
from app.triage.decision import Context, Decision, KnownIssue
from app.triage.engine import decide, plan
from app.triage.note import render
from app.triage.ticket import Ticket
from tests.policy.conftest import NAMES, NOTHING_KNOWN, NOW, a_ticket, policy

ORDERS = "Hello. Most of our users cannot process orders since nine. There is no workaround. No data was lost. Thanks"


def noted(body: str, under: str = "unified", context: Context = NOTHING_KNOWN, **given: Any) -> tuple[str, Decision]:
    """The note that the plan writes, and the decision."""
    ticket: Ticket = a_ticket(body, **given)
    decision = decide(ticket, context, policy(under), NOW)
    (note,) = (a.text for a in plan(ticket, decision, context, policy(under)) if isinstance(a, AddNote))
    return note, decision


def lines(note: str, heading: str) -> list[str]:
    """The lines of the paragraph under a heading."""
    paragraph = next(part for part in note.split("\n\n") if part.startswith(heading))
    return paragraph.splitlines()[1:]


@pytest.mark.policy("S0-80", "S4-27")
def test_the_first_line_is_the_outcome() -> None:
    note, decision = noted(ORDERS)
    team = policy().pack.destinations[decision.destination].team
    assert note.splitlines()[0].startswith(f"P1 · {decision.label}")
    assert f"· {team} · L2, page on-call" in note.splitlines()[0]


@pytest.mark.policy("S0-80", "S4-27")
def test_it_quotes_the_customers_words_under_what_was_read_from_them() -> None:
    why = lines(noted(ORDERS)[0], "Why:")
    assert "> There is no workaround." in why
    assert "there is no practical alternative" in why[why.index("> There is no workaround.") - 1]
    assert any("cannot process orders since nine" in line for line in why if line.startswith("> "))


@pytest.mark.policy("S0-80")
def test_it_says_where_in_the_thread_the_words_stand() -> None:
    note, _ = noted("The export fails.", comments=["Now it fails for everyone."])
    assert any(line.endswith("(comment 1)") for line in lines(note, "Why:"))


@pytest.mark.policy("S0-80")
def test_it_says_what_was_considered_and_ruled_out() -> None:
    out = lines(noted(ORDERS)[0], "Ruled out:")
    assert any(line.startswith("- fact data_") and line.endswith("negated: “data was lost”") for line in out)


@pytest.mark.policy("S0-80")
def test_a_label_that_came_second_is_among_what_was_ruled_out() -> None:
    note, decision = noted("We were charged twice for June because the page showed an error. Refund one, please.")
    told = {item.what for item in decision.ruled_out}
    assert any(what.startswith("label ") for what in told) or decision.second_label is not None
    for item in decision.ruled_out[:5]:
        assert f"- {item.what}: " in note


@pytest.mark.policy("S0-80")
def test_an_upgrade_that_met_its_ceiling_is_told() -> None:
    note, _ = noted("Most of our users cannot process orders. We will cancel our contract if this goes on.")
    assert "upgrade for churn: its ceiling is P1" in note


@pytest.mark.policy("S0-80", "S0-79")
def test_it_says_what_was_looked_up() -> None:
    assert (
        "Checked: duplicates (0 similar), known issues (SUP-9)."
        in noted(ORDERS, context=Context(known_issues=(KnownIssue("SUP-9"),)))[0]
    )


@pytest.mark.policy("S1-01", "S0-80")
@pytest.mark.parametrize("name", NAMES)
def test_its_last_line_names_the_policy_with_version_and_digest(name: str) -> None:
    chosen, about = policy(name), policy(name).pack.pack
    last = noted(ORDERS, name)[0].splitlines()[-1]
    assert f"policy {name} {about.version}" in last
    assert f"({chosen.digest})" in last
    for part in (about.effective, about.source):
        assert part in last


@pytest.mark.policy("S0-80")
def test_without_any_evidence_it_says_that_the_defaults_hold() -> None:
    assert "no phrase of the policy occurs in the ticket" in noted("")[0]


@pytest.mark.policy("S0-80", "S2-31")
def test_what_a_person_must_decide_stands_before_the_reasons() -> None:
    note, _ = noted("Our lawyers will take legal action against you. The export fails.")
    assert any(line.startswith("- escalate to L4: ") for line in lines(note, "Please decide:"))
    assert note.index("Please decide:") < note.index("Why:")


@pytest.mark.policy("S0-80", "C-25")
def test_it_names_roles_to_be_told_and_no_people() -> None:
    note, decision = noted(ORDERS)
    told = ", ".join(role.replace("_", " ") for role in decision.notify)
    assert f"Tell: {told}." in note


@pytest.mark.policy("S1-20", "S0-80")
def test_a_severity_that_a_person_set_is_told_as_theirs() -> None:
    ticket = a_ticket(ORDERS)
    first = decide(ticket, NOTHING_KNOWN, policy(), NOW)
    context = Context(previous=first, applied={"priority": "urgent"})
    lowered = replace(ticket, priority="normal")
    note = render(decide(lowered, context, policy(), NOW), policy(), "", lowered)
    assert "raise to P1: a person set the priority to normal" in note
