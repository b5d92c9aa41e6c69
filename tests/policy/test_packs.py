"""The five packs: each says what its document says otherwise than the default, with its source, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path as FilePath

import pytest

from app.packs import PACKS, find_pack
from app.triage.layers import Node, Path, chain, inheritable, parse
from tests.policy.conformance import rows
from tests.policy.conftest import NAMES, policy
from tests.policy.outcomes import Case
from tests.policy.test_mutations import proves

DOCUMENT = {"triage-standard": "S0", "cs-pol-001": "S1", "octoacme": "S2", "bug-sop": "S3", "tiered-helpdesk": "S4"}
SOURCE = re.compile(r"(?:U|S[0-4])-\d{2,3}|C-\d\d|derived")
CONFLICTS = {f"C-{number:02}" for number in range(1, 30)}
WITHOUT_SOURCE = {("bug-sop", "labels.alias.Reliability"), ("bug-sop", "labels.alias.Security")}
"""Values of a part that has no key for a source: a comment names it."""


def own(name: str) -> Node:
    """The values that a pack's own file states."""
    return parse((PACKS / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def leaves(name: str) -> list[tuple[Path, Node]]:
    return [(path, node) for path, node in own(name).leaves() if path[0] not in ("pack", "extends", "examples")]


def inherited() -> Node:
    return inheritable(chain(parse(*find_pack("unified")), find_pack))


def at(tree: Node, path: Path) -> Node | None:
    node: Node | None = tree
    for step in path:
        node = node.step(step) if node is not None else None
    return node


def test_there_is_a_pack_for_each_document_and_the_default() -> None:
    assert set(NAMES) == {*DOCUMENT, "unified"}


@pytest.mark.parametrize("name", DOCUMENT)
def test_a_pack_extends_the_default_and_repeats_nothing_of_it(name: str) -> None:
    below = inherited()
    assert own(name).value["extends"].plain() == "unified"
    same = []
    for path, node in leaves(name):
        there = at(below, path)
        beside_it = path[-1] in ("name", "source", "off")  # names what is meant; says where it comes from
        if there is not None and there.plain() == node.plain() and not beside_it and "rules" not in path:
            same.append(".".join(map(str, path)))
    assert same == []


@pytest.mark.parametrize("name", DOCUMENT)
def test_a_rule_that_takes_an_inherited_ones_place_says_something_else(name: str) -> None:
    rules = {group: {rule.name: rule for rule in found} for group, found in policy("unified").pack.rules.groups()}
    for group, found in policy(name).pack.rules.groups():
        for rule in found:
            node = at(own(name), ("rules", group, rule.name))
            if node is not None and rule.name in rules[group]:
                assert rule != rules[group][rule.name], rule.name


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_a_source_that_its_document_may_have(name: str) -> None:
    for _, found in policy(name).pack.rules.groups():
        for rule in found:
            assert SOURCE.fullmatch(rule.source), rule.name


@pytest.mark.parametrize(("name", "document"), DOCUMENT.items())
def test_every_source_in_a_pack_is_its_own_documents(name: str, document: str) -> None:
    sources = [node.value for path, node in leaves(name) if path[-1] == "source"]
    assert sources
    for source in sources:
        assert source.startswith((f"{document}-", "C-")), source


@pytest.mark.parametrize("name", DOCUMENT)
def test_every_source_in_a_pack_is_a_requirement_or_a_conflict_that_there_is(name: str) -> None:
    known = {row["id"] for row in rows()} | CONFLICTS
    assert {node.value for path, node in leaves(name) if path[-1] == "source"} <= known


@pytest.mark.parametrize("name", DOCUMENT)
def test_everything_that_a_pack_states_names_a_source(name: str) -> None:
    tree = own(name)
    bare = {
        (name, ".".join(map(str, path)))
        for path, _ in leaves(name)
        if not any(at(tree, (*path[:depth], "source")) for depth in range(1, len(path)))
    }
    assert bare == {entry for entry in WITHOUT_SOURCE if entry[0] == name}


@pytest.mark.policy("S1-01", "S2-01", "S4-01")
@pytest.mark.parametrize(
    ("name", "source", "effective"),
    [
        ("triage-standard", "Classification System", ""),
        ("cs-pol-001", "CS-POL-001", "2025-11-01"),
        ("octoacme", "Customer Support Escalation Template", ""),
        ("bug-sop", "Bug Report Escalation SOP", ""),
        ("tiered-helpdesk", "Support Procedures", ""),
    ],
)
def test_a_pack_says_which_document_and_version_it_is(name: str, source: str, effective: str) -> None:
    about = policy(name).pack.pack
    assert (about.source, about.effective) == (source, effective)
    assert about.version
    assert about.title


@pytest.mark.policy("S4-115", "S4-101", "C-25")
@pytest.mark.parametrize("path", sorted(PACKS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_no_pack_holds_a_real_address(path: FilePath) -> None:
    text = re.sub(r"@[\w.-]+\.example\b", "", path.read_text(encoding="utf-8"))
    assert not re.search(r"\b[\w.+-]+@[\w-]+\.[a-z]{2,}\b", text)


@pytest.mark.policy("C-25")
@pytest.mark.parametrize("name", NAMES)
def test_no_pack_mentions_a_person_or_a_telephone(name: str) -> None:
    for path, node in leaves(name):
        for text in node.plain() if isinstance(node.value, list) else [node.plain()]:
            assert not re.search(r"(?:^|\s)@\w|\+?\d[\d ()/-]{7,}\d", str(text)), ".".join(map(str, path))


def row(source: str, name: str, label: str, said: str, expected: str, given: str = "") -> object:
    """A pack, a label, facts and what else is given, and what they come to; words as in ``outcomes.csv``."""
    case = Case(name, label, tuple(said.split()), tuple(given.split()), tuple(expected.split()), source)
    return pytest.param(case, id=str(case), marks=proves(case))


@pytest.mark.parametrize(
    "case",
    [
        row("S0-16", "triage-standard", "Defect", "outage", "severity:P0 level:L2 page:yes"),
        row("S0-49", "triage-standard", "Defect", "broken churn", "severity:P1 page:no"),
        row("S0-49", "triage-standard", "Defect", "broken executive", "severity:P1 page:no"),
        row("S0-53", "triage-standard", "Guidance", "how_to", "destination:frontline"),
        row("S0-54", "triage-standard", "Integration", "broken", "destination:technical"),
        row("S0-55", "triage-standard", "Defect", "broken verified", "destination:engineering"),
        row("S0-56", "triage-standard", "Enhancement", "new_capability", "destination:product", "demand:5"),
        row("S0-57", "triage-standard", "Security", "vulnerability", "destination:security"),
        row("S0-58", "triage-standard", "Billing", "refund", "destination:finance"),
        row("S1-04", "cs-pol-001", "Defect", "outage", "severity:P2 page:no", "tier:Pro org:Acme"),
        row("S1-04", "cs-pol-001", "Defect", "outage", "severity:P0 page:yes"),
        row("S1-07", "cs-pol-001", "Defect", "data_at_risk", "severity:P2 page:no", "tier:Free org:Acme"),
        row("S1-18", "cs-pol-001", "Defect", "outage", "level:L2 page:yes tells:l2_on_call", "tier:Enterprise"),
        row("S1-21", "cs-pol-001", "Defect", "outage", "level:L3 page:yes", "tier:Enterprise tag:confirmed-severity"),
        row("S1-25", "cs-pol-001", "Integration", "broken", "severity:P2 level:L1 page:no"),
        row("S1-28", "cs-pol-001", "Defect", "broken", "level:L2 destination:technical", "tag:Escalate-L2"),
        row("S1-31", "cs-pol-001", "Defect", "broken code_fix_needed", "level:L3 destination:engineering"),
        row("S1-32", "cs-pol-001", "Defect", "broken code_fix_needed", "communicator:l2_assignee"),
        row("S1-33", "cs-pol-001", "Defect", "outage", "communicator:head_of_support", "tier:Enterprise"),
        row("S1-33", "cs-pol-001", "Defect", "outage", "communicator:csm", "tier:Enterprise tag:vip"),
        row("S1-35", "cs-pol-001", "Enhancement", "new_capability", "severity:P4 level:L1 page:no", "late:30"),
        row("S1-35", "cs-pol-001", "Enhancement", "new_capability", "level:L1", "tag:Escalate-L2"),
        row("S2-09", "octoacme", "Guidance", "how_to", "level:L1 destination:frontline"),
        row("S2-11", "octoacme", "Billing", "how_to", "level:L1 destination:frontline"),
        row("S2-26", "octoacme", "Defect", "broken churn", "level:L3 page:no proposes-no:L4"),
        row("S2-30", "octoacme", "Defect", "broken churn", "level:L3 proposes:L4 no-tells:leadership", "tag:strategic"),
        row("S2-31", "octoacme", "Billing", "legal", "level:L1 proposes:L4"),
        row("S2-32", "octoacme", "Billing", "brand_risk", "level:L1 proposes:L4"),
        row("S2-33", "octoacme", "Billing", "contract_critical", "level:L1 proposes:L4"),
        row("S2-90", "octoacme", "Enhancement", "new_capability", "destination:product tells:product", "demand:5"),
        row("S2-90", "octoacme", "Enhancement", "new_capability", "destination:frontline", "demand:4"),
        row("S2-91", "octoacme", "Enhancement", "new_capability", "destination:product", "tag:high-value"),
        row("S3-04", "bug-sop", "Reliability", "outage", "severity:P0 level:L3 page:yes"),
        row("S3-05", "bug-sop", "Defect", "cosmetic", "severity:P3 level:L1 page:no tag:triage-backlog"),
        row("S3-12", "bug-sop", "Defect", "cosmetic", "level:L1 page:no", "late:30"),
        row("S3-13", "bug-sop", "Defect", "revenue_path", "severity:P1 level:L3 no-tag:triage-backlog"),
        row("S4-21", "tiered-helpdesk", "Access", "lockout", "tag:fast-lane destination:frontline"),
        row("S4-22", "tiered-helpdesk", "Defect", "outage", "page:yes tells:l2_on_call"),
        row("S4-46", "tiered-helpdesk", "Defect", "broken", "no-tag:Process_Tweak", "tag:Escalate-L2"),
        row("S4-81", "tiered-helpdesk", "Guidance", "sales partner", "handover:engagement tells:marketing", "org:Acme"),
        row("S4-83", "tiered-helpdesk", "Guidance", "churn feedback", "handover:engagement tells:product"),
        row("S4-83", "tiered-helpdesk", "Guidance", "churn merchandise", "handover:engagement tells:marketing"),
        row("S4-85", "tiered-helpdesk", "Security", "security_active", "destination:security handover:"),
        row("S4-88", "tiered-helpdesk", "Enhancement", "new_capability", "destination:frontline", "tag:high-value"),
        row("S4-90", "tiered-helpdesk", "Defect", "broken", "destination:technical no-tells:product"),
        row("S4-97", "tiered-helpdesk", "Enhancement", "asks_next_level", "level:L1", "late:30"),
    ],
)
def test_under_its_pack_a_document_is_followed(case: Case) -> None:
    assert case.wrong(policy(case.pack).pack) == ""
