"""A Jira site of the sandbox, as a Cloud or as a Data Center, with clients that talk to it over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from pydantic import SecretStr

from app.sandbox.server import Sandbox
from app.triage.actions import Action
from app.triage.ticket import Ref, Ticket
from app.vendors.jira.client import JiraClient
from config.accounts import JiraAccount
from tests.contract import vendor_specs

DEPLOYMENTS = ["cloud", "server"]
UNASSIGN = [b'{"accountId": null}']
"""What the description's words ask for ("if accountId is set to null, the issue is set to unassigned") and its schema,
which knows no null there, does not."""


class JiraSite:
    """One running site. What its clients send is held against Atlassian's description of the Cloud."""

    def __init__(self, sandbox: Sandbox, deployment: str) -> None:
        self.sandbox, self.deployment = sandbox, deployment
        self.base = f"{sandbox.url}/jira"
        self.control("POST", "settings", {"jira_deployment": deployment})

    def client(self, **changes: Any) -> JiraClient:
        told = {
            "name": "acme",
            "url": self.base,
            "email": "firstline@sandbox.example",
            "token": SecretStr("sandbox"),
            "deployment": self.deployment,
        }
        client = JiraClient(JiraAccount(**(told | changes)))
        if self.deployment == "cloud":
            client._jira._session.hooks["response"].insert(0, self._held_against_the_description)
        return client

    def _held_against_the_description(self, response: requests.Response, **_: Any) -> None:
        if response.request.body not in UNASSIGN:
            assert vendor_specs.problems("jira", response.request, self.base) == []

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.sandbox.url}/control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def new(self, **given: Any) -> str:
        given = {"subject": "Help", "body": "It broke", "requester": "Ann", **given}
        return str(self.control("POST", "jira/issues", given)["key"])

    def state(self, key: str) -> dict[str, Any]:
        """The issue with everything that belongs to it."""
        return dict(self.control("GET", f"jira/issues/{key}"))

    def fields(self, key: str) -> dict[str, Any]:
        return dict(self.state(key)["rendered"]["fields"])

    def user(self, email: str) -> str:
        """By what this site knows somebody."""
        user = self.sandbox.site.records.user_by_email(email)
        assert user is not None
        return user.username if self.deployment == "server" else user.account_id

    def read(self, client: JiraClient, key: str) -> Ticket:
        return client.fetch(Ref("jira", "acme", key))

    def carry_out(self, client: JiraClient, key: str, *actions: Action) -> list[tuple[str, str]]:
        """Do it; what was sent for it."""
        writes, impossible = client.writes(self.read(client, key), actions)
        assert impossible == {}
        before = len(self.asked())
        for write in writes:
            client.send(write)
        return self.asked()[before:]

    def asked(self) -> list[tuple[str, str]]:
        """Every request so far, by method and path."""
        return [(one["method"], one["path"].removeprefix("/rest")) for one in self.sandbox.journal.requests()]


@contextmanager
def running(deployment: str) -> Iterator[JiraSite]:
    """A site, stopped at the end."""
    if deployment == "cloud":
        vendor_specs.available("jira")
    with Sandbox(seed=False) as sandbox:
        yield JiraSite(sandbox, deployment)
