"""What the first of several tickets that report the same is told of the others: only what is new, once (S0-66).

The note stands on that ticket and is written by its own look. Its last line holds a mark for each fact that it tells,
so the thread itself says what is known: a note that was lost is written again, one that arrived is not, and what two of
them tell alike is told once. In a storm there is one such note in a quarter of an hour, and it is short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.triage import field_texts as texts
from app.triage.actions import AddNote
from app.triage.decision import Evidence
from app.triage.details import Details
from app.triage.duplicates.found import Cluster
from app.triage.fields import Known
from app.triage.marks import mark_of, report_line, reports_in
from app.triage.ticket import Customer, Ref, Speaker, Status, Ticket

PAUSE = timedelta(minutes=15)
"""How long the next note waits in a storm."""

ACCOUNT, ERROR = "account", "error"
_LONGEST = 120
_MOST_ERRORS = 3
_MOST_TOLD = 12  # facts that a note shows; what it counts only is known from then on too
_MOST_MARKS = 600  # a mark has twelve letters, and Zendesk cuts a comment at 64 kB: the rest goes into the next note
_CERTAIN = 4  # letters of an error from which on it is found by its words


@dataclass(frozen=True, slots=True)
class Due:
    """The note that is due now, and when the next one may be, None where nothing waits."""

    note: AddNote | None = None
    later: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Fact:
    name: str
    value: str
    source: Ref

    @property
    def mark(self) -> str:
        return _mark(self.name, self.value)


def told_of(found: Details, customer: Customer) -> tuple[tuple[str, str], ...]:
    """What a ticket tells the first of its cluster, as names and short texts: where it happens, by which errors it
    shows, and at which account."""
    told: list[tuple[str, Evidence | None]] = [("environment", found.environment), ("client", found.client)]
    told += [(ERROR, one) for one in found.errors[:_MOST_ERRORS]]
    values = [(name, texts.plain(one.quote)) for name, one in told if one is not None]
    values.append((ACCOUNT, texts.plain(customer.organization)))
    return tuple((name, value[:_LONGEST]) for name, value in values if value)


def due(known: Known, now: datetime) -> Due:
    """What the ticket is to be told of the others of its cluster; nothing where it is not the first of them."""
    ticket, cluster = known.ticket, known.context.cluster
    if cluster is None or cluster.master != ticket.ref or not cluster.news or ticket.status is Status.CLOSED:
        return Due()
    if known.decision.left_alone:
        return Due()
    fresh = list(_fresh(known, cluster))[:_MOST_MARKS]
    if not fresh:
        return Due()
    last = max((at for at, _ in _notes(ticket)), default=None)
    if cluster.storm and last is not None and now < last + PAUSE:
        return Due(later=last + PAUSE)
    marks = [one.mark for one in fresh]
    own = mark_of("\n".join(marks))
    text = "\n".join((_heading(cluster), *_lines(fresh, ticket.ref)))
    return Due(AddNote(f"{text}\n\n{report_line((own, *marks))}", own))


def count(cluster: Cluster) -> str:
    """``143 reports from 120 customers``."""
    return f"{cluster.tickets} reports from {cluster.customers} customer{'' if cluster.customers == 1 else 's'}"


def name_of(ref: Ref, beside: Ref) -> str:
    """A ticket by its number or key where it stands beside another one of its account, else by its whole name."""
    if (ref.vendor, ref.account) != (beside.vendor, beside.account):
        return str(ref)
    return f"#{ref.id}" if ref.vendor == "zendesk" else ref.id


def _fresh(known: Known, cluster: Cluster) -> Iterator[_Fact]:
    """The facts that neither the ticket nor an earlier note knows, each once."""
    ticket = known.ticket
    there = {mark for _, marks in _notes(ticket) for mark in marks}
    there |= {_mark(name, value) for name, value in told_of(known.details, ticket.requester)}
    words = ""
    for news in cluster.news:
        for name, value in news.told:
            fact = _Fact(name, value, news.source)
            if fact.mark in there:
                continue
            there.add(fact.mark)
            if name == ERROR and len(value) >= _CERTAIN:
                words = words or _words(ticket)
                if value.casefold() in words:
                    continue
            yield fact


def _words(ticket: Ticket) -> str:
    said = (one.body for one in ticket.comments if one.speaker is not Speaker.WORKER)
    return texts.plain("\n".join((ticket.subject, ticket.body, *said))).casefold()


def _notes(ticket: Ticket) -> Iterator[tuple[datetime, Sequence[str]]]:
    """The notes of this kind in the thread: when, and what each tells."""
    for comment in ticket.comments:
        if comment.speaker is Speaker.WORKER and (marks := reports_in(comment.body)):
            yield comment.at, marks


def _heading(cluster: Cluster) -> str:
    return f"{count(cluster)} by now, the last one of {cluster.last_at:%Y-%m-%d %H:%M} UTC. New from the others:"


def _lines(fresh: Iterable[_Fact], beside: Ref) -> Iterator[str]:
    """A line for who tells it and one for what; accounts together."""
    told = [one for one in fresh if one.name != ACCOUNT]
    for one in told[:_MOST_TOLD]:
        yield f"- {one.name}, from {name_of(one.source, beside)}"
        yield f"> {texts.plain(one.value)}"
    if more := told[_MOST_TOLD:]:
        yield f"- {len(more)} more of the kind"
    accounts = [texts.plain(one.value) for one in fresh if one.name == ACCOUNT]
    if accounts:
        more_accounts = len(accounts) - _MOST_TOLD
        yield f"- accounts{f', and {more_accounts} more' if more_accounts > 0 else ''}"
        yield f"> {', '.join(accounts[:_MOST_TOLD])}"


def _mark(name: str, value: str) -> str:
    return mark_of(f"report\n{name}\n{value.casefold()}")
