"""Faults of what is written beside the values: people instead of roles, and sources that are missing or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.triage.environment import is_place
from app.triage.layers import Node, Path, place_of, written_in
from app.triage.lint.finding import Fault
from app.triage.lint.rules import groups
from app.triage.pack import Pack
from app.triage.policy import Policy

_ADDRESS = re.compile(r"(?<![\w.+-])[a-z0-9](?:[\w.+-]*[\w])?@((?:[a-z0-9-]+\.)+[a-z]{2,})\b", re.IGNORECASE)
_RESERVED = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)
_TELEPHONE = re.compile(
    r"(?<![\w.+/=-])(?:\+\d{1,3}[ .-]?(?:\(0?\d+\)[ .-]?)?\d(?:[ ./-]?\d){6,13}"
    r"|\(?0\d{2,5}\)?[ /-]\d(?:[ -]?\d){4,9}"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w-])"
)
_PHRASES = frozenset({"words", "guards", "phrases", "unless"})
"""Keys under which RE2 expressions stand: their signs are no telephone numbers."""

_ID = re.compile(r"(?:U|S[0-4])-\d{2,3}|C-\d\d|derived")
_LIKE_AN_ID = re.compile(r"[suc]\d?[-_ .]?\d+", re.IGNORECASE)


def check(policy: Policy) -> Iterator[Fault]:
    """Every address and telephone number, and every source that is missing or wrong."""
    for path, node in _texts(policy.tree):
        found = None if is_place(node.place) else _personal(node.value, path)
        if found:
            yield Fault(
                "personal-data",
                path,
                f"{found!r} belongs to a person",
                "name a role; who it is stands in the environment",
            )
    yield from _sources(policy)


def _texts(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every text of a tree, keys too, with its path; a key stands where its value does."""
    if isinstance(node.value, dict):
        for key, below in node.value.items():
            yield (*path, key), Node(key, below.place)
            yield from _texts(below, (*path, key))
    elif isinstance(node.value, list):
        for number, below in enumerate(node.value):
            yield from _texts(below, (*path, number))
    elif isinstance(node.value, str):
        yield path, node


def _personal(text: str, path: Path) -> str:
    """The first address of a real domain or telephone number in a text; empty when there is none."""
    address = next((one for one in _ADDRESS.finditer(text) if not _RESERVED.search(one.group(1))), None)
    number = None if _PHRASES.intersection(path) else _TELEPHONE.search(text)
    found = address or number
    return found.group() if found else ""


def _sources(policy: Policy) -> Iterator[Fault]:
    """Sources of rules, clocks, ceilings and rungs. A file that names any is expected to name all; one that names none
    is an administrator's own, and fine."""
    tree = policy.tree
    sourced = {written_in(node.place) for path, node in tree.leaves() if path[-1:] == ("source",) and path[0] != "pack"}
    for path, source in _sourced(policy.pack):
        place = place_of(tree, path)
        if not source and written_in(place) in sourced:
            mend = "add source: a requirement's id such as S1-27, or derived"
            yield Fault("no-source", path, "it does not say where it comes from", mend)
        elif _LIKE_AN_ID.fullmatch(source) and not _ID.fullmatch(source):
            mend = "write it as S1-27, U-11, C-09 or derived"
            yield Fault("bad-source", (*path, "source"), f"{source!r} is no requirement's id", mend)


def _sourced(pack: Pack) -> Iterator[tuple[Path, str]]:
    for _, path, rules in groups(pack):
        yield from (((*path, rule.name), rule.source) for rule in rules)
    for cause, ceiling in pack.upgrade.items():
        yield ("upgrade", cause), ceiling.source
    for level, rung in pack.ladder.items():
        yield ("ladder", level.value), rung.source
    for name, clock in pack.clocks.items():
        yield ("clocks", name), clock.source
