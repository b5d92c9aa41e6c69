"""On what a ticket hangs that repeats another: what we link, and what people said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.triage.actions import Action, Link, Relation, SetType, Unlink
from app.triage.commands import orders_of
from app.triage.decision import Context
from app.triage.duplicates import people
from app.triage.duplicates.entry import Parent
from app.triage.duplicates.found import Cluster
from app.triage.duplicates.links import linking
from app.triage.effects import link_key
from app.triage.engine import decide
from app.triage.policy import Policy
from app.triage.ticket import Comment, Ref, Speaker, Status, Ticket
from tests.unit.triage.conftest import NOW, a_ticket

FIRST, OTHER, MINE = (Ref("zendesk", "acme", number) for number in ("4711", "4712", "4800"))
SUP_1, SUP_2 = Ref("jira", "acme", "SUP-1"), Ref("jira", "acme", "SUP-2")
BODY = "The CSV export shows an error."


def cluster(master: Ref, **more: Any) -> Cluster:
    counts: dict[str, Any] = {"tickets": 2, "customers": 2, "lately": 2, "in_storm": 0}
    return Cluster(master=master, first_at=NOW, last_at=NOW, **counts | more)


def ticket(ref: Ref = MINE, **more: Any) -> Ticket:
    return replace(a_ticket(BODY), ref=ref, **more)


def note(text: str, speaker: Speaker = Speaker.AGENT) -> Comment:
    return Comment("77", speaker, text, NOW, public=False, author_id="42")


def planned(
    policy: Policy, one: Ticket, found: Cluster | None, applied: Mapping[str, str] | None = None, **more: Any
) -> list[Action]:
    """What is done about links; a cluster of another ticket's is repeated."""
    first = found.master if found is not None and found.master != one.ref else None
    context = Context(cluster=found, duplicate_of=first, applied=applied or {}, **more)
    return list(linking(one, decide(one, context, policy, NOW), context, orders_of(one, context, policy.pack)))


def ours(*refs: Ref, relation: Relation = "incident") -> dict[str, str]:
    return {link_key(relation, ref): "linked" for ref in refs}


def test_a_zendesk_ticket_waits_until_the_first_one_is_a_problem(policy: Policy) -> None:
    assert planned(policy, ticket(), cluster(FIRST)) == []
    assert planned(policy, ticket(), cluster(FIRST, master_type="problem")) == [Link(FIRST, "incident")]


def test_the_first_one_becomes_a_problem_once_another_of_its_account_reports_the_same(policy: Policy) -> None:
    assert planned(policy, ticket(FIRST), cluster(FIRST, children=(MINE,))) == [SetType("problem")]
    assert planned(policy, ticket(FIRST, type="problem"), cluster(FIRST, children=(MINE,))) == []
    elsewhere = (Ref("zendesk", "other", "1"), SUP_1)
    assert planned(policy, ticket(FIRST), cluster(FIRST, children=elsewhere)) == []
    assert planned(policy, ticket(FIRST, status=Status.SOLVED), cluster(FIRST, children=(MINE,))) == []


@pytest.mark.parametrize(("type_", "seen"), [("task", "task"), ("question", ""), ("", "question")])
def test_a_type_that_a_person_chose_after_us_or_that_is_planned_stays(policy: Policy, type_: str, seen: str) -> None:
    theirs = {"seen:type": seen}
    assert planned(policy, ticket(FIRST, type=type_), cluster(FIRST, children=(MINE,)), theirs) == []
    assert planned(policy, ticket(type=type_), cluster(FIRST, master_type="problem"), theirs) == []


def test_a_type_that_stood_there_before_us_is_no_persons_choice_about_us(policy: Policy) -> None:
    asked = planned(policy, ticket(type="question"), cluster(FIRST, master_type="problem"), {"seen:type": "question"})
    assert asked == [Link(FIRST, "incident")]


def test_a_problem_that_we_made_becomes_an_incident_and_one_that_a_person_made_does_not(policy: Policy) -> None:
    found = cluster(FIRST, master_type="problem")
    assert planned(policy, ticket(type="problem"), found, {"type": "problem"}) == [
        SetType("incident"),
        Link(FIRST, "incident"),
    ]
    assert planned(policy, ticket(type="problem"), found) == []


