"""Every open ticket is looked at within its period, whatever was missed: the proof, the catching up, the changed
policy. What the store is asked, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from alembic import command
from alembic.script import ScriptDirectory
from flask.testing import FlaskClient
from sqlalchemy import event

from app.cli import broker as brokers
from app.packs import find_pack
from app.runtime import Runtime
from app.store.coverage import Coverage
from app.store.ledger import Effect
from app.store.migrate import _config, migrate
from app.store.pulse import SWEPT
from app.store.schema import effects, tickets
from app.store.store import Store
from app.store.transaction import about
from app.triage.layers import parse
from app.triage.policies import Policies
from app.triage.policy import read
from app.triage.ticket import Event, Ref, Status
from app.web import create_app
from config.accounts import ZendeskAccount
from config.celery import SWEEP_QUEUE
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.commands import error_of, triage
from tests.contract.small_world import BREACH, QUESTION, World
from tests.contract.test_gap_sweep import Lister
from tests.contract.test_store import DECISION, store, url
from tests.unit.triage.conftest import a_ticket
from workers import brake, gap
from workers.sweep import BATCH, sweep

__all__ = ["store", "url"]  # fixtures

GRACE = timedelta(minutes=15)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ACME = ("zendesk", "acme")


def ref(number: int) -> Ref:
    return Ref("zendesk", "acme", str(number))


def looked_at(
    store: Store, number: int, at: datetime = NOW, *, status: Status = Status.OPEN, rank: int = 3, **more: Any
) -> Ref:
    """A ticket that came in and was decided about."""
    store.record(Event(ref(number), "created", f"d{number}-{at.isoformat()}"), "x", at)
    lease = store.lease(ref(number), at, 60)
    assert lease is not None
    shown = replace(a_ticket(), ref=ref(number), status=status)
    store.remember(lease, at, ticket=shown, rank=rank, **{"policy": "abc", "decision": DECISION, **more})
    return ref(number)


def covered(store: Store, at: datetime) -> Coverage:
    return store.coverage(at, GRACE, [ACME])[ACME]


# The number


def test_a_ticket_that_was_never_looked_at_is_late_after_the_grace(store: Store) -> None:
    store.record(Event(ref(1), "created", "d1"), "x", NOW)
    assert covered(store, NOW + GRACE - MINUTE) == Coverage(1, 0, None, 0, None)
    assert covered(store, NOW + GRACE) == Coverage(1, 1, NOW, 0, None)


def test_a_look_ends_the_lateness_until_the_next_period_is_over(store: Store) -> None:
    looked_at(store, 1, wake_at=NOW + HOUR)
    assert covered(store, NOW + HOUR).late == 0
    assert covered(store, NOW + HOUR + GRACE) == Coverage(1, 1, NOW + HOUR, 0, None)


def test_a_try_that_has_to_wait_is_no_look(store: Store) -> None:
    store.record(Event(ref(1), "created", "d1"), "x", NOW)
    lease = store.lease(ref(1), NOW + 10 * MINUTE, 60)
    assert lease is not None
    store.wait(lease, NOW + 10 * MINUTE, 300, "Busy", blameless=True)
    assert covered(store, NOW + GRACE).since == NOW


def test_a_ticket_without_a_clock_is_counted_with_its_last_look(store: Store) -> None:
    looked_at(store, 1, NOW)
    looked_at(store, 2, NOW + MINUTE)
    looked_at(store, 3, NOW, wake_at=NOW + HOUR)
    assert covered(store, NOW + timedelta(days=9)) == Coverage(3, 1, NOW + HOUR, 2, NOW)


@pytest.mark.parametrize("status", [Status.SOLVED, Status.CLOSED])
def test_what_is_over_is_not_open_whatever_it_waits_for(store: Store, status: Status) -> None:
    looked_at(store, 1, status=status, wake_at=NOW + HOUR)
    assert covered(store, NOW + timedelta(days=9)) == Coverage(0, 0, None, 0, None)


def test_a_parked_ticket_is_open_and_not_late_and_one_that_is_gone_is_neither(store: Store) -> None:
    for number in (1, 2):
        store.record(Event(ref(number), "created", f"d{number}"), "x", NOW)
    parked, gone = store.lease(ref(1), NOW, 60), store.lease(ref(2), NOW, 60)
    assert parked is not None
    assert gone is not None
    store.park(parked, NOW, "permanent", "Refused")
    store.remember(gone, NOW, decision=None, ours=False)
    assert covered(store, NOW + HOUR) == Coverage(1, 0, None, 0, None)


def test_the_time_that_a_ticket_was_parked_is_not_late(store: Store) -> None:
    store.record(Event(ref(1), "created", "d1"), "x", NOW)
    parked = store.lease(ref(1), NOW, 60)
    assert parked is not None
    store.park(parked, NOW, "permanent", "Refused")
    store.record(Event(ref(1), "updated", "d2"), "x", NOW + HOUR)
    assert covered(store, NOW + HOUR) == Coverage(1, 0, None, 0, None)
    assert covered(store, NOW + HOUR + GRACE).since == NOW + HOUR


def test_accounts_are_counted_each_by_itself(store: Store) -> None:
    looked_at(store, 1)
    found = store.coverage(NOW, GRACE, [ACME, ("jira", "acme"), ("zendesk", "beta")])
    assert [one.open for one in found.values()] == [1, 0, 0]


def test_whatever_happens_to_tickets_none_is_late_while_all_that_is_due_is_tried(store: Store) -> None:
    chance, at = random.Random(20261121), NOW
    ends: tuple[Callable[[Any], object], ...] = (
        lambda lease: store.remember(lease, at, decision=None, ticket=replace(a_ticket(), ref=lease.ref)),
        lambda lease: store.remember(lease, at, decision=DECISION, wake_at=at + chance.randrange(1, 90) * MINUTE),
        lambda lease: store.wait(lease, at, chance.randrange(1, 60), "Busy", blameless=True),
        lambda lease: store.park(lease, at, "permanent", "Refused"),
        lambda _: None,  # a worker that died
    )
    for step in range(60):
        at += timedelta(seconds=30)
        for _ in range(chance.randrange(3)):
            store.record(Event(ref(chance.randrange(12)), "updated", f"d{step}-{_}"), "x", at)
        due = store.due(at, 99) + [
            one for urgent in (True, False) for one in store.waiting(at, *ACME, 99, urgent=urgent)
        ]
        for one in due:
            if (lease := store.lease(one, at, 60)) is not None:
                chance.choices(ends, (4, 4, 2, 1, 1))[0](lease)
        assert covered(store, at).late == 0
    assert covered(store, at + 2 * HOUR).late > 0, "and without workers there are"


# The proof that is shown


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    url = f"sqlite:///{tmp_path}/store.db"
    migrate(url)
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None, database_url=url, redis_url="memory://", zendesk={"acme": ZendeskAccount(subdomain="acme")}
    )
    made = Runtime(settings, now=lambda: NOW)
    made.store.beat("worker", NOW)
    made.store.beat(SWEPT, NOW)
    yield made
    made.store.close()


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def check(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/readyz").json["checks"]["coverage"]  # type: ignore[index]
    return found


def test_readyz_metrics_and_page_show_what_was_not_looked_at(client: FlaskClient, runtime: Runtime) -> None:
    looked_at(runtime.store, 1, NOW - 2 * HOUR, wake_at=NOW - HOUR, decision=None)
    looked_at(runtime.store, 2, NOW - 2 * HOUR, decision=None)
    seen = check(client)
    assert not seen["ok"]
    assert (seen["open"], seen["late"], seen["without_clock"]) == (2, 1, 1)
    assert seen["longest_unseen_without_clock"] == (NOW - 2 * HOUR).isoformat()
    assert seen["error"] == "1 open ticket was not looked at in time, the oldest for 3600 s"
    assert "triage sweep --dry-run" in seen["mend"]
    assert "triage_open_tickets 2.0" in client.get("/metrics").text
    assert "triage_uncovered_tickets 1.0" in client.get("/metrics").text
    assert seen["error"] in client.get("/").text
    lease = runtime.store.lease(ref(1), NOW, 60)
    assert lease is not None
    runtime.store.remember(lease, NOW, decision=None)
    assert check(client)["ok"]
    assert "triage_uncovered_tickets 0.0" in client.get("/metrics").text
    assert "not looked at" not in client.get("/").text


def test_readyz_names_an_open_breaker_and_a_full_limit_as_the_reason(client: FlaskClient, runtime: Runtime) -> None:
    runtime.store.record(Event(ref(1), "created", "d1"), "x", NOW - HOUR)
    gate = runtime.gate("zendesk", "acme")
    full = {"zendesk-ratelimit-tickets-update": "total=100; remaining=0; resets=59"}
    gate.answered("PUT", "/api/v2/tickets/7.json", 200, full)
    assert "zendesk:acme has no room left in its limits" in check(client)["error"]
    assert "UPDATES_PER_MINUTE" in check(client)["mend"]
    for _ in range(5):
        gate.unanswered("GET", "/api/v2/tickets/7.json")
    assert "its circuit breaker is open" in check(client)["error"]


def test_a_sweep_that_never_comes_to_its_end_is_no_proof(client: FlaskClient, runtime: Runtime) -> None:
    runtime.store.beat(SWEPT, NOW - HOUR)
    assert check(client)["error"] == f"no sweep came to its end since {(NOW - HOUR).isoformat()}"


def test_the_proof_says_until_when_changes_are_known_and_fails_when_that_is_long_ago(
    client: FlaskClient, runtime: Runtime
) -> None:
    assert check(client)["changes_known_until"] == {"zendesk:acme": None}
    runtime.clients["zendesk", "acme"] = Lister()  # type: ignore[assignment]  # only its list is asked for
    gap.look(runtime)
    assert check(client)["changes_known_until"] == {"zendesk:acme": NOW.isoformat()}
    later = NOW + HOUR
    runtime.now = lambda: later
    runtime.store.beat(SWEPT, later)
    seen = check(client)
    assert seen["error"] == f"what changed at zendesk:acme is known only until {NOW.isoformat()}"
    assert "triage doctor" in seen["mend"]
    gap.look(runtime)
    assert check(client)["ok"]


# Catching up


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[World]:
    made = World(tmp_path, updates=600, requests=2400, url=url)
    made.runtime.clients["zendesk", "acme"] = made.runtime.client("zendesk", "acme")  # other threads have it too
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, updates=600, requests=2400)
    yield made
    made.close()


def away(world: World, filed: Sequence[Ref]) -> list[Ref]:
    """Nobody works for six hours, in which one ticket after another wants to be looked at. Gives them by severity and
    then by age."""
    with world.runtime.store._engine.begin() as connection:
        for place, one in enumerate(filed, 1):
            wanted = world.clock.at + place * timedelta(hours=5) / len(filed)
            connection.execute(tickets.update().where(about(one, tickets)).values(due_at=wanted))
    world.clock.at += timedelta(hours=6)
    world._next_sweep = world.clock.at
    world.looked.clear()
    return world.runtime.store.due(world.clock.at, 1000)


@pytest.mark.policy("U-10")
def test_after_six_hours_without_a_worker_each_overdue_ticket_is_looked_at_once_the_worst_first(world: World) -> None:
    filed = [world.file(QUESTION.format(number)) for number in range(8)] + [world.file(BREACH) for _ in range(2)]
    assert world.run(60, lambda: all(map(world.notes, filed)))
    world.run(60)
    overdue = away(world, filed)
    assert overdue == filed[-2:] + filed[:-2]
    late = world.runtime.store.coverage(world.clock.at, GRACE, [ACME])[ACME]
    assert (late.late, late.open) == (len(filed), len(filed))
    world.run(25)
    assert [one for _, one in world.looked] == overdue
    written = [world.notes(one) for one in filed]
    world.run(65)
    assert sorted(one for _, one in world.looked) == sorted(overdue), "two sweeps later none was looked at again"
    assert world.runtime.store.coverage(world.clock.at, GRACE, [ACME])[ACME].late == 0
    assert [world.notes(one) for one in filed] == written, "and each overdue step was done once"


def test_two_sweeps_at_the_same_instant_ring_each_ticket_once(world: World) -> None:
    filed = [world.file(QUESTION.format(number)) for number in range(6)]
    assert world.run(60, lambda: all(map(world.notes, filed)))
    world.run(60)
    overdue = away(world, filed)
    start, rung = threading.Barrier(2), list[int]()

    def begin() -> None:
        start.wait()
        rung.append(sweep(world.runtime))

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(rung) == [0, len(overdue)]
    world.clock.at += timedelta(seconds=25)  # the lease of the first has run out, and no worker came yet
    assert sweep(world.runtime) == len(overdue)
    world.run(20)
    assert [one for _, one in world.looked] == overdue, "rung twice, looked at once"
    assert world.outcomes["not_due"] >= len(overdue)


def test_a_sweep_rings_no_more_than_a_batch_the_most_severe_first(runtime: Runtime) -> None:
    fill(runtime.store, BATCH + 40, due_at=NOW - HOUR)
    rung = list[str]()
    runtime.celery = Bell(rung)  # type: ignore[assignment]
    runtime.clients["zendesk", "acme"] = Lister()  # type: ignore[assignment]
    runtime.clients["zendesk", "acme"].whoami = lambda: "1"  # type: ignore[method-assign]
    assert sweep(runtime) == BATCH
    ranks = [int(one.rpartition(":")[2]) % 5 for one in rung]
    assert ranks == sorted(ranks)


class Bell:
    """Celery's place: keeps what was rung."""

    def __init__(self, rung: list[str]) -> None:
        self.rung = rung

    def send_task(self, _name: str, args: list[str], **_: Any) -> None:
        self.rung += args


