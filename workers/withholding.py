"""What one look at a ticket holds back: by the account's mode, by a switch, by the roll-out, by the brake.

It is decided and written down like everything else, and carried out by the first look that finds it permitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from app.runtime import Runtime
from app.store.ledger import Effect
from app.store.tickets import Lease
from app.triage import effects, engine, modes
from app.triage.actions import Action, AddNote, Reply, SetStatus, effect_key, kind
from app.triage.decision import Decision
from app.triage.intents import intent, intent_of
from app.triage.marks import outcome_in, steps_in
from app.triage.modes import Permission
from app.triage.ticket import Ticket
from workers import brake


class Withholding:
    """Made for one look at one ticket; ``write_down`` ends it. ``run`` is the sweep that the look belongs to, empty
    when something happened to the ticket."""

    def __init__(
        self, runtime: Runtime, lease: Lease, ticket: Ticket, decision: Decision, permission: Permission
    ) -> None:
        self._runtime, self._lease, self._ticket, self._decision = runtime, lease, ticket, decision
        self._permission = permission
        self._held: dict[str, Effect] = {}

    @cached_property
    def run(self) -> str:
        """The sweep's run."""
        return "" if self._lease.seen else brake.current_run(self._runtime)

    def holds(self, effect: Effect) -> bool:
        """Whether an effect is held back; it is then kept for the ledger."""
        reason = self._reason(effect.kind)
        if reason:
            self._held[effect.key] = Effect(effect.key, effect.kind, "planned", effect.action, reason)
        return bool(reason)

    def permitted(self, actions: Sequence[Action]) -> list[Action]:
        """Those of the actions that may be carried out, in their order; the others are kept for the ledger."""
        outcome = engine.outcome_hash(self._decision)
        return [one for one in actions if not self.holds(_effect(one, effect_key(self._lease.ref, one, outcome)))]

    @property
    def assists(self) -> bool:
        """Whether the note is to say what is left to people."""
        return self._permission.mode == "assist"

    def with_drafts(
        self, allowed: Sequence[Action], planned: Sequence[Action], answers: Sequence[Reply], besides: Sequence[Effect]
    ) -> list[Action]:
        """The allowed actions of assist mode. The note among them tells what is left to people: the rest of what was
        ``planned``, the answers as drafts, and effects outside the ticket. A note about clocks alone tells what they
        would have us do."""
        theirs = [one for one in planned if self._left_to_people(kind(one))]
        left = [intent(one) for one in theirs]
        left += [intent_of(one.kind, one.action) for one in besides if self._left_to_people(one.kind)]
        drafts = answers if self._left_to_people("reply") else ()
        moves = [intent(one) for one in theirs if isinstance(one, SetStatus) and one.step]
        reminders = [one for one in drafts if one.reason.startswith(effects.REMINDER)]
        asked = [
            intent_of(one.kind, one.action) for one in besides if one.kind == "nudge" and self._left_to_people(one.kind)
        ]
        told: list[Action] = []
        for one in allowed:
            if isinstance(one, AddNote) and outcome_in(one.text):
                told.append(modes.left_to_people(one, left, drafts))
            elif isinstance(one, AddNote) and steps_in(one.text) and (moves or reminders or asked):
                told.append(modes.left_to_people(one, [*moves, *asked], reminders))
            else:
                told.append(one)
        return told

    @property
    def kinds(self) -> list[str]:
        """What is held back, by kind."""
        return [effect.kind for effect in self._held.values()]

    def write_down(self) -> None:
        """Keep in the ledger what is held back now, and nothing that is held back no longer."""
        runtime = self._runtime
        runtime.store.withhold_effects(self._lease.ref, list(self._held.values()), runtime.now())

    def _reason(self, kind: str) -> str:
        return self._permission.withholds(kind, self._lease.ref, self._ticket.brand) or self._brake

    def _left_to_people(self, kind: str) -> bool:
        return self._permission.withholds(kind, self._lease.ref, self._ticket.brand) == modes.BY_ASSIST

    @cached_property
    def _brake(self) -> str:
        """Asked once, before the first write: a ticket that was begun is finished."""
        return brake.holds(self._runtime, self._lease.ref, self._decision.severity, self.run)


def _effect(action: Action, key: str) -> Effect:
    return Effect(key, kind(action), "planned", effects.to_json(action))
