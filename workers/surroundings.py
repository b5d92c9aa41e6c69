"""What is known about a ticket besides itself: our last decision, what we wrote, the account's own names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.runtime import Runtime
from app.store.answers import Answered
from app.store.tickets import Lease
from app.triage import answers_alike, records
from app.triage.boilerplate import paragraphs_of
from app.triage.business_time import due
from app.triage.decision import Agent, Context
from app.triage.fields import Known
from app.triage.ticket import Ref, Ticket
from config.accounts import JiraAccount, ZendeskAccount

_LONG_AGO = timedelta(days=90)


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


def of(runtime: Runtime, lease: Lease, ticket: Ticket, our_id: str) -> Context:
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
        agents=_agents(runtime, lease, account),
        default_groups=frozenset(account.default_groups if isinstance(account, ZendeskAccount) else ()),
        linked=linked,
        engineering=engineering,
        reporters=max(1, reporters),
        organizations=max(1, organizations),
        boilerplate=runtime.store.shared_paragraphs(lease.ref, paragraphs_of(ticket), runtime.now()),
        answers=runtime.store.answers_alike(lease.ref, answers_alike.given(ticket, our_id), runtime.now()),
        triaged_status=account.triaged_status if isinstance(account, JiraAccount) else "",
    )


def answered(known: Known) -> Answered | None:
    """What is to be kept of the answers that people gave; None where there is nothing (S4-09)."""
    wanted, ticket = known.policy.pack.repeated_answers, known.ticket
    if not ticket.answers:
        return None
    news = known.context.answers if known.decision.label in wanted.label else ()
    return Answered(
        [(one, due(one.at, wanted.window, known.policy.calendar)) for one in news],
        answers_alike.shows_a_page(ticket, wanted.not_pages),
    )


def _agents(runtime: Runtime, lease: Lease, account: ZendeskAccount | JiraAccount) -> Mapping[str, tuple[Agent, ...]]:
    """Each team's people with what they have to do; asked only for a ticket that nobody was given yet."""
    if not account.agents or "assignee" in lease.applied:
        return {}
    people = {one.id for team in account.agents.values() for one in team}
    turns = runtime.store.turns(lease.ref.vendor, lease.ref.account, people, runtime.now() - _LONG_AGO)
    return {
        team: tuple(Agent(one.id, frozenset(one.skills), one.capacity, *turns[one.id]) for one in those)
        for team, those in account.agents.items()
    }
