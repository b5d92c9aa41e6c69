"""The sandbox's Jira is as strict as the real one is said to be (Atlassian's reference, real deliveries)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import requests

from app.sandbox.server import Sandbox

AUTH = ("firstline@sandbox.example", "sandbox")
DOCUMENT = {"type": "doc", "version": 1,
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": "rich"}]}]}  # fmt: skip


class Desk:
    """A sandbox, spoken to through both of its doors."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url
        self.http = requests.Session()
        self.http.trust_env = False

    def api(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        more.setdefault("auth", AUTH)
        root = "" if path.startswith(("servicedeskapi", "api")) else "api/2/"
        return self.http.request(method, f"{self.url}/jira/rest/{root}{path}", json=body, timeout=5, **more)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"{self.url}/control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def new(self, **given: Any) -> str:
        given = {"subject": "Help", "body": "It broke", "requester": "Ann", **given}
        return str(self.control("POST", "jira/issues", given)["key"])

    def fields(self, key: str) -> dict[str, Any]:
        return dict(self.api("GET", f"issue/{key}").json()["fields"])


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=False) as sandbox:
        yield sandbox


@pytest.fixture
def desk(running: Sandbox) -> Desk:
    return Desk(running)


@pytest.fixture
def key(desk: Desk) -> str:
    return desk.new(labels=["vip"])


def test_only_the_right_token_is_let_in(desk: Desk) -> None:
    for auth in (None, (AUTH[0], "wrong"), ("who@x.example", "sandbox")):
        assert desk.api("GET", "myself", auth=auth).status_code == 401
    assert desk.api("GET", "myself").json()["displayName"] == "Firstline"
    assert desk.api("GET", "serverInfo").json()["deploymentType"] == "Cloud"