def test_one_that_hangs_on_a_problem_is_no_problem_itself(policy: Policy) -> None:
    hangs = ticket(FIRST, type="incident", links=frozenset({("incident", OTHER)}))
    assert planned(policy, hangs, cluster(FIRST, children=(MINE,))) == []


def test_an_issue_is_linked_as_a_duplicate_at_once(policy: Policy) -> None:
    assert planned(policy, ticket(SUP_2), cluster(SUP_1)) == [Link(SUP_1, "duplicate")]
    assert planned(policy, ticket(SUP_1), cluster(SUP_1, children=(SUP_2,))) == []


def test_there_is_no_link_across_accounts_nor_to_one_that_is_solved(policy: Policy) -> None:
    assert planned(policy, ticket(), cluster(SUP_1)) == []
    assert planned(policy, ticket(), cluster(Ref("zendesk", "other", "1"), master_type="problem")) == []
    assert planned(policy, ticket(SUP_2), cluster(SUP_1, master_over=True)) == []


def test_a_link_of_ours_follows_the_first_one_and_a_persons_link_stays(policy: Policy) -> None:
    hangs = ticket(type="incident", links=frozenset({("incident", OTHER)}))
    found = cluster(FIRST, master_type="problem")
    assert planned(policy, hangs, found, ours(OTHER)) == [Unlink(OTHER, "incident"), Link(FIRST, "incident")]
    assert planned(policy, hangs, found) == []
    there = ticket(type="incident", links=frozenset({("incident", FIRST)}))
    assert planned(policy, there, found, ours(FIRST)) == []


def test_a_link_that_somebody_took_away_is_not_made_again_unless_a_person_asks(policy: Policy) -> None:
    found = cluster(FIRST, master_type="problem")
    assert planned(policy, ticket(type="incident"), found, ours(FIRST)) == []
    asked = ticket(type="incident", comments=(note("/triage duplicate 4711"),))
    assert planned(policy, asked, found, ours(FIRST)) == [Link(FIRST, "incident")]


def test_by_command_a_link_of_ours_is_taken_away_and_a_persons_is_not(policy: Policy) -> None:
    links = frozenset({("incident", FIRST)})
    parted = ticket(type="incident", links=links, comments=(note("/triage not-duplicate 4711"),))
    assert planned(policy, parted, None, ours(FIRST)) == [Unlink(FIRST, "incident")]
    assert planned(policy, parted, None) == []


def test_a_closed_ticket_is_not_hung_on_anything(policy: Policy) -> None:
    assert planned(policy, ticket(status=Status.CLOSED), cluster(FIRST, master_type="problem")) == []


def word(one: Ticket, applied: Mapping[str, str], policy: Policy) -> tuple[Parent | None, frozenset[Ref]]:
    orders = orders_of(one, Context(applied=applied), policy.pack)
    return people.said(one, applied, orders), people.apart(one, applied, orders)


def test_a_persons_link_is_their_word_and_ours_is_not(policy: Policy) -> None:
    linked = ticket(links=frozenset({("incident", FIRST)}))
    assert word(linked, {}, policy) == (Parent(FIRST, 1.0, "person"), frozenset())
    assert word(linked, ours(FIRST), policy) == (None, frozenset())
    at_jira = ticket(SUP_2, links=frozenset({("duplicate", SUP_1), ("relates", Ref("jira", "acme", "SUP-9"))}))
    assert word(at_jira, {}, policy) == (Parent(SUP_1, 1.0, "person"), frozenset())


def test_a_link_of_ours_that_is_gone_sets_the_two_apart(policy: Policy) -> None:
    assert word(ticket(), ours(FIRST), policy) == (None, frozenset({FIRST}))
    moved = ticket(links=frozenset({("incident", OTHER)}))
    assert word(moved, ours(FIRST), policy) == (Parent(OTHER, 1.0, "person"), frozenset({FIRST}))


def test_a_follow_up_goes_on_with_the_closed_ticket_until_a_person_says_otherwise(policy: Policy) -> None:
    follow_up = ticket(follow_up_of="4711")
    assert word(follow_up, {}, policy) == (Parent(FIRST, 1.0, "follow_up"), frozenset())
    parted = ticket(follow_up_of="4711", comments=(note("/triage not-duplicate #4711"),))
    assert word(parted, {}, policy) == (None, frozenset({FIRST}))


