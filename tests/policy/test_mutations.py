"""No value that a pack states can change unnoticed: an example comes out otherwise, or it is not the documents' value.

``values.csv`` and ``clocks.csv`` hold the documents' values and ``outcomes.csv`` what facts come to, all written from
the documents and not from the packs. Examples are the pack's own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from app.packs import PACKS
from app.triage.conditions import Seen
from app.triage.engine import Stage, examine
from app.triage.example import Example
from app.triage.examples import context_of, differs
from app.triage.pack import Pack
from app.triage.rules import first
from tests.policy import clock_table
from tests.policy.conftest import NAMES, NOW, a_ticket, policy
from tests.policy.mutants import Mutant, mutants
from tests.policy.outcomes import Case, cases

HERE = Path(__file__).parent
FIRST = ("severity", "routes", "communicators")
PARTLY = ("S0-64", "S2-90", "S3-12", "S4-10", "S4-86")
"""Requirements of which rules are the smaller part: known issues and duplicates, writes to vendors, digests."""

EQUIVALENT: Mapping[tuple[str, str], str] = {
    ("unified", "rules.severity.relied-on-and-gone.when.not_facts: without cosmetic"): (
        "what is cosmetic was rated by an earlier rule"
    ),
    ("unified", "rules.routes.simple-billing.when.severity: without P4"): "only ideas are P4",
    ("unified", "rules.routes.questions.when.severity: without P4"): "only ideas are P4",
    ("unified", "rules.routes.access-for-many.when.label"): "at P0 and P1 the other labels go there too",
    ("unified", "rules.escalations.confirmed-goes-on-to-engineering.then.page"): "page-at-once pages for the same",
    ("unified", "rules.escalations.tagged-for-l2-by-a-person.when.severity: without P0"): "P0 is at L2 already",
    ("unified", "rules.escalations.tagged-for-l2-by-a-person.when.severity: without P1"): "P1 is at L2 already",
    ("unified", "rules.escalations.straight-to-l2.when.severity: left out"): (
        "P0 and P1 are at the second level already, and only ideas are P4"
    ),
    ("unified", "rules.escalations.unconfirmed-goes-on-to-engineering.then.page"): "page-at-once pages for the same",
    ("unified", "rules.escalations.unconfirmed-goes-on-to-engineering.when.severity: left out"): (
        "only P0 and P1 have the clock"
    ),
    ("unified", "rules.escalations.no-progress-in-half-an-hour.when.severity: left out"): (
        "only P2 and P3 have the clock"
    ),
    ("unified", "rules.escalations.two-working-days-are-over.when.severity: left out"): (
        "only P2 and P3 have the clock"
    ),
    ("unified", "rules.patterns.many-tickets.when.severity: left out"): (
        "three customers raise what is P3, and only ideas are P4"
    ),
    ("octoacme", "rules.escalations.outage-of-many"): "the document names it; page-at-once says it of all P0 and P1",
    ("octoacme", "rules.escalations.loss-or-breach"): "the document names it; page-at-once says it of all P0 and P1",
    ("octoacme", "rules.escalations.severely-slow"): "the document names it; page-at-once says it of all P0 and P1",
    ("octoacme", "rules.escalations.slow-for-a-customer.when.severity: left out"): (
        "P0 and P1 are at the third level already, and only ideas are P4"
    ),
}
"""Mutants that change no outcome, by pack and how their text begins, each with the reason."""


@dataclass(frozen=True)
class Witness:
    """An example or a case that comes out as it says: what each group of rules was asked with on the way, and what is
    wrong under another pack."""

    asked: Mapping[str, Seen]
    wrong: Callable[[Pack], str]


@cache
def witnesses(name: str) -> tuple[Witness, ...]:
    """The examples of a pack that come out as they say, known misses apart, and its cases."""
    texts = (example for example in examples(name) if not example.known_miss)
    return (
        *(_case(case) for case in cases(name)),
        *(_example(example, name) for example in texts if not differs(example, policy(name), NOW)),
    )


def examples(name: str) -> tuple[Example, ...]:
    """The examples that stand beside a pack."""
    path = PACKS / "examples" / f"{name}.yaml"
    return tuple(map(Example.model_validate, YAML(typ="safe").load(path)["examples"])) if path.exists() else ()


def _case(case: Case) -> Witness:
    return Witness(_asked(case.examined(policy(case.pack).pack)[1]), case.wrong)


def _example(example: Example, name: str) -> Witness:
    ticket = a_ticket(example.body, example.subject, example.comments, **example.given)
    stages = examine(ticket, context_of(example, ticket), policy(name), NOW)[1]
    return Witness(_asked(stages), lambda pack: differs(example, replace(policy(name), pack=pack), NOW))


def _asked(stages: Iterable[Stage]) -> dict[str, Seen]:
    return {stage.name: stage.seen for stage in stages}


@cache
def pinned(name: str) -> dict[str, str]:
    """The documents' values for a pack, by path."""
    with (HERE / "values.csv").open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["value"] for row in csv.DictReader(file) if row["pack"] == name}


