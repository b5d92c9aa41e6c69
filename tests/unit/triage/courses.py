"""Short ways to tell a ticket's course and to look at one clock of it. Times are minutes since the ticket came, which
was on Monday the 2nd of March 2026 at 09:00 UTC; the office is open 09:00-17:00 UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from app.packs import find_pack
from app.triage import clocks
from app.triage.business_time import Calendar
from app.triage.calendar import CalendarPart, compiled
from app.triage.clocks.parts import Clock, Quiet
from app.triage.commands import orders_of
from app.triage.conditions import Seen
from app.triage.decision import Context, Level, Severity
from app.triage.policy import Policy, read
from app.triage.ticket import Change, Comment, Customer, Speaker, Status, Ticket
from tests.unit.triage.conftest import NOW, a_ticket

AGENT, US, REQUESTER = "7", "99", "5"
KNOWN = Context(our_id=US)
OFFICE = compiled(CalendarPart())


@cache
def unified() -> Policy:
    """The default policy by phrases and rules alone."""
    return read(*find_pack("unified"), find_pack)


def at(minutes: float = 0, days: float = 0) -> datetime:
    return NOW + timedelta(days=days, minutes=minutes)


def asks(minutes: float, body: str = "Any news?") -> Comment:
    return Comment(f"c{minutes}", Speaker.CUSTOMER, body, at(minutes), author_id=REQUESTER)


def answers(minutes: float, body: str = "We are looking into it.") -> Comment:
    return Comment(f"a{minutes}", Speaker.AGENT, body, at(minutes), author_id=AGENT)


def notes(minutes: float, body: str = "Looked at the logs, nothing yet.") -> Comment:
    return Comment(f"n{minutes}", Speaker.AGENT, body, at(minutes), public=False, author_id=AGENT)


def we_note(minutes: float, body: str) -> Comment:
    return Comment(f"w{minutes}", Speaker.WORKER, body, at(minutes), public=False, author_id=US)


def moves(minutes: float, old: str, new: str, by: str = AGENT) -> Change:
    coarse = {"Waiting on Customer": Status.PENDING, "Review": Status.OPEN}.get(new) or Status(new)
    return Change(at(minutes), by, "status", old, new, coarse)


def given(minutes: float, new: str = AGENT, old: str = "") -> Change:
    return Change(at(minutes), AGENT, "assignee", old, new)


def tagged(minutes: float, new: str, old: str = "") -> Change:
    return Change(at(minutes), AGENT, "tags", old, new)


def ticket(*events: Comment | Change, **more: Any) -> Ticket:
    """A ticket with these comments and changes; what changed last is what it shows."""
    changes = tuple(one for one in events if isinstance(one, Change))
    shows: dict[str, Any] = {"status": Status.NEW, "status_name": "new"}
    for one in changes:
        if one.field == "status":
            shows |= {"status": one.status, "status_name": one.new}
        elif one.field == "assignee":
            shows["assignee"] = one.new
        elif one.field == "tags":
            shows["tags"] = frozenset(one.new.split())
    made = a_ticket(**{"body": "It fails.", **shows, **more})
    comments = tuple(one for one in events if isinstance(one, Comment))
    return replace(made, comments=comments, history=changes, requester=Customer(id=REQUESTER))


@dataclass(frozen=True)
class Look:
    """One clock of a ticket at one moment: its cycles, and what is to be done."""

    clocks: clocks.Clocks
    agenda: clocks.Agenda
    story: clocks.Story

    @property
    def spans(self) -> list[tuple[float, float | None]]:
        """From when until when it ran, in minutes since the ticket came."""
        return [(_minutes(one.start) or 0, _minutes(one.stop)) for one in self.clocks.cycles]

    @property
    def due(self) -> float | None:
        """When the last cycle falls due."""
        return _minutes(self.clocks.cycles[-1].due)

    @property
    def goal(self) -> float | None:
        """When the last cycle is at risk."""
        return _minutes(self.clocks.cycles[-1].goal)

    @property
    def steps(self) -> list[tuple[str, float | None, int]]:
        """What is to be done now: the kind, when it passed, which repetition."""
        return [(one.kind, _minutes(one.at), one.window) for one in self.agenda.due]

    @property
    def wakes(self) -> float | None:
        """When to look again."""
        return _minutes(self.agenda.wake_at)


def _minutes(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - NOW).total_seconds() / 60


def look(
    of: Ticket,
    now: float,
    *,
    severity: Severity = Severity.P2,
    level: Level = Level.L1,
    context: Context = KNOWN,
    facts: frozenset[str] = frozenset(),
    thanked: datetime | None = None,
    calendar: Calendar = OFFICE,
    quiet: Quiet | None = None,
    **clock: Any,
) -> Look:
    """What comes of one clock; by default one of an hour, day and night, for P2 and P0, with a note when it is over."""
    promise = {"P2": {"due": "60m"}, "P0": {"due": "60m"}, "on_breach": {"say": "Do it"}} | clock
    pack = unified().pack.model_copy(update={"clocks": {"it": Clock(**promise)}, "quiet": quiet or Quiet()})
    seen = Seen(
        **{"ticket": of, "context": context, "pack": pack, "calendar": calendar, "now": at(now), "facts": facts},
        severity=severity,
        level=level,
        orders=orders_of(of, context, pack),
    )
    course = clocks.story(seen, severity, level, thanked)
    found = clocks.clocks_of(seen, course, severity, level)
    return Look(found, clocks.agenda(found, seen, severity, level), course)
