"""A ticket on its way into the index and what comes back from there, as the decision sees it (S0-59 to S0-62)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.triage.classified import Classified
from app.triage.decision import Context
from app.triage.details import where_it_happens
from app.triage.duplicates import people
from app.triage.duplicates.entry import Entry
from app.triage.duplicates.found import Cluster, Placed
from app.triage.duplicates.reports import told_of
from app.triage.duplicates.telling import Told
from app.triage.symptoms.symptom import Symptom
from app.triage.ticket import Ref, Status, Ticket
from app.triage.vocabulary import IMPACT

NO_REPORTS = frozenset({"spam", "advertising", "auto_reply"})
"""Facts under which a ticket reports nothing: no customer stands behind it."""

_OVER = (Status.SOLVED, Status.CLOSED)


def reports(ticket: Ticket, read: Classified, our_id: str) -> bool:
    """Whether a ticket is a customer's report: not what we wrote ourselves, nor spam, advertising or a machine's."""
    ours = bool(our_id) and ticket.requester.id == our_id
    return not ours and NO_REPORTS.isdisjoint(read.seen.facts)


def entry_of(ticket: Ticket, read: Classified, context: Context, *, space: str, symptom: Symptom, told: Told) -> Entry:
    """The ticket as the index keeps it."""
    customer, orders = ticket.requester, read.seen.orders
    return Entry(
        ref=ticket.ref,
        space=space,
        created_at=ticket.created_at,
        symptom=symptom,
        label=read.labelled.primary,
        acute=told.acute,
        vague=told.vague,
        severe=told.severe,
        requester=customer.id,
        organization=customer.organization_id or customer.organization,
        area=ticket.area,
        subject=ticket.subject,
        type=ticket.type,
        over_at=_over_at(ticket),
        told=told_of(where_it_happens(read.thread.messages), customer),
        facts=read.seen.facts & IMPACT,
        said=people.said(ticket, context.applied, orders),
        apart=people.apart(ticket, context.applied, orders),
    )


def with_placed(context: Context, placed: Placed, ticket: Ticket) -> Context:
    """The context with what placing the ticket found. Its own account of customers is among those that count it."""
    cluster = placed.cluster
    customers = cluster.lately if cluster is not None else 1
    return replace(
        context,
        similar=tuple(one.ref for one in placed.candidates if one.band == "suggest"),
        candidates=placed.candidates,
        cluster=cluster,
        nearby=placed.nearby,
        duplicate_of=_repeated(context, cluster, ticket) if cluster is not None else None,
        reporters=max(1, context.reporters, customers),
        organizations=max(1, context.organizations, customers),
        demand=max(1, placed.demand),
    )


def _repeated(context: Context, cluster: Cluster, ticket: Ticket) -> Ref | None:
    """The ticket that this one repeats. One that was over before this ticket was known to repeat it is none: the fault
    is back. Later on it stays what it was."""
    if cluster.master == ticket.ref:
        return None
    before = context.previous.duplicate_of if context.previous else None
    over = cluster.master_over or (cluster.via == "follow_up" and cluster.master.id == ticket.follow_up_of)
    return None if over and before != cluster.master else cluster.master


def _over_at(ticket: Ticket) -> datetime | None:
    """When the ticket was solved or closed, None while it is under way."""
    if ticket.status not in _OVER:
        return None
    ended = (one.at for one in reversed(ticket.history) if one.field == "status" and one.status in _OVER)
    return next(ended, ticket.updated_at)
