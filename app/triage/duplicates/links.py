"""How a ticket is hung at its vendor on the one that it repeats (S0-64): an incident of a problem at Zendesk, a
duplicate link at Jira. What a person linked stays, what a person took away stays away, and a type that a person chose
is theirs.

A ticket at another account has no link there: the note names it. Nothing is ever closed or merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.triage import edits
from app.triage.actions import Action, Link, SetType, Unlink
from app.triage.commands import Orders
from app.triage.decision import Context, Decision
from app.triage.duplicates.people import RELATION, links_of
from app.triage.ticket import Ref, Status, Ticket

PROBLEM, INCIDENT = "problem", "incident"
RUNG = "rung:problem"
"""The key in ``Context.applied`` of a problem whose incidents were told that it is one."""
_OVER = (Status.SOLVED, Status.CLOSED)


def linking(ticket: Ticket, decision: Decision, context: Context, orders: Orders) -> Iterator[Action]:
    """What changes about the ticket's links and, at Zendesk, its type."""
    hangs, relation = links_of(ticket, context.applied), RELATION[ticket.ref.vendor]
    wanted = _wanted(ticket, decision, context)
    if wanted is None or hangs.theirs:
        yield from (Unlink(to, relation) for to in sorted(hangs.ours & (orders.apart | _no_more(decision, context))))
        if wanted is None and not hangs.ours and not hangs.theirs:
            yield from _becomes_a_problem(ticket, context)
        return
    removed = hangs.removed - ({orders.duplicate} if orders.duplicate else set())
    if wanted in hangs.ours or wanted in removed:
        return
    if ticket.ref.vendor == "zendesk":
        if not _ready(wanted, context) or not _may_hang(ticket, context):
            return
        if ticket.type == PROBLEM:
            yield SetType(INCIDENT)
    yield from (Unlink(to, relation) for to in sorted(hangs.ours))
    yield Link(wanted, relation)


def _no_more(decision: Decision, context: Context) -> set[Ref]:
    """What the ticket repeated at the last look and, by what has become known since, does not."""
    before = context.previous.duplicate_of if context.previous else None
    return {before} if before is not None and decision.duplicate_of is None else set()


def waiting(ticket: Ticket, context: Context) -> tuple[Ref, ...]:
    """The tickets that could not be hung on this one before it was a problem, and do not know that it is one now."""
    cluster = context.cluster
    if ticket.type != PROBLEM or cluster is None or cluster.master != ticket.ref or RUNG in context.applied:
        return ()
    return _of_account(cluster.children, ticket.ref)


def _wanted(ticket: Ticket, decision: Decision, context: Context) -> Ref | None:
    """The ticket of the same account on which this one is to hang."""
    master, cluster = decision.duplicate_of, context.cluster
    if master is None:
        return _problem(ticket, context)
    if cluster is not None and cluster.master == master and cluster.master_over:
        return None
    here = _of_account((master,), ticket.ref)
    return master if here and ticket.status is not Status.CLOSED else None


def _problem(ticket: Ticket, context: Context) -> Ref | None:
    """The problem ticket that is the known issue of a ticket on which no other hangs; at Zendesk alone."""
    found = next((one.ref for one in context.known_issues or () if one.ref is not None), None)
    first = context.cluster is not None and context.cluster.master == ticket.ref
    if found is None or first or found.vendor != "zendesk" or ticket.status is Status.CLOSED:
        return None
    return found if _of_account((found,), ticket.ref) else None


def _ready(master: Ref, context: Context) -> bool:
    """Whether a Zendesk ticket is a problem by now: nothing else takes incidents, and a known issue there is one."""
    if any(one.ref == master for one in context.known_issues or ()):
        return True
    cluster = context.cluster
    return cluster is not None and cluster.master == master and cluster.master_type == PROBLEM


def _may_hang(ticket: Ticket, context: Context) -> bool:
    """Whether a Zendesk ticket may become an incident: it is one, or its type was never a person's choice after us."""
    return ticket.type == INCIDENT or _free(ticket, context)


def _free(ticket: Ticket, context: Context) -> bool:
    """Whether a ticket's type is ours to change. A problem that was one before us is somebody's, a task is planned."""
    if ticket.type == PROBLEM:
        return context.applied.get("type") == PROBLEM
    return ticket.type != "task" and not edits.changed("type", ticket.type, context)


def _becomes_a_problem(ticket: Ticket, context: Context) -> Iterator[Action]:
    """The first of a cluster becomes the problem on which the others of its account hang."""
    cluster = context.cluster
    if ticket.ref.vendor != "zendesk" or cluster is None or cluster.master != ticket.ref or ticket.status in _OVER:
        return
    if _of_account(cluster.children, ticket.ref) and ticket.type != PROBLEM and _free(ticket, context):
        yield SetType(PROBLEM)


def _of_account(refs: Iterable[Ref], ref: Ref) -> tuple[Ref, ...]:
    """Those that live at the same account."""
    return tuple(one for one in refs if (one.vendor, one.account) == (ref.vendor, ref.account))
