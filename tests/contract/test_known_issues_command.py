"""``triage known-issues``: list, add, match, retire and approve, as an admin types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.store.store import Store
from app.triage.known_issues.entry import RegistryEntry
from app.triage.ticket import Ref
from tests.conftest import NOW
from tests.contract.commands import triage
from tests.contract.databases import fresh

ADD = ("known-issues", "add", "123", "Umlauts in CSV", "--pattern", "umlauts? .. csv", "--workaround", "Use UTF-8.")
TICKET = {"id": "7", "subject": "Export", "body": "The umlauts in our CSV are broken."}


def variables(folder: Path) -> dict[str, str]:
    url = fresh(folder)
    return {
        "TRIAGE_DATABASE_URL": url, "TRIAGE_MODEL": "off", "TRIAGE_REDIS_URL": "memory://",
        "TRIAGE_ZENDESK__ACME__SUBDOMAIN": "acme", "TRIAGE_JIRA__ACME__URL": "https://acme.example",
    }  # fmt: skip


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return variables(tmp_path)


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where one issue is registered already; for what changes nothing."""
    env = variables(tmp_path_factory.mktemp("registered"))
    triage(*ADD, env=env)
    return env


def said(*words: str, env: dict[str, str]) -> str:
    result = triage("known-issues", *words, env=env)
    assert result.exit_code == 0, result.output
    return result.output


def wrong(*words: str, env: dict[str, str]) -> str:
    result = triage("known-issues", *words, env=env)
    assert result.exit_code == 2, result.output
    return result.output


@pytest.mark.policy("S4-71")
def test_an_issue_is_registered_by_its_number_and_a_few_words(env: dict[str, str]) -> None:
    assert triage(*ADD, env=env).output == "added 123-umlauts-in-csv (open)\n"
    assert said("list", env=env) == "123-umlauts-in-csv\topen\thand\t0 tickets\tUmlauts in CSV\n"
    (entry,) = json.loads(said("list", "--format", "json", env=env))
    assert (entry["tag"], entry["patterns"], entry["workaround"]) == (
        "123-umlauts-in-csv",
        ["umlauts? .. csv"],
        "Use UTF-8.",
    )


def test_what_is_registered_is_changed_and_nothing_is_doubled(env: dict[str, str]) -> None:
    triage(*ADD, env=env)
    assert said("add", "123", "--workaround", "Use another.", env=env) == "changed 123-umlauts-in-csv (open)\n"
    (entry,) = json.loads(said("list", "--format", "json", env=env))
    assert (entry["workaround"], entry["patterns"]) == ("Use another.", ["umlauts? .. csv"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "125"), "say in a few words"),
        (("add", "abc", "Umlauts in CSV"), "no issue's number or key"),
        (("add", "125", "日本語"), "too few letters"),
        (("add", "123", "Umlauts", "--pattern", "(csv"), "RE2 cannot read it"),
        (("add", "new", "Umlauts"), "only a --candidate may be new"),
        (("retire", "124", "--fixed-in", "4.2"), "no known issue is called '124'"),
        (("approve", "123"), "123-umlauts-in-csv is open"),
        (("match", "nowhere"), "no file, and no ticket either"),
        (("list", "--account", "other"), "tenants: acme"),
    ],
)
def test_what_is_wrong_is_told_with_its_mend(words: tuple[str, ...], says: str, registered: dict[str, str]) -> None:
    assert says in wrong(*words, env=registered)


