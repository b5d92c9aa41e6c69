"""GitHub's issues as known issues, against a server on a local socket: what is asked and what comes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from app.errors import Busy, Gone, Misconfigured, OutcomeUnknown, Refused, Unauthorized, Unavailable
from app.runtime import Runtime, build
from app.triage.known_issues.entry import RegistryEntry
from app.vendors.github import GitHub
from config.accounts import ZendeskAccount
from config.settings import Settings
from tests.conftest import NOW
from tests.contract.databases import fresh
from workers.known_issue_making import make
from workers.registry import EVERY, refresh


@dataclass
class Repository:
    """A repository that answers as GitHub does, as far as it is asked here. ``fault`` is the status of what comes."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    fault: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False

    def add(self, title: str, *labels: str, **more: Any) -> None:
        number = len(self.issues) + 1
        self.issues.append({
            "number": number, "title": title, "body": "", "state": "open", "labels": [{"name": one} for one in labels],
            "html_url": f"https://github.example/acme/app/issues/{number}", "milestone": None, **more,
        })  # fmt: skip

    def listed(self, query: dict[str, list[str]]) -> tuple[list[dict[str, Any]], bool]:
        wanted = set(query["labels"][0].split(","))
        found = [one for one in self.issues if wanted <= {label["name"] for label in one["labels"]}]
        size, page = int(query["per_page"][0]), int(query.get("page", ["1"])[0])
        return found[(page - 1) * size : page * size], page * size < len(found)


@pytest.fixture
def repository() -> Iterator[tuple[Repository, str]]:
    there = Repository()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            there.asked.append(("GET", self.path, dict(self.headers)))
            rows, more = there.listed(parse_qs(urlsplit(self.path).query))
            tag = f'"{hash(json.dumps(there.issues)) & 0xFFFFFF:x}"'
            if there.fault:
                self._say(there.fault, {}, there.headers)
            elif self.headers.get("If-None-Match") == tag:
                self._say(304, None, {})
            else:
                self._say(200, rows, {"ETag": tag} | ({"Link": '<https://x>; rel="next"'} if more else {}))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            there.asked.append(("POST", self.path, body))
            if there.fault:
                self._say(there.fault, {}, {})
                return
            there.add(body["title"], *body["labels"], body=body["body"])
            if there.lost:
                there.lost = False
                self.close_connection = True
                return
            self._say(201, there.issues[-1], {})

        def _say(self, status: int, body: Any, headers: dict[str, str]) -> None:
            raw = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield there, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def runtime(repository: tuple[Repository, str], tmp_path: Path) -> Runtime:
    account = ZendeskAccount(subdomain="acme", known_problems="none", email="a@b.example", token=SecretStr("x"))
    settings = Settings(
        _env_file=None, database_url=fresh(tmp_path), redis_url="memory://", model="off",
        zendesk={"acme": account},
        github_repo="acme/app", github_token=SecretStr("secret"), github_url=repository[1],
    )  # fmt: skip
    knobs = {"TRIAGE_KNOWN_ISSUES__CREATE": "github", "TRIAGE_KNOWN_ISSUES__TITLE": "[{area}] {title}"}
    return Runtime(settings, knobs, now=Clock())


def later(runtime: Runtime, **by: float) -> None:
    assert isinstance(runtime.now, Clock)
    runtime.now.at += timedelta(**by)


def entries(runtime: Runtime) -> dict[str, RegistryEntry]:
    return {one.key: one for one in runtime.store.known_issues("acme")}


def test_issues_with_the_label_are_read_once_and_then_only_when_they_changed(
    runtime: Runtime, repository: tuple[Repository, str]
) -> None:
    there, _ = repository
    there.add("Umlauts in CSV", "known-issue", body="### Customer workaround\nUse UTF-8.")
    there.add("Something else", "bug")
    there.add("A pull request", "known-issue", pull_request={})
    assert refresh(runtime) == 1
    (entry,) = entries(runtime).values()
    assert (entry.key, entry.tag, entry.workaround) == ("github:acme/app#1", "1-umlauts-in-csv", "Use UTF-8.")
    assert there.asked[0][2]["Authorization"] == "Bearer secret"
    later(runtime, seconds=EVERY.total_seconds())
    assert refresh(runtime) == 0
    assert "If-None-Match" in there.asked[1][2]
    there.issues[0] |= {"state": "closed", "state_reason": "completed", "milestone": {"title": "4.2"}}
    later(runtime, seconds=EVERY.total_seconds())
    assert refresh(runtime) == 1
    assert (entries(runtime)[entry.key].state, entries(runtime)[entry.key].fixed_in) == ("fixed", "4.2")


def test_what_loses_the_label_and_what_is_not_planned_is_dropped(
    runtime: Runtime, repository: tuple[Repository, str]
) -> None:
    there, _ = repository
    for title in ("Fault one", "Fault two", "Fault three"):
        there.add(title, "known-issue")
    refresh(runtime)
    there.issues[0]["labels"] = []
    there.issues[1] |= {"state": "closed", "state_reason": "not_planned"}
    later(runtime, seconds=EVERY.total_seconds())
    refresh(runtime)
    assert [one.state for one in entries(runtime).values()] == ["dropped", "dropped", "open"]


