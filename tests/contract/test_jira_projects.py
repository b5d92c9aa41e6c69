"""Issues outside the configured projects, whose webhooks come all the same, are none of triage's concern."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.runtime import Runtime
from app.store.migrate import migrate
from app.triage.ticket import Event, Ref, Ticket
from config.accounts import JiraAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.scripted_vendor import ScriptedVendor
from workers.reconcile import reconcile


@pytest.fixture
def vendor() -> ScriptedVendor:
    at = {"created_at": NOW, "updated_at": NOW}
    return ScriptedVendor(Ticket(ref=Ref("jira", "acme", "SUP-1"), subject="Help", body="It broke", **at))  # type: ignore[arg-type]


@pytest.fixture
def runtime(tmp_path: Path, vendor: ScriptedVendor) -> Iterator[Runtime]:
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/store.db",
        redis_url="redis://127.0.0.1:1/0",
        mode="auto",
        jira={"acme": JiraAccount(url="https://acme.test", projects=("SUP",))},
    )
    migrate(settings.database_url)
    built = Runtime(settings, now=lambda: NOW, clients={("jira", "acme"): vendor})
    yield built
    built.store.close()


def ring(runtime: Runtime, key: str) -> str:
    ref = Ref("jira", "acme", key)
    runtime.store.record(Event(ref, "created", f"delivery of {key}"), "x", runtime.now())
    return reconcile(runtime, ref).outcome


def test_an_issue_elsewhere_is_not_even_read(runtime: Runtime, vendor: ScriptedVendor) -> None:
    assert ring(runtime, "ENG-1") == "unchanged"
    assert (vendor.fetches, vendor.sent) == (0, [])
    assert reconcile(runtime, Ref("jira", "acme", "ENG-1")).outcome == "not_due"


def test_an_issue_of_the_configured_project_is_triaged(runtime: Runtime, vendor: ScriptedVendor) -> None:
    assert ring(runtime, "SUP-1") == "decided"
    assert vendor.sent


def test_a_number_is_read_because_only_the_issue_tells_its_project(runtime: Runtime, vendor: ScriptedVendor) -> None:
    assert ring(runtime, "10040") == "renamed"
    assert (vendor.fetches, vendor.sent) == (1, [])
