"""Faults that several open tickets report, as lists show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.triage.business_time import due
from app.triage.patterns.counts import in_time
from app.triage.policy import Policy
from app.triage.ticket import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The open tickets of one cluster: when each was made, UTC, with its customer, in order; and of the first ticket
    its subject, and the rank and the known issue that were decided last, empty for none."""

    master: Ref
    reports: tuple[tuple[datetime, str], ...]
    subject: str = ""
    severity: str = ""
    known_issue: str = ""

    @property
    def tickets(self) -> int:
        """How many are open."""
        return len(self.reports)

    @property
    def customers(self) -> int:
        """How many customers wrote them."""
        return len({customer for _, customer in self.reports})

    @property
    def since(self) -> datetime:
        """When the first of them was made, UTC."""
        return self.reports[0][0]


def storm_of(fault: Fault, policy: Policy, now: datetime) -> str:
    """``14 customers in 20 min`` while a storm is on: as many customers as ``duplicates.storm`` asks for within its
    time before the newest report, and no longer pause since than its gap. Empty for no storm."""
    storm, newest = policy.pack.duplicates.storm, fault.reports[-1][0]
    if due(newest, storm.gap, policy.calendar) < now:
        return ""
    lately = [one for one in fault.reports if due(one[0], storm.within, policy.calendar) >= newest]
    customers = len({customer for _, customer in lately})
    return in_time(customers, newest - lately[0][0]) if customers >= storm.customers else ""


def since(policy: Policy, now: datetime) -> datetime:
    """Since when a ticket must have come to a storm that is on, UTC."""
    return now - (due(now, policy.pack.duplicates.storm.gap, policy.calendar) - now)


def storms(faults: Iterable[Fault], policy: Policy, now: datetime) -> Iterator[tuple[Fault, str]]:
    """Those of the faults that are a storm now, each with what ``storm_of`` says of it."""
    told = ((fault, storm_of(fault, policy, now)) for fault in faults)
    return ((fault, words) for fault, words in told if words)
