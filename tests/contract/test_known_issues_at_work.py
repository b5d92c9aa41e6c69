"""Tickets and the registry of known issues, with the real clients against the sandbox: matched before they are routed,
tagged, told when it is fixed, and never told a workaround that stopped working (S0-63, S4-59, S4-71)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.triage import records
from app.triage.decision import Decision
from app.triage.known_issues.entry import RegistryEntry, over
from app.triage.ticket import Ref
from config.accounts import JiraAccount, ZendeskAccount
from tests.contract.workshop import LOGIN, Workshop
from workers import index_ticket

SLOW = "The CSV export of our reports takes forever, it does not finish."
STUCK = (
    "When we press export on the reports page the CSV download spins and then stops at 99 percent. The browser shows a "
    "spinner. It began after the update on Monday and concerns all our accounts with more than ten thousand rows."
)
ENTRY = RegistryEntry(
    source="hand", key="hand:123-slow-csv-export", tag="123-slow-csv-export", title="Slow CSV export",
    patterns=("export .. (?:slow|forever)",), workaround="Export one month at a time.",
)  # fmt: skip


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox, tmp_path: Path) -> Iterator[Workshop]:
    opened = Workshop(tmp_path, sandbox)
    yield opened
    opened.close()


def add(shop: Workshop, entry: RegistryEntry = ENTRY, tenant: str = "desk") -> RegistryEntry:
    return shop.runtime.store.change_known_issue(tenant, entry, shop.now())


def decided(shop: Workshop, ref: Ref) -> Decision:
    last = shop.runtime.store.last_decision(ref)
    assert last is not None
    return records.from_json(last)


def comments(shop: Workshop, ref: Ref, *, public: bool) -> list[str]:
    return [one["body"] for one in shop.shown(ref)["comments"] if one["public"] is public]


def agent_notes(shop: Workshop, ref: Ref, body: str) -> None:
    shop.control("POST", f"/zendesk/tickets/{ref.id}/comments", {"body": body, "by": "agent", "public": False})
    shop.tell(ref)


def edit(shop: Workshop, ref: Ref, **changes: Any) -> None:
    shop.control("POST", f"/zendesk/tickets/{ref.id}/edit", changes)
    shop.tell(ref)


def customer_adds(shop: Workshop, ref: Ref, body: str) -> None:
    shop.control("POST", f"/zendesk/tickets/{ref.id}/comments", {"body": body})
    shop.tell(ref)


@pytest.mark.policy("S0-63", "S4-71", "U-06")
def test_a_ticket_that_matches_is_tagged_and_its_customer_told_what_helps(shop: Workshop) -> None:
    add(shop)
    ref = shop.customer_writes("zendesk", "Export", SLOW)
    shop.work(ref)
    decision = decided(shop, ref)
    assert decision.known_issue == ENTRY.tag
    assert decision.checks["known_issues"] == f"{ENTRY.tag}: the customer says a phrase of it"
    assert {ENTRY.tag, "known-issue"} <= set(shop.shown(ref)["tags"])
    (said,) = comments(shop, ref, public=True)[1:]
    assert "We know it as: Slow CSV export" in said
    assert "Export one month at a time." in said
    assert [one.id for one, _ in shop.runtime.store.known_issues_of(ref)] == [1]
    requests = len(shop.requests())
    shop.tell(ref)
    assert shop.work(ref) == ["unchanged"]
    assert all(one["method"] == "GET" for one in shop.requests()[requests:])


def test_an_entry_of_another_tenant_is_none_of_its_business(sandbox: Sandbox, tmp_path: Path) -> None:
    accounts: dict[str, Any] = {
        "zendesk": {"desk": ZendeskAccount(url=f"{sandbox.url}/zendesk", tenant="one", **LOGIN)},
        "jira": {"desk": JiraAccount(url=f"{sandbox.url}/jira", tenant="one", **LOGIN)},
    }
    shop = Workshop(tmp_path, sandbox, **accounts)
    add(shop, tenant="two")
    add(shop, tenant="desk")
    ref = shop.customer_writes("zendesk", "Export", SLOW)
    shop.work(ref)
    assert decided(shop, ref).known_issue is None
    add(shop, tenant="one")
    issue = shop.customer_writes("jira", "Export", SLOW)
    shop.work(issue)
    assert decided(shop, issue).known_issue == ENTRY.tag
    shop.close()


@pytest.mark.policy("S4-59")
def test_when_it_is_fixed_its_tickets_hear_it_once_and_lose_our_tag(shop: Workshop) -> None:
    entry = add(shop)
    mine, theirs = (shop.customer_writes("zendesk", "Export", SLOW) for _ in range(2))
    edit(shop, theirs, add_tags=[ENTRY.tag])
    for ref in (mine, theirs):
        shop.work(ref)
        assert ENTRY.tag in shop.shown(ref)["tags"]
    shop.runtime.store.change_known_issue("desk", over(entry, "fixed", "4.2", shop.now()), shop.now())
    assert {mine, theirs} <= set(shop.runtime.store.due(shop.now(), 10))
    for _ in range(2):
        for ref in (mine, theirs):
            shop.work(ref)
            shop.tell(ref)
    for ref in (mine, theirs):
        told = [one for one in comments(shop, ref, public=False) if "is fixed in 4.2" in one]
        assert len(told) == 1
        assert decided(shop, ref).known_issue is None
    assert ENTRY.tag not in shop.shown(mine)["tags"]
    assert ENTRY.tag in shop.shown(theirs)["tags"], "a person put it on"


def test_what_a_person_takes_off_stays_off(shop: Workshop) -> None:
    add(shop)
    ref = shop.customer_writes("zendesk", "Export", SLOW)
    shop.work(ref)
    edit(shop, ref, remove_tags=[ENTRY.tag])
    shop.work(ref)
    assert ENTRY.tag not in shop.shown(ref)["tags"]
    assert decided(shop, ref).known_issue is None
    assert any("a person took its tag off" in one.why for one in decided(shop, ref).ruled_out)
    assert shop.runtime.store.known_issues_of(ref) == []


def test_a_workaround_that_stopped_for_two_customers_is_told_to_no_third(shop: Workshop) -> None:
    add(shop)
    stopped = "The workaround no longer works."
    for number in range(3):
        ref = shop.customer_writes("zendesk", "Export", SLOW, requester=f"Ann {min(number, 1)}")
        shop.work(ref)
        if number == 1:
            entry = shop.runtime.store.known_issue("desk", "123")
            assert entry is not None
            assert not entry.workaround_broken, "one customer, however often"
        customer_adds(shop, ref, stopped)
        shop.work(ref)
    entry = shop.runtime.store.known_issue("desk", "123")
    assert entry is not None
    assert entry.workaround_broken
    assert any("stopped working" in one for one in decided(shop, ref).warnings)
    third = shop.customer_writes("zendesk", "Export", SLOW, requester="Zoe")
    shop.work(third)
    (said,) = comments(shop, third, public=True)[1:]
    assert "We know it as: Slow CSV export" in said
    assert "one month" not in said


def test_an_agent_s_word_is_enough_and_another_workaround_is_told_again(shop: Workshop) -> None:
    add(shop)
    ref = shop.customer_writes("zendesk", "Export", SLOW)
    shop.work(ref)
    agent_notes(shop, ref, "/triage workaround-broken")
    shop.work(ref)
    entry = shop.runtime.store.known_issue("desk", "123")
    assert entry is not None
    assert entry.workaround_broken
    assert any("no customer is told a workaround" in one for one in comments(shop, ref, public=False))
    shop.pass_time(minutes=1)
    mended = replace(entry, workaround="Use the API.", workaround_broken=False, workaround_at=shop.now())
    shop.runtime.store.change_known_issue("desk", mended, shop.now())
    shop.tell(ref)
    shop.work(ref)
    other = shop.customer_writes("zendesk", "Export", SLOW)
    shop.work(other)
    assert "Use the API." in comments(shop, other, public=True)[-1]


def test_a_ticket_that_describes_the_same_in_other_words_is_matched_or_named(shop: Workshop) -> None:
    add(shop, replace(ENTRY, patterns=(), title="CSV download of reports stops at 99 percent", text=STUCK))
    ref = shop.customer_writes("zendesk", "CSV download of reports stops at 99 percent", f"Hello. {STUCK}")
    shop.work(ref)
    assert decided(shop, ref).known_issue == ENTRY.tag
    assert "it describes the same" in decided(shop, ref).checks["known_issues"]
    alike = shop.customer_writes("zendesk", "Download of reports stops", "Since today reports stop at 99 percent.")
    shop.work(alike)
    assert decided(shop, alike).known_issue is None
    assert any(f"perhaps the known issue {ENTRY.tag}" in one for one in decided(shop, alike).warnings)
    other = shop.customer_writes("zendesk", "Invoice", "Our invoice shows the wrong address.")
    shop.work(other)
    assert decided(shop, other).known_issue is None
    assert not any("known issue" in one.what for one in decided(shop, other).ruled_out)


@pytest.mark.policy("S4-72")
def test_the_index_ticket_has_one_line_for_each_entry_and_one_for_each_change(sandbox: Sandbox, tmp_path: Path) -> None:
    account = ZendeskAccount(url=f"{sandbox.url}/zendesk", engineering="desk", index_ticket="1001", **LOGIN)
    shop = Workshop(tmp_path, sandbox, zendesk={"desk": account})
    index = shop.customer_writes("zendesk", "Index of known issues", "The whole service is down for all users.")
    assert index.id == "1001"
    entry = add(shop)
    add(shop, replace(ENTRY, key="hand:9-hole", tag="9-hole-in-login", title="Hole", security=True))
    add(shop, replace(ENTRY, key="hand:new", tag="", title="Nobody approved it", state="candidate"))

    def told() -> list[str]:
        assert index_ticket.ring(shop.runtime) == 1
        assert index_ticket.ring(shop.runtime) == 0
        shop.work(index)
        shop.tell(index)
        shop.work(index)
        notes = comments(shop, index, public=False)
        return [line for note in notes for line in note.splitlines() if "123-" in line or "124-" in line]

    (first,) = told()
    assert "123-slow-csv-export" in first
    assert "open" in first
    add(shop, replace(ENTRY, key="hand:124", tag="124-lost-mails", title="Lost mails"))
    assert len(told()) == 2
    shop.runtime.store.change_known_issue("desk", over(entry, "fixed", "4.2", shop.now()), shop.now())
    lines = told()
    assert len(lines) == 3
    assert "fixed in 4.2" in lines[-1]
    add(shop, replace(entry, state="open", fixed_in=""))
    assert len(told()) == 4
    text = "\n".join(comments(shop, index, public=False))
    assert "hole" not in text
    assert "Nobody approved" not in text
    assert shop.runtime.store.history(index) == [], "it is no customer's ticket"
    assert len(comments(shop, index, public=True)) == 1
    assert shop.shown(index)["tags"] == []
    shop.close()


@pytest.mark.policy("S4-59")
def test_a_file_that_says_fixed_tells_the_tickets_too(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "issues.yaml"
    text = "123-slow-csv-export:\n  title: Slow CSV export\n  patterns: ['export .. (?:slow|forever)']\n"
    file.write_text(text)
    shop = Workshop(tmp_path, sandbox, known_issues_file=str(file))
    mine, other = (shop.customer_writes("zendesk", "Export", SLOW) for _ in range(2))
    for ref in (mine, other):
        shop.work(ref)
        assert decided(shop, ref).known_issue == ENTRY.tag
    file.write_text(f"{text}  fixed_in: '4.2'\n")
    shop.runtime = Runtime(shop.settings, {"TRIAGE_BRIDGE__PROJECT": "ENG"}, now=shop.now)
    shop.tell(mine)
    shop.work(mine)
    assert other in shop.runtime.store.due(shop.now(), 10), "the first one that is looked at has the others follow"
    shop.work(other)
    for ref in (mine, other):
        assert sum("is fixed in 4.2" in note for note in comments(shop, ref, public=False)) == 1
        assert ENTRY.tag not in shop.shown(ref)["tags"]
    shop.close()


def test_when_the_first_ticket_of_a_proposed_one_is_solved_it_is_fixed_and_open_again_with_it(shop: Workshop) -> None:
    first = shop.customer_writes("zendesk", "Export", SLOW)
    shop.work(first)
    shop.runtime.store.propose_known_issue(
        "desk", first, "Slow export", f"{first.id}-slow-export", shop.now(), approved=True
    )

    def state(status: str) -> str:
        edit(shop, first, status=status)
        shop.work(first)
        (entry,) = shop.runtime.store.known_issues("desk")
        return entry.state

    assert state("open") == "open"
    assert state("solved") == "fixed"
    assert state("open") == "open"
