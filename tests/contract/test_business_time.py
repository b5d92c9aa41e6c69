"""Business time against the cases that other projects' own tests and an independent reference agree on (C-04).

The environment variable BUSINESS_TIME_CASES may name a further file of the same form: its rows must all hold too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.triage.business_time import Calendar, Segment
from app.triage.hours import Hours

Case = dict[str, Any]
YEAR = timedelta(days=365)  # far enough for every case that asks for the nearest segments
FURTHER = os.environ.get("BUSINESS_TIME_CASES", "")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def seconds(case: Case) -> timedelta:
    return timedelta(seconds=case["amount_s"])


def pairs(segments: tuple[Segment, ...]) -> list[list[str]]:
    return [[f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in segment] for segment in segments]


def calendar(case: Case) -> Calendar:
    def hours(given: list[list[str]]) -> list[Hours]:
        return [Hours.parse(f"{opens}-{closes}") for opens, closes in given if opens != closes]

    def dates(given: Mapping[str, list[list[str]]]) -> dict[date, list[Hours]]:
        return {date.fromisoformat(day): hours(pairs) for day, pairs in given.items()}

    return Calendar.of(
        ZoneInfo(case["time_zone"]),
        {name: hours(given) for name, given in case["schedule"].items()},
        holidays=[date.fromisoformat(day) for day in case["holidays"]],
        shifts=dates(case["shifts"]),
        breaks=dates(case["breaks"]),
    )


def a_week(zone: str, opens: str, closes: str, holidays: Sequence[str] = ()) -> Calendar:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    schedule = {day: [[opens, closes]] for day in days}
    return calendar({"time_zone": zone, "schedule": schedule, "holidays": holidays, "shifts": {}, "breaks": {}})


ANSWERS: dict[str, Callable[[Calendar, datetime, Case], Any]] = {
    "add": lambda open_, start, case: open_.add(start, seconds(case)),
    "sub": lambda open_, start, case: open_.sub(start, seconds(case)),
    "between": lambda open_, start, case: open_.between(start, at(case["end"])).total_seconds(),
    "is_open": lambda open_, start, case: open_.is_open(start),
    "add_days": lambda open_, start, case: open_.add_days(start, case["days"]),
    "sub_days": lambda open_, start, case: open_.add_days(start, -case["days"]),
    "next_open": lambda open_, start, case: open_.next_open(start),
    "next_close": lambda open_, start, case: open_.segments(start, start + YEAR)[0].end,
    "prev_close": lambda open_, start, case: open_.segments(start - YEAR, start)[-1].end,
    "segments_after": lambda open_, start, case: pairs(open_.segments(start, start + YEAR)[: case["n"]]),
    "segments_before": lambda open_, start, case: pairs(open_.segments(start - YEAR, start)[::-1][: case["n"]]),
}


def agrees(open_: Calendar, answer: Any, case: Case) -> bool:
    """Whether an answer is the expected one, or no open time away from it where the case allows that."""
    expected = at(case["expected"]) if isinstance(answer, datetime) else case["expected"]
    if case["match"] == "equivalent":
        return not open_.between(min(answer, expected), max(answer, expected))
    return bool(answer == expected)


def read(path: Path) -> list[Case]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def answer(case: Case) -> Any:
    return ANSWERS[case["op"]](calendar(case), at(case["start"]), case)


def held(path: Path) -> tuple[int, list[str]]:
    """How many rows of a file were asked, and what of them was answered otherwise than expected."""
    asked, wrong = 0, []
    for case in read(path):
        asked += 1
        try:
            given = answer(case)
            right = agrees(calendar(case), given, case)
        except ValueError as refused:
            given, right = refused, False
        if not right:
            wrong.append(f"{case['id']} {case['op']} from {case['start']}: {given}, expected {case['expected']}")
    return asked, wrong


def rows(path: Path) -> int:
    """The rows of a file, counted otherwise than by reading them as cases."""
    return sum(line.lstrip().startswith(b"{") for line in path.open("rb"))


@pytest.mark.policy("C-04", "S0-38")
def test_every_case_of_the_corpus_is_answered_as_expected(shared: Path) -> None:
    corpus = shared / "sla" / "business-time-cases.jsonl"
    assert held(corpus) == (rows(corpus), [])
    assert rows(corpus) > 500


if FURTHER:

    def test_every_case_of_a_further_file_is_answered_as_expected() -> None:
        further = Path(FURTHER)
        assert held(further) == (rows(further), [])
        assert rows(further) > 0


# Where good programs differ, ours does what app/triage/business_time.py says in these words


def test_a_target_that_ends_with_the_hours_is_the_closing_and_not_the_next_opening() -> None:
    office = a_week("UTC", "09:00", "17:00")
    assert office.add(at("2026-03-02T09:00Z"), timedelta(hours=8)) == at("2026-03-02T17:00Z")


# The business dates are those of the calendar's zone, and a time outside the hours moves to the next opening, or going
# back to the last closing. Two cases stand in the file more than once.
CONTESTED_DAYS = {
    "ddaab68953e2228f": "1991-11-18T00:00:00Z",
    "254a61b3137ceff9": "1991-11-19T09:00:00Z",
    "5a27360467610d8f": "1991-11-26T00:00:00Z",
    "cacf82ee47e37b92": "1991-11-06T08:00:00Z",
    "a89010849fbffb11": "1991-11-06T17:00:00Z",
}
CONTESTED_LENGTHS = {"0aa919eb8250ad9a": 25 * 3600}


@pytest.mark.policy("S0-38")
def test_business_days_keep_the_time_of_day_and_move_into_open_time_where_others_keep_it_outside(shared: Path) -> None:
    contested = shared / "sla" / "contested.jsonl"
    cases = [case for case in read(contested) if case["id"] not in CONTESTED_LENGTHS]
    assert [answer(case) for case in cases] == [at(CONTESTED_DAYS[case["id"]]) for case in cases]
    assert len(cases) + len(CONTESTED_LENGTHS) == rows(contested)


def test_a_local_day_of_25_hours_counts_25_where_another_counts_24(shared: Path) -> None:
    cases = [case for case in read(shared / "sla" / "contested.jsonl") if case["id"] in CONTESTED_LENGTHS]
    assert [answer(case) for case in cases] == list(CONTESTED_LENGTHS.values())


def test_hours_are_wall_time_and_those_that_clocks_skip_move_forward_or_vanish() -> None:
    night = (at("2026-03-28T23:00Z"), at("2026-03-29T22:00Z"))  # Berlin's clocks go from 02:00 to 03:00
    assert pairs(a_week("Europe/Berlin", "02:30", "02:45").segments(*night)) == [
        ["2026-03-29T01:30:00Z", "2026-03-29T01:45:00Z"]
    ]
    assert a_week("Europe/Berlin", "02:30", "03:15").segments(*night) == ()


def test_a_time_that_clocks_show_twice_is_the_first() -> None:
    night = (at("2026-10-24T22:00Z"), at("2026-10-25T12:00Z"))  # Berlin's clocks go from 03:00 back to 02:00
    assert pairs(a_week("Europe/Berlin", "02:15", "02:30").segments(*night)) == [
        ["2026-10-25T00:15:00Z", "2026-10-25T00:30:00Z"]
    ]


def test_a_holiday_closes_the_local_date() -> None:
    tokyo = a_week("Asia/Tokyo", "00:00", "24:00", holidays=["2026-03-03"])
    assert pairs(tokyo.segments(at("2026-03-02T14:00Z"), at("2026-03-03T16:00Z"))) == [
        ["2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z"],
        ["2026-03-03T15:00:00Z", "2026-03-03T16:00:00Z"],
    ]
