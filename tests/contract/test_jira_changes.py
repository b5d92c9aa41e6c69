"""What changed at Jira, page by page: nothing falls between, whatever changes meanwhile and wherever one asks from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import Refused
from app.vendors import Changes
from app.vendors.jira import search
from app.vendors.jira.client import JiraClient
from config.accounts import JiraAccount
from tests.contract.jira_sites import DEPLOYMENTS, JiraSite, running


@pytest.fixture(params=DEPLOYMENTS)
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[JiraSite]:
    monkeypatch.setattr(search, "PAGE", 3)
    with running(request.param) as one:
        yield one


def aged(site: JiraSite, *minutes: float) -> list[str]:
    """New issues that changed so many minutes ago, within one full minute each."""
    keys = []
    now = datetime.now(UTC).replace(second=10, microsecond=0)
    for ago in minutes:
        keys.append(site.new())
        touch(site, keys[-1], now - timedelta(minutes=ago))
    return keys


def touch(site: JiraSite, key: str, at: datetime) -> None:
    site.sandbox.site.records.issue(key).updated = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+0000"


def walk(client: JiraClient, since: datetime, cursor: str = "") -> tuple[list[str], str]:
    """All pages: the keys, and the cursor for the next time."""
    keys: list[str] = []
    for _ in range(50):
        page = client.changed(since, cursor)
        keys += [one.ref.id for one in page.changes]
        cursor = page.cursor
        if not page.more:
            return keys, cursor
    raise AssertionError("a walk without an end")


def hours_ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


def test_every_change_since_then_is_told_the_oldest_first(site: JiraSite) -> None:
    keys = aged(site, 90, 50, 40, 30, 20, 10, 0)
    told, _ = walk(site.client(), hours_ago(1))
    assert list(dict.fromkeys(told)) == keys[1:]


def test_a_change_has_the_version_that_the_issue_shows(site: JiraSite) -> None:
    (key,) = aged(site, 5)
    client = site.client()
    (change,) = client.changed(hours_ago(1)).changes
    ticket = site.read(client, key)
    assert (change.ref, change.version, change.at) == (ticket.ref, ticket.version, ticket.updated_at)


def test_a_page_is_one_request(site: JiraSite) -> None:
    aged(site, *range(10, 3, -1))
    before = len(site.asked())
    page = site.client().changed(hours_ago(1))
    assert (len(site.asked()) - before, len(page.changes), page.more) == (1, 3, True)


def test_later_nothing_is_told_but_what_changed_since_and_the_last_minutes(site: JiraSite) -> None:
    client = site.client()
    aged(site, 50, 40, 30)
    _, cursor = walk(client, hours_ago(1))
    late = site.new()
    told, again = walk(client, hours_ago(1), cursor)
    assert late in told
    assert len(told) == 2  # the last one is told again: searching lags behind writing
    assert int(again) > int(cursor)
    assert walk(client, hours_ago(1), again)[0] == [late]


def test_more_changes_in_one_minute_than_a_page_has_are_all_told(site: JiraSite) -> None:
    keys = aged(site, *([30] * 10), 20)
    told, _ = walk(site.client(), hours_ago(1))
    assert set(told) == set(keys)


def test_issues_that_change_while_one_walks_push_none_of_the_rest_past(site: JiraSite) -> None:
    """By counting, a page's issues that move to the end would take the next ones along."""
    keys = aged(site, *range(50, 30, -1))
    client, since, cursor, told = site.client(), hours_ago(1), "", list[str]()
    for _ in range(50):
        page = client.changed(since, cursor)
        for one in page.changes:
            touch(site, one.ref.id, datetime.now(UTC))  # triaged on the way
        told += [one.ref.id for one in page.changes]
        cursor = page.cursor
        if not page.more or set(told) == set(keys):
            break
    assert set(told) == set(keys)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_the_time_zone_of_our_user_does_not_matter(site: JiraSite, zone: str) -> None:
    site.control("POST", "settings", {"jira_time_zone": zone})
    old, new = aged(site, 90, 5)
    told, _ = walk(site.client(), hours_ago(1))
    assert (new in told, old in told) == (True, False)


def test_only_the_configured_projects_are_asked_for(site: JiraSite) -> None:
    support, engineering = site.new(), site.new(project="ENG")
    assert set(walk(site.client(), hours_ago(1))[0]) == {support, engineering}
    assert walk(site.client(projects=("SUP",)), hours_ago(1))[0] == [support]
    assert set(walk(site.client(projects=("SUP", "ENG")), hours_ago(1))[0]) == {support, engineering}


def test_an_issue_made_for_a_ticket_is_told_in_whatever_project(site: JiraSite) -> None:
    made, other = site.new(project="ENG", labels=["firstline", "zendesk-acme-7"]), site.new(project="ENG")
    told = walk(site.client(projects=("SUP",)), hours_ago(1))[0]
    assert made in told
    assert other not in told


def test_an_empty_page_keeps_the_place(site: JiraSite) -> None:
    client = site.client()
    page = client.changed(hours_ago(1))
    assert (page.changes, page.more) == ((), False)
    assert client.changed(hours_ago(0), page.cursor).cursor == page.cursor


def test_a_token_that_is_no_longer_taken_starts_that_minute_anew(site: JiraSite) -> None:
    client, start = site.client(), int(hours_ago(1).timestamp()) // 60 * 60_000
    assert client.changed(hours_ago(1), f"{start} expired") == Changes((), str(start), more=False)
    with pytest.raises(Refused):
        site.client(projects=("SUP",), deployment="cloud" if site.deployment == "server" else "server").changed(
            hours_ago(1)
        )


def test_a_quoted_time_is_never_sent() -> None:
    asked: dict[str, Any] = search.changed_since(1_800_000_000_000, "", JiraAccount(name="acme", url="https://a.test"))
    assert asked["jql"] == "updated >= 1800000000000 ORDER BY updated ASC, key ASC"
