"""Taking back: what still shows ours goes back, what a person touched stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.packs import load_policy
from app.triage.actions import (
    Action,
    AddFollowers,
    AddNote,
    AddTags,
    Assign,
    Link,
    RemoveOwnTags,
    Reply,
    Route,
    SetFields,
    SetPriority,
    SetStatus,
    Unassign,
)
from app.triage.decision import Context
from app.triage.effects import applied_after, before
from app.triage.engine import decide, plan
from app.triage.marks import marks_in, outcome_in
from app.triage.ticket import Comment, Ref, Speaker, Status, Ticket
from app.triage.undo import Change, clears, note_of, undo
from tests.conftest import NOW
from tests.contract.scripted_vendor import OUR_ID, applied

UNIFIED = load_policy("unified")
TICKET = Ticket(
    ref=Ref("zendesk", "acme", "1"), subject="", body="", created_at=NOW, updated_at=NOW, priority="low",
    group="Support", status_name="Open", tags=frozenset({"vip", "old"}), fields={"severity": None, "label": "x"},
)  # fmt: skip


def after(ticket: Ticket, *actions: Action) -> tuple[Ticket, list[Change]]:
    """The ticket after our actions, and the changes, the newest first."""
    changes: list[Change] = []
    for n, action in enumerate(actions):
        changes.insert(0, Change(str(n), action, before(ticket, action)))
        ticket = applied(ticket, action)
        if isinstance(action, Assign):
            ticket = replace(ticket, assignee=action.agent)
        if isinstance(action, SetStatus):
            ticket = replace(ticket, status_name=action.name)
    return ticket, changes


EVERYTHING = (
    SetPriority("high"),
    AddTags(("vip", "p1")),
    RemoveOwnTags(("old",)),
    SetFields((("severity", "P1"), ("label", "Access"))),
    Route("technical", "Tier 2"),
    Assign("7"),
    SetStatus("Triaged"),
)


def test_everything_goes_back_to_what_stood_there() -> None:
    ticket, changes = after(TICKET, *EVERYTHING)
    found = undo(ticket, changes)
    assert found.actions == (
        SetPriority("low"),
        AddTags(("old",)),
        RemoveOwnTags(("p1",)),
        SetFields((("severity", ""), ("label", "x"))),
        Route("", "Support"),
        Unassign("7"),
        SetStatus("Open"),
    )
    assert found.left == ()
    assert set(found.keys) == {change.key for change in changes}
    assert "the tags p1 are gone" in found.back


def test_done_twice_it_finds_nothing_more_to_do() -> None:
    _, changes = after(TICKET, *EVERYTHING)
    again = undo(TICKET, changes)
    assert (again.actions, again.left) == ((), ())
    assert len(again.keys) == len(changes)


def test_of_several_changes_of_one_value_the_oldest_says_what_stood_there() -> None:
    ticket, changes = after(
        TICKET, SetPriority("normal"), AddTags(("a",)), SetPriority("urgent"), RemoveOwnTags(("a",))
    )
    assert undo(ticket, changes).actions == (SetPriority("low"),)
    assert undo(ticket, changes[:2]).actions == (SetPriority("normal"), AddTags(("a",)))


def test_what_a_person_changed_since_is_left_alone_and_named_once() -> None:
    ticket, changes = after(TICKET, SetPriority("normal"), *EVERYTHING)
    theirs = replace(ticket, priority="urgent", group="VIP desk", assignee="8", tags=frozenset({"vip", "theirs"}))
    found = undo(theirs, changes)
    assert found.actions == (AddTags(("old",)), SetFields((("severity", ""), ("label", "x"))), SetStatus("Open"))
    assert found.left == (
        "the assignee: somebody has set it to 8 since",
        "the group: somebody has set it to VIP desk since",
        "the priority: somebody has set it to urgent since",
    )


def test_what_was_said_or_linked_cannot_be_taken_back_and_is_named() -> None:
    said = (Reply("ack", "", "0" * 12), AddNote("", "0" * 12), Link(Ref("zendesk", "acme", "2"), "relates"))
    found = undo(TICKET, [Change("k", action, {}) for action in (*said, AddFollowers(("8",)))])
    assert found.actions == ()
    assert len(found.left) == 4
    assert "cannot be taken back: answer the customer (ack)" in found.left


def test_a_change_from_before_we_kept_what_stood_there_is_left_alone() -> None:
    found = undo(replace(TICKET, priority="high"), [Change("k", SetPriority("high"), {})])
    assert found.actions == ()
    assert found.left == ("the priority: what stood there before is not known",)


def test_a_closed_ticket_is_left_alone() -> None:
    ticket, changes = after(TICKET, *EVERYTHING)
    found = undo(replace(ticket, status=Status.CLOSED), changes)
    assert found.actions == ()
    assert "closed" in found.left[0]


def test_an_issue_has_no_group_to_put_back() -> None:
    issue = replace(TICKET, ref=Ref("jira", "acme", "SUP-1"), group="")
    found = undo(issue, [Change("k", Route("technical", "Tier 2"), {"group": ""})])
    assert (found.actions, found.left, found.keys) == ((), (), ("k",))


def test_where_no_value_may_be_made_empty_the_rest_goes_back() -> None:
    ticket, changes = after(replace(TICKET, priority=None), *EVERYTHING)
    assert clears(undo(ticket, changes))
    without = undo(ticket, changes, clearing=False)
    assert not clears(without)
    assert SetFields((("label", "x"),)) in without.actions
    assert "the priority: it was empty, and cannot be made so again" in without.left


def test_what_the_vendor_cannot_do_is_named_and_not_claimed() -> None:
    ticket, changes = after(TICKET, SetPriority("high"), SetStatus("Triaged"))
    found = undo(ticket, changes).without({SetStatus("Open"): "no such move"})
    assert found.actions == (SetPriority("low"),)
    assert found.left == ("it is Open again: not possible, no such move",)
    assert found.keys == ()


def test_its_note_is_known_as_ours_and_is_none_of_a_decision() -> None:
    ticket, changes = after(TICKET, *EVERYTHING)
    note = note_of(undo(ticket, changes), "u-1", TICKET)
    assert marks_in(note.text) == (note.mark,)
    assert outcome_in(note.text) == ""
    assert note_of(undo(ticket, changes), "u-2", TICKET).mark != note.mark


@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
def test_what_was_taken_back_counts_as_a_persons_and_is_not_written_again(vendor: str) -> None:
    ref = Ref("zendesk", "acme", "1") if vendor == "zendesk" else Ref("jira", "acme", "SUP-1")
    ticket = Ticket(
        ref=ref, subject="Down", body="The whole service is down for all users.", created_at=NOW, updated_at=NOW,
        priority=None if vendor == "zendesk" else "Medium", fields={"severity": None},
        native={"default_priority": "Medium"},
    )  # fmt: skip
    decision = decide(ticket, Context(our_id=OUR_ID), UNIFIED, NOW)
    planned = plan(ticket, decision, Context(our_id=OUR_ID), UNIFIED)
    ours, own_tags = dict[str, str](), frozenset[str]()
    for action in planned:
        ours, own_tags = applied_after(action, ours, own_tags)
    written, changes = after(ticket, *planned)
    undone = undo(written, changes)
    for action in undone.actions:
        written = applied(written, action)
    priority = written.priority or None
    written = replace(written, priority=priority, fields={"severity": None})
    note = Comment("n", Speaker.WORKER, note_of(undone, "u-1", ticket).text, NOW, False, OUR_ID)
    written = replace(written, comments=(*written.comments, note))
    context = Context(our_id=OUR_ID, applied=ours, tags=own_tags, previous=decision)
    later = decide(written, context, UNIFIED, NOW)
    again = plan(written, later, context, UNIFIED)
    tags = {tag for action in again if isinstance(action, AddTags) for tag in action.tags}
    assert {type(action) for action in again} <= {AddTags, AddNote}
    assert not tags & set(decision.tags), "at most the tag of the severity that now counts as a person's"
