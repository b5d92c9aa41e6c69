"""Business time: a calendar's arithmetic, spans and due times, and calendars as packs write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from app.triage.business_time import ALWAYS, WEEKDAYS, Calendar, Span, due
from app.triage.calendar import CalendarPart, Holidays, all_day_dates, compiled
from app.triage.hours import ALL_DAY, Hours
from app.triage.rules import Duration

OFFICE = compiled(CalendarPart())
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "UTC")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(*texts: str) -> tuple[Hours, ...]:
    return tuple(map(Hours.parse, texts))


def open_daily(zone: str, *texts: str) -> Calendar:
    return Calendar.of(ZoneInfo(zone), dict.fromkeys(WEEKDAYS, hours(*texts)))


# Arithmetic


@pytest.mark.policy("C-04")
def test_a_pack_that_says_nothing_is_open_on_weekdays_from_nine_to_five_utc() -> None:
    week = OFFICE.segments(utc("2026-03-02"), utc("2026-03-09"))
    assert [f"{start:%a %H}-{end:%H}" for start, end in week] == [
        f"{day} 09-17" for day in ("Mon", "Tue", "Wed", "Thu", "Fri")
    ]


def test_a_target_at_the_end_of_the_hours_is_the_closing_and_not_the_next_opening() -> None:
    assert OFFICE.add(utc("2026-03-02T09:00"), timedelta(hours=8)) == utc("2026-03-02T17:00")


def test_a_target_just_after_the_hours_is_just_after_the_next_opening() -> None:
    friday = utc("2026-03-06T16:00")
    assert OFFICE.add(friday, timedelta(hours=1, seconds=1)) == utc("2026-03-09T09:00:01")


def test_time_that_starts_outside_the_hours_starts_with_the_next_opening() -> None:
    assert OFFICE.add(utc("2026-03-07T12:00"), timedelta(hours=2)) == utc("2026-03-09T11:00")


def test_no_time_at_all_leads_nowhere_else() -> None:
    night = utc("2026-03-07T12:00")
    assert OFFICE.add(night, timedelta(0)) == OFFICE.sub(night, timedelta(0)) == night


def test_going_back_ends_at_the_latest_instant_that_fits() -> None:
    assert OFFICE.sub(utc("2026-03-09T10:00"), timedelta(hours=1)) == utc("2026-03-09T09:00")
    assert OFFICE.sub(utc("2026-03-09T10:00"), timedelta(hours=2)) == utc("2026-03-06T16:00")


def test_hours_hold_their_start_and_not_their_end() -> None:
    assert OFFICE.is_open(utc("2026-03-02T09:00"))
    assert not OFFICE.is_open(utc("2026-03-02T17:00"))
    assert OFFICE.next_open(utc("2026-03-02T17:00")) == utc("2026-03-03T09:00")


def test_between_an_end_and_an_earlier_start_lies_nothing() -> None:
    assert OFFICE.between(utc("2026-03-03T12:00"), utc("2026-03-02T12:00")) == timedelta(0)


def test_the_calendar_that_is_always_open_counts_the_time_that_passes() -> None:
    start, end = utc("2026-03-27T01:02:03"), utc("2026-04-05T00:00")
    assert ALWAYS.between(start, end) == end - start
    assert ALWAYS.add(start, end - start) == end


def test_instants_of_any_zone_go_in_and_come_out_in_utc() -> None:
    berlin = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert OFFICE.add(berlin, timedelta(hours=1)) == utc("2026-03-02T10:00")
    assert OFFICE.add(berlin, timedelta(hours=1)).tzinfo is UTC
    assert due(berlin, Span(1, "h"), OFFICE).tzinfo is UTC


@pytest.mark.parametrize("ask", ["is_open", "next_open"])
def test_a_time_without_a_zone_is_refused(ask: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        getattr(OFFICE, ask)(datetime(2026, 3, 2))  # noqa: DTZ001


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        OFFICE.add(utc("2026-03-02"), timedelta(hours=-1))


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="never opens"):
        Calendar.of(UTC, {}, shifts={date(2026, 3, 2): [ALL_DAY]})


def test_a_target_more_than_a_century_away_is_refused_and_not_looked_for() -> None:
    rare = Calendar.of(UTC, {"sun": hours("00:00-00:01")})
    with pytest.raises(ValueError, match="century"):
        rare.add(utc("2026-03-02"), timedelta(days=100))
    with pytest.raises(ValueError, match="century"):
        rare.sub(utc("2026-03-02"), timedelta(days=100))
    with pytest.raises(ValueError, match="century"):
        rare.add_days(utc("2026-03-02"), 10_000)


def test_a_calendar_is_a_value_that_nobody_can_change() -> None:
    assert compiled(CalendarPart()) == OFFICE
    assert hash(compiled(CalendarPart())) == hash(OFFICE)
    with pytest.raises(TypeError):
        OFFICE.dates[date(2026, 3, 2)] = ()  # type: ignore[index]


# Business days


@pytest.mark.policy("S0-38")
@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02T11:30:07", 1, "2026-03-03T11:30:07"),  # the same time of day
        ("2026-03-06T11:30", 1, "2026-03-09T11:30"),  # over the weekend
        ("2026-03-07T11:30", 1, "2026-03-09T11:30"),  # from a date that is none: Monday is the first that follows
        ("2026-03-02T18:00", 1, "2026-03-04T09:00"),  # after the hours: the next opening
        ("2026-03-03T07:00", 1, "2026-03-04T09:00"),  # before the hours: the opening
        ("2026-03-02T17:00", 1, "2026-03-03T17:00"),  # a closing is the earlier name of the next opening
        ("2026-03-07T11:30", 0, "2026-03-09T09:00"),
        ("2026-03-09T11:30", -1, "2026-03-06T11:30"),
        ("2026-03-09T08:00", -1, "2026-03-05T17:00"),
    ],
)
def test_business_days_keep_the_time_of_day_on_a_business_date(start: str, days: int, end: str) -> None:
    assert OFFICE.add_days(utc(start), days) == utc(end)


def test_business_days_keep_the_local_time_of_day_when_clocks_change() -> None:
    berlin = open_daily("Europe/Berlin", "09:00-17:00")
    assert berlin.add_days(utc("2026-03-28T10:00"), 1) == utc("2026-03-29T09:00")


@pytest.mark.policy("C-17", "S4-28")
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-03T20:00", "2026-03-04T20:00"),
        ("2026-03-06T16:00", "2026-03-09T16:00"),
        ("2026-03-07T16:00", "2026-03-10T00:00"),
    ],
)
def test_24_business_hours_are_24_hours_that_stand_still_on_other_dates(start: str, end: str) -> None:
    assert due(utc(start), Span.parse("24bdh"), OFFICE) == utc(end)


# Clocks that change


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Asia/Kathmandu", "2026-03-29", 24),
        ("America/Havana", "2026-03-08", 23),  # midnight itself is skipped
        ("America/St_Johns", "2010-11-06", 24),  # midnight is shown twice; the hour between belongs to the next date
        ("America/St_Johns", "2010-11-07", 25),
    ],
)
def test_a_date_is_as_long_as_the_time_that_passes_on_it(zone: str, day: str, length: float) -> None:
    only = Calendar.of(
        ZoneInfo(zone),
        dict.fromkeys(WEEKDAYS, hours("00:00-24:00")),
        holidays=[date.fromisoformat(day) + timedelta(days=offset) for offset in (-2, -1, 1, 2)],
    )
    noon = utc(f"{day}T12:00")
    assert only.between(noon - timedelta(days=2), noon + timedelta(days=2)) == timedelta(hours=length)


@pytest.mark.parametrize(
    ("given_hours", "minutes"),
    [
        (("02:30-02:45",), 15),  # as far after the change as they say: 03:30-03:45
        (("02:30-03:15",), 0),  # 03:30 is after 03:15
        (("01:00-02:30", "03:00-04:00"), 120),  # 01:00-03:30 and the rest until 04:00, nothing twice
        (("02:30-02:45", "03:00-04:00"), 60),
    ],
)
def test_hours_that_clocks_skip_count_nothing_twice(given_hours: tuple[str, ...], minutes: int) -> None:
    berlin = open_daily("Europe/Berlin", *given_hours)
    assert berlin.between(utc("2026-03-28T23:00"), utc("2026-03-29T22:00")) == timedelta(minutes=minutes)


def test_hours_that_clocks_show_twice_start_and_end_with_the_first() -> None:
    berlin = open_daily("Europe/Berlin", "01:00-02:30")
    night = berlin.segments(utc("2026-10-24T22:00"), utc("2026-10-25T12:00"))
    assert night == ((utc("2026-10-24T23:00"), utc("2026-10-25T00:30")),)


def test_going_back_from_an_hour_repeated_over_midnight_counts_what_of_the_next_date_has_passed() -> None:
    always = open_daily("America/St_Johns", "00:00-24:00")
    repeated = utc("2010-11-07T03:00")  # 23:30 on the 6th for the second time; 00:00 on the 7th was at 02:30
    assert always.sub(repeated, timedelta(hours=1)) == utc("2010-11-07T02:00")


def test_a_date_that_clocks_skip_is_no_business_date() -> None:
    apia = open_daily("Pacific/Apia", "09:00-17:00")
    thursday = utc("2011-12-29T20:00")  # 10:00 there; the next date was Saturday
    assert apia.add_days(thursday, 1) == utc("2011-12-30T20:00")
    assert apia.between(thursday, utc("2011-12-31T03:00")) == timedelta(hours=7 + 8)


# Properties


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    minute = st.integers(0, 24 * 60)
    some = st.lists(st.tuples(minute, minute).filter(lambda pair: pair[0] != pair[1]), max_size=3)

    def several() -> list[Hours]:
        return [Hours(timedelta(minutes=min(pair)), timedelta(minutes=max(pair))) for pair in draw(some)]

    week = {name: several() for name in WEEKDAYS}
    assume(any(week.values()))
    days = st.dates(date(2026, 3, 1), date(2026, 4, 30))
    return Calendar.of(
        ZoneInfo(draw(st.sampled_from(ZONES))),
        week,
        holidays=draw(st.lists(days, max_size=3)),
        shifts={day: several() for day in draw(st.lists(days, max_size=3))},
        breaks={day: several() for day in draw(st.lists(days, max_size=3))},
    )


instants = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.timedeltas(timedelta(0), timedelta(hours=60))


@given(calendars(), instants)
def test_a_calendar_is_open_when_the_clocks_on_its_wall_say_so(calendar: Calendar, at: datetime) -> None:
    local = at.astimezone(calendar.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    assume(midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset())  # dates of a change have tests above
    shown = local - midnight
    on_date = calendar.dates.get(local.date(), calendar.week[local.weekday()])
    assert calendar.is_open(at) == any(opens <= shown < closes for opens, closes in on_date)


@given(calendars(), instants, amounts)
def test_the_time_between_a_start_and_its_target_is_the_amount(
    calendar: Calendar, start: datetime, x: timedelta
) -> None:
    assert calendar.between(start, calendar.add(start, x)) == x
    assert calendar.between(calendar.sub(start, x), start) == x


@given(calendars(), instants, amounts)
def test_there_and_back_is_the_same_business_instant(calendar: Calendar, start: datetime, x: timedelta) -> None:
    back = calendar.sub(calendar.add(start, x), x)
    assert back >= start
    assert calendar.between(start, back) == timedelta(0)


@given(calendars(), instants, amounts.filter(bool))
def test_a_target_lies_in_open_time_or_at_its_end(calendar: Calendar, start: datetime, x: timedelta) -> None:
    moment = timedelta(microseconds=1)
    assert calendar.is_open(calendar.add(start, x) - moment)
    assert calendar.is_open(calendar.sub(start, x))


@given(calendars(), instants, instants, amounts, amounts)
def test_who_starts_later_or_has_more_time_is_not_due_earlier(
    calendar: Calendar, one: datetime, other: datetime, x: timedelta, y: timedelta
) -> None:
    assert calendar.add(min(one, other), x) <= calendar.add(max(one, other), x)
    assert calendar.add(one, min(x, y)) <= calendar.add(one, max(x, y))
    assert calendar.add(calendar.add(one, x), y) == calendar.add(one, x + y)


@given(calendars(), instants, instants, instants)
def test_time_between_adds_up(calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)


@given(calendars(), instants, st.integers(1, 20))
@example(open_daily("Australia/Lord_Howe", "09:00-17:00"), utc("2026-04-04T00:00"), 1)
def test_business_days_end_on_another_date_in_open_time(calendar: Calendar, start: datetime, days: int) -> None:
    end = calendar.add_days(start, days)
    assert end.astimezone(calendar.zone).date() > start.astimezone(calendar.zone).date()
    assert calendar.is_open(end) or calendar.is_open(end - timedelta(microseconds=1))
    assert calendar.add_days(start, days + 1) >= end  # equal where both dates open after the time of day has passed


@given(calendars(), instants)
def test_segments_are_apart_in_order_and_open(calendar: Calendar, start: datetime) -> None:
    found = calendar.segments(start, start + timedelta(days=21))
    assert all(calendar.is_open(since) and since < till for since, till in found)
    assert all(earlier.end <= later.start for earlier, later in pairwise(found))


# Spans


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("60m", "2026-03-06T17:00"),
        ("60min", "2026-03-06T17:00"),
        ("4h", "2026-03-06T20:00"),
        ("2d", "2026-03-08T16:00"),
        ("4bh", "2026-03-09T12:00"),
        ("1bd", "2026-03-09T16:00"),
        ("24bdh", "2026-03-09T16:00"),
        ("0m", "2026-03-06T16:00"),
        ("eod", "2026-03-07T00:00"),
    ],
)
def test_a_promise_falls_due_as_its_unit_says(text: str, end: str) -> None:
    assert due(utc("2026-03-06T16:00"), Span.parse(text), OFFICE) == utc(end)


@pytest.mark.policy("S0-31", "S2-22")
@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Europe/Berlin", "2026-03-06T10:00", "2026-03-06T23:00"),
        ("Europe/Berlin", "2026-03-06T23:00", "2026-03-07T23:00"),  # midnight starts the next date
        ("Europe/Berlin", "2026-03-07T12:00", "2026-03-07T23:00"),  # a Saturday is a day too
        ("Europe/Berlin", "2026-10-25T00:30", "2026-10-25T23:00"),  # 25 hours long
        ("Asia/Kathmandu", "2026-03-06T18:14", "2026-03-06T18:15"),
        ("America/Havana", "2026-03-07T20:00", "2026-03-08T05:00"),  # midnight is skipped: the change ends the date
        ("America/St_Johns", "2010-11-07T02:00", "2010-11-07T02:30"),  # midnight comes twice: the first
        ("America/St_Johns", "2010-11-07T03:00", "2010-11-08T03:30"),  # after it, 23:30 is of the next date
        ("Pacific/Apia", "2011-12-29T20:00", "2011-12-30T10:00"),  # the next date was skipped
    ],
)
def test_the_end_of_the_day_is_the_next_midnight_of_the_calendar_s_zone(zone: str, start: str, end: str) -> None:
    assert due(utc(start), Span.parse("eod"), open_daily(zone, "09:00-17:00")) == utc(end)


@pytest.mark.parametrize(
    "text", ["", "h", "4", "1.5h", "-4h", "4H", "4 hours", "4wh", "400d", "2eod", "0eod", "9" * 5000 + "m"]
)
def test_what_is_no_span_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"; (write it as 60m|write eod|known: m, h|a span is between)|not a unit"):
        Span.parse(text)


@pytest.mark.parametrize("text", ["60m", "4h", "2d", "4bh", "1bd", "24bdh", "eod"])
def test_a_span_is_written_as_it_is_read(text: str) -> None:
    assert str(Span.parse(text)) == text


def test_a_pack_reads_and_writes_spans_as_text() -> None:
    class Clock(BaseModel):
        due: Duration

    assert Clock.model_validate({"due": "4bh"}).due == Span(4, "bh")
    assert Clock(due=Span(4, "bh")).model_dump(mode="json") == {"due": "4bh"}
    assert Clock.model_json_schema()["properties"]["due"]["type"] == "string"
    with pytest.raises(ValidationError, match="is not a span of time; write it as"):
        Clock.model_validate({"due": 60})


# Packs


def part(**given: Any) -> CalendarPart:
    return CalendarPart.model_validate(given)


def test_a_pack_names_hours_holidays_exceptions_and_breaks() -> None:
    calendar = compiled(
        part(
            timezone="Europe/Berlin",
            hours={"mon": ["08:00-12:00", "13:00-17:00"], "thu": ["09:00-17:00"], "fri": ["09:00-17:00"]},
            holidays=["2026-12-25"],
            exceptions={"2026-12-24": ["09:00-12:00"], "2026-12-31": []},
            breaks={"2026-12-21": ["10:00-10:30"]},
        )
    )
    found = calendar.segments(utc("2026-12-21"), utc("2027-01-01"))
    assert [f"{start:%d %H:%M}-{end:%H:%M}" for start, end in found] == [
        *("21 07:00-09:00", "21 09:30-11:00", "21 12:00-16:00", "24 08:00-11:00"),
        *("28 07:00-11:00", "28 12:00-16:00"),
    ]


def test_hours_that_touch_are_one() -> None:
    assert compiled(part(hours={"mon": ["09:00-12:00", "12:00-17:00"]})) == compiled(
        part(hours={"mon": ["09:00-17:00"]})
    )


@pytest.mark.parametrize(
    ("given_part", "sentence"),
    [
        ({"timezone": "Europe/berln"}, "unknown time zone 'Europe/berln'; did you mean 'Europe/Berlin'?"),
        ({"timezone": "../../secret"}, "unknown time zone '../../secret'; write it as Europe/Berlin or UTC"),
        ({"hours": {"mon": ["9-17"]}}, "'9-17' are not hours; write them as 09:00-17:00"),
        ({"hours": {"mon": ["22:00-06:00"]}}, "ends before it starts; split it at midnight"),
        ({"hours": {"mon": ["22:00-24:30"]}}, "ends after its date; the last moment of a date is 24:00"),
        ({"hours": {"mon": ["09:00-13:00", "12:00-17:00"]}}, "overlap; name each moment of the day once"),
        ({"hours": {"monday": ["09:00-17:00"]}}, "unknown weekday 'monday'; did you mean 'mon'?"),
        ({"hours": {"mon": []}}, "the calendar never opens; give at least one weekday hours"),
        ({"holidays": ["25.12.2026"]}, "'25.12.2026' is not a date; write it as 2026-12-25"),
        ({"holidays": ["2026-05-01"], "exceptions": {"2026-05-01": []}}, "both a holiday and an exception; keep one"),
        ({"holidays": {"subdivision": "BY"}}, "has no country; add it"),
        ({"holidays": {"ics": "hello"}}, "ics is not the text of a calendar file; it starts with BEGIN:VCALENDAR"),
        ({"lunch": "12:00"}, "Extra inputs are not permitted"),
    ],
)
def test_what_a_calendar_cannot_mean_is_refused_with_its_mend(given_part: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CalendarPart.model_validate(given_part)
    assert sentence in str(refused.value)


def test_public_holidays_close_unless_the_pack_has_an_exception() -> None:
    calendar = compiled(
        part(holidays={"country": "DE", "subdivision": "BY"}, exceptions={"2026-05-01": ["10:00-12:00"]})
    )
    assert not calendar.is_open(utc("2026-01-06T10:00"))
    assert calendar.is_open(utc("2026-05-01T10:00"))
    assert not calendar.is_open(utc("2028-05-01T10:00"))


@pytest.mark.parametrize(
    ("country", "subdivision", "sentence"),
    [
        ("de", None, "unknown country 'de'; did you mean 'DE'?"),
        ("XX", None, "unknown country 'XX'; write its ISO 3166 code, as in DE"),
        ("DE", "Bavaria", "unknown subdivision of DE 'Bavaria'; leave it out"),
    ],
)
def test_an_unknown_country_or_subdivision_is_refused(country: str, subdivision: str | None, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        part(holidays={"country": country, "subdivision": subdivision})
    assert sentence in str(refused.value)


def test_the_real_package_knows_bavarias_holidays() -> None:
    bavaria = Holidays(country="DE", subdivision="BY").looked_up
    assert {date(2026, 1, 6), date(2026, 4, 3), date(2026, 12, 25)} <= bavaria


# Calendar files


def ics(*properties: str) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *properties, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(lines)


@pytest.mark.parametrize(
    ("properties", "days"),
    [
        (["DTSTART;VALUE=DATE:20261225"], ["2026-12-25"]),
        (["DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"], ["2026-12-25", "2026-12-26"]),
        (["DTSTART;VALUE=DATE:20261225", "DURATION:P2D"], ["2026-12-25", "2026-12-26"]),
        (["DTSTART;VALUE=DATE:20980501", "RRULE:FREQ=YEARLY"], ["2098-05-01", "2099-05-01"]),
        (["DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY;COUNT=2"], ["2026-05-01", "2027-05-01"]),
        (["DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY;UNTIL=20280430"], ["2026-05-01", "2027-05-01"]),
        (["DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY;INTERVAL=2;COUNT=2"], ["2026-05-01", "2028-05-01"]),
        (["DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;COUNT=2"], ["2024-02-29", "2028-02-29"]),
        (["DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;COUNT=1"], ["2026-05-01"]),
        (
            ["DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY;COUNT=3", "EXDATE;VALUE=DATE:20270501"],
            ["2026-05-01", "2028-05-01"],
        ),
        (["DTSTART;VALUE=DA", " TE:20261225", "SUMMARY:Christmas", "  Day"], ["2026-12-25"]),
        (["DTSTART;VALUE=DATE:20261225", "BEGIN:VALARM", "DURATION:PT15M", "END:VALARM"], ["2026-12-25"]),
        (["DTSTART:20261225T090000Z", "RRULE:FREQ=WEEKLY"], []),  # a meeting
        (["DTSTART;VALUE=DATE:20261225", "STATUS:CANCELLED"], []),
    ],
)
def test_all_day_entries_of_a_calendar_file_are_dates(properties: list[str], days: list[str]) -> None:
    assert all_day_dates(ics(*properties)) == frozenset(map(date.fromisoformat, days))


@pytest.mark.parametrize(
    "properties",
    [
        ["RRULE:FREQ=WEEKLY"],
        ["RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"],
        ["RRULE:FREQ=YEARLY;INTERVAL=0"],
        ["RRULE:COUNT=2"],
        ["RDATE;VALUE=DATE:20261226"],
        ["RECURRENCE-ID;VALUE=DATE:20261225"],
        ["DTEND;VALUE=DATE:20261224"],
        ["DTEND;VALUE=DATE:99991231"],
        ["DURATION:PT1H"],
    ],
)
def test_what_a_calendar_file_would_be_read_wrongly_by_is_refused(properties: list[str]) -> None:
    with pytest.raises(ValueError, match="the entry of 2026-12-25 in ics"):
        all_day_dates(ics("DTSTART;VALUE=DATE:20261225", *properties))


@given(st.text())
def test_no_text_breaks_the_reader_of_calendar_files_otherwise(text: str) -> None:
    try:
        all_day_dates(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\n{text}\nEND:VEVENT")
    except ValueError as refused:
        assert "in ics" in str(refused)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ("1bd", "1 business day"),
        ("3bd", "3 business days"),
        ("2h", "2 hours"),
        ("30m", "30 minutes"),
        ("eod", "end of the day"),
    ],
)
def test_a_span_is_told_to_people_in_words(span: str, words: str) -> None:
    assert Span.parse(span).in_words() == words