# A changed policy


def changed(desk: World, more: str) -> str:
    """Another policy is in force from now on; gives its digest."""
    policy = read(*find_pack("unified"), find_pack, [parse(more, "mine.yaml")])
    desk.runtime.policies = Policies(policy)
    return policy.digest


def limited(desk: World, most: int) -> None:
    desk.runtime.settings = desk.runtime.settings.model_copy(update={"outdated_per_sweep": most})


LOUDER = "priority: {zendesk: {P3: high, P4: high}}"


def test_a_changed_policy_reaches_open_tickets_a_few_a_sweep_the_most_severe_first(desk: World) -> None:
    filed = [desk.file(QUESTION.format(number)) for number in range(5)]
    urgent = desk.file(BREACH)
    assert desk.run(60, lambda: all(map(desk.notes, (*filed, urgent))))
    desk.run(60)
    desk.looked.clear()
    digest = changed(desk, LOUDER)
    limited(desk, 2)
    assert desk.runtime.store.outdated_count(*ACME, [digest]) == 6
    desk.run((desk._next_sweep - desk.clock.at).total_seconds() + 29)
    assert len(desk.looked) == 2
    assert desk.looked[0][1] == urgent
    desk.run(120)
    assert sorted(one for _, one in desk.looked) == sorted((*filed, urgent)), "each of them once"
    assert desk.runtime.store.outdated_count(*ACME, [digest]) == 0
    shown = {desk.account.records.tickets[int(one.id)]["priority"] for one in filed}
    assert shown == {"high"}
    planned = [effect for effect in desk.runtime.store.effects_of(filed[0]) if effect.kind == "set_priority"]
    assert planned[-1].run.startswith("s-"), "the sweep's change, which the brake counts and an undoing finds"


