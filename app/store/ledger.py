"""The effects ledger: one row per effect with a unique key, so that nothing is done twice and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, delete, distinct, func, or_, select, update

from app.errors import OutcomeUnknown, Refused, Retryable
from app.store.schema import effects, tickets
from app.store.transaction import Transactional, about, ref_of
from app.triage.modes import WITHHELD
from app.triage.ticket import Ref

EffectState = Literal["planned", "sent", "confirmed", "unknown", "refused"]
_STATES: tuple[EffectState, ...] = ("planned", "sent", "confirmed", "unknown", "refused")

UNDO = "u-"
"""How the name of a run begins that takes changes back; a sweep's begins with ``s-``."""

TAKEN_BACK = "taken back by "
"""How the reason of a confirmed effect begins that was taken back."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One change at a vendor. ``action`` is the action as JSON, ``before`` what the ticket showed where it changes
    something. ``run`` is the sweep or the undoing that it belongs to, empty for a delivery's. ``at`` is when its state
    was set, None before it is in the ledger."""

    key: str
    kind: str
    state: EffectState
    action: Mapping[str, Any]
    reason: str = ""
    attempts: int = 0
    run: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None

    @property
    def withheld(self) -> str:
        """Why it was decided and held back; empty when it was not."""
        return self.reason.removeprefix(WITHHELD) if self.reason.startswith(WITHHELD) else ""


@dataclass(frozen=True, slots=True)
class Run:
    """What a sweep or an undoing changed: how many tickets, and how many effects by state."""

    id: str
    began: datetime
    tickets: int
    states: Mapping[str, int]


@contextmanager
def sending(mark: Callable[[EffectState, str], None]) -> Iterator[None]:
    """Around one write to a vendor: its effects are ``sent`` before it, and what it raises says what they are then. Who
    hears of no error confirms them."""
    mark("sent", "")
    try:
        yield
    except OutcomeUnknown as error:
        mark("unknown", str(error))
        raise
    except Refused as error:
        mark("refused", str(error))
        raise
    except Retryable as error:
        mark("planned", str(error))
        raise


