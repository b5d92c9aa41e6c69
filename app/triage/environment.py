"""Knobs from the environment: ``TRIAGE_CLOCKS__FIRST_REPLY__P1__DUE=4h`` lays one value over a policy.

``__`` parts the steps of the path; a step is a key, a field of the model, or the name of a rule, whatever its case and
with ``_`` for any other sign. A list or a map is JSON and is laid over as a layer's would be (``...`` keeps the
inherited entries); anything else is text, which is a number, true or false only where the pack wants one, and
``null`` where nothing may stand. ``..._OFF=true`` takes a rule away.

A variable may add a calendar, which must then be somebody's. Any other that leads nowhere is an error and never
ignored: a knob that was set holds.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

from app.triage import shape
from app.triage.layers import Node, Path, PolicyError, is_off, name_of, over

PREFIX = "TRIAGE_"
_PLACE = "environment "
_STEP = "__"
_OFF = "off"
_MOST_LISTED = 12
_ADDED_TO = (("calendars",),)  # maps in which a variable may make up a name; a calendar that is nobody's is refused


@dataclass(frozen=True, slots=True)
class Knobs:
    """The environment's variables that are no settings, and the names of those that are, for suggestions."""

    variables: Mapping[str, str]
    settings: Collection[str] = ()


class _Nowhere(Exception):
    """A step that cannot be taken: which one it is, and those that can."""

    def __init__(self, number: int, known: Collection[str]) -> None:
        super().__init__(number)
        self.number, self.known = number, known


def laid_over(values: Node, knobs: Knobs) -> Node:
    """The values with every variable laid over, whole sections before what lies in them.

    ``values`` are complete, defaults filled in. Raises PolicyError that names the variable.
    """
    set_by: dict[tuple[str, ...], str] = {}
    for variable in sorted(knobs.variables, key=lambda name: (name.count(_STEP), name)):
        steps = tuple(map(_plain, variable[len(PREFIX) :].split(_STEP)))
        if steps in set_by:
            raise PolicyError(
                f"{set_by[steps]} and {variable} set the same value", where=place(variable), mend="keep one of them"
            )
        set_by[steps] = variable
        try:
            values = _set(values, steps, (), variable, knobs.variables[variable])
        except _Nowhere as nowhere:
            raise _unknown(variable, steps, nowhere, values, knobs.settings) from None
    return values


def place(*variables: str) -> str:
    """The place of what variables set."""
    return _PLACE + ", ".join(variables)


def is_place(where: str) -> bool:
    """Whether a place is a variable, not a file."""
    return where.startswith(_PLACE)


def variable_of(path: Path) -> str:
    """The name of the variable that sets the value at a path."""
    return PREFIX + _STEP.join(_plain(str(step)).upper() for step in path)


def _set(node: Node | None, steps: tuple[str, ...], path: Path, variable: str, text: str) -> Node:
    """What lies at ``path``, once the variable is laid over it. Rules stand in the path by number."""
    where = place(variable)
    if not steps:
        new = _value(text, _kinds(path, node), where)
        return new if node is None else over(node, new)
    keys = _keys(node, path, where)
    key = keys.get(steps[0])
    if key is None and (node is None or isinstance(node.value, dict)):
        key = steps[0] if path in _ADDED_TO else shape.closed_key(path, steps[0])
    if key is None:
        raise _Nowhere(len(path), keys)
    below = node.step(key) if node is not None else None
    new = _set(below, steps[1:], (*path, key), variable, text)
    if node is not None and isinstance(node.value, list):
        items = [new if number == key else item for number, item in enumerate(node.value)]
        return Node([item for item in items if not is_off(item)], node.place)
    there = node.value if node is not None and isinstance(node.value, dict) else {}
    return Node({**there, key: new}, where if node is None else node.place)


def _keys(node: Node | None, path: Path, where: str) -> dict[str, int | str]:
    """The steps that can be taken from a value, by how a variable writes them."""
    if node is not None and isinstance(node.value, list):
        items = [(number, item) for number, item in enumerate(node.value) if isinstance(item.value, dict)]
        return {_plain(name_of(item)) or str(number): number for number, item in items}
    names = set(shape.known_keys(path))
    if node is not None and isinstance(node.value, dict):
        names.update(node.value)
    if path and isinstance(path[-1], int):
        names.add(_OFF)
    keys: dict[str, int | str] = {}
    for name in sorted(names):
        if _plain(name) in keys:
            raise PolicyError(
                f"{keys[_plain(name)]!r} and {name!r} are written alike in a variable",
                where=where,
                mend="set the whole map as JSON, or use TRIAGE_RULES_FILE",
            )
        keys[_plain(name)] = name
    return keys


