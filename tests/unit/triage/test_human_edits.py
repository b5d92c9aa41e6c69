"""Human edits win: whatever a person changed after us is never written over, in any order of runs and edits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.triage.actions import (
    Action,
    AddFollowers,
    AddNote,
    AddTags,
    Assign,
    RemoveOwnTags,
    Route,
    SetFields,
    SetPriority,
    SetStatus,
    Unassign,
)
from app.triage.decision import Agent, Context, Decision
from app.triage.effects import applied_after
from app.triage.engine import decide, plan
from app.triage.policy import Policy
from app.triage.restraint import noticed
from app.triage.ticket import Comment, Ref, Speaker, Status, Ticket
from tests.unit.triage.conftest import NOW, a_ticket, laid_over, was_set

TEXTS = (
    "How do I export a report?",
    "The CSV export shows an error for a few users.",
    "The whole platform is down for all of our users.",
    "Customers can see each other's invoices since the release.",
    "We were charged twice for June, please refund the second charge.",
    "If this is not fixed today we will cancel our contract.",
)
FIELDS = ("label", "severity", "level", "destination")
VALUES: dict[str, tuple[str | None, ...]] = {
    "label": (None, "Data", "Billing", "of our own"),
    "severity": (None, "P0", "P3"),
    "level": (None, "L1", "L3"),
    "destination": (None, "technical", "somewhere"),
}
PRIORITIES = {"zendesk": (None, "low", "normal", "urgent"), "jira": ("Low", "Medium", "Highest")}
GROUPS = ("", "Support", "Desk", "Frontline", "Elsewhere")
PEOPLE = ("", "ann", "bob", "cay")
STATUSES = ("Open", "Triaged", "Waiting")
AGENTS = (Agent("bob"), Agent("cay"))


@dataclass
class World:
    """A ticket, what we know of it, and which of its values are a person's: by field, what stood there before."""

    policy: Policy
    ticket: Ticket
    context: Context
    looked: bool = False
    mine: dict[str, Any] = field(default_factory=dict)  # field to the value we wrote or first saw
    theirs: dict[str, Any] = field(default_factory=dict)  # field to the value that a person gave it since

    def values(self) -> dict[str, Any]:
        ticket = self.ticket
        shown = {"priority": ticket.priority, "group": ticket.group, "status": ticket.status_name}
        return shown | dict(ticket.fields)

    def edit(self, name: str, value: Any) -> None:
        """A person sets a field."""
        if name == "priority":
            history = self.ticket.history + was_set("priority", "ann", value or "")
            self.ticket = replace(self.ticket, priority=value, history=history)
        elif name == "group":
            self.ticket = replace(self.ticket, group=value)
        elif name == "status":
            history = self.ticket.history + was_set("status", "ann", value)
            self.ticket = replace(self.ticket, status_name=value, history=history)
        else:
            self.ticket = replace(self.ticket, fields={**self.ticket.fields, name: value})
        if self.looked and value != self.mine[name]:
            self.theirs[name] = value
        else:
            self.theirs.pop(name, None)  # it is back to what it was: given back to us

    def run(self) -> tuple[Decision, tuple[Action, ...]]:
        """We look at the ticket, and all that is planned is carried out."""
        if not self.looked:
            self.looked, self.mine = True, self.values()
        decision = decide(self.ticket, self.context, self.policy, NOW)
        actions = plan(self.ticket, decision, self.context, self.policy)
        seen = noticed(self.ticket, decision, self.context, self.policy)
        applied, own = {**self.context.applied, **seen}, self.context.tags
        for action in actions:
            applied, own = applied_after(action, applied, own)
            self.ticket = carried_out(self.ticket, action)
            self.mine |= written(action)
        self.context = replace(self.context, previous=decision, applied=applied, tags=own)
        return decision, actions


def written(action: Action) -> dict[str, Any]:
    """The fields that an action writes."""
    match action:
        case SetPriority(value):
            return {"priority": value}
        case Route(_, team):
            return {"group": team}
        case SetStatus(name):
            return {"status": name}
        case SetFields(values):
            return dict(values)
    return {}


