"""Carrying the on-call chain out: first of all in a look, each step once in effect, whoever dies midway.

A step is written into the ledger before and after it is sent. A pager drops what it has by the dedup key, so a page
whose fate is unknown goes out again; an e-mail or a chat message does not. What no target took is tried again at each
sweep. One worker at a time holds a page, whichever ticket of the incident it looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from app.errors import Refused, TriageError, UnknownAccount
from app.metrics import PAGES
from app.oncall.alert import Alert, Target
from app.oncall.targets import Sent, first_that_takes
from app.runtime import Runtime
from app.store.ledger import Effect
from app.store.tickets import Lease
from app.triage import oncall, oncall_words, records
from app.triage.commands import orders_of
from app.triage.decision import Context, Decision
from app.triage.fields import Known
from app.triage.oncall import Step
from app.triage.page import Page, Taken
from app.triage.policy import Policy
from app.triage.ticket import Ref
from workers import brake
from workers.marking import mark_one

log = structlog.get_logger("pages")

KIND = "page"
STUCK = timedelta(minutes=2)
"""How long a step may be overdue before the sweep does it without a look at the ticket."""

BUSY = timedelta(seconds=5)  # until a page that another worker holds is looked at again


class Restraint(Protocol):
    """Whether an effect is held back, and the sweep that it belongs to."""

    @property
    def run(self) -> str:
        """The sweep's run."""

    def holds(self, effect: Effect) -> bool:
        """Whether it is held back."""


@dataclass(frozen=True, slots=True)
class Attended:
    """The page of the incident as it is now, when it wants to be looked at again, and the steps that this look did."""

    page: Page | None
    later: datetime | None = None
    done: tuple[str, ...] = ()


def seen(runtime: Runtime, ref: Ref, context: Context) -> Context:
    """The context with the page that is about the ticket: its own while that is open, else that of the ticket it
    repeats, else one about another ticket of its cluster, which hands it over when it is looked at."""
    page = runtime.store.page(ref)
    if context.duplicate_of and not (page and page.open):
        page = runtime.store.page(context.duplicate_of) or page
    if context.cluster and not (page and page.open):
        other = runtime.store.paged_in_cluster(context.cluster.master)
        page = runtime.store.page(other) if other else page
    return replace(context, page=page, reachable=frozenset(runtime.targets))


def announced(known: Known) -> list[Effect]:
    """The page that would be opened, unless it is held back."""
    return [_opening(known)] if oncall.opens(known.ticket, known.decision, known.context.page) else []


def attend(runtime: Runtime, lease: Lease, known: Known, held: Restraint) -> Attended:
    """Open a page where one is wanted, hear what people said about it, end it when it is over, and do what is due."""
    page, decision, now = _joined(runtime, lease, known, held), known.decision, runtime.now()
    if oncall.opens(known.ticket, decision, page):
        if held.holds(_opening(known)):
            return Attended(page)
        incident, told_at = oncall.incident_of(lease.ref, decision.duplicate_of), lease.opened_at or now
        summary = oncall_words.summary(known)
        page = runtime.store.open_page(incident, lease.ref, told_at, now, decision.severity.name, summary)
    if page is None or lease.ref not in (page.incident, page.opened_by):
        return Attended(page)
    page = _heard(runtime, known, page)
    if known.context.cluster and known.context.cluster.storm and page.open and page.incident == lease.ref:
        summary = oncall_words.summary(known)  # it grows meanwhile: the steps to come tell how great it is
        page = page if page.summary == summary else runtime.store.retell_page(page, summary)
    return _go_on(runtime, page, decision, known.policy, held, lease.until)


def catch_up(runtime: Runtime) -> None:
    """Do the overdue steps of pages whose tickets no look reaches: parked, or their vendor is away. What happened to
    the ticket meanwhile is not known then, and the safe side is to wake somebody."""
    now = runtime.now()
    for page in runtime.store.stuck_pages(now - STUCK, now):
        last = runtime.store.last_decision(page.opened_by) or runtime.store.last_decision(page.incident)
        if last is None:
            continue
        decision = records.from_json(last)
        policy = runtime.policies.behind(decision)
        decision = oncall.gone_on(page, decision, policy.pack, now)
        try:
            held = _Unseen(runtime, page.incident, decision)
            attended = _go_on(runtime, page, decision, policy, held, now + timedelta(seconds=60))
        except UnknownAccount as error:
            log.warning("page waits", ref=str(page.incident), reason=str(error))
        else:
            log.warning("page without a look", ref=str(page.incident), effects=" ".join(attended.done))