def stated(pack: Pack, path: str) -> str:
    """A value of a pack as the table writes it; empty for none."""
    section, *steps = path.split(".")
    value: Any = TypeAdapter(Any).dump_python(getattr(pack, section), mode="json")
    for step in steps:
        below = {item["name"]: item for item in value} if isinstance(value, list) else value
        value = below.get(step)
        if value is None:
            return ""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value) if isinstance(value, list) else str(value)


PINNED = [
    pytest.param(name, path, value, id=f"{name} {path}") for name in NAMES for path, value in pinned(name).items()
]


@pytest.mark.parametrize(("name", "path", "value"), PINNED)
def test_the_pack_states_the_documents_value(name: str, path: str, value: str) -> None:
    assert stated(policy(name).pack, path) == value


@pytest.mark.parametrize("name", NAMES)
def test_the_pack_has_the_documents_clocks_each_as_they_say(name: str) -> None:
    shipped = policy(name).pack
    assert {clock: clock_table.stated(shipped, clock) for clock in shipped.clocks} == clock_table.rows(name)


def proves(case: Case) -> tuple[pytest.MarkDecorator, ...]:
    """The mark of the requirement that a case is taken from, unless it shows a part of it only."""
    return () if case.source in PARTLY else (pytest.mark.policy(case.source),)


CASES = [pytest.param(case, id=str(case), marks=proves(case)) for name in NAMES for case in cases(name)]


@pytest.mark.parametrize("case", CASES)
def test_the_facts_come_to_what_the_documents_say(case: Case) -> None:
    assert case.wrong(policy(case.pack).pack) == ""


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_a_pack_changes_unnoticed(name: str) -> None:
    unnoticed = [str(mutant) for mutant in mutants(policy(name)) if not noticed(mutant, name)]
    assert [text for text in unnoticed if not equivalent(name, text)] == []


@pytest.mark.parametrize(("name", "start"), EQUIVALENT)
def test_what_is_excused_is_really_unnoticed(name: str, start: str) -> None:
    excused = [mutant for mutant in mutants(policy(name)) if str(mutant).startswith(start)]
    assert any(not noticed(mutant, name) for mutant in excused)


def equivalent(name: str, text: str) -> bool:
    """Whether a mutant is known to change no outcome."""
    return any(pack == name and text.startswith(start) for pack, start in EQUIVALENT)


def noticed(mutant: Mutant, name: str) -> bool:
    """Whether a pinned value differs, or a witness whom the change concerns tells otherwise."""
    if mutant.path[0] == "clocks":
        clock = str(mutant.path[1])
        return clock_table.stated(mutant.pack, clock) != clock_table.rows(name)[clock]
    value = pinned(name).get(mutant.dotted)
    if value is not None and stated(mutant.pack, mutant.dotted) != value:
        return True
    return any(
        witness.wrong(mutant.pack) for witness in witnesses(name) if concerns(mutant, witness, policy(name).pack)
    )


def concerns(mutant: Mutant, witness: Witness, shipped: Pack) -> bool:
    """Whether the rule holds on one side alone, or on both with another outcome; always, for a knob. Of a group whose
    first rule counts, whether another one is first."""
    if mutant.after is None:
        return True
    group = str(mutant.path[1])
    seen = witness.asked.get(group)
    if seen is None:
        return False
    before, after = (rule is not None and rule.when.saw(seen) is not None for rule in (mutant.before, mutant.after))
    if not (before or after) or (before and after and mutant.before.then == mutant.after.then):
        return False
    return group not in FIRST or chosen(shipped, group, seen) != chosen(mutant.pack, group, seen)


def chosen(pack: Pack, group: str, seen: Seen) -> tuple[str, object]:
    """The first rule of a group that holds, and what follows from it."""
    held = first(getattr(pack.rules, group), seen)
    assert held is not None
    return held.rule.name, held.rule.then
