"""``triage policy`` as an admin meets it: what holds, where it comes from, what differs, why a ticket is decided so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.runtime import Runtime
from app.store.migrate import migrate
from app.store.store import Store
from app.triage import records
from app.triage.decision import Context
from app.triage.engine import decide
from app.triage.ticket import Event, Ref, Ticket
from config.settings import Settings
from tests.conftest import NOW, ROOT
from tests.contract.test_command_line import OUTAGE, QUESTION, triage

MINE = "extends: unified\npack: {name: mine, version: '7', source: house rules}\ndemand: {product_review: 9}\n"
TELL_ALL = "rules:\n  notifications:\n    - {name: tell-all, then: {roles: [csm]}}\n"


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE)
    return str(path)


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "rules.yaml"
    path.write_text("demand: {product_review: 8}\nl4: {auto: true}\n" + TELL_ALL)
    return str(path)


@pytest.fixture
def database(tmp_path: Path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path}/store.db"
    migrate(url)
    return {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0"}


def shown(*words: str, **env: str) -> dict[str, tuple[object, str]]:
    """Value and origin by path, as ``show --origin`` says."""
    out = triage("policy", "show", *words, "--origin", "--format", "json", env=env)
    assert out.returncode == 0, out.stderr
    return {one["path"]: (one["value"], one["origin"]) for one in json.loads(out.stdout)}


@pytest.mark.policy("U-11")
def test_the_environment_lies_over_the_rules_file_and_that_over_the_pack(mine: str, rules: str) -> None:
    path, variable = "demand.product_review", "TRIAGE_DEMAND__PRODUCT_REVIEW"
    assert shown("unified")[path][0] == 5
    assert shown(TRIAGE_POLICY=mine)[path] == (9, "mine.yaml:3:10")
    assert shown(TRIAGE_POLICY=mine, TRIAGE_RULES_FILE=rules)[path] == (8, "rules.yaml:1:10")
    values = shown(TRIAGE_POLICY=mine, TRIAGE_RULES_FILE=rules, **{variable: "6"})
    assert values[path] == (6, f"environment {variable}")
    assert values["l4.auto"] == (True, "rules.yaml:2:6")
    assert values["rules.notifications.tell-all.then.roles"] == (["csm"], "rules.yaml:5:31")
    assert values["pack.effective"] == ("", "default")
    assert values["upgrade.churn.max"][1].startswith("unified.yaml:")


def test_a_named_pack_is_read_by_itself(mine: str, rules: str) -> None:
    env = {"TRIAGE_RULES_FILE": rules, "TRIAGE_DEMAND__PRODUCT_REVIEW": "6"}
    assert shown(mine, **env)["demand.product_review"] == (9, "mine.yaml:3:10")


def test_origins_are_shown_one_value_a_line(mine: str) -> None:
    out = triage("policy", "show", mine, "--origin")
    assert "demand.product_review: 9  # mine.yaml:3:10" in out.stdout.splitlines()
    assert all("  # " in line for line in out.stdout.splitlines())


@pytest.mark.policy("U-11")
def test_brands_have_their_own_policy_in_decide_and_show(mine: str) -> None:
    env = {"TRIAGE_POLICY_BY_BRAND": f"OPS:{mine}"}
    lines = "\n".join(json.dumps({**QUESTION, "brand": brand}) for brand in ("ops", "OPS", "web", ""))
    out = triage("decide", given=lines, env=env)
    assert [json.loads(line)["policy"].split("@")[0] for line in out.stdout.splitlines()] == [
        "mine",
        "mine",
        "unified",
        "unified",
    ]
    assert shown("--brand", "ops", **env)["pack.name"][0] == "mine"
    assert shown("--brand", "web", **env)["pack.name"][0] == "unified"


@pytest.mark.parametrize(
    ("env", "where", "mend"),
    [
        ({"TRIAGE_DEMAND__PRODUCT_REVEIW": "6"}, "environment TRIAGE_DEMAND__PRODUCT_REVEIW", "PRODUCT_REVIEW?"),
        ({"TRIAGE_LOG_FORMTA": "json"}, "environment TRIAGE_LOG_FORMTA", "TRIAGE_LOG_FORMAT?"),
        ({"TRIAGE_DEMAND__PRODUCT_REVIEW": "no"}, "environment TRIAGE_DEMAND__PRODUCT_REVIEW", "whole number"),
        ({"TRIAGE_POLICY_BY_BRAND": "ops:nosuch"}, "TRIAGE_POLICY_BY_BRAND", "unified"),
        ({"TRIAGE_POLICY_BY_BRAND": "ops"}, "TRIAGE_POLICY_BY_BRAND", "brand:pack"),
        ({"TRIAGE_POLICY": "nosuch"}, "TRIAGE_POLICY", "unified"),
        ({"TRIAGE_RULES_FILE": "nosuch.yaml"}, "TRIAGE_RULES_FILE", "path"),
        ({"TRIAGE_RULES_FILE": "{bad}"}, "bad.yaml:1:1", "did you mean 'demand'?"),
        ({"TRIAGE_POLICY_BY_BRAND": "ops:{twin}"}, "TRIAGE_POLICY_BY_BRAND", "its own name"),
    ],
)
@pytest.mark.parametrize("door", ["serve", "worker"])
def test_a_policy_that_cannot_be_used_stops_the_start_with_place_and_mend(
    tmp_path: Path, door: str, env: dict[str, str], where: str, mend: str
) -> None:
    bad, twin = tmp_path / "bad.yaml", tmp_path / "twin.yaml"
    bad.write_text("demnad: {}\n")
    twin.write_text("extends: unified\npack: {name: unified, version: '1'}\n")
    given = {name: text.replace("{bad}", str(bad)).replace("{twin}", str(twin)) for name, text in env.items()}
    out = triage(door, env={**given, "DATABASE_URL": f"sqlite:///{tmp_path}/store.db"})
    assert out.returncode == 3, out.stderr
    assert f"where: {where}" in out.stderr
    assert mend in out.stderr
    assert "Traceback" not in out.stderr


def test_a_value_in_the_env_file_counts_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TRIAGE_DEMAND__PRODUCT_REVIEW=6\n")
    out = triage("policy", "diff", "unified", cwd=tmp_path)
    assert (out.returncode, out.stdout) == (1, "~ demand.product_review: 5 -> 6\n")


def test_diff_names_each_difference_on_a_line_and_its_exit_code_is_diffs(mine: str) -> None:
    same = triage("policy", "diff", "unified")
    assert (same.returncode, same.stdout) == (0, "")
    out = triage("policy", "diff", "unified", mine)
    assert out.returncode == 1
    assert "~ demand.product_review: 5 -> 9" in out.stdout.splitlines()
    assert '~ pack.name: "unified" -> "mine"' in out.stdout.splitlines()
    knobs = {
        "TRIAGE_WORDS__PRODUCT": '["...", "kiosk"]',
        "TRIAGE_RULES__TAGS__IDEA__OFF": "true",
        "TRIAGE_RULES__NOTIFICATIONS": '[{"name": "tell-all", "then": {"roles": ["csm"]}}]',
    }
    lines = triage("policy", "diff", "unified", env=knobs).stdout.splitlines()
    assert '~ words.product: with ["kiosk"]' in lines
    assert any(line.startswith("- rules.tags.idea: {") for line in lines)
    assert any(line.startswith("+ rules.notifications.tell-all: {") for line in lines)
    assert len(lines) == 3
    found = json.loads(triage("policy", "diff", "unified", "--format", "json", env=knobs).stdout)
    assert [one[0] for one in found] == ["words.product", "rules.notifications.tell-all", "rules.tags.idea"]
    assert triage("policy", "diff", "nosuch").returncode == 3


@pytest.mark.policy("S0-80")
def test_explain_shows_every_step_from_the_words_to_the_plan(tmp_path: Path) -> None:
    file = tmp_path / "ticket.json"
    file.write_text(json.dumps({**OUTAGE, "body": OUTAGE["body"] + " No data was lost.\x1b[31m"}, indent=2))
    out = triage("policy", "explain", str(file))
    assert (out.returncode, out.stderr) == (0, "")
    text = out.stdout
    for part in (
        "Policy unified 2",
        "“The whole service is down” (body 0-25)",
        "data_missing: negated",
        "YES  service-down -> severity P0",
        "facts outage: fact outage",
        "no   fraud-bait: unmet: facts spam",
        "more stand after it and were not asked",
        "Outcome: P0 · Reliability",
        "\n  it would be ",
        "add_note",
    ):
        assert part in text, part
    assert "\x1b" not in text


def test_explain_reads_standard_input_takes_a_policy_and_answers_in_json(mine: str) -> None:
    out = triage("policy", "explain", "--policy", mine, "--format", "json", given=json.dumps(OUTAGE))
    found = json.loads(out.stdout)
    assert found["decision"]["severity"] == "P0"
    assert found["policy"]["stamp"] == "mine 7, house rules"
    assert {"severity", "upgrades", "routes", "escalations", "tags"} <= {group["name"] for group in found["groups"]}


@pytest.mark.parametrize("given", ["", "[]", "{}", '{"id": 1}', "\xff"])
def test_explain_of_what_is_no_ticket_says_so(given: str) -> None:
    out = triage("policy", "explain", given=given)
    assert out.returncode == 1
    assert out.stderr.startswith("<stdin>: ")
    assert "Traceback" not in out.stderr


def loaded(env: dict[str, str], **variables: str) -> Runtime:
    """A process that starts under these variables and writes down its policies."""
    settings = Settings(_env_file=None, database_url=env["DATABASE_URL"], rules_file=variables.pop("rules", ""))  # type: ignore[call-arg]
    runtime = Runtime(settings, variables, now=lambda: NOW)
    runtime.record_policies()
    runtime.store.close()
    return runtime


def test_history_lists_each_change_with_origin_and_what_changed(database: dict[str, str], rules: str) -> None:
    empty = triage("policy", "history", env=database)
    assert (empty.returncode, empty.stdout) == (0, "")
    loaded(database)
    loaded(database)
    loaded(database, rules=rules, TRIAGE_RULES__TAGS__IDEA__OFF="true")
    out = triage("policy", "history", env=database)
    lines = out.stdout.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert len(heads) == 2
    assert heads[0].startswith("2026-03-02 10:00 UTC  unified 2 (")
    assert "rules.yaml" in heads[0]
    assert "environment TRIAGE_RULES__TAGS__IDEA__OFF" in heads[0]
    assert "    ~ demand.product_review: 5 -> 8" in lines
    assert any(line.startswith("    - rules.tags.idea: ") for line in lines)
    newest, oldest = json.loads(triage("policy", "history", "--format", "json", env=database).stdout)
    assert oldest["diff"] == []
    assert ["demand.product_review", 5, 8] in newest["diff"]
    assert len(json.loads(triage("policy", "history", "--most", "1", "--format", "json", env=database).stdout)) == 1


def test_a_start_says_its_policy_and_writes_it_down(tmp_path: Path, database: dict[str, str]) -> None:
    code = "import app.cli.processes as p; p._checked()"
    for env, said in ((database, ""), ({"DATABASE_URL": f"sqlite:///{tmp_path}/never.db"}, "not recorded")):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
        out = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
            env={**clean, **env, "TRIAGE_L4__AUTO": "true", "TRIAGE_LOG_FORMAT": "json"},
        )  # fmt: skip
        assert out.returncode == 0, out.stderr
        said_lines = [json.loads(line) for line in out.stderr.splitlines()]
        assert said_lines[0]["event"] == "policy"
        assert "environment TRIAGE_L4__AUTO" in said_lines[0]["where"]
        assert len(said_lines[0]["digest"]) == 12
        assert [line["event"] for line in said_lines[1:]] == (["policy not recorded"] if said else [])
    store = Store(database["DATABASE_URL"])
    assert [one.name for one in store.loaded_policies()] == ["unified"]
    store.close()


@pytest.mark.policy("S1-01")
def test_explain_of_a_ticket_shows_the_stamp_it_was_decided_under(database: dict[str, str], mine: str) -> None:
    settings = Settings(_env_file=None, database_url=database["DATABASE_URL"], policy_by_brand={"ops": mine})  # type: ignore[call-arg]
    runtime = Runtime(settings)
    ticket = Ticket(
        ref=Ref("jira", "acme", "OPS-1"), subject="Export", body="How do I export?", created_at=NOW, updated_at=NOW,
        brand="OPS",
    )  # fmt: skip
    runtime.store.record(Event(ticket.ref, "created", "d1"), "x", NOW)
    lease = runtime.store.lease(ticket.ref, NOW, 60)
    assert lease is not None
    decision = decide(ticket, Context(), runtime.policy_for(ticket), NOW)
    runtime.store.remember(lease, NOW, decision=records.to_json(decision), ticket=ticket)
    runtime.store.close()
    out = triage("explain", str(ticket.ref), env={**database, "TRIAGE_POLICY_BY_BRAND": f"ops:{mine}"})
    assert f"policy mine 7, house rules ({decision.policy_digest})" in out.stdout
