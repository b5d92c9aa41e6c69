"""The clocks as the documents have them: the rows of ``clocks.csv``, written from the documents and not from the packs.

A row holds the whole of one clock but the words for people. In a cell, entries are parted by a space; ``promises`` has
the rank, the goal (``-`` for none) and the due time of each; a deed that only says something is ``note``. A pack has
the clocks of ``unified`` where no row of its own says otherwise.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from app.triage.clocks.parts import Clock, Deed
from app.triage.decision import Level, Severity
from app.triage.pack import Pack
from app.triage.rules import Part

TABLE = Path(__file__).parent / "clocks.csv"
Row = Mapping[str, str]


@cache
def rows(name: str) -> dict[str, Row]:
    """What the documents say of each clock that a pack has, by its name."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    wanted = {row["clock"]: row for pack in ("unified", name) for row in table if row["pack"] == pack}
    return {
        clock: {key: row[key] for key in row if key not in ("pack", "clock", "source")} for clock, row in wanted.items()
    }


def stated(pack: Pack, name: str) -> Row:
    """What a pack says of a clock, in the words of the table."""
    clock = pack.clocks[name]
    lists = {key: " ".join(getattr(clock, key)) for key in ("start", "restart", "stop", "pause", "states")}
    return {
        "audience": clock.audience,
        **lists,
        "when": " ".join(_given(clock.when)),
        "more": " ".join(_more(clock)),
        "promises": "; ".join(_promises(clock)),
        "on_goal": _deed(clock.on_goal),
        "on_breach": _deed(clock.on_breach),
    }


def _more(clock: Clock) -> Iterator[str]:
    yield from ["repeat"] if clock.repeat else []
    yield from [f"said_by:{clock.said_by}"] if clock.said_by else []
    yield from [f"calendar:{clock.calendar}"] if clock.calendar else []


def _promises(clock: Clock) -> Iterator[str]:
    for rank in (*Severity, *Level):
        target = clock.of(rank)
        if target is not None:
            yield f"{rank} {target.goal or '-'} {target.due}"


def _deed(deed: Deed | None) -> str:
    return "" if deed is None else " ".join(_given(deed)) or "note"


def _given(part: Part) -> Iterator[str]:
    """What a part says, but its words for people, each ``name:value+value``."""
    given = part.model_dump(mode="json", exclude={"say"}, exclude_defaults=True)
    for name, value in sorted(given.items()):
        values = value if isinstance(value, list) else [{True: "yes", False: "no"}.get(value, value)]
        yield f"{name}:{'+'.join(map(str, values))}"
