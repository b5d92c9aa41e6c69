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


_HOURS = timedelta(hours=3)


def storm_words(cluster: Cluster, pack: Pack, calendar: Calendar) -> str:
    """``14 customers in 20 min``: those within a storm's time while it rages, else all of them."""
    storm, took = pack.duplicates.storm, cluster.last_at - cluster.first_at
    within = due(cluster.first_at, storm.within, calendar) - cluster.first_at
    if took > within and cluster.in_storm >= storm.customers:
        return in_time(cluster.in_storm, within)
    return in_time(cluster.customers, took)


def in_time(customers: int, took: timedelta) -> str:
    """``14 customers in 20 min``; from three hours on in hours; rounded up."""
    if took >= _HOURS:
        return f"{customers} customers in {math.ceil(took / timedelta(hours=1))} h"
    return f"{customers} customers in {max(1, math.ceil(took / timedelta(minutes=1)))} min"


def counted(pattern: Pattern) -> str:
    """``4 tickets by 3 customers since 2026-11-21 14:00 UTC``."""
    by = "1 customer" if pattern.customers == 1 else f"{pattern.customers} customers"
    return f"{pattern.tickets} tickets by {by} since {pattern.since:%Y-%m-%d %H:%M} UTC"


def stage_of(tickets: int, first: int) -> int:
    """The greatest of ``first``, twice that, four times that and so on that a number of tickets has reached; 0 below
    the first."""
    return first << ((tickets // first).bit_length() - 1) if tickets >= first else 0