def carried_out(ticket: Ticket, action: Action) -> Ticket:
    match action:
        case SetPriority(value):
            return replace(ticket, priority=value, history=ticket.history + was_set("priority", "us", value))
        case Route(_, team):
            return ticket if ticket.ref.vendor == "jira" else replace(ticket, group=team)
        case SetStatus(name):
            return replace(ticket, status_name=name, history=ticket.history + was_set("status", "us", name))
        case SetFields(values):
            return replace(ticket, fields={**ticket.fields, **dict(values)})
        case AddTags(tags):
            return replace(ticket, tags=ticket.tags | set(tags))
        case RemoveOwnTags(tags):
            return replace(ticket, tags=ticket.tags - set(tags))
        case Assign(agent):
            return replace(ticket, assignee=agent)
        case Unassign():
            return replace(ticket, assignee="")
        case AddFollowers(people):
            return replace(ticket, followers=ticket.followers | set(people))
        case AddNote(text):
            ours = Comment(f"n{len(ticket.comments)}", Speaker.WORKER, text, NOW, public=False)
            return replace(ticket, comments=(*ticket.comments, ours))
    return ticket


def a_world(policy: Policy, vendor: str, body: str = TEXTS[0], **shown: Any) -> World:
    fields = dict.fromkeys(FIELDS) | shown.pop("fields", {})
    ref = Ref("zendesk", "acme", "1") if vendor == "zendesk" else Ref("jira", "acme", "SUP-1")
    jira = {"priority": "Medium", "native": {"default_priority": "Medium"}, "status_name": "Open"}
    ticket = a_ticket(body, ref=ref, fields=fields, **(jira if vendor == "jira" else {}) | shown)
    context = Context(
        our_id="us",
        default_groups=frozenset({"Support", "Desk"}),
        people={"head_of_support": ("dee",), "l2_on_call": ("eve", "fox")},
        agents={"Frontline Support": AGENTS, "Senior / Technical Support": AGENTS},
        triaged_status="Triaged" if vendor == "jira" else "",
    )
    return World(policy, ticket, context)


edits = st.one_of(
    st.just(("run", None)),
    st.tuples(st.just("says"), st.sampled_from(TEXTS)),
    st.tuples(st.just("priority"), st.integers(0, 3)),
    st.tuples(st.just("group"), st.sampled_from(GROUPS)),
    st.tuples(st.just("status"), st.sampled_from(STATUSES)),
    *(st.tuples(st.just(name), st.sampled_from(VALUES[name])) for name in FIELDS),
)


@pytest.mark.policy("S1-20")
@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(edits, min_size=3, max_size=12))
def test_no_plan_writes_over_a_value_that_a_person_gave(
    policy: Policy, vendor: str, steps: list[tuple[str, Any]]
) -> None:
    world = a_world(policy, vendor)
    for name, value in (*steps, ("run", None), ("run", None)):
        if name == "says":
            said = Comment(f"c{len(world.ticket.comments)}", Speaker.CUSTOMER, value, NOW)
            world.ticket = replace(world.ticket, comments=(*world.ticket.comments, said))
        elif name == "run":
            theirs = dict(world.theirs)
            _, actions = world.run()
            over = {name for action in actions for name in written(action)} & theirs.keys()
            assert not over, f"written over a person's {over} of {theirs}"
        elif name == "priority":
            words = PRIORITIES[vendor]
            world.edit(name, words[value % len(words)])
        elif not (vendor == "jira" and name == "group"):  # an issue has no group
            world.edit(name, value)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.one_of(
            st.just(("run", "")),
            st.tuples(st.just("says"), st.sampled_from(TEXTS)),
            st.tuples(st.just("assigns"), st.sampled_from(PEOPLE)),
            st.tuples(st.just("untags"), st.integers(0, 9)),
            st.tuples(st.just("tags"), st.sampled_from(("sev-p0", "label-data", "dest-technical"))),
            st.tuples(st.just("unfollows"), st.sampled_from(("dee", "eve", "fox"))),
            st.tuples(st.just("follows"), st.sampled_from(("dee", "eve", "fox"))),
        ),
        min_size=3,
        max_size=12,
    )
)
def test_whom_and_what_a_person_took_away_or_gave_stays_so(policy: Policy, steps: list[tuple[str, Any]]) -> None:
    world = a_world(policy, "zendesk")
    removed, dropped, given_to = set[str](), set[str](), False
    for name, value in (*steps, ("run", ""), ("run", "")):
        ticket = world.ticket
        if name == "says":
            said = Comment(f"c{len(ticket.comments)}", Speaker.CUSTOMER, value, NOW)
            world.ticket = replace(ticket, comments=(*ticket.comments, said))
        elif name == "assigns" and world.looked:
            given_to = given_to or value != ticket.assignee
            world.ticket = replace(ticket, assignee=value)
            world.run()  # as an edit of a person's is told to us
        elif name == "untags" and ticket.tags and world.looked:
            tag = sorted(ticket.tags)[value % len(ticket.tags)]
            last = world.context.previous
            removed |= {tag} if last is not None and tag in last.tags else set()  # else we had no use for it
            world.ticket = replace(ticket, tags=ticket.tags - {tag})
        elif name == "tags":
            removed -= {value}
            world.ticket = replace(ticket, tags=ticket.tags | {value})
            world.run()
        elif name == "unfollows" and value in ticket.followers:
            dropped |= {value}
            world.ticket = replace(ticket, followers=ticket.followers - {value})
        elif name == "follows":
            dropped -= {value}
            world.ticket = replace(ticket, followers=ticket.followers | {value})
            world.run()
        elif name == "run":
            _, actions = world.run()
            for action in actions:
                match action:
                    case AddTags(tags):
                        assert removed.isdisjoint(tags)
                    case AddFollowers(people):
                        assert dropped.isdisjoint(people)
                    case Assign() | Unassign():
                        assert not given_to


