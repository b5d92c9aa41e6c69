"""The record of promises: each cycle of each clock, as the looks at its ticket found it; what reports count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, case, func, or_, select, update

from app.store.schema import cycles
from app.store.transaction import Transactional, about, ref_of
from app.triage.clocks import Cycle
from app.triage.decision import Decision
from app.triage.ticket import Ref


@dataclass(frozen=True, slots=True)
class Attainment:
    """How one clock was kept for tickets of one severity, level and label: cycles that ended in time (``kept``), those
    that did not (``missed``), those that run and have passed (``overdue``) or not (``running``)."""

    clock: str
    severity: str
    level: str
    label: str
    kept: int
    missed: int
    overdue: int
    running: int

    @property
    def share(self) -> float | None:
        """The share of promises that were kept, of those that can be told; None where none can."""
        told = self.kept + self.missed + self.overdue
        return self.kept / told if told else None


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise that runs: the ticket, its clock, and when it falls due (None while it stands still)."""

    ref: Ref
    clock: str
    started_at: datetime
    due_at: datetime | None


class Cycles(Transactional):
    """One row a ticket, clock and start."""

    def attainment(self, since: datetime, now: datetime) -> list[Attainment]:
        """What became of the promises that began since then, by clock, severity, level and label. One that ended in
        time because the clock was no longer the ticket's (``left``) counts nothing."""
        passed = and_(cycles.c.outcome == "running", cycles.c.due_at <= now)
        counted = {
            "kept": cycles.c.outcome == "kept",
            "missed": cycles.c.outcome == "missed",
            "overdue": passed,
            "running": and_(cycles.c.outcome == "running", or_(cycles.c.due_at.is_(None), cycles.c.due_at > now)),
        }
        groups = (cycles.c.clock, cycles.c.severity, cycles.c.level, cycles.c.label)
        query = (
            select(*groups, *(func.count(case((what, 1))).label(name) for name, what in counted.items()))
            .where(cycles.c.started_at >= since, cycles.c.outcome != "left")
            .group_by(*groups)
            .order_by(*groups)
        )
        with self._begin() as connection:
            return [Attainment(*row) for row in connection.execute(query)]

    def promises_of(self, ref: Ref) -> list[Promised]:
        """The promises of a ticket that run, the soonest due first."""
        query = select(cycles).where(about(ref, cycles), cycles.c.outcome == "running")
        with self._begin() as connection:
            rows = [Promised(ref_of(r), r.clock, r.started_at, r.due_at) for r in connection.execute(query)]
        return sorted(rows, key=lambda one: (one.due_at is None, one.due_at or one.started_at, one.clock))

    def forget_cycles(self, before: datetime) -> int:
        """Delete what ended before that."""
        with self._begin() as connection:
            return connection.execute(cycles.delete().where(cycles.c.stopped_at < before)).rowcount


def keep(connection: Connection, insert: Callable[[Table], Any], ref: Ref, decision: Decision, now: datetime) -> None:
    """Write down a ticket's cycles as they are now. One that ended stays as it ended first: severity, level and label
    are those under which it did."""
    rows = connection.execute(
        select(cycles.c.clock, cycles.c.started_at, cycles.c.due_at, cycles.c.goal_at, cycles.c.outcome).where(
            about(ref, cycles)
        )
    )
    there = {(row.clock, row.started_at): row for row in rows}
    wanted = [_row(one, ref, decision, now) for one in decision.clocks]
    news = [row for row in wanted if _differs(there.get((row["clock"], row["started_at"])), row)]
    if news:
        statement = insert(cycles)
        changed = {name: statement.excluded[name] for name in news[0] if name not in cycles.primary_key.columns}
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(cycles.primary_key.columns.keys()), set_=changed), news
        )
    running = {(row["clock"], row["started_at"]) for row in wanted}
    for key, row in there.items():
        if row.outcome == "running" and key not in running:
            late = row.due_at is not None and row.due_at <= now
            connection.execute(
                update(cycles)
                .where(about(ref, cycles), cycles.c.clock == row.clock, cycles.c.started_at == row.started_at)
                .values(outcome="missed" if late else "left", stopped_at=now)
            )


def _differs(there: Any, row: dict[str, Any]) -> bool:
    if there is None:
        return True
    return there.outcome == "running" and (there.due_at, there.goal_at, there.outcome) != (
        row["due_at"], row["goal_at"], row["outcome"]
    )  # fmt: skip


def _row(one: Cycle, ref: Ref, decision: Decision, now: datetime) -> dict[str, Any]:
    outcome = "running" if one.runs else "missed" if one.breached(now) else "kept"
    return {
        "vendor": ref.vendor,
        "account": ref.account,
        "ticket_id": ref.id,
        "clock": one.clock,
        "started_at": one.start,
        "goal_at": one.goal,
        "due_at": one.due,
        "stopped_at": one.stop,
        "outcome": outcome,
        "severity": decision.severity.name,
        "level": decision.level.value,
        "label": decision.label.value,
    }
