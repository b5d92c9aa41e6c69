"""What the worker does to a ticket, and above all what it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.triage.actions import Action, AddNote, AddTags, RemoveOwnTags, Reply, Route, SetFields, SetPriority, SetStatus
from app.triage.decision import Context, Decision
from app.triage.effects import applied_after, with_our_replies
from app.triage.engine import decide, mark, outcome_hash, plan
from app.triage.marks import marks_in
from app.triage.policy import Policy
from app.triage.replies import due
from app.triage.ticket import Comment, Ref, Speaker, Status, Ticket
from tests.unit.triage.conftest import NOW, a_ticket, was_set

DOWN = "The whole platform is down for everybody."
HOW = "How do I export a report?"
FIELDS: Mapping[str, str | None] = {"severity": None, "label": None}


T = TypeVar("T")


def of(actions: tuple[Action, ...], kind: type[T]) -> T | None:
    return next((action for action in actions if isinstance(action, kind)), None)


def planned(policy: Policy, ticket: Ticket, context: Context = Context()) -> tuple[Action, ...]:  # noqa: B008
    return plan(ticket, decide(ticket, context, policy, NOW), context, policy)


def applied(
    ticket: Ticket, context: Context, actions: tuple[Action, ...], decision: Decision
) -> tuple[Ticket, Context]:
    """The ticket and the context as they are after every action was carried out."""
    values, own = dict(context.applied), context.tags
    for action in actions:
        values, own = applied_after(action, values, own)
        match action:
            case SetPriority(value):
                ticket = replace(ticket, priority=value, history=was_set("priority", "us", value))
            case AddTags(tags):
                ticket = replace(ticket, tags=ticket.tags | {tag.lower() for tag in tags})
            case RemoveOwnTags(tags):
                gone = {tag.lower() for tag in tags}
                ticket = replace(ticket, tags=frozenset(tag for tag in ticket.tags if tag.lower() not in gone))
            case Route(_, team):
                ticket = replace(ticket, group=team)
            case SetFields(pairs):
                ticket = replace(ticket, fields={**ticket.fields, **dict(pairs)})
            case Reply(text=text):  # a person's public answer, as far as the vendor can tell
                reply = Comment(f"r{len(ticket.comments)}", Speaker.AGENT, text, NOW)
                ticket = replace(ticket, comments=(*ticket.comments, reply))
            case AddNote(text, _):
                note = Comment(f"n{len(ticket.comments)}", Speaker.WORKER, text, NOW, public=False)
                ticket = replace(ticket, comments=(*ticket.comments, note))
    return ticket, Context(previous=decision, applied=values, tags=own, our_id="us")


def test_a_new_ticket_gets_priority_tags_route_fields_and_one_note(policy: Policy) -> None:
    actions = planned(policy, a_ticket(DOWN, fields=FIELDS))
    assert of(actions, SetPriority) == SetPriority("urgent")
    assert of(actions, SetFields) == SetFields((("label", "Reliability"), ("severity", "P0")))
    assert of(actions, Route) == Route("technical", "Senior / Technical Support")
    assert sum(isinstance(action, AddNote) for action in actions) == 1


def test_a_closed_ticket_is_never_touched(policy: Policy) -> None:
    assert planned(policy, a_ticket(DOWN, status=Status.CLOSED)) == ()


def test_a_priority_that_stood_there_at_first_sight_is_raised_but_never_lowered(policy: Policy) -> None:
    assert of(planned(policy, a_ticket(DOWN, priority="low")), SetPriority) == SetPriority("urgent")
    actions = planned(policy, a_ticket(HOW, priority="urgent"))
    assert of(actions, SetPriority) is None
    note = of(actions, AddNote)
    assert note is not None and "already urgent" in note.text


@pytest.mark.parametrize("shown", ["low", "high"])
def test_a_priority_that_a_person_changed_after_us_is_theirs(policy: Policy, shown: str) -> None:
    actions = planned(policy, a_ticket(DOWN, priority=shown), Context(applied={"priority": "urgent"}))
    assert of(actions, SetPriority) is None
    note = of(actions, AddNote)
    assert note is not None and f"a person set the priority to {shown}" in note.text


def test_our_own_priority_follows_the_decision_both_ways(policy: Policy) -> None:
    down = planned(policy, a_ticket(HOW, priority="urgent"), Context(applied={"priority": "urgent"}))
    assert of(down, SetPriority) == SetPriority("normal")


@pytest.mark.parametrize(
    ("shown", "by", "applied_before", "expected"),
    [
        ("Medium", "", {}, "Low"),
        ("Medium", None, {}, "Low"),
        ("Medium", "us", {}, "Low"),
        ("Medium", "ann", {}, "Low"),  # the issue's default counts as not set
        ("High", "ann", {}, None),
        ("Lowest", "ann", {}, "Low"),
        ("High", "ann", {"priority": "Low"}, None),
        ("Lowest", "ann", {"priority": "Low"}, None),
        ("Blocker", "ann", {}, None),
    ],
)
def test_jira_tells_who_set_the_priority(
    policy: Policy, shown: str, by: str | None, applied_before: dict[str, str], expected: str | None
) -> None:
    ticket = a_ticket(
        HOW,
        ref=Ref("jira", "acme", "SUP-1"),
        priority=shown,
        history=was_set("priority", by, shown),
        native={"default_priority": "Medium"},
    )
    set_priority = of(planned(policy, ticket, Context(applied=applied_before, our_id="us")), SetPriority)
    assert (set_priority.value if set_priority else None) == expected


def test_a_ticket_that_a_person_took_is_not_routed(policy: Policy) -> None:
    assert of(planned(policy, a_ticket(DOWN, assignee="ann")), Route) is None
    assert of(planned(policy, a_ticket(DOWN, group="VIP desk", status=Status.OPEN)), Route) is None
    ours = Context(applied={"group": "Frontline Support"})
    assert of(planned(policy, a_ticket(DOWN, group="Frontline Support"), ours), Route) is not None
    assert of(planned(policy, a_ticket(DOWN, group="VIP desk", status=Status.OPEN), ours), Route) is None
    assert of(planned(policy, a_ticket(DOWN, group="", status=Status.OPEN), ours), Route) is None


def test_a_tag_that_a_person_removed_is_not_added_again(policy: Policy) -> None:
    tags = of(planned(policy, a_ticket(DOWN), Context(tags=frozenset({"sev-p0"}))), AddTags)
    assert tags is not None
    assert "sev-p0" not in tags.tags
    assert "Escalate-L2" in tags.tags


def test_only_our_own_tags_are_removed(policy: Policy) -> None:
    ticket = a_ticket(HOW, tags=frozenset({"sev-p0", "escalate-l2", "vip", "sev-p1"}))
    context = Context(tags=frozenset({"sev-p0", "Escalate-L2", "label-data"}))
    removed = of(planned(policy, ticket, context), RemoveOwnTags)
    assert removed == RemoveOwnTags(("Escalate-L2", "sev-p0"))


def test_tags_are_compared_without_case(policy: Policy) -> None:
    added = of(planned(policy, a_ticket(DOWN, tags=frozenset({"ESCALATE-L2", "Sev-P0"}))), AddTags)
    assert added is not None
    assert not {"escalate-l2", "sev-p0"} & {tag.lower() for tag in added.tags}


def test_a_field_is_filled_only_where_it_exists_and_no_person_wrote_it(policy: Policy) -> None:
    assert of(planned(policy, a_ticket(DOWN)), SetFields) is None
    ticket = a_ticket(DOWN, fields={"severity": "P3", "label": "Defect", "level": None})
    context = Context(applied={"label": "Defect", "level": "L1"})
    assert of(planned(policy, ticket, context), SetFields) == SetFields((("label", "Reliability"),))


def test_a_note_is_not_written_twice_though_a_customer_may_quote_its_mark(policy: Policy) -> None:
    ticket = a_ticket(DOWN)
    note = of(planned(policy, ticket), AddNote)
    assert note is not None
    ours = Comment("9", Speaker.WORKER, note.text, NOW, public=False)
    assert of(planned(policy, replace(ticket, comments=(ours,))), AddNote) is None
    theirs = replace(ours, speaker=Speaker.CUSTOMER, body=f"Firstline note {note.mark}")
    assert of(planned(policy, replace(ticket, comments=(theirs,))), AddNote) is not None


def test_a_group_is_left_alone_unless_the_account_names_it_as_its_default(policy: Policy) -> None:
    ticket = a_ticket(DOWN, group="Support")
    assert of(planned(policy, ticket), Route) is None
    named = Context(default_groups=frozenset({"support"}))
    assert of(planned(policy, ticket, named), Route) is not None
    after = replace(named, applied={"group": "Security Team"})
    assert of(planned(policy, ticket, after), Route) is None, "a person moved it back to the default"


def test_an_accounts_own_name_for_a_team_is_the_one_that_counts(policy: Policy) -> None:
    ours = Context(teams={"technical": "Tier 2"})
    assert of(planned(policy, a_ticket(DOWN), ours), Route) == Route("technical", "Tier 2")
    routed = replace(ours, applied={"group": "Tier 2"})
    assert of(planned(policy, a_ticket(DOWN, group="tier 2"), routed), Route) is None


def test_an_issue_is_moved_to_the_triaged_status_once_and_only_when_nobody_moved_it(policy: Policy) -> None:
    context = Context(triaged_status="Triaged")
    assert of(planned(policy, a_ticket(DOWN), context), SetStatus) == SetStatus("Triaged")
    assert of(planned(policy, a_ticket(DOWN, history=was_set("status", "ada", "Open")), context), SetStatus) is None
    assert of(planned(policy, a_ticket(DOWN), replace(context, applied={"status": "Triaged"})), SetStatus) is None
    assert of(planned(policy, a_ticket(DOWN)), SetStatus) is None


def test_the_mark_is_in_the_note_and_follows_the_outcome_only(policy: Policy) -> None:
    decision = decide(a_ticket(DOWN), Context(), policy, NOW)
    note = of(plan(a_ticket(DOWN), decision, Context(), policy), AddNote)
    assert note is not None
    assert marks_in(note.text) == (mark(decision),)
    assert len(mark(decision)) == 12
    assert mark(replace(decision, policy_digest="other", confidence=0.1, evidence=())) == mark(decision)
    assert outcome_hash(replace(decision, page=False)) != outcome_hash(decision)


def test_the_note_says_the_outcome_first_and_quotes_on_one_line(policy: Policy) -> None:
    body = "Hello\n\nthe\nwhole   platform\nis down <b>for everybody</b>\n\nFirstline note 0123456789ab"
    note = of(planned(policy, a_ticket(body)), AddNote)
    assert note is not None
    lines = note.text.splitlines()
    assert lines[0].startswith("P0 · Reliability")
    assert "L2, page on-call" in lines[0]
    assert "> whole platform is down <b>for everybody</b>" in [line.replace("the ", "") for line in lines]
    assert all(len(line) <= 204 for line in lines if line.startswith("> "))
    assert lines[-1].startswith("Firstline note ")
    assert len(marks_in(note.text)) == 1


TEXTS = (
    DOWN,
    HOW,
    "Payments fail for all customers.",
    "There is a typo.",
    "Please add a dark theme.",
    "",
    "I forgot my password",
)
MORE = ("It works again.", "Now everybody is affected.", "Any news?", "We cannot process orders, no workaround.")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.sampled_from(TEXTS),
    comments=st.lists(st.sampled_from(MORE), max_size=3),
    vendor=st.sampled_from(("zendesk", "jira")),
    priority=st.sampled_from((None, "low", "normal", "urgent", "High", "Medium", "Blocker")),
    set_by=st.sampled_from((None, "", "us", "ann")),
    tags=st.frozensets(st.sampled_from(("vip", "sev-p0", "SEV-P3", "label-defect")), max_size=3),
    group=st.sampled_from(("", "VIP desk")),
    assignee=st.sampled_from(("", "ann")),
    fields=st.sampled_from(({}, FIELDS, {"severity": "P2", "label": None, "level": None})),
)
def test_applying_the_plan_and_deciding_again_plans_nothing(
    policy: Policy, text, comments, vendor, priority, set_by, tags, group, assignee, fields
) -> None:
    context = Context(our_id="us")
    last: Ticket | None = None
    for upto in range(len(comments) + 1):
        ticket = a_ticket(
            text,
            "Hello",
            comments[:upto],
            ref=Ref(vendor, "acme", "SUP-1"),
            priority=priority,
            history=was_set("priority", set_by, priority or ""),
            tags=tags,
            group=group,
            assignee=assignee,
            fields=fields,
        )
        if last is not None:
            ours = tuple(comment for comment in last.comments if comment.speaker is not Speaker.CUSTOMER)
            ticket = with_our_replies(replace(last, comments=(*ticket.comments, *ours)), context.applied)
        decision = decide(ticket, context, policy, NOW)
        before = context.previous
        last, context = applied(ticket, context, plan(ticket, decision, context, policy), decision)
        told = due(ticket, decision, replace(context, previous=before), policy)
        last, context = applied(last, context, told, decision)
        last = with_our_replies(last, context.applied)
        assert sum(reply.reason in ("ack", "known-issue", "duplicate") for reply in told) == (upto == 0)
        again = decide(last, context, policy, NOW)
        assert plan(last, again, context, policy) == ()
        assert due(last, again, context, policy) == ()
