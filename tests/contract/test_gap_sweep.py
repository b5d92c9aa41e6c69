"""The gap sweep: webhooks that never came, at the sandbox's Zendesk and at lists that are told what to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from app.errors import Busy, Refused, TriageError, Unauthorized, Unavailable
from app.metrics import GAP_EVENTS
from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.store.migrate import migrate
from app.triage.ticket import Event, Ref
from app.vendors import Change, Changes
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from workers import gap, jobs
from workers.reconcile import reconcile
from workers.sweep import sweep

BEGAN = datetime(2026, 3, 2, 10, tzinfo=UTC)


class Clock:
    """A clock that the test moves on."""

    def __init__(self, start: Callable[[], datetime]) -> None:
        self.start, self.later = start, timedelta()

    def __call__(self) -> datetime:
        return self.start() + self.later


def built(tmp_path: Path, clock: Clock, jira: dict[str, JiraAccount] | None = None, **zendesk: Any) -> Runtime:
    """A worker's parts with one Zendesk account, or with these Jira accounts."""
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/store.db",
        redis_url="memory://",
        mode="auto",
        zendesk={"acme": ZendeskAccount(**zendesk)} if zendesk else {},
        jira=jira or {},
    )
    migrate(settings.database_url)
    return Runtime(settings, now=clock)


# Against the sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as sandbox:
        sandbox.account.export_lag = 0
        sandbox.account.limits.export.total = 0
        yield sandbox


@pytest.fixture
def desk(running: Sandbox, tmp_path: Path) -> Iterator[Desk]:
    for ticket_id in running.account.records.tickets:
        running.account.records.deleted.add(ticket_id)
    runtime = built(tmp_path, Clock(lambda: datetime.now(UTC)), url=f"{running.url}/zendesk",
                    email="firstline@sandbox.example", token=SecretStr("sandbox"))  # fmt: skip
    yield Desk(running, runtime)
    runtime.store.close()


class Desk:
    """A sandbox that sends no webhook to anybody, and a worker that nobody rings."""

    def __init__(self, sandbox: Sandbox, runtime: Runtime) -> None:
        self.url, self.runtime = sandbox.url, runtime

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def new(self, body: str = "How do I export my contacts to a spreadsheet?") -> Ref:
        made = self.control("POST", "zendesk/tickets", {"subject": "Help", "body": body, "requester": "Ann"})
        return Ref("zendesk", "acme", str(made["id"]))

    def look(self) -> int:
        """The next gap sweep; what was triaged a moment ago lies beyond it like any other change."""
        self.runtime.now.later += timedelta(seconds=self.runtime.settings.gap_seconds)  # type: ignore[attr-defined]
        return gap.look(self.runtime)

    def work(self) -> list[str]:
        """Everything that is due is reconciled; how each run ended."""
        return [reconcile(self.runtime, ref).outcome for ref in self.runtime.store.due(self.runtime.now(), 100)]

    def asked(self) -> list[str]:
        return [entry["path"] for entry in self.control("GET", "requests")]


@pytest.mark.policy("S4-11")
def test_tickets_whose_webhook_never_came_are_found_and_triaged_once(desk: Desk) -> None:
    refs = {desk.new(), desk.new()}
    before = GAP_EVENTS.labels("zendesk")._value.get()
    assert desk.look() == 2
    assert set(desk.runtime.store.due(desk.runtime.now(), 10)) == refs
    assert GAP_EVENTS.labels("zendesk")._value.get() == before + 2
    assert desk.work() == ["decided", "decided"]
    for ref in refs:
        assert desk.control("GET", f"zendesk/tickets/{ref.id}")["priority"]


def test_a_second_look_finds_nothing_not_even_what_we_wrote_ourselves(desk: Desk) -> None:
    desk.new()
    desk.look()
    desk.work()
    desk.control("DELETE", "requests")
    assert [desk.look(), desk.look()] == [0, 0]
    assert desk.work() == []
    assert {path.partition("?")[0] for path in desk.asked()} == {"/api/v2/incremental/tickets/cursor.json"}