def test_labels_are_added_and_removed_one_by_one_and_the_others_stay(desk: Desk, key: str) -> None:
    desk.control("POST", f"jira/issues/{key}/edit", {"add_tags": ["by-agent"]})
    answer = desk.api("PUT", f"issue/{key}", {"update": {"labels": [{"add": "sev-p1"}, {"remove": "vip"}]}})
    assert (answer.status_code, answer.text) == (204, "")
    assert desk.fields(key)["labels"] == ["by-agent", "sev-p1"]
    desk.api("PUT", f"issue/{key}", {"update": {"labels": [{"set": ["only"]}]}})
    assert desk.fields(key)["labels"] == ["only"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"update": {"labels": [{"add": "two words"}]}}, "labels"),
        ({"fields": {"labels": "text"}}, "labels"),
        ({"fields": {"priority": {"name": "P1"}}}, "priority"),
        ({"fields": {"priority": "High"}}, "priority"),
        ({"fields": {"components": [{"name": "Nobody"}]}}, "components"),
        ({"fields": {"assignee": {"name": "dana"}}}, "assignee"),
        ({"fields": {"assignee": {"accountId": "nobody"}}}, "assignee"),
        ({"fields": {"bogus": 1}}, "bogus"),
        ({"fields": {"description": DOCUMENT}}, "description"),
        ({"fields": {"summary": "a\nb"}}, "summary"),
        ({"fields": {"labels": []}, "update": {"labels": [{"add": "x"}]}}, "labels"),
        ({"update": {"labels": [{"append": "x"}]}}, "labels"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_value_is_named_and_nothing_of_the_request_is_applied(
    desk: Desk, key: str, body: dict[str, Any], field: str
) -> None:
    before = desk.control("GET", f"jira/issues/{key}")["values"]
    body = {**body, "update": {"duedate": [{"set": "2026-12-01"}], **body.get("update", {})}}
    answer = desk.api("PUT", f"issue/{key}", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert desk.control("GET", f"jira/issues/{key}")["values"] == before


def test_status_among_the_fields_is_ignored(desk: Desk, key: str) -> None:
    assert desk.api("PUT", f"issue/{key}", {"fields": {"status": {"name": "Closed"}, "summary": "New"}}).ok
    assert (desk.fields(key)["status"]["name"], desk.fields(key)["summary"]) == ("Waiting for support", "New")


def test_only_a_transition_that_is_there_now_moves_the_issue(desk: Desk, key: str) -> None:
    there = {one["name"]: one["id"] for one in desk.api("GET", f"issue/{key}/transitions").json()["transitions"]}
    assert "Close" not in there
    for wrong in ("61", 11, "999"):
        answer = desk.api("POST", f"issue/{key}/transitions", {"transition": {"id": wrong}})
        assert answer.status_code == 400
    assert desk.api("POST", f"issue/{key}/transitions", {"transition": {"id": there["Triage"]}}).status_code == 204
    assert desk.fields(key)["status"]["name"] == "Triaged"
    desk.api("POST", f"issue/{key}/transitions", {"transition": {"id": "51"}})
    assert desk.fields(key)["resolution"]["name"] == "Done"


def test_a_comment_is_public_unless_it_is_said_to_be_internal(desk: Desk, key: str) -> None:
    internal = {"properties": [{"key": "sd.public.comment", "value": {"internal": True}}]}
    public = desk.api("POST", f"issue/{key}/comment", {"body": "a"}).json()["jsdPublic"]
    hidden = desk.api("POST", f"issue/{key}/comment", {"body": "b", **internal}).json()["jsdPublic"]
    in_edit = {"update": {"comment": [{"add": {"body": "c", **internal}}]}}
    desk.api("PUT", f"issue/{key}", in_edit)
    comments = desk.api("GET", f"issue/{key}/comment").json()["comments"]
    assert (public, hidden) == (True, False)
    assert [one["jsdPublic"] for one in comments] == [True, False, True]


def test_the_service_desk_publishes_by_default(desk: Desk, key: str) -> None:
    path = f"servicedeskapi/request/{key}/comment"
    assert desk.api("POST", path, {"body": "a"}).json()["public"] is True
    assert desk.api("POST", path, {"body": "b", "public": False}).json()["public"] is False
    assert [one["body"] for one in desk.api("GET", path + "?public=false").json()["values"]] == ["b"]
    engineering = desk.new(project="ENG")
    assert desk.api("POST", f"servicedeskapi/request/{engineering}/comment", {"body": "a"}).status_code == 404


def test_version_three_takes_documents_and_version_two_takes_text(desk: Desk, key: str) -> None:
    assert desk.api("POST", f"api/3/issue/{key}/comment", {"body": "plain"}).status_code == 400
    assert desk.api("POST", f"issue/{key}/comment", {"body": DOCUMENT}).status_code == 400
    assert desk.api("POST", f"api/3/issue/{key}/comment", {"body": DOCUMENT}).json()["body"] == DOCUMENT
    assert desk.api("GET", f"issue/{key}/comment").json()["comments"][0]["body"] == "rich"


def test_a_comment_may_be_neither_empty_nor_too_long(desk: Desk, key: str) -> None:
    for body in ("", "  ", "x" * 32_768, None):
        answer = desk.api("POST", f"issue/{key}/comment", {"body": body})
        assert answer.status_code == 400
        assert "comment" in answer.json()["errors"]


def test_histories_tell_who_changed_what(desk: Desk, key: str) -> None:
    desk.control("POST", f"jira/issues/{key}/edit", {"priority": "High"})
    (history,) = desk.api("GET", f"issue/{key}?expand=changelog").json()["changelog"]["histories"]
    assert history["author"]["displayName"] == "Dana Okafor"
    (item,) = history["items"]
    assert (item["field"], item["fromString"], item["toString"]) == ("priority", "Medium", "High")


def test_the_same_link_twice_is_one_link_and_two_comments(desk: Desk, key: str) -> None:
    other = desk.new()
    body = {"type": {"name": "Duplicate"}, "inwardIssue": {"key": key}, "outwardIssue": {"key": other},
            "comment": {"body": "same"}}  # fmt: skip
    for _ in range(2):
        assert desk.api("POST", "issueLink", body).status_code == 201
    fields = desk.fields(key)
    assert [one["outwardIssue"]["key"] for one in fields["issuelinks"]] == [other]
    assert [one["inwardIssue"]["key"] for one in desk.fields(other)["issuelinks"]] == [key]
    assert len(fields["comment"]["comments"]) == 2
    assert desk.api("POST", "issueLink", {**body, "type": {"name": "Nothing"}}).status_code == 404
    assert desk.api("POST", "issueLink", {**body, "outwardIssue": {"key": "SUP-999"}}).status_code == 404


def test_a_watcher_is_a_bare_id_and_watches_once(desk: Desk, key: str) -> None:
    dana = desk.control("POST", f"jira/issues/{key}/edit", {"assignee": "dana@sandbox.example"})["values"]["assignee"]
    for _ in range(2):
        assert desk.api("POST", f"issue/{key}/watchers", dana).status_code == 204
    assert [one["accountId"] for one in desk.api("GET", f"issue/{key}/watchers").json()["watchers"]] == [dana]
    assert desk.fields(key)["watches"]["watchCount"] == 1
    assert "watchers" not in desk.fields(key)["watches"]
    assert desk.api("POST", f"issue/{key}/watchers", {"accountId": dana}).status_code == 400
    assert desk.api("POST", f"issue/{key}/watchers", "nobody").status_code == 404
    assert desk.api("DELETE", f"issue/{key}/watchers?accountId={dana}").status_code == 204
    assert desk.api("DELETE", f"issue/{key}/watchers?accountId={dana}").status_code == 404


def test_the_assignee_has_a_request_of_its_own(desk: Desk, key: str) -> None:
    me = desk.api("GET", "myself").json()["accountId"]
    assert desk.api("PUT", f"issue/{key}/assignee", {"accountId": me}).status_code == 204
    assert desk.fields(key)["assignee"]["accountId"] == me
    assert desk.api("PUT", f"issue/{key}/assignee", {"name": "dana.okafor"}).status_code == 400
    assert desk.api("PUT", f"issue/{key}/assignee", {"accountId": None}).status_code == 204
    assert desk.fields(key)["assignee"] is None
    customer = desk.fields(key)["reporter"]["accountId"]
    assert desk.api("PUT", f"issue/{key}/assignee", {"accountId": customer}).status_code == 400


def test_screens_tell_what_an_issue_may_be_made_and_edited_with(desk: Desk, key: str) -> None:
    types = desk.api("GET", "issue/createmeta/ENG/issuetypes").json()["issueTypes"]
    assert [one["name"] for one in types] == ["Bug", "Task", "Story", "Epic"]
    fields = desk.api("GET", "issue/createmeta/ENG/issuetypes/10011").json()["fields"]
    by_id = {one["fieldId"]: one for one in fields}
    assert [one["name"] for one in by_id["components"]["allowedValues"]] == ["API", "Web", "Mobile", "Billing"]
    assert "customfield_10052" not in by_id
    wrong = {"project": {"key": "ENG"}, "issuetype": {"name": "Bug"}, "summary": "s",
             "customfield_10052": {"value": "Pro"}, "components": [{"name": "Nobody"}]}  # fmt: skip
    refusal = desk.api("POST", "issue", {"fields": wrong})
    assert refusal.status_code == 400
    assert set(refusal.json()["errors"]) == {"customfield_10052", "components"}
    editable = desk.api("GET", f"issue/{key}?expand=editmeta").json()["editmeta"]["fields"]
    assert "customfield_10052" in editable
    assert "project" not in editable
    assert desk.api("GET", "issue/createmeta/NONE/issuetypes").status_code == 404


def test_a_service_desks_clocks_run_stand_still_and_end(desk: Desk, key: str) -> None:
    first, whole = "customfield_10060", "customfield_10061"
    assert desk.fields(key)[first]["ongoingCycle"]["breached"] is False
    desk.control("POST", f"jira/issues/{key}/comments", {"by": "agent", "body": "On it"})
    desk.control("POST", f"jira/issues/{key}/edit", {"status": "Waiting for customer"})
    fields = desk.fields(key)
    assert fields[first]["completedCycles"][0]["breached"] is False
    assert fields[whole]["ongoingCycle"]["paused"] is True
    assert "breachTime" not in fields[whole]["ongoingCycle"]
    assert desk.fields(desk.new(project="ENG"))[whole] is None


def test_times_in_a_query_are_in_the_zone_of_who_asks_unless_they_are_bare_numbers(desk: Desk) -> None:
    key = desk.new(labels=["when"])
    at = datetime.fromisoformat(desk.fields(key)["updated"])
    minute = at.replace(second=0)

    def found(condition: str) -> bool:
        return bool(desk.api("GET", "search/jql", params={"jql": f"labels = when AND {condition}"}).json()["issues"])

    desk.control("POST", "settings", {"jira_time_zone": "America/New_York"})
    try:
        assert not found(f'updated >= "{minute:%Y-%m-%d %H:%M}"')
        assert found(f"updated >= {int(minute.timestamp() * 1000)}")
    finally:
        desk.control("POST", "settings", {"jira_time_zone": "Etc/UTC"})


def test_a_data_center_knows_people_by_name_and_still_has_its_old_search(desk: Desk, key: str) -> None:
    desk.control("POST", "settings", {"jira_deployment": "server"})
    try:
        assert (
            desk.api("GET", "myself", auth=None, headers={"Authorization": "Bearer sandbox"}).json()["name"]
            == "firstline"
        )
        assert desk.api("PUT", f"issue/{key}", {"fields": {"assignee": {"accountId": "x"}}}).status_code == 400
        assert desk.api("PUT", f"issue/{key}", {"fields": {"assignee": {"name": "dana.okafor"}}}).status_code == 204
        assert desk.api("POST", f"issue/{key}/watchers", "miguel.soares").status_code == 204
        assert desk.api("GET", "search/jql?jql=project=SUP").status_code == 404
        page = desk.api("GET", f"search?jql=key={key}&fields=assignee").json()
        assert (page["total"], page["issues"][0]["fields"]["assignee"]["name"]) == (1, "dana.okafor")
        assert "accountId" not in page["issues"][0]["fields"]["assignee"]
        assert desk.api("GET", "issue/createmeta/ENG/issuetypes").json()["values"]
    finally:
        desk.control("POST", "settings", {"jira_deployment": "cloud"})


def test_a_burst_of_one_kind_of_request_is_cut_with_its_reason(desk: Desk) -> None:
    desk.control("POST", "settings", {"jira_gets_per_second": 3})
    try:
        answers = [desk.api("GET", "priority") for _ in range(4)]
        assert [one.status_code for one in answers] == [200] * 3 + [429]
        assert answers[-1].headers["RateLimit-Reason"] == "jira-burst-based"
        assert desk.api("GET", "status").ok
    finally:
        desk.control("POST", "settings", {"jira_gets_per_second": 100})


def test_a_remote_link_with_a_global_id_is_kept_once(desk: Desk, key: str) -> None:
    body = {"globalId": "ticket=1", "object": {"url": "http://z.test/1", "title": "One"}}
    first = desk.api("POST", f"issue/{key}/remotelink", body)
    second = desk.api("POST", f"issue/{key}/remotelink", {**body, "object": {"url": "http://z.test/1", "title": "Two"}})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    (link,) = desk.api("GET", f"issue/{key}/remotelink").json()
    assert link["object"]["title"] == "Two"


def test_a_moved_issue_has_a_new_key_and_the_old_one_still_leads_to_it(desk: Desk, key: str) -> None:
    before = desk.api("GET", f"issue/{key}").json()
    desk.control("POST", f"jira/issues/{key}/edit", {"project": "ENG"})
    after = desk.api("GET", f"issue/{key}").json()
    assert after["id"] == before["id"]
    assert after["key"].startswith("ENG-")
    assert after["fields"]["project"]["key"] == "ENG"


def test_search_has_moved(desk: Desk) -> None:
    assert desk.api("GET", "search?jql=project=SUP").status_code == 410
    assert desk.api("POST", "search", {"jql": "project=SUP"}).status_code == 410


def test_search_gives_ids_unless_fields_are_asked_for_and_pages_by_token(desk: Desk) -> None:
    keys = [desk.new(labels=["searched"]) for _ in range(3)]
    query = {"jql": 'labels = "searched" AND project in (SUP, ENG) ORDER BY key ASC', "maxResults": 2}
    first = desk.api("POST", "search/jql", query).json()
    assert [set(one) for one in first["issues"]] == [{"id"}, {"id"}]
    assert first["isLast"] is False
    second = desk.api("POST", "search/jql", {**query, "nextPageToken": first["nextPageToken"], "fields": ["summary"]})
    assert [one["key"] for one in second.json()["issues"]] == keys[2:]
    assert second.json()["isLast"] is True


def test_alternatives_stand_in_brackets(desk: Desk) -> None:
    key = desk.new(labels=["either"])
    for jql in ('(project in (ENG) OR labels = "either") AND project = SUP', '(labels = "either")'):
        found = desk.api("GET", "search/jql", params={"jql": jql, "fields": "summary"}).json()["issues"]
        assert [one["key"] for one in found] == [key]


@pytest.mark.parametrize(
    "jql",
    [
        "",
        "order by created",
        "bogus = 1",
        "project = SUP OR project = ENG",
        "summary > 3",
        "(project = SUP",
        "(project = SUP AND project = ENG)",
    ],
)
def test_a_query_that_is_not_understood_is_refused(desk: Desk, jql: str) -> None:
    answer = desk.api("GET", "search/jql", params={"jql": jql})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"]


def test_twenty_writes_to_one_issue_in_two_seconds_are_enough(desk: Desk, key: str) -> None:
    answers = [desk.api("PUT", f"issue/{key}", {"fields": {"summary": f"s{number}"}}) for number in range(21)]
    assert [one.status_code for one in answers] == [204] * 20 + [429]
    assert answers[-1].headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert desk.api("PUT", f"issue/{desk.new()}", {"fields": {"summary": "other"}}).ok


def test_an_unknown_issue_is_not_found_in_jiras_words(desk: Desk) -> None:
    answer = desk.api("GET", "issue/SUP-4711")
    assert answer.status_code == 404
    assert answer.json()["errorMessages"] == ["Issue does not exist or you do not have permission to see it."]


def test_an_agent_can_edit_right_after_the_workers_read(desk: Desk, key: str) -> None:
    desk.control("POST", f"jira/issues/{key}/edit_after_read", {"priority": "Highest"})
    assert desk.fields(key)["priority"]["name"] == "Medium"
    assert desk.fields(key)["priority"]["name"] == "Highest"


def test_an_issue_shows_its_customer_and_their_tier(desk: Desk) -> None:
    fields = desk.fields(desk.new(requester={"name": "Zoe", "email": "zoe@brightwell.example"}))
    assert fields["customfield_10002"][0]["name"] == "Brightwell Clinics"
    assert fields["customfield_10052"]["value"] == "Enterprise"
    assert fields["reporter"]["accountType"] == "customer"
    assert "emailAddress" not in fields["reporter"]


def test_the_page_of_an_issue_escapes_and_marks_internal_notes(desk: Desk) -> None:
    key = desk.new(subject="<i>x</i>", body="<script>alert(1)</script>")
    desk.api("POST", f"servicedeskapi/request/{key}/comment", {"body": "hidden", "public": False})
    page = desk.http.get(f"{desk.url}/jira/browse/{key}", timeout=5).text
    assert "&lt;i&gt;x&lt;/i&gt;" in page
    assert "<script>" not in page
    assert "internal note" in page
