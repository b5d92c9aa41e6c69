"""``plan``: what to change on a ticket, and above all what to leave alone.

A severity that a person set is never lowered, a field that a person changed is theirs, a ticket that a person took is
not routed, a tag that a person removed stays away, a closed ticket is not touched; an empty difference plans nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.triage import bridge_news, edits
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
from app.triage.answers import Answer, answer_to
from app.triage.assignment import turn
from app.triage.clocks import moves
from app.triage.commands import Orders, orders_of
from app.triage.decision import Context, Decision
from app.triage.duplicates.links import RUNG, linking, waiting
from app.triage.duplicates.words import paragraph, storm_line
from app.triage.effects import FOLLOWER, REFUSED
from app.triage.fields import Known
from app.triage.marks import outcome_in
from app.triage.note import foot, render
from app.triage.outcome import mark
from app.triage.pack import Pack
from app.triage.papers import papers
from app.triage.policy import Policy
from app.triage.priority import wish
from app.triage.replies import drafts
from app.triage.routing import team_of
from app.triage.step_notes import told
from app.triage.tags import spelt
from app.triage.ticket import Speaker, Status, Ticket


def plan(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[Action, ...]:
    """The difference between the decision and what the ticket shows, in the order it is to be applied.

    A ticket that is left alone gets answers to commands and nothing else, one that people took out not even those.
    """
    if ticket.status is Status.CLOSED or opted_out(ticket, policy.pack):
        return ()
    orders = orders_of(ticket, context, policy.pack)
    answer = answer_to(orders, decision, policy.pack, context.page)
    if decision.left_alone:
        return (AddNote(f"{answer.text}\n\n{answer.foot}", answer.mark),) if answer else ()
    return tuple(_actions(ticket, decision, context, policy, orders, answer))


def opted_out(ticket: Ticket, pack: Pack) -> str:
    """How people took the ticket out, empty when they did not: by the tag ``tags.off``."""
    off = spelt(pack.tags.off, ticket.ref.vendor, pack)
    return f"it carries the tag {off}" if off and off.casefold() in {tag.casefold() for tag in ticket.tags} else ""


def noticed(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> dict[str, str]:
    """What to remember of a ticket as it was read, besides ``Context.applied``, so that later edits are known."""
    priority = policy.pack.priority.get(ticket.ref.vendor, {}).get(decision.severity.name, "")
    wanted = {**_values(decision, policy), "priority": priority}
    orders = orders_of(ticket, context, policy.pack)
    told = {RUNG: "told"} if waiting(ticket, context) else {}
    return told | edits.noticed(ticket, context, orders, wanted, _spelt(ticket, decision, policy))


def _actions(
    ticket: Ticket, decision: Decision, context: Context, policy: Policy, orders: Orders, answer: Answer | None
) -> Iterator[Action]:
    priority = wish(ticket, decision, context, policy.pack, orders)
    if priority.value is not None:
        yield SetPriority(priority.value)
    if added := _tags_to_add(ticket, decision, context, policy):
        yield AddTags(added)
    if removed := _tags_to_remove(ticket, decision, context, policy):
        yield RemoveOwnTags(removed)
    if values := tuple(_fields(ticket, decision, context, policy, orders)):
        yield SetFields(values)
    bundle = policy.pack.bundles.get(decision.handover)
    handing_over = bundle is not None and bundle.unassign and bool(ticket.assignee)
    destination, team = _queue(decision, context, policy)
    group = _group(ticket, context)
    goes = bool(team) and group.casefold() != team.casefold() and may_route(ticket, context, handing_over)
    handed_over = handing_over and goes
    if goes:
        yield Route(destination, team)
    if handed_over:
        yield Unassign(ticket.assignee)
    holder = ticket.assignee if handed_over and bundle is not None and bundle.follow else ""
    if people := _to_follow(ticket, decision, context, holder):
        yield AddFollowers(people)
    if agent := turn(ticket, decision.label, team if goes else group, context):
        yield Assign(agent.id)
    if moved := _moved(ticket, decision, context, policy):
        yield moved
    elif context.triaged_status and ticket.set_by("status") is None and "status" not in context.applied:
        yield SetStatus(context.triaged_status)  # only from where the ticket began: nobody has moved it yet
    yield from linking(ticket, decision, context, orders)
    known = Known(ticket, context, decision, policy)
    said = [one for one in (answer, told(known)) if one is not None]
    feet = [one.foot for one in said]
    if mark(decision) != _newest_outcome(ticket):
        text = _note(known, "\n\n".join(one.text for one in said), priority.said, handed_over=handed_over)
        yield AddNote("\n\n".join((text, *feet)), mark(decision))
    elif said:
        yield AddNote("\n\n".join((*(one.text for one in said), *feet)), said[0].mark)


def _note(known: Known, said: str, priority: str, *, handed_over: bool) -> str:
    """What the note tells of the outcome; on one ticket of a storm that is a line. ``said`` answers commands and tells
    of clocks."""
    ticket, decision, context, policy = known.ticket, known.decision, known.context, known.policy
    held_back = "\n\n".join((priority, *drafts(ticket, decision, context, policy))).strip()
    if line := storm_line(decision, context):
        return "\n\n".join(filter(None, (line, said, held_back, foot(decision))))
    alike = paragraph(decision, context)
    return render(decision, policy, held_back, ticket, papers(known), answer=said, handed_over=handed_over, alike=alike)


def _queue(decision: Decision, context: Context, policy: Policy) -> tuple[str, str]:
    """Where the ticket goes: to the team that takes it over, if one does (S4-86), else to its destination's."""
    bundle = policy.pack.bundles.get(decision.handover)
    if bundle is not None:
        return decision.handover, context.teams.get(decision.handover, bundle.team)
    return decision.destination, team_of(decision.destination, context, policy.pack)


