"""The conditions about several tickets that report the same fault; ``app.triage.conditions`` lists all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.triage.patterns.counts import storm_words

if TYPE_CHECKING:
    from app.triage.conditions import Seen


def tickets(least: int, seen: Seen) -> str | None:
    """At least so many tickets report the same fault."""
    cluster = seen.context.cluster
    count = cluster.tickets if cluster else 1
    return f"{count} tickets report it" if count >= least else None


def storm(wanted: bool, seen: Seen) -> str | None:
    """Whether it is one of a storm."""
    cluster = seen.context.cluster
    if cluster is None or not cluster.storm:
        return None if wanted else "no storm"
    return f"storm: {storm_words(cluster, seen.pack, seen.calendar)}" if wanted else None


def paged(wanted: bool, seen: Seen) -> str | None:
    """Whether on-call is paged for it."""
    if seen.paged is not wanted:
        return None
    return "on-call is paged" if wanted else "on-call is not paged"
