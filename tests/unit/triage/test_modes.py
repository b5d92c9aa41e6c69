"""How much is written: modes, kill switches and the roll-out as a table."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.cli.undo import OUTSIDE
from app.triage.actions import (
    KINDS,
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
    SetType,
    Unassign,
    Unlink,
    effect_key,
    kind,
)
from app.triage.effects import before, from_json, to_json
from app.triage.intents import intent, intent_of
from app.triage.marks import marks_in
from app.triage.modes import SWITCHES, Permission, left_to_people, share, unknown_switch
from app.triage.ticket import Ref, Ticket
from tests.conftest import NOW

REF = Ref("zendesk", "acme", "1")
MANY = [Ref("zendesk", "acme", str(n)) for n in range(1000)]
EVERYTHING = (
    SetPriority("high"),
    AddTags(("a", "b")),
    RemoveOwnTags(("c",)),
    Route("technical", "Tier 2"),
    SetFields((("severity", "P1"),)),
    SetStatus("Triaged"),
    Assign("7"),
    Unassign("7"),
    AddFollowers(("8",)),
    SetType("problem"),
    Link(Ref("zendesk", "acme", "2"), "incident"),
    AddNote("", "0" * 12),
    Reply("ack", "", "0" * 12),
)


def written(permission: Permission) -> set[str]:
    return {name for name in SWITCHES if not permission.withholds(name, REF, "")}


def test_each_mode_writes_what_it_says() -> None:
    assert written(Permission()) == set()
    assert written(Permission("shadow")) == set()
    assisting = {"set_priority", "add_tags", "remove_own_tags", "set_fields", "route", "add_note"}
    assert written(Permission("assist")) == assisting
    assert written(Permission("auto")) == {*KINDS, "message", "issue", "nudge", "page"}


@pytest.mark.parametrize("name", SWITCHES)
def test_each_kill_switch_takes_away_that_kind_alone(name: str) -> None:
    assert written(Permission("auto", frozenset({name}))) == set(SWITCHES) - {name}
    assert name in Permission("auto", frozenset({name})).withholds(name, REF, "")


def test_a_switch_that_does_not_exist_is_told_with_the_nearest_one() -> None:
    assert unknown_switch(SWITCHES) == ""
    assert unknown_switch(["reply", "replies"]) == "'replies' is no kind of action; did you mean 'reply'?"


def test_who_is_in_at_twenty_percent_is_in_at_fifty() -> None:
    def inside(percent: int) -> set[Ref]:
        return {ref for ref in MANY if not Permission("auto", percent=percent).withholds("reply", ref, "")}

    shares = [inside(percent) for percent in (0, 1, 20, 50, 99, 100)]
    assert shares[0] == set()
    assert shares[-1] == set(MANY)
    assert all(smaller < larger for smaller, larger in pairwise(shares))
    assert 150 < len(shares[2]) < 250
    assert inside(20) == shares[2], "the same at every look"
    assert share(REF) == 52, "and in every process and version"


def test_a_roll_out_by_brand_does_not_mind_capital_letters() -> None:
    some = Permission("auto", brands=frozenset({"ops"}))
    assert some.withholds("add_tags", REF, "OPS") == ""
    assert some.withholds("add_tags", REF, "SUP")
    assert some.withholds("add_tags", REF, "")


def test_what_a_person_accepts_goes_through_in_assist_mode_and_in_no_other_way() -> None:
    assert Permission("assist").accepted().withholds("reply", REF, "") == ""
    assert Permission("assist", frozenset({"reply"})).accepted().withholds("reply", REF, "")
    assert Permission("assist", percent=0).accepted().withholds("reply", REF, "")
    assert written(Permission("shadow").accepted()) == set()
    assert Permission("auto").accepted() == Permission("auto")


def test_the_mode_in_a_sentence_says_what_narrows_it() -> None:
    said = str(Permission("auto", frozenset({"reply", "issue"}), 20, frozenset({"ops"})))
    assert said == "auto: everything is written; off: issue, reply; 20 % of the tickets; brands ops"
    assert "nothing is written" in str(Permission("shadow", frozenset({"reply"}), 20))


def test_every_kind_of_action_has_words_and_keeps_them_in_the_ledger() -> None:
    assert {kind(action) for action in EVERYTHING} == set(KINDS)
    said = {kind(action): intent(action) for action in EVERYTHING}
    assert len(set(said.values())) == len(EVERYTHING)
    assert said["set_priority"] == "set the priority to high"
    for action in EVERYTHING:
        assert intent(from_json(kind(action), to_json(action))) == said[kind(action)]
    assert intent_of("message", {}) == "send a message to engineering"


def test_whoever_switches_linking_off_wants_no_link_taken_away_either() -> None:
    made, away = (one(Ref("zendesk", "acme", "2"), "incident") for one in (Link, Unlink))
    assert kind(made) == kind(away) == "link"
    for one in (made, away):
        assert from_json("link", to_json(one)) == one
    assert intent(made) != intent(away)
    assert effect_key(REF, made, "") != effect_key(REF, away, "")


def test_a_note_of_assist_mode_keeps_its_mark_on_its_last_line() -> None:
    note = AddNote("P1 · Access\n\nWhy: x\n\nFirstline note 0123456789ab · policy x", "0123456789ab")
    with_draft = left_to_people(note, ["move it to Triaged"], [Reply("ack", "Hello.\n\nWe look into it.", "f" * 12)])
    assert with_draft.mark == note.mark
    assert marks_in(with_draft.text) == (note.mark,)
    assert with_draft.text.startswith("P1 · Access\n\nAssist mode. In auto mode we would also:\n- move it to Triaged\n")
    assert "- answer the customer (ack)\n\nA reply to the customer, for you to send:\n> Hello.\n> \n" in with_draft.text
    assert with_draft.text.endswith("Firstline note 0123456789ab · policy x")
    assert "left to you" in left_to_people(note, [], []).text


def test_what_a_ticket_showed_before_is_kept_for_each_change() -> None:
    ticket = Ticket(
        ref=REF, subject="", body="", created_at=NOW, updated_at=NOW, priority="low", group="Support",
        status_name="Open", assignee="7", tags=frozenset({"A", "c"}), fields={"severity": None},
    )  # fmt: skip
    kept = {kind(action): before(ticket, action) for action in EVERYTHING}
    assert kept == {
        "set_priority": {"priority": "low"},
        "add_tags": {"tags": ["b"]},
        "remove_own_tags": {"tags": ["c"]},
        "route": {"group": "Support"},
        "set_fields": {"fields": {"severity": ""}},
        "set_status": {"status": "Open"},
        "assign": {"assignee": "7"},
        "unassign": {"assignee": "7"},
        "add_followers": {},
        "link": {"type": ""},
        "set_type": {"type": ""},
        "add_note": {},
        "reply": {},
    }


def test_everything_that_is_done_outside_the_ticket_has_words_for_explain_and_for_undo() -> None:
    outside = set(SWITCHES) - set(KINDS)
    assert set(OUTSIDE) == outside
    assert all(intent_of(kind, {}) for kind in outside)
