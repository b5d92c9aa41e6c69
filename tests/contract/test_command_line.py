"""The ``triage`` command as an admin meets it: results on stdout, all else on stderr, clear errors, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.cli.main import COMMANDS
from app.store.migrate import migrate
from app.store.store import Store
from app.triage.ticket import Event, Ref
from tests.conftest import NOW, ROOT

FIELDS = {
    "id", "label", "second_label", "confidence", "severity", "level", "destination", "page", "tags", "duplicate_of",
    "known_issue", "deadlines", "evidence", "ruled_out",
}  # fmt: skip
OUTAGE = {"id": "a", "subject": "Down", "body": "The whole service is down for all users, there is no workaround."}
QUESTION = {"id": 7, "subject": "How do I export?", "body": "How do I export my contacts?", "comments": ["Thanks!"]}


def triage(
    *words: str, given: str = "", env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        input=given, capture_output=True, text=True, cwd=cwd, timeout=60, check=False,
        env={**clean, "PYTHONPATH": str(ROOT), **(env or {})},
    )  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path}/store.db"
    migrate(url)
    return {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0"}


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    out = triage("--help")
    assert out.returncode == 0
    assert all(f"  {name} " in out.stdout for name in COMMANDS)
    code = "import sys; sys.argv = ['triage', '--help']\nimport app.cli.main as m\n"
    code += "try: m.main()\nexcept SystemExit: pass\n"
    code += "print(sorted({'flask', 'celery', 'sqlalchemy', 'pydantic', 'ruamel', 'zenpy', 'jira'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    out = triage(command, "--help")
    assert out.returncode == 0
    assert out.stdout.startswith("Usage: ")


def test_a_misspelt_command_is_a_usage_error_that_names_the_nearest() -> None:
    out = triage("decde")
    assert (out.returncode, out.stdout) == (2, "")
    assert "did you mean 'decide'?" in out.stderr


def test_decide_answers_in_order_with_all_fields_and_writes_nothing_else() -> None:
    out = triage("decide", "-", given="\n".join(map(json.dumps, (OUTAGE, QUESTION))) + "\n")
    assert (out.returncode, out.stderr) == (0, "")
    first, second = map(json.loads, out.stdout.splitlines())
    assert set(first) >= FIELDS
    assert (first["id"], first["severity"], first["page"]) == ("a", "P0", True)
    assert (second["id"], second["label"], second["page"]) == (7, "Guidance", False)
    assert any(found["quote"] in OUTAGE["body"] for found in first["evidence"])


def test_decide_reports_a_bad_line_by_number_and_goes_on() -> None:
    lines = [
        "not json",
        json.dumps(OUTAGE),
        "[]",
        "",
        json.dumps({"id": 3, "created_at": "yesterday"}),
        json.dumps(QUESTION),
    ]
    out = triage("decide", given="\n".join(lines))
    assert out.returncode == 1
    assert [json.loads(line)["id"] for line in out.stdout.splitlines()] == ["a", 7]
    assert [line.split(":")[0] for line in out.stderr.splitlines()[:3]] == ["line 1", "line 3", "line 5"]
    assert "3 lines could not be read" in out.stderr


def test_decide_takes_a_time_a_table_and_refuses_a_time_that_is_none() -> None:
    given = json.dumps({**OUTAGE, "created_at": "2026-03-02T10:00:00Z"})
    out = triage("decide", "--now", "2026-03-02T10:05:00Z", given=given)
    assert json.loads(out.stdout)["deadlines"]["first_reply"].startswith("2026-03-02T11:00:00")
    table = triage("decide", "--format", "table", given=given)
    assert "P0" in table.stdout.splitlines()[1]
    assert triage("decide", "--now", "noon", given=given).returncode == 2


def test_the_same_input_decides_the_same_twice() -> None:
    given = "\n".join(map(json.dumps, (OUTAGE, QUESTION)))
    now = ("--now", "2026-03-02T10:05:00Z")
    assert triage("decide", *now, given=given).stdout == triage("decide", *now, given=given).stdout


def test_a_policy_that_does_not_exist_is_named_with_those_that_do() -> None:
    out = triage("decide", "--policy", "unfied", given="")
    assert out.returncode == 3
    assert "unified" in out.stderr


def test_a_policy_with_a_mistake_is_told_by_file_line_and_mend(tmp_path: Path) -> None:
    pack = tmp_path / "mine.yaml"
    pack.write_text((ROOT / "config/packs/unified.yaml").read_text() + "\nlabls: {}\n")
    out = triage("decide", "--policy", str(pack), given="")
    assert out.returncode == 3
    assert "mine.yaml:" in out.stderr
    assert "labels" in out.stderr
    assert triage("worker", env={"TRIAGE_POLICY": str(pack)}).returncode == 3


def test_a_setting_with_a_mistake_is_told_by_its_name() -> None:
    out = triage("parked", env={"PORT": "eighty"})
    assert out.returncode == 3
    assert "PORT" in out.stderr
    assert "Traceback" not in out.stderr


def test_a_store_that_was_never_migrated_is_unreachable_not_a_traceback(tmp_path: Path) -> None:
    out = triage("parked", env={"DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"})
    assert out.returncode == 5
    assert "triage migrate" in out.stderr
    assert "Traceback" not in out.stderr


def test_parked_lists_what_waits_and_replay_frees_it(database: dict[str, str]) -> None:
    assert triage("parked", env=database).returncode == 0
    ref = Ref("jira", "acme", "SUP-7")
    store = Store(database["DATABASE_URL"])
    store.record(Event(ref, "created", "d1"), "x", NOW)
    store.park(store.lease(ref, NOW, 60), NOW, "permanent", "Refused: 422")  # type: ignore[arg-type]
    out = triage("parked", env=database)
    assert out.returncode == 1
    assert out.stdout.startswith("jira:acme:SUP-7\t")
    assert triage("replay", "--all", "--dry-run", env=database).stdout == "would replay jira:acme:SUP-7\n"
    assert triage("replay", "jira:acme:SUP-7", env=database).stdout == "replayed jira:acme:SUP-7\n"
    assert store.parked() == []
    assert triage("replay", "jira:acme:NO-1", env=database).returncode == 1
    assert triage("replay", env=database).returncode == 2
    store.close()


def test_explain_of_an_unknown_ticket_says_so(database: dict[str, str]) -> None:
    assert triage("explain", "zendesk:acme:1", env=database).returncode == 1
    assert triage("explain", "acme/1", env=database).returncode == 2


def test_up_says_clearly_that_its_port_is_taken(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        began = time.monotonic()
        out = triage("up", env={"PORT": str(port)}, cwd=tmp_path)
    assert out.returncode == 5
    assert f"port {port}" in out.stderr
    assert f"PORT={port + 1} make run" in out.stderr
    assert time.monotonic() - began < 20
    assert list(tmp_path.iterdir()) == []
