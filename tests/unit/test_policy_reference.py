"""docs/policy.md names everything that a pack may say, with the words that the code has for it, and nothing else."""

from __future__ import annotations

import re

import pytest

from app.packs import PACKS, find_pack
from app.triage import conditions, fields
from app.triage.clocks.parts import MOMENTS, STATES, Clock, Deed
from app.triage.environment import Knobs
from app.triage.pack import Pack
from app.triage.policy import read
from app.triage.rule_groups import Rules
from app.triage.vocabulary import CAUSES, FACTS, ROLES
from tests.conftest import ROOT

REFERENCE = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """First and second column of the table under a heading."""
    part = REFERENCE.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    cells = [re.split(r" \| ", line.strip("| "), maxsplit=1) for line in part.splitlines() if line.startswith("| `")]
    return {name.strip("`"): text for name, text in cells}


def documented(doc: str | None) -> dict[str, str]:
    """The names that a docstring lists, and what it says of each."""
    return dict(re.findall(r"^([a-z][a-z_0-9]*) {2,}(\S.*)$", doc or "", re.MULTILINE))


def test_every_shipped_pack_is_told() -> None:
    assert set(rows("## The shipped packs")) == {path.stem for path in PACKS.glob("*.yaml")}


@pytest.mark.parametrize(("heading", "names"), [("## Sections", Pack), ("## Rules", Rules)])
def test_every_section_and_group_is_told(heading: str, names: type[Pack] | type[Rules]) -> None:
    assert set(rows(heading)) == set(names.model_fields)


@pytest.mark.parametrize(
    ("heading", "meanings"),
    [("## Facts", FACTS), ("## Causes of an upgrade", CAUSES), ("## Roles", ROLES), ("### Moments", MOMENTS)],
)
def test_facts_causes_roles_and_moments_are_told_in_the_words_of_the_code(
    heading: str, meanings: dict[str, str]
) -> None:
    assert rows(heading) == dict(meanings)


def test_conditions_and_fields_are_those_there_are_in_the_words_of_the_code() -> None:
    assert rows("### Conditions") == documented(conditions.__doc__)
    assert set(rows("### Conditions")) == set(conditions.CONDITIONS)
    assert rows("## Fields") == documented(fields.__doc__)
    assert set(rows("## Fields")) == set(fields.FIELDS)


def test_the_keys_of_clocks_their_deeds_and_the_states_are_those_there_are() -> None:
    told = {name for cell in rows("## Clocks") for name in re.split(r"`, `|`\.\.`", cell)}
    targets = {"source", *(f"P{n}" for n in range(5)), *(f"L{n}" for n in range(1, 5))}
    assert told - targets == (set(Clock.model_fields) | set(Deed.model_fields)) - targets
    assert tuple(rows("### States")) == STATES


def test_the_clock_in_the_reference_loads_and_is_turned_from_the_environment() -> None:
    written = REFERENCE.split("## Clocks\n", 1)[1].split("```yaml\n", 1)[1].split("```", 1)[0]
    known = {f"TRIAGE_{name}": value for name, value in re.findall(r"`TRIAGE_(CLOCKS__\w+)=([^`]+)`", REFERENCE)}
    policy = read(written, "reference.yaml", find_pack, knobs=Knobs(known))
    callback = policy.pack.clocks["callback"]
    assert callback.P2 is not None
    assert str(callback.P2.due) == "2bh"
    assert policy.pack.clocks["first_reply"].pause == ("pending", "hold")


def test_the_pack_in_the_reference_loads() -> None:
    written = REFERENCE.split("```yaml\n", 1)[1].split("```", 1)[0]
    policy = read(written, "reference.yaml", find_pack)
    assert policy.name == "acme"
    assert "kiosk" in policy.pack.words["product"]
    assert "system" in policy.pack.words["product"]
    assert policy.pack.rules.routes[0].name == "kiosks-to-their-team"
    assert "churn-threat" not in [rule.name for rule in policy.pack.rules.upgrades]


def test_the_calendars_in_the_reference_load() -> None:
    written = REFERENCE.split("## Calendars", 1)[1].split("```yaml\n", 1)[1].split("```", 1)[0]
    policy = read(f"extends: unified\npack: {{name: mine, version: '1'}}\n{written}", "reference.yaml", find_pack)
    assert set(policy.calendars) == {"tokyo", "nights"}
    assert policy.idle_calendars == ()
