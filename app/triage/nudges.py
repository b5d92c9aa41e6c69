"""Asking engineering after its issue, on the issue itself: what is said there, and when somebody did so already (S3-16
to S3-18, C-26).

A nudge is found again by its marks: the ticket's, and that of each step of a clock for which it asks. Of the tickets
that hang on one issue the first asks; for the others engineering has been asked, for as long as their own step waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from app.triage.actions import AddNote
from app.triage.bridge import LinkedIssue, Nudge, nudge_mark
from app.triage.business_time import due
from app.triage.clocks import Step
from app.triage.effects import ASKED
from app.triage.fields import Known
from app.triage.marks import mark_of, nudge_line


def unasked(known: Known) -> list[Step]:
    """The steps for which engineering is to be asked now; none for a ticket that is left alone."""
    steps = known.decision.steps if not known.decision.left_alone else ()
    applied = known.context.applied
    return [step for step in steps if step.deed.engineering and applied.get(ASKED + step.clock) != step.mark]


def asked(step: Step, issue: LinkedIssue, known: Known) -> Nudge | None:
    """The nudge that answers for a step: its own, else one for another ticket that is not older than the step's time
    span."""
    by_us = nudge_mark(known.ticket.ref)
    for nudge in reversed(issue.nudges):
        if step.mark in nudge.marks or (by_us not in nudge.marks and not _over(step, nudge, known)):
            return nudge
    return None


def nudge(issue: LinkedIssue, steps: Sequence[Step], known: Known, url: str) -> AddNote:
    """The comment that asks. Of the customer's words it has the brief subject alone; ``url`` is where people read the
    ticket."""
    marks = [nudge_mark(known.ticket.ref), *(step.mark for step in steps)]
    own = mark_of(" ".join(marks))
    return AddNote("\n\n".join((*_paragraphs(issue, known, url), nudge_line((own, *marks)))), own)


def subject(issue: LinkedIssue, known: Known) -> str:
    """The subject of the same as a message: the issue first."""
    brief = known.field("brief")
    return f"[{issue.ref.id}] Support asks how far it is" + (f": {brief}" if brief else "")


def _over(step: Step, nudge: Nudge, known: Known) -> bool:
    """Whether a nudge is older than the span that the step's clock gives engineering."""
    decision, policy = known.decision, known.policy
    clock = policy.pack.clocks[step.clock]
    target = clock.target(decision.severity, decision.level)
    calendar = policy.calendars.get(clock.calendar, policy.calendar_for(known.ticket))
    return target is None or due(nudge.at, target.due, calendar) <= decision.at


def _paragraphs(issue: LinkedIssue, known: Known, url: str) -> Iterator[str]:
    ticket, decision = known.ticket, known.decision
    yield "Support asks after this issue." + _waited(issue, decision.at)
    others = f" · {known.context.reporters} tickets hang on this issue" if known.context.reporters > 1 else ""
    about = f"{ticket.ref.vendor.capitalize()} ticket {ticket.ref.id}: {url}"
    lines = [about, f"{known.policy.pack.shown(decision.severity)} · {decision.level}{others}"]
    brief = known.field("brief")
    yield "\n".join((*lines, *([f"> {brief}"] if brief else [])))
    if not issue.heard:
        yield "Nobody has taken, moved or commented on it yet: please confirm that you have it."
    yield (
        "Please say how far it is, and when it will be solved. A comment that begins with "
        f"{known.policy.pack.bridge.support_mark} goes back to support; the customer does not see it."
    )


def _waited(issue: LinkedIssue, now: datetime) -> str:
    """`` The ticket has waited for it since 2026-11-19 14:00 UTC, 2 days.``"""
    if issue.waits_since is None:
        return ""
    hours = int((now - issue.waits_since) / timedelta(hours=1))
    length = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
    return f" The ticket has waited for it since {issue.waits_since:%Y-%m-%d %H:%M} UTC, {length}."


def lines(step: Step, known: Known) -> Iterator[str]:
    """What a note says of a step for which engineering was asked, a line each issue."""
    for issue in known.context.linked if step.deed.engineering else ():
        if issue.awaited and (found := asked(step, issue, known)):
            yield f"Engineering was asked on {issue.ref.id}, {found.at:%Y-%m-%d %H:%M} UTC."
