"""``triage doctor``: each thing that can be wrong is found, with its mend; nothing is written, nothing secret shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from app.cli import broker as brokers
from app.cli.doctor_parts import ILL_SECONDS, WARN_SECONDS, skew
from app.sandbox.desk_side import zendesk_create
from app.sandbox.server import Sandbox
from app.store.migrate import migrate
from app.store.store import Store
from app.triage.ticket import Event, Ref
from tests.contract.commands import accounts, env_of, triage

URL = "https://firstline.example"
Env = dict[str, str]
Found = dict[tuple[str, str], dict[str, str]]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        yield running


@pytest.fixture
def well(sandbox: Sandbox, tmp_path: Path, broker: brokers.Broker) -> Env:
    """The environment of an installation in which everything is well."""
    env = accounts(sandbox)
    for vendor in ("zendesk", "jira"):
        env |= env_of(triage("setup", vendor, "--url", URL, "--yes", env=env).stdout)
    env |= {"DATABASE_URL": f"sqlite:///{tmp_path}/store.db", "REDIS_URL": broker.url}
    migrate(env["DATABASE_URL"])
    store = Store(env["DATABASE_URL"])
    store.beat("worker", datetime.now(UTC))
    store.close()
    with redis.Redis.from_url(broker.url) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("appendonly", "yes")
    sandbox.journal.clear()
    return env


def examined(env: Env) -> tuple[int, Found]:
    """The exit code, and the findings by part and what."""
    out = triage("doctor", "--format", "json", env=env)
    assert out.exception is None or isinstance(out.exception, SystemExit), out.exception
    found = json.loads(out.stdout)
    for one in found:
        assert (one["mend"] != "") == (one["state"] in ("warn", "ill", "unknown")), one
    for name, value in env.items():
        if name.endswith(("SECRET", "TOKEN", "EMAIL")) and value != "sandbox":
            assert value not in out.output, name
    return out.exit_code, {(one["part"], one["what"]): one for one in found}


def ill(found: Found, state: str = "ill") -> set[tuple[str, str]]:
    return {key for key, one in found.items() if one["state"] == state}


def test_all_well_is_exit_code_0_and_writes_nothing_anywhere(
    sandbox: Sandbox, well: Env, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.rglob("*") if "store.db" not in path.name)
    code, found = examined(well)
    assert ill(found) == ill(found, "warn") == set()
    assert code == 0
    assert found["settings", "policy"]["why"].startswith("unified")
    assert found["zendesk:acme", "mode"]["why"].startswith("shadow")
    assert found["zendesk:acme", "signing secret"]["state"] == "ok"
    for part in ("zendesk:acme", "jira:acme"):
        assert (found[part, "statuses"]["state"], found[part, "statuses"]["why"]) == (
            "fact",
            "none here means review (Review)",
        )
    assert found["store", "tables"]["state"] == found["processes", "sweep"]["state"] == "ok"
    assert sandbox.journal.writes() == []
    assert sorted(path.name for path in tmp_path.rglob("*") if "store.db" not in path.name) == before


def test_the_text_has_a_line_for_each_and_its_mend_below(sandbox: Sandbox, well: Env) -> None:
    sandbox.account.hooks.clear()
    out = triage("doctor", env=well)
    assert out.exit_code == 1
    lines = out.stdout.splitlines()
    at = lines.index("ILL   zendesk:acme: webhook: none leads to our path")
    assert lines[at + 1] == "      mend: run `triage setup zendesk acme`"
    assert "1 ill" in out.stderr


def test_clocks_that_move_tickets_want_the_permission_for_it(sandbox: Sandbox, well: Env) -> None:
    sandbox.site.denied.add("TRANSITION_ISSUES")
    _, found = examined(well)
    lacking = [one["why"] for (part, what), one in found.items() if part == "jira:acme" and "permissions" in what]
    assert any("TRANSITION_ISSUES" in why for why in lacking)


def wrong_at_zendesk(sandbox: Sandbox, env: Env) -> dict[str, str]:
    records = sandbox.account.records
    records.caller("firstline@sandbox.example").update(ticket_restriction="groups", only_private_comments=True)
    sandbox.account.hooks[0].status, sandbox.account.hooks[0].secret = "inactive", "another"
    del records.groups[records.group_by_name("Engineering")["id"]]  # type: ignore[index]
    prefix = "TRIAGE_ZENDESK__ACME__"
    env[prefix + "FIELDS"] = '{"severity": "360001"}'
    env[prefix + "PEOPLE"] = json.dumps({"csm": [str(records.customer("Ann")["id"])]})
    return {
        "tickets": "all tickets", "replies": "TRIAGE_OFF=reply", "webhook": "activate it",
        "signing secret": prefix + "WEBHOOK_SECRET", "group": prefix + "GROUPS", "field": prefix + "FIELDS",
        "person": prefix + "PEOPLE",
    }  # fmt: skip


def wrong_at_jira(sandbox: Sandbox, env: Env) -> dict[str, str]:
    sandbox.site.hooks[0].enabled = False
    sandbox.site.denied.add("LINK_ISSUES")
    prefix = "TRIAGE_JIRA__ACME__"
    del env[prefix + "WEBHOOK_SECRET"]
    env[prefix + "FIELDS"] = '{"severity": "customfield_1"}'
    env[prefix + "AGENTS"] = '{"Engineering": [{"id": "nobody"}]}'
    env[prefix + "PROJECTS"] = '["GONE", "SUP"]'
    env[prefix + "TRIAGED_STATUS"] = "Sorted"
    env["TRIAGE_PRIORITY__JIRA__P0"] = "Blocker"
    return {
        "webhook": "enable it", "signing secret": prefix + "WEBHOOK_SECRET", "field": prefix + "FIELDS",
        "person": prefix + "AGENTS", "permissions in SUP": "permission scheme", "permissions in GONE": "PROJECTS",
        "status": "TRIAGED_STATUS", "priority": "priority.jira",
    }  # fmt: skip


def no_role(sandbox: Sandbox, env: Env) -> dict[str, str]:
    sandbox.account.records.caller("firstline@sandbox.example")["role"] = "end-user"
    return {"role": "administrator"}


def no_hook(sandbox: Sandbox, env: Env) -> dict[str, str]:
    sandbox.site.hooks.clear()
    return {"webhook": "triage setup jira acme"}


def wrong_token(sandbox: Sandbox, env: Env) -> dict[str, str]:
    env["TRIAGE_ZENDESK__ACME__TOKEN"] = "wrong"
    return {"credentials": "TOKEN"}


def nobody_there(sandbox: Sandbox, env: Env) -> dict[str, str]:
    env["TRIAGE_JIRA__ACME__URL"] = "http://127.0.0.1:1"
    return {"reachable": "network"}


def no_tables(sandbox: Sandbox, env: Env) -> dict[str, str]:
    env["DATABASE_URL"] += ".new"
    return {"tables": "triage migrate"}


def no_broker(sandbox: Sandbox, env: Env) -> dict[str, str]:
    env["REDIS_URL"] = "redis://127.0.0.1:1/0"
    return {"broker": "REDIS_URL"}


def a_broker_that_forgets(sandbox: Sandbox, env: Env) -> dict[str, str]:
    with redis.Redis.from_url(env["REDIS_URL"]) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    return {"maxmemory-policy": "noeviction"}


def no_sweep(sandbox: Sandbox, env: Env) -> dict[str, str]:
    store = Store(env["DATABASE_URL"])
    store.beat("worker", datetime.now(UTC) - timedelta(hours=1))
    store.close()
    return {"sweep": "triage worker"}


@pytest.mark.parametrize(
    ("part", "hurt"),
    [
        ("zendesk:acme", wrong_at_zendesk),
        ("zendesk:acme", no_role),
        ("zendesk:acme", wrong_token),
        ("jira:acme", wrong_at_jira),
        ("jira:acme", no_hook),
        ("jira:acme", nobody_there),
        ("store", no_tables),
        ("broker", no_broker),
        ("broker", a_broker_that_forgets),
        ("processes", no_sweep),
    ],
)
def test_each_thing_that_is_wrong_is_found_alone_and_its_mend_said(
    sandbox: Sandbox, well: Env, part: str, hurt: Callable[[Sandbox, Env], dict[str, str]]
) -> None:
    mends = hurt(sandbox, well)
    code, found = examined(well)
    assert code == 1
    assert ill(found) == {(part, what) for what in mends}
    for what, mend in mends.items():
        assert mend in found[part, what]["mend"]
    assert sandbox.journal.writes() == []


def test_a_policy_that_does_not_load_is_said_with_its_mend(well: Env) -> None:
    code, found = examined(well | {"TRIAGE_POLICY": "nonesuch"})
    assert code == 1
    assert "unified" in found["settings", "settings"]["mend"]


def test_an_account_of_engineerings_that_does_not_exist_is_said_with_its_mend(well: Env) -> None:
    code, found = examined(well | {"TRIAGE_ZENDESK__ACME__ENGINEERING": "elsewhere"})
    assert code == 1
    assert "name a Jira account (acme)" in found["settings", "settings"]["mend"]


def test_an_agent_is_told_that_the_export_is_for_administrators(sandbox: Sandbox, well: Env) -> None:
    sandbox.account.records.caller("firstline@sandbox.example")["role"] = "agent"
    code, found = examined(well)
    assert ill(found, "warn") == {("zendesk:acme", "export")}
    assert ill(found, "unknown") == {("zendesk:acme", "webhook")}, "which is for administrators to see, too"
    assert code == 0


def test_deliveries_that_failed_and_tickets_that_wait_are_warnings(sandbox: Sandbox, well: Env) -> None:
    store = Store(well["DATABASE_URL"])
    ref, now = Ref("jira", "acme", "SUP-1"), datetime.now(UTC)
    store.record(Event(ref, "created", "d1"), "0" * 64, now)
    lease = store.lease(ref, now, 60)
    assert lease is not None
    store.park(lease, now, "refused", "no such field")
    store.close()
    sandbox.account.hooks[0].url = "http://127.0.0.1:1/webhooks/zendesk/acme"
    zendesk_create(sandbox.account, {"subject": "Down", "body": "Nothing works", "requester": "Ann"})
    while sandbox.sender.pending():
        time.sleep(0.01)
    code, found = examined(well)
    assert ill(found, "warn") == {("processes", "parked"), ("zendesk:acme", "deliveries")}
    assert found["zendesk:acme", "deliveries"]["why"] == "1 of the last hundred failed"
    assert code == 0


def test_a_broker_that_may_not_be_asked_is_unknown_and_no_fault(sandbox: Sandbox, well: Env) -> None:
    with redis.Redis.from_url(well["REDIS_URL"]) as client:
        client.acl_setuser("guest", enabled=True, passwords=["+guest"], commands=["+@all", "-config"], keys=["*"])
    address = well["REDIS_URL"].rsplit("@", 1)[1]
    code, found = examined(well | {"REDIS_URL": f"redis://guest:guest@{address}"})
    assert ill(found, "unknown") == {("broker", "maxmemory-policy"), ("broker", "appendonly")}
    assert code == 0


def test_clocks_that_part_are_a_warning_and_then_a_fault() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for seconds, state in ((0, "ok"), (WARN_SECONDS, "ok"), (31, "warn"), (-31, "warn"), (ILL_SECONDS + 1, "ill")):
        assert skew("clock", now + timedelta(seconds=seconds), now).state == state


def test_the_clock_of_a_postgresql_server_is_compared_with_ours(well: Env, postgres: str) -> None:
    migrate(postgres)
    code, found = examined(well | {"DATABASE_URL": postgres})
    assert found["store", "clock"]["state"] == "ok"
    assert ill(found) == {("processes", "sweep")}
    assert code == 1
