"""Which ticket hangs on which issue, kept alike on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.store.store import Store
from app.triage.bridge import LinkedIssue, Nudge
from app.triage.ticket import Customer, Event, Ref, Ticket
from tests.conftest import NOW
from tests.contract import test_store

url, store = test_store.url, test_store.store

ISSUE = Ref("jira", "dev", "ENG-1")
LATER = NOW + timedelta(hours=1)


def ticket(store: Store, number: int, organization: str = "", account: str = "acme") -> Ticket:
    """A ticket that was looked at and wants nothing."""
    ref = Ref("zendesk", account, str(number))
    store.record(Event(ref, "created", f"{account}{number}"), "x", NOW)
    lease = store.lease(ref, NOW, 60)
    assert lease is not None
    customer = Customer(id="7", organization_id=organization)
    made = Ticket(ref=ref, subject="s", body="b", created_at=NOW, updated_at=NOW, requester=customer)
    store.remember(lease, NOW, decision=None, ticket=made)
    return made


def test_a_ticket_hangs_on_an_issue_once_and_the_others_of_it_are_looked_at_again(store: Store) -> None:
    first, second = ticket(store, 1), ticket(store, 2)
    assert store.link(first, LinkedIssue(ISSUE, "escalation", left_out={"priority": "no such"}), NOW)
    assert not store.link(first, LinkedIssue(ISSUE, "backlog"), NOW)
    assert store.due(LATER, 9) == []
    assert store.link(second, LinkedIssue(ISSUE, "known_issue"), LATER)
    assert store.due(LATER, 9) == [first.ref]
    assert store.hanging_on(ISSUE) == [first.ref, second.ref]
    (issue,) = store.linked(first.ref)
    assert (issue.kind, issue.left_out, issue.at) == ("escalation", {"priority": "no such"}, None)


def test_only_what_changed_makes_tickets_due(store: Store) -> None:
    one = ticket(store, 1)
    store.link(one, LinkedIssue(ISSUE, "escalation", "https://j/ENG-1", left_out={"a": "b"}), NOW)
    shown = LinkedIssue(ISSUE, "", status="To Do")
    assert store.observed(shown, NOW) == [one.ref]
    assert store.observed(shown, LATER) == []
    assert store.observed(replace(shown, status="Done", done=True), LATER) == [one.ref]
    (issue,) = store.linked(one.ref)
    assert (issue.status, issue.done, issue.url, issue.left_out, issue.at) == (
        "Done", True, "https://j/ENG-1", {"a": "b"}, LATER,
    )  # fmt: skip
    assert store.lost(ISSUE, LATER) == [one.ref]
    assert store.lost(ISSUE, LATER) == []
    assert store.observed(shown, LATER) == [one.ref], "it is there again"


def test_since_when_a_ticket_hangs_on_an_issue_is_told_and_of_engineering_s_words_only_the_first_wakes_it(
    store: Store,
) -> None:
    one = ticket(store, 1)
    store.link(one, LinkedIssue(ISSUE, "escalation"), NOW)
    store.observed(LinkedIssue(ISSUE, ""), NOW)
    assert store.linked(one.ref)[0].since == NOW
    heard = (LATER, LATER + timedelta(hours=1))
    assert store.observed(LinkedIssue(ISSUE, "", heard=heard[:1]), LATER) == [one.ref]
    assert store.observed(LinkedIssue(ISSUE, "", heard=heard), LATER) == []
    assert store.observed(LinkedIssue(ISSUE, "", heard=heard, nudges=(Nudge(LATER, ("0123456789ab",)),)), LATER) == []
    (issue,) = store.linked(one.ref)
    assert issue.heard == heard
    assert issue.nudges == (Nudge(LATER, ("0123456789ab",)),)


def test_tickets_and_organizations_on_an_issue_are_counted(store: Store) -> None:
    for number, organization in ((1, "a"), (2, "a"), (3, "b"), (4, "")):
        store.link(ticket(store, number, organization), LinkedIssue(ISSUE, "known_issue"), NOW)
    store.link(ticket(store, 5, "c"), LinkedIssue(Ref("jira", "other", "ENG-1"), "known_issue"), NOW)
    assert store.affected(Ref("zendesk", "acme", "1")) == (4, 2)
    assert store.affected(Ref("zendesk", "acme", "5")) == (1, 1)
    assert store.affected(Ref("zendesk", "acme", "6")) == (0, 0)


def test_an_issue_that_moved_takes_its_tickets_along(store: Store) -> None:
    one, new = ticket(store, 1), Ref("jira", "dev", "OPS-9")
    store.link(one, LinkedIssue(ISSUE, "escalation"), NOW)
    store.rename(ISSUE, new, NOW)
    assert (store.hanging_on(ISSUE), store.hanging_on(new)) == ([], [one.ref])
