"""What is known about a ticket besides itself: our last decision, what we wrote, the account's own names."""

from __future__ import annotations

from app.runtime import Runtime
from app.store.tickets import Lease
from app.triage import records
from app.triage.decision import Context
from config.settings import JiraAccount, ZendeskAccount


def of(runtime: Runtime, lease: Lease, our_id: str) -> Context:
    """The context of the ticket that is leased."""
    previous = records.from_json(lease.previous) if lease.previous else None
    account = runtime.account(lease.ref.vendor, lease.ref.account)
    engineering = account.engineering if isinstance(account, ZendeskAccount) else ""
    linked = runtime.store.linked(lease.ref) if engineering else ()
    reporters, organizations = runtime.store.affected(lease.ref) if linked else (0, 0)
    return Context(
        previous=previous,
        applied=lease.applied,
        tags=lease.own_tags,
        our_id=our_id,
        teams=account.groups,
        people=account.people,
        default_groups=frozenset(account.default_groups if isinstance(account, ZendeskAccount) else ()),
        linked=linked,
        engineering=engineering,
        reporters=max(1, reporters),
        organizations=max(1, organizations),
        triaged_status=account.triaged_status if isinstance(account, JiraAccount) else "",
    )
