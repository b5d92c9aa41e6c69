"""Clocks as packs write them: a promise that begins, stands still, ends and falls due by what happens on a ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from app.triage.calendar import DayHours
from app.triage.decision import Level, Severity
from app.triage.hours import DAY, NOTHING, Hours
from app.triage.rules import Duration, Part, Rank, Role, When, one_of
from app.triage.ticket import Status

Moment = Literal[
    "created",
    "asked",
    "asked_again",
    "answered",
    "noted",
    "assigned",
    "moved",
    "level",
    "critical",
    "reported",
    "confirmed",
    "paged",
    "acknowledged",
    "linked",
    "engineering",
    "thanked",
    "reminded",
    "state",
]
MOMENTS: Mapping[str, str] = {
    "created": "the ticket came",
    "asked": "the customer wrote, the first message included",
    "asked_again": "the customer wrote again",
    "answered": "a person on our side answered in public",
    "noted": "a person on our side wrote an internal note that says more than commands",
    "assigned": "the ticket was given to a person",
    "moved": "a person on our side changed its status, or took it back from a higher level",
    "level": "the level was reached",
    "critical": "it became P0 or P1",
    "reported": "the incident report stands in the ticket",
    "confirmed": "a person confirmed P0 or P1, by the tag or by command",
    "paged": "on-call was paged",
    "acknowledged": "on-call acknowledged the page",
    "linked": "engineering got its issue",
    "engineering": "engineering took, moved or commented on its issue",
    "thanked": "the customer said that it works again",
    "reminded": "the customer was reminded by us, since the ticket has its status",
    "state": "the ticket got the status that it has",
}
"""What may begin or end a clock."""

State = Literal["new", "open", "pending", "waiting", "hold", "review", "solved", "closed"]
STATES: tuple[State, ...] = get_args(State)
"""Statuses as the policy tells them apart (S4-64..S4-70): the vendors' own six, ``waiting`` on the customer without a
reminder, and ``review``: the customer thinks that it is solved."""

OVER: tuple[State, ...] = ("solved", "closed")


RankOrLevel = Annotated[str, one_of("severity or level", (*Severity.__members__, *Level.__members__))]


class Deed(Part):
    """What is done once when a goal or a due time passes while the clock still runs, always told in an internal note.

    ``say`` is what people are asked to do. ``tell`` are roles that follow the ticket from then on and are named,
    ``draft`` is a message of the pack written out for a person to send, ``reply`` a text under ``replies`` that the
    customer gets, ``state`` the state that the ticket is moved to, and ``engineering``: the issue is asked after.
    ``ranks`` are the severities and levels for which anything is done; all where none is named.
    """

    say: str = Field(default="", max_length=400)
    tell: tuple[Role, ...] = ()
    draft: Literal["", "customer_update"] = ""
    reply: str = ""
    state: State | None = None
    engineering: bool = False
    ranks: tuple[RankOrLevel, ...] = ()

    def for_rank(self, severity: Severity, level: Level) -> bool:
        """Whether anything is done for a ticket of this severity at this level."""
        return not self.ranks or severity.name in self.ranks or level.value in self.ranks


class Target(Part):
    """When a promise is at risk (``goal``) and when it is broken (``due``)."""

    goal: Duration | None = None
    due: Duration
    source: str = ""


class Clock(Part):
    """A promise by severity or by level, and by what it begins, stands still and ends.

    It begins at a moment of ``start`` and ends at the first of ``stop`` that follows, then begins again at the next of
    ``start``; at each of ``restart`` it begins anew. It runs only in ``states``, where any are named, and in those of
    ``pause`` it stands still. A solved ticket ends every clock; one that was opened again goes on, and the time
    between does not count. ``when`` are further conditions, as in a rule. ``calendar`` names one of ``calendars`` where
    it is not the ticket's own. ``repeat``: after the due time, each further span of that length counts as another.
    ``said_by``: the beginning of a tag that says the due time, ``hold`` for ``hold-7d`` and ``hold-2026-12-24``;
    without such a tag the clock does not run. ``audience`` says to whom the promise is.
    """

    audience: Literal["customer", "support", "engineering"] = "customer"
    start: tuple[Moment, ...] = ("created",)
    restart: tuple[Moment, ...] = ()
    stop: tuple[Moment, ...] = ()
    pause: tuple[State, ...] = ()
    states: tuple[State, ...] = ()
    when: When = When()
    calendar: str = ""
    repeat: bool = False
    said_by: str = Field(default="", pattern=r"^([a-z][a-z0-9]{1,20})?$")
    on_goal: Deed | None = None
    on_breach: Deed | None = None
    P0: Target | None = None
    P1: Target | None = None
    P2: Target | None = None
    P3: Target | None = None
    P4: Target | None = None
    L1: Target | None = None
    L2: Target | None = None
    L3: Target | None = None
    L4: Target | None = None
    source: str = ""

    def of(self, rank: Severity | Level) -> Target | None:
        """The promise for a severity or a level, if there is one."""
        target: Target | None = getattr(self, rank.name)
        return target

    def target(self, severity: Severity, level: Level | None) -> Target | None:
        """The promise for a ticket of this severity at this level: the level's, else the severity's."""
        return (self.of(level) if level is not None else None) or self.of(severity)

    @property
    def deeds(self) -> Iterator[tuple[str, Deed]]:
        """What is done, each with ``on_goal`` or ``on_breach``."""
        for name in ("on_goal", "on_breach"):
            deed: Deed | None = getattr(self, name)
            if deed is not None:
                yield name, deed

    @model_validator(mode="after")
    def _begins(self) -> Clock:
        if not self.start:
            raise ValueError("nothing begins it; name a moment under start, as in start: [created]")
        return self


class StateNames(Part):
    """A state's names at each vendor, case does not matter; the first is the one that a ticket is moved to."""

    zendesk: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    jira: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    source: str = ""

    def at(self, vendor: str) -> tuple[str, ...]:
        """The names at a vendor."""
        names: tuple[str, ...] = getattr(self, vendor)
        return names


States = Mapping[State, StateNames]

_COARSE: Mapping[Status, State] = {
    Status.NEW: "new",
    Status.OPEN: "open",
    Status.PENDING: "pending",
    Status.HOLD: "hold",
    Status.SOLVED: "solved",
    Status.CLOSED: "closed",
}


def state_of(name: str, status: Status, vendor: str, states: States) -> State:
    """The state that a status means: by its name where the policy names it, else by what the vendor says it is."""
    shown = name.casefold()
    return next(
        (state for state, names in states.items() if shown in map(str.casefold, names.at(vendor))), _COARSE[status]
    )


def _within_a_day(several: DayHours) -> DayHours:
    if sum((closes - opens for opens, closes in map(Hours.parse, several)), NOTHING) >= DAY:
        raise ValueError("quiet hours fill the whole day; leave some of it")
    return several


class Quiet(Part):
    """When nobody is nudged: local ``hours`` of each day, in the calendar's zone, for tickets of these severities. What
    falls into them is done when they end. On-call is paged at any hour."""

    hours: Annotated[DayHours, AfterValidator(_within_a_day)] = ()
    severity: tuple[Rank, ...] = ("P2", "P3", "P4")
    source: str = ""
