"""The vendors' side of the house: what every vendor's adapter offers, and nothing that loads a vendor's library.

Each folder has the same files: ``signature`` and ``payload`` (pure functions of a webhook's headers and body),
``actions`` (pure: actions to requests), ``client`` (the only one that loads the vendor's library and talks to it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.triage.actions import Action
from app.triage.ticket import Ref, Ticket


@dataclass(frozen=True, slots=True)
class Write:
    """One request to a vendor that changes something, and the actions it carries out. Nothing is sent yet."""

    method: str
    path: str
    body: Mapping[str, Any]
    actions: tuple[Action, ...]


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

    def send(self, write: Write) -> None:
        """Send one write, once. Returning means the vendor confirmed it."""
        ...