def test_a_process_that_still_works_under_an_older_policy_takes_no_tickets_back(desk: World) -> None:
    one = desk.file(QUESTION.format(1))
    assert desk.run(60, lambda: desk.notes(one) > 0)
    desk.run(60)
    desk.looked.clear()
    newer = read(*find_pack("unified"), find_pack, [parse("demand: {product_review: 9}", "newer.yaml")])
    changed(desk, LOUDER)
    desk.runtime.record_policies()
    desk.runtime.store.record_policy(newer, [], desk.clock.at)
    desk.run(90)
    assert desk.looked == []
    desk.runtime.policies = Policies(newer)
    desk.run(60)
    assert [looked for _, looked in desk.looked] == [one]


def test_the_setting_0_and_the_brake_leave_tickets_as_they_were_decided(desk: World) -> None:
    one = desk.file(QUESTION.format(1))
    assert desk.run(60, lambda: desk.notes(one) > 0)
    desk.run(60)
    desk.looked.clear()
    changed(desk, LOUDER)
    limited(desk, 0)
    desk.run(90)
    limited(desk, 20)
    desk.runtime.store.put_brake_on(desk.clock.at, {"cap": "hour", "why": "a test"})
    desk.run(90)
    assert desk.looked == []
    desk.runtime.store.release_brake(desk.clock.at)
    desk.run(60)
    assert [ref for _, ref in desk.looked] == [one]