def _kinds(path: Path, node: Node | None) -> tuple[Any, ...]:
    """The kinds of value that may stand at a path; where any may, the kind that stands there now."""
    kinds = shape.kinds(path)
    if path[-1:] == (_OFF,) and not kinds:
        return (bool,)
    if Any in kinds and node is not None and not isinstance(node.value, dict | list):
        return (type(node.value),)
    return kinds


def _value(text: str, kinds: Sequence[Any], where: str) -> Node:
    """What a variable's text means where a value of one of these kinds is wanted. Raises PolicyError."""
    if not _can_be_written(text):
        raise PolicyError("not UTF-8", where=where, mend="write it in UTF-8")
    whole = [kind for kind in kinds if shape.is_list(kind) or shape.is_mapping(kind)]
    plain = [kind for kind in kinds if kind not in whole and kind is not NoneType]
    if NoneType in kinds and text.strip() == "null":
        return Node(None, where)
    if whole and (not plain or text.lstrip()[:1] in ("[", "{")):
        return _json(text, any(map(shape.is_list, whole)), where)
    if bool in plain:
        if text.strip().lower() not in ("true", "false"):
            raise PolicyError(f"{text!r} is neither true nor false", where=where, mend="write true or false")
        return Node(text.strip().lower() == "true", where)
    if int in plain or float in plain:
        return Node(_number(text, float in plain, where), where)
    return Node(text, where)


def _number(text: str, fraction: bool, where: str) -> int | float:
    wanted, such_as = ("a number", "0.5") if fraction else ("a whole number", "5")
    try:
        value = json.loads(text)
        if isinstance(value, int) and not isinstance(value, bool):
            return float(value) if fraction else value
        if fraction and isinstance(value, float) and math.isfinite(value):
            return value
    except (ValueError, OverflowError, RecursionError):
        pass
    raise PolicyError(f"{text!r} is not {wanted}", where=where, mend=f"write {wanted}, such as {such_as}")


def _json(text: str, is_list: bool, where: str) -> Node:
    wanted, mend = ("list", '["one", "two"]') if is_list else ("map", '{"name": "value"}')
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"not JSON: {error}", where=where, mend=f"write a {wanted} as JSON: {mend}") from error
    if not isinstance(value, list | dict):
        raise PolicyError(f"{text!r} is no {wanted}", where=where, mend=f"write a {wanted} as JSON: {mend}")
    if not _can_be_written(json.dumps(value, ensure_ascii=False)):
        raise PolicyError("not UTF-8", where=where, mend="write it in UTF-8")
    return _node(value, where)


def _node(value: Any, where: str) -> Node:
    if isinstance(value, dict):
        return Node({key: _node(below, where) for key, below in value.items()}, where)
    if isinstance(value, list):
        return Node([_node(below, where) for below in value], where)
    return Node(value, where)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one map")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _can_be_written(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unknown(
    variable: str, steps: tuple[str, ...], nowhere: _Nowhere, values: Node, settings: Collection[str]
) -> PolicyError:
    """What is wrong with a variable that leads nowhere, and the nearest name that leads somewhere."""
    before, step, after = steps[: nowhere.number], steps[nowhere.number], steps[nowhere.number + 1 :]
    here = sorted(nowhere.known)
    near = difflib.get_close_matches(step, [*here, *(() if before else map(_first_step, settings))], n=1, cutoff=0.6)
    names = [variable_of((*before, *near, *after))] if near and near != [step] else []
    names += [*sorted(settings), *(variable_of(path) for path, _ in values.leaves())]
    likely = difflib.get_close_matches(variable[len(PREFIX) :], [name[len(PREFIX) :] for name in names], n=1)
    if variable_of(steps[:1]) in settings:
        mend = f"{variable_of(steps[:1])} is a setting without parts; set it alone"
    elif likely:
        mend = f"did you mean {PREFIX}{likely[0]}?"
    else:
        more = ", ..." if len(here) > _MOST_LISTED else ""
        mend = f"known at {'.'.join(before) or 'the top'}: {', '.join(here[:_MOST_LISTED])}{more}"
    what = f"{variable} is no setting, and the policy {_name(values)!r} has no value of that name"
    return PolicyError(what, where=place(variable), mend=mend)


def _first_step(variable: str) -> str:
    return _plain(variable[len(PREFIX) :])


def _name(values: Node) -> str:
    about = values.step("pack")
    name = about and about.step("name")
    return str(name.value) if name else ""


def _plain(name: str) -> str:
    """A key as a variable writes it: small letters, ``_`` for all that is no letter or digit, never two together."""
    return re.sub(r"[\W_]+", "_", name).strip("_").lower()
