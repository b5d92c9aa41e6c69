"""What becomes of effects, in the ledger and in the metrics at once."""

from __future__ import annotations

from collections.abc import Sequence

from app.metrics import EFFECTS
from app.runtime import Runtime
from app.store.ledger import Effect, EffectState
from app.triage.ticket import Ref


def mark(
    runtime: Runtime, ref: Ref, keys: Sequence[str], kinds: Sequence[str], state: EffectState, reason: str = ""
) -> None:
    """Move effects on a ticket to a state, and count each by its kind."""
    runtime.store.mark_effects(keys, state, runtime.now(), reason)
    for name in kinds:
        EFFECTS.labels(ref.vendor, name, state).inc()


def mark_one(runtime: Runtime, ref: Ref, effect: Effect, state: EffectState, reason: str = "") -> None:
    """The same for one effect."""
    mark(runtime, ref, [effect.key], [effect.kind], state, reason)
