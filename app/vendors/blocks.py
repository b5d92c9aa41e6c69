"""The note's small format, read once for every vendor: paragraphs, list items, and customers' words quoted.

Paragraphs part by an empty line, ``- `` starts a list item and ``> `` a quoted line (see ``AddNote``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

INVISIBLE = "\u200b"
"""ZERO WIDTH SPACE: parts two characters that a vendor would act on together. Taken out again when reading."""


class Kind(Enum):
    """What a run of lines is."""

    GAP = 0
    PARAGRAPH = 1
    LIST = 2
    QUOTE = 3


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one kind that stand together, without their ``- `` or ``> ``."""

    kind: Kind
    lines: tuple[str, ...]


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a note in order, without the gaps between them."""
    for kind, lines in groupby(printable(text).splitlines(), key=_kind):
        if kind is not Kind.GAP:
            yield Block(kind, tuple(line if kind is Kind.PARAGRAPH else line[1:].strip() for line in lines))


def printable(text: str) -> str:
    """The text without control characters, which XML and databases refuse; line breaks and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and c != "\x7f"))


def _kind(line: str) -> Kind:
    if not line.strip():
        return Kind.GAP
    if line.startswith("- "):
        return Kind.LIST
    return Kind.QUOTE if line.startswith(">") else Kind.PARAGRAPH
