"""One Jira site: its records, what may be done to its issues, its limits, and its webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g

from app.sandbox.jira.errors import too_many
from app.sandbox.jira.events import JiraHook, deliveries
from app.sandbox.jira.issues import Happening, Issues
from app.sandbox.jira.records import Issue, Records, User
from app.sandbox.jira.render import Render
from app.sandbox.limits import Window
from app.sandbox.webhooks import Sender


class Limits:
    """Writes to one issue (20 in 2 seconds, 100 in 30), and requests of one kind to one resource in a second (GET and
    POST 100, PUT and DELETE 50): "Rate limiting". A total of 0 switches one off."""

    def __init__(self) -> None:
        self.short = Window(20, 2.0)
        self.long = Window(100, 30.0)
        self.asks, self.edits = Window(100, 1.0), Window(50, 1.0)

    def ask(self, method: str, rule: str) -> None:
        """Count a request. Raises when there were too many of its kind."""
        window = self.edits if method in ("PUT", "DELETE") else self.asks
        wait = window.use((method, rule))
        if wait:
            raise too_many(wait, "jira-burst-based")

    def write(self, issue: Issue) -> None:
        """Count a write to this issue. Raises when there is no room."""
        wait = self.short.use(issue.id) or self.long.use(issue.id)
        if wait:
            raise too_many(wait, "jira-per-issue-on-write")


class Site:
    """Everything the two APIs act on. ``base`` is its address; ``shape`` that of comment webhooks: cloud or server.

    ``made_fields`` are fields that were made and are on no screen, ``denied`` the permissions that users lack.
    ``deployment`` is what it is, cloud or server (a Data Center); ``zone`` the time zone of everybody's profile.
    """

    def __init__(self, accounts: Mapping[str, str], sender: Sender, base: str) -> None:
        self.base, self.shape, self.deployment, self.zone = base, "cloud", "cloud", "Etc/UTC"
        self.records = Records(accounts)
        self.hooks: list[JiraHook] = []
        self.made_fields: list[dict[str, Any]] = []
        self.denied: set[str] = set()
        self.limits = Limits()
        self._sender = sender
        self.issues = Issues(self.records, self._tell)
        self._after_reads: list[tuple[str, str, Callable[[], None]]] = []

    def render(self, version: int = 2) -> Render:
        """Makes JSON of records."""
        return Render(self.records, self.base, version, server=self.server)

    @property
    def server(self) -> bool:
        """Whether it is a Data Center."""
        return self.deployment == "server"

    def once_read(self, issue_id: str, what: str, act: Callable[[], None]) -> None:
        """``act`` right after the next answer to a GET of this issue; ``what`` is ``issue`` or ``comments``."""
        with self.records.lock:
            self._after_reads.append((issue_id, what, act))

    def after_read(self, issue_id: str, what: str) -> None:
        """An answer was made: do what waited for it, before the answer leaves."""
        if not self._after_reads:
            return
        with self.records.lock:
            due = [entry for entry in self._after_reads if entry[:2] == (issue_id, what)]
            self._after_reads = [entry for entry in self._after_reads if entry not in due]
            for _, _, act in due:
                act()

    def _tell(self, happening: Happening) -> None:
        self._sender.send(list(deliveries(self.hooks, happening, self.render(), shape=self.shape)))


def caller(site: Site) -> User:
    """Who asks: the user that the authentication found."""
    return site.records.caller(g.who)


def written(site: Site, key: str) -> Issue:
    """The issue that a request is about to change; counts towards its limits."""
    issue = site.records.issue(key)
    site.limits.write(issue)
    return issue
