"""What the thread itself says was told is not told again; everything else is, in one note."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.triage.actions import AddNote
from app.triage.bridge import LinkedIssue
from app.triage.bridge_news import fields, news
from app.triage.decision import Context
from app.triage.effects import shows
from app.triage.engine import plan
from app.triage.fields import Known
from app.triage.marks import marks_in, news_in, outcome_in
from app.triage.policy import Policy
from app.triage.ticket import Comment, Ref, Speaker, Status
from app.vendors.jira.markup import note_wiki
from app.vendors.zendesk.markup import note_html
from tests.unit.triage.conftest import NOW, laid_over
from tests.unit.triage.test_forms import REPORT, known

ISSUE = LinkedIssue(Ref("jira", "dev", "ENG-1"), "escalation", "https://j/browse/ENG-1", "To Do", at=NOW)
SAID = Comment("5", Speaker.AGENT, "Firstline news 000000000000\nit is a <b>full</b> disk", NOW, public=False)


def hanging(policy: Policy, *issues: LinkedIssue, **more: Any) -> Known:
    return known(policy, REPORT, context=Context(linked=issues, engineering="dev"), **more)


def told(found: Known, refused: str = "") -> tuple[AddNote, ...]:
    return news(found, refused, lambda: [found.decision])


def after(found: Known, notes: tuple[AddNote, ...], *issues: LinkedIssue) -> Known:
    """The same ticket with the notes in its thread, and with issues as they are then."""
    written = [Comment(f"n{one.mark}", Speaker.WORKER, one.text, NOW, public=False) for one in notes]
    ticket = replace(found.ticket, comments=(*found.ticket.comments, *written))
    return replace(found, ticket=ticket, context=replace(found.context, linked=issues))


def test_a_note_is_found_again_by_its_mark_and_is_no_note_of_a_decision(policy: Policy) -> None:
    found = hanging(policy, replace(ISSUE, comments=(SAID,)))
    (note,) = told(found)
    (comment,) = after(found, (note,), ISSUE).ticket.comments
    assert note.mark == marks_in(note.text)[0] == news_in(note.text)[0]
    assert outcome_in(note.text) == ""
    assert shows(replace(found.ticket, comments=(comment,)), note)


def test_news_does_not_bring_the_decisions_note_again(policy: Policy) -> None:
    found = hanging(policy, ISSUE)
    decided = tuple(
        one for one in plan(found.ticket, found.decision, found.context, policy) if isinstance(one, AddNote)
    )
    later = after(found, (*decided, *told(found)), ISSUE)
    assert not any(isinstance(one, AddNote) for one in plan(later.ticket, later.decision, later.context, policy))


def test_two_issues_are_told_apart(policy: Policy) -> None:
    other = replace(ISSUE, ref=Ref("jira", "dev", "ENG-2"))
    found = hanging(policy, ISSUE, other)
    both = told(found)
    assert len(both) == 2
    moved = replace(other, status="In Progress")
    (note,) = told(after(found, both, ISSUE, moved))
    assert note.text.startswith("ENG-2 is In Progress.")


def test_a_status_that_goes_and_comes_back_is_told_each_time_with_marks_of_their_own(policy: Policy) -> None:
    found, notes = hanging(policy, ISSUE), []
    for status in ("To Do", "Doing", "To Do", "Doing"):
        found = after(found, (), replace(ISSUE, status=status))
        (note,) = told(found)
        notes.append(note.mark)
        found = after(found, (note,), replace(ISSUE, status=status))
        assert told(found) == ()
    assert len(set(notes)) == 4


def test_a_comment_that_was_changed_is_told_anew_and_the_others_are_not(policy: Policy) -> None:
    second = replace(SAID, id="6", body="restart it")
    found = hanging(policy, replace(ISSUE, comments=(SAID, second)))
    first = told(found)
    edited = replace(ISSUE, comments=(SAID, replace(second, body="restart it twice")))
    (note,) = told(after(found, first, edited))
    assert "> restart it twice" in note.text
    assert "full" not in note.text


def test_of_very_many_comments_the_newest_are_told_and_the_note_is_never_cut(policy: Policy) -> None:
    many = tuple(replace(SAID, id=str(number), body=f"<{number}> " + "x" * 9000) for number in range(60))
    found = hanging(policy, replace(ISSUE, comments=many))
    (note,) = told(found)
    assert len(note_html(note.text)) < 64_000
    assert len(note_wiki(note.text)) < 32_767
    assert "<59>" in note.text
    assert "<54>" not in note.text
    assert "not repeated here: 55" in note.text
    assert told(after(found, (note,), replace(ISSUE, comments=many))) == ()


def test_every_line_of_an_engineer_is_quoted(policy: Policy) -> None:
    (note,) = told(
        hanging(policy, replace(ISSUE, comments=(replace(SAID, body="a\n\n- [x] b\u202e\n\x07c" + "d" * 4000),)))
    )
    lines = note.text.split("UTC:\n", 1)[1].split("\n\n")[0].splitlines()
    assert [line[:6] for line in lines] == ["> a", "> - [x", "> cddd"]
    assert sum(map(len, lines)) < 3100


def test_an_issue_that_was_never_read_is_not_told(policy: Policy) -> None:
    assert told(hanging(policy, replace(ISSUE, at=None))) == ()


def test_nothing_is_written_to_a_closed_ticket(policy: Policy) -> None:
    assert told(hanging(policy, ISSUE, status=Status.CLOSED), "no") == ()


def test_the_policy_may_leave_out_what_is_left_to_do() -> None:
    policy = laid_over("bridge: {after_resolution: false}")
    done = replace(ISSUE, done=True, status="Done", resolution="Fixed")
    (note,) = told(hanging(policy, done, status=Status.SOLVED))
    assert "After resolution" not in note.text


def test_a_refusal_is_told_once_and_another_reason_anew(policy: Policy) -> None:
    found = hanging(policy)
    first = told(found, "no such project")
    assert told(after(found, first), "no such project") == ()
    assert len(told(after(found, first), "no permission")) == 1


def test_the_tickets_fields_mirror_the_first_issue_that_is_there() -> None:
    gone, done = replace(ISSUE, gone=True), replace(ISSUE, done=True, resolution="Fixed", fix_versions=("1", "2"))
    assert fields((gone,)) == {}
    assert fields((gone, done)) == {
        "issue": "ENG-1", "issue_status": "To Do", "issue_resolution": "Fixed", "fix_version": "1, 2",
    }  # fmt: skip


@pytest.mark.parametrize("by_person", ["ENG-9", ""])
def test_a_field_that_a_person_filled_or_cleared_stays_theirs(policy: Policy, by_person: str) -> None:
    found = hanging(policy, ISSUE, fields={"issue": by_person or None, "issue_status": "To Do"})
    context = replace(found.context, applied={"issue": "ENG-1", "issue_status": "To Do"})
    wanted = [one for one in plan(found.ticket, found.decision, context, policy) if type(one).__name__ == "SetFields"]
    assert not any(name == "issue" for one in wanted for name, _ in one.values)  # type: ignore[union-attr]
