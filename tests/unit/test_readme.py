"""The README names every setting, command, metric and make target there is, and none that is not."""

from __future__ import annotations

import re

import pytest
from prometheus_client.metrics import MetricWrapperBase

from app import metrics
from app.cli.main import COMMANDS
from app.triage.pack import Pack
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
METRICS = {
    f"triage_{name}"
    for name in (
        *("parked", "queue_age_seconds", "brake", "open_tickets", "uncovered_tickets"),
        *("pages_unacknowledged", "pages_failing", "storms"),
        *("budget_remaining", "breaker_open"),
    )
} | {
    family.name + ("_total" if family.type == "counter" else "")
    for metric in vars(metrics).values()
    if isinstance(metric, MetricWrapperBase)
    for family in metric.describe()
}


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_in_the_readme_with_a_sentence(field: str) -> None:
    assert f"`TRIAGE_{field.upper()}`" in README
    assert Settings.model_fields[field].description


@pytest.mark.parametrize("field", sorted({*ZendeskAccount.model_fields, *JiraAccount.model_fields}))
def test_every_setting_of_an_account_is_in_the_readme(field: str) -> None:
    assert f"`{field.upper()}`" in README


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    known = {f"TRIAGE_{field.upper()}" for field in (*Settings.model_fields, *Pack.model_fields)}
    named = {name.split("__")[0] for name in re.findall(r"TRIAGE_[A-Z_]+[A-Z]", README)}
    assert named <= known


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`triage {command}" in README


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    assert set(re.findall(r"`(?:\.venv/bin/)?triage ([a-z-]+)", README)) <= set(COMMANDS)


def test_the_metrics_in_the_readme_are_those_there_are() -> None:
    assert set(re.findall(r"`(triage_[a-z_]+)[{`]", README)) == METRICS


def test_the_two_commands_and_their_makefile_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"\bmake (run|test|setup|[a-z]+)\b(?=`|  )", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert "make run" in README
    assert "make test" in README


def test_every_picture_and_link_to_a_file_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
