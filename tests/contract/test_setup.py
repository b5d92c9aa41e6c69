"""``triage setup``: what is missing is made, once, after asking; what is there is never changed."""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from pydantic import SecretStr
from werkzeug.serving import make_server

from app.cli.main import exit_code
from app.errors import OutcomeUnknown, Refused
from app.runtime import Runtime
from app.sandbox.faults import Fault
from app.sandbox.server import Sandbox
from app.store.migrate import migrate
from app.triage.ticket import Ref
from app.vendors.jira import setup as jira_setup
from app.vendors.jira.client import JiraClient
from app.vendors.jira.payload import ACCEPTED as JIRA_EVENTS
from app.vendors.wanted import FIELDS, Wanted, field_title
from app.vendors.zendesk import setup as zendesk_setup
from app.vendors.zendesk.client import ZendeskClient
from app.vendors.zendesk.payload import ACCEPTED as ZENDESK_EVENTS
from app.web import create_app
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.contract import vendor_specs
from tests.contract.commands import accounts, env_of, error_of, triage

URL = "https://firstline.example"
VENDORS = ("zendesk", "jira")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        yield running


def made(sandbox: Sandbox) -> list[tuple[str, str]]:
    """What was made, in order."""
    return [(one["method"], one["path"].rpartition("/")[2]) for one in sandbox.journal.writes()]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_dry_run_shows_the_plan_and_makes_nothing(sandbox: Sandbox, vendor: str) -> None:
    shown = triage("setup", vendor, "--url", URL, "--dry-run", env=accounts(sandbox))
    assert shown.exit_code == 0
    assert f"POST to {URL}/webhooks/{vendor}/acme" in shown.stdout
    assert sum(line.startswith("make") for line in shown.stdout.splitlines()) == 1 + len(FIELDS)
    assert "SECRET" not in shown.output
    assert made(sandbox) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_second_run_with_the_printed_lines_finds_nothing_to_do(sandbox: Sandbox, vendor: str) -> None:
    env = accounts(sandbox)
    first = triage("setup", vendor, "--url", URL, "--yes", env=env)
    assert first.exit_code == 0, first.output
    lines = env_of(first.stdout)
    prefix = f"TRIAGE_{vendor.upper()}__ACME__"
    assert lines.keys() == {f"{prefix}WEBHOOK_SECRET", f"{prefix}FIELDS"}
    assert json.loads(lines[f"{prefix}FIELDS"]).keys() == set(FIELDS)
    before = made(sandbox)
    assert len(before) == 1 + len(FIELDS)
    for words in ((), ("--url", URL)):
        again = triage("setup", vendor, *words, env=env | lines)
        assert (again.exit_code, again.stdout) == (0, ""), again.output
        assert "nothing to do" in again.stderr
    assert made(sandbox) == before


def test_nothing_is_made_without_a_yes(sandbox: Sandbox) -> None:
    refused = triage("setup", "zendesk", "--url", URL, env=accounts(sandbox), answer="n\n")
    assert refused.exit_code == 1
    assert made(sandbox) == []
    assert "SECRET" not in refused.output
    agreed = triage("setup", "zendesk", "--url", URL, env=accounts(sandbox), answer="y\n")
    assert agreed.exit_code == 0
    assert made(sandbox)[0] == ("POST", "webhooks")


def test_the_webhooks_are_told_of_every_kind_that_makes_us_look(sandbox: Sandbox) -> None:
    for vendor in VENDORS:
        assert triage("setup", vendor, "--url", URL, "--yes", env=accounts(sandbox)).exit_code == 0
    (zendesk,), (jira,) = sandbox.account.hooks, sandbox.site.hooks
    assert set(zendesk.subscriptions) == {f"zen:event-type:{kind}" for kind in ZENDESK_EVENTS}
    assert set(jira.events) == set(JIRA_EVENTS)
    assert (zendesk.url, jira.url) == (f"{URL}/webhooks/zendesk/acme", f"{URL}/webhooks/jira/acme")
    assert len(jira.secret) >= 32


def test_a_group_that_the_policy_names_is_made_under_the_name_that_the_account_gives_it(sandbox: Sandbox) -> None:
    groups = sandbox.account.records.groups
    for name in ("Engineering", "Security Team"):
        del groups[sandbox.account.records.group_by_name(name)["id"]]  # type: ignore[index]
    env = accounts(sandbox) | {"TRIAGE_ZENDESK__ACME__GROUPS": '{"engineering": "Builders"}'}
    assert triage("setup", "zendesk", "--url", URL, "--yes", env=env).exit_code == 0
    names = {one["name"] for one in groups.values()}
    assert {"Builders", "Security Team"} <= names
    assert "Engineering" not in names


