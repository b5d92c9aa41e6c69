"""What a target is told: that an incident is open, that somebody sees to it, or that it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Alert:
    """``key`` names this one message, ``dedup_key`` the incident: both are the same however often it is sent.
    ``summary`` is one line, ``url`` where the ticket is opened, ``at`` when the page opened (UTC)."""

    action: Literal["trigger", "acknowledge", "resolve"]
    key: str
    dedup_key: str
    ticket: str
    step: str
    severity: str
    summary: str
    text: str
    url: str
    at: datetime
    late: bool = False


class Target(Protocol):
    """Somewhere an alert can be sent. ``id`` names it without its secret, ``follows`` says whether it also takes
    acknowledgements and ends."""

    @property
    def id(self) -> str:
        """``pagerduty-1a2b3c``."""

    @property
    def follows(self) -> bool:
        """Whether it keeps incidents by their key."""

    def send(self, alert: Alert, now: datetime) -> None:
        """Deliver once, without waiting to try again; returning is the receipt. Raises TriageError."""
