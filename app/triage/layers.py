"""Layers of a policy: a pack over the packs it extends, over them an administrator's file. Each value keeps its place.

A mapping is laid over a mapping key by key, a list of named rules rule by rule: a rule of the same name takes the place
of the inherited one (``off: true`` takes it away), a new one comes before all inherited ones. Any other value replaces
the inherited one; a list may carry the inherited entries on with the entry ``...``.

A place is ``file:line:column``, or words such as ``environment TRIAGE_L4__AUTO`` or ``default`` (see ``written_in``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from app.errors import Misconfigured

Path = tuple[int | str, ...]
Find = Callable[[str], tuple[str, str]]
"""A pack's text and origin by its name; raises Misconfigured for a name that is not known."""

INHERITED = "..."
DEFAULT = "default"
"""The place of a value that nobody wrote: the model's own."""

_IN_A_FILE = re.compile(r":\d+:\d+$")


class PolicyError(Misconfigured):
    """A policy cannot be used. ``where`` is file:line:column and the path inside the pack."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a layer: a mapping or a list of nodes, or a plain value; and the place where it is written."""

    value: Any
    place: str

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def step(self, name: int | str) -> Node | None:
        """The node one step down: by key, by number, or by a rule's name."""
        if isinstance(self.value, dict):
            return self.value.get(name)
        if isinstance(self.value, list) and isinstance(name, int):
            return self.value[name] if 0 <= name < len(self.value) else None
        if isinstance(self.value, list):
            return next((node for node in self.value if name_of(node) == name), None)
        return None

    def leaves(self, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """Every plain value, and every list of plain values, with its path."""
        below: Iterator[tuple[int | str, Node]] = iter(())
        if isinstance(self.value, dict):
            below = iter(self.value.items())
        elif isinstance(self.value, list) and any(isinstance(node.value, dict | list) for node in self.value):
            below = ((name_of(node) or number, node) for number, node in enumerate(self.value))
        else:
            yield path, self
        for name, node in below:
            yield from node.leaves((*path, name))


@lru_cache(maxsize=64)
def parse(text: str, origin: str) -> Node:
    """One layer from YAML 1.2 text. Raises PolicyError that names ``origin``, line and column.

    Remembered, because every pack rests on the same few and reading them takes longer than all the rest.
    """
    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    try:
        tree = yaml.load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise PolicyError(
            f"not YAML: {error.problem or error.context}",
            where=f"{origin}:{line}:{column}",
            mend="check quotes and indents",
        ) from error
    except (ValueError, YAMLError) as error:
        raise PolicyError(
            f"not YAML: {error}", where=f"{origin}:1:1", mend="check the YAML version and values"
        ) from error
    except RecursionError as error:
        raise _too_deep(origin) from error
    if not isinstance(tree, Mapping):
        raise PolicyError("a pack is a mapping of sections", where=f"{origin}:1:1", mend="start with `pack:`")
    try:
        return _node(tree, origin, 0, 0)
    except RecursionError as error:  # an alias may hold itself
        raise _too_deep(origin) from error


def _too_deep(origin: str) -> PolicyError:
    return PolicyError("too many values inside one another", where=f"{origin}:1:1", mend="a pack needs no such depth")


def chain(layer: Node, find: Find, seen: tuple[str, ...] = ()) -> Node:
    """A pack's layer over everything that it extends, nearest last. Raises PolicyError for a circle or a bad name."""
    extends = layer.value.get("extends")
    names = [] if extends is None else extends.plain()
    names = [names] if isinstance(names, str) else names
    own = Node({key: node for key, node in layer.value.items() if key != "extends"}, layer.place)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise PolicyError("extends names a pack, or a list of packs", where=extends.place, mend="extends: unified")
    below: Node | None = None
    for name in names:
        if name in seen:
            raise PolicyError(
                f"packs extend each other in a circle: {' > '.join((*seen, name))}",
                where=extends.place,
                mend="take one of them out",
            )
        base = inheritable(chain(parse(*_found(name, find, extends.place)), find, (*seen, name)))
        below = base if below is None else over(below, base)
    return own if below is None else over(below, own)


def _found(name: str, find: Find, place: str) -> tuple[str, str]:
    try:
        return find(name)
    except Misconfigured as error:
        raise PolicyError(error.what, where=place, mend=error.mend) from error


def inheritable(layer: Node) -> Node:
    """What a pack hands on: everything but its own name and its examples."""
    return Node({key: node for key, node in layer.value.items() if key not in ("pack", "examples")}, layer.place)


def over(base: Node, layer: Node) -> Node:
    """One layer laid over another."""
    below, above = base.value, layer.value
    if isinstance(below, dict) and isinstance(above, dict):
        merged = dict(below)
        for key, node in above.items():
            merged[key] = over(below[key], node) if key in below else node
        return Node(merged, layer.place)
    if isinstance(above, list):
        inherited = below if isinstance(below, list) else []
        if above and all(name_of(node) for node in above) and all(name_of(node) for node in inherited):
            return Node(_rules_over(inherited, above), layer.place)
        if any(node.value == INHERITED for node in above):
            return Node(
                [kept for node in above for kept in (inherited if node.value == INHERITED else [node])], layer.place
            )
    return layer


def _rules_over(inherited: Sequence[Node], above: Sequence[Node]) -> list[Node]:
    known = {name_of(node) for node in inherited}
    names = [name_of(node) for node in above]
    double = next((node for number, node in enumerate(above) if name_of(node) in names[:number]), None)
    if double is not None:
        raise PolicyError(f"two rules are named {name_of(double)!r}", where=double.place, mend="give each its own name")
    changed = {name_of(node): node for node in above if name_of(node) in known}
    new = [node for node in above if name_of(node) not in known]
    for node in new:
        if "off" in node.value:
            raise PolicyError(
                f"no inherited rule is named {name_of(node)!r}, so it cannot be off",
                where=node.place,
                mend="correct the name, or take the entry out",
            )
    kept = [changed.get(name_of(node), node) for node in inherited]
    return [*new, *(node for node in kept if not is_off(node))]


def is_off(node: Node) -> bool:
    """Whether a rule is to be taken away. Raises PolicyError for an ``off`` that is not true."""
    off = node.value.get("off") if isinstance(node.value, dict) else None
    if off is not None and off.value is not True:
        raise PolicyError("off is true, or it is left out", where=off.place, mend="off: true")
    return off is not None


def name_of(node: Node) -> str:
    """The name of a rule or an example; empty for anything else."""
    name = node.value.get("name") if isinstance(node.value, dict) else None
    return name.value if name is not None and isinstance(name.value, str) else ""


def settled(tree: Node) -> Node:
    """The tree itself. Raises PolicyError where a list wants inherited entries and there are none to be had."""
    for path, leaf in tree.leaves():
        entry = bool(path) and isinstance(path[-1], int)
        for node in leaf.value if isinstance(leaf.value, list) else [leaf] if entry else ():
            if node.value == INHERITED:
                raise PolicyError(
                    "nothing is inherited here, so '...' stands for nothing",
                    where=node.place,
                    mend="take it out, or correct the name of the list",
                )
    return tree


def placed(values: Any, tree: Node | None, above: str = DEFAULT) -> Node:
    """Plain values with the places that a tree of them knows: ``default`` for a key that it lacks."""
    place = above if tree is None else tree.place
    if isinstance(values, Mapping):
        known = tree is None or isinstance(tree.value, dict)
        return Node(
            {key: placed(below, tree and tree.step(key), DEFAULT if known else place) for key, below in values.items()},
            place,
        )
    if isinstance(values, Sequence) and not isinstance(values, str):
        return Node([placed(below, tree and tree.step(number), place) for number, below in enumerate(values)], place)
    return Node(values, place)


def written_in(place: str) -> str:
    """The file of a place, or the place itself when it is not in a file."""
    return _IN_A_FILE.sub("", place)


def origin_of(leaf: Node) -> str:
    """Where a value comes from; of a list also the files and variables of entries that it took over."""
    entries = leaf.value if isinstance(leaf.value, list) else []
    own = written_in(leaf.place)
    others = [file for file in dict.fromkeys(written_in(entry.place) for entry in entries) if file != own]
    return f"{leaf.place}, entries from {', '.join(others)}" if others else leaf.place


def place_of(tree: Node, path: Path) -> str:
    """Where a value, or the nearest thing around it, is written."""
    node = tree
    for name in path:
        below = node.step(name)
        if below is None:
            break
        node = below
    return node.place


def dotted(tree: Node, path: Path) -> str:
    """A path as people read it, rules by their names: ``rules.upgrades.churn-threat.when``."""
    node: Node | None = tree
    steps = []
    for name in path:
        node = node.step(name) if node is not None else None
        steps.append((node is not None and isinstance(name, int) and name_of(node)) or str(name))
    return ".".join(steps)


def _node(tree: Any, origin: str, line: int, column: int) -> Node:
    place = f"{origin}:{line + 1}:{column + 1}"
    if isinstance(tree, Mapping):
        return Node({str(key): _node(value, origin, *tree.lc.key(key)) for key, value in tree.items()}, place)  # type: ignore[attr-defined]  # ruamel's own mapping has it
    if isinstance(tree, str):
        return Node(str(tree), place)
    if isinstance(tree, bool) or tree is None:
        return Node(tree, place)
    if isinstance(tree, Sequence):
        return Node([_node(value, origin, *tree.lc.item(number)) for number, value in enumerate(tree)], place)  # type: ignore[attr-defined]  # ruamel's own sequence has it
    if isinstance(tree, int):
        return Node(int(tree), place)
    if isinstance(tree, float):
        return Node(float(tree), place)
    return Node(str(tree), place)