def test_a_priority_that_we_agreed_with_and_a_person_changed_is_theirs(policy: Policy) -> None:
    world = a_world(policy, "zendesk", priority="normal")
    assert not [action for action in world.run()[1] if isinstance(action, SetPriority)]
    world.edit("priority", "low")
    decision, actions = world.run()
    assert not [action for action in actions if isinstance(action, SetPriority)]
    assert world.ticket.priority == "low"
    assert decision.severity.name == "P3"


def test_a_priority_that_a_person_took_off_stays_off(policy: Policy) -> None:
    world = a_world(policy, "zendesk")
    world.run()
    world.edit("priority", None)
    _, actions = world.run()
    assert not [action for action in actions if isinstance(action, SetPriority)]
    (note,) = [action.text for action in actions if isinstance(action, AddNote)] or [""]
    assert world.ticket.priority is None and ("took the priority off" in note or not note)


def test_a_field_that_is_set_back_to_what_we_wrote_is_ours_again(policy: Policy) -> None:
    world = a_world(policy, "zendesk")
    world.run()
    written = world.ticket.fields["label"]
    world.edit("label", "Data")
    world.run()
    world.edit("label", written)
    said = Comment("c9", Speaker.CUSTOMER, TEXTS[2], NOW)
    world.ticket = replace(world.ticket, comments=(*world.ticket.comments, said))
    world.run()
    assert world.ticket.fields["label"] not in (written, "Data")


HANDED = "If this is not fixed today we will cancel our contract."


@pytest.fixture(scope="module")
def handing() -> Policy:
    """Engagement takes over whom threatens to leave, as the tiered help desk has it (S4-86)."""
    return laid_over(
        "bundles: {engagement: {team: Engagement, unassign: true, follow: true}}\n"
        "rules: {notifications: [{name: leaving, when: {facts: [churn]}, then: {roles: [csm], handover: engagement}}]}"
    )


def kinds(actions: tuple[Action, ...], *those: type) -> list[Action]:
    return [action for action in actions if isinstance(action, those)]


@pytest.mark.policy("S4-86")
def test_a_handover_takes_the_holder_off_who_follows(handing: Policy) -> None:
    world = a_world(handing, "zendesk", assignee="ann", group="Desk", body=HANDED)
    _, actions = world.run()
    assert kinds(actions, Route, Unassign, AddFollowers) == [
        Route("engagement", "Engagement"),
        Unassign("ann"),
        AddFollowers(("ann",)),
    ]
    (note,) = kinds(actions, AddNote)
    assert isinstance(note, AddNote)
    assert "Handed over to: Engagement; the agent is taken off and follows." in note.text


@pytest.mark.parametrize(
    "person",
    [
        lambda ticket: replace(ticket, assignee="bob"),
        lambda ticket: replace(ticket, assignee="bob", group="Elsewhere"),
        lambda ticket: replace(ticket, assignee="ann", followers=frozenset()),
    ],
)
@pytest.mark.policy("S4-86")
def test_who_takes_a_ticket_after_the_handover_keeps_it(handing: Policy, person: Callable[[Ticket], Ticket]) -> None:
    world = a_world(handing, "zendesk", assignee="ann", group="Desk", body=HANDED)
    world.run()
    world.ticket = person(world.ticket)
    assert kinds(world.run()[1], Route, Unassign, AddFollowers, Assign) == []


