"""Tickets as the index keeps them, made for a test, and where they all belong when nothing is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from app.triage.decision import Label
from app.triage.duplicates import membership, storms
from app.triage.duplicates.entry import Entry, Parent
from app.triage.duplicates.parts import Duplicates, Storm
from app.triage.symptoms.symptom import Frequencies, Symptom
from app.triage.symptoms.words import term_hash
from app.triage.ticket import Ref
from tests.conftest import NOW

STORM = Storm(
    flood=8,
    sure=("outage", "unusable", "core_capability_down", "revenue_path"),
    whole=("outage", "unusable"),
    other=("data_missing", "data_loss"),
)
DUPLICATES = Duplicates(storm=STORM)
SURE, WEAK = frozenset({"core_capability_down"}), frozenset({"broken"})


def ref(number: int | str) -> Ref:
    return Ref("zendesk", "acme", str(number))


def report(
    number: int,
    minute: float = 0,
    surface: str = "checkout",
    *,
    facts: Iterable[str] = SURE,
    text: str = "",
    **more: Any,
) -> Entry:
    """A ticket of its own customer, so many minutes after the start, about one part of the product; acute unless it is
    said otherwise. ``text`` are its words."""
    words = {term_hash(word): 120 for word in text.split()}
    codes = tuple(f"code:{word}" for word in text.split() if word.startswith("e-"))
    given: dict[str, Any] = {
        "ref": ref(number),
        "space": "acme",
        "created_at": NOW + timedelta(minutes=minute),
        "symptom": Symptom(words, codes, tuple(surface.split())),
        "label": Label.DEFECT,
        "acute": True,
        "requester": f"requester-{number}",
        "organization": f"organization-{number}",
        "subject": text,
        "facts": frozenset(facts),
    }
    return Entry(**(given | more))


def masters(entries: Iterable[Entry], duplicates: Duplicates = DUPLICATES) -> Mapping[Ref, Ref]:
    """The master of each ticket, worked out from all of them at once."""
    return {one: top for one, (top, _) in places(entries, duplicates).items()}


def places(entries: Iterable[Entry], duplicates: Duplicates = DUPLICATES) -> Mapping[Ref, tuple[Ref, Parent | None]]:
    """The master of each ticket, and on what it hangs."""
    found: dict[Ref, tuple[Ref, Parent | None]] = {}
    known: list[Entry] = []
    by_age = sorted(entries, key=lambda one: one.age)
    stormy = storms.hangings([one for one in by_age if one.acute], duplicates.storm)
    for one in by_age:
        barred = {found[other][0] for other in one.apart if other in found}
        barred |= {found[other.ref][0] for other in known if one.ref in other.apart}
        weighed = membership.weigh(one, known, Frequencies(), duplicates, barred)
        parent = membership.parent_of(one, weighed, stormy.get(one.ref), duplicates)
        master = found[parent.ref][0] if parent is not None else one.ref
        found[one.ref] = master, parent
        known.append(replace(one, parent=parent, master=master))
    return found


def clusters(entries: Iterable[Entry], duplicates: Duplicates = DUPLICATES) -> list[set[str]]:
    """The clusters of more than one ticket, by the tickets' numbers, the largest first."""
    found: dict[Ref, set[str]] = {}
    for one, master in masters(entries, duplicates).items():
        found.setdefault(master, set()).add(one.id)
    return sorted(
        (members for members in found.values() if len(members) > 1),
        key=lambda members: (-len(members), sorted(members)),
    )


@st.composite
def reports(draw: st.DrawFn) -> list[Entry]:
    """Some tickets of a few customers, surfaces and kinds, in the order of their numbers."""
    entries = []
    for number in range(draw(st.integers(2, 14))):
        surface = draw(st.sampled_from(["checkout", "email", "checkout email", "everything", "", "email search"]))
        entries.append(
            report(
                number,
                draw(st.integers(0, 200)),
                surface,
                facts=draw(st.sampled_from([SURE, WEAK, {"outage"}, {"broken", "data_missing"}])),
                organization=f"o{draw(st.integers(0, 7))}",
                over_at=draw(st.sampled_from([None, None, NOW + timedelta(minutes=90)])),
                severe=draw(st.sampled_from([False, False, True])),
                vague=draw(st.sampled_from([False, False, True])),
                text=draw(st.sampled_from(["", "", "e-4711 in pay", "e-9 late", "late mail queue"])),
            )
        )
    return entries