def test_what_is_over_gone_parked_or_under_another_brands_policy_is_left_alone(store: Store) -> None:
    for number, status in enumerate(Status):
        looked_at(store, number, status=status)
    gone = looked_at(store, 10)
    store.replay(gone, NOW)
    lease = store.lease(gone, NOW, 60)
    assert lease is not None
    store.remember(lease, NOW, decision=None, ours=False)
    parked = looked_at(store, 11)
    store.replay(parked, NOW)
    lease = store.lease(parked, NOW, 60)
    assert lease is not None
    store.park(lease, NOW, "permanent", "Refused")
    looked_at(store, 12, policy="the brand's")
    outdated = store.outdated(*ACME, ["new", "the brand's"], NOW, 99)
    assert sorted(outdated) == [ref(0), ref(1), ref(2), ref(3)]
    assert store.outdated(*ACME, ["abc", "the brand's"], NOW, 99) == []
    assert store.outdated("jira", "acme", ["new"], NOW, 99) == []


def test_what_is_brought_forward_is_due_once_and_what_is_due_already_keeps_its_age(store: Store) -> None:
    resting, due = looked_at(store, 1, wake_at=NOW + HOUR, rank=4), looked_at(store, 2, rank=0)
    store.record(Event(due, "updated", "d9"), "x", NOW)
    later = NOW + MINUTE
    assert store.outdated(*ACME, ["new"], later, 99) == [resting]
    store.bring_forward([resting, due], later)
    assert [one.since for one in store.agenda(later, 9)] == [NOW, later]
    assert store.outdated(*ACME, ["new"], later, 99) == []


