"""What is ticked by what is recorded, and the note that goes with a ticket to the next level."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.triage import checklist
from app.triage.decision import Context, Label, Level
from app.triage.fields import Known
from app.triage.policy import Policy
from app.triage.ticket import Comment, Speaker
from tests.unit.triage.conftest import NOW, laid_over
from tests.unit.triage.test_forms import REPORT, known


def ticked(known: Known) -> dict[str, bool]:
    return {source: done for done, _, source in checklist.checklist(known)}


@pytest.mark.policy("S3-20", "S3-21", "S3-22", "S3-23", "S3-24", "S3-25", "S3-26", "S3-27")
def test_the_checklist_has_every_item_of_the_documents(policy: Policy) -> None:
    items = ticked(known(policy, REPORT))
    assert set(items) == {f"S3-{n}" for n in range(20, 28)} | {f"S2-{n}" for n in range(71, 78)}


@pytest.mark.policy("S2-71", "S2-73", "S2-74", "S2-75", "S2-76", "S2-77", "S3-20", "S3-21", "S3-22", "S3-23", "S3-24")
def test_an_item_is_ticked_by_what_is_recorded_and_by_nothing_else(policy: Policy) -> None:
    bare: dict[str, Any] = {"label": Label.DEFECT, "evidence": (), "facts": (), "deadlines": {}, "wake_at": None}
    nothing = ticked(
        known(policy, "Hello", context=Context(similar=None), decided={**bare, "level": Level.L1, "level_since": NOW})
    )
    assert [source for source, done in nothing.items() if done] == ["S3-20", "S3-22"]
    thread = (
        Comment("1", Speaker.AGENT, "I restarted the job.", NOW + timedelta(hours=1), public=False),
        Comment("2", Speaker.AGENT, "We have it.", NOW + timedelta(hours=2)),
    )
    decided = {
        "label": Label.DEFECT,
        "level": Level.L2,
        "level_since": NOW,
        "facts": ("verified",),
        "deadlines": {"customer_update": NOW},
        "wake_at": NOW,
    }
    full = known(policy, REPORT, decided=decided)
    everything = ticked(replace(full, ticket=replace(full.ticket, comments=thread)))
    assert [source for source, done in everything.items() if not done] == ["S2-72", "S3-27"]


@pytest.mark.policy("S3-24")
def test_a_receipt_is_confirmed_by_a_colleague_s_word_after_the_escalation_and_not_before(policy: Policy) -> None:
    decided = {"level": Level.L2, "level_since": NOW}
    before = Comment("1", Speaker.AGENT, "We look.", NOW - timedelta(hours=1))
    theirs = Comment("2", Speaker.CUSTOMER, "News?", NOW + timedelta(hours=1))
    after = Comment("3", Speaker.AGENT, "We have it.", NOW + timedelta(hours=1), public=False)
    told = known(policy, REPORT, decided=decided)
    for thread, received in (((before, theirs), False), ((before, theirs, after), True)):
        assert ticked(replace(told, ticket=replace(told.ticket, comments=thread)))["S3-24"] is received


@pytest.mark.policy("S2-72")
def test_documentation_counts_as_searched_where_there_is_any(policy: Policy) -> None:
    shelf = laid_over('documents: [{title: Export, url: "https://docs.example/export", phrases: [export]}]')
    assert not ticked(known(policy, REPORT))["S2-72"]
    assert ticked(known(shelf, REPORT))["S2-72"]


def test_the_checklist_is_one_paragraph_of_boxes(policy: Policy) -> None:
    first, *boxes = checklist.text(known(policy, REPORT)).splitlines()
    assert first == "Checklist:"
    assert boxes
    assert all(re.match(r"- \[[x ]\] \w", box) for box in boxes)


@pytest.mark.policy("S4-26", "S4-56", "S4-57")
def test_the_transition_numbers_the_questions_and_tells_what_was_tried(policy: Policy) -> None:
    thread = (Comment("1", Speaker.AGENT, "I restarted the job.", NOW, public=False),)
    told = known(policy, REPORT + "\nIs there another way to export? Thanks", "Export")
    note = checklist.transition(replace(told, ticket=replace(told.ticket, comments=thread))).splitlines()
    assert note[1].startswith("- ESCALATED QUESTION 1: What is the cause, and what mends it? Export: “")
    assert note[2] == "- ESCALATED QUESTION 2: Is there another way to export?"
    assert "- Tried by the customer: We cleared the cache." in note
    assert "- Debugging by colleagues: 1 internal note in this ticket" in note


@pytest.mark.policy("S4-55", "S4-57")
def test_the_transition_says_what_is_missing_and_asks_for_it(policy: Policy) -> None:
    decided = {"label": Label.DEFECT, "evidence": (), "facts": ()}
    note = checklist.transition(known(policy, "It fails.", decided=decided))
    assert "- Tried by the customer: nothing told" in note
    assert "- Debugging by colleagues: MISSING" in note
    assert "- Ask the customer: Which steps lead to it, one after the other?" in note


@pytest.mark.policy("S4-54")
@pytest.mark.parametrize(
    ("created", "answered", "silent"),
    [
        (timedelta(hours=-25), None, True),
        (timedelta(hours=-23), None, False),
        (timedelta(days=-9), timedelta(hours=-23), False),
        (timedelta(days=-9), timedelta(hours=-24), True),
    ],
)
def test_a_customer_who_heard_nothing_for_a_day_is_written_to_first(
    policy: Policy, created: timedelta, answered: timedelta | None, silent: bool
) -> None:
    told = known(policy, "It fails.", created_at=NOW + created)
    answers = (Comment("1", Speaker.AGENT, "We look.", NOW + answered),) if answered else ()
    later = (*answers, Comment("2", Speaker.AGENT, "Internal.", NOW, public=False))
    note = checklist.transition(replace(told, ticket=replace(told.ticket, comments=later)))
    assert ("has not heard from us for a day" in note) is silent


@pytest.mark.policy("S4-56")
def test_a_signature_or_an_older_mail_asks_nothing(policy: Policy) -> None:
    body = "It fails. Why does it fail?\n\nOn Mon, 2 Mar 2026 at 10:00, Support wrote:\n> Which version do you use?\n"
    note = checklist.transition(known(policy, body))
    assert "QUESTION 2: Why does it fail?" in note
    assert "Which version" not in note
