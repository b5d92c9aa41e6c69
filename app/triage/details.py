"""What can be read off a ticket beyond its facts: steps, environment, error texts, numbers."""

from __future__ import annotations

from dataclasses import dataclass

from app.triage.decision import Evidence
from app.triage.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Details:
    """Each with the words it rests on; None or empty where the customer did not tell."""

    steps: tuple[Evidence, ...] = ()
    expected: Evidence | None = None
    actual: Evidence | None = None
    environment: Evidence | None = None
    client: Evidence | None = None
    role: Evidence | None = None
    urls: tuple[Evidence, ...] = ()
    errors: tuple[Evidence, ...] = ()
    logs: Evidence | None = None
    affected: Evidence | None = None
    impact: Evidence | None = None
    money: Evidence | None = None
    screenshot: Evidence | None = None
    tried: tuple[Evidence, ...] = ()
    problem: Evidence | None = None
    disruption: str = ""
    capability: str = ""


def details(ticket: Ticket) -> Details:
    """What the customer told."""
    return Details()
