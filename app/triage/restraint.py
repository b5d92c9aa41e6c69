"""``plan``: what to change on a ticket, and above all what to leave alone.

A severity that a person set is never lowered, a field that a person changed is theirs, a ticket that a person took is
not routed, a tag that a person removed stays away, a closed ticket is not touched; an empty difference plans nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.triage.actions import Action, AddNote, AddTags, RemoveOwnTags, Route, SetFields, SetPriority, SetStatus
from app.triage.decision import Context, Decision
from app.triage.fields import Known
from app.triage.note import outcome_marks_in, render
from app.triage.outcome import mark
from app.triage.papers import papers
from app.triage.policy import Policy
from app.triage.priority import wish
from app.triage.replies import drafts
from app.triage.routing import team_of
from app.triage.tags import spelt
from app.triage.ticket import Speaker, Status, Ticket


def plan(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[Action, ...]:
    """The difference between the decision and what the ticket shows, in the order it is to be applied."""
    if ticket.status is Status.CLOSED:
        return ()
    return tuple(_actions(ticket, decision, context, policy))


def _actions(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> Iterator[Action]:
    priority = wish(ticket, decision, context, policy.pack)
    if priority.value is not None:
        yield SetPriority(priority.value)
    if added := _tags_to_add(ticket, decision, context, policy):
        yield AddTags(added)
    if removed := _tags_to_remove(ticket, decision, context, policy):
        yield RemoveOwnTags(removed)
    if values := tuple(_fields(ticket, decision, context, policy)):
        yield SetFields(values)
    destination, team = _queue(decision, context, policy)
    if team and may_route(ticket, context) and ticket.group.casefold() != team.casefold():
        yield Route(destination, team)
    if context.triaged_status and ticket.status_set_by is None and "status" not in context.applied:
        yield SetStatus(context.triaged_status)  # only from where the ticket began: nobody has moved it yet
    current = mark(decision)
    if current not in _newest_marks(ticket):
        told = "\n\n".join((priority.said, *drafts(ticket, decision, context, policy)))
        with_it = papers(Known(ticket, context, decision, policy))
        yield AddNote(render(decision, policy, told.strip(), ticket, with_it), current)


def _queue(decision: Decision, context: Context, policy: Policy) -> tuple[str, str]:
    """Where the ticket goes: to the team that takes it over, if one does (S4-86), else to its destination's."""
    bundle = policy.pack.bundles.get(decision.handover)
    if bundle is not None:
        return decision.handover, context.teams.get(decision.handover, bundle.team)
    return decision.destination, team_of(decision.destination, context, policy.pack)


def _tags_to_add(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[str, ...]:
    """Ours that are missing, except those that we added before and a person took away."""
    settled = {tag.casefold() for tag in (*ticket.tags, *context.tags)}
    return tuple(tag for tag in _spelt(ticket, decision, policy) if tag.casefold() not in settled)


def _spelt(ticket: Ticket, decision: Decision, policy: Policy) -> tuple[str, ...]:
    """The decision's tags as this vendor spells them (C-14)."""
    return tuple(spelt(tag, ticket.ref.vendor, policy.pack) for tag in decision.tags)


def _tags_to_remove(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> tuple[str, ...]:
    """Ours that are still there and no longer hold; spelt as we added them."""
    there = {tag.casefold() for tag in ticket.tags}
    wanted = {tag.casefold() for tag in _spelt(ticket, decision, policy)}
    return tuple(sorted(tag for tag in context.tags if tag.casefold() in there and tag.casefold() not in wanted))


def _fields(ticket: Ticket, decision: Decision, context: Context, policy: Policy) -> Iterator[tuple[str, str]]:
    """Custom fields that are empty since ever, or hold what we wrote; never what a person wrote or cleared."""
    values = {
        "label": decision.label.value,
        "second_label": decision.second_label.value if decision.second_label else "",
        "severity": policy.pack.shown(decision.severity),
        "level": decision.level.value,
        "destination": decision.destination,
    }
    for name, value in values.items():
        if name not in ticket.fields or not value:
            continue
        shown, ours = ticket.fields[name] or None, context.applied.get(name)
        if shown == ours and shown != value:
            yield name, value


def _newest_marks(ticket: Ticket) -> tuple[str, ...]:
    """The marks of our newest note: an outcome that came back after another needs its note again."""
    ours = (comment.body for comment in ticket.comments if comment.speaker is Speaker.WORKER)
    notes = [marks for marks in map(outcome_marks_in, ours) if marks]  # a reply of ours has none
    return notes[-1] if notes else ()


def may_route(ticket: Ticket, context: Context) -> bool:
    """Whether nobody took the ticket: no assignee, and no group but the one that we set.

    Before we set one, a group that the account names as its default is nobody's choice either.
    """
    if ticket.assignee:
        return False
    group = ticket.group.casefold()
    if "group" in context.applied:
        return group == context.applied["group"].casefold()
    return not group or group in {name.casefold() for name in context.default_groups}
