"""The tickets that ``triage evaluate`` measures: JSON Lines of rows or of a Zendesk export, and CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.cli.evaluate_csv import records
from app.cli.json_values import values
from app.errors import Gone, Misconfigured
from app.triage.evaluation import measurable
from app.triage.evaluation_history import Meaning, row
from app.triage.gold import Row, row_from_record
from app.triage.ticket import Ticket, VendorName
from app.triage.ticket_records import ticket_from_record
from app.vendors.zendesk.reading import ticket_of
from config.accounts import ZendeskAccount

_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv")
_ANSWERS = ("label", "gold_label", "severity", "gold_severity", "page", "original_label")
_EXPORTED = ZendeskAccount(name="export", subdomain="export")


@dataclass
class Files:
    """Reads rows from files, and keeps count of what could not be used: ``bad`` lines with their place and the reason,
    ``skipped`` tickets of which nothing is known to be right, and categories that are ``unmapped``."""

    meaning: Meaning
    columns: Mapping[str, str]
    whole_thread: bool
    bad: list[tuple[str, str]] = field(default_factory=list)
    skipped: int = 0
    unmapped: Counter[str] = field(default_factory=Counter)

    def rows(self, paths: Iterable[Path]) -> Iterator[Row]:
        """The rows of every file, in order."""
        for path in paths:
            is_table = path.suffix.lower() == ".csv"
            for place, given in records(path, self.columns) if is_table else _tickets(path):
                try:
                    if isinstance(given, ValueError):
                        raise given
                    found = self._of_table(given, path.stem) if is_table else self._of_json(given, path.stem)
                except ValueError as error:
                    self.bad.append((place, str(error)))
                    continue
                if found is None or not measurable(found):
                    self.skipped += 1
                else:
                    yield found

    def _of_json(self, record: Any, source: str) -> Row | None:
        if not isinstance(record, Mapping):
            raise ValueError("a ticket is a JSON object with id, subject and body")
        if any(name in record for name in _ANSWERS):
            known = any(record.get(name) not in (None, "", []) for name in _ANSWERS)
            return row_from_record(record, source) if known else None
        right = self.meaning.right(_words(record.get("tags")), str(record.get("priority") or ""), _vendor(record))
        if right is None:
            return None
        try:
            ticket = _exported(record) if "requester_id" in record else ticket_from_record(record)
        except Gone:
            return None
        return row(ticket, right, source, whole_thread=self.whole_thread)

    def _of_table(self, record: Mapping[str, str], source: str) -> Row | None:
        category = record.get("label", "")
        own = f"label-{category}"  # a category may be named as the label is
        if category and not (self.meaning.knows(category) or self.meaning.knows(own)):
            self.unmapped[category] += 1
        words = (category, own, *_words(record.get("tags")))
        right = self.meaning.right(words, record.get("priority", ""), _vendor(record))
        if right is None:
            return None
        return row(ticket_from_record({"subject": "", **record}), right, source, whole_thread=False)


def files_in(given: Sequence[Path]) -> list[Path]:
    """The files that were named, and those of the folders that were. Raises Misconfigured for a folder without any."""
    found: list[Path] = []
    for path in given:
        inside = sorted(one for one in path.iterdir() if one.suffix.lower() in _SUFFIXES) if path.is_dir() else [path]
        if not inside:
            mend = f"put one there: {', '.join(_SUFFIXES)}"
            raise Misconfigured("there is no file to measure on", where=str(path), mend=mend)
        found.extend(inside)
    return found


def _tickets(path: Path) -> Iterator[tuple[str, Any]]:
    """Every ticket of a JSON file with its place: those of a page of Zendesk's API each by itself. A ValueError instead
    of a ticket says why it cannot be read."""
    for place, value in values(path):
        if isinstance(value, Mapping) and isinstance(value.get("tickets"), list):
            users = value.get("users") or []
            yield from ((place, {**one, "users": users} if isinstance(one, dict) else one) for one in value["tickets"])
        else:
            yield place, value


def _exported(record: Mapping[str, Any]) -> Ticket:
    """A ticket as Zendesk's API and its JSON export have it. Raises ValueError, and Gone for a deleted one."""
    thread = record.get("comments") or []
    try:
        people = [record.get(name) for name in ("requester", "submitter", "assignee")]
        people += [*record.get("users", ()), *(one.get("author") for one in thread)]
        known = [one for one in people if isinstance(one, Mapping)]
        return ticket_of({"ticket": record}, thread, known, _EXPORTED, our_id="")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"it is no ticket as Zendesk exports it ({type(error).__name__}: {error})") from error


def _words(tags: Any) -> list[str]:
    if isinstance(tags, str):
        return tags.replace(",", " ").split()
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _vendor(record: Mapping[str, Any]) -> VendorName:
    return "jira" if str(record.get("vendor") or "").lower() == "jira" else "zendesk"
