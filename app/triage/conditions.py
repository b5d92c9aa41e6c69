"""The conditions a rule may ask, one function each. A function returns what it saw, or None when it does not hold.

label          the primary label is one of these
second_label   the secondary label is one of these
facts          one of these facts holds
all_facts      all of these facts hold
not_facts      none of these facts holds
severity       the severity so far is one of these
level          the level that was reached is one of these (notifications, communicators and tags know it)
tags           the ticket carries one of these tags, put there by somebody else than us (case does not matter)
not_tags       the ticket carries none of these tags, whoever put them there
vendor         the ticket lives at one of these vendors
brand          the ticket's brand, or its Jira project, is one of these
area           the product area (the field `area`, or the first Jira component) is one of these
channel        the ticket came by one of these channels
language       the customer writes one of these (`en` also means `en-GB`), or one without phrases: `unknown`
tier           the customer's tier is one of these
account        the organization is `strategic` (by its own flag or `accounts`) or `high_value`; `unknown`: none is
status         the ticket's status is one of these
known_issue    true: a known issue matches; false: none does
instructions   true: a known issue with a workaround that works matches; false: none does
duplicate      true: it repeats an open ticket; false: it does not
reporters      at least so many people report the same symptom
organizations  at least so many customers (organizations, else requesters) report the same within `patterns.window`
tickets        at least so many tickets report the same fault
storm          true: it is one of a storm (`duplicates.storm`); false: it is not
paged          true: on-call is paged for it; false: nobody is (known as late as `level`)
demand         true: as many customers as `demand.product_review` ask for it, or a high-value account does
on_time        neither goal nor due time of one of these clocks that run has passed (known as late as `level`)
at_risk        the goal of one of these clocks has passed, its due time has not
overdue        the due time of one of these clocks has passed, and it still runs
breached       the due time of one of these clocks has passed before it ended, now or earlier
waited         the customer's last message has waited at least so long for an answer by a person
answers        people on our side have answered in public at least so many times
spoke          one of these (customer, agent, worker) has written after the first message
unsure         true: the confidence in the label is below the pack's threshold; false: it is not
p2_p3          the pack's way with P2 and P3 (`escalation.p2_p3`) is one of these
feature        one of these features of the pack is on
issue          the ticket hangs on an issue of engineering that is `open` or `resolved`; `none`: on none that is open
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.triage.business_time import Calendar, Span, due
from app.triage.commands import Orders
from app.triage.decision import Context, Label, Level, Severity
from app.triage.model import Reading
from app.triage.patterns import conditions as patterns
from app.triage.ticket import Speaker, Ticket

if TYPE_CHECKING:
    from app.triage.pack import Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known when a rule is asked; later stages know more. ``orders`` are what people said by command,
    ``reading`` is what the learned reader makes of the words, None where it is not asked. ``language`` is the one that
    the customer writes, ``unread`` when the pack has no phrases for it. ``calendar`` is the ticket's own, ``calendars``
    are those that clocks name."""

    ticket: Ticket
    context: Context
    pack: Pack
    calendar: Calendar
    now: datetime
    facts: frozenset[str]
    label: Label | None = None
    second_label: Label | None = None
    severity: Severity | None = None
    level: Level | None = None
    on_time: Collection[str] = ()
    at_risk: Collection[str] = ()
    overdue: Collection[str] = ()
    breached: Collection[str] = ()
    unsure: bool = False
    paged: bool = False
    reading: Reading | None = None
    language: str = ""
    unread: bool = False
    orders: Orders = Orders()  # noqa: RUF009 - frozen
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def calendar_of(self, name: str) -> Calendar:
        """The calendar of that name; the ticket's own where none is named."""
        return self.calendars.get(name, self.calendar)


