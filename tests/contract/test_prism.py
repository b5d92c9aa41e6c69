"""What the clients send, held against the vendors' descriptions by a second judge: Prism, in processes of its own.

Everything that the clients and the setup ask of the sandbox is sent again to a Prism mock of each description. Prism
keeps no state: it proves shapes, the sandbox behaviour. It runs on node and is installed by ``.ci/run``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from app.cli import broker as brokers
from app.sandbox.desk_side import jira_comment, jira_create, zendesk_create
from app.sandbox.server import Sandbox
from app.triage.actions import (
    AddFollowers,
    AddNote,
    AddTags,
    Assign,
    Link,
    RemoveOwnTags,
    Reply,
    Route,
    SetFields,
    SetPriority,
    SetStatus,
)
from app.triage.bridge import NewIssue, RemoteLink
from app.triage.ticket import VENDORS, Ref
from app.vendors import VendorClient
from app.vendors.jira import setup as jira_setup
from app.vendors.jira.client import JiraClient
from app.vendors.wanted import Wanted
from app.vendors.zendesk import setup as zendesk_setup
from app.vendors.zendesk.client import ZendeskClient
from config.accounts import JiraAccount, ZendeskAccount
from tests.conftest import missing
from tests.contract import vendor_specs

VERSION = "5.14.2"
PATIENCE = 60.0
NOT_DESCRIBED = ("/api/v2/webhooks", "/rest/webhooks/", "/rest/servicedeskapi/")
"""Parts of the vendors' APIs that neither description has; ``vendor_specs`` holds them against the reference pages."""

AUTH = {"zendesk": ("firstline@sandbox.example/token", "sandbox"), "jira": ("firstline@sandbox.example", "sandbox")}
ACTIONS: tuple[Any, ...] = (
    AddTags(("triaged", "p1")),
    RemoveOwnTags(("vip",)),
    SetFields((("severity", "P1"),)),
    Route("technical", "Senior / Technical Support"),
    AddNote("Decided P1.\n\n- because\n> of this", "m1"),
    Reply("ack", "We have it.", "m2"),
)


def prism() -> str:
    """Prism's program: of FIRSTLINE_PRISM, of the path, or where ``.ci/run`` puts it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    installed = cache / f"firstline/prism-{VERSION}/node_modules/.bin/prism"
    found = os.environ.get("FIRSTLINE_PRISM") or shutil.which("prism") or (str(installed) if installed.exists() else "")
    if not found or not shutil.which("node"):
        missing(f"Prism (npm install --prefix {installed.parents[2]} @stoplight/prism-cli@{VERSION}) and node")
    return found


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory, asked: list[dict[str, Any]]) -> Iterator[Mapping[str, str]]:
    """A Prism for each vendor, started side by side and ended by pid: their addresses. Of each description only the
    paths that are asked for are given to it: it reads them all before it answers, and the whole takes a minute."""
    program, folder = prism(), tmp_path_factory.mktemp("prism")
    running: dict[str, subprocess.Popen[bytes]] = {}
    urls = {}
    try:
        for vendor in VENDORS:
            spec, port = folder / f"{vendor}.json", brokers.free_port()
            spec.write_text(json.dumps(needed(vendor_specs.described(vendor), {one["path"] for one in asked})))
            # Jira's examples break Jira's own schemas: there, only requests are judged
            strict = ["--errors"] if vendor == "zendesk" else []
            running[vendor] = subprocess.Popen(
                [program, "mock", "-h", "127.0.0.1", "-p", str(port), *strict, str(spec)],
                stdout=(folder / f"{vendor}.log").open("wb"), stderr=subprocess.STDOUT,
            )  # fmt: skip
            urls[vendor] = f"http://127.0.0.1:{port}"
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda vendor: listening(urls[vendor], running[vendor]), VENDORS))
        yield urls
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(timeout=10)


def needed(described: dict[str, Any], paths: Collection[str]) -> dict[str, Any]:
    """A description without the paths that nobody asks for."""
    kept = {
        template: told
        for template, told in described["paths"].items()
        if any(re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)), path) for path in paths)
    }
    return {**described, "paths": kept}


def listening(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a Prism answers, whatever it says."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"{url}/", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("Prism did not start")


@pytest.fixture(scope="module")
def asked() -> list[dict[str, Any]]:
    """Every request that the clients and the setup make to do all they can, as the sandbox's journal has it."""
    with Sandbox(seed=False) as sandbox:
        ticket = {"subject": "Down", "body": "Nothing works", "requester": "Ann", "tags": ["vip"]}
        zendesk_create(sandbox.account, ticket)
        jira_create(sandbox.site, ticket)
        jira_create(sandbox.site, {**ticket, "project": "ENG"})
        for number in range(101):  # more than the issue shows by itself
            jira_comment(sandbox.site, "SUP-1", {"body": f"and {number}", "by": "agent", "public": False})
        user: dict[str, Any] = {"name": "acme", "email": "firstline@sandbox.example", "token": SecretStr("sandbox")}
        field = {"severity": "36000000000101"}
        account = ZendeskAccount(url=f"{sandbox.url}/zendesk", fields=field, **user)
        site = JiraAccount(url=f"{sandbox.url}/jira", fields={"severity": "customfield_10050"}, **user)
        zendesk, jira = ZendeskClient(account), JiraClient(site)
        problem = zendesk_create(sandbox.account, {**ticket, "type": "problem"})["id"]
        other = jira_create(sandbox.site, ticket).key
        member = sandbox.account.records.user_by_email("miguel@sandbox.example")  # of the team that the ticket goes to
        agent = str(member["id"]) if member else ""
        hung = Link(Ref("zendesk", "acme", str(problem)), "incident")
        people = (Assign(agent), AddFollowers((agent,)), hung, SetStatus("pending"), SetPriority("high"))
        does_all(zendesk, Ref("zendesk", "acme", "1001"), *people)
        colleague = next(one.account_id for one in sandbox.site.records.users.values() if one.name != "Firstline")
        for key, status in (("SUP-1", "Triaged"), ("ENG-1", "In Progress")):
            near = Link(Ref("jira", "acme", other), "duplicate")
            who = (Assign(colleague), AddFollowers((colleague,)), near)
            does_all(jira, Ref("jira", "acme", key), *who, SetStatus(status), SetPriority("High"))
        sweeps(zendesk, jira)
        makes_an_issue(jira)
        sets_up(zendesk, account, jira, site)
        return sandbox.journal.requests()


