"""The form on the board by which a known issue is proposed (S4-73)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.runtime import Runtime
from app.web import create_app
from config.accounts import ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.databases import fresh

OURS = {"Sec-Fetch-Site": "same-origin"}
GIVEN = {
    "tenant": "acme", "number": "", "title": "Umlauts in <CSV>", "patterns": "umlauts? .. csv\n\nbroken letters",
    "workaround": "Use UTF-8.", "url": "https://forum.example/1", "token": "a" * 32,
}  # fmt: skip


def opened(folder: Path, accounts: tuple[str, ...] = ("acme",), **variables: str) -> tuple[Runtime, FlaskClient]:
    settings = Settings(
        _env_file=None, database_url=fresh(folder), redis_url="memory://", model="off",
        zendesk={name: ZendeskAccount(subdomain=name) for name in accounts},
    )  # fmt: skip
    runtime = Runtime(settings, {f"TRIAGE_{name}": value for name, value in variables.items()}, now=lambda: NOW)
    return runtime, create_app(runtime).test_client()


@pytest.fixture
def site(tmp_path: Path) -> tuple[Runtime, FlaskClient]:
    return opened(tmp_path)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Runtime, FlaskClient]:
    """A site for what is refused, and so changes nothing."""
    return opened(tmp_path_factory.mktemp("refusing"))


def send(client: FlaskClient, headers: dict[str, str] = OURS, **changes: str) -> Any:
    return client.post("/known-issues/new", data=GIVEN | changes, headers=headers)


@pytest.mark.policy("S4-73")
def test_the_board_leads_to_a_form_that_makes_a_candidate(site: tuple[Runtime, FlaskClient]) -> None:
    runtime, client = site
    assert b'href="/known-issues/new"' in client.get("/").data
    page = client.get("/known-issues/new").get_data(as_text=True)
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert token is not None
    answer = send(client, token=token[1])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/known-issues/new?made=candidate+1")
    (entry,) = runtime.store.known_issues("acme")
    assert (entry.state, entry.source, entry.tag, entry.title) == ("candidate", "form", "", "Umlauts in <CSV>")
    assert (entry.patterns, entry.workaround) == (("umlauts? .. csv", "broken letters"), "Use UTF-8.")
    shown = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "candidate 1</strong> is registered; it counts once a person approves it" in shown
    assert "Umlauts in &lt;CSV&gt;" in shown


def test_the_same_form_sent_twice_makes_one_candidate(site: tuple[Runtime, FlaskClient]) -> None:
    runtime, client = site
    assert [send(client).status_code for _ in range(2)] == [303, 303]
    (entry,) = runtime.store.known_issues("acme")
    runtime.store.change_known_issue("acme", replace(entry, tag="5-umlauts", state="open"), NOW)
    send(client)
    assert [one.state for one in runtime.store.known_issues("acme")] == ["open"], "approved meanwhile"
    assert send(client, token="not a token").status_code == 303
    assert len(runtime.store.known_issues("acme")) == 2


def test_with_a_number_it_has_its_tag_and_counts_at_once_where_nobody_need_approve(tmp_path: Path) -> None:
    runtime, client = opened(tmp_path, KNOWN_ISSUES__APPROVAL="none")
    assert send(client, number="ENG-7").status_code == 303
    (entry,) = runtime.store.known_issues("acme")
    assert (entry.state, entry.tag) == ("open", "ENG-7-umlauts-in-csv")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": " "}, "say in a few words what does not work"),
        ({"number": "x"}, "no issue&#39;s number or key"),
        ({"patterns": "(csv"}, "RE2 cannot read it"),
        ({"url": "javascript:alert(1)"}, "does not begin with https://"),
        ({"tenant": "other"}, "name the account"),
    ],
)
def test_what_is_wrong_is_told_beside_the_form_and_nothing_is_lost(
    refusing: tuple[Runtime, FlaskClient], changes: dict[str, str], says: str
) -> None:
    runtime, client = refusing
    answer = send(client, **changes)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert says in text
    assert ("Use UTF-8." in text) is True
    assert runtime.store.known_issues("acme") == []


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
def test_a_form_of_another_site_is_refused(refusing: tuple[Runtime, FlaskClient], headers: dict[str, str]) -> None:
    runtime, client = refusing
    assert send(client, headers=headers).status_code == 403
    assert runtime.store.known_issues("acme") == []


def test_each_tenant_is_a_choice_and_the_page_is_closed_to_scripts(tmp_path: Path) -> None:
    runtime, client = opened(tmp_path, ("acme", "other"))
    page = client.get("/known-issues/new")
    assert "<option>acme</option><option>other</option>" in page.get_data(as_text=True)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    send(client, tenant="other")
    assert (runtime.store.known_issues("acme"), len(runtime.store.known_issues("other"))) == ([], 1)
