"""What became of each promise stands in the store, and two commands tell it: of one ticket, and of all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import requests

from app.sandbox import desk_side
from app.sandbox.server import Sandbox
from app.store.cycles import Attainment, Promised
from app.store.migrate import migrate
from app.store.store import Store
from app.triage.clocks import Cycle
from app.triage.decision import Context, Decision, Label, Level, Severity
from app.triage.engine import decide
from app.triage.policy import Policy
from app.triage.ticket import Event, Ref, Ticket
from tests.conftest import NOW
from tests.contract.commands import accounts, triage
from tests.policy.conftest import policy

HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/store.db"
    if request.param == "postgresql":
        server: str = request.getfixturevalue("postgres")
        name = f"test_{abs(hash(request.node.name + str(tmp_path))):x}"
        with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        url = server.rsplit("/", 1)[0] + f"/{name}"
    migrate(url)
    opened = Store(url)
    yield opened
    opened.close()


def looked_at(store: Store, ticket_id: str, now: datetime, *cycles: Cycle, **more: object) -> None:
    """A look at a ticket ends, with these cycles."""
    ref = Ref("zendesk", "acme", ticket_id)
    store.record(Event(ref, "updated", f"{ticket_id} {now.isoformat()}"), "x", now)
    lease = store.lease(ref, now, 60)
    assert lease is not None
    decision = replace(a_decision(ref), clocks=cycles, **more)  # type: ignore[arg-type]
    store.remember(lease, now, decision=None, decided=decision)


def a_decision(ref: Ref) -> Decision:
    return Decision(
        ref=ref,
        at=NOW,
        policy="unified",
        policy_digest="d",
        label=Label.DEFECT,
        second_label=None,
        confidence=1,
        severity=Severity.P2,
        level=Level.L1,
        destination="technical",
        page=False,
        tags=(),
    )


def reply(due: datetime | None, stop: datetime | None = None) -> Cycle:
    return Cycle("first_reply", NOW, due, stop=stop)


def test_a_promise_is_kept_missed_overdue_or_runs(store: Store) -> None:
    due = NOW + 4 * HOUR
    looked_at(store, "1", NOW, reply(due))
    looked_at(store, "2", NOW + 5 * HOUR, reply(due, stop=NOW + HOUR))
    looked_at(store, "3", NOW + 5 * HOUR, reply(due, stop=due + HOUR))
    looked_at(store, "4", NOW + 5 * HOUR, reply(None))
    looked_at(store, "5", NOW + 5 * HOUR, reply(due, stop=due))
    (before,) = store.attainment(NOW, due - HOUR)
    assert (before.kept, before.missed, before.overdue, before.running) == (2, 1, 0, 2)
    assert store.attainment(NOW, due) == [Attainment("first_reply", "P2", "L1", "Defect", 2, 1, 1, 1)]
    assert store.attainment(NOW, due)[0].share == 0.5
    assert store.attainment(NOW + HOUR, due) == []


def test_how_a_promise_ended_stays_whatever_is_decided_later(store: Store) -> None:
    due = NOW + HOUR
    looked_at(store, "1", NOW, reply(due))
    looked_at(store, "1", NOW + 3 * HOUR, reply(due, stop=NOW + 2 * HOUR))
    looked_at(store, "1", NOW + 4 * HOUR, reply(NOW + 9 * HOUR, stop=NOW + 2 * HOUR), severity=Severity.P3)
    assert store.attainment(NOW, NOW + 5 * HOUR) == [Attainment("first_reply", "P2", "L1", "Defect", 0, 1, 0, 0)]


def test_a_clock_that_is_the_tickets_no_longer_counts_nothing_unless_it_was_late(store: Store) -> None:
    looked_at(store, "1", NOW, reply(NOW + HOUR))
    looked_at(store, "2", NOW, reply(NOW + HOUR))
    looked_at(store, "1", NOW + timedelta(minutes=5))
    looked_at(store, "2", NOW + 2 * HOUR)
    assert [(one.kept, one.missed, one.overdue, one.running) for one in store.attainment(NOW, NOW + 3 * HOUR)] == [
        (0, 1, 0, 0)
    ]
    assert store.promises_of(Ref("zendesk", "acme", "1")) == []


def test_the_promises_of_a_ticket_are_told_the_soonest_first(store: Store) -> None:
    still = Cycle("next_reply", NOW, None, paused=True)
    update = Cycle("customer_update", NOW, NOW + 2 * HOUR)
    looked_at(store, "1", NOW, still, update, reply(NOW + HOUR))
    ref = Ref("zendesk", "acme", "1")
    assert store.promises_of(ref) == [
        Promised(ref, "first_reply", NOW, NOW + HOUR),
        Promised(ref, "customer_update", NOW, NOW + 2 * HOUR),
        Promised(ref, "next_reply", NOW, None),
    ]


def test_what_ended_long_ago_is_forgotten_and_what_runs_is_not(store: Store) -> None:
    looked_at(store, "1", NOW + 2 * HOUR, reply(NOW + HOUR, stop=NOW + HOUR))
    looked_at(store, "2", NOW, reply(NOW + HOUR))
    assert store.forget_cycles(NOW + 3 * HOUR) == 1
    assert sum(one.running + one.overdue for one in store.attainment(NOW, NOW)) == 1


def test_a_look_twice_at_the_same_moment_writes_nothing_twice(store: Store) -> None:
    unified: Policy = policy()
    ref = Ref("zendesk", "acme", "1")
    ticket = Ticket(ref=ref, subject="", body="The export is broken for a few of us.", created_at=NOW, updated_at=NOW)
    decision = decide(ticket, Context(), unified, NOW)
    for minute in range(2):
        looked_at(store, "1", NOW + timedelta(minutes=minute), *decision.clocks)
    running = [one.clock for one in store.promises_of(ref)]
    assert sorted(running) == sorted(set(running)) == sorted(decision.deadlines)


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A sandbox with one ticket, and the settings that read it into a store."""
    with Sandbox(seed=False) as sandbox:
        desk_side.zendesk_create(
            sandbox.account, {"subject": "Export", "body": "The export is broken for a few of us.", "requester": "Ann"}
        )
        yield {**accounts(sandbox), "DATABASE_URL": f"sqlite:///{tmp_path}/store.db", "REDIS_URL": "memory://"}