def test_what_a_person_changed_unheard_is_looked_at_once_and_then_rests(desk: Desk) -> None:
    ref = desk.new()
    desk.look()
    desk.work()
    desk.control("POST", f"zendesk/tickets/{ref.id}/edit", {"add_tags": ["by-hand"]})
    assert desk.look() == 1
    assert desk.work() == ["unchanged"]
    assert desk.look() == 0


def test_what_a_delivery_told_is_not_told_again(desk: Desk) -> None:
    ref = desk.new()
    desk.runtime.store.record(Event(ref, "created", "webhook"), "x", desk.runtime.now())
    assert desk.look() == 0, "an open delivery asks for it"
    assert desk.work() == ["decided"]
    assert desk.look() == 0, "it was looked at in this version"


def test_the_sweep_finds_and_rings_them_and_looks_after_jobs(desk: Desk) -> None:
    ref = desk.new()
    jobs.retag(desk.runtime, "zendesk", "acme", "run", [ref.id], ["late"], [])
    for _ in range(3):
        desk.runtime.now.later += timedelta(seconds=desk.runtime.settings.sweep_seconds)  # type: ignore[attr-defined]
        sweep(desk.runtime)
    assert desk.runtime.store.open_jobs() == []
    assert desk.runtime.store.due(desk.runtime.now(), 10) == [ref]


def test_a_known_ticket_that_was_deleted_unheard_rests_and_an_unknown_one_is_no_matter(desk: Desk) -> None:
    known, unknown = desk.new(), desk.new()
    desk.control("DELETE", f"zendesk/tickets/{unknown.id}")
    desk.look()
    desk.work()
    desk.control("DELETE", f"zendesk/tickets/{known.id}")
    assert desk.look() == 1
    assert desk.work() == ["gone"]
    assert desk.look() == 0
    assert desk.runtime.store.parked() == []


@pytest.mark.policy("S4-11")
def test_issues_whose_webhook_never_came_are_found_and_our_own_write_ends_there(
    running: Sandbox, tmp_path: Path
) -> None:
    login: dict[str, Any] = {"email": "firstline@sandbox.example", "token": SecretStr("sandbox")}
    site = JiraAccount(url=f"{running.url}/jira", projects=("SUP",), **login)
    desk = Desk(running, built(tmp_path, Clock(lambda: datetime.now(UTC)), {"acme": site}))
    given = {"subject": "Help", "body": "How do I export my contacts to a spreadsheet?", "requester": "Ann"}
    key = desk.control("POST", "jira/issues", given)["rendered"]["key"]
    assert desk.look() == 1
    assert desk.runtime.store.due(desk.runtime.now(), 10) == [Ref("jira", "acme", key)]
    assert desk.work() == ["decided"]
    assert desk.look() == 1, "Jira's answers do not tell the version that a write left: one look more"
    assert desk.work() == ["unchanged"]
    assert desk.look() == 0
    desk.runtime.store.close()


# Against lists that are told what to say


class Lister:
    """A vendor's list of changes: pages by cursor, and errors to raise instead."""

    def __init__(self) -> None:
        self.pages: dict[str, Changes] = {}
        self.asked: list[tuple[datetime, str]] = []
        self.mishaps: list[TriageError] = []

    def changed(self, since: datetime, cursor: str = "") -> Changes:
        self.asked.append((since, cursor))
        if self.mishaps:
            raise self.mishaps.pop(0)
        return self.pages.get(cursor, Changes((), cursor, more=False))


@pytest.fixture
def lister() -> Lister:
    return Lister()


@pytest.fixture
def runtime(tmp_path: Path, lister: Lister) -> Iterator[Runtime]:
    runtime = built(tmp_path, Clock(lambda: BEGAN), subdomain="acme")
    runtime.clients["zendesk", "acme"] = lister  # type: ignore[assignment]  # only its list is asked for
    yield runtime
    runtime.store.close()


def look(runtime: Runtime, **later: float) -> int:
    runtime.now.later += timedelta(**later)  # type: ignore[attr-defined]
    return gap.look(runtime)


def change(number: int, minute: int = 0, *, gone: bool = False) -> Change:
    at = BEGAN + timedelta(minutes=minute)
    return Change(Ref("zendesk", "acme", str(number)), at.isoformat(), at, gone)