def test_several_earlier_policies_are_taken_together_by_severity(store: Store) -> None:
    for number, digest in enumerate(("b", "d", "b", "d", "c")):
        looked_at(store, number, policy=digest, rank=4 - number)
    assert store.outdated(*ACME, ["c"], NOW, 3) == [ref(3), ref(2), ref(1)]
    assert store.outdated_count(*ACME, ["c"]) == 4


def test_an_older_store_learns_under_which_policy_its_open_tickets_were_decided(url: str) -> None:
    migrate(url)
    config = _config(url)
    before = ScriptDirectory.from_config(config).get_revision("0007").down_revision
    opened = Store(url)
    for number, status in ((1, Status.OPEN), (2, Status.SOLVED)):
        looked_at(opened, number, status=status, policy="")
    opened.record(Event(ref(3), "created", "d3"), "x", NOW)
    command.downgrade(config, str(before))
    migrate(url)
    assert opened.outdated(*ACME, ["new"], NOW, 9) == [ref(1)]
    assert opened.outdated(*ACME, [DECISION["policy_digest"]], NOW, 9) == []
    opened.close()


# Indexes


def fill(store: Store, count: int, **values: Any) -> None:
    """Many tickets at once, most of them over."""
    with store._engine.begin() as connection:
        connection.execute(
            tickets.insert(),
            [
                {
                    "vendor": "zendesk", "account": "acme", "ticket_id": str(number), "subject": "Help",
                    "rank": number % 5, "lease_token": 1, "tries": 0, "waits": 0, "applied": {}, "own_tags": [],
                    "looked_at": NOW,
                    "status": "open", "policy_digest": "abc", **values,
                }
                for number in range(count)
            ],
        )  # fmt: skip


def plans(store: Store, ask: Callable[[], object]) -> str:
    """How the database says that it answers what a question comes to."""
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "WITH")):
            asked.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", keep)
    ask()
    event.remove(store._engine, "before_cursor_execute", keep)
    assert asked
    lines = []
    with store._engine.begin() as connection:
        explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
        for statement, parameters in asked:
            lines += [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters)]
    return "\n".join(lines)


def test_the_sweeps_questions_and_the_proof_are_answered_by_indexes(store: Store) -> None:
    fill(store, 6000)
    with store._engine.begin() as connection:
        over = tickets.c.ticket_id.like("%1%") | tickets.c.ticket_id.like("%2%") | tickets.c.ticket_id.like("%3%")
        connection.execute(tickets.update().where(over).values(status="solved", policy_digest=""))
        connection.execute(tickets.update().where(~over).values(due_at=NOW + HOUR))
        connection.execute(tickets.update().where(tickets.c.ticket_id.like("4%4")).values(due_at=NOW, waits=1))
        connection.execute(tickets.update().where(tickets.c.ticket_id.like("5%5")).values(due_at=NOW))
        made = [
            {"key": f"k{n}", "vendor": "zendesk", "account": "acme", "ticket_id": str(n), "kind": "add_note",
             "state": "confirmed", "action": {}, "planned_at": NOW, "changed_at": NOW}
            for n in range(6000)
        ]  # fmt: skip
        connection.execute(effects.insert(), made)
    if store._engine.dialect.name == "postgresql":
        with store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    questions: dict[str, tuple[Callable[[], object], str]] = {
        "due": (lambda: store.due(NOW, BATCH), "ix_ticket_due"),
        "waiting": (lambda: store.waiting(NOW, "zendesk", "acme", 80, urgent=False), "ix_ticket_"),
        "coverage": (lambda: covered(store, NOW), "ix_ticket_open"),
        "backlog": (lambda: store.backlog(NOW), "ix_ticket_due"),
        "outdated": (lambda: store.outdated(*ACME, ["abc"], NOW, 20), "ix_ticket_policy"),
        "outdated, all": (lambda: store.outdated(*ACME, ["new"], NOW, 20), "ix_ticket_policy"),
        "held back": (lambda: store.replay_withheld(NOW, brake.BRAKE), "ix_effect_state"),
    }
    for name, (ask, index) in questions.items():
        plan = plans(store, ask)
        assert index in plan, (name, plan)
        assert "Seq Scan" not in plan, (name, plan)
        assert "SCAN" not in plan.replace("USING COVERING INDEX", "").replace("SEARCH", ""), (name, plan)


