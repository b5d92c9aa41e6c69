"""Calendar files on disk: read where a pack, a rules file or a variable names them, and never fetched."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.policy import show
from app.errors import Misconfigured
from app.packs import load_policies, load_policy
from app.triage.policies import Policies
from app.triage.policy import Policy
from config.settings import Settings

CHRISTMAS, EASTER = "20261225", "20260406"
HEAD = "extends: unified\npack: {name: mine, version: '1'}\n"  # what a test adds begins on line 3
Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file below the working directory of the test."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def ics(*days: str) -> str:
    entries = [f"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{day}\r\nEND:VEVENT\r\n" for day in days]
    return f"BEGIN:VCALENDAR\r\n{''.join(entries)}END:VCALENDAR\r\n"


def in_force(variables: Mapping[str, str] | None = None, **settings: str) -> Policies:
    return load_policies(Settings(_env_file=None, model="off", **settings), variables or {})  # type: ignore[call-arg]


def closed(policy: Policy, day: str, calendar: str = "") -> bool:
    of_whom = policy.calendars[calendar] if calendar else policy.calendar
    at = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return not of_whom.between(at, at.replace(hour=23))


def refused(path: str) -> Misconfigured:
    with pytest.raises(Misconfigured) as caught:
        load_policy(path)
    return caught.value


@pytest.mark.policy("C-04")
def test_a_calendar_file_beside_the_pack_closes_its_dates(write: Write) -> None:
    write("packs/closed.ics", ics(CHRISTMAS))
    write("packs/tokyo.ics", ics(EASTER))
    own = "calendar: {holidays: {ics: closed.ics}}\ncalendars: {tokyo: {brands: [OPS], holidays: {ics: tokyo.ics}}}\n"
    policy = load_policy(write("packs/mine.yaml", HEAD + own))
    assert [closed(policy, "2026-12-25"), closed(policy, "2026-04-06")] == [True, False]
    assert [closed(policy, "2026-12-25", "tokyo"), closed(policy, "2026-04-06", "tokyo")] == [False, True]


def test_a_file_is_looked_for_beside_the_file_that_names_it_also_when_that_is_extended(write: Write) -> None:
    write("base/closed.ics", ics(CHRISTMAS))
    write("mine/closed.ics", ics(EASTER))
    base = write("base/base.yaml", HEAD + "calendar: {holidays: {ics: closed.ics}}\n")
    policy = load_policy(write("mine/mine.yaml", f"extends: {base}\npack: {{name: own, version: '1'}}\n"))
    assert closed(policy, "2026-12-25")


def test_packs_of_one_file_name_read_their_own_files(write: Write) -> None:
    for folder, day in (("one", CHRISTMAS), ("two", EASTER)):
        write(f"{folder}/closed.ics", ics(day))
        write(f"{folder}/mine.yaml", HEAD.replace("mine", folder) + "calendar: {holidays: {ics: closed.ics}}\n")
    policies = in_force(policy="one/mine.yaml", policy_by_brand="OPS:two/mine.yaml")
    found = [closed(policy, "2026-12-25") for policy in (policies.default, policies.by_brand["ops"])]
    assert found == [True, False]


def test_a_name_that_may_be_either_of_two_files_is_refused(write: Write) -> None:
    write("one/closed.ics", ics(CHRISTMAS))
    write("two/closed.ics", ics(EASTER))
    base = write("one/mine.yaml", HEAD + "calendar: {holidays: {ics: closed.ics}}\n")
    error = refused(write("two/mine.yaml", f"extends: {base}\npack: {{name: own, version: '1'}}\n"))
    assert error.where == "mine.yaml:3:23"
    assert "two packs of one file name" in error.what


def test_a_rules_file_and_a_variable_may_name_one(write: Write) -> None:
    write("etc/closed.ics", "﻿" + ics(CHRISTMAS))
    rules = write("etc/rules.yaml", "calendar: {holidays: {ics: closed.ics}}\n")
    assert closed(in_force(rules_file=rules).default, "2026-12-25")
    for name in ("etc/closed.ics", str(Path("etc/closed.ics").absolute())):
        assert closed(in_force({"TRIAGE_CALENDAR__HOLIDAYS__ICS": name}).default, "2026-12-25")
    tokyo = '{"tokyo": {"brands": ["OPS"], "holidays": {"ics": "etc/closed.ics"}}}'
    assert closed(in_force({"TRIAGE_CALENDARS": tokyo}).default, "2026-12-25", "tokyo")


def test_other_dates_in_the_file_are_another_policy(write: Write) -> None:
    write("closed.ics", ics(CHRISTMAS))
    pack = write("mine.yaml", HEAD + "calendar: {holidays: {ics: closed.ics}}\n")
    before = load_policy(pack).digest
    assert load_policy(pack).digest == before
    write("closed.ics", ics(CHRISTMAS, EASTER))
    assert load_policy(pack).digest != before


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "there is no such file"),
        ("", "is no calendar file"),
        ("<html>Please sign in</html>", "is no calendar file"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n", "repeats by"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_line_that_names_it(
    write: Write, content: str | None, why: str
) -> None:
    if content is not None:
        write("closed.ics", content)
    error = refused(write("mine.yaml", HEAD + "calendar: {holidays: {ics: closed.ics}}\n"))
    assert (error.where, why in error.what, bool(error.mend)) == ("mine.yaml:3:23", True, True)


def test_what_is_no_text_or_no_plain_file_is_refused_and_not_waited_for(write: Write) -> None:
    pack = write("mine.yaml", HEAD + "calendar: {holidays: {ics: closed.ics}}\n")
    Path("closed.ics").write_bytes(b"BEGIN:VCALENDAR \xff")
    assert "it is not UTF-8" in refused(pack).what
    Path("closed.ics").unlink()
    os.mkfifo("closed.ics")  # nobody ever writes into it
    assert "there is no such file" in refused(pack).what


def test_a_variable_that_names_no_file_is_told_by_its_name(write: Write) -> None:
    with pytest.raises(Misconfigured) as caught:
        in_force({"TRIAGE_CALENDAR__HOLIDAYS__ICS": "nowhere.ics", "TRIAGE_L4__AUTO": "true"})
    assert caught.value.where == "environment TRIAGE_CALENDAR__HOLIDAYS__ICS"


@pytest.mark.parametrize("scheme", ["http://", "https://", "HTTPS://", "webcal://", "webcal:", "file://"])
def test_an_address_is_refused_and_not_repeated(write: Write, scheme: str) -> None:
    secret = f"{scheme}calendar.example/private-0815/basic.ics"
    error = refused(write("mine.yaml", HEAD + f"calendar: {{holidays: {{ics: '{secret}'}}}}\n"))
    assert (error.where, error.mend) == ("mine.yaml:3:23", "download the file and name its path")
    assert "0815" not in f"{error}"


def test_the_policy_that_is_shown_holds_the_dates_and_reads_back_the_same(write: Write) -> None:
    write("closed.ics", ics(CHRISTMAS))
    pack = write("mine.yaml", HEAD + "calendar: {holidays: {ics: closed.ics}}\n")
    digest = load_policy(pack).digest
    shown = CliRunner().invoke(show, [pack])
    Path("closed.ics").unlink()
    assert load_policy(write("shown.yaml", shown.stdout)).digest == digest
