"""The effects ledger: one row per effect with a unique key, so that nothing is done twice and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update

from app.store.schema import effects
from app.store.transaction import Transactional
from app.triage.ticket import Ref

EffectState = Literal["planned", "sent", "confirmed", "unknown", "refused"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One change at a vendor. ``action`` is the action as JSON."""

    key: str
    kind: str
    state: EffectState
    action: Mapping[str, Any]
    reason: str = ""
    attempts: int = 0


class Ledger(Transactional):
    """planned -> sent -> confirmed; or unknown (its answer never came) or refused (the vendor said no)."""

    def plan_effects(self, ref: Ref, planned: Sequence[Effect], now: datetime) -> None:
        """Write down what is about to be done. An effect planned before goes back to planned."""
        with self._begin() as connection:
            for effect in planned:
                connection.execute(
                    self._insert(effects)
                    .values(
                        key=effect.key,
                        vendor=ref.vendor,
                        account=ref.account,
                        ticket_id=ref.id,
                        kind=effect.kind,
                        state="planned",
                        action=dict(effect.action),
                        planned_at=now,
                        changed_at=now,
                    )
                    .on_conflict_do_update(
                        index_elements=["key"],
                        set_={"state": "planned", "action": dict(effect.action), "reason": None, "changed_at": now},
                    )
                )

    def mark_effects(self, keys: Sequence[str], state: EffectState, now: datetime, reason: str = "") -> None:
        """Move effects to a state. Going to ``sent`` counts an attempt."""
        values: dict[str, Any] = {"state": state, "changed_at": now, "reason": reason[:500] or None}
        if state == "sent":
            values["attempts"] = effects.c.attempts + 1
        with self._begin() as connection:
            connection.execute(update(effects).where(effects.c.key.in_(keys)).values(**values))

    def unsettled(self, ref: Ref) -> list[Effect]:
        """Effects whose outcome we do not know: sent by a worker that died, or whose answer never came."""
        return self._effects(ref, ("sent", "unknown"))

    def effects_of(self, ref: Ref) -> list[Effect]:
        """Every effect on a ticket, oldest first."""
        return self._effects(ref, ("planned", "sent", "confirmed", "unknown", "refused"))

    def _effects(self, ref: Ref, states: Sequence[str]) -> list[Effect]:
        query = (
            select(effects)
            .where(
                effects.c.vendor == ref.vendor,
                effects.c.account == ref.account,
                effects.c.ticket_id == ref.id,
                effects.c.state.in_(states),
            )
            .order_by(effects.c.id)
        )
        with self._begin() as connection:
            return [
                Effect(r.key, r.kind, r.state, r.action, r.reason or "", r.attempts) for r in connection.execute(query)
            ]
