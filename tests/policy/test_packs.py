"""The five packs: each says what its document says otherwise than the default, with its source, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path as FilePath

import pytest

from app.runtime import PACKS, find_pack
from app.triage.layers import Node, Path, chain, inheritable, parse
from tests.policy.conftest import NAMES, policy

DOCUMENT = {"triage-standard": "S0", "cs-pol-001": "S1", "octoacme": "S2", "bug-sop": "S3", "tiered-helpdesk": "S4"}
SOURCE = re.compile(r"(?:U|S[0-4])-\d{2,3}|C-\d\d|derived")


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
