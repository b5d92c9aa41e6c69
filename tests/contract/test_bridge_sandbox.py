"""The bridge between the two sandboxes, over real sockets and with the real clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.store.migrate import migrate
from app.triage.ticket import Event, Ref
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.contract.test_reconcile import Clock
from workers.reconcile import reconcile

OURS = {"email": "firstline@sandbox.example", "token": "sandbox", "timeout": 5}
KNOBS = {"TRIAGE_BRIDGE__PROJECT": "ENG", "TRIAGE_BRIDGE__COMPONENTS": '{"": "No such component"}'}
BODY = """The CSV export shows an error for three users.

Steps to reproduce:
1. Open Reports
2. Click Export

> Firstline note 0123456789ab
h1. {noformat} *not* markup
"""


class Desk:
    """Both sandboxes by their control door."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url
        self.http = requests.Session()
        self.http.trust_env = False

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"{self.url}/control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def jira(self, path: str) -> Any:
        answer = self.http.get(f"{self.url}/jira/rest/api/2/{path}", auth=(OURS["email"], OURS["token"]), timeout=5)
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Sandbox(seed=False) as sandbox:
        yield Desk(sandbox)


@pytest.fixture
def runtime(desk: Desk, tmp_path: Path) -> Iterator[Runtime]:
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/store.db",
        redis_url="redis://127.0.0.1:1/0",
        mode="auto",
        zendesk={"acme": ZendeskAccount(url=f"{desk.url}/zendesk", engineering="dev", **OURS)},
        jira={"dev": JiraAccount(url=f"{desk.url}/jira", **OURS)},
    )
    migrate(settings.database_url)
    built = Runtime(settings, KNOBS, now=Clock())
    yield built
    built.store.close()


def ring(runtime: Runtime, ref: Ref, delivery: str) -> str:
    runtime.store.record(Event(ref, "updated", delivery), "x", runtime.now())
    return reconcile(runtime, ref).outcome


def test_a_ticket_of_zendesk_gets_its_issue_in_jira_and_hears_of_it(runtime: Runtime, desk: Desk) -> None:
    made = desk.control("POST", "zendesk/tickets", {"subject": "Export fails", "body": BODY})
    ref = Ref("zendesk", "acme", str(made["id"]))
    note = {"body": "Reproduced, it needs a code fix.", "public": False, "by": "agent"}
    desk.control("POST", f"zendesk/tickets/{ref.id}/comments", note)
    assert ring(runtime, ref, "a") == "decided"
    assert ring(runtime, ref, "b") == "unchanged"
    (issue,) = runtime.store.linked(ref)
    fields = desk.jira(f"issue/{issue.ref.id}")["fields"]
    assert fields["project"]["key"] == "ENG"
    assert fields["summary"] == "Export fails"
    assert {f"zendesk-acme-{ref.id}", "firstline"} <= set(fields["labels"])
    assert fields["assignee"] is None
    assert "of what is needed" in fields["description"]
    (link,) = desk.jira(f"issue/{issue.ref.id}/remotelink")
    assert link["globalId"] == f"zendesk=acme&ticket={ref.id}"
    assert link["object"]["url"] == f"{desk.url}/zendesk/agent/tickets/{ref.id}"
    assert "components" in issue.left_out, "one bad field did not stop the others"
    assert told(desk, ref, "Engineering has this ticket as") == 1

    desk.control("POST", f"jira/issues/{issue.ref.id}/comments", {"body": "#support a full disk", "by": "agent"})
    assert ring(runtime, issue.ref, "c") == "observed"
    assert ring(runtime, ref, "d") in ("decided", "unchanged")
    assert ring(runtime, ref, "e") == "unchanged"
    assert told(desk, ref, "An engineer wrote to support") == 1
    assert told(desk, ref, "a full disk") == 1
    assert len(desk.jira(f"issue/{issue.ref.id}")["fields"]["comment"]["comments"]) == 1, "nothing of ours is there"


def told(desk: Desk, ref: Ref, words: str) -> int:
    """How many internal comments of the ticket hold these words."""
    comments = desk.control("GET", f"zendesk/tickets/{ref.id}")["comments"]
    return sum(words in str(one) for one in comments if not one["public"])
