"""What is said about a page: to the pager in a few lines, in the ticket's note, and as news in the ticket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.triage import oncall
from app.triage.actions import AddNote
from app.triage.decision import Decision, Level
from app.triage.fields import Known
from app.triage.marks import mark_of, news_in
from app.triage.oncall import Step
from app.triage.page import Page, Taken
from app.triage.patterns.counts import storm_words
from app.triage.policy import Policy
from app.triage.ticket import Speaker, Status

_VIA = {"pagerduty": "at PagerDuty", "command": "by command", "board": "on the board"}
_STEPS = {
    "L2:page": "page to L2",
    "L3:page": "page to L3",
    "chat": "chat message",
    "email": "wake-up e-mail",
    "call": "call to the emergency contacts",
    "acknowledge": "acknowledgement to the pager",
    "resolve": "end of the page to the pager",
}
_ASKS = {
    "page": "Please acknowledge, and say in the ticket that you see to it.",
    "chat": "Helpdesk and engineering: please consult here.",
    "email": "Nobody acknowledged the page so far. Please wake up and look.",
    "call": "Nobody acknowledged page and e-mail so far. Please call the emergency contacts.",
}


def summary(known: Known) -> str:
    """``P0 Reliability: Everything is down (zendesk:acme:4711)``: one line, the subject as far as it fits; of a storm
    also how great it is, ``storm: 14 customers in 20 min``."""
    decision, brief, cluster = known.decision, known.field("brief") or "", known.context.cluster
    policy = known.policy
    storm = f", storm: {storm_words(cluster, policy.pack, policy.calendar)}" if cluster and cluster.storm else ""
    return f"{policy.pack.shown(decision.severity)} {decision.label}: {brief[:160]} ({decision.ref}){storm}"


def alert(page: Page, step: Step) -> tuple[str, str]:
    """A step's first line and the lines below it."""
    late = f"LATE, was due {_clock(step.at)}: " if step.late else ""
    confirmed = "" if page.confirmed_at else "[unconfirmed] "
    lines = [
        _ASKS.get(step.do, ""),
        f"Incident {page.incident}, page {page.episode}, open since {_clock(page.opened_at)}.",
        "It is not confirmed by a person yet." if not page.confirmed_at else "A person confirmed it.",
        "To acknowledge: here, on the board, or with /triage ack in an internal note; /triage confirm confirms it too.",
    ]
    return f"{late}{confirmed}{page.summary}", "\n".join(filter(None, lines))


def paragraph(known: Known) -> str:
    """What the note says of a page: who is woken and when what follows; or that nobody can be."""
    decision, page, reachable = known.decision, known.context.page, known.context.reachable
    if not decision.page:
        return ""
    if reachable is not None and not {"l2", "l3"} & reachable:
        return "Nobody can be paged: TRIAGE_PAGER__L2 is not set. Please call who is on call yourself."
    if page is None or not page.open:
        return ""
    lines = [f"On-call chain (page {page.episode}, open since {_clock(page.opened_at)}):"]
    lines += [f"- {_what(step, page.taken.get(step.name))}" for step in oncall.chain(page, decision, known.policy)]
    goes_on = oncall.goes_on_at(page, decision, known.policy.pack)
    if goes_on and decision.level < Level.L3:
        lines.append(f"- goes on to L3 at {_clock(goes_on)} unless confirmed before, and at once when confirmed")
    lines.append("- /triage ack in an internal note: it is seen and handled, no e-mail and no call follows")
    lines.append("- /triage confirm: it is what it seems to be; also acknowledges")
    return "\n".join(lines)


def answer(page: Page | None, confirmed: str = "") -> str:
    """What follows from ``ack``, or from ``confirm``: ``confirmed`` says what that comes to besides."""
    if page is None or not page.open:
        return confirmed or "nobody is paged for this ticket"
    if page.acknowledged_at is None:
        return confirmed or "it was said before this page opened; please say it again"
    followed = "the chain stops: no e-mail and no call follows"
    return "; ".join(filter(None, (f"page {page.episode} is acknowledged, {followed}", confirmed)))


