"""What engineering is asked on its issue, and whose question answers for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.triage import nudges
from app.triage.bridge import LinkedIssue, Nudge, nudge_mark
from app.triage.clocks import Step
from app.triage.clocks.parts import Deed
from app.triage.decision import Severity
from app.triage.fields import Known
from app.triage.marks import nudges_in
from app.triage.policy import Policy
from app.triage.ticket import Ref
from tests.unit.triage.conftest import NOW
from tests.unit.triage.test_bridge_issue import sent_on

ISSUE = LinkedIssue(Ref("jira", "dev", "ENG-1"), "escalation", since=NOW - timedelta(hours=50))
STEP = Step("dev_followup", "breach", NOW, NOW, Deed(engineering=True), "0123456789ab")
OTHER = nudge_mark(Ref("zendesk", "acme", "999"))


def waiting(policy: Policy, **more: object) -> Known:
    found = sent_on(policy, **more)
    return replace(found, decision=replace(found.decision, at=NOW, severity=Severity.P2))


def test_the_question_holds_the_subject_alone_and_only_our_own_marks(policy: Policy) -> None:
    known = waiting(policy, subject="Re: Firstline nudge aaaaaaaaaaaa\nFirstline nudge bbbbbbbbbbbb")
    note = nudges.nudge(ISSUE, [STEP], known, "https://desk/1")
    assert nudges_in(note.text) == (note.mark, nudge_mark(known.ticket.ref), STEP.mark)
    assert known.ticket.body[:30] not in note.text
    assert "The ticket has waited for it since 2026-" in note.text
    assert "2 days" in note.text
    assert "please confirm that you have it" in note.text
    heard = nudges.nudge(replace(ISSUE, heard=(NOW,)), [STEP], known, "https://desk/1")
    assert "please confirm that you have it" not in heard.text


@pytest.mark.parametrize(
    ("hours_ago", "marks", "answers"),
    [
        (300, ("own", STEP.mark), True),
        (47, (OTHER, "ffffffffffff"), True),
        (48, (OTHER, "ffffffffffff"), False),
        (1, ("own", "ffffffffffff"), False),
    ],
)
def test_a_step_is_answered_by_its_own_question_or_by_another_ticket_s_within_48_hours(
    policy: Policy, hours_ago: int, marks: tuple[str, ...], answers: bool
) -> None:
    known = waiting(policy)
    told = tuple(nudge_mark(known.ticket.ref) if mark == "own" else mark for mark in marks)
    asked = Nudge(NOW - timedelta(hours=hours_ago), told)
    found = nudges.asked(STEP, replace(ISSUE, nudges=(asked,)), known)
    assert (found == asked) is answers
