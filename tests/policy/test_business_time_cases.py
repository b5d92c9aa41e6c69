"""Business time against the cases that other projects' own tests and an independent reference agree on (C-04)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.triage.business_time import Calendar, Segment
from app.triage.hours import Hours

Case = dict[str, Any]
AROUND = timedelta(days=60)  # far enough for every case that asks for the nearest segments


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def seconds(case: Case) -> timedelta:
    return timedelta(seconds=case["amount_s"])


def pairs(segments: tuple[Segment, ...]) -> list[list[str]]:
    return [[f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in segment] for segment in segments]


def calendar(case: Case) -> Calendar:
    def hours(given: list[list[str]]) -> list[Hours]:
        return [Hours.parse("-".join(pair)) for pair in given]

    def dates(given: Mapping[str, list[list[str]]]) -> dict[date, list[Hours]]:
        return {date.fromisoformat(day): hours(pairs) for day, pairs in given.items()}

    return Calendar.of(
        ZoneInfo(case["time_zone"]),
        {name: hours(given) for name, given in case["schedule"].items()},
        holidays=[date.fromisoformat(day) for day in case["holidays"]],
        shifts=dates(case["shifts"]),
        breaks=dates(case["breaks"]),
    )


ANSWERS: dict[str, Callable[[Calendar, datetime, Case], Any]] = {
    "add": lambda open_, start, case: open_.add(start, seconds(case)),
    "sub": lambda open_, start, case: open_.sub(start, seconds(case)),
    "between": lambda open_, start, case: open_.between(start, at(case["end"])).total_seconds(),
    "is_open": lambda open_, start, case: open_.is_open(start),
    "add_days": lambda open_, start, case: open_.add_days(start, case["days"]),
    "sub_days": lambda open_, start, case: open_.add_days(start, -case["days"]),
    "next_open": lambda open_, start, case: open_.next_open(start),
    "next_close": lambda open_, start, case: open_.segments(start, start + AROUND)[0].end,
    "prev_close": lambda open_, start, case: open_.segments(start - AROUND, start)[-1].end,
    "segments_after": lambda open_, start, case: pairs(open_.segments(start, start + AROUND)[: case["n"]]),
    "segments_before": lambda open_, start, case: pairs(open_.segments(start - AROUND, start)[::-1][: case["n"]]),
}


def agrees(open_: Calendar, answer: Any, case: Case) -> bool:
    """Whether an answer is the expected one, or no open time away from it where the case allows that."""
    expected = at(case["expected"]) if isinstance(answer, datetime) else case["expected"]
    if case["match"] == "equivalent":
        return not open_.between(min(answer, expected), max(answer, expected))
    return bool(answer == expected)


def read(path: Path) -> list[Case]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def wrong(cases: list[Case]) -> list[str]:
    found = []
    for case in cases:
        open_ = calendar(case)
        answer = ANSWERS[case["op"]](open_, at(case["start"]), case)
        if not agrees(open_, answer, case):
            found.append(f"{case['id']} {case['op']} from {case['start']}: {answer}, expected {case['expected']}")
    return found


@pytest.mark.policy("C-04", "S0-38")
def test_every_case_of_the_corpus_is_answered_as_expected(shared: Path) -> None:
    cases = read(shared / "sla" / "business-time-cases.jsonl")
    assert len(cases) > 500
    assert wrong(cases) == []


# What ours answers, by case id: the business dates are those of the calendar's zone, and a time outside the hours moves
# to the next opening, or back to the last closing.
CONTESTED = {
    "ddaab68953e2228f": "1991-11-18T00:00:00Z",
    "254a61b3137ceff9": "1991-11-19T09:00:00Z",
    "5a27360467610d8f": "1991-11-26T00:00:00Z",
    "cacf82ee47e37b92": "1991-11-06T08:00:00Z",
    "a89010849fbffb11": "1991-11-06T17:00:00Z",
}


@pytest.mark.policy("S0-38")
def test_where_others_keep_a_time_outside_the_hours_ours_moves_into_open_time(shared: Path) -> None:
    cases = [case for case in read(shared / "sla" / "contested.jsonl") if case["op"] != "between"]
    answers = {case["id"]: ANSWERS[case["op"]](calendar(case), at(case["start"]), case) for case in cases}
    assert answers == {name: at(answer) for name, answer in CONTESTED.items()}


def test_where_another_gives_every_local_day_24_hours_ours_counts_the_25_that_pass(shared: Path) -> None:
    cases = [case for case in read(shared / "sla" / "contested.jsonl") if case["op"] == "between"]
    assert [calendar(case).between(at(case["start"]), at(case["end"])) for case in cases] == [timedelta(hours=25)]