# The command


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    address = f"sqlite:///{tmp_path}/asked.db"
    migrate(address)
    account = {"TRIAGE_ZENDESK__ACME__SUBDOMAIN": "acme"}
    return {"DATABASE_URL": address, "REDIS_URL": "redis://127.0.0.1:1/0", **account}


def test_a_dry_run_lists_what_is_due_since_when_and_why_and_changes_nothing(env: dict[str, str]) -> None:
    asked = Store(env["DATABASE_URL"])
    at = NOW - HOUR
    promised = {"first_reply": (at + 20 * MINUTE).isoformat(), "later": (NOW + 9000 * HOUR).isoformat()}
    body = {**DECISION, "at": at.isoformat(), "policy_digest": "abc", "deadlines": promised}
    looked_at(asked, 1, at, rank=0, decision=body, wake_at=at + 20 * MINUTE)
    asked.record(Event(ref(2), "commented", "d2"), "x", NOW)
    asked.record(Event(ref(3), "created", "d3"), "x", NOW)
    lease = asked.lease(ref(3), NOW, 60)
    assert lease is not None
    asked.wait(lease, NOW, 5, "Busy: 429", blameless=True, rank=3)
    looked_at(asked, 4, at, rank=4, decision=None, policy="", wake_at=NOW)
    asked.record(Event(ref(5), "created", "d5"), "x", NOW)
    assert asked.lease(ref(5), NOW, 60) is not None  # by a worker that died
    looked_at(asked, 6, at, rank=2, decision=None, policy="", wake_at=NOW)
    asked.withhold_effects(ref(6), [Effect("k6", "reply", "planned", {}, "mode is shadow")], NOW)
    looked_at(asked, 7, at)
    before = _rows(asked)
    shown = triage("sweep", "--dry-run", env=env)
    assert (shown.exit_code, _rows(asked)) == (0, before)
    lines = [line.split("\t") for line in shown.stdout.splitlines()]
    since = NOW.isoformat(timespec="seconds")
    assert lines == [
        ["zendesk:acme:1", "P0", (at + 20 * MINUTE).isoformat(), lines[0][3]],
        ["zendesk:acme:2", "P1", since, "event: commented"],
        ["zendesk:acme:5", "P1", since, "event: created; a worker ended amid it"],
        ["zendesk:acme:6", "P2", since, "withheld: mode is shadow"],
        ["zendesk:acme:3", "P3", since, "event: created; tried 1 time: Busy: 429"],
        ["zendesk:acme:4", "P4", since, "to be looked at again"],
    ]
    assert lines[0][3] == f"clock first_reply at {promised['first_reply']}; decided under an earlier policy"
    assert shown.stderr.strip() == (
        "6 due; 2 decided under an earlier policy, of which a sweep looks at 20 an account at most"
    )
    short = triage("sweep", "--dry-run", "--limit", "2", env=env)
    assert (len(short.stdout.splitlines()), short.stderr[:27]) == (2, "6 due, of which 2 are shown")
    asked.close()


def test_a_sweep_is_asked_for_over_the_broker_and_says_so_when_there_is_none(
    env: dict[str, str], broker: brokers.Broker
) -> None:
    failed = triage("sweep", env=env)
    assert "REDIS_URL" in str(error_of(failed))
    assert "every 30 s by itself" in str(error_of(triage("sweep", env={**env, "REDIS_URL": "memory://"})))
    asked = triage("sweep", env={**env, "REDIS_URL": broker.url})
    assert asked.exit_code == 0
    with redis.Redis.from_url(broker.url) as queue:
        assert queue.llen(SWEEP_QUEUE) == 1
        queue.delete(SWEEP_QUEUE)


def _rows(store: Store) -> list[Any]:
    with store._engine.begin() as connection:
        return [tuple(row) for table in (tickets, effects) for row in connection.execute(table.select())]
