"""Time lines of tickets from another help desk, and the deadlines that follow, by our clocks.

How its words are said here: times count in the calendar's open minutes. ``first_reply`` starts with the ticket and is
stopped by an answer; ``next_reply`` starts with the customer's oldest message without an answer, the first one among
them where the time line has a message of the customer's at the ticket's own second, and is stopped by an answer;
``resolution`` starts with the ticket and is ended by solving it. All of them stand still while it is pending, and the
time while it is closed does not count. ``first_reply_only`` is an answer that only ``first_reply`` sees. A clock that
stands still or has ended has no due time (null). ``minutes`` are those of the longest cycle that has ended, and the
margin is what they leave of the promise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.triage import clocks
from app.triage.business_time import Calendar
from app.triage.clocks.parts import Clock
from app.triage.conditions import Seen
from app.triage.decision import Level, Severity
from app.triage.hours import Hours
from app.triage.paused import elapsed
from app.triage.ticket import Change, Comment, Ref, Speaker, Status, Ticket
from tests.policy.conftest import NOTHING_KNOWN, policy

Row = Mapping[str, Any]
ROWS = 21
NAMES = ("first_reply", "next_reply", "resolution")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def ticket(row: Row, *, for_first_reply: bool) -> Ticket:
    """The ticket at the end of its time line, as one clock sees it."""
    born, *later = row["events"]
    status, comments, history = born["state"], [], []
    for number, event in enumerate(later):
        at, kind = moment(event["t"]), event["e"]
        state = "closed" if kind == "closed" else event.get("state")
        if state:
            history.append(Change(at, "7", "status", status, state, Status(state)))
            status = state
        elif kind == "agent_reply" or (kind == "first_reply_only" and for_first_reply):
            comments.append(Comment(str(number), Speaker.AGENT, "We look into it.", at))
        elif kind == "customer_reply" and event["t"] != born["t"]:
            comments.append(Comment(str(number), Speaker.CUSTOMER, "Any news?", at))
    created = moment(born["t"])
    return Ticket(
        ref=Ref("zendesk", "acme", "1"),
        subject="x",
        body="x",
        created_at=created,
        updated_at=created,
        comments=tuple(comments),
        history=tuple(history),
        status=Status(status),
        status_name=status,
    )


def calendar(row: Row) -> Calendar:
    week = {day: [Hours.parse("-".join(pair)) for pair in pairs] for day, pairs in row["schedule"].items()}
    return Calendar.of(ZoneInfo(row["time_zone"]), week, holidays=map(date.fromisoformat, row["holidays"]))


def promise(name: str, row: Row) -> Clock:
    """One of the three clocks, as a pack would have it."""
    born = row["events"][0]
    with_words = {"e": "customer_reply", "t": born["t"]} in row["events"]
    begins = ("asked" if with_words else "asked_again",) if name == "next_reply" else ("created",)
    stops = () if name == "resolution" else ("answered",)
    target = {"due": f"{row['policy_minutes'][name]}bm"}
    return Clock.model_validate({"start": begins, "stop": stops, "pause": ("pending",), "P2": target})


def cycles(name: str, row: Row) -> tuple[clocks.Cycle, ...]:
    of = ticket(row, for_first_reply=name == "first_reply")
    seen = Seen(
        ticket=of,
        context=NOTHING_KNOWN,
        pack=policy().pack.model_copy(update={"clocks": {name: promise(name, row)}}),
        calendar=calendar(row),
        now=moment(row["events"][-1]["t"]),
        facts=frozenset(),
    )
    course = clocks.story(seen, Severity.P2, Level.L1)
    return clocks.clocks_of(seen, course, Severity.P2, Level.L1).cycles


def told(row: Row) -> Iterator[tuple[str, datetime | int | None]]:
    """What our clocks say, by the names of the file."""
    ahead = []
    for name in NAMES:
        limit = row["policy_minutes"][name]
        found = cycles(name, row) if limit is not None else ()
        running = [one.due for one in found if one.runs and one.due is not None]
        ahead += running
        yield f"{name}_due", min(running, default=None)
        took = [
            elapsed(one.start, one.stop, "bm", calendar(row), one.pauses).total_seconds() / 60
            for one in found
            if one.stop is not None
        ]
        if took:
            yield f"{name}_minutes", round(max(took))
            yield f"{name}_margin", limit - round(max(took))
    yield "next_due", min(ahead, default=None)


def same(expected: Any, found: Any, row: Row) -> bool:
    """Whether it is what the row expects; where any fitting instant is right, with no open time between."""
    if not isinstance(expected, str):
        return bool(expected == found)
    wanted = moment(expected)
    return bool(found == wanted) or (
        row["expected"].get("match") == "equivalent"
        and found is not None
        and calendar(row).between(*sorted((found, wanted))).total_seconds() == 0
    )


def test_every_time_line_has_the_deadlines_that_follow(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "sla" / "scenarios.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = [
        (row["id"], name, expected, said.get(name))
        for row in rows
        for said in [dict(told(row))]
        for name, expected in row["expected"].items()
        if name != "match" and (name not in said or not same(expected, said[name], row))
    ]
    assert wrong == []
    assert len(rows) == ROWS
