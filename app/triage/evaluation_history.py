"""A help desk's own history as right answers: what people set on a ticket since, and the ticket as it came in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.triage.decision import Label, Severity
from app.triage.gold import Row
from app.triage.ticket import Status, Ticket, VendorName

PAGE, SPAM = "page", "spam"
Priorities = Mapping[VendorName, Mapping[str, str]]
NOTHING: Priorities = MappingProxyType({})
_PREFIX = "label-"  # of the tags that the default policy writes: label-billing
_KEPT = ("area", "tier", "strategic")  # fields that tell who asks and about what, not what was decided


@dataclass(frozen=True, slots=True)
class Right:
    """What a history says is right about a ticket, as ``gold.Row`` has it."""

    label: Label | None = None
    also: tuple[Label, ...] = ()
    severities: tuple[Severity, ...] = ()
    page: bool | None = None
    spam: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the words of a help desk (tags, categories, priorities) say, all in small letters.

    ``priorities`` are the severities that a vendor's priority may stand for, empty where it does not count.
    ``paged`` are words of tickets for which somebody was woken: where there is such a word at all, a ticket without one
    is a ticket for which nobody should be.
    """

    labels: Mapping[str, Label]
    severities: Mapping[str, Severity]
    priorities: Mapping[tuple[VendorName, str], tuple[Severity, ...]]
    paged: frozenset[str] = frozenset()
    spam: frozenset[str] = frozenset()

    def right(self, words: Iterable[str], priority: str = "", vendor: VendorName = "zendesk") -> Right | None:
        """What a ticket's words and its priority say; None where they say nothing. Of several labels the first counts,
        and the others can be defended; of several severities the first."""
        told = [plain for word in (*words, priority) if (plain := word.strip().casefold())]
        labels = tuple(dict.fromkeys(self.labels[word] for word in told if word in self.labels))
        severities = tuple(self.severities[word] for word in told if word in self.severities)[:1]
        severities = severities or self.priorities.get((vendor, priority.strip().casefold()), ())
        paged, spam = not self.paged.isdisjoint(told), not self.spam.isdisjoint(told)
        if not (labels or severities or self.paged or spam):
            return None
        return Right(labels[0] if labels else None, labels[1:], severities, paged if self.paged else None, spam)

    def knows(self, word: str) -> bool:
        """Whether the word says anything."""
        plain = word.strip().casefold()
        return any(plain in known for known in (self.labels, self.severities, self.paged, self.spam))


def meaning(pairs: Iterable[tuple[str, str]], priorities: Priorities = NOTHING) -> Meaning:
    """What words mean: those given, each with a label, P0 to P4, ``page`` or ``spam``; ``label-billing`` and the like;
    and a policy's ``priorities``, by vendor and rank, where priority tells the severity. Raises ValueError."""
    labels = {_PREFIX + label.casefold(): label for label in Label}
    severities: dict[str, Severity] = {}
    ranks: dict[tuple[VendorName, str], tuple[Severity, ...]] = {}
    for vendor, words in priorities.items():
        for rank, word in words.items():
            ranks[vendor, word.casefold()] = (*ranks.get((vendor, word.casefold()), ()), Severity[rank])
    marked: dict[str, set[str]] = {PAGE: set(), SPAM: set()}
    for given, answer in pairs:
        word = given.strip().casefold()
        label = next((label for label in Label if label.casefold() == answer.strip().casefold()), None)
        if label is not None:
            labels[word] = label
        elif answer.strip().upper() in Severity.__members__:
            severities[word] = Severity[answer.strip().upper()]
        elif answer.strip().casefold() in marked:
            marked[answer.strip().casefold()].add(word)
        else:
            known = ", ".join((*Label, *Severity.__members__, PAGE, SPAM))
            raise ValueError(f"{answer.strip()!r} is nothing that {given.strip()!r} can mean; known: {known}")
    return Meaning(labels, severities, ranks, frozenset(marked[PAGE]), frozenset(marked[SPAM]))


def row(ticket: Ticket, right: Right, source: str, *, whole_thread: bool) -> Row:
    """A ticket of a history beside what is right about it, as it came in (or with all that was said since)."""
    return Row(
        ticket=as_it_came(ticket, whole_thread=whole_thread),
        label=right.label,
        also=right.also,
        severities=right.severities,
        page=right.page,
        source=source,
        spam=right.spam,
    )


def as_it_came(ticket: Ticket, *, whole_thread: bool) -> Ticket:
    """The ticket without what was done about it: what people set is the answer that is asked for, so it must not be
    read. What was said later goes too, unless the ``whole_thread`` is to be read."""
    return replace(
        ticket,
        comments=ticket.comments if whole_thread else (),
        status=Status.NEW,
        status_name="",
        priority=None,
        type="",
        tags=frozenset(),
        group="",
        assignee="",
        fields={name: value for name, value in ticket.fields.items() if name in _KEPT},
        followers=frozenset(),
        links=frozenset(),
        resolution="",
        fix_versions=(),
    )
