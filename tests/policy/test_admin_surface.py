"""What an administrator is given: layout, packages, the packs with their names and dates, features that are off."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.conftest import ROOT
from tests.policy.conftest import NAMES, policy

OF_DOCUMENTS = {"triage-standard", "cs-pol-001", "octoacme", "bug-sop", "tiered-helpdesk"}


@pytest.mark.policy("U-12")
@pytest.mark.parametrize("package", ["flask", "zenpy", "jira", "celery", "redis", "requests", "pytest", "responses"])
def test_the_named_package_is_required(package: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert package in {re.split(r"[^a-z-]", line.lower())[0] for line in required}


@pytest.mark.policy("U-13")
@pytest.mark.parametrize("name", ["pyproject.toml", "README.md", "app", "workers", "config", "tests", "Procfile"])
def test_the_top_level_is_as_it_was_asked_for(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.policy("U-13")
def test_the_procfile_starts_the_receiver_and_the_worker() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines() if line)
    assert {"web", "worker"} <= lines.keys()


@pytest.mark.policy("S2-01", "S3-02")
def test_there_is_a_default_pack_and_one_for_each_document() -> None:
    assert set(NAMES) == {"unified", *OF_DOCUMENTS}


@pytest.mark.policy("S1-01")
@pytest.mark.parametrize("name", NAMES)
def test_every_pack_has_a_name_a_version_and_a_source(name: str) -> None:
    about = policy(name).pack.pack
    assert (about.name, bool(about.version), bool(about.source)) == (name, True, True)


@pytest.mark.policy("S1-01")
def test_the_escalation_policy_carries_its_id_and_its_date() -> None:
    about = policy("cs-pol-001").pack.pack
    assert (about.source, about.effective) == ("CS-POL-001", "2025-11-01")
    assert "CS-POL-001" in policy("cs-pol-001").stamp
    assert "2025-11-01" in policy("cs-pol-001").stamp


@pytest.mark.policy("S4-01", "S4-46", "C-20")
@pytest.mark.parametrize("name", NAMES)
def test_what_the_documents_leave_open_is_off(name: str) -> None:
    features = policy(name).pack.features
    assert features
    assert not any(features.values())
