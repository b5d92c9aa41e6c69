"""The on-call chain: which step is due, which comes next, and what ends it (S1-16..S1-21, S4-108..110, C-17, C-24).

Everything follows from what the store knows of the page, the decision, the policy and the moment, so a look that comes
late does what is overdue, once. Only an acknowledgement stops the steps: an assignment never does (S1-19).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.triage.business_time import Calendar, due
from app.triage.commands import Command, Orders
from app.triage.decision import Context, Decision, Level, Severity
from app.triage.pack import Pack
from app.triage.page import Page, Via
from app.triage.policy import Policy
from app.triage.ticket import Ref, Status, Ticket

CONFIRM = "confirm"
"""The clock that says until when a person must have confirmed a P0 or P1 (S1-16)."""

ANSWERS = ("acknowledge", "resolve")
"""The steps that tell the targets which took the page how it stands here."""

_SENT_ONCE = ("chat", "email")
_OVER = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is done, since when it is due, and by the name of which targets. ``late``: well after that."""

    name: str
    do: Literal["page", "chat", "email", "call", "acknowledge", "resolve"]
    at: datetime
    targets: str = ""
    late: bool = False

    @property
    def repeats(self) -> bool:
        """Whether it may be sent again when nobody knows what became of it: pagers drop what they have, mailboxes do
        not."""
        return self.do not in _SENT_ONCE


def incident_of(ref: Ref, duplicate_of: Ref | None) -> Ref:
    """The incident that a ticket is about: itself, or the ticket that it repeats."""
    return duplicate_of or ref


def opens(ticket: Ticket, decision: Decision, page: Page | None) -> bool:
    """Whether on-call is to be woken anew: nobody is for this incident, and people did not take the ticket out. One
    that repeats another wakes nobody again about what was paged, and is over, since it came."""
    running = page is not None and page.open
    ended = page.resolved_at if page is not None and page.incident != ticket.ref else None
    served = decision.duplicate_of is not None and ended is not None and ticket.created_at <= ended
    return decision.page and not decision.left_alone and ticket.status not in _OVER and not running and not served


def over(ticket: Ticket, decision: Decision) -> str:
    """Why a page is over, empty while it is not: the ticket is solved, or a person lowered it below P1 (S1-20)."""
    if ticket.status in _OVER:
        return f"the ticket is {ticket.status.value}"
    lowered = decision.severity > Severity.P1 and decision.rated_at_lock is not None
    return f"a person lowered it to {decision.severity}" if lowered else ""


def chain(page: Page, decision: Decision, policy: Policy) -> tuple[Step, ...]:
    """Every step of a page as things stand, done or not, in the order in which they fall due."""
    return tuple(sorted(_chain(page, decision, policy.pack, policy.calendar), key=lambda step: step.at))


def due_now(page: Page, decision: Decision, policy: Policy, now: datetime) -> tuple[Step, ...]:
    """The steps that are due and not done, each marked late where it is."""
    late_after, found = policy.pack.oncall.late_after, []
    for step in chain(page, decision, policy):
        if step.at > now:
            break
        if step.name not in page.taken:
            since = page.told_at if step.name == _page(Level.L2) else step.at
            late = step.do not in ANSWERS and due(since, late_after, policy.calendar) < now
            found.append(Step(step.name, step.do, since, step.targets, late))
    return tuple(found)


def next_at(page: Page, decision: Decision, policy: Policy, now: datetime) -> datetime | None:
    """When the next step falls due, or the page goes on to the next level; None when nothing follows."""
    coming = [step.at for step in chain(page, decision, policy) if step.at > now]
    further = goes_on_at(page, decision, policy.pack)
    if further is not None and further > now:
        coming.append(further)
    return min(coming, default=None)


def goes_on_at(page: Page, decision: Decision, pack: Pack) -> datetime | None:
    """When the page goes on to L3 unless somebody confirms it: when the clock ``confirm`` falls due, where a rule asks
    about that (S1-21). An acknowledgement confirms nothing; None once a person did."""
    _, _, breached = pack.rules.awaited
    waits = page.open and page.confirmed_at is None and CONFIRM in breached
    return decision.deadlines.get(CONFIRM) if waits else None


def gone_on(page: Page, decision: Decision, pack: Pack, now: datetime) -> Decision:
    """The last decision about a page as it stands now, where the ticket itself cannot be looked at."""
    at = goes_on_at(page, decision, pack)
    return decision if at is None or at > now else replace(decision, level=max(decision.level, Level.L3))


def confirmed(ticket: Ticket, context: Context, orders: Orders, pack: Pack) -> str:
    """Who confirmed a P0 or P1, empty while nobody did: a person by the tag or by command (S1-16)."""
    if orders.confirmed is not None:
        return f"user {orders.confirmed.author}"
    tag = pack.p0.confirm_tag.casefold()
    theirs = {one.casefold() for one in ticket.tags} - {one.casefold() for one in context.tags}
    return f"the tag {pack.p0.confirm_tag}" if tag in theirs else ""


def acknowledgement(orders: Orders, page: Page) -> Command | None:
    """The first command by which somebody said of this episode that it is seen; one from before it says nothing."""
    if not page.open or page.acknowledged_at is not None:
        return None
    said = (one for one in orders.given if one.verb in ("ack", "confirm") and not one.problem)
    return next((one for one in said if one.at >= page.opened_at), None)


def effect_key(page: Page, step: str) -> str:
    """The ledger's key of a step: ``zendesk:acme:4711:page:1:L2:page``."""
    return f"{page.incident}:page:{page.episode}:{step}"


def acknowledged_by(command: Command) -> tuple[str, Via]:
    """Who acknowledged by command, and the way."""
    return f"user {command.author}", "command"


def _chain(page: Page, decision: Decision, pack: Pack, calendar: Calendar) -> Iterator[Step]:
    acknowledged = page.acknowledged_at is not None
    if page.open and not decision.left_alone:
        for do, step in pack.oncall.steps.items():
            if step is None:  # taken away by a policy that is laid over another
                continue
            at = due(page.opened_at, step.after, calendar)
            if do == "page":
                if not acknowledged:
                    yield Step(_page(Level.L2), "page", at, "l2")
                if decision.page and decision.level >= Level.L3:
                    yield Step(_page(Level.L3), "page", max(at, _reached(page, decision)), "l3")
            elif not acknowledged and (calendar.is_open(page.opened_at) or not step.open_hours):
                yield Step(do, do, at, do)
    if not any(step.by for step in page.taken.values()):
        return
    if page.resolved_at is not None:
        yield Step("resolve", "resolve", page.resolved_at)
    elif page.acknowledged_at is not None and page.acknowledged_via != "pagerduty":
        yield Step("acknowledge", "acknowledge", page.acknowledged_at)


def _reached(page: Page, decision: Decision) -> datetime:
    """When the page was to go on to the level that the decision names."""
    causes = (decision.level_since or decision.at, page.confirmed_at, decision.deadlines.get(CONFIRM))
    return max(page.opened_at, min(filter(None, causes)))


def _page(level: Level) -> str:
    return f"{level}:page"
