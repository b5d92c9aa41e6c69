"""Engineering is asked after its issue: one comment there for each step of a clock, and the same as a message where the
policy tells engineering by one (S3-16 to S3-18).

It comes before the note about the step, which so can say what was done. The issue is read first: what it shows settles
whatever got no answer, and a step that another ticket's nudge answers for is not asked again. Two tickets never ask at
the same time. What fails is done by a later look, also when the note stands by then: a step counts as asked only once
``effects.ASKED`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from app.errors import Busy, Gone, OutcomeUnknown, Refused, Retryable, Unauthorized
from app.runtime import Runtime
from app.store.ledger import Effect, EffectState
from app.store.tickets import Lease
from app.triage import nudges
from app.triage.actions import AddNote
from app.triage.bridge import LinkedIssue, Nudge
from app.triage.clocks import Step
from app.triage.effects import ASKED
from app.triage.fields import Known
from app.triage.marks import nudges_in
from app.triage.ticket import Ref, Ticket
from workers import apply, bridge, messages
from workers.marking import mark
from workers.withholding import Withholding

log = structlog.get_logger("nudges")

KIND = bridge.NUDGE
OURS_ALONE = timedelta(minutes=3)  # how long nobody else asks after an issue: longer than reading and writing it takes


def announced(lease: Lease, known: Known) -> list[Effect]:
    """What engineering will be asked, unless it is held back."""
    steps = nudges.unasked(known)
    return [_effect(lease.ref, issue, step) for issue in known.context.linked if issue.awaited for step in steps[:1]]


def changed(before: Sequence[LinkedIssue], after: Sequence[LinkedIssue]) -> bool:
    """Whether issues show anything new besides our own nudges and when they were read."""
    return [replace(one, at=None, nudges=()) for one in before] != [replace(one, at=None, nudges=()) for one in after]


def ask(runtime: Runtime, lease: Lease, known: Known, held: Withholding) -> Lease:
    """Ask after each issue of the ticket for which a step wants it, as far as it is permitted, and settle what was sent
    before and got no answer.

    Raises Retryable when it must be tried again, Unauthorized for the site's credentials; a refusal is told in the
    ledger, and in a note by the bridge.
    """
    if not known.context.linked or not known.context.engineering:
        return lease
    steps, done = nudges.unasked(known), True
    ledger = {one.key: one for one in runtime.store.effects_of(lease.ref) if one.kind == KIND}
    for issue in known.context.linked:
        wanted = steps if issue.awaited else []
        lease, settled = _Asking(runtime, lease, known, held, issue, wanted, ledger).run()
        done = done and settled
    if not steps or not done:
        return lease
    applied = {key: value for key, value in lease.applied.items() if not key.startswith(messages.NUDGED)}
    applied |= {ASKED + step.clock: step.mark for step in steps}
    runtime.store.wrote(lease, applied, lease.own_tags)
    return lease.with_applied(applied, lease.own_tags)


class _Asking:
    """One ticket asks after one issue; ``run`` once."""

    def __init__(
        self,
        runtime: Runtime,
        lease: Lease,
        known: Known,
        held: Withholding,
        issue: LinkedIssue,
        steps: Sequence[Step],
        ledger: Mapping[str, Effect],
    ) -> None:
        self._runtime, self._lease, self._known, self._held, self._issue = runtime, lease, known, held, issue
        about = str(issue.ref)
        self._steps = {_effect(lease.ref, issue, step).key: step for step in steps}
        self._states: dict[str, EffectState] = {key: one.state for key, one in ledger.items()}
        self._open_ended = [
            one for one in ledger.values() if one.action["issue"] == about and one.state in ("sent", "unknown")
        ]

    def run(self) -> tuple[Lease, bool]:
        """The lease, and whether nothing is left to ask."""
        wanted = [key for key in self._steps if self._states.get(key) not in ("confirmed", "refused")]
        effects = [_effect(self._lease.ref, self._issue, self._steps[key], self._held.run) for key in wanted]
        withheld = [one for one in effects if self._held.holds(one)]
        if withheld:
            wanted = []
        if (wanted or self._open_ended) and not self._ask(wanted):
            return self._lease, True
        return self._lease, not withheld and self._tell()

    def _ask(self, wanted: Sequence[str]) -> bool:
        """Read the issue and ask on it; False where it cannot be read, or engineering need not be asked any more."""
        runtime, ref = self._runtime, self._issue.ref
        if wanted and not runtime.store.hold(f"nudge {ref}", runtime.now(), OURS_ALONE.total_seconds()):
            raise Busy(f"another ticket asks after {ref}", after=OURS_ALONE.total_seconds())
        began = runtime.now()
        read = bridge.read_issue(runtime, ref)
        if read is None:
            return False
        shown = replace(bridge.snapshot(runtime, read), ref=ref, kind=self._issue.kind, since=self._issue.since)
        runtime.store.observed(shown, runtime.now())
        self._settle(shown)
        if not shown.awaited:
            return False
        left = [key for key in wanted if nudges.asked(self._steps[key], shown, self._known) is None]
        if left:
            if runtime.now() - began > OURS_ALONE / 2:
                raise Busy(f"reading {ref} took long")
            self._comment(read, shown, left)
        return True

    def _settle(self, shown: LinkedIssue) -> None:
        """Learn from the issue what became of what got no answer. Raises OutcomeUnknown while it may still arrive."""
        seen = {mark for one in shown.nudges for mark in one.marks}
        arrived = self._runtime.now() - timedelta(
            seconds=2 * self._runtime.account("jira", self._issue.ref.account).timeout
        )
        for effect in self._open_ended:
            if effect.action["step"] in seen:
                self._mark([effect.key], "confirmed")
            elif effect.at is not None and effect.at > arrived:
                raise OutcomeUnknown("engineering was asked a moment ago; it may still arrive")
            else:
                self._mark([effect.key], "planned", "not on the issue when read again")

    def _comment(self, read: Ticket, shown: LinkedIssue, keys: Sequence[str]) -> None:
        runtime, lease, ref = self._runtime, self._lease, self._issue.ref
        if not runtime.store.still_holds(lease, runtime.now()):
            raise apply.LostLease
        steps = [self._steps[key] for key in keys]
        effects = [_effect(lease.ref, self._issue, step, self._held.run) for step in steps]
        runtime.store.plan_effects(lease.ref, effects, runtime.now())
        client, note = runtime.client("jira", ref.account), self._note(shown, steps)
        writes, impossible = client.writes(read, [note])
        if impossible:
            self._mark(keys, "refused", impossible[note])
            return
        self._mark(keys, "sent")
        try:
            for write in writes:
                client.send(write)
        except OutcomeUnknown as error:
            self._mark(keys, "unknown", str(error))
            raise
        except (Retryable, Unauthorized) as error:
            self._mark(keys, "planned", str(error))
            raise
        except (Refused, Gone) as error:
            self._mark(keys, "refused", str(error))
            log.warning("not asked", ref=str(lease.ref), issue=str(ref), reason=str(error))
            return
        self._mark(keys, "confirmed")
        log.info("asked", ref=str(lease.ref), issue=str(ref))
        ours = Nudge(runtime.now(), nudges_in(note.text))
        runtime.store.observed(replace(shown, nudges=(*shown.nudges, ours)), runtime.now())

    def _tell(self) -> bool:
        """The same as a message, once, where the policy tells engineering by one: whether it is done. What another
        ticket asked is not sent again."""
        mine = [step for key, step in self._steps.items() if self._states.get(key) in ("confirmed", "refused")]
        channel = self._known.policy.pack.escalation.message
        if not mine or channel not in ("email", "webhook"):
            return True
        text = self._note(self._issue, mine).text.rsplit("\n\n", 1)[0]
        written = f"{messages.NUDGE}{mine[0].mark}", nudges.subject(self._issue, self._known), text
        self._lease, delivered = messages.deliver(self._runtime, self._lease, written, channel, self._held)
        return delivered

    def _note(self, issue: LinkedIssue, steps: Sequence[Step]) -> AddNote:
        account = self._runtime.account(self._lease.ref.vendor, self._lease.ref.account)
        return nudges.nudge(issue, steps, self._known, f"{account.base_url}/agent/tickets/{self._lease.ref.id}")

    def _mark(self, keys: Sequence[str], state: EffectState, reason: str = "") -> None:
        mark(self._runtime, self._lease.ref, keys, [KIND] * len(keys), state, reason)
        self._states |= dict.fromkeys(keys, state)


def _effect(ref: Ref, issue: LinkedIssue, step: Step, run: str = "") -> Effect:
    action = {"issue": str(issue.ref), "step": step.mark}
    return Effect(f"{ref}:nudge:{issue.ref.id}:{step.mark}", KIND, "planned", action, run=run)
