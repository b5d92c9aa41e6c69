"""Which entry of the registry a ticket matches, and what was weighed and not chosen (S0-63).

The strongest way wins: the ticket hangs on the issue, a person put its tag on, the customer says a phrase of the entry,
the same error stands in both, or both describe the same with a chance above ``duplicates.link``. What is only likely is
told to people and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import islice

from app.triage.decision import Label, RuledOut
from app.triage.folding import fold
from app.triage.known_issues.entry import RegistryEntry
from app.triage.known_issues.parts import expression
from app.triage.known_issues.tag import looks_like_one, number_of
from app.triage.phrases import BadPhrase, Matcher, legible, matcher
from app.triage.symptoms.symptom import Frequencies, Symptom
from app.triage.symptoms.weights import indexed, searched
from app.triage.text import Message
from app.triage.ticket import Ref, Speaker, Ticket

Likeness = Callable[[Symptom, Symptom], float]
"""The chance, 0..1, that two symptoms are of one fault."""

FIXED_LATELY = timedelta(days=180)
"""How long a fixed entry is still named to people: their customer may run an older version."""

_MOST_TOLD = 5
_MOST_COMPARED = 10  # entries that share the words which tell most; one that is alike is among them
_BACKGROUND = Frequencies()  # entries are few, so what a word tells of them is what it tells anywhere


class How(IntEnum):
    """Why a ticket matches, the strongest first."""

    LINKED = 0
    TAGGED = 1
    PATTERN = 2
    ERROR = 3
    ALIKE = 4


@dataclass(frozen=True, slots=True)
class Match:
    """That a ticket matches an entry, how, with which chance, and why in words."""

    entry: RegistryEntry
    how: How
    score: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The ticket's side. ``thread`` are its messages, ``symptom`` what it reports, None where that is not known.

    ``own_tags`` are those that we put on, and ``refused`` those that a person took off again, in small letters: such an
    entry is not matched any more. ``linked`` is what people hung it on, anywhere. ``label`` is what it is about,
    None where that is not known.
    """

    ticket: Ticket
    thread: Sequence[Message]
    now: datetime
    symptom: Symptom | None = None
    own_tags: Collection[str] = ()
    refused: Collection[str] = ()
    linked: Collection[Ref] = ()
    label: Label | None = None

    @property
    def security(self) -> bool:
        """Whether it is about security."""
        return self.label is Label.SECURITY


@dataclass(frozen=True, slots=True)
class Found:
    """``matches``: the one that was chosen, none or one. ``weighed`` are the others, the likeliest first, each with why
    it was not chosen; ``hints`` tell a person of those that it may be all the same."""

    matches: tuple[Match, ...] = ()
    weighed: tuple[RuledOut, ...] = ()
    hints: tuple[str, ...] = ()


NOTHING = Found()


@dataclass(frozen=True)
class Registry:
    """Entries that tickets of one tenant are compared with, prepared once: ``by_name`` finds them by reference, tag,
    number and fingerprint, ``by_term`` by the words that tell most of them. ``unread`` are the names of entries with a
    pattern that cannot be read any more."""

    entries: tuple[RegistryEntry, ...]
    symptoms: Mapping[str, Symptom] = field(default_factory=dict, repr=False)
    patterns: Matcher = field(default_factory=lambda: matcher(()), repr=False)
    owners: tuple[RegistryEntry, ...] = field(default=(), repr=False)
    errors: tuple[tuple[str, RegistryEntry], ...] = field(default=(), repr=False)
    by_name: Mapping[str, Sequence[RegistryEntry]] = field(default_factory=dict, repr=False)
    by_term: Mapping[int, Sequence[RegistryEntry]] = field(default_factory=dict, repr=False)
    unread: tuple[str, ...] = ()


