"""A help desk's CSV export as plain records: which column holds what, told by its heading."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from app.errors import Misconfigured

_LONGEST_FIELD = 1 << 24  # characters
_JIRA = "issue key"  # the heading by which Jira's own export is known
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "ticket id", "number", "key", _JIRA),
    "subject": ("subject", "title", "summary"),
    "body": ("body", "description", "text", "message", "content", "details"),
    "label": ("label", "category", "topic", "issue type", "type"),
    "priority": ("priority",),
    "tags": ("tags", "labels"),
    "language": ("language", "locale"),
    "organization": ("organization", "organisation"),
    "brand": ("brand",),
}
"""What is read, and the headings that are looked for; ``_`` and capitals make no difference."""


def records(path: Path, columns: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str] | ValueError]]:
    """Each line with its place: the values by the names of ``COLUMNS`` (of several columns with one heading, the texts
    in a row), ``vendor``, and an id where the file has none. ``columns`` are headings that were named otherwise.

    Raises Misconfigured where no column holds a ticket's text, or a named one does not exist.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    place = str(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            lines = csv.reader(file, delimiter=max(",;\t", key=head.count))
            heads = next(lines, [])
            places = _places(heads, columns, path)
            vendor = "jira" if _JIRA in map(_plain, heads) else "zendesk"
            while True:
                before = lines.line_num + 1
                try:
                    cells = next(lines, None)
                except csv.Error as error:
                    yield f"{path}, line {before}", ValueError(str(error))
                    continue
                if cells is None:
                    return
                place = f"{path}, line {before}"
                if any(cells):
                    told = {
                        name: " ".join(filter(None, (cells[at].strip() for at in found if at < len(cells))))
                        for name, found in places.items()
                    }
                    yield place, {**told, "id": told.get("id") or f"line {before}", "vendor": vendor}
    except UnicodeDecodeError:
        yield place, ValueError("from here on it is not UTF-8; save the file as CSV UTF-8")


def _places(heads: Sequence[str], columns: Mapping[str, str], path: Path) -> dict[str, list[int]]:
    plain = [_plain(head) for head in heads]
    there = f"there are: {', '.join(heads) or 'none'}"
    found: dict[str, list[int]] = {}
    for name, usual in COLUMNS.items():
        wanted = (_plain(columns[name]),) if name in columns else usual
        first = next((head for head in wanted if head in plain), None)
        if first is not None:
            found[name] = [at for at, head in enumerate(plain) if head == first]
        elif name in columns:
            raise Misconfigured(f"no column is headed {columns[name]!r}", where=str(path), mend=there)
    if "subject" not in found and "body" not in found:
        mend = f"name it, such as --column body='Ticket text'; {there}"
        raise Misconfigured("no column holds the text of a ticket", where=str(path), mend=mend)
    return found


def _plain(head: str) -> str:
    return " ".join(head.replace("_", " ").casefold().split())