@pytest.mark.policy("S4-86")
def test_without_a_handover_nobody_is_taken_off(handing: Policy) -> None:
    world = a_world(handing, "zendesk", assignee="ann", group="Desk")
    assert kinds(world.run()[1], Route, Unassign) == []
    elsewhere = a_world(handing, "zendesk", assignee="ann", group="Elsewhere", body=HANDED)
    _, actions = elsewhere.run()
    assert kinds(actions, Route, Unassign) == [], "a person chose that group"
    (note,) = kinds(actions, AddNote)
    assert isinstance(note, AddNote)
    assert "Hand over to: Engagement, take the agent off, who follows." in note.text


def test_an_issue_is_handed_over_although_it_has_no_group(handing: Policy) -> None:
    world = a_world(handing, "jira")
    world.run()
    said = Comment("c1", Speaker.CUSTOMER, HANDED, NOW)
    world.ticket = replace(world.ticket, assignee="ann", comments=(*world.ticket.comments, said))
    assert kinds(world.run()[1], Unassign) == [Unassign("ann")]
    world.ticket = replace(world.ticket, assignee="ann")
    assert kinds(world.run()[1], Unassign) == []


def test_those_who_are_told_follow_the_ticket_once(policy: Policy) -> None:
    world = a_world(policy, "zendesk", body=TEXTS[2], followers=frozenset({"eve"}))
    decision, actions = world.run()
    assert {"head_of_support", "l2_on_call"} <= set(decision.notify)
    (added,) = kinds(actions, AddFollowers)
    assert isinstance(added, AddFollowers) and set(added.people) == {"dee", "fox"}
    world.ticket = replace(world.ticket, followers=frozenset())
    assert kinds(world.run()[1], AddFollowers) == [], "a person took all of them away"


def test_a_ticket_that_a_person_moves_between_the_groups_of_nobody_stays_there(policy: Policy) -> None:
    world = a_world(policy, "zendesk", group="Desk", assignee="ann")
    world.run()
    world.edit("group", "Support")
    world.ticket = replace(world.ticket, assignee="")
    assert kinds(world.run()[1], Route) == []


def test_a_tag_that_somebody_had_put_there_and_took_away_is_not_ours_to_add(policy: Policy) -> None:
    world = a_world(policy, "zendesk", body=TEXTS[2], tags=frozenset({"SEV-P0"}))
    world.run()
    world.ticket = replace(world.ticket, tags=world.ticket.tags - {"SEV-P0"})
    assert kinds(world.run()[1], AddTags) == []


def test_a_ticket_goes_to_the_next_in_turn_once(policy: Policy) -> None:
    world = a_world(policy, "zendesk", body=TEXTS[2], group="Desk")
    assert kinds(world.run()[1], Assign) == [Assign("bob")]
    assert world.ticket.assignee == "bob"
    for taken_by in ("", "cay"):
        world.ticket = replace(world.ticket, assignee=taken_by)
        assert kinds(world.run()[1], Assign, Unassign) == []


@pytest.mark.parametrize(
    "shown",
    [{"assignee": "ann"}, {"status": Status.PENDING}, {"status": Status.SOLVED}, {"group": "Elsewhere"}],
)
def test_nobody_is_given_a_ticket_that_is_a_person_s_or_waits_or_is_elsewhere(
    policy: Policy, shown: dict[str, Any]
) -> None:
    world = a_world(policy, "zendesk", body=TEXTS[2], **shown)
    assert kinds(world.run()[1], Assign) == []


def test_who_gave_a_ticket_back_to_the_queue_is_not_followed_by_another(policy: Policy) -> None:
    world = a_world(policy, "zendesk", body=TEXTS[2], assignee="ann", group="Senior / Technical Support")
    world.run()
    world.ticket = replace(world.ticket, assignee="")
    assert kinds(world.run()[1], Assign) == []


def test_an_issue_is_given_to_the_team_that_its_label_says(policy: Policy) -> None:
    world = a_world(policy, "jira", body=TEXTS[2])
    assert kinds(world.run()[1], Assign) == [Assign("bob")]
