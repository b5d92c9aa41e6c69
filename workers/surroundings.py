"""What is known about a ticket besides itself: our last decision, what we wrote, the account's own names."""

from __future__ import annotations

from app.runtime import Runtime
from app.store.tickets import Lease
from app.triage import records
from app.triage.decision import Context
from app.triage.ticket import Ref, Ticket
from config.settings import JiraAccount, ZendeskAccount


def inherit(runtime: Runtime, lease: Lease, ticket: Ticket) -> Lease:
    """Before the first decision about a follow-up: Zendesk copied the closed ticket's tags to it, so those that were
    ours there are ours here, and are taken away when they do not hold (Zendesk: "Creating a follow-up ticket")."""
    if lease.previous is not None or not ticket.follow_up_of:
        return lease
    source = Ref(ticket.ref.vendor, ticket.ref.account, ticket.follow_up_of)
    there = {tag.casefold() for tag in ticket.tags}
    copied = {tag for tag in runtime.store.own_tags(source) if tag.casefold() in there}
    if copied <= lease.own_tags:
        return lease
    lease = lease.with_applied(lease.applied, lease.own_tags | copied)
    runtime.store.wrote(lease, lease.applied, lease.own_tags)
    return lease


def of(runtime: Runtime, lease: Lease, our_id: str) -> Context:
    """The context of the ticket that is leased."""
    previous = records.from_json(lease.previous) if lease.previous else None
    account = runtime.account(lease.ref.vendor, lease.ref.account)
    return Context(
        previous=previous,
        applied=lease.applied,
        tags=lease.own_tags,
        our_id=our_id,
        teams=account.groups,
        people=account.people,
        default_groups=frozenset(account.default_groups if isinstance(account, ZendeskAccount) else ()),
        triaged_status=account.triaged_status if isinstance(account, JiraAccount) else "",
    )