class _LostPage(Exception):
    """Another worker carries this page's steps out now: stop without another message."""


class _Unseen:
    """What holds a step back of a ticket that was not looked at: its account's mode, a switch, the brake."""

    def __init__(self, runtime: Runtime, ref: Ref, decision: Decision) -> None:
        permission = runtime.permission(ref).accepted()  # it was permitted to open the page
        self.run = brake.current_run(runtime)
        self._why = replace(permission, brands=frozenset()).withholds(KIND, ref, "")
        self._why = self._why or brake.holds(runtime, ref, decision.severity, self.run)

    def holds(self, effect: Effect) -> bool:
        return bool(self._why)


def _opening(known: Known) -> Effect:
    incident = oncall.incident_of(known.ticket.ref, known.decision.duplicate_of)
    episode = known.context.page.episode + 1 if known.context.page else 1
    return Effect(f"{incident}:page:{episode}:L2:page", KIND, "planned", {"step": "L2:page"})


def _joined(runtime: Runtime, lease: Lease, known: Known, held: Restraint) -> Page | None:
    """The page of the incident, where the ticket had one of its own that is open and repeats another ticket now. That
    one's page is enough, and the own is over, which its pager is told; where it has none, the own becomes its page."""
    page, cluster, first = known.context.page, known.context.cluster, known.decision.duplicate_of
    if page is None or not page.open or first is None or page.incident != known.ticket.ref:
        return page
    if held.holds(Effect(f"{page.incident}:page:{page.episode}:joined", KIND, "planned", {"step": "joined"})):
        return page
    other, store, now = runtime.store.page(first), runtime.store, runtime.now()
    if other is not None and other.open:
        store.resolve_page(page, now, f"joined with {first}")
        _go_on(runtime, store.page(page.incident) or page, known.decision, known.policy, held, lease.until)
        return other
    return page if cluster is None or cluster.master_over else store.hand_page_over(page, first)


def _heard(runtime: Runtime, known: Known, page: Page) -> Page:
    """The page after what people said by command or tag, and after the end of its incident."""
    store, now, pack = runtime.store, runtime.now(), known.policy.pack
    orders = orders_of(known.ticket, known.context, pack)
    changed = False
    if command := oncall.acknowledgement(orders, page):
        changed |= store.acknowledge_page(page, command.at, *oncall.acknowledged_by(command))
    who = oncall.confirmed(known.ticket, known.context, orders, pack)
    if who and page.open and page.confirmed_at is None:
        changed |= store.confirm_page(page, now, who)
    if page.open and (why := _over(runtime, known, page)):
        changed |= store.resolve_page(page, now, why)
    return (store.page(page.incident) or page) if changed else page


def _over(runtime: Runtime, known: Known, page: Page) -> str:
    """Why the page is over. A ticket that only repeats the incident ends it where the incident itself pages nobody."""
    why = oncall.over(known.ticket, known.decision)
    if why and known.ticket.ref != page.incident:
        last = runtime.store.last_decision(page.incident)
        return "" if last is not None and last["page"] else why
    return why


def _go_on(
    runtime: Runtime, page: Page, decision: Decision, policy: Policy, held: Restraint, until: datetime
) -> Attended:
    """Do the steps that are due, as far as they are not held back."""
    store, now = runtime.store, runtime.now()
    if not oncall.due_now(page, decision, policy, now):
        coming = oncall.next_at(page, decision, policy, now)
        if coming != page.next_at:
            store.page_waits(page, coming)
        return Attended(page, coming)
    mine = store.hold_page(page, now, until)
    if mine is None:
        return Attended(page, now + BUSY)
    page, done, failed = mine, list[str](), False
    later: datetime | None = now
    try:
        ledger = {effect.key: effect for effect in store.effects_of(page.incident)}
        for step in oncall.due_now(page, decision, policy, now):
            key = oncall.effect_key(page, step.name)
            action = {"step": step.name, "due": step.at.isoformat(), "late": step.late}
            effect = Effect(key, KIND, "planned", action, run=held.run)
            if held.holds(effect):
                continue
            page = _carry_out(runtime, page, step, effect, ledger.get(key))
            if step.name in page.taken:
                done += _shown(step, page.taken[step.name])
            else:
                failed = True
        retry = now + timedelta(seconds=runtime.settings.sweep_seconds) if failed else None
        later = min(filter(None, (oncall.next_at(page, decision, policy, now), retry)), default=None)
    except _LostPage:
        later = now + BUSY
    finally:
        store.release_page(page, later)
    return Attended(page, later, tuple(done))