def registry(
    entries: Iterable[RegistryEntry],
    words: Mapping[str, Sequence[str]],
    describe: Callable[[Sequence[Message]], Symptom] | None = None,
) -> Registry:
    """The registry of these entries; ``words`` are the policy's lists of words, ``describe`` reads a symptom."""
    kept = tuple(one for one in entries if one.state != "dropped")
    expressions: list[str] = []
    owners: list[RegistryEntry] = []
    unread: dict[str, None] = {}
    for one in kept:
        for pattern in one.patterns:
            try:
                read = expression(pattern, words)
                legible(read)
            except BadPhrase:  # a word list of the policy that was there when it was added
                unread[one.name] = None
                continue
            expressions.append(read)
            owners.append(one)
    errors = tuple((text, one) for one in kept for error in one.errors if (text := _flat(fold(error)[0])))
    symptoms = {one.key: describe(described(one)) for one in kept} if describe else {}
    by_name: dict[str, list[RegistryEntry]] = {}
    by_term: dict[int, list[RegistryEntry]] = {}
    for one in kept:
        symptom = symptoms.get(one.key, Symptom())
        names = (str(one.ref or ""), one.tag.casefold(), one.number, *symptom.fingerprints)
        for name in dict.fromkeys(filter(None, names)):
            by_name.setdefault(name, []).append(one)
        for term in indexed(symptom, _BACKGROUND):
            by_term.setdefault(term, []).append(one)
    return Registry(kept, symptoms, matcher(tuple(expressions)), tuple(owners), errors, by_name, by_term, tuple(unread))


def described(entry: RegistryEntry) -> tuple[Message, ...]:
    """The entry as if a customer reported it, for comparison."""
    body = "\n\n".join(filter(None, (entry.text, *entry.errors)))
    return Message("subject", Speaker.CUSTOMER, entry.title), Message("body", Speaker.CUSTOMER, body)


def found(asked: Asked, there: Registry, likeness: Likeness | None, link: float, suggest: float) -> Found:
    """What of the registry the ticket matches; ``link`` and ``suggest`` are the chances from which on two that are
    alike count as one, and are named."""
    best: dict[str, Match] = {}
    for match in _matches(asked, there, likeness, suggest):
        if not concerns(match.entry, asked):
            continue
        before = best.get(match.entry.key)
        if before is None or (match.how, -match.score) < (before.how, -before.score):
            best[match.entry.key] = match
    ordered = sorted(best.values(), key=lambda one: (one.how, -one.score, one.entry.tag, one.entry.id))
    chosen: Match | None = None
    weighed: list[RuledOut] = []
    perhaps: list[str] = []
    for match in ordered:
        why = _against(match, asked, link) or (f"{chosen.entry.name} matches better" if chosen else "")
        if not why:
            chosen = match
            continue
        weighed.append(RuledOut(f"known issue {match.entry.name}", f"{match.why} ({match.score:.2f}), but {why}"))
        if chosen is None and _worth_a_look(match, asked):
            perhaps.append(_perhaps(match))
    return Found((chosen,) if chosen else (), tuple(weighed[:_MOST_TOLD]), () if chosen else tuple(perhaps[:3]))


def concerns(entry: RegistryEntry, asked: Asked) -> bool:
    """Whether the ticket may be compared with the entry at all: it is not the entry itself, both are about security or
    neither is, and it is about something that still matters."""
    if entry.ref == asked.ticket.ref or entry.security is not asked.security:
        return False
    return entry.state != "fixed" or entry.fixed_at is None or asked.now - entry.fixed_at <= FIXED_LATELY