def not_among(what: str, name: str, known: Sequence[str]) -> str:
    """One sentence about an unknown name, with the nearest known one."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    return f"unknown {what} {name!r}; {hint}"


def _label(entries: Sequence[Label], seen: Seen) -> str | None:
    return f"label is {seen.label}" if seen.label in entries else None


def _second_label(entries: Sequence[Label], seen: Seen) -> str | None:
    return f"second label is {seen.second_label}" if seen.second_label in entries else None


def _facts(entries: Sequence[str], seen: Seen) -> str | None:
    return next((f"fact {name}" for name in entries if name in seen.facts), None)


def _all_facts(entries: Sequence[str], seen: Seen) -> str | None:
    return f"facts {', '.join(entries)}" if all(name in seen.facts for name in entries) else None


def _not_facts(entries: Sequence[str], seen: Seen) -> str | None:
    return None if any(name in seen.facts for name in entries) else f"without {', '.join(entries)}"


def _severity(entries: Sequence[str], seen: Seen) -> str | None:
    return f"severity {seen.severity}" if seen.severity is not None and seen.severity.name in entries else None


def _level(entries: Sequence[Level], seen: Seen) -> str | None:
    return f"level {seen.level}" if seen.level in entries else None


def _tags(entries: Sequence[str], seen: Seen) -> str | None:
    theirs = _folded(seen.ticket.tags) - _folded(seen.context.tags)
    if seen.orders.confirmed is not None:
        theirs.add(seen.pack.p0.confirm_tag.casefold())  # said by command, which is as good
    return next((f"tag {tag}" for tag in entries if _spellings(tag, seen) & theirs), None)


def _not_tags(entries: Sequence[str], seen: Seen) -> str | None:
    there = _folded(seen.ticket.tags)
    return None if any(_spellings(tag, seen) & there for tag in entries) else f"without tag {', '.join(entries)}"


def _vendor(entries: Sequence[str], seen: Seen) -> str | None:
    return f"vendor {seen.ticket.ref.vendor}" if seen.ticket.ref.vendor in entries else None


def _brand(entries: Sequence[str], seen: Seen) -> str | None:
    return _named("brand", seen.ticket.brand, entries)


def _area(entries: Sequence[str], seen: Seen) -> str | None:
    return _named("area", seen.ticket.area, entries)


def _channel(entries: Sequence[str], seen: Seen) -> str | None:
    return _named("channel", seen.ticket.channel, entries)


def _language(entries: Sequence[str], seen: Seen) -> str | None:
    if seen.unread and "unknown" in entries:
        return "language unknown"
    locale = seen.ticket.language
    language = seen.language or locale.partition("-")[0]
    exact = _named("language", locale, entries) if locale.partition("-")[0].casefold() == language.casefold() else None
    return exact or _named("language", language, entries)


def _tier(entries: Sequence[str], seen: Seen) -> str | None:
    return _named("tier", seen.ticket.requester.tier, entries)


def _account(entries: Sequence[str], seen: Seen) -> str | None:
    customer = seen.ticket.requester
    if "unknown" in entries and not (customer.organization or customer.organization_id):
        return "no organization is known"
    return valued(seen.ticket, seen.pack, entries)


def valued(ticket: Ticket, pack: Pack, kinds: Sequence[str] = ("high_value", "strategic")) -> str | None:
    """That the ticket's organization is an account of one of these kinds, by its own flag, its name or a tag."""
    customer = ticket.requester
    if "strategic" in kinds and customer.strategic:
        return "the account is strategic"
    marks = _folded((*filter(None, (customer.organization, customer.organization_id)), *ticket.tags))
    listed = {"strategic": pack.accounts.strategic, "high_value": pack.accounts.high_value}
    return next((f"the account is {kind}" for kind in kinds if kind in listed and marks & _folded(listed[kind])), None)


def _status(entries: Sequence[str], seen: Seen) -> str | None:
    return _named("status", seen.ticket.status.value, entries)


def _known_issue(wanted: bool, seen: Seen) -> str | None:
    issues = seen.context.known_issues or ()
    if bool(issues) is not wanted:
        return None
    return f"known issue {issues[0].id}" if issues else "no known issue"


def _instructions(wanted: bool, seen: Seen) -> str | None:
    found = next((one for one in seen.context.known_issues or () if one.instructions), None)
    if (found is not None) is not wanted:
        return None
    return f"known issue {found.id} has a workaround" if found else "no known issue has a workaround"


def _duplicate(wanted: bool, seen: Seen) -> str | None:
    master = seen.context.duplicate_of
    if (master is not None) is not wanted:
        return None
    return f"repeats {master}" if master else "repeats no open ticket"


def _reporters(least: int, seen: Seen) -> str | None:
    count = seen.context.reporters
    return f"{count} people report it" if count >= least else None


def _organizations(least: int, seen: Seen) -> str | None:
    count = seen.context.organizations
    return f"{count} customers report it" if count >= least else None