def _shown(step: Step, taken: Taken) -> list[str]:
    """A step for the line in the log; one that nobody could get is shown of pages alone."""
    how = "(unknown)" if taken.unknown else "(late)" if taken.late else ""
    if taken.by or taken.unknown or step.do in oncall.ANSWERS:
        return [f"{step.name}{how}"]
    return [f"{step.name}(nobody)"] if step.do == "page" else []


def _carry_out(runtime: Runtime, page: Page, step: Step, effect: Effect, before: Effect | None) -> Page:
    """One step: planned, sent, and what came of it; the page knows it before the ledger does."""
    store, now = runtime.store, runtime.now()
    if before is not None and before.state in ("sent", "unknown") and not step.repeats:
        page = store.page_step(page, step.name, Taken(now, late=step.late, unknown=True))
        mark_one(runtime, page.incident, effect, "unknown", "the worker ended while it was sent; it is not sent again")
        return _counted(page, step, "unknown")
    targets = runtime.targets.get(step.targets, ())
    if step.do not in oncall.ANSWERS and not targets:
        return _counted(store.page_step(page, step.name, Taken(now)), step, "nobody")
    store.plan_effects(page.incident, [effect], now)
    if not store.still_holds_page(page, now):
        raise _LostPage(f"page {page.episode} is another worker's")
    alert, names = _alert(runtime, page, step), list[str]()
    mark_one(runtime, page.incident, effect, "sent")
    if step.do in oncall.ANSWERS:
        sent = _tell_all(list(_takers(runtime, page)), alert, now)
    else:
        sent = first_that_takes(targets, alert, now)
        names += [f"{step.targets}/{sent.by}"] if sent.by else []
    trouble = "; ".join(sent.failures)
    if not sent.by:
        page = store.page_step(page, step.name, None, trouble)
        mark_one(runtime, page.incident, effect, "planned", trouble)
        return _counted(page, step, "failed", trouble)
    page = store.page_step(page, step.name, Taken(now, tuple(names), step.late), trouble)
    mark_one(runtime, page.incident, effect, "confirmed", trouble)
    return _counted(page, step, "late" if step.late else "taken", trouble)


def _counted(page: Page, step: Step, outcome: str, trouble: str = "") -> Page:
    PAGES.labels(step.name, outcome).inc()
    tell = log.error if outcome in ("failed", "unknown") else log.warning if trouble else log.debug
    tell("page", ref=str(page.incident), kind=step.name, outcome=outcome, **({"reason": trouble} if trouble else {}))
    return page


def _takers(runtime: Runtime, page: Page) -> Iterator[Target]:
    """The targets that took a step and keep incidents, as far as they are still set."""
    known = {f"{name}/{one.id}": one for name, targets in runtime.targets.items() for one in targets if one.follows}
    ids = dict.fromkeys(by for step, taken in page.taken.items() if step not in oncall.ANSWERS for by in taken.by)
    yield from {known[by].id: known[by] for by in ids if by in known}.values()


def _tell_all(targets: list[Target], alert: Alert, now: datetime) -> Sent:
    """Tell each how it stands here. One that says no for good is not told again."""
    failures, again = list[str](), False
    for target in targets:
        try:
            target.send(alert, now)
        except TriageError as error:
            failures.append(f"{target.id}: {error}")
            again = again or not isinstance(error, Refused)
    return Sent("" if again else "all", tuple(failures))


def _alert(runtime: Runtime, page: Page, step: Step) -> Alert:
    summary, text = oncall_words.alert(page, step)
    account = runtime.account(page.incident.vendor, page.incident.account)
    path = "agent/tickets" if page.incident.vendor == "zendesk" else "browse"
    return Alert(
        action=step.do if step.do in ("acknowledge", "resolve") else "trigger",
        key=oncall.effect_key(page, step.name),
        dedup_key=page.key,
        ticket=str(page.incident),
        step=step.name,
        severity=page.severity,
        summary=summary,
        text=text,
        url=f"{account.base_url}/{path}/{page.incident.id}",
        at=page.opened_at,
        late=step.late,
    )
