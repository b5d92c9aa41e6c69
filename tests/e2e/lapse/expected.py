"""What must be seen of us on the tickets of the stories, and when, found by looking at each every five minutes.

Every promise of the policy falls on a mark of five minutes, because all that people do falls on marks of thirty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.e2e.lapse.desk import Seen
from tests.e2e.lapse.office import after, at_night, business_minutes
from tests.e2e.lapse.promises import (
    CONFIRM,
    FIRST_REPLY,
    HOLD,
    L1_ATTEMPT,
    PROMISES,
    REMINDER,
    RESOLVE,
    WAITING,
    Promise,
)
from tests.e2e.lapse.stories import Kind, Story

LOOK = timedelta(minutes=5)
STATES = ("new", "open", "pending", "waiting", "hold", "solved")
MOMENT: dict[Kind, str] = {
    "customer": "asked_again",
    "agent": "answered",
    "note": "noted",
    "fix": "noted",
    "assigned": "assigned",
}
Outage = tuple[datetime, datetime] | None
Pause = tuple[datetime, datetime | None]


def expected(story: Story, end: datetime, down: Outage = None) -> list[Seen]:
    """All that is watched of a story until ``end``; while the workers are ``down`` nobody looks."""
    return sorted(_Course(story).until(end, down))


@dataclass
class _Run:
    """A promise that runs since ``start``."""

    start: datetime
    pauses: list[Pause] = field(default_factory=list)

    def passes(self, length: str, begin: datetime | None = None) -> datetime | None:
        """When a length is over, from the start of the run or another instant in it; None while it stands still."""
        begin = begin or self.start
        falls = after(begin, length)
        for since, till in self.pauses:
            if (till is not None and till <= begin) or (since >= falls and till is not None):
                continue
            if till is None:
                return None
            stopped = max(since, begin)
            if length.endswith(("bd", "bm", "bh", "eod")):
                falls = max(falls, after(till, f"{business_minutes(stopped, falls)}bm"))
            else:
                falls += till - stopped
        return falls


class _Course:
    """One ticket through time."""

    def __init__(self, story: Story) -> None:
        self.story, self.state, self.level = story, "new", "L1"
        self.runs: dict[str, _Run] = {}
        self.taken: set[tuple[str, datetime, int]] = set()
        self.late = self.attempted = self.tagged = self.fix = False

    def until(self, end: datetime, down: Outage) -> Iterator[Seen]:
        happenings = list(self.story.happenings)
        at = self.story.opened
        while at < end:
            while happenings and happenings[0].at <= at:
                self._happens(happenings.pop(0).kind, at)
            if down is None or not down[0] <= at < down[1]:
                yield from self._looked_at(at)
            at += LOOK

    def _happens(self, kind: Kind, at: datetime) -> None:
        if kind == "opened":
            self._moment("created", at)
            if self.story.severity in ("P0", "P1"):
                self.level = "L2"
                self._moment("critical", at)
        elif kind in STATES:
            if kind != self.state:
                self._becomes(kind, at)
                self._moment("moved", at)
        else:
            self._moment(MOMENT[kind], at)
            reopens = ("pending", "waiting", "hold", "solved") if self.story.vendor == "zendesk" else ("pending",)
            self.fix |= kind == "fix" and self.story.severity == "P2"
            if kind == "customer" and self.state in reopens:
                self._becomes("open", at)

    def _becomes(self, state: str, at: datetime) -> None:
        for promise in PROMISES:
            run = self.runs.get(promise.name)
            if run is None:
                continue
            if promise.only and state not in promise.only:
                del self.runs[promise.name]
                continue
            stood, stands = (one in promise.pause or one == "solved" for one in (self.state, state))
            if stands and not stood:
                run.pauses.append((at, None))
            elif stood and not stands:
                run.pauses[-1] = run.pauses[-1][0], at
        self.state = state
        self._moment(state, at)

    def _moment(self, moment: str, at: datetime) -> None:
        for promise in PROMISES:
            run = self.runs.get(promise.name)
            if run is not None and moment in promise.stop:
                del self.runs[promise.name]
            elif (run is None and moment in promise.start) or (run is not None and moment in promise.restart):
                if promise is L1_ATTEMPT and run is not None:
                    self._attempt_over(run, at, self_included=False)
                if promise.only and self.state not in promise.only:
                    continue
                stands = self.state in promise.pause or self.state == "solved"
                self.runs[promise.name] = _Run(at, [(at, None)] if stands else [])

    def _attempt_over(self, run: _Run, at: datetime, *, self_included: bool) -> None:
        """Whether half an hour of the office passed after a touch, before the next one (S1-25)."""
        due = run.passes("30bm")
        self.attempted |= due is not None and (due <= at if self_included else due < at)

    def _severity(self) -> str:
        """A question that waits too long for its first answer counts as P2 (S0-47)."""
        return "P2" if self.story.severity == "P3" and self.late else self.story.severity

    def _looked_at(self, at: datetime) -> Iterator[Seen]:
        self.late = False
        first = self.runs.get(FIRST_REPLY.name)
        due = self._due(FIRST_REPLY, first, FIRST_REPLY.dues[self.story.severity]) if first else None
        self.late = due is not None and due <= at and self.state != "solved"
        if self.late != self.tagged:
            self.tagged = self.late
            yield Seen(at, f"{'+' if self.late else '-'}overdue-first-reply")
        yield from self._escalated(at)
        if self.state == "solved" or (self._severity() in ("P2", "P3", "P4") and at_night(at)):
            return
        for promise in PROMISES:
            run = self.runs.get(promise.name)
            if run is not None and not promise.silent:
                yield from self._steps(promise, run, at)

    def _escalated(self, at: datetime) -> Iterator[Seen]:
        """L3 when nobody confirmed P0 or P1 in five minutes (S1-21), L2 when half an hour of L1 led nowhere (S1-27)."""
        severity = self.story.severity
        if severity in ("P0", "P1") and self.level == "L2":
            if at == self.story.opened:
                yield Seen(at, "+escalate-l2")
            elif self.state != "solved" and self.runs[CONFIRM.name].start + LOOK <= at:
                yield from (Seen(at, "+escalate-l3"), Seen(at, "-escalate-l2"))
                self._reaches("L3", at)
        elif self.fix and self.level != "L3":  # S1-31
            yield Seen(at, "+escalate-l3")
            if self.level == "L2":
                yield Seen(at, "-escalate-l2")
            self._reaches("L3", at)
        elif severity in ("P2", "P3") and self.level == "L1":
            run = self.runs.get(L1_ATTEMPT.name)
            if run is not None and self.state != "solved":
                self._attempt_over(run, at, self_included=True)
            if self.attempted:
                yield Seen(at, "+escalate-l2")
                self._reaches("L2", at)

    def _reaches(self, level: str, at: datetime) -> None:
        self.level = level
        self._moment("level", at)
        if level == "L3" and self.story.vendor == "zendesk":
            self._moment("linked", at)

    def _steps(self, promise: Promise, run: _Run, at: datetime) -> Iterator[Seen]:
        """The newest step that is due, if it was not taken yet."""
        ranks = (self._severity(), self.level, f"{self._severity()} {self.level}")
        goal = next((promise.goals[rank] for rank in ranks if rank in promise.goals), None)
        length = next((promise.dues[rank] for rank in ranks if rank in promise.dues), None)
        newest: tuple[str, int] | None = None
        if goal and (passes := run.passes(goal)) and passes <= at:
            newest = "goal", 0
        due, window = self._due(promise, run, length) if length else None, 0
        while due is not None and due <= at:
            newest = "breach", window
            window += 1
            due = run.passes(length or "", due) if promise.repeat else None
        if newest is None or (promise.name + newest[0], run.start, newest[1]) in self.taken:
            return
        self.taken.add((promise.name + newest[0], run.start, newest[1]))
        yield Seen(at, f"{newest[0]} {promise.name}")
        yield from self._done(promise, at)

    def _due(self, promise: Promise, run: _Run, length: str) -> datetime | None:
        told = self.story.severity in promise.told
        return after(run.start, length) if told else run.passes(length)

    def _done(self, promise: Promise, at: datetime) -> Iterator[Seen]:
        """What is done besides the note (S4-65, S4-68, S4-69)."""
        if promise is REMINDER:
            self._moment("reminded", at)
            yield Seen(at, "reminder")
        elif promise in (RESOLVE, WAITING, HOLD):
            state = "solved" if promise is RESOLVE else "open"
            self._becomes(state, at)
            yield Seen(at, f"state {state}")