def test_lines_go_to_a_file_that_is_named_and_only_those_it_lacks(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    new = triage("setup", "jira", "--url", URL, "--yes", "--write-env", str(file), env=accounts(sandbox))
    assert (new.exit_code, new.stdout) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = env_of(file.read_text())
    assert lines["TRIAGE_JIRA__ACME__WEBHOOK_SECRET"] == sandbox.site.hooks[0].secret
    file.write_text("# mine\nTRIAGE_ZENDESK__ACME__FIELDS='{}'\nA=1")
    more = triage("setup", "zendesk", "--url", URL, "--yes", "--write-env", str(file), env=accounts(sandbox))
    secret = sandbox.account.hooks[0].secret
    assert file.read_text() == (
        f"# mine\nTRIAGE_ZENDESK__ACME__FIELDS='{{}}'\nA=1\nTRIAGE_ZENDESK__ACME__WEBHOOK_SECRET={secret}\n"
    )
    assert env_of(more.stdout).keys() == {"TRIAGE_ZENDESK__ACME__FIELDS"}, "what a person must change is printed"
    assert secret not in more.output


def test_json_holds_the_steps_and_the_lines(sandbox: Sandbox) -> None:
    out = triage("setup", "zendesk", "--url", URL, "--yes", "--format", "json", env=accounts(sandbox))
    told = json.loads(out.stdout)
    assert told["steps"][0] == {
        "kind": "webhook", "name": "ticket events", "state": "make", "why": f"POST to {URL}/webhooks/zendesk/acme"
    }  # fmt: skip
    assert told["env"]["TRIAGE_ZENDESK__ACME__WEBHOOK_SECRET"] == sandbox.account.hooks[0].secret


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("zendesk",), "--url https://your-host"),
        (("zendesk", "--url", "http://firstline.example"), "https://"),
        (("zendesk", "--url", "firstline.example"), "https://your-host"),
        (("zendesk", "beta", "--url", URL), "no zendesk account is named 'beta'; configured: acme"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(sandbox: Sandbox, words: tuple[str, ...], said: str) -> None:
    out = triage("setup", *words, env=accounts(sandbox))
    assert out.exit_code == 2
    assert said in out.stderr
    assert made(sandbox) == []


def test_an_agent_who_is_no_administrator_is_told_so_and_nothing_is_made(sandbox: Sandbox) -> None:
    sandbox.account.records.caller("firstline@sandbox.example")["role"] = "agent"
    out = triage("setup", "zendesk", "--url", URL, "--dry-run", env=accounts(sandbox))
    assert "our user is no administrator" in out.stdout
    refused = error_of(triage("setup", "zendesk", "--url", URL, "--yes", env=accounts(sandbox)))
    assert isinstance(refused, Refused)
    assert "field 'label' was not made" in str(refused)
    sandbox.site.denied.add("ADMINISTER")
    out = triage("setup", "jira", "--url", URL, "--yes", env=accounts(sandbox))
    assert "our user is no administrator" in out.stderr
    assert made(sandbox) == []


def test_what_was_made_before_a_failure_is_handed_over_and_found_the_next_time(sandbox: Sandbox) -> None:
    sandbox.faults.arm(Fault("status:503", "jira", "POST", "/field", skip=2))
    broken = triage("setup", "jira", "--url", URL, "--yes", env=accounts(sandbox))
    assert isinstance(error_of(broken), OutcomeUnknown)
    lines = env_of(broken.stdout)
    assert lines["TRIAGE_JIRA__ACME__WEBHOOK_SECRET"] == sandbox.site.hooks[0].secret
    assert json.loads(lines["TRIAGE_JIRA__ACME__FIELDS"]).keys() == {"label", "second_label"}
    again = triage("setup", "jira", "--yes", env=accounts(sandbox) | lines)
    assert again.exit_code == 0, again.output
    assert [one["name"] for one in sandbox.site.made_fields] == [field_title(name) for name in FIELDS]
    assert len(sandbox.site.hooks) == 1


def test_the_secret_of_a_webhook_whose_answer_never_came_is_not_lost(sandbox: Sandbox) -> None:
    sandbox.faults.arm(Fault("drop_after_apply", "jira", "POST", "/rest/webhooks/"))
    lost = triage("setup", "jira", "--url", URL, "--yes", env=accounts(sandbox))
    assert exit_code(error_of(lost)) == 5  # type: ignore[arg-type]
    assert env_of(lost.stdout)["TRIAGE_JIRA__ACME__WEBHOOK_SECRET"] == sandbox.site.hooks[0].secret


def test_a_webhook_that_was_changed_by_a_person_is_left_alone(sandbox: Sandbox) -> None:
    for vendor in VENDORS:
        triage("setup", vendor, "--url", URL, "--yes", env=accounts(sandbox))
    zendesk, jira = sandbox.account.hooks[0], sandbox.site.hooks[0]
    zendesk.status, jira.enabled = "inactive", False
    before = made(sandbox)
    env = accounts(sandbox) | {"TRIAGE_JIRA__ACME__WEBHOOK_SECRET": jira.secret}
    for vendor, word in (("zendesk", "inactive"), ("jira", "disabled")):
        out = triage("setup", vendor, "--yes", env=env)
        assert out.exit_code == 1
        assert (
            f"cannot    webhook  {'ticket' if vendor == 'zendesk' else 'issue and comment'} events: it is {word}"
            in (out.stderr)
        )
    elsewhere = triage("setup", "zendesk", "--url", "https://other.example", "--yes", env=env)
    assert "it points at another address" in elsewhere.stderr
    assert made(sandbox) == before
    assert zendesk.url.startswith(URL)


def test_a_trigger_fires_for_everybody_but_us(sandbox: Sandbox) -> None:
    env = accounts(sandbox)
    first = triage("setup", "zendesk", "--trigger", "--url", URL, "--yes", env=env)
    assert first.exit_code == 0, first.output
    (hook,) = sandbox.account.hooks
    us = sandbox.account.records.caller("firstline@sandbox.example")["id"]
    assert hook.unless_by == us
    assert json.loads(hook.template) == {"ticket_id": "{{ticket.id}}", "current_user_id": "{{current_user.id}}"}
    again = triage("setup", "zendesk", "--trigger", env=env | env_of(first.stdout))
    assert "nothing to do" in again.stderr


def test_every_request_that_setting_up_makes_holds_against_the_vendors_descriptions(sandbox: Sandbox) -> None:
    for vendor in VENDORS:
        vendor_specs.available(vendor)
    sent: list[tuple[str, requests.PreparedRequest]] = []

    def watch(vendor: str, session: requests.Session) -> None:
        session.hooks["response"].append(lambda answer, **_: sent.append((vendor, answer.request)))

    user: dict[str, Any] = {"name": "acme", "email": "firstline@sandbox.example", "token": SecretStr("sandbox")}
    account = ZendeskAccount(url=f"{sandbox.url}/zendesk", **user)
    zendesk = ZendeskClient(account)
    watch("zendesk", zendesk._zenpy.tickets.session)
    hand = zendesk_setup.ZendeskSetup(zendesk, account)
    wanted = Wanted(("New group",), ())
    for step in zendesk_setup.plan(hand.there(), wanted, account, f"{URL}/webhooks/zendesk/acme", trigger=True).steps:
        hand.make(step, f"{URL}/webhooks/zendesk/acme")
    assert {step.state for step in zendesk_setup.plan(hand.there(), wanted, account, "", trigger=True).steps} == {
        "there"
    }
    assert hand.people(["1", "not a number"]) == {}

    site = JiraAccount(url=f"{sandbox.url}/jira", **user)
    jira = JiraClient(site)
    watch("jira", jira._jira._session)
    other = jira_setup.JiraSetup(jira, site)
    for made_step in jira_setup.plan(other.there(), site, f"{URL}/webhooks/jira/acme").steps:
        other.make(made_step, f"{URL}/webhooks/jira/acme", "s" * 32)
    us = jira.whoami()
    assert other.people([us, "nobody"]).keys() == {us}
    assert other.lacks(("EDIT_ISSUES",), "SUP") == ()
    assert len(sent) > 25
    for vendor, request in sent:
        assert vendor_specs.problems(vendor, request, f"{sandbox.url}/{vendor}") == [], request.url


@pytest.mark.parametrize("how", ["events", "trigger"])
def test_after_setting_up_an_empty_account_a_ticket_reaches_the_receiver(
    sandbox: Sandbox, tmp_path: Path, how: str
) -> None:
    """Nothing is typed by hand: the printed lines are the receiver's settings, and its answer to a delivery is 202."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    env = accounts(sandbox)
    for vendor in VENDORS:
        words = ("--trigger",) if (vendor, how) == ("zendesk", "trigger") else ()
        out = triage("setup", vendor, "--url", url, "--yes", *words, env=env)
        assert out.exit_code == 0, out.output
        env |= env_of(out.stdout)
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}='{value}'\n" for name, value in env.items()))
    database = f"sqlite:///{tmp_path}/store.db"
    migrate(database)
    settings = Settings(_env_file=str(file), database_url=database, redis_url="redis://127.0.0.1:1/0")  # type: ignore[call-arg]
    runtime = Runtime(settings)
    server.app = create_app(runtime)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        given = {"subject": "Down", "body": "Nothing works", "requester": "Ann"}
        for path in ("zendesk/tickets", "jira/issues"):
            requests.post(f"{sandbox.url}/control/{path}", json=given, timeout=5).raise_for_status()
        deadline = time.monotonic() + 20
        while sandbox.sender.pending() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [one["status"] for one in sandbox.sender.attempts()] == [202, 202]
        refs = runtime.store.due(runtime.now(), 10)
        assert set(refs) == {Ref("zendesk", "acme", "1001"), Ref("jira", "acme", "SUP-1")}
    finally:
        server.shutdown()
        server.server_close()
        runtime.store.close()


def test_a_data_center_of_version_10_has_its_webhooks_elsewhere_and_takes_the_secret_there() -> None:
    base, elsewhere = "https://jira.example", f"https://jira.example{jira_setup.HOOKS_OF_10}"
    site = JiraAccount(name="acme", url=base, deployment="server", token=SecretStr("t"))
    with responses.RequestsMock() as wire:
        wire.get(f"{base}/rest/api/2/myself", json={"name": "firstline"})
        wire.get(f"{base}/rest/api/2/field", json=[{"id": "summary", "name": "Summary"}])
        wire.get(f"{base}/rest/api/2/priority", json=[{"name": "High"}])
        wire.get(f"{base}/rest/api/2/status", json=[{"name": "Open"}])
        wire.get(f"{base}{jira_setup.HOOKS}", status=404)
        wire.get(elsewhere, json=[{"id": 1, "url": "https://other.example/hook", "events": [], "active": True}])
        wire.post(f"{base}{jira_setup.HOOKS}", status=404)
        wire.post(elsewhere, status=201, json={"id": 2})
        wire.get(f"{base}/rest/api/2/user", json={"name": "ann", "active": True})
        hand = jira_setup.JiraSetup(JiraClient(site), site)
        there = hand.there()
        target = f"{URL}/webhooks/jira/acme"
        step = jira_setup.plan(there, site, target).steps[0]
        assert (step.state, there.hooks) == ("make", ()), "another's webhook is not ours"
        assert hand.make(step, target, "our secret") == {"WEBHOOK_SECRET": "our secret"}
        sent = json.loads(wire.calls[-1].request.body or b"")
        assert (sent["url"], sent["configuration"], "secret" in sent) == (target, {"secret": "our secret"}, False)
        assert hand.people(["ann"]).keys() == {"ann"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_of_several_installations_at_one_account_each_knows_its_own_webhook(sandbox: Sandbox, vendor: str) -> None:
    """A second installation's webhook is never taken for ours, and never made beside ours without a person."""
    env = accounts(sandbox)
    ours = env_of(triage("setup", vendor, "--url", URL, "--yes", env=env).stdout)
    hooks = sandbox.account.hooks if vendor == "zendesk" else sandbox.site.hooks
    hooks.insert(0, replace(hooks[0], url=f"https://staging.example/webhooks/{vendor}/acme", secret="theirs", id="1"))  # type: ignore[type-var, arg-type]
    again = triage("setup", vendor, "--url", URL, env=env | ours)
    assert (again.exit_code, again.stdout) == (0, ""), again.output
    third = triage("setup", vendor, "--url", "https://third.example", "--yes", env=env | ours)
    assert "it points at another address" in third.stderr
    assert len(hooks) == 2
    found = json.loads(triage("doctor", "--format", "json", env=env | ours).stdout)
    assert "ill" not in {one["state"] for one in found if one["what"] in ("webhook", "signing secret")
                         and one["part"] == f"{vendor}:acme"}  # fmt: skip
