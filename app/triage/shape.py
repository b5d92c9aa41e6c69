"""What the pack's models allow at a path: the keys, and the kinds of value."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.triage.layers import Path
from app.triage.pack import Pack

_MADE_UP = "nosuchname"


def kinds(path: Path) -> tuple[Any, ...]:
    """The types that the value at a path may have; ``None``'s among them where it may be left out. Lists are stepped
    into by number. Empty for a path that no model knows."""
    found: list[Any] = [Pack]
    for step in path:
        found = [inner for kind in found for inner in _inner(kind, step)]
    return tuple(found)


def known_keys(path: Path) -> list[str]:
    """The keys that the models name at a path: of a model its fields, of a map with closed keys those."""
    return sorted({name for kind in kinds(path) for name in _names(kind)})


def closed_key(path: Path, name: str) -> str | None:
    """The key that a name stands for, case aside, in a map at a path whose keys come from a closed list or have one
    form, such as a severity or a date. None where there is none, or where any name would do."""
    for kind in kinds(path):
        if not _is_map(kind):
            continue
        key = TypeAdapter(typing.get_args(kind)[0])
        if _reads(key, _MADE_UP):
            continue
        for spelt in (name, name.lower(), name.upper(), name.capitalize(), name.replace("_", "-")):
            if _reads(key, spelt):
                return spelt
    return None


def is_list(kind: Any) -> bool:
    """Whether a kind of value is a list."""
    return typing.get_origin(kind) in (tuple, list, frozenset)


def is_mapping(kind: Any) -> bool:
    """Whether a kind of value is a map, by a model or free."""
    return _is_model(kind) or _is_map(kind)


def _names(kind: Any) -> list[str]:
    if _is_model(kind):
        return list(kind.model_fields)
    if not _is_map(kind):
        return []
    names: list[str] = []
    for key in _alternatives(typing.get_args(kind)[0]):
        if typing.get_origin(key) is typing.Literal:
            names += map(str, typing.get_args(key))
        elif isinstance(key, type) and issubclass(key, Enum):
            names += [str(member.value) for member in key]
    return names


def _inner(kind: Any, step: int | str) -> Iterator[Any]:
    if _is_model(kind):
        field = kind.model_fields.get(str(step))
        if field is not None:
            yield from _alternatives(field.annotation)
    elif is_list(kind) and isinstance(step, int):
        yield from _alternatives(typing.get_args(kind)[0])
    elif _is_map(kind) and isinstance(step, str):
        yield from _alternatives(typing.get_args(kind)[1])


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _alternatives(typing.get_args(annotation)[0])
    elif origin is typing.Union or str(origin) == "<class 'types.UnionType'>":
        for part in typing.get_args(annotation):
            yield from _alternatives(part)
    else:
        yield annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_map(kind: Any) -> bool:
    origin = typing.get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _reads(key: TypeAdapter[Any], name: str) -> bool:
    try:
        key.validate_python(name)
    except ValidationError:
        return False
    return True
