"""The reports that ``triage evaluate duplicates`` measures on, and which of them are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.cli.json_values import values
from app.triage.symptoms.reading import symptom_of
from app.triage.symptoms.symptom import Symptom
from app.triage.text import Message
from app.triage.ticket import Speaker

Bad = list[tuple[str, str]]
Embed = Callable[[Sequence[Message]], bytes]


@dataclass
class Reports:
    """``threads`` by source and id; ``same`` are the other ids of each one's fault, ``queries`` those that are asked
    for; ``bad`` are lines that could not be used, each with its place and why."""

    threads: dict[str, dict[str, list[Message]]] = field(default_factory=dict)
    source_of: dict[str, str] = field(default_factory=dict)
    same: dict[str, frozenset[str]] = field(default_factory=dict)
    queries: set[str] = field(default_factory=set)
    bad: Bad = field(default_factory=list)

    def symptoms(self, source: str, embed: Embed) -> Iterator[tuple[str, Symptom]]:
        """The symptoms of a source's reports, by their ids, read as those of tickets are."""
        for name, thread in self.threads[source].items():
            yield name, replace(symptom_of(thread), vector=embed(thread))


def reports_in(corpus: Path, queries: Path) -> Reports:
    """Read both files."""
    found = Reports()
    for place, row in values(corpus):
        try:
            _take(found, row, corpus.stem)
        except ValueError as error:
            found.bad.append((place, str(error)))
    clusters: dict[str, set[str]] = {}
    for place, row in values(queries):
        try:
            ids = _asked(found, row)
        except ValueError as error:
            found.bad.append((place, str(error)))
            continue
        if len(ids) > 1:
            found.queries.add(ids[0])
        whole = set(ids).union(*(clusters.get(one, ()) for one in ids))
        clusters.update(dict.fromkeys(whole, whole))
    found.same = {one: frozenset(whole - {one}) for one, whole in clusters.items()}
    return found


def _take(found: Reports, row: Any, source: str) -> None:
    """A line of the corpus. Raises ValueError."""
    told = _object(row, "a report is a JSON object with id, source, subject and body")
    name, texts = _id(told.get("id"), "id"), [told.get("subject") or "", told.get("body") or ""]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("subject and body are texts")
    if name in found.source_of:
        raise ValueError(f"the id {name!r} stands here twice: give each report its own")
    source = str(told.get("source") or source)
    found.source_of[name] = source
    thread = [Message(where, Speaker.CUSTOMER, text) for where, text in zip(("subject", "body"), texts, strict=True)]
    found.threads.setdefault(source, {})[name] = thread


def _asked(found: Reports, row: Any) -> list[str]:
    """The ids of a line of queries, its own first. Raises ValueError."""
    told = _object(row, "a query is a JSON object with id and gold_ids")
    gold = told.get("gold_ids", [])
    if not isinstance(gold, list):
        raise ValueError("gold_ids is a list of ids")
    more = [told["duplicate_of"]] if told.get("duplicate_of") else []
    ids = list(dict.fromkeys([_id(told.get("id"), "id"), *(_id(one, "gold_ids") for one in (*gold, *more))]))
    for one in ids:
        if one not in found.source_of:
            raise ValueError(f"no report of the corpus has the id {one!r}")
        if found.source_of[one] != found.source_of[ids[0]]:
            raise ValueError(f"{one!r} is of another source than {ids[0]!r}: sources are never matched")
    return ids


def _object(row: Any, mend: str) -> Mapping[str, Any]:
    if isinstance(row, ValueError):
        raise row
    if not isinstance(row, Mapping):
        raise ValueError(mend)
    return row


def _id(value: Any, name: str) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool) or not str(value):
        raise ValueError(f"{name} is missing or is no id: a text or a number")
    return str(value)