def test_the_first_walk_looks_an_hour_back_and_the_next_begins_a_little_before_the_last(
    runtime: Runtime, lister: Lister
) -> None:
    look(runtime)
    look(runtime, hours=2)
    assert [since for since, _ in lister.asked] == [BEGAN - timedelta(hours=1), BEGAN - timedelta(minutes=15)]


def test_vendors_are_asked_no_more_often_than_configured(runtime: Runtime, lister: Lister) -> None:
    for _ in range(5):
        look(runtime, seconds=runtime.settings.gap_seconds / 4)
    assert len(lister.asked) == 2


def test_a_long_list_is_walked_a_few_pages_a_time_and_gone_on_with_where_it_was_left(
    runtime: Runtime, lister: Lister
) -> None:
    pages = gap.MOST_PAGES * 2 + 1
    for page in range(pages):
        lister.pages[f"c{page}" if page else ""] = Changes((change(page),), f"c{page + 1}", more=page < pages - 1)
    found = [look(runtime, minutes=10) for _ in range(4)]
    assert found == [gap.MOST_PAGES, gap.MOST_PAGES, 1, 0]
    assert [cursor for _, cursor in lister.asked[:pages]] == ["", *(f"c{n}" for n in range(1, pages))]
    assert lister.asked[pages] == (BEGAN + timedelta(minutes=10) - gap.OVERLAP, ""), "from where the walk began"


@pytest.mark.parametrize("error", [Busy("429"), Unavailable("503"), Unauthorized("401")])
def test_a_vendor_that_cannot_answer_now_ends_the_walk_which_goes_on_where_it_was(
    runtime: Runtime, lister: Lister, error: TriageError
) -> None:
    lister.pages = {"": Changes((change(1),), "c1", more=True), "c1": Changes((change(2),), "c2", more=False)}
    first = lister.changed

    def fails_at_the_second_page(since: datetime, cursor: str = "") -> Changes:
        if cursor == "c1":
            lister.mishaps = [error]
        return first(since, cursor)

    lister.changed = fails_at_the_second_page  # type: ignore[method-assign]
    assert look(runtime) == 1
    assert not runtime.store.beats()["gap:zendesk:acme"].ok
    lister.changed = first  # type: ignore[method-assign]
    assert look(runtime, hours=5) == 1
    assert lister.asked[-1] == (BEGAN - timedelta(hours=1), "c1")
    assert runtime.store.beats()["gap:zendesk:acme"].ok


def test_an_outage_of_hours_leaves_no_gap(runtime: Runtime, lister: Lister) -> None:
    for _ in range(3):
        lister.mishaps = [Unavailable("503")]
        look(runtime, hours=3)
    look(runtime, hours=3)
    assert lister.asked[-1] == (BEGAN + timedelta(hours=3) - timedelta(hours=1), "")


def test_a_cursor_that_the_vendor_refuses_is_dropped_and_the_walk_begins_again(
    runtime: Runtime, lister: Lister
) -> None:
    lister.pages = {"": Changes((change(1),), "c1", more=True)}
    first = lister.changed

    def refused(since: datetime, cursor: str = "") -> Changes:
        if cursor:
            raise Refused("400: this cursor has expired")
        return first(since, cursor)

    lister.changed = refused  # type: ignore[method-assign]
    assert look(runtime) == 1
    lister.changed = first  # type: ignore[method-assign]
    assert look(runtime, hours=1) == 0
    assert lister.asked[1] == (BEGAN - timedelta(hours=1), "")


def test_of_several_changes_of_one_ticket_the_newest_counts_and_an_older_version_is_none(
    runtime: Runtime, lister: Lister
) -> None:
    lister.pages = {"": Changes((change(1, 1), change(1, 2)), "c", more=False)}
    assert look(runtime) == 1
    lister.pages = {"": Changes((change(1, 2), change(1, 3, gone=True)), "c", more=False)}
    assert look(runtime, hours=1) == 1, "it was deleted since"
    assert look(runtime, hours=1) == 0


def test_a_vendor_without_such_a_list_is_left_alone(runtime: Runtime) -> None:
    runtime.clients["zendesk", "acme"] = object()  # type: ignore[assignment]
    assert look(runtime) == 0
    assert "gap:zendesk:acme" not in runtime.store.beats()