def the_ticket(env: dict[str, str]) -> str:
    user = (f"{env['TRIAGE_ZENDESK__ACME__EMAIL']}/token", env["TRIAGE_ZENDESK__ACME__TOKEN"])
    found = requests.get(f"{env['TRIAGE_ZENDESK__ACME__URL']}/api/v2/tickets.json", auth=user, timeout=5).json()
    return f"zendesk:acme:{found['tickets'][0]['id']}"


def test_explain_reads_the_ticket_and_shows_every_clock_with_its_stretches(env: dict[str, str]) -> None:
    migrate(env["DATABASE_URL"])
    shown = triage("sla", "explain", the_ticket(env), env=env)
    assert shown.exit_code == 0, shown.output
    first = shown.output.split("\n\n")[0]
    assert "P2 · L1" in first
    assert "first reply: 1 business day, S0-38; due " in shown.output
    assert "counted" in shown.output or "outside the hours" in shown.output


def test_explain_as_json_names_each_clock_that_is_asked_for(env: dict[str, str]) -> None:
    migrate(env["DATABASE_URL"])
    asked = triage("sla", "explain", the_ticket(env), "--clock", "level_response", "--format", "json", env=env)
    (one,) = json.loads(asked.output)
    assert (one["clock"], one["promise"], one["source"]) == ("level_response", "4bh", "S2-07")
    assert one["intervals"][0]["start"] == one["start"] and one["intervals"][-1]["end"] == one["due"]


def test_a_clock_that_does_not_exist_is_named_with_the_nearest_one(env: dict[str, str]) -> None:
    migrate(env["DATABASE_URL"])
    said = triage("sla", "explain", the_ticket(env), "--clock", "first_replay", env=env)
    assert said.exit_code == 2 and "did you mean 'first_reply'?" in said.output


def test_the_report_adds_up_what_was_kept_by_what_it_is_asked_for(env: dict[str, str]) -> None:
    migrate(env["DATABASE_URL"])
    store = Store(env["DATABASE_URL"])
    looked_at(store, "1", NOW, reply(NOW + HOUR, stop=NOW))
    looked_at(store, "2", NOW + 3 * HOUR, reply(NOW + HOUR, stop=NOW + 2 * HOUR), severity=Severity.P3)
    store.close()
    since = f"{NOW - HOUR:%Y-%m-%dT%H:%M}"
    table = triage("sla", "report", "--since", since, "--by", "clock", env=env).output.splitlines()
    assert [line.split() for line in table] == [
        ["clock", "kept", "missed", "overdue", "running", "share"],
        ["first", "reply", "1", "1", "0", "0", "50.0%"],
    ]
    rows = list(csv.DictReader(io.StringIO(triage("sla", "report", "--since", since, "--by", "severity",
                                                  "--format", "csv", env=env).output)))  # fmt: skip
    assert [(row["severity"], row["kept"], row["missed"], row["share"]) for row in rows] == [
        ("P2", "1", "0", "1.0"),
        ("P3", "0", "1", "0.0"),
    ]


def test_the_report_refuses_what_it_cannot_part_by(env: dict[str, str]) -> None:
    migrate(env["DATABASE_URL"])
    said = triage("sla", "report", "--since", "2026-03-01", "--by", "agent", env=env)
    assert said.exit_code == 2 and "name some of clock, severity, level, label" in said.output