def test_pages_are_bounded_and_nothing_is_dropped_that_was_not_read(
    runtime: Runtime, repository: tuple[Repository, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.vendors import github

    there, _ = repository
    monkeypatch.setattr(github, "PAGE", 2)
    for word in ("one", "two", "three", "four", "five", "six", "seven"):
        there.add(f"Fault {word}", "known-issue")
    refresh(runtime)
    assert len(entries(runtime)) == 6
    assert len(there.asked) == github.MOST_PAGES


def test_a_repository_that_does_not_answer_stops_nothing_and_is_told(
    runtime: Runtime, repository: tuple[Repository, str]
) -> None:
    there, _ = repository
    there.add("Umlauts in CSV", "known-issue")
    there.fault = 500
    assert refresh(runtime) == 0
    beat = runtime.store.beats()["known issues github:acme/app"]
    assert (beat.ok, beat.detail) == (False, {"error": "Unavailable"})
    there.fault = 0
    later(runtime, seconds=EVERY.total_seconds())
    assert refresh(runtime) == 1
    assert runtime.store.beats()["known issues github:acme/app"].ok


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (401, {}, Unauthorized),
        (403, {}, Refused),
        (403, {"X-RateLimit-Remaining": "0"}, Busy),
        (404, {}, Gone),
        (429, {}, Busy),
        (502, {}, Unavailable),
        (302, {"Location": "http://elsewhere.example/"}, Refused),
    ],
)
def test_what_fails_is_one_of_our_errors_without_the_token(
    repository: tuple[Repository, str], status: int, headers: dict[str, str], error: type[Exception]
) -> None:
    there, address = repository
    there.fault, there.headers = status, headers
    with pytest.raises(error) as caught:
        GitHub("acme/app", "secret", "known-issue", address).known_issues()
    assert type(caught.value) is error
    assert "secret" not in repr(caught.value)


@pytest.mark.policy("S4-74", "S4-75")
def test_an_approved_candidate_gets_an_issue_once_with_the_policy_s_title(
    runtime: Runtime, repository: tuple[Repository, str]
) -> None:
    there, _ = repository
    waits = RegistryEntry(
        source="form", key="form:1", title="Lost mails", area="Mail", state="candidate", workaround="Wait."
    )
    entry = runtime.store.change_known_issue("acme", waits, runtime.now())
    assert make(runtime) == 0, "nobody approved it"
    runtime.store.change_known_issue("acme", replace(entry, state="open"), runtime.now())
    assert make(runtime) == 1
    assert make(runtime) == 0
    ((_, _, body),) = [one for one in there.asked if one[0] == "POST"]
    assert body["title"] == "[Mail] Lost mails"
    assert body["labels"] == ["known-issue-acme-1", "known-issue"]
    assert "Customer workaround: Wait." in body["body"]
    (entry,) = entries(runtime).values()
    assert (entry.tag, entry.issue, entry.state) == ("1-lost-mails", "github:acme/app#1", "open")
    assert refresh(runtime) <= 1
    assert len(entries(runtime)) == 1, "it is found again as the same entry"


def test_an_issue_whose_making_got_no_answer_is_found_and_not_made_twice(
    runtime: Runtime, repository: tuple[Repository, str]
) -> None:
    there, _ = repository
    runtime.store.change_known_issue("acme", RegistryEntry(source="form", key="form:1", title="Lost mails"), NOW)
    there.lost = True
    assert make(runtime) == 0
    for _ in range(3):
        assert make(runtime) == 0, "not before searching is up to date"
    later(runtime, seconds=61)
    assert make(runtime) == 1
    assert len(there.issues) == 1
    assert next(iter(entries(runtime).values())).tag == "1-lost-mails"


def test_what_is_refused_is_tried_again_a_day_later(runtime: Runtime, repository: tuple[Repository, str]) -> None:
    there, _ = repository
    runtime.store.change_known_issue("acme", RegistryEntry(source="form", key="form:1", title="Lost mails"), NOW)
    there.fault = 403
    assert make(runtime) == 0
    there.fault = 0
    later(runtime, hours=1)
    assert make(runtime) == 0
    later(runtime, hours=24)
    assert make(runtime) == 1


def test_an_answer_that_names_no_issue_is_no_answer(repository: tuple[Repository, str]) -> None:
    there, address = repository
    github = GitHub("acme/app", "secret", "known-issue", address)
    there.fault = 200
    with pytest.raises(OutcomeUnknown):
        github.create_issue("x", "y", "m")
    with pytest.raises(Unavailable):
        github.known_issues()


def test_of_several_tenants_one_must_be_named() -> None:
    accounts = {name: ZendeskAccount(subdomain=name) for name in ("acme", "other")}
    told: dict[str, Any] = {
        "zendesk": accounts,
        "github_repo": "acme/app",
        "database_url": "sqlite:///x",
        "model": "off",
    }
    with pytest.raises(Misconfigured, match="several tenants"):
        build(Settings(_env_file=None, **told))
    with pytest.raises(Misconfigured, match="no tenant is named 'third'"):
        build(Settings(_env_file=None, github_tenant="third", **told))
    named = build(Settings(_env_file=None, github_tenant="other", **told)).github
    assert named is not None
    assert named[1] == "other"
