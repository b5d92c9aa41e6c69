"""Known issues as Jira (Cloud and Data Center) and Zendesk list them, with the real clients against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.runtime import Runtime
from app.sandbox.server import Sandbox
from app.triage import records
from app.triage.known_issues.entry import RegistryEntry
from app.triage.known_issues.sources import SourceIssue, entry_of, workaround_in
from app.triage.ticket import Ref
from app.web import create_app
from config.accounts import JiraAccount, ZendeskAccount
from tests.contract.jira_sites import DEPLOYMENTS
from tests.contract.test_known_issues_at_work import SLOW
from tests.contract.workshop import LOGIN, Workshop
from workers import known_issue_making as making
from workers.registry import EVERY, refresh
from workers.sweep import sweep

BUG: dict[str, Any] = {
    "project": "ENG", "type": "Bug", "subject": "CSV export never ends", "by": "agent", "labels": ["known-issue"],
    "body": "Reports with many rows: HTTP 504 on POST /api/reports/export.\n\n"
            "Customer workaround: export one month at a time.",
}  # fmt: skip
HANGS = "Our CSV export of reports with many rows never ends: HTTP 504 on POST /api/reports/export."


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox, tmp_path: Path) -> Iterator[Workshop]:
    opened = Workshop(tmp_path, sandbox)
    yield opened
    opened.close()


def entries(shop: Workshop, tenant: str = "desk") -> dict[str, RegistryEntry]:
    return {one.key: one for one in shop.runtime.store.known_issues(tenant)}


def read(shop: Workshop) -> int:
    shop.pass_time(seconds=EVERY.total_seconds())
    return refresh(shop.runtime)


def bug(shop: Workshop, **more: Any) -> str:
    return str(shop.control("POST", "/jira/issues", BUG | more)["key"])


def edit_issue(shop: Workshop, key: str, **changes: Any) -> None:
    shop.control("POST", f"/jira/issues/{key}/edit", changes)


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_issues_with_the_label_are_known_issues(sandbox: Sandbox, tmp_path: Path, deployment: str) -> None:
    account = JiraAccount(url=f"{sandbox.url}/jira", deployment=deployment, **LOGIN)
    shop = Workshop(tmp_path, sandbox, jira={"desk": account})
    shop.control("POST", "/settings", {"jira_deployment": deployment})
    key = bug(shop)
    bug(shop, labels=["other"])
    assert read(shop) == 1
    (entry,) = entries(shop).values()
    assert (entry.key, entry.tag, entry.state) == (f"jira:desk:{key}", f"{key}-csv-export-never-ends", "open")
    assert entry.workaround == "export one month at a time."
    assert read(shop) == 0
    edit_issue(shop, key, status="Done")
    assert read(shop) == 1
    assert entries(shop)[f"jira:desk:{key}"].state == "fixed"
    shop.close()


def test_they_are_read_once_in_five_minutes_by_one_search(shop: Workshop) -> None:
    bug(shop)
    refresh(shop.runtime)
    shop.forget()
    assert refresh(shop.runtime) == 0
    assert shop.requests() == []
    read(shop)
    assert [one["path"].split("?")[0] for one in shop.requests() if one["vendor"] == "jira"] == [
        "/rest/api/2/search/jql"
    ]


def test_more_than_a_page_is_read_and_a_few_pages_at_most(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.vendors.jira import search

    monkeypatch.setattr(search, "PAGE", 2)
    keys = {f"jira:desk:{bug(shop, subject=f'Fault {word}')}" for word in ("one", "two", "three", "four", "five")}
    read(shop)
    assert set(entries(shop)) == keys
    monkeypatch.setattr(search, "MOST_KNOWN", 2)
    shop.forget()
    assert read(shop) == 0
    assert sum("/search" in one["path"] for one in shop.requests()) == 1
    assert {one.state for one in entries(shop).values()} == {"open"}, "what was not read is not gone"


def test_what_the_list_lacks_is_fixed_when_it_is_solved_and_dropped_else(sandbox: Sandbox, tmp_path: Path) -> None:
    jql = 'project = "ENG" AND labels = "blocker" AND statusCategory != Done'
    account = JiraAccount(url=f"{sandbox.url}/jira", known_issues_jql=jql, **LOGIN)
    shop = Workshop(tmp_path, sandbox, jira={"desk": account})
    solved, unlabelled, deleted = (bug(shop, labels=["blocker"], subject=f"Fault {n}a") for n in range(3))
    read(shop)
    assert len(entries(shop)) == 3
    edit_issue(shop, solved, status="Done")
    edit_issue(shop, unlabelled, labels=[])
    shop.control("DELETE", f"/jira/issues/{deleted}")
    assert read(shop) == 3
    states = {key.removeprefix("jira:desk:"): one.state for key, one in entries(shop).items()}
    assert states == {solved: "fixed", unlabelled: "dropped", deleted: "dropped"}
    shop.close()


def test_problem_tickets_of_people_are_known_issues_and_one_that_we_made_is_none(shop: Workshop) -> None:
    problem = shop.control("POST", "/zendesk/tickets", {"subject": "Login fails", "body": "For all", "type": "problem"})
    ours = shop.customer_writes("zendesk", "Mails are late", "Mails come late.", type="problem")
    lease = shop.runtime.store.lease(ours, shop.now(), 60)
    assert lease is not None
    shop.runtime.store.wrote(lease, {"type": "problem"}, frozenset())
    assert read(shop) == 1
    (entry,) = entries(shop).values()
    assert (entry.ref, entry.tag) == (Ref("zendesk", "desk", str(problem["id"])), f"{problem['id']}-login-fails")
    shop.control("POST", f"/zendesk/tickets/{problem['id']}/edit", {"status": "solved"})
    assert read(shop) == 1
    assert next(iter(entries(shop).values())).state == "fixed"


def test_a_problem_is_known_as_soon_as_a_look_meets_it_and_no_more_when_it_is_none(shop: Workshop) -> None:
    ref = shop.customer_writes("zendesk", "Export hangs", SLOW, type="problem")
    shop.work(ref)
    assert entries(shop)[str(ref)].state == "open"
    shop.control("POST", f"/zendesk/tickets/{ref.id}/edit", {"type": "question"})
    shop.tell(ref)
    shop.work(ref)
    assert entries(shop)[str(ref)].state == "dropped"


def test_a_ticket_hangs_on_the_issue_of_its_known_issue_and_hears_of_it_once(shop: Workshop) -> None:
    key = bug(shop)
    read(shop)
    ref = shop.customer_writes("zendesk", "CSV export never ends", HANGS)
    shop.work(ref)
    last = shop.runtime.store.last_decision(ref)
    assert last is not None
    assert records.from_json(last).known_issue == key
    assert [one.ref.id for one in shop.runtime.store.linked(ref)] == [key]
    assert f"{key}-csv-export-never-ends" in {
        tag.upper()[: len(key)] + tag[len(key) :] for tag in shop.shown(ref)["tags"]
    }
    edit_issue(shop, key, status="Done")
    issue = Ref("jira", "desk", key)
    shop.tell(issue)
    shop.work(issue)
    assert entries(shop)[str(issue)].state == "fixed"
    shop.work(ref)
    told = [
        one["body"] for one in shop.shown(ref)["comments"] if "resolved" in one["body"] or "is fixed" in one["body"]
    ]
    assert len(told) == 1
    assert not any("csv-export" in tag for tag in shop.shown(ref)["tags"])


def test_trackers_that_do_not_answer_are_told_and_stop_nothing(shop: Workshop) -> None:
    bug(shop)
    shop.control("POST", "/faults", {"vendor": "zendesk", "path_contains": "problems", "action": "status:503"})
    assert read(shop) == 1
    beats = shop.runtime.store.beats()
    assert not beats["known issues zendesk:desk"].ok
    assert beats["known issues zendesk:desk"].detail == {"error": "Unavailable"}
    assert beats["known issues jira:desk"].ok
    checks = create_app(shop.runtime).test_client().get("/readyz").json["checks"]  # type: ignore[index]
    assert checks["known issues zendesk:desk"]["error"] == "Unavailable"
    assert checks["known issues zendesk:desk"]["ok"], "tickets are matched with what is known"
    assert checks["known issues jira:desk"] == {"ok": True}


def test_an_account_may_have_none(sandbox: Sandbox, tmp_path: Path) -> None:
    accounts: dict[str, Any] = {
        "zendesk": {"desk": ZendeskAccount(url=f"{sandbox.url}/zendesk", known_problems="none", **LOGIN)},
        "jira": {"desk": JiraAccount(url=f"{sandbox.url}/jira", known_issues_label="", **LOGIN)},
    }
    shop = Workshop(tmp_path, sandbox, **accounts)
    bug(shop)
    shop.control("POST", "/zendesk/tickets", {"subject": "Login fails", "body": "For all", "type": "problem"})
    assert read(shop) == 0
    assert shop.requests() == []
    shop.close()


ISSUE = SourceIssue(source="jira", key="jira:a:ENG-7", id="ENG-7", title="Slow export", text="It is slow.")


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, {"tag": "ENG-7-slow-export", "state": "open"}),
        ({"labels": ("ENG-7-csv-hangs", "ENG-8-other")}, {"tag": "ENG-7-csv-hangs"}),
        ({"labels": ("eng-7-csv-hangs",)}, {"tag": ""}),
        ({"title": "日本語"}, {"tag": "", "state": "candidate"}),
        (
            {"done": True, "resolution": "Done", "fix_versions": ("4.2", "5.0")},
            {"state": "fixed", "fixed_in": "4.2, 5.0"},
        ),
        ({"done": True, "resolution": "Won't Fix", "fix_versions": ("4.2",)}, {"state": "dropped", "fixed_in": ""}),
        ({"labels": ("Security",)}, {"security": True}),
        ({"text": "Write to ann@acme.example"}, {"text": "Write to [EMAIL_1]"}),
    ],
)
def test_what_an_issue_comes_to(changes: dict[str, Any], wanted: dict[str, Any]) -> None:
    entry = entry_of(replace(ISSUE, **changes))
    assert {name: getattr(entry, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("text", "workaround"),
    [
        ("Customer workaround: use UTF-8.\nMore.", "use UTF-8."),
        ("h3. Customer workaround\n\nUse UTF-8,\nalways.\n\nMore.", "Use UTF-8,\nalways."),
        ("### Workaround for customers\nUse UTF-8.", "Use UTF-8."),
        ("Workaround: restart db01 as root.", ""),
        ("There is no customer workaround.", ""),
    ],
)
def test_only_what_is_written_for_customers_is_told_to_them(text: str, workaround: str) -> None:
    assert workaround_in(text) == workaround


@pytest.fixture
def maker(sandbox: Sandbox, tmp_path: Path) -> Iterator[Workshop]:
    opened = Workshop(tmp_path, sandbox)
    knobs = {"TRIAGE_BRIDGE__PROJECT": "ENG", "TRIAGE_KNOWN_ISSUES__CREATE": "jira"}
    opened.runtime = Runtime(opened.settings, knobs, now=opened.now)
    yield opened
    opened.close()


def proposed(shop: Workshop, **more: Any) -> RegistryEntry:
    entry = RegistryEntry(source="form", key="form:1", title="CSV export never ends", workaround="By month.")
    return shop.runtime.store.change_known_issue("desk", replace(entry, **more), shop.now())


def made(shop: Workshop) -> list[Any]:
    return [one for one in shop.control("GET", "/jira/issues") if one["rendered"]["fields"]["project"]["key"] == "ENG"]


@pytest.mark.policy("S4-74")
def test_an_approved_candidate_gets_its_jira_issue_and_goes_by_its_key(maker: Workshop) -> None:
    proposed(maker, state="candidate")
    assert making.make(maker.runtime) == 0
    proposed(maker)
    assert making.make(maker.runtime) == 1
    assert making.make(maker.runtime) == 0
    (issue,) = made(maker)
    fields = issue["rendered"]["fields"]
    assert fields["summary"] == "CSV export never ends"
    assert set(fields["labels"]) == {"firstline", "known-issue", "known-issue-desk-1"}
    (entry,) = entries(maker).values()
    assert (entry.tag, entry.ref) == (f"{issue['key']}-csv-export-never-ends", Ref("jira", "desk", issue["key"]))
    read(maker)
    assert list(entries(maker)) == ["form:1"], "the search finds it as the same entry"
    edit_issue(maker, issue["key"], status="Done")
    read(maker)
    assert entries(maker)["form:1"].state == "fixed"


@pytest.mark.parametrize("action", ["drop_after_apply", "drop_before_apply", "status:503"])
def test_whatever_becomes_of_the_request_there_is_one_issue_in_the_end(maker: Workshop, action: str) -> None:
    proposed(maker)
    fault = {"vendor": "jira", "method": "POST", "path_contains": "/issue", "action": action}
    maker.control("POST", "/faults", fault)
    assert making.make(maker.runtime) == 0
    for _ in range(5):
        maker.pass_time(seconds=61)
        making.make(maker.runtime)
    assert len(made(maker)) == 1
    assert entries(maker)["form:1"].issue == f"jira:desk:{made(maker)[0]['key']}"


def test_a_cluster_s_proposal_gets_an_issue_and_is_not_proposed_again(maker: Workshop) -> None:
    master = Ref("zendesk", "desk", "35")
    number = maker.runtime.store.propose_known_issue("desk", master, "Login fails", "35-login-fails", maker.now())
    entry = entries(maker)[str(master)]
    maker.runtime.store.change_known_issue("desk", replace(entry, state="open"), maker.now())
    assert making.make(maker.runtime) == 1
    read(maker)
    again = maker.runtime.store.propose_known_issue("desk", master, "Login fails", "35-login-fails", maker.now())
    assert again == number
    (entry,) = entries(maker).values()
    assert entry.tag == f"{made(maker)[0]['key']}-login-fails"


def test_one_sweep_reads_the_trackers_and_has_the_tickets_of_a_fixed_one_looked_at(shop: Workshop) -> None:
    key = bug(shop)
    sweep(shop.runtime)
    assert list(entries(shop)) == [f"jira:desk:{key}"]
    ref = shop.customer_writes("zendesk", "CSV export never ends", HANGS)
    shop.work(ref)
    shop.work(ref)
    assert ref not in shop.runtime.store.due(shop.now(), 10)
    edit_issue(shop, key, status="Done")
    shop.pass_time(seconds=EVERY.total_seconds())
    sweep(shop.runtime)
    assert ref in shop.runtime.store.due(shop.now(), 10)