def _group(ticket: Ticket, context: Context) -> str:
    """The queue that the ticket stands in; an issue has none of its own, so there it is where we put it."""
    return context.applied.get("group", "") if ticket.ref.vendor == "jira" else ticket.group


def _moved(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> SetStatus | None:
    """The status that a clock moves the ticket to, by the vendor's names for it; what was refused once is not tried
    again, until it has got its status anew."""
    states = policy.pack.statuses
    for step in decision.steps:
        wanted = step.deed.state
        if wanted and moves(step, ticket, states) and REFUSED + step.mark not in context.applied:
            names = states[wanted].at(ticket.ref.vendor) if wanted in states else ()
            first, *others = names or (wanted,)
            return SetStatus(first, tuple(others), step.mark)
    return None


def _to_follow(ticket: Ticket, decision: Decision, context: Context, holder: str) -> tuple[str, ...]:
    """Those who are told or talk to the customer (S1-32) and do not follow yet, and the one who is taken off; nobody
    whom a person took away."""
    roles = (*decision.notify, decision.communicator, *(role for step in decision.steps for role in step.deed.tell))
    told = (person for role in roles for person in context.people.get(role, ()) if person != ticket.assignee)
    wanted = dict.fromkeys((*told, *([holder] if holder else [])))
    return tuple(
        person for person in wanted if person not in ticket.followers and FOLLOWER + person not in context.applied
    )


def _tags_to_add(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[str, ...]:
    """Ours that are missing, except those that stood there before and a person took away."""
    settled = {tag.casefold() for tag in (*ticket.tags, *context.tags)}
    settled |= {key.removeprefix(edits.TAG) for key in context.applied if key.startswith(edits.TAG)}
    return tuple(tag for tag in _spelt(ticket, decision, policy) if tag.casefold() not in settled)


def _spelt(ticket: Ticket, decision: Decision, policy: Policy) -> tuple[str, ...]:
    """The decision's tags as this vendor spells them (C-14)."""
    return tuple(spelt(tag, ticket.ref.vendor, policy.pack) for tag in decision.tags)


def _tags_to_remove(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[str, ...]:
    """Ours that are still there and no longer hold; spelt as we added them."""
    there = {tag.casefold() for tag in ticket.tags}
    wanted = {tag.casefold() for tag in _spelt(ticket, decision, policy)}
    return tuple(sorted(tag for tag in context.tags if tag.casefold() in there and tag.casefold() not in wanted))


def _values(decision: Decision, policy: Policy) -> dict[str, str]:
    """What our custom fields say, by name."""
    return {
        "label": decision.label.value,
        "second_label": decision.second_label.value if decision.second_label else "",
        "severity": policy.pack.shown(decision.severity),
        "level": decision.level.value,
        "destination": decision.destination,
    }


def _fields(
    ticket: Ticket, decision: Decision, context: Context, policy: Policy, orders: Orders
) -> Iterator[tuple[str, str]]:
    """Custom fields that are empty since ever, or hold what we wrote; never what a person wrote or cleared, unless a
    person asks for it by command. Those that tell of an issue are emptied with it."""
    asked = {
        name
        for name, order in (("label", orders.label), ("severity", orders.severity), ("level", orders.level))
        if order is not None and not order.answered
    }
    of_issue = bridge_news.fields(context.linked)
    for name, value in {**_values(decision, policy), **of_issue}.items():
        if name not in ticket.fields or not (value or name in of_issue):
            continue
        shown, ours = ticket.fields[name] or "", context.applied.get(name) or ""
        untouched = shown == ours and not edits.changed(name, shown, context)
        if (untouched or name in asked) and shown != value:
            yield name, value


def _newest_outcome(ticket: Ticket) -> str:
    """The mark of the outcome that was told last: one that came back after another needs its note again."""
    ours = (comment.body for comment in ticket.comments if comment.speaker is Speaker.WORKER)
    return next(filter(None, map(outcome_in, reversed(list(ours)))), "")  # an answer or a reply tells none


def may_route(ticket: Ticket, context: Context, handing_over: bool = False) -> bool:
    """Whether nobody took the ticket: no assignee, and no group but the one that we set. A policy by which another team
    takes a ticket off its holder (S4-86) minds the group alone.

    Before we set one, a group that the account names as its default is nobody's choice either, unless somebody moved
    the ticket there.
    """
    if ticket.assignee and not handing_over:
        return False
    group = _group(ticket, context).casefold()
    if "group" in context.applied:
        return group == context.applied["group"].casefold()
    if edits.changed("group", group, context):
        return False
    return not group or group in {name.casefold() for name in context.default_groups}
