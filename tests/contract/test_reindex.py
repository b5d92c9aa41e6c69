"""``triage reindex``, and how the sweep keeps the index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.store.migrate import migrate
from app.store.store import Store
from app.triage.bridge import LinkedIssue
from app.triage.decision import Label
from app.triage.ticket import Customer, Event, Ref, Status, Ticket
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.contract import test_gap_sweep
from tests.contract.commands import error_of, triage
from tests.contract.test_symptom_index import an_entry, found, posted, put, read
from workers.sweep import sweep

running, desk = test_gap_sweep.running, test_gap_sweep.desk

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path}/store.db"
    migrate(url)
    acme, other = ({"TRIAGE_ZENDESK__" + name + "__SUBDOMAIN": name.lower()} for name in ("ACME", "OTHER"))
    return {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", **acme, **other}


@pytest.fixture
def store(env: dict[str, str]) -> Iterator[Store]:
    opened = Store(env["DATABASE_URL"])
    yield opened
    opened.close()


def seen(store: Store, ref: Ref, status: Status = Status.OPEN, at: datetime = NOW) -> None:
    """A ticket that was looked at and wants nothing."""
    store.record(Event(ref, "created", f"d-{ref}"), "x", at)
    lease = store.lease(ref, at, 60)
    assert lease is not None
    shown = Ticket(ref=ref, subject="s", body="b", created_at=at, updated_at=at, requester=Customer(), status=status)
    store.remember(lease, at, decision=None, ticket=shown)


def test_an_index_is_made_anew_from_the_store_alone(env: dict[str, str], store: Store) -> None:
    secret = an_entry(3, "token leaked", space="acme/security", label=Label.SECURITY)
    put(store, an_entry(1, "payroll stops"), an_entry(2, "payroll stops", over_at=NOW), secret)
    rows = posted(store)
    with store._begin() as connection:
        connection.exec_driver_sql("DELETE FROM posting")
    assert triage("reindex", "--dry-run", env=env).stdout.splitlines() == [
        "acme\t2 tickets\t1 open\t0 clusters",
        "acme/security\t1 tickets\t1 open\t0 clusters",
    ]
    assert posted(store) == []
    done = triage("reindex", env=env)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "acme\t2 tickets\t1 open\t0 clusters\t4 postings, 0 common terms, 0 places mended",
        "acme/security\t1 tickets\t1 open\t0 clusters\t2 postings, 0 common terms, 0 places mended",
    ]
    assert posted(store) == rows


def test_one_space_or_one_account_can_be_chosen_and_one_that_is_not_there_is_refused(
    env: dict[str, str], store: Store
) -> None:
    secret = an_entry(2, space="acme/security", label=Label.SECURITY)
    put(store, an_entry(1), secret, an_entry(3, space="other", account="other"))

    def chosen(*options: str) -> list[str]:
        return [line.split("\t")[0] for line in triage("reindex", *options, env=env).stdout.splitlines()]

    assert chosen("--space", "acme") == ["acme"]
    assert chosen("--account", "zendesk:acme") == ["acme", "acme/security"]
    assert chosen() == ["acme", "acme/security", "other"]
    nobody, unclear = triage("reindex", "--space", "nobody", env=env), triage("reindex", "--account", "acme", env=env)
    assert (nobody.exit_code, unclear.exit_code) == (2, 2)
    assert "there is no space 'nobody'" in nobody.stderr
    assert "'acme' is not vendor:account" in unclear.stderr
    assert "no zendesk account" in str(error_of(triage("reindex", "--account", "zendesk:nobody", env=env)))


def test_known_tickets_are_looked_at_again_spread_and_only_those_that_are_open_or_lately_solved(
    env: dict[str, str], store: Store
) -> None:
    numbers = range(1, 5)
    refs = [Ref("zendesk", "acme", str(number)) for number in numbers]
    for ref in refs:
        seen(store, ref)
    lately, long_ago, theirs = (Ref("zendesk", "acme", "7"), Ref("zendesk", "acme", "8"), Ref("zendesk", "other", "1"))
    seen(store, lately, Status.SOLVED)
    seen(store, long_ago, Status.SOLVED, NOW - 60 * DAY)
    seen(store, theirs)
    put(store, replace(an_entry(refs[0]), created_at=NOW))
    env = {**env, "TRIAGE_OUTDATED_PER_SWEEP": "2", "TRIAGE_SWEEP_SECONDS": "60"}
    lacking = triage("reindex", "--account", "zendesk:acme", env=env)
    assert "zendesk:acme: 3 open tickets are not in the index" in lacking.stderr
    dry = triage("reindex", "--account", "zendesk:acme", "--from-vendors", "--dry-run", env=env)
    assert "zendesk:acme: 5 tickets would be looked at within 2 minutes" in dry.stdout
    assert store.due(NOW + DAY, 99) == []
    done = triage("reindex", "--account", "zendesk:acme", "--from-vendors", env=env)
    assert "zendesk:acme: 5 tickets are looked at within 2 minutes" in done.stdout
    counts = [len(store.due(datetime.now(UTC) + timedelta(seconds=later), 99)) for later in (0, 60, 120)]
    assert counts == [2, 4, 5]
    assert set(store.due(NOW + DAY, 99)) == {*refs, lately}


def test_an_account_that_is_another_tenant_s_now_is_settled_by_the_command(env: dict[str, str], store: Store) -> None:
    put(store, an_entry(1, "payroll", space="acme"), an_entry(2, "payroll", space="other", account="other"))
    triage("reindex", env={**env, "TRIAGE_ZENDESK__OTHER__TENANT": "acme"})
    assert found(store, an_entry(9, "payroll")) == {"1", "2"}
    triage("reindex", env=env)
    assert found(store, an_entry(9, "payroll")) == {"1"}


def test_a_process_that_starts_knows_every_account_s_tenant_before_anything_is_matched(
    env: dict[str, str], store: Store
) -> None:
    both = {name: ZendeskAccount(subdomain=name, tenant="group") for name in ("acme", "other")}
    site = {"acme": JiraAccount(url="https://acme.example")}
    settings = Settings(_env_file=None, database_url=env["DATABASE_URL"], zendesk=both, jira=site)  # type: ignore[call-arg]
    runtime = Runtime(settings, now=lambda: NOW)
    assert runtime.tenant_of(Ref("zendesk", "acme", "1")) == "group"
    assert runtime.tenant_of(Ref("jira", "acme", "A-1")) == "acme", "an account's name where nothing is said"
    put(store, an_entry(1, space="acme"), an_entry(2, space="other", account="other"))
    assert runtime.settle_tenants() == ["acme", "group", "other"]
    assert runtime.settle_tenants() == []
    runtime.store.close()


def test_the_sweep_lets_go_of_what_was_solved_long_ago_and_takes_the_frequencies(desk: test_gap_sweep.Desk) -> None:
    runtime = desk.runtime
    now = runtime.now()
    old, young = (an_entry(n, "payroll", over_at=now - days * DAY) for n, days in ((1, 31), (2, 29)))
    put(runtime.store, old, young, an_entry(3, "payroll"), an_entry(4, "payroll"))
    sweep(runtime)
    assert read(runtime.store, old) is None
    assert read(runtime.store, young) is not None
    runtime.now.later += 31 * DAY  # type: ignore[attr-defined]
    sweep(runtime)
    assert read(runtime.store, young) is None
    assert found(runtime.store, an_entry(9, "payroll")) == {"3", "4"}


def test_a_ticket_that_turns_out_to_be_no_report_leaves_the_index(desk: test_gap_sweep.Desk) -> None:
    ref = desk.new("Congratulations! You have won a free voucher, claim your prize now: http://prize.example/claim")
    put(desk.runtime.store, an_entry(ref, created_at=desk.runtime.now()))
    desk.look()
    desk.work()
    assert read(desk.runtime.store, an_entry(ref)) is None


def test_an_issue_that_became_engineering_s_leaves_the_index(running: Sandbox, tmp_path: Path) -> None:
    login: dict[str, Any] = {"email": "firstline@sandbox.example", "token": SecretStr("sandbox")}
    site = JiraAccount(url=f"{running.url}/jira", projects=("SUP",), **login)
    clock = test_gap_sweep.Clock(lambda: datetime.now(UTC))
    desk = test_gap_sweep.Desk(running, test_gap_sweep.built(tmp_path, clock, {"acme": site}))
    given = {"subject": "Help", "body": "The payroll export fails with an error.", "requester": "Ann"}
    ref = Ref("jira", "acme", desk.control("POST", "jira/issues", given)["rendered"]["key"])
    desk.look()
    desk.work()
    store = desk.runtime.store
    assert read(store, an_entry(ref)) is not None
    hanging = Ticket(ref=Ref("zendesk", "acme", "1"), subject="s", body="b", created_at=NOW, updated_at=NOW)
    store.link(hanging, LinkedIssue(ref, "escalation"), desk.runtime.now())
    store.record(Event(ref, "updated", "d1"), "x", desk.runtime.now())
    assert desk.work() == ["observed"]
    assert read(store, an_entry(ref)) is None
    store.close()


@pytest.mark.policy("S4-11")
def test_a_ticket_whose_webhook_never_came_gets_into_the_index(desk: test_gap_sweep.Desk) -> None:
    ref = desk.new("The payroll export fails with error E-4711 since this morning.")
    desk.look()
    desk.work()
    kept = read(desk.runtime.store, an_entry(ref))
    assert kept is not None
    assert kept.space == "acme"
    desk.control("POST", f"zendesk/tickets/{ref.id}/edit", {"status": "solved"})
    desk.look()
    desk.work()
    solved = read(desk.runtime.store, an_entry(ref))
    assert solved is not None
    assert solved.over_at is not None
    desk.control("DELETE", f"zendesk/tickets/{ref.id}")
    desk.look()
    desk.work()
    assert read(desk.runtime.store, an_entry(ref)) is None