def test_it_says_what_a_ticket_matches_and_why(env: dict[str, str], tmp_path: Path) -> None:
    triage(*ADD, env=env)
    triage("known-issues", "add", "124", "Broken CSV", "--pattern", "broken", "--candidate", env=env)
    file = tmp_path / "tickets.jsonl"
    file.write_text(json.dumps(TICKET) + "\n" + json.dumps({"id": "8", "subject": "Hi", "body": "An invoice?"}))
    assert said("match", str(file), env=env).splitlines() == [
        "zendesk:local:7\t123-umlauts-in-csv\t1.00\tthe customer says a phrase of it",
        "zendesk:local:7\tnot known issue 124-broken-csv: the customer says a phrase of it (1.00), "
        "but nobody approved it yet",
        "zendesk:local:8\tno known issue matches",
    ]
    first = json.loads(said("match", str(file), "--format", "json", env=env).split("\n}\n")[0] + "\n}")
    assert first["matches"][0]["name"] == "123-umlauts-in-csv"


@pytest.mark.policy("S4-59")
def test_an_issue_is_retired_with_the_version_that_mends_it(env: dict[str, str]) -> None:
    triage(*ADD, env=env)
    out = said("retire", "123-umlauts-in-csv", "--fixed-in", "4.2", env=env)
    assert out == "retired 123-umlauts-in-csv, fixed in 4.2; tickets that hear it: 0\n"
    assert "\tfixed\t" in said("list", env=env)
    assert "fixed in 4.2" in said("list", "--state", "fixed", env=env)
    assert said("list", "--state", "open", env=env) == "no known issue is registered\n"


def test_what_stands_elsewhere_is_for_a_person_to_change_there(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "issues.yaml"
    file.write_text("5-slow-login:\n  title: Slow login\n")
    env = env | {"TRIAGE_KNOWN_ISSUES_FILE": str(file)}
    assert "5-slow-login\topen\tpack" in said("list", env=env)
    assert "please add fixed_in: 4.2 at issues.yaml:1:1" in said("retire", "5", "--fixed-in", "4.2", env=env)
    assert "5-slow-login\tfixed\tpack" in said("list", env=env)
    store = Store(env["TRIAGE_DATABASE_URL"])
    issue = RegistryEntry(source="jira", key="jira:acme:ENG-7", ref=Ref("jira", "acme", "ENG-7"), title="Slow",
                          tag="ENG-7-slow", url="https://acme.example/browse/ENG-7")  # fmt: skip
    store.keep_known_issue("acme", issue, NOW)
    assert "close it at its source too" in said("retire", "eng-7", "--fixed-in", "4.2", env=env)


@pytest.mark.policy("S4-73")
def test_a_candidate_counts_once_a_person_approves_it(env: dict[str, str]) -> None:
    assert said("add", "9", "Slow login", "--candidate", env=env) == "added 9-slow-login (candidate)\n"
    assert said("approve", "9", env=env) == "approved 9-slow-login\n"
    assert said("add", "new", "Lost mails", "--candidate", env=env) == "added candidate 2 (candidate)\n"
    assert "give its --number" in wrong("approve", "2", env=env)
    assert said("approve", "2", "--number", "10", env=env) == "approved 10-lost-mails\n"
    said("add", "11", "Nothing much", "--candidate", env=env)
    assert said("approve", "11", "--reject", env=env) == "dropped 11-nothing-much\n"
    free = env | {"TRIAGE_KNOWN_ISSUES__APPROVAL": "none"}
    assert said("add", "12", "Slow logout", "--candidate", env=free) == "added 12-slow-logout (open)\n"
    makes = env | {"TRIAGE_KNOWN_ISSUES__CREATE": "jira", "TRIAGE_KNOWN_ISSUES__PROJECT": "ENG"}
    said("add", "new", "Lost files", "--candidate", env=env)
    assert said("approve", "5", env=makes) == "approved candidate 5; an issue is made at jira\n"


def test_each_tenant_has_its_own_registry(env: dict[str, str]) -> None:
    two = env | {"TRIAGE_ZENDESK__OTHER__SUBDOMAIN": "other"}
    assert "tenants: acme, other" in wrong("list", env=two)
    said("add", "1", "Slow login", "--account", "other", env=two)
    assert said("list", "--account", "acme", env=two) == "no known issue is registered\n"
    assert "1-slow-login" in said("list", "--account", "other", env=two)