def _demand(wanted: bool, seen: Seen) -> str | None:
    many = seen.context.demand >= seen.pack.demand.product_review
    account = None if many else valued(seen.ticket, seen.pack)
    if (many or account is not None) is not wanted:
        return None
    return account or f"{seen.context.demand} customers ask for it"


def _overdue(entries: Sequence[str], seen: Seen) -> str | None:
    return next((f"clock {name} is overdue" for name in entries if name in seen.overdue), None)


def _on_time(entries: Sequence[str], seen: Seen) -> str | None:
    return next((f"clock {name} is on time" for name in entries if name in seen.on_time), None)


def _at_risk(entries: Sequence[str], seen: Seen) -> str | None:
    return next((f"clock {name} is at risk" for name in entries if name in seen.at_risk), None)


def _breached(entries: Sequence[str], seen: Seen) -> str | None:
    return next((f"clock {name} was missed" for name in entries if name in seen.breached), None)


def _waited(least: Span, seen: Seen) -> str | None:
    asked: datetime | None = seen.ticket.created_at
    for comment in seen.ticket.comments:
        if comment.speaker is Speaker.CUSTOMER:
            asked = asked if asked is not None else comment.at
        elif comment.speaker is Speaker.AGENT and comment.public:
            asked = None  # answered; the next message of the customer waits anew
    if asked is None or due(asked, least, seen.calendar) > seen.now:
        return None
    return f"waiting since {asked:%Y-%m-%d %H:%M} UTC"


def _answers(least: int, seen: Seen) -> str | None:
    count = len(seen.ticket.answers)
    return f"{count} answers by people" if count >= least else None


def _spoke(entries: Sequence[str], seen: Seen) -> str | None:
    spoke = {comment.speaker.value for comment in seen.ticket.comments}
    return next((f"the {name} wrote" for name in entries if name in spoke), None)


def _unsure(wanted: bool, seen: Seen) -> str | None:
    if seen.unsure is not wanted:
        return None
    return "confidence is below the threshold" if wanted else "confidence is sufficient"


def _p2_p3(entries: Sequence[str], seen: Seen) -> str | None:
    return _named("the way with P2 and P3", seen.pack.escalation.p2_p3, entries)


def _feature(entries: Sequence[str], seen: Seen) -> str | None:
    return next((f"feature {name} is on" for name in entries if seen.pack.features.get(name)), None)


def _issue(entries: Sequence[str], seen: Seen) -> str | None:
    states = [(one.ref.id, "resolved" if one.done else "open") for one in seen.context.linked if not one.gone]
    if "none" in entries and all(state != "open" for _, state in states):
        return "no issue is open"
    return next((f"issue {key} is {state}" for key, state in states if state in entries), None)


def _named(what: str, shown: str, entries: Iterable[str]) -> str | None:
    """What is shown, when it is one of the entries; case does not matter."""
    return f"{what} is {shown}" if shown and shown.casefold() in _folded(entries) else None


def _spellings(tag: str, seen: Seen) -> set[str]:
    """A tag in the policy's spelling and in the vendor's (C-14)."""
    return _folded((tag, seen.pack.tags.map.get(seen.ticket.ref.vendor, {}).get(tag, tag)))


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


CONDITIONS: Mapping[str, Callable[[Any, Seen], str | None]] = MappingProxyType(
    {
        "label": _label,
        "second_label": _second_label,
        "facts": _facts,
        "all_facts": _all_facts,
        "not_facts": _not_facts,
        "severity": _severity,
        "level": _level,
        "tags": _tags,
        "not_tags": _not_tags,
        "vendor": _vendor,
        "brand": _brand,
        "area": _area,
        "channel": _channel,
        "language": _language,
        "tier": _tier,
        "account": _account,
        "status": _status,
        "known_issue": _known_issue,
        "instructions": _instructions,
        "duplicate": _duplicate,
        "reporters": _reporters,
        "organizations": _organizations,
        "tickets": patterns.tickets,
        "storm": patterns.storm,
        "paged": patterns.paged,
        "demand": _demand,
        "on_time": _on_time,
        "at_risk": _at_risk,
        "overdue": _overdue,
        "breached": _breached,
        "waited": _waited,
        "answers": _answers,
        "spoke": _spoke,
        "unsure": _unsure,
        "p2_p3": _p2_p3,
        "feature": _feature,
        "issue": _issue,
    }
)
