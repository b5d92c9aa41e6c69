"""Faults of clocks and of the calendar that they run by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from app.triage.business_time import Calendar, due
from app.triage.calendar import NamedCalendar
from app.triage.clocks.parts import Clock
from app.triage.decision import Level, Severity
from app.triage.hours import DAY
from app.triage.layers import DEFAULT, Path
from app.triage.lint.finding import Fault
from app.triage.policy import Policy

_WEEK = datetime(2026, 3, 2, tzinfo=UTC)  # any week would do; most calendars have no holiday in this one
_HOUR = timedelta(hours=1)


def check(policy: Policy) -> Iterator[Fault]:
    """Every fault of a promise, the calendar that nobody has set, and those that are nobody's or two people's."""
    for name, clock in policy.pack.clocks.items():
        calendar = policy.calendars[clock.calendar] if clock.calendar else policy.calendar
        moments = _moments(calendar)
        yield from _goals(("clocks", name), clock, calendar, moments)
        yield from _ranks(("clocks", name), clock, calendar, moments)
    yield from _stated(policy)
    for name in policy.idle_calendars:
        mend = "give it organizations or brands, or name it in a clock, or take it out"
        yield Fault("idle-calendar", ("calendars", name), "no organization, brand or clock has this calendar", mend)
    yield from _owners(policy.pack.calendars)


def _stated(policy: Policy) -> Iterator[Fault]:
    calendar = policy.tree.step("calendar")
    hours = calendar.step("hours") if calendar is not None else None
    if hours is None or all(leaf.place == DEFAULT for _, leaf in hours.leaves()):
        said = "nothing says when your teams are there, so Monday to Friday 09:00-17:00 UTC is assumed"
        yield Fault("no-calendar", ("calendar", "hours"), said, "set calendar.timezone, calendar.hours and holidays")


def _owners(calendars: Mapping[str, NamedCalendar]) -> Iterator[Fault]:
    """Every organization and brand that stands in two calendars: the first holds."""
    first: dict[tuple[str, str], str] = {}
    for name, part in calendars.items():
        for kind, owners in (("organizations", part.organizations), ("brands", part.brands)):
            for number, owner in enumerate(owners):
                other = first.setdefault((kind, owner.casefold()), name)
                if other != name:
                    said = f"{owner!r} stands in calendars.{other} too, which holds"
                    yield Fault("two-calendars", ("calendars", name, kind, number), said, "keep one of them")


def _moments(calendar: Calendar) -> list[datetime]:
    """The opening hours of a week, each hour of them: when promises begin that are compared."""
    open_in_week = calendar.segments(_WEEK, _WEEK + 7 * DAY)
    found = [start + n * _HOUR for start, end in open_in_week for n in range(24) if start + n * _HOUR < end]
    return found or [calendar.next_open(_WEEK)]


def _goals(path: Path, clock: Clock, calendar: Calendar, moments: Sequence[datetime]) -> Iterator[Fault]:
    for rank in (*Severity, *Level):
        target = clock.of(rank)
        if target is None or target.goal is None:
            continue
        late = [at for at in moments if due(at, target.goal, calendar) > due(at, target.due, calendar)]
        where, mend = (*path, rank.name, "goal"), "warn before it is due"
        if len(late) == len(moments):
            yield Fault("goal-after-due", where, f"the goal {target.goal} comes after the due time {target.due}", mend)
        elif late:
            since = f"{late[0].astimezone(calendar.zone):%A %H:%M}"
            said = f"counted from {since}, the goal {target.goal} comes after the due time {target.due}"
            yield Fault("goal-after-due-at-times", where, said, mend)


def _ranks(path: Path, clock: Clock, calendar: Calendar, moments: Sequence[datetime]) -> Iterator[Fault]:
    promised = [(rank, target) for rank in Severity if (target := clock.of(rank)) is not None]
    for (worse, first), (rank, then) in pairwise(promised):
        if any(due(at, then.due, calendar) < due(at, first.due, calendar) for at in moments):
            said = f"{rank} is promised {then.due}, which may end before the {first.due} of {worse}"
            yield Fault("due-shrinks", (*path, rank.name, "due"), said, "promise the more severe ticket more")
