"""Worker, store and real clients in this process against a sandbox on a real socket, under a clock that the test moves:
a wait of minutes costs nothing, and every request is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr

from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.triage.ticket import Event, Ref
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.contract.databases import fresh
from workers.reconcile import reconcile

LOGIN: dict[str, Any] = {"email": "firstline@sandbox.example", "token": SecretStr("sandbox"), "timeout": 0.4}


class Workshop:
    """One desk at each vendor. ``at`` is its clock: the real one, put forward."""

    def __init__(self, folder: Path, sandbox: Sandbox, **settings: Any) -> None:
        self.sandbox = sandbox
        self.http = requests.Session()
        self.http.trust_env = False
        self._ahead = timedelta()
        self._rings = 0
        values: dict[str, Any] = {
            "database_url": fresh(folder),
            "redis_url": "memory://",
            "sandbox": True,
            "model": "off",  # what phrases and rules make of a text can be foretold
            "zendesk": {"desk": ZendeskAccount(url=f"{sandbox.url}/zendesk", engineering="desk", **LOGIN)},
            "jira": {"desk": JiraAccount(url=f"{sandbox.url}/jira", **LOGIN)},
        }
        self.settings = Settings(_env_file=None, **(values | settings))
        self.runtime = Runtime(self.settings, {"TRIAGE_BRIDGE__PROJECT": "ENG"}, now=self.now)

    def now(self) -> datetime:
        """The worker's clock."""
        return datetime.now(UTC) + self._ahead

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the sandbox's control API."""
        answer = self.http.request(method, f"{self.sandbox.url}/control{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def customer_writes(self, vendor: str, subject: str, body: str, **more: Any) -> Ref:
        """A customer files a ticket, and its delivery is kept."""
        where = "/zendesk/tickets" if vendor == "zendesk" else "/jira/issues"
        made = self.control("POST", where, {"subject": subject, "body": body, **more})
        ref = Ref("zendesk", "desk", str(made["id"])) if vendor == "zendesk" else Ref("jira", "desk", made["key"])
        self.tell(ref, "created")
        return ref

    def tell(self, ref: Ref, kind: str = "updated") -> None:
        """A delivery about a ticket is kept."""
        self._rings += 1
        self.runtime.store.record(Event(ref, kind, f"delivery-{self._rings}"), "x", self.now())

    def work(self, ref: Ref, most: int = 12) -> list[str]:
        """Look at the ticket until it needs nothing more, its pauses passed by at once; returns how each run ended."""
        ends: list[str] = []
        for _ in range(most):
            result = reconcile(self.runtime, ref)
            ends.append(result.outcome)
            if result.outcome != "waiting" and result.again is None:
                return ends
            ref = result.again or ref
            self._ahead += timedelta(seconds=max(result.delay, 1.0) + 300 * (result.outcome == "waiting"))
        raise AssertionError(f"{ref} does not come to rest: {ends}")

    def pass_time(self, **by: float) -> None:
        """Put the clock forward."""
        self._ahead += timedelta(**by)

    def shown(self, ref: Ref) -> Any:
        """The ticket's whole state at the vendor."""
        where = "/zendesk/tickets/" if ref.vendor == "zendesk" else "/jira/issues/"
        return self.control("GET", where + ref.id)

    def requests(self) -> list[dict[str, Any]]:
        """Every request to the vendors' APIs since the last ``forget``."""
        return [entry for entry in self.sandbox.journal.requests() if entry["vendor"]]

    def forget(self) -> None:
        """Count anew."""
        self.sandbox.journal.clear()

    def close(self) -> None:
        """Give the connections back."""
        self.runtime.store.close()
        self.http.close()
