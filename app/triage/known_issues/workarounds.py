"""Whether a workaround still works, by what customers and agents say of it (S0-50, S0-70)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.triage.classified import Classified
from app.triage.known_issues.entry import RegistryEntry

BROKEN = "workaround_broken"
"""The fact."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """That a ticket says that a workaround stopped working: when, and whether an agent does, by command."""

    at: datetime
    by_agent: bool

    def about(self, entry: RegistryEntry) -> bool:
        """Whether it is about the workaround as it reads now: what was said of an earlier one does not count."""
        return bool(entry.workaround) and (entry.workaround_at is None or self.at >= entry.workaround_at)


def complaint(read: Classified) -> Complaint | None:
    """What the ticket says of the workaround; None where it does not say that it stopped working."""
    if (command := read.seen.orders.workaround_broken) is not None:
        return Complaint(command.at, by_agent=True)
    evidence, ticket = read.facts.get(BROKEN), read.seen.ticket
    if evidence is None:
        return None
    at = next((one.at for one in ticket.comments if one.id == evidence.source), ticket.created_at)
    return Complaint(at, by_agent=False)


def hint(entry: RegistryEntry) -> str:
    """What a person is told on the ticket of a customer for whom it stopped working."""
    return (
        f"the workaround of {entry.name} stopped working, and no customer is told it any more; please mend it: "
        f'triage known-issues add {entry.number} --workaround "..."'
    )


def flagged(entry: RegistryEntry, now: datetime) -> RegistryEntry:
    """The entry with its workaround known as broken. What was said of it until now tells nothing of the next one."""
    return replace(entry, workaround_broken=True, workaround_at=now)