@pytest.mark.parametrize(
    ("said", "into"),
    [
        ("This request was closed and merged into request #4711 “Export”.", FIRST),
        ("merged with #4711", FIRST),
        ("Closed. See #4711 and #4712.", None),
        ("Closed.", None),
    ],
)
def test_a_merged_ticket_repeats_the_one_it_was_merged_into(policy: Policy, said: str, into: Ref | None) -> None:
    merged = ticket(status=Status.CLOSED, tags=frozenset({"closed_by_merge"}), comments=(note(said),))
    found, _ = word(merged, {}, policy)
    assert (found.ref if found else None) == into
    assert word(replace(merged, tags=frozenset()), {}, policy)[0] is None


def test_commands_name_another_ticket_in_several_ways_and_the_later_one_wins(policy: Policy) -> None:
    for text in ("/triage duplicate 4711", "/triage duplicate #4711.", "/triage duplicate zendesk:acme:4711"):
        assert word(ticket(comments=(note(text),)), {}, policy)[0] == Parent(FIRST, 1.0, "person")
    at_jira = ticket(SUP_2, comments=(note("/triage duplicate sup-1"),))
    assert word(at_jira, {}, policy)[0] == Parent(SUP_1, 1.0, "person")
    across = ticket(comments=(note("/triage duplicate jira:acme:SUP-1"),))
    assert word(across, {}, policy)[0] == Parent(SUP_1, 1.0, "person")
    both = ticket(comments=(note("/triage duplicate 4711\n/triage not-duplicate 4711"),))
    assert word(both, {}, policy) == (None, frozenset({FIRST}))
    again = ticket(comments=(note("/triage not-duplicate 4711\n/triage duplicate 4711"),))
    assert word(again, {}, policy) == (Parent(FIRST, 1.0, "person"), frozenset())


@pytest.mark.parametrize("words", ["", "4800", "SUP-1", "the other one", "zendesk:acme:x", "0"])
def test_a_command_that_names_no_other_ticket_is_answered_and_changes_nothing(policy: Policy, words: str) -> None:
    one = ticket(comments=(note(f"/triage duplicate {words}"),))
    (command,) = orders_of(one, Context(), policy.pack).given
    assert "wants another ticket" in command.problem
    assert word(one, {}, policy) == (None, frozenset())


def test_a_bare_not_duplicate_is_about_what_was_repeated_then_and_stays_so(policy: Policy) -> None:
    found = cluster(FIRST, master_type="problem")
    before = decide(ticket(), Context(cluster=found, duplicate_of=FIRST), policy, NOW)
    parted = ticket(comments=(note("/triage not-duplicate"),))
    context = Context(previous=before)
    assert orders_of(parted, context, policy.pack).apart == {FIRST}
    alone = decide(parted, context, policy, NOW)
    later = Context(previous=decide(parted, Context(previous=alone), policy, NOW + timedelta(hours=1)))
    assert orders_of(parted, later, policy.pack).apart == {FIRST}
    other = Context(previous=replace(before, duplicate_of=OTHER, settled=alone.settled))
    assert orders_of(parted, other, policy.pack).apart == {FIRST}


def test_a_link_of_ours_goes_when_the_ticket_turns_out_to_report_something_else(policy: Policy) -> None:
    hangs = ticket(type="incident", links=frozenset({("incident", FIRST)}))
    repeated = decide(hangs, Context(duplicate_of=FIRST), policy, NOW)
    assert planned(policy, hangs, None, ours(FIRST), previous=repeated) == [Unlink(FIRST, "incident")]
    assert planned(policy, hangs, None, previous=repeated) == [], "a person's stays"
    alone = decide(hangs, Context(), policy, NOW)
    assert planned(policy, hangs, None, ours(FIRST), previous=alone) == [], "a known issue that is fixed keeps it"
    solved = cluster(FIRST, master_type="problem", master_over=True)
    assert planned(policy, hangs, solved, ours(FIRST), previous=repeated) == []
