"""What differs between two policies, value by value, rules by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.triage.layers import Path


class Difference(NamedTuple):
    """A value at a path: what it was and what it is; None where there was or is none."""

    path: str
    old: Any
    new: Any


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Every difference between two policies' values (``policy.content``), examples apart: they decide nothing.

    Rules are told apart by name; where those that both have stand in another order, that is a difference at
    ``<path>.order``.
    """
    yield from (found for found in _maps(old, new, ()) if found.path.partition(".")[0] != "examples")


def _between(old: Any, new: Any, path: Path) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _maps(old, new, path)
    elif _named(old) and _named(new):
        was, now = {item["name"]: item for item in old}, {item["name"]: item for item in new}
        yield from _maps(was, now, path)
        kept, ordered = [name for name in was if name in now], [name for name in now if name in was]
        if kept != ordered:
            yield Difference(_dotted((*path, "order")), kept, ordered)
    elif old != new:
        yield Difference(_dotted(path), old, new)


def _maps(old: Mapping[str, Any], new: Mapping[str, Any], path: Path) -> Iterator[Difference]:
    for key in dict.fromkeys((*old, *new)):
        if key not in old or key not in new:
            yield Difference(_dotted((*path, key)), old.get(key), new.get(key))
        else:
            yield from _between(old[key], new[key], (*path, key))


def _named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) and "name" in item for item in value)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
