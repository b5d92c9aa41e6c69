"""``triage policy check`` as an admin meets it: findings with place and mend, a summary, and an exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.contract.test_command_line import triage

HEAD = "extends: unified\npack: {name: mine, version: '1', source: house rules}\n"
BAD_TAG = "rules:\n  tags:\n    - {name: spaced, then: {tags: [two words]}, source: house rules}\n"
BAD_EXAMPLE = "examples:\n  - {name: fine, body: hello}\n  - {name: odd, body: hello, severity: [P0]}\n"
BRAND = "rules: {{routes: [{{name: kiosks, when: {{brand: [{}]}}, then: {{destination: technical}}, source: mine}}]}}\n"
ACCOUNT = {
    "TRIAGE_ZENDESK__ACME__SUBDOMAIN": "acme",
    "TRIAGE_ZENDESK__ACME__EMAIL": "worker@acme.example",
    "TRIAGE_ZENDESK__ACME__TOKEN": "t",
    "TRIAGE_ZENDESK__ACME__WEBHOOK_SECRET": "s",
}
LINE = re.compile(r"\S+:\d+:\d+: (error|warning)\[[a-z0-9-]+\] \S+: .+; .+")


def a_pack(folder: Path, text: str = "") -> str:
    path = folder / "mine.yaml"
    path.write_text(HEAD + text)
    return str(path)


def test_the_policy_that_is_shipped_has_warnings_at_most_and_says_what_it_holds() -> None:
    out = triage("policy", "check")
    assert out.returncode == 0, out.stdout
    assert all(LINE.fullmatch(line) for line in out.stdout.splitlines())
    assert "error[" not in out.stdout
    assert re.search(
        r"^unified \S+ \([0-9a-f]{12}\): \d+ rules, \d+ facts, \d+ examples, 0 failing, \d+ known misses$",
        out.stderr,
        re.MULTILINE,
    )
    assert re.search(r"^0 errors, \d+ warnings$", out.stderr, re.MULTILINE)


def test_an_error_is_told_by_file_line_and_mend_before_all_warnings_and_fails(tmp_path: Path) -> None:
    out = triage("policy", "check", a_pack(tmp_path, BAD_TAG))
    assert out.returncode == 1
    first, *others = out.stdout.splitlines()
    assert re.match(r"mine\.yaml:5:\d+: error\[illegal-tag\] rules\.tags\.spaced\.\S+: .*two words.*; .+", first)
    assert any("warning[no-calendar]" in line for line in others)


@pytest.mark.policy("C-04")
def test_warnings_fail_only_when_they_are_asked_to(tmp_path: Path) -> None:
    pack = a_pack(tmp_path)
    out = triage("policy", "check", pack)
    assert (out.returncode, "warning[no-calendar]" in out.stdout) == (0, True)
    assert triage("policy", "check", pack, "--strict").returncode == 1


def test_an_example_that_comes_out_otherwise_is_told_by_its_own_line(tmp_path: Path) -> None:
    out = triage("policy", "check", a_pack(tmp_path, BAD_EXAMPLE))
    assert out.returncode == 1
    assert out.stdout.startswith("mine.yaml:5:5: error[example-fails] examples.odd: severity is P3, not P0; ")
    assert "2 examples, 1 failing" in out.stderr


def test_an_example_whose_ticket_cannot_be_read_fails_like_any_other(tmp_path: Path) -> None:
    out = triage("policy", "check", a_pack(tmp_path, "examples: [{name: odd, given: {created_at: yesterday}}]\n"))
    assert out.returncode == 1
    assert out.stdout.startswith("mine.yaml:3:12: error[example-fails] examples.odd: its ticket cannot be read: ")
    assert "Traceback" not in out.stderr


def test_examples_in_the_file_beside_the_pack_are_run_too(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "mine.yaml").write_text(BAD_EXAMPLE)
    out = triage("policy", "check", a_pack(tmp_path))
    assert out.returncode == 1
    assert out.stdout.startswith("examples/mine.yaml:3:5: error[example-fails] examples.odd: ")


def test_findings_can_be_had_as_json(tmp_path: Path) -> None:
    out = triage("policy", "check", a_pack(tmp_path, BAD_EXAMPLE), "--format", "json")
    assert out.returncode == 1
    found = json.loads(out.stdout)
    assert found[0].keys() == {"code", "severity", "path", "place", "sentence", "mend"}
    assert (found[0]["code"], found[0]["severity"], found[0]["place"]) == ("example-fails", "error", "mine.yaml:5:5")


def test_every_policy_in_force_is_checked_and_what_they_share_is_told_once(tmp_path: Path) -> None:
    out = triage("policy", "check", env={"TRIAGE_POLICY_BY_BRAND": f"OPS:{a_pack(tmp_path, BAD_TAG)}"})
    assert out.returncode == 1
    assert {line.split(" ", 1)[0] for line in out.stderr.splitlines() if "rules," in line} == {"mine", "unified"}
    lines = out.stdout.splitlines()
    assert len(lines) == len(set(lines))
    assert "error[illegal-tag]" in lines[0]


@pytest.mark.parametrize("text", ["rulse: {}\n", "examples: [{nmae: x}]\n", "rules: [\n"])
def test_a_pack_that_cannot_be_used_is_another_matter_than_one_that_is_wrong(tmp_path: Path, text: str) -> None:
    out = triage("policy", "check", a_pack(tmp_path, text))
    assert out.returncode == 3
    assert "where: mine.yaml:" in out.stderr
    assert "Traceback" not in out.stderr


def test_a_pack_that_does_not_exist_is_named_with_those_that_do() -> None:
    out = triage("policy", "check", "unfied")
    assert out.returncode == 3
    assert "unified" in out.stderr


def test_teams_are_looked_for_among_the_groups_that_exist_when_those_are_known(tmp_path: Path) -> None:
    groups = tmp_path / "groups.json"
    known = triage("policy", "show", "unified", "--format", "json").stdout
    pack = json.loads(known)
    teams = [part["team"] for part in (*pack["destinations"].values(), *pack["bundles"].values())]
    groups.write_text(json.dumps(teams))
    assert triage("policy", "check", "unified", "--groups", str(groups)).returncode == 0
    groups.write_text(json.dumps([*(team for team in teams if team != teams[0]), teams[0] + "s"]))
    out = triage("policy", "check", "unified", "--groups", str(groups))
    assert out.returncode == 1
    assert re.match(r"unified\.yaml:\d+:\d+: error\[unknown-group\] destinations\.", out.stdout)
    assert f"did you mean '{teams[0]}s'?" in out.stdout


def test_an_account_that_names_a_team_otherwise_is_asked_for_that_name_and_brands_for_themselves(
    tmp_path: Path,
) -> None:
    groups, env = tmp_path / "groups.json", dict(ACCOUNT)
    known = json.loads(triage("policy", "show", "unified", "--format", "json").stdout)
    teams = {part["team"] for part in (*known["destinations"].values(), *known["bundles"].values())}
    finance = known["destinations"]["finance"]["team"]
    groups.write_text(json.dumps({"zendesk:acme": ["Billing desk", *(teams - {finance})], "brands": ["KIOSK"]}))
    pack = a_pack(tmp_path, BRAND.format("KIOSK"))
    out = triage("policy", "check", pack, "--groups", str(groups), env=env)
    assert out.returncode == 1
    assert re.search(
        r"^unified\.yaml:\S+ error\[unknown-group\] destinations\.finance\.team: .*zendesk:acme", out.stdout
    )
    env["TRIAGE_ZENDESK__ACME__GROUPS"] = '{"finance": "Billing desk"}'
    assert triage("policy", "check", pack, "--groups", str(groups), env=env).returncode == 0
    pack = a_pack(tmp_path, BRAND.format("KISOK"))
    assert "error[unknown-brand]" in triage("policy", "check", pack, "--groups", str(groups), env=env).stdout


def test_a_list_of_groups_is_for_the_accounts_that_have_groups(tmp_path: Path) -> None:
    groups = tmp_path / "groups.json"
    groups.write_text("[]")
    site = {"TRIAGE_JIRA__SITE__URL": "https://jira.example", "TRIAGE_JIRA__SITE__TOKEN": "x"}
    out = triage("policy", "check", "unified", "--groups", str(groups), env={**ACCOUNT, **site})
    assert out.returncode == 1
    told = [line for line in out.stdout.splitlines() if "error[unknown-group]" in line]
    assert len(told) >= 6
    assert all("at zendesk:acme" in line for line in told)


@pytest.mark.parametrize("text", ["{", '"Tier 1"', "[1]", '{"zendesk:acme": "Tier 1"}'])
def test_a_file_of_groups_that_holds_something_else_is_refused(tmp_path: Path, text: str) -> None:
    groups = tmp_path / "groups.json"
    groups.write_text(text)
    out = triage("policy", "check", "unified", "--groups", str(groups))
    assert out.returncode == 2
    assert "groups.json is not" in out.stderr
