"""What the site holds: users and issues with their comments, histories, links and properties.

Records are plain and small (names and ids); ``render.py`` makes Jira's shapes of them. Whoever touches them holds
``lock``; nothing sleeps or calls out under it.
"""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.sandbox import people
from app.sandbox.jira import catalog
from app.sandbox.jira.errors import no_issue


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an account: ``kind`` is atlassian (agents, apps) or customer (portal only)."""

    account_id: str
    name: str
    kind: str
    email: str = ""
    organization: str = ""

    @property
    def username(self) -> str:
        """By what a Data Center knows them."""
        return self.name.lower().replace(" ", ".")


@dataclass(slots=True)
class Comment:
    """``public`` is what Jira shows as jsdPublic; ``properties`` are the comment's entity properties."""

    id: str
    author: str
    body: str
    created: str
    updated: str
    public: bool = True
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Issue:
    """``values`` holds the fields by id, in a plain form: text, lists of text, account ids, names."""

    id: str
    key: str
    project: str
    issuetype: str
    status: str
    creator: str
    created: str
    updated: str
    values: dict[str, Any] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    histories: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    remote_links: list[dict[str, Any]] = field(default_factory=list)
    watchers: list[str] = field(default_factory=list)
    resolution: str | None = None
    resolved: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """``source`` does to ``target`` what the type's outward words say: it duplicates, blocks, causes it."""

    id: str
    type_id: str
    source: str
    target: str


class Records:
    """All tables of one site."""

    def __init__(self, accounts: Mapping[str, str]) -> None:
        self.lock = threading.RLock()
        self.tokens = dict(accounts)
        self.users: dict[str, User] = {}
        self.organizations: dict[str, str] = {one.name: one.tier for one in people.ORGANIZATIONS}
        self.issues: dict[str, Issue] = {}
        self.keys: dict[str, str] = {}
        self.links: list[Link] = []
        self._ids = itertools.count(10100)
        self._numbers = {key: itertools.count(1) for key in catalog.PROJECTS}
        for email in accounts:
            self.add_user(User(_account_id(email, "712020:"), "Firstline", "atlassian", email))
        for agent in people.AGENTS:
            self.add_user(User(_account_id(agent.email, "712020:"), agent.name, "atlassian", agent.email))

    def new_id(self) -> str:
        """An id, unlike any other here."""
        return str(next(self._ids))

    def new_key(self, project: str) -> str:
        """The next key of a project."""
        return f"{project}-{next(self._numbers[project])}"

    def add_user(self, user: User) -> User:
        """Let somebody in."""
        self.users[user.account_id] = user
        return user

    def user_by_email(self, email: str) -> User | None:
        """The user with this address."""
        return next((one for one in self.users.values() if one.email.casefold() == email.casefold()), None)

    def caller(self, email: str) -> User:
        """The user whose token is used."""
        return next(one for one in self.users.values() if one.email == email)

    def named(self, user: Any, *, server: bool) -> User | None:
        """Somebody by accountId, or in a Data Center by user name."""
        if server:
            return next((one for one in self.users.values() if one.username == user), None)
        return self.users.get(user) if isinstance(user, str) else None

    def customer(self, name: str, email: str = "", organization: str = "") -> User:
        """A customer of the portal, made when new; the organisation is told, or found by the address's domain."""
        email = email or f"{uuid.uuid5(uuid.NAMESPACE_URL, name).hex[:8]}@customer.example"
        known = self.user_by_email(email)
        if known:
            return known
        domain = email.rpartition("@")[2].casefold()
        found = next((one.name for one in people.ORGANIZATIONS if one.domain == domain), "")
        owner = organization or found
        if owner:
            self.organizations.setdefault(owner, "")
        return self.add_user(User(_account_id(email, "qm:"), name, "customer", email, owner))

    def issue(self, key_or_id: str) -> Issue:
        """An issue by its id, its key, or a key it had before it was moved; letter case does not matter."""
        found = self.issues.get(key_or_id) or self.issues.get(self.keys.get(key_or_id.upper(), ""))
        if found is None:
            raise no_issue()
        return found


def _account_id(email: str, prefix: str) -> str:
    return prefix + str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email}"))
