"""On which earlier ticket one hangs, and what speaks against the others (S0-59 to S0-64).

Everything here is a function of tickets as they are, never of the order in which they came or of where the others hang.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from app.triage.decision import Label
from app.triage.duplicates.entry import Entry, Parent
from app.triage.duplicates.found import HANGS_HERE, LESS_LIKELY, SAME, SAME_CUSTOMER, Band, Candidate
from app.triage.duplicates.parts import Duplicates
from app.triage.symptoms.alike import alike, are_apart
from app.triage.symptoms.symptom import Frequencies
from app.triage.ticket import Ref

_OF_CUSTOMER = 3
SOLVED_BEFORE = "was solved before this came: it may have come back"


@dataclass(frozen=True, slots=True)
class Weighed:
    """Another ticket, how likely both report the same, and why it cannot carry this one, empty where it can."""

    entry: Entry
    chance: float
    why: tuple[str, ...]
    against: str = ""

    def carries(self, entry: Entry) -> bool:
        """Whether a ticket may hang on this one."""
        return not self.against and self.entry.age < entry.age


def weigh(
    entry: Entry,
    others: Iterable[Entry],
    frequencies: Frequencies,
    duplicates: Duplicates,
    barred: Collection[Ref] = (),
) -> list[Weighed]:
    """The other tickets of its space, the likeliest first, of those as likely the earliest. ``barred`` are masters of
    tickets of which a person said that this one does not repeat them."""
    found = []
    for other in others:
        if other.space == entry.space and other.ref != entry.ref:
            both = alike(entry.symptom, other.symptom, frequencies)
            why = (*both.why, SAME_CUSTOMER) if other.customer == entry.customer else both.why
            found.append(Weighed(other, both.chance, why, _against(entry, other, duplicates, barred)))
    return sorted(found, key=lambda one: (-one.chance, one.entry.age))


def parent_of(
    entry: Entry,
    weighed: Iterable[Weighed],
    in_storm: Ref | None,
    duplicates: Duplicates,
    without: Collection[Ref] = (),
) -> Parent | None:
    """The ticket on which one hangs; None where it hangs on none. What a person said counts first; then the likeliest
    of the earlier ones (``weighed``, in that order), from the chance ``link`` on; then the storm. ``without`` are
    tickets that hang on this one themselves."""
    if entry.said is not None and entry.said.ref not in without:
        return entry.said
    for one in weighed:
        if one.chance < duplicates.link:
            break
        if one.carries(entry) and one.entry.ref not in without:
            return Parent(one.entry.ref, one.chance, "alike")
    if in_storm is None or in_storm in without:
        return None
    return Parent(in_storm, duplicates.link, "storm")


def rather(entry: Entry, later: Weighed, duplicates: Duplicates) -> bool:
    """Whether a later ticket, as it was weighed beside this one, hangs rather on this one than where it hangs now."""
    if later.against or later.chance < duplicates.link or later.entry.age <= entry.age:
        return False
    now = later.entry.parent
    return now is None or now.via == "storm" or (now.via == "alike" and later.chance >= now.chance)


def reads_otherwise(entry: Entry, was: Entry) -> bool:
    """Whether what hangs on a ticket because they are alike may do so no more."""
    names = ("space", "symptom", "label", "over_at", "requester", "created_at", "apart")
    return any(getattr(entry, name) != getattr(was, name) for name in names)


def is_misplaced(entry: Entry, in_storm: Ref | None) -> bool:
    """Whether a ticket that hangs on none, or hangs by a storm, hangs on another one by now."""
    now = entry.parent
    return (now is None or now.via == "storm") and (now.ref if now else None) != in_storm


def candidates(entry: Entry, weighed: Sequence[Weighed], duplicates: Duplicates) -> tuple[Candidate, ...]:
    """What was weighed, for the note: the one that was chosen, then the likeliest, each with why it was not chosen."""
    return tuple(
        Candidate(
            ref=one.entry.ref,
            chance=round(one.chance, 3),
            band=band(one.chance, duplicates),
            why=one.why,
            rejected="" if _is_chosen(entry, one) else _rejected(entry, one, duplicates),
            subject=one.entry.subject,
        )
        for one in shown(entry, weighed, duplicates)
    )


def shown(entry: Entry, weighed: Sequence[Weighed], duplicates: Duplicates) -> list[Weighed]:
    """Those of which people are told: the one that was chosen, the likeliest that are not far from a suggestion, and
    the newest of the same customer (S0-61)."""
    found = [one for one in weighed if _is_chosen(entry, one) or one.chance >= duplicates.suggest / 2]
    found = sorted(found, key=lambda one: not _is_chosen(entry, one))[: duplicates.most_named]
    theirs = [one for one in weighed if one.entry.customer == entry.customer and one not in found]
    return [*found, *sorted(theirs, key=lambda one: one.entry.age, reverse=True)[:_OF_CUSTOMER]]


def _is_chosen(entry: Entry, one: Weighed) -> bool:
    return entry.parent is not None and entry.parent.ref == one.entry.ref


def band(chance: float, duplicates: Duplicates) -> Band:
    """What a chance is good for."""
    if chance >= duplicates.link:
        return "link"
    return "suggest" if chance >= duplicates.suggest else "nothing"


def demand(entry: Entry, weighed: Iterable[Weighed], duplicates: Duplicates) -> int:
    """How many customers, this one's among them, wish for the same (S2-90); 1 where it is no wish."""
    if entry.label is not Label.ENHANCEMENT:
        return 1
    wishes = (one.entry for one in weighed if one.chance >= duplicates.suggest)
    return len({entry.customer, *(one.customer for one in wishes if one.label is Label.ENHANCEMENT)})


def _against(entry: Entry, other: Entry, duplicates: Duplicates, barred: Collection[Ref]) -> str:
    """Why one of two tickets cannot hang on the other, whichever is the earlier; empty where it can."""
    if _said_apart(entry, other, barred):
        return "a person said that it is another fault"
    if are_apart(entry.symptom.surfaces, other.symptom.surfaces):
        return "is about another part of the product"
    if Label.ENHANCEMENT in (entry.label, other.label):
        return "wishes are counted, not linked"
    same = bool(entry.requester) and entry.requester == other.requester and entry.ref.account == other.ref.account
    if not same and not (entry.label in duplicates.label and other.label in duplicates.label):
        return "is of a kind that is linked only for the same customer"
    earlier, later = sorted((entry, other), key=lambda one: one.age)
    if earlier.over_at is not None and earlier.over_at < later.created_at:
        return SOLVED_BEFORE
    return ""


def _said_apart(entry: Entry, other: Entry, barred: Collection[Ref]) -> bool:
    return other.ref in entry.apart or entry.ref in other.apart or (other.master or other.ref) in barred


def _rejected(entry: Entry, one: Weighed, duplicates: Duplicates) -> str:
    if one.against:
        return one.against
    if (one.entry.master or one.entry.ref) == (entry.master or entry.ref):
        below = one.entry.parent is not None and one.entry.parent.ref == entry.ref
        return HANGS_HERE if below else SAME
    if one.chance < duplicates.link:
        return f"{LESS_LIKELY} {duplicates.link:.0%}"
    return "came later" if one.entry.age > entry.age else "another is likelier"