def does_all(client: VendorClient, ref: Ref, *more: Any) -> None:
    """Read a ticket and carry out everything that can be done to it."""
    writes, impossible = client.writes(client.fetch(ref), (*ACTIONS, *more))
    assert all(isinstance(one, Reply) for one in impossible), impossible  # no customer reads an engineering issue
    for write in writes:
        client.send(write)


def sweeps(zendesk: ZendeskClient, jira: JiraClient) -> None:
    """Ask for what changed, and change many at once."""
    since = datetime.now(UTC) - timedelta(hours=2)
    page = zendesk.changed(since)
    zendesk.changed(since, page.cursor)
    zendesk.job(zendesk.retag(["1001", "1002"], ["seen"], ["vip"]))
    jira.changed(since)


def makes_an_issue(jira: JiraClient) -> None:
    """Make what the bridge makes at Jira."""
    issue = NewIssue(
        "ENG", "Bug", "It is down", "Nothing works.\n\n- since noon", "firstline-1001", labels=("triaged",),
        components=("API",), priority="High",
    )  # fmt: skip
    ref, _ = jira.create_issue(issue)
    jira.find_issue(issue.marker)
    jira.link_remote(ref, RemoteLink("firstline:1001", "https://acme.zendesk.com/agent/tickets/1001", "It is down"))


def sets_up(zendesk: ZendeskClient, account: ZendeskAccount, jira: JiraClient, site: JiraAccount) -> None:
    """Make in both what ``triage setup`` makes, and read what ``triage doctor`` reads."""
    hand, other = zendesk_setup.ZendeskSetup(zendesk, account), jira_setup.JiraSetup(jira, site)
    wanted, target = Wanted(("New group",), ()), "https://firstline.example"
    for step in zendesk_setup.plan(hand.there(), wanted, account, target, trigger=True).steps:
        if step.state == "make":
            hand.make(step, f"{target}/webhooks/zendesk/acme")
    for step in jira_setup.plan(other.there(), site, target).steps:
        if step.state == "make":
            other.make(step, f"{target}/webhooks/jira/acme", "s" * 32)
    hand.there()
    hand.people([zendesk.whoami()])
    other.people([jira.whoami()])
    other.lacks(("EDIT_ISSUES", "ADD_COMMENTS"), "SUP")


def judged(url: str, vendor: str, one: Mapping[str, Any]) -> tuple[int, str]:
    """Prism's verdict on a request: the status, and what it objects to."""
    address = f"{url}{one['path']}" + (f"?{one['query']}" if one["query"] else "")
    answer = requests.request(one["method"], address, json=one["body"], auth=AUTH[vendor], timeout=30)
    return answer.status_code, answer.headers.get("sl-violations", "") or answer.text[:500]


@pytest.mark.parametrize("vendor", VENDORS)
def test_prism_takes_every_request_that_the_client_and_the_setup_make(
    judges: Mapping[str, str], asked: list[dict[str, Any]], vendor: str
) -> None:
    ours = [one for one in asked if one["vendor"] == vendor and not one["path"].startswith(NOT_DESCRIBED)]
    assert {one["status"] for one in ours} <= {200, 201, 204}, "the sandbox took them all"
    assert {"GET", "POST", "PUT"} == {one["method"] for one in ours}
    distinct = {(one["method"], one["path"], one["query"], json.dumps(one["body"])): one for one in ours}
    assert len(distinct) > 10
    for one in distinct.values():
        status, said = judged(judges[vendor], vendor, one)
        assert status in (200, 201, 204), (one["method"], one["path"], status, said)


@pytest.mark.parametrize(
    ("vendor", "path", "body"),
    [
        ("zendesk", "/api/v2/tickets/1001.json", {"ticket": {"priority": "P1"}}),
        ("zendesk", "/api/v2/tickets/1001.json", {"ticket": {"additional_tags": ["a"]}}),
        ("zendesk", "/api/v2/tickets/1001.json", {"ticket": {"updated_stamp": "2026-03-02"}}),
        ("jira", "/rest/api/2/issue/SUP-1", {"update": {"labels": {"add": "x"}}}),
        ("jira", "/rest/api/2/issue/SUP-1", {"fields": []}),
    ],
)
def test_prism_refuses_what_the_vendors_refuse(
    judges: Mapping[str, str], vendor: str, path: str, body: Mapping[str, Any]
) -> None:
    wrong = {"method": "PUT", "path": path, "query": "", "body": body}
    assert judged(judges[vendor], vendor, wrong)[0] in (400, 422)