def news(known: Known) -> tuple[AddNote, ...]:
    """What the ticket was not told yet: that somebody acknowledged elsewhere, or closed the page at the pager, or that
    a step reached nobody. Each once, by its mark in the thread."""
    page, ticket = known.context.page, known.ticket
    closed = ticket.status is Status.CLOSED or bool(known.decision.left_alone)
    if page is None or closed or ticket.ref not in (page.incident, page.opened_by):
        return ()
    ours = (one.body for one in ticket.comments if one.speaker is Speaker.WORKER and not one.public)
    told = {mark for body in ours for mark in news_in(body)}
    about = mark_of(f"{page.key} {page.episode}")
    found = []
    for what, text in _events(page):
        mark = mark_of(f"{about} {what}")
        if mark not in told:
            found.append(AddNote(f"{text}\n\nFirstline news {mark} {about}", mark))
    return tuple(found)


def _events(page: Page) -> Iterator[tuple[str, str]]:
    if page.acknowledged_at is not None and page.acknowledged_via in ("pagerduty", "board"):
        who, where = page.acknowledged_by, _VIA[page.acknowledged_via]
        when = _clock(page.acknowledged_at)
        yield "acknowledged", f"On-call page acknowledged {where} by {who} at {when}: no e-mail and no call follows."
    if page.closed_there:
        yield "closed", "The page was resolved at PagerDuty. This ticket stays as it is; solve it when it is solved."
    if page.open:
        for step in (one for one in page.unreached if one not in oncall.ANSWERS):
            text = f"The {_STEPS[step]} reached nobody: {page.trouble[step]}. It is tried again. Please call yourself."
            yield f"unreached {step}", text


def state(page: Page) -> Iterator[str]:
    """A page line by line, for ``triage explain``."""
    over = f", over since {_clock(page.resolved_at)}: {page.resolved_why}" if page.resolved_at else ""
    yield f"page {page.episode} of {page.incident}, open since {_clock(page.opened_at)}{over}"
    if page.acknowledged_at:
        yield f"acknowledged {_VIA[page.acknowledged_via]} by {page.acknowledged_by} at {_clock(page.acknowledged_at)}"
    if page.confirmed_at:
        yield f"confirmed by {page.confirmed_by} at {_clock(page.confirmed_at)}"
    for name, taken in page.taken.items():
        by = f", taken by {', '.join(taken.by)}" if taken.by else ""
        yield f"{_outcome(_STEPS[name], taken)}{by}"
    for name, why in page.trouble.items():
        yield f"{_STEPS[name]}{' reached nobody' if name in page.unreached else ''}: {why}"


def _what(step: Step, taken: Taken | None) -> str:
    name = _STEPS[step.name]
    if taken is None:
        return f"{name}: due {_clock(step.at)}"
    return _outcome(name, taken)


def _outcome(name: str, taken: Taken) -> str:
    if taken.unknown:
        return f"{name}: sent {_clock(taken.at)}, nobody knows whether it arrived"
    if not taken.by and name not in (_STEPS[one] for one in oncall.ANSWERS):
        return f"{name}: no target is set"
    return f"{name}: sent {_clock(taken.at)}{', late' if taken.late else ''}"


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def shown(step: str) -> str:
    """A step in words for people: ``wake-up e-mail``."""
    return _STEPS[step]


def next_step(page: Page, decision: Decision, policy: Policy, now: datetime) -> str:
    """What comes next and when, for the board; empty when nothing does."""
    coming = [one for one in oncall.chain(page, decision, policy) if one.name not in page.taken]
    if not coming:
        return ""
    step = coming[0]
    return f"{_STEPS[step.name]} {'is overdue since' if step.at < now else 'at'} {_clock(step.at)}"
