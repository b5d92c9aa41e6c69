"""Calendar files that a policy names: their text takes the place of the name, and so it counts in the digest."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.triage.layers import Node, PolicyError

Files = Callable[[str, str], str]
"""A file's text by its name and the place of the value that names it; raises PolicyError."""

_NAMED_AT = (("calendar", "holidays", "ics"), ("calendars", "*", "holidays", "ics"))
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*://|webcal:)", re.IGNORECASE)
_CALENDAR = "BEGIN:VCALENDAR"


def is_calendar(text: str) -> bool:
    """Whether this is a calendar file's text, and not its name."""
    return _CALENDAR in text


def is_address(text: str) -> bool:
    """Whether this names something on the network. Nothing is ever fetched from there."""
    return _ADDRESS.match(text) is not None


def filled_in(tree: Node, files: Files | None) -> Node:
    """The tree with calendar files in the place of their names. Raises PolicyError for one that cannot be read or is
    none; what is no name is left to the check of the pack."""
    if files is not None:
        for path in _NAMED_AT:
            tree = _filled(tree, path, files)
    return tree


def _filled(node: Node, path: tuple[str, ...], files: Files) -> Node:
    there = node.value
    if path and isinstance(there, dict):
        keys = [key for key in there if path[0] in (key, "*")]
        return Node({**there, **{key: _filled(there[key], path[1:], files) for key in keys}}, node.place)
    if path or not isinstance(there, str) or not there.strip() or is_calendar(there) or is_address(there):
        return node
    name = there.strip()
    text = files(name, node.place)
    if not is_calendar(text):
        raise PolicyError(f"{name!r} is no calendar file", where=node.place, mend=f"name one: it holds {_CALENDAR}")
    return Node(text, node.place)
