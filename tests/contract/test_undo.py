"""``triage undo``, ``runs``, ``resume`` and ``explain`` over a sandbox, as an admin runs them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import structlog
from click.testing import CliRunner

from app.cli.main import cli, exit_code
from app.errors import TriageError
from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.store.migrate import migrate
from app.triage.ticket import Event, Ref, VendorName
from config.settings import Settings, load
from workers import brake
from workers.reconcile import reconcile

DOWN = {"subject": "Down", "body": "The whole service is down for all users, there is no workaround.", "tags": ["vip"]}
FIELDS = {"zendesk": '{"severity": "36000000000101"}', "jira": '{"label": "customfield_10051"}'}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Office:
    """One installation over a sandbox: the worker and the commands in this process."""

    def __init__(self, sandbox: Sandbox, folder: Path, patched: pytest.MonkeyPatch) -> None:
        self.url, self.http, self._patched = sandbox.url, requests.Session(), patched
        self.http.trust_env = False
        self.env = {"DATABASE_URL": f"sqlite:///{folder}/store.db", "REDIS_URL": "memory://"}
        for vendor in ("zendesk", "jira"):
            prefix = f"TRIAGE_{vendor.upper()}__ACME__"
            self.env |= {prefix + "URL": f"{self.url}/{vendor}", prefix + "EMAIL": "firstline@sandbox.example"}
            self.env |= {prefix + "TOKEN": "sandbox", prefix + "MODE": "auto", prefix + "FIELDS": FIELDS[vendor]}
        self.env["TRIAGE_JIRA__ACME__TRIAGED_STATUS"] = "Triaged"
        migrate(self.env["DATABASE_URL"])
        for name, value in self.env.items():
            patched.setenv(name, value)
        self.runtime = Runtime(Settings(_env_file=None))  # type: ignore[call-arg]

    def triage(self, *words: str, given: str = "", **more: str) -> Ended:
        """Run a command as the entry point does."""
        with pytest.MonkeyPatch.context() as patched:
            for name, value in more.items():
                patched.setenv(name, value)
            load.cache_clear()
            handlers = list(logging.getLogger().handlers)
            result = CliRunner().invoke(cli, list(words), input=given)
            logging.getLogger().handlers[:] = handlers  # a command sets up its process's logging
            structlog.reset_defaults()
        error = result.exception
        if isinstance(error, TriageError):
            return Ended(exit_code(error), result.stdout, str(error))
        assert error is None or isinstance(error, SystemExit), result.exc_info
        return Ended(result.exit_code, result.stdout, result.stderr)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"{self.url}/control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def new(self, vendor: VendorName, **given: Any) -> Ref:
        where = "zendesk/tickets" if vendor == "zendesk" else "jira/issues"
        made = self.control("POST", where, DOWN | given)
        return Ref(vendor, "acme", str(made["id"] if vendor == "zendesk" else made["key"]))

    def shown(self, ref: Ref) -> dict[str, Any]:
        if ref.vendor == "zendesk":
            found: dict[str, Any] = self.control("GET", f"zendesk/tickets/{ref.id}")
            return found
        found = self.control("GET", f"jira/issues/{ref.id}")
        fields = found["rendered"]["fields"]
        told = {"tags": fields["labels"], "priority": fields["priority"]["name"], "status": fields["status"]["name"]}
        return {"comments": found["comments"], "fields": fields["customfield_10051"], **told}

    def edit(self, ref: Ref, **changes: Any) -> None:
        where = "zendesk/tickets" if ref.vendor == "zendesk" else "jira/issues"
        self.control("POST", f"{where}/{ref.id}/edit", changes)

    def look(self, ref: Ref, delivery: str) -> str:
        self.runtime.store.record(Event(ref, "updated", delivery), "x", self.runtime.now())
        return reconcile(self.runtime, ref).outcome

    def sweep(self, ref: Ref) -> str:
        self.runtime.store.replay(ref, self.runtime.now())
        return reconcile(self.runtime, ref).outcome

    def writes(self) -> int:
        return len(self.control("GET", "writes"))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        yield running


@pytest.fixture
def office(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    made = Office(sandbox, tmp_path, monkeypatch)
    made.control("POST", "settings", {"zendesk_updates_per_minute": 0})
    yield made
    made.control("DELETE", "faults")
    made.runtime.store.close()
    load.cache_clear()


def notes(shown: dict[str, Any]) -> list[str]:
    return [str(one["body"]) for one in shown["comments"] if "Firstline undo" in str(one["body"])]


@pytest.mark.parametrize("vendor", ["zendesk", "jira"])
def test_what_was_written_goes_back_a_persons_edit_stays_and_a_second_undo_does_nothing(
    office: Office, vendor: VendorName
) -> None:
    touched, untouched = office.new(vendor), office.new(vendor)
    before = office.shown(untouched)
    for ref in (touched, untouched):
        assert office.look(ref, f"d {ref}") == "decided"
    assert office.shown(untouched)["priority"] != before["priority"]
    office.edit(touched, priority="low" if vendor == "zendesk" else "Low", remove_tags=["sev-p0"])

    shown = office.triage("undo", "--since", "2026-01-01", "--dry-run")
    assert shown.returncode == 0, shown.stderr
    written = office.writes()
    refused = office.triage("undo", "--since", "2026-01-01", given="n\n")
    assert refused.returncode == 1
    assert office.writes() == written, "neither showing nor asking writes"

    done = office.triage("undo", "--since", "2026-01-01", "--account", f"{vendor}:acme", "--yes")
    assert done.returncode == 0, done.stderr
    now = office.shown(untouched)
    for name in ("priority", "tags", "group_id", "fields", "custom_fields"):
        assert now.get(name) == before.get(name), name
    impossible = "it is Waiting for support again: not possible, no move from 'Triaged'" in done.stdout
    assert (now["status"] == before["status"]) is (vendor == "zendesk")
    assert impossible is (vendor == "jira"), "no move leads back, and that is told"
    kept = office.shown(touched)
    assert str(kept["priority"]).casefold().endswith("low")
    assert "stays: the priority: somebody has set it to" in done.stdout
    assert "stays: cannot be taken back: write an internal note" in done.stdout
    for ref in (touched, untouched):
        (note,) = notes(office.shown(ref))
        assert "An admin took back" in note

    written = office.writes()
    again = office.triage("undo", "--since", "2026-01-01", "--yes")
    assert again.returncode == 0, again.stderr
    assert office.writes() == written
    assert office.look(untouched, "later") in ("decided", "unchanged")
    assert office.shown(untouched)["priority"] == before["priority"], "it counts as a person's now"


def test_anew_lets_a_ticket_be_written_again(office: Office) -> None:
    ref = office.new("zendesk")
    office.look(ref, "a")
    assert office.triage("undo", "--since", "2026-01-01", "--yes").returncode == 0
    assert office.shown(ref)["priority"] is None
    assert office.triage("replay", "--anew", str(ref)).stdout == f"replayed {ref}\n"
    reconcile(office.runtime, ref)
    assert office.shown(ref)["priority"] == "urgent"
    assert "sev-p0" in office.shown(ref)["tags"]


def test_a_run_is_listed_and_taken_back_alone(office: Office) -> None:
    by_hand, swept = office.new("zendesk"), office.new("zendesk")
    office.look(by_hand, "a")
    office.runtime.store.record(Event(swept, "updated", "b"), "x", office.runtime.now())
    run = brake.begin_run(office.runtime)
    with office.runtime.store._begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET state = 'done'")
    assert office.sweep(swept) == "decided"
    listed = office.triage("runs").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == [run]
    assert listed[0].split("\t")[2] == "1 ticket"
    done = office.triage("undo", run, "--yes")
    assert done.returncode == 0, done.stderr
    assert office.shown(swept)["priority"] is None
    assert office.shown(by_hand)["priority"] == "urgent"
    undo_id, run_again = (line.split("\t")[0] for line in office.triage("runs").stdout.splitlines())
    assert (undo_id[:2], run_again) == ("u-", run)
    assert office.triage("undo", undo_id, "--yes").returncode == 2


def test_an_unknown_outcome_is_told_and_the_same_command_goes_on(office: Office) -> None:
    ref = office.new("zendesk")
    office.look(ref, "a")
    office.control("POST", "faults", {"vendor": "zendesk", "method": "PUT", "action": "drop_after_apply"})
    first = office.triage("undo", "--since", "2026-01-01", "--yes", "--account", "zendesk:acme")
    assert first.returncode == 1
    assert "the same command again goes on" in first.stderr
    assert office.shown(ref)["priority"] is None
    again = office.triage("undo", "--since", "2026-01-01", "--yes")
    assert again.returncode == 0, again.stderr
    assert len(notes(office.shown(ref))) == 1
    assert office.look(ref, "b") == "unchanged"
    undone = [one for one in office.runtime.store.effects_of(ref) if one.run.startswith("u-")]
    assert {one.state for one in undone} == {"confirmed"}
    assert office.shown(ref)["priority"] is None, "what was settled is not ours"


def test_where_an_empty_value_is_refused_the_rest_is_taken_back(office: Office) -> None:
    ref = office.new("zendesk")
    office.look(ref, "a")
    office.control("POST", "faults", {"vendor": "zendesk", "method": "PUT", "action": "status:422"})
    done = office.triage("undo", "--since", "2026-01-01", "--yes")
    assert done.returncode == 0, done.stderr
    assert "stays: the priority: it was empty, and cannot be made so again" in done.stdout
    now = office.shown(ref)
    assert (now["priority"], now["tags"]) == ("urgent", ["vip"])


def test_undo_refuses_what_it_cannot_understand(office: Office) -> None:
    assert office.triage("undo").returncode == 2
    assert office.triage("undo", "s-1", "--since", "2026-01-01").returncode == 2
    wrong = office.triage("undo", "s-1", "--account", "zendesk:acne")
    assert wrong.returncode == 3
    assert "zendesk:acme" in wrong.stderr
    assert "nothing was changed" in office.triage("undo", "s-1", "--yes").stderr


def test_resume_lets_writing_go_on_and_explain_says_what_would_be_written(office: Office) -> None:
    ref = office.new("zendesk")
    office.runtime.store.put_brake_on(office.runtime.now(), {"cap": "hour", "why": "5 tickets within an hour"})
    assert office.look(ref, "a") == "decided"
    said = office.triage("explain", str(ref)).stdout
    assert "- would set the priority to urgent (brake: 5 tickets within an hour)" in said
    assert "Mode of zendesk:acme: auto: everything is written" in said
    assert "triage resume" in said
    assert office.triage("replay", "--withheld", "--dry-run").stdout == f"would replay {ref}\n"
    assert "5 tickets within an hour" in office.triage("resume").stdout
    assert office.runtime.store.brake() is None
    assert "nothing holds" in office.triage("resume").stderr
    assert (
        "Mode of zendesk:acme: shadow" in office.triage("explain", str(ref), TRIAGE_ZENDESK__ACME__MODE="shadow").stdout
    )


def test_a_kill_switch_that_does_not_exist_stops_every_door(office: Office) -> None:
    for door in ("serve", "worker", "parked", "undo s-1"):
        out = office.triage(*door.split(), TRIAGE_OFF="replys")
        assert out.returncode == 3
        assert "did you mean 'reply'?" in out.stderr