def _matches(asked: Asked, there: Registry, likeness: Likeness | None, suggest: float) -> Iterator[Match]:
    ours = {tag.casefold() for tag in asked.own_tags}
    theirs = {tag.casefold() for tag in asked.ticket.tags if looks_like_one(tag)} - ours
    said = [one for one in asked.thread if one.speaker is Speaker.CUSTOMER]
    for ref in sorted(asked.linked):
        for one in there.by_name.get(str(ref), ()):
            yield Match(one, How.LINKED, 1.0, f"the ticket hangs on {ref.id}")
    for tag in sorted(theirs):
        number = number_of(tag)  # of a key: a bare number may be another tracker's
        for one in (*there.by_name.get(tag, ()), *(there.by_name.get(number, ()) if "-" in number else ())):
            yield Match(
                one, How.TAGGED, 1.0, f"a person put the tag {one.tag if tag == one.tag.casefold() else tag} on"
            )
    for one in _said(said, there):
        yield Match(one, How.PATTERN, 1.0, "the customer says a phrase of it")
    for one, why in _same_errors(said, asked, there):
        yield Match(one, How.ERROR, 1.0, why)
    if likeness is None or asked.symptom is None:
        return
    for one in _nearest(asked.symptom, asked, there):
        chance = likeness(asked.symptom, there.symptoms[one.key])
        if chance >= suggest:
            yield Match(one, How.ALIKE, chance, "it describes the same")


def _nearest(symptom: Symptom, asked: Asked, there: Registry) -> list[RegistryEntry]:
    """The entries that share the words which tell most."""
    points: dict[str, float] = {}
    by_key: dict[str, RegistryEntry] = {}
    for term, told in searched(symptom, _BACKGROUND):
        for one in there.by_term.get(term, ()):
            points[one.key] = points.get(one.key, 0.0) + told
            by_key[one.key] = one
    ordered = (by_key[key] for key in sorted(points, key=lambda key: (-points[key], key)))
    return list(islice((one for one in ordered if concerns(one, asked)), _MOST_COMPARED))


def _said(said: Sequence[Message], there: Registry) -> Iterator[RegistryEntry]:
    if not len(there.patterns):
        return
    numbers = {hit for one in said for raw in (one.said_bytes, one.pasted_bytes) for hit in there.patterns.which(raw)}
    for number in sorted(numbers):
        yield there.owners[number]


def _same_errors(said: Sequence[Message], asked: Asked, there: Registry) -> Iterator[tuple[RegistryEntry, str]]:
    """Errors that stand in the ticket as they do in the entry, and exact fingerprints that both have."""
    if there.errors:
        text = "\n".join(_flat(part) for one in said for part in (one.said, one.pasted) if part.strip())
        for error, one in there.errors:
            if error in text:
                yield one, "an error text of it stands in the ticket"
    for fingerprint in asked.symptom.fingerprints if asked.symptom else ():
        for one in there.by_name.get(fingerprint, ()) if naming(fingerprint) else ():
            yield one, "the same error stands in both"


def naming(fingerprint: str) -> bool:
    """Whether a fingerprint all but names its fault: a stack trace, an error's code, an HTTP status with its path."""
    return fingerprint.partition(":")[0] in ("stack", "code", "http")


def _against(match: Match, asked: Asked, link: float) -> str:
    """Why a match does not count; empty where it does."""
    entry = match.entry
    if entry.tag.casefold() in asked.refused:
        return "a person took its tag off this ticket"
    if entry.state == "candidate":
        return "nobody approved it yet"
    if entry.state == "fixed":
        return f"it was fixed in {entry.fixed_in}" if entry.fixed_in else "it was fixed"
    if entry.labels and match.how > How.TAGGED and asked.label is not None and asked.label not in entry.labels:
        return f"it concerns {', '.join(entry.labels)} alone"
    if match.how is How.ALIKE and match.score < link:
        return f"that is below {link:.2f}"
    return ""


def _worth_a_look(match: Match, asked: Asked) -> bool:
    return match.entry.tag.casefold() not in asked.refused


def _perhaps(match: Match) -> str:
    entry = match.entry
    state = {"candidate": ", not approved yet", "fixed": f", fixed{f' in {entry.fixed_in}' if entry.fixed_in else ''}"}
    where = f": {entry.url}" if entry.url else ""
    return f"perhaps the known issue {entry.name}{state.get(entry.state, '')} ({match.why}){where}; " + (
        f"if so, add the tag {entry.tag}" if entry.tag else "if so, link it"
    )


def _flat(text: str) -> str:
    return " ".join(text.split())
