"""Texts with placeholders: ``{field}`` from the closed list of fields, and nothing else that looks like code.

A paragraph (parted by an empty line) with a field that is unknown is left out, so a text never shows a gap. What a
field holds is a value and never a template: braces in a customer's words stay braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from app.triage.conditions import not_among
from app.triage.fields import FIELDS, Known

_SLOT = re.compile(r"\{([^{}\n]*)\}")


def check(text: str) -> None:
    """Raise ValueError for a placeholder that is no field, and for a brace without its mate."""
    for slot in _SLOT.finditer(text):
        if slot.group(1) not in FIELDS:
            raise ValueError(not_among("field", slot.group(1), tuple(FIELDS)))
    if re.search(r"[{}]", _SLOT.sub("", text)):
        raise ValueError("a brace has no mate; a field is written {customer}")


def fields_of(text: str) -> tuple[str, ...]:
    """The fields that a text names, each once."""
    return tuple(dict.fromkeys(slot.group(1) for slot in _SLOT.finditer(text)))


def render(text: str, known: Known, escape: Callable[[str], str] = str) -> str | None:
    """The text with its fields filled in; None when no paragraph is left. ``escape`` makes a value fit the channel."""
    kept = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        values = {name: known.field(name) for name in fields_of(paragraph)}
        if all(values.values()):
            kept.append(_SLOT.sub(lambda slot: escape(values[slot.group(1)] or ""), paragraph))  # noqa: B023 - used at once
    return "\n\n".join(kept) or None