class Ledger(Transactional):
    """planned -> sent -> confirmed; or unknown (its answer never came) or refused (the vendor said no).

    What is decided and held back by the mode, a switch or the brake stays ``planned``, with a reason that says so.
    """

    def plan_effects(self, ref: Ref, planned: Sequence[Effect], now: datetime) -> None:
        """Write down what is about to be done. An effect planned before goes back to planned."""
        with self._begin() as connection:
            for effect in planned:
                values = {"action": dict(effect.action), "run": effect.run, "before": dict(effect.before)}
                connection.execute(
                    self._plan(ref, effect, now, values).on_conflict_do_update(
                        index_elements=["key"],
                        set_={"state": "planned", "reason": None, "changed_at": now, **values},
                    )
                )

    def withhold_effects(self, ref: Ref, held: Sequence[Effect], now: datetime) -> None:
        """Write down what is decided about a ticket and held back, each with its reason, and forget what was held back
        before and is no longer wanted. What was once done keeps its row as it is."""
        with self._begin() as connection:
            connection.execute(
                delete(effects).where(
                    about(ref, effects), _withheld(), effects.c.key.not_in([effect.key for effect in held])
                )
            )
            for effect in held:
                values = {"action": dict(effect.action), "reason": WITHHELD + effect.reason[:400]}
                connection.execute(
                    self._plan(ref, effect, now, values).on_conflict_do_update(
                        index_elements=["key"],
                        set_={"state": "planned", **values},
                        where=effects.c.state.in_(("planned", "refused")),
                    )
                )

    def _plan(self, ref: Ref, effect: Effect, now: datetime, values: Mapping[str, Any]) -> Any:
        """The row of an effect that is new in the ledger."""
        key = {"key": effect.key, "vendor": ref.vendor, "account": ref.account, "ticket_id": ref.id}
        row = {**key, "kind": effect.kind, "state": "planned", "planned_at": now, "changed_at": now, **values}
        return self._insert(effects).values(row)

    def replay_withheld(self, now: datetime, reason: str = "") -> int:
        """Make every ticket due of which something is held back, for that reason or for any; not those that are parked.
        The sweeps ring them. Returns how many tickets became due."""
        held = select(effects.c.vendor, effects.c.account, effects.c.ticket_id).where(_withheld(reason)).distinct()
        with self._begin() as connection:
            return sum(
                connection.execute(
                    update(tickets)
                    .where(
                        about(ref_of(row), tickets),
                        tickets.c.parked_at.is_(None),
                        or_(tickets.c.due_at.is_(None), tickets.c.due_at > now),
                    )
                    .values(due_at=now)
                ).rowcount
                for row in connection.execute(held).all()
            )

    def withheld_tickets(self) -> list[Ref]:
        """The tickets of which something is held back, by name."""
        query = select(effects.c.vendor, effects.c.account, effects.c.ticket_id).where(_withheld()).distinct()
        with self._begin() as connection:
            return sorted(ref_of(row) for row in connection.execute(query))

    def withheld_of(self, refs: Sequence[Ref]) -> dict[Ref, list[Effect]]:
        """What is held back of each of these tickets, oldest first."""
        found: dict[Ref, list[Effect]] = {}
        for ref, effect in self._lists(_withheld(), effects.c.ticket_id.in_({ref.id for ref in refs})):
            found.setdefault(ref, []).append(effect)
        return {ref: found[ref] for ref in refs if ref in found}

    def unknown_effects(self, limit: int = 50) -> list[tuple[Ref, Effect]]:
        """Effects whose fate is not known, the newest first."""
        return self._lists(effects.c.state == "unknown", limit=limit)

    def changed_tickets(self, besides: Ref, since: datetime, run: str = "") -> int:
        """How many tickets besides that one were changed after a moment: by one run, or by any at the same account.
        What an undoing changed does not count."""
        wanted = [effects.c.changed_at > since, effects.c.state.in_(("sent", "confirmed")), ~about(besides, effects)]
        if run:
            wanted.append(effects.c.run == run)
        else:
            wanted += [effects.c.vendor == besides.vendor, effects.c.account == besides.account]
            wanted.append(effects.c.run.not_like(f"{UNDO}%"))
        with self._begin() as connection:
            return int(connection.execute(select(func.count(distinct(_TICKET))).where(*wanted)).scalar_one())

    def runs(self, limit: int = 20) -> list[Run]:
        """The newest runs that planned anything: sweeps and undoings."""
        changed = case((effects.c.state.in_(("sent", "confirmed", "unknown")), _TICKET))
        states = {name: func.count(case((effects.c.state == name, 1))).label(name) for name in _STATES}
        query = (
            select(effects.c.run, func.min(effects.c.changed_at).label("began"),
                   func.count(distinct(changed)).label("tickets"), *states.values())
            .where(effects.c.run != "")
            .group_by(effects.c.run)
            .order_by(func.max(effects.c.id).desc())
            .limit(limit)
        )  # fmt: skip
        with self._begin() as connection:
            return [
                Run(r.run, r.began, r.tickets, {name: getattr(r, name) for name in _STATES if getattr(r, name)})
                for r in connection.execute(query)
            ]

    def done(
        self, *, run: str = "", since: datetime | None = None, account: tuple[str, str] | None = None
    ) -> dict[Ref, list[Effect]]:
        """What was confirmed, by ticket and the newest first: of one run, or since a moment; of one account or all. An
        undoing's own is left out, and so is what was taken back."""
        wanted: list[ColumnElement[bool]] = [effects.c.state == "confirmed", effects.c.run.not_like(f"{UNDO}%")]
        wanted += [effects.c.run == run] if run else []
        wanted += [effects.c.changed_at >= since] if since else []
        wanted += [effects.c.vendor == account[0], effects.c.account == account[1]] if account else []
        wanted += [or_(effects.c.reason.is_(None), effects.c.reason.not_like(f"{TAKEN_BACK}%"))]
        found: dict[Ref, list[Effect]] = {}
        for ref, effect in self._lists(*wanted):
            found.setdefault(ref, []).append(effect)
        return found

    def mark_effects(self, keys: Sequence[str], state: EffectState, now: datetime, reason: str = "") -> None:
        """Move effects to a state. Going to ``sent`` counts an attempt."""
        values: dict[str, Any] = {"state": state, "changed_at": now, "reason": reason[:500] or None}
        if state == "sent":
            values["attempts"] = effects.c.attempts + 1
        with self._begin() as connection:
            connection.execute(update(effects).where(effects.c.key.in_(keys)).values(**values))

    def taken_back(self, keys: Sequence[str], undo_id: str) -> None:
        """Write beside effects that they were taken back; when they were made stays as it is."""
        with self._begin() as connection:
            connection.execute(update(effects).where(effects.c.key.in_(keys)).values(reason=TAKEN_BACK + undo_id))

    def unsettled(self, ref: Ref) -> list[Effect]:
        """Effects whose outcome we do not know: sent by a worker that died, or whose answer never came."""
        return self._effects(ref, ("sent", "unknown"))

    def effects_of(self, ref: Ref) -> list[Effect]:
        """Every effect on a ticket, oldest first."""
        return self._effects(ref, _STATES)

    def _effects(self, ref: Ref, states: Sequence[str]) -> list[Effect]:
        query = select(effects).where(about(ref, effects), effects.c.state.in_(states)).order_by(effects.c.id)
        with self._begin() as connection:
            return [_effect(row) for row in connection.execute(query)]

    def _lists(self, *wanted: ColumnElement[bool], limit: int | None = None) -> list[tuple[Ref, Effect]]:
        query = select(effects).where(*wanted).order_by(effects.c.changed_at.desc(), effects.c.id.desc()).limit(limit)
        with self._begin() as connection:
            return [(ref_of(row), _effect(row)) for row in connection.execute(query)]


_TICKET = effects.c.vendor + ":" + effects.c.account + ":" + effects.c.ticket_id


def _withheld(reason: str = "") -> ColumnElement[bool]:
    return and_(effects.c.state == "planned", effects.c.reason.like(f"{WITHHELD}{reason}%"))


def _effect(row: Any) -> Effect:
    told = row.reason or "", row.attempts, row.run or "", row.before or {}, row.changed_at
    return Effect(row.key, row.kind, row.state, row.action, *told)
