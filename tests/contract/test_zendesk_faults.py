"""Zendesk misbehaves on a real socket: exactly one request, at once the right word, nobody's text in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from app.errors import OutcomeUnknown, Retryable, TriageError, Unavailable
from app.triage.actions import AddNote, Reply
from app.triage.ticket import Ref
from app.vendors import Write
from app.vendors.zendesk.client import ZendeskClient
from config.accounts import ZendeskAccount
from tests.contract.conftest import LEAK, FaultServer, answer
from tests.contract.faults import FAULTS, closed_port

REF = Ref("zendesk", "acme", "7")
WRITE = Write("PUT", "/api/v2/tickets/7.json", {"ticket": {"priority": "high"}}, (AddNote(LEAK, "m"),))
PUBLIC = {"comment": {"html_body": LEAK, "public": True}}
REPLY = Write("PUT", "/api/v2/tickets/7.json", {"ticket": PUBLIC}, (Reply("ack", LEAK, "m"),))


@pytest.fixture
def client(fault_server: FaultServer) -> Iterator[ZendeskClient]:
    fault_server.healthy["/zendesk/api/v2/users/me"] = answer("200 OK", b'{"user": {"id": 1}}')
    yield at(fault_server.url + "/zendesk")


def at(url: str) -> ZendeskClient:
    told: dict[str, Any] = {"email": "worker@acme.test", "token": SecretStr(LEAK), "timeout": 0.3}
    return ZendeskClient(ZendeskAccount(name="acme", url=url, **told))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_read_is_asked_once_and_named_rightly(client: ZendeskClient, fault_server: FaultServer, fault: Any) -> None:
    fault_server.fault = fault.answer
    client.whoami()
    start = time.monotonic()
    with pytest.raises(TriageError) as caught:
        client.fetch(REF)
    assert time.monotonic() - start < 2
    assert len(fault_server.faulted()) == 1
    fault.check(caught.value, fault.on_read)


@pytest.mark.parametrize("write", [WRITE, REPLY], ids=["put", "reply"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_write_is_sent_once_and_named_rightly(
    client: ZendeskClient, fault_server: FaultServer, fault: Any, write: Write
) -> None:
    fault_server.fault = fault.answer
    start = time.monotonic()
    with pytest.raises(TriageError) as caught:
        client.send(write)
    assert time.monotonic() - start < 2
    assert fault_server.faulted() == [("PUT", "/zendesk/api/v2/tickets/7.json")]
    fault.check(caught.value, fault.on_write)


@pytest.mark.parametrize("fault", FAULTS)
def test_lists_and_jobs_are_asked_for_once_and_named_rightly(
    client: ZendeskClient, fault_server: FaultServer, fault: Any
) -> None:
    fault_server.fault = fault.answer
    asked: list[tuple[Callable[[], object], type[TriageError]]] = [
        (lambda: client.changed(datetime(2026, 3, 1, tzinfo=UTC)), fault.on_read),
        (lambda: client.job("8b72"), fault.on_read),
        (lambda: client.retag(["1"], ["late"], []), fault.on_write),
    ]
    for number, (ask, expected) in enumerate(asked, 1):
        with pytest.raises(TriageError) as caught:
            ask()
        fault.check(caught.value, expected)
        assert len(fault_server.faulted()) == number


def test_who_we_are_is_asked_again_after_a_fault(fault_server: FaultServer) -> None:
    client = at(fault_server.url + "/zendesk")
    with pytest.raises(Unavailable):
        client.whoami()
    fault_server.healthy["/zendesk/api/v2/users/me"] = answer("200 OK", b'{"user": {"id": 1}}')
    assert client.whoami() == "1"


def test_a_refused_connection_wrote_nothing() -> None:
    client = at(f"http://127.0.0.1:{closed_port()}")
    for call in (client.whoami, lambda: client.send(WRITE)):
        with pytest.raises(Unavailable) as caught:
            call()
        assert LEAK not in str(caught.value)


def test_a_connection_that_idled_to_death_is_no_second_request(
    client: ZendeskClient, fault_server: FaultServer
) -> None:
    """A kept connection that the server closes: the write must not be sent again on a fresh one by itself."""
    client.whoami()
    with pytest.raises(Retryable) as caught:
        client.send(WRITE)
    assert isinstance(caught.value, OutcomeUnknown)
    assert len(fault_server.faulted()) == 1


def test_proxies_and_netrc_of_the_environment_are_not_heeded(
    client: ZendeskClient, fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert client.whoami() == "1"
    assert len(fault_server.seen) == 1
