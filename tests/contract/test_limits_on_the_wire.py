"""429s in every form on a real socket, through both clients: heard once, and nothing more is sent until its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from app.budget.gate import Budget
from app.errors import Busy, Held, OutcomeUnknown, TriageError, Unavailable
from app.triage.actions import AddTags
from app.vendors import VendorClient, Write
from app.vendors.jira.client import JiraClient
from app.vendors.jira.limits import JiraLimits
from app.vendors.zendesk.client import ZendeskClient
from app.vendors.zendesk.limits import ZendeskLimits
from config.accounts import JiraAccount, ZendeskAccount
from tests.conftest import NOW
from tests.contract.conftest import DROP, HANG, FaultServer, answer

TAGS = (AddTags(("x",)),)
DATE = ("Date: Mon, 02 Mar 2026 10:00:00 GMT", "Retry-After: Mon, 02 Mar 2026 10:00:30 GMT")


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def zendesk(fault_server: FaultServer, clock: Clock, request: pytest.FixtureRequest) -> tuple[VendorClient, Budget]:
    told: dict[str, Any] = {"email": "worker@acme.test", "token": SecretStr("t"), "timeout": 0.3}
    account = ZendeskAccount(name="acme", url=fault_server.url, **told)
    budget = Budget("zendesk:acme", ZendeskLimits(account), None, clock, request.node.nodeid)
    return ZendeskClient(account, budget), budget


@pytest.fixture
def jira(fault_server: FaultServer, clock: Clock, request: pytest.FixtureRequest) -> tuple[VendorClient, Budget]:
    told: dict[str, Any] = {"email": "worker@acme.test", "token": SecretStr("t"), "timeout": 0.3}
    account = JiraAccount(name="acme", url=fault_server.url, **told)
    budget = Budget("jira:acme", JiraLimits(account), None, clock, request.node.nodeid)
    return JiraClient(account, budget), budget


def ticket(number: int) -> Write:
    return Write("PUT", f"/api/v2/tickets/{number}.json", {"ticket": {"tags": ["x"]}}, TAGS)


def issue(key: str) -> Write:
    return Write("PUT", f"/rest/api/2/issue/{key}", {"update": {}}, TAGS)


def outcome_of(client: VendorClient, write: Write) -> type[TriageError] | None:
    try:
        client.send(write)
    except TriageError as error:
        return type(error)
    return None


@pytest.mark.parametrize("headers", [("Retry-After: 30",), DATE], ids=["seconds", "date"])
def test_a_429_of_zendesks_holds_back_every_update_until_its_end(
    zendesk: tuple[VendorClient, Budget], fault_server: FaultServer, clock: Clock, headers: tuple[str, ...]
) -> None:
    client, budget = zendesk
    budget.decided(0)
    fault_server.fault = answer("429 Too Many Requests", b"{}", *headers)
    with pytest.raises(Busy) as busy:
        client.send(ticket(1))
    assert busy.value.after == 30.0
    with pytest.raises(Held) as held:
        client.send(ticket(2))
    assert held.value.after == pytest.approx(30.0)
    assert len(fault_server.seen) == 1, "held back before it was sent"
    clock.at += timedelta(seconds=30)
    fault_server.fault = answer("200 OK", b'{"ticket": {"id": 2}}')
    assert outcome_of(client, ticket(2)) is None


@pytest.mark.parametrize("headers", [(), ("Retry-After: soon",)], ids=["none", "garbage"])
def test_a_429_without_a_time_rests_some_seconds(
    zendesk: tuple[VendorClient, Budget], fault_server: FaultServer, clock: Clock, headers: tuple[str, ...]
) -> None:
    client, _ = zendesk
    fault_server.fault = answer("429 Too Many Requests", b"{}", *headers)
    assert outcome_of(client, ticket(1)) is Busy
    with pytest.raises(Held) as held:
        client.send(ticket(2))
    assert 5 <= (held.value.after or 0) <= 10


def test_a_tickets_own_limit_holds_back_that_ticket_alone(
    zendesk: tuple[VendorClient, Budget], fault_server: FaultServer
) -> None:
    client, _ = zendesk
    spent = "zendesk-ratelimit-per-ticket-updates: total=30; remaining=0; resets=400"
    fault_server.fault = answer("429 Too Many Requests", b"{}", "Retry-After: 400", spent)
    assert outcome_of(client, ticket(1)) is Busy
    fault_server.fault = answer("200 OK", b'{"ticket": {"id": 2}}')
    assert outcome_of(client, ticket(2)) is None
    assert outcome_of(client, ticket(1)) is Held


def test_what_others_used_up_is_learnt_from_an_answer(
    zendesk: tuple[VendorClient, Budget], fault_server: FaultServer
) -> None:
    client, budget = zendesk
    nearly = "zendesk-rate-limit-tickets-update: total=100; remaining=15; resets=42"
    fault_server.fault = answer("200 OK", b'{"ticket": {"id": 1}}', nearly)
    budget.begin(None)
    assert outcome_of(client, ticket(1)) is None
    assert dict(budget.remaining())["updates"] == 15
    budget.decided(3)
    assert outcome_of(client, ticket(2)) is Held, "fifteen are left to P0 and P1"
    budget.decided(1)
    assert outcome_of(client, ticket(2)) is None


@pytest.mark.parametrize(
    ("headers", "other_issue", "reading"),
    [
        (("RateLimit-Reason: jira-per-issue-on-write", "Retry-After: 2"), None, None),
        (("RateLimit-Reason: jira-burst-based", "Retry-After: 1"), Held, None),
        (("RateLimit-Reason: jira-quota-tenant-based", "X-RateLimit-Reset: 2026-03-02T10:40:00Z"), Held, Held),
        (("RateLimit-Reason: jira-something-new",), Held, Held),
        ((), Held, Held),
    ],
    ids=["per-issue", "burst", "quota", "unknown-reason", "nothing"],
)
def test_a_429_of_jiras_holds_back_what_its_reason_names(
    jira: tuple[VendorClient, Budget],
    fault_server: FaultServer,
    headers: tuple[str, ...],
    other_issue: type[TriageError] | None,
    reading: type[TriageError] | None,
) -> None:
    client, _ = jira
    fault_server.fault = answer("429 Too Many Requests", b"{}", *headers)
    assert outcome_of(client, issue("SUP-1")) is Busy
    fault_server.fault = answer("204 No Content", b"")
    fault_server.healthy["/rest/api/2/myself"] = answer("200 OK", b'{"accountId": "us"}')
    assert outcome_of(client, issue("SUP-1")) is Held
    assert outcome_of(client, issue("SUP-2")) is other_issue
    if reading is None:
        assert client.whoami() == "us"
    else:
        with pytest.raises(reading):
            client.whoami()


@pytest.mark.parametrize("which", ["zendesk", "jira"])
@pytest.mark.parametrize(
    ("fault", "said"),
    [(answer("503 Service Unavailable"), OutcomeUnknown), (DROP, OutcomeUnknown), (HANG, OutcomeUnknown)],
    ids=["503", "drop", "hang"],
)
def test_five_failures_open_the_breaker_and_then_nothing_is_sent(
    request: pytest.FixtureRequest, fault_server: FaultServer, clock: Clock, which: str, fault: bytes, said: Any
) -> None:
    client, budget = request.getfixturevalue(which)
    make: Mapping[str, Callable[[int], Write]] = {"zendesk": ticket, "jira": lambda number: issue(f"SUP-{number}")}
    fault_server.fault = fault
    assert [outcome_of(client, make[which](number)) for number in range(7)] == [said] * 5 + [Held] * 2
    assert len(fault_server.seen) == 5
    with pytest.raises(Unavailable):
        client.whoami()
    assert len(fault_server.seen) == 5
    clock.at += timedelta(seconds=30)
    assert [outcome_of(client, make[which](number)) for number in range(2)] == [said, Held]
    assert budget.open()
