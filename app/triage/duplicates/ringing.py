"""Which tickets are looked at again because another one was placed: few, also in a storm."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from app.triage.duplicates.found import Cluster
from app.triage.duplicates.parts import Duplicates, Patterns
from app.triage.patterns.counts import stage_of
from app.triage.ticket import Ref

SOON = timedelta(minutes=1)
"""How long a master waits for further members before it is looked at."""


@dataclass(frozen=True, slots=True)
class Rings:
    """Who is looked at ``now``, and who ``soon``: then once for all that came until then."""

    now: tuple[Ref, ...] = ()
    soon: tuple[Ref, ...] = ()


def rings(
    ref: Ref,
    before: Cluster | None,
    after: Cluster | None,
    moved: Collection[Ref],
    duplicates: Duplicates,
    patterns: Patterns,
) -> Rings:
    """Who is to know that a ticket is of the cluster ``after`` and no more of the cluster ``before``. ``moved`` are
    the tickets that have another master by it: they know at once, and so does a master that lost some, or whose cluster
    came to a size at which something follows. For all else a master waits a little."""
    now = {*moved}
    soon: set[Ref] = set()
    old, new = before.master if before else ref, after.master if after else ref
    if old != new:
        now.add(old)
    if after is not None:
        gained = len(moved) + (old != new)
        (now if _reached(after.tickets - gained, after.tickets, duplicates, patterns) else soon).add(new)
    return Rings(tuple(sorted(now - {ref})), tuple(sorted(soon - now - {ref})))


def _reached(before: int, after: int, duplicates: Duplicates, patterns: Patterns) -> bool:
    """Whether a cluster came to a size at which something follows: to two, to a storm's, or to another stage."""
    return any(before < size <= after for size in (2, duplicates.storm.customers)) or (
        stage_of(before, patterns.told_from) < stage_of(after, patterns.told_from)
    )
