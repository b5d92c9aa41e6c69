"""The vendors' side of the house: what every vendor's adapter offers, and nothing that loads a vendor's library.

Each folder has the same files: ``signature`` and ``payload`` (pure functions of a webhook's headers and body),
``actions`` (pure: actions to requests), ``client`` (the only one that loads the vendor's library and talks to it),
``setup`` (what an administrator would make there by hand) and ``checks`` (pure: what may be wrong there).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from app.triage.actions import Action
from app.triage.bridge import NewIssue, RemoteLink
from app.triage.known_issues.sources import SourceIssue
from app.triage.ticket import Ref, Ticket


@dataclass(frozen=True, slots=True)
class Write:
    """One request to a vendor that changes something, and the actions it carries out. Nothing is sent yet.

    ``body`` is JSON: an object, or a bare text where the vendor wants that (a watcher at Jira). ``aside``: the ticket
    can do without it, so that its refusal, for a permission that we lack, stops nothing else. ``found``: the status
    that the ticket must still have when it is sent, for a vendor who does not mind; empty where that does not matter.
    """

    method: str
    path: str
    body: Any
    actions: tuple[Action, ...]
    aside: bool = False
    found: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A ticket that changed, as a list of changes shows it. ``version`` is the vendor's exact text of when."""

    ref: Ref
    version: str
    at: datetime
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of changes, the oldest first. ``cursor`` goes on after it, whether now (``more``) or later."""

    changes: tuple[Change, ...]
    cursor: str
    more: bool


class VendorClient(Protocol):
    """One account at one vendor. Not shared between threads or processes; never retries, never sleeps.

    Every method raises only errors of ``app.errors``: Busy, Unavailable, Conflict, OutcomeUnknown (retryable);
    Gone, Refused, Unauthorized (permanent).
    """

    def whoami(self) -> str:
        """Our own user's id at the vendor; one request, then remembered. Proves the credentials."""
        ...

    def fetch(self, ref: Ref) -> Ticket:
        """The ticket with its whole thread. ``ticket.ref`` is the canonical reference and may differ from ``ref``
        (a Jira issue asked for by number, or moved to another project)."""
        ...

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        """The requests that carry out the actions, in the order they must be sent, and the actions that cannot be
        carried out with the reason why (a group that does not exist)."""
        ...

    def send(self, write: Write) -> str | None:
        """Send one write, once. Returning means the vendor confirmed it. Returns the version of the ticket that it left
        (see ``Ticket.version``), where the answer tells."""
        ...


class TellsChanges(Protocol):
    """What a sweep asks for tickets whose webhook never came."""

    def changed(self, since: datetime, cursor: str = "") -> Changes:
        """One page of what changed since then, or since the cursor of the page before. One request."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """Where a change of many tickets stands at the vendor. ``failed`` are the ids that did not take it, with why."""

    state: Literal["queued", "working", "failed", "completed"]
    failed: Mapping[str, str]


class ManyAtOnce(Protocol):
    """What Zendesk offers besides: one request that changes many tickets, done in its own time."""

    def retag(self, ticket_ids: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> str:
        """Ask for tags to be added to and removed from up to a hundred tickets. Returns the job's id."""
        ...

    def job(self, job_id: str) -> Job:
        """Where the job stands. Raises Gone a day after its end."""
        ...


@dataclass(frozen=True, slots=True)
class Tracked:
    """Known issues as a tracker lists them, the last changed first. ``whole``: there are no others."""

    issues: tuple[SourceIssue, ...]
    whole: bool


class ListsKnownIssues(Protocol):
    """What is asked for known issues now and then."""

    def known_issues(self) -> Tracked:
        """The account's known issues; a few requests at most. None are asked for where the settings want none."""
        ...


class IssueTracker(Protocol):
    """What Jira offers besides: issues made for tickets of another system."""

    def find_issue(self, marker: str) -> Ref | None:
        """The issue that carries this label, the oldest of several; None where the search shows none (it lags)."""
        ...

    def create_issue(self, issue: NewIssue) -> tuple[Ref, Mapping[str, str]]:
        """Make an issue. Returns it, and the fields that it had to be made without, each with the reason."""
        ...

    def link_remote(self, ref: Ref, link: RemoteLink) -> None:
        """Show another system's ticket on the issue. The same ``global_id`` again changes the link, it adds none."""
        ...
