"""Jira misbehaves on a real socket: exactly one request, at once the right word, nobody's text in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from app.errors import OutcomeUnknown, TriageError, Unavailable
from app.triage.bridge import NewIssue
from app.triage.ticket import Ref
from app.vendors import Write
from app.vendors.jira.client import JiraClient
from config.accounts import JiraAccount
from tests.contract.conftest import DROP, HANG, LEAK, FaultServer, answer
from tests.contract.faults import FAULTS, closed_port

REF = Ref("jira", "acme", "SUP-7")
ISSUE, CREATE = "/rest/api/2/issue/SUP-7", "/rest/api/2/issue"
LABELS = Write("PUT", ISSUE, {"update": {"labels": [{"add": "x"}]}}, ())
NOTE = Write("POST", f"{ISSUE}/comment", {"body": LEAK}, ())
MOVE = Write("POST", f"{ISSUE}/transitions", {"transition": {"id": "21"}}, ())
WATCH = Write("POST", f"{ISSUE}/watchers", "557058:dana", ())
LINK = Write("POST", "/rest/api/2/issueLink", {"type": {"name": "Relates"}}, ())
DESK_NOTE = Write("POST", "/rest/servicedeskapi/request/SUP-7/comment", {"body": LEAK, "public": False}, ())
DESK_REPLY = Write("POST", DESK_NOTE.path, {"body": LEAK, "public": True}, ())


@pytest.fixture
def client(fault_server: FaultServer) -> Iterator[JiraClient]:
    fault_server.healthy["/jira/rest/api/2/myself"] = answer("200 OK", b'{"accountId": "us"}')
    yield at(fault_server.url + "/jira")


def at(url: str) -> JiraClient:
    told: dict[str, Any] = {"email": "worker@acme.test", "token": SecretStr(LEAK), "timeout": 0.3}
    return JiraClient(JiraAccount(name="acme", url=url, **told))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_read_is_asked_once_and_named_rightly(client: JiraClient, fault_server: FaultServer, fault: Any) -> None:
    fault_server.fault = fault.answer
    client.whoami()
    start = time.monotonic()
    with pytest.raises(TriageError) as caught:
        client.fetch(REF)
    assert time.monotonic() - start < 2
    assert len(fault_server.faulted()) == 1
    fault.check(caught.value, fault.on_read)


@pytest.mark.parametrize("write", [LABELS, NOTE, MOVE], ids=["labels", "note", "move"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_write_is_sent_once_and_named_rightly(
    client: JiraClient, fault_server: FaultServer, fault: Any, write: Write
) -> None:
    fault_server.fault = fault.answer
    start = time.monotonic()
    with pytest.raises(TriageError) as caught:
        client.send(write)
    assert time.monotonic() - start < 2
    assert fault_server.faulted() == [(write.method, "/jira" + write.path)]
    fault.check(caught.value, fault.on_write)


@pytest.mark.parametrize("write", [WATCH, LINK], ids=["watcher", "link"])
@pytest.mark.parametrize("fault", [DROP, HANG, answer("503 Service Unavailable"), answer("502 Bad Gateway", b"<p>")])
def test_a_link_or_a_watcher_is_sent_once_and_its_outcome_is_unknown(
    client: JiraClient, fault_server: FaultServer, fault: bytes, write: Write
) -> None:
    fault_server.fault = fault
    with pytest.raises(OutcomeUnknown):
        client.send(write)
    assert fault_server.faulted() == [("POST", "/jira" + write.path)]


@pytest.mark.parametrize("fault", [DROP, HANG, answer("201 Created", b'{"key'), answer("201 Created", b"{}")])
def test_an_issue_whose_making_got_no_answer_is_not_made_again(
    client: JiraClient, fault_server: FaultServer, fault: bytes
) -> None:
    types, screen = f"{CREATE}/createmeta/ENG/issuetypes", f"{CREATE}/createmeta/ENG/issuetypes/1"
    fields = b'{"fields": [{"fieldId": "labels"}, {"fieldId": "summary"}]}'
    fault_server.healthy["/jira" + screen] = answer("200 OK", fields)
    fault_server.healthy["/jira" + types] = answer("200 OK", b'{"issueTypes": [{"id": "1", "name": "Bug"}]}')
    fault_server.fault = fault
    with pytest.raises(OutcomeUnknown):
        client.create_issue(NewIssue("ENG", "Bug", "x", "", "triage-1"))
    assert fault_server.faulted() == [("POST", "/jira" + CREATE)]


@pytest.mark.parametrize("write", [DESK_NOTE, DESK_REPLY], ids=["note", "reply"])
@pytest.mark.parametrize("fault", [DROP, HANG, answer("503 Service Unavailable"), answer("502 Bad Gateway", b"<p>")])
def test_a_service_desk_comment_of_unknown_outcome_is_not_tried_another_way(
    client: JiraClient, fault_server: FaultServer, fault: bytes, write: Write
) -> None:
    fault_server.fault = fault
    with pytest.raises(OutcomeUnknown):
        client.send(write)
    assert fault_server.faulted() == [("POST", "/jira" + DESK_NOTE.path)]


def test_a_refused_connection_wrote_nothing() -> None:
    client = at(f"http://127.0.0.1:{closed_port()}")
    for call in (client.whoami, lambda: client.send(NOTE)):
        with pytest.raises(Unavailable) as caught:
            call()
        assert LEAK not in str(caught.value)


def test_proxies_and_netrc_of_the_environment_are_not_heeded(
    client: JiraClient, fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert client.whoami() == "us"
    assert len(fault_server.seen) == 1
