"""The counts of a pattern in a few words."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from app.triage.business_time import Calendar, due

if TYPE_CHECKING:
    from app.triage.duplicates.found import Cluster
    from app.triage.pack import Pack
    from app.triage.patterns.pattern import Pattern


def storm_words(cluster: Cluster, pack: Pack, calendar: Calendar) -> str:
    """``14 customers in 20 min``: those within a storm's time, and how long their reports took, rounded up."""
    longest = due(cluster.first_at, pack.duplicates.storm.within, calendar) - cluster.first_at
    return in_time(cluster.in_storm, min(cluster.last_at - cluster.first_at, longest))


def in_time(customers: int, took: timedelta) -> str:
    """``14 customers in 20 min``."""
    return f"{customers} customers in {max(1, math.ceil(took / timedelta(minutes=1)))} min"


def counted(pattern: Pattern) -> str:
    """``4 tickets by 3 customers since 2026-11-21 14:00 UTC``."""
    by = "1 customer" if pattern.customers == 1 else f"{pattern.customers} customers"
    return f"{pattern.tickets} tickets by {by} since {pattern.since:%Y-%m-%d %H:%M} UTC"


def stage_of(tickets: int, first: int) -> int:
    """The greatest of ``first``, twice that, four times that and so on that a number of tickets has reached; 0 below
    the first."""
    return first << ((tickets // first).bit_length() - 1) if tickets >= first else 0
