"""Changes of many tickets: asked for a hundred at a time, looked after by the sweep, and never waited for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.errors import Busy, Gone, Refused, TriageError, Unavailable
from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.triage.ticket import Event, Ref
from app.vendors import Job
from tests.contract.test_gap_sweep import BEGAN, Clock, Desk, built
from workers import jobs


class Jobber:
    """A vendor that takes jobs and tells what it is told to tell of them."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], list[str], list[str]]] = []
        self.room = 30
        self.asked: list[str] = []
        self.says: dict[str, Job | TriageError] = {}

    def retag(self, ticket_ids: list[str], add: list[str], remove: list[str]) -> str:
        if len(self.taken) >= self.room:
            raise Busy("429 (TooManyJobs)")
        self.taken.append((ticket_ids, add, remove))
        return f"j{len(self.taken)}"

    def job(self, job_id: str) -> Job:
        self.asked.append(job_id)
        said = self.says.get(job_id, Job("queued", {}))
        if isinstance(said, TriageError):
            raise said
        return said


@pytest.fixture
def vendor() -> Jobber:
    return Jobber()


@pytest.fixture
def runtime(tmp_path: Path, vendor: Jobber) -> Iterator[Runtime]:
    runtime = built(tmp_path, Clock(lambda: BEGAN), subdomain="acme")
    runtime.clients["zendesk", "acme"] = vendor  # type: ignore[assignment]  # only its jobs are asked for
    yield runtime
    runtime.store.close()


def asked(runtime: Runtime, count: int = 2) -> tuple[str, ...]:
    """Tickets that are known and that nothing asks for; a job gives them a tag and takes one that was ours."""
    ids = [str(number) for number in range(1, count + 1)]
    for one in ids[:3]:
        runtime.store.record(Event(ref(one), "created", f"d{one}"), "", runtime.now())
        lease = runtime.store.lease(ref(one), runtime.now(), 60)
        assert lease is not None
        runtime.store.wrote(lease, {}, frozenset({"old"}))
        runtime.store.remember(lease, runtime.now(), decision=None)
    return jobs.retag(runtime, "zendesk", "acme", "run-1", ids, ["late"], ["old"])


def ref(number: str) -> Ref:
    return Ref("zendesk", "acme", number)


def due(runtime: Runtime) -> set[str]:
    return {one.id for one in runtime.store.due(runtime.now(), 1000)}


def test_many_tickets_are_asked_for_a_hundred_at_a_time(runtime: Runtime, vendor: Jobber) -> None:
    assert asked(runtime, 250) == ()
    assert [len(ids) for ids, _, _ in vendor.taken] == [100, 100, 50]
    assert [job.job_id for job in runtime.store.open_jobs()] == ["j1", "j2", "j3"]
    assert runtime.store.open_jobs()[0].run == "run-1"


def test_what_the_vendor_has_no_room_for_comes_back_and_the_rest_is_kept(runtime: Runtime, vendor: Jobber) -> None:
    vendor.room = 1
    assert asked(runtime, 150) == tuple(str(number) for number in range(101, 151))
    assert len(runtime.store.open_jobs()) == 1


def test_a_job_that_is_done_is_asked_no_more_and_its_tags_are_ours(runtime: Runtime, vendor: Jobber) -> None:
    asked(runtime)
    for state in ("queued", "working", "completed"):
        vendor.says["j1"] = Job(state, {})  # type: ignore[arg-type]
        jobs.poll(runtime)
    jobs.poll(runtime)
    assert vendor.asked == ["j1"] * 3, "one look a sweep, and none after its end"
    assert runtime.store.own_tags(ref("1")) == {"late"}
    assert due(runtime) == set()


def test_a_ticket_that_did_not_take_it_is_looked_at_again_alone(runtime: Runtime, vendor: Jobber) -> None:
    asked(runtime)
    vendor.says["j1"] = Job("completed", {"2": "RecordInvalid", "99": "NotOurs"})
    jobs.poll(runtime)
    assert due(runtime) == {"2"}
    assert runtime.store.own_tags(ref("2")) == {"old"}
    assert runtime.store.own_tags(ref("1")) == {"late"}


@pytest.mark.parametrize("said", [Job("failed", {}), Gone("404")])
def test_a_job_that_failed_or_was_forgotten_leaves_all_its_tickets_to_be_looked_at(
    runtime: Runtime, vendor: Jobber, said: Job | TriageError
) -> None:
    asked(runtime)
    vendor.says["j1"] = said
    jobs.poll(runtime)
    assert due(runtime) == {"1", "2"}
    assert runtime.store.open_jobs() == []
    assert runtime.store.own_tags(ref("1")) == {"old"}


@pytest.mark.parametrize("said", [Job("working", {}), Unavailable("503"), Refused("403")])
def test_a_job_of_which_nothing_is_known_after_a_day_is_lost(
    runtime: Runtime, vendor: Jobber, said: Job | TriageError
) -> None:
    asked(runtime)
    vendor.says["j1"] = said
    jobs.poll(runtime)
    assert len(runtime.store.open_jobs()) == 1
    assert due(runtime) == set()
    runtime.now.later += timedelta(days=1, minutes=1)  # type: ignore[attr-defined]
    jobs.poll(runtime)
    assert runtime.store.open_jobs() == []
    assert due(runtime) == {"1", "2"}


def test_a_vendor_that_is_busy_is_asked_for_its_other_jobs_at_the_next_sweep(runtime: Runtime, vendor: Jobber) -> None:
    asked(runtime, 250)
    vendor.says["j1"] = Busy("429")
    jobs.poll(runtime)
    assert vendor.asked == ["j1"]


def test_real_jobs_of_the_sandbox_end_within_three_looks(tmp_path: Path) -> None:
    with Sandbox(seed=False) as sandbox:
        runtime = built(tmp_path, Clock(lambda: datetime.now(UTC)), url=f"{sandbox.url}/zendesk",
                        email="firstline@sandbox.example", token=SecretStr("sandbox"))  # fmt: skip
        desk = Desk(sandbox, runtime)
        there, closed = desk.new(), desk.new()
        desk.control("POST", f"zendesk/tickets/{closed.id}/edit", {"status": "closed"})
        assert jobs.retag(runtime, "zendesk", "acme", "run", [there.id, closed.id], ["late"], []) == ()
        for _ in range(3):
            jobs.poll(runtime)
        assert runtime.store.open_jobs() == []
        assert desk.control("GET", f"zendesk/tickets/{there.id}")["tags"] == ["late"]
        assert runtime.store.due(runtime.now(), 10) == [closed]
        assert desk.work() == ["decided"], "closed: looked at, and left alone"
        runtime.store.close()
