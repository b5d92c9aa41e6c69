"""Issues that are made for tickets of another system: with all that the project takes, and found again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import Gone, OutcomeUnknown, Refused, Unavailable
from app.triage.bridge import NewIssue, RemoteLink
from app.triage.ticket import Ref
from app.vendors.jira.screens import BELIEVED, Screens
from tests.contract.jira_sites import DEPLOYMENTS, JiraSite, running

FIELDS = {"severity": "customfield_10050", "label": "customfield_10051", "tier": "customfield_10052"}
MADE = ("POST", "/api/2/issue")
TYPES, SCREEN = "/api/2/issue/createmeta/ENG/issuetypes", "/api/2/issue/createmeta/ENG/issuetypes/10011"


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def running_site(request: pytest.FixtureRequest) -> Iterator[JiraSite]:
    with running(request.param) as one:
        yield one


@pytest.fixture
def site(running_site: JiraSite) -> Iterator[JiraSite]:
    yield running_site
    running_site.control("DELETE", "faults")


def wanted(marker: str, **told: Any) -> NewIssue:
    usual = {
        "project": "ENG",
        "issue_type": "Bug",
        "summary": "Checkout is down",
        "text": "It fails.\n\n> [~ann] {code}",
    }
    return NewIssue(**(usual | told), marker=marker)


def made(site: JiraSite) -> int:
    return site.asked().count(MADE)


def test_an_issue_is_made_with_all_that_the_project_takes(site: JiraSite) -> None:
    issue = wanted(
        "triage-a1",
        labels=("vip customer", "triage-backlog"),
        components=("web", "API"),
        priority="highest",
        fields={"severity": "P1"},
    )
    ref, left_out = site.client(fields=FIELDS).create_issue(issue)
    assert left_out == {}
    values = site.state(ref.id)["values"]
    assert values["summary"] == "Checkout is down"
    assert values["description"] == "It fails.\n\n{noformat}\n[\u200b~ann] {\u200bcode}\n{noformat}"
    assert values["labels"] == ["triage-a1", "triage-backlog", "vip-customer"]
    assert (values["components"], values["priority"]) == (["Web", "API"], "Highest")
    assert values["customfield_10050"] == "P1"
    assert site.state(ref.id)["issuetype"] == "Bug"


def test_what_the_project_does_not_take_is_left_out_and_told_and_the_rest_is_made(site: JiraSite) -> None:
    issue = wanted(
        "triage-b1",
        issue_type="Defect",
        components=("Nobody", "Web"),
        priority="P1",
        fields={"severity": "P1", "tier": "Pro", "region": "EMEA"},
    )
    before = made(site)
    ref, left_out = site.client(fields=FIELDS).create_issue(issue)
    assert made(site) == before + 1
    assert set(left_out) == {"issue_type", "components", "priority", "tier", "region"}
    assert "'Nobody'" in left_out["components"]
    assert "API, Web, Mobile, Billing" in left_out["components"]
    assert "Highest" in left_out["priority"]
    assert "customfield_10052" in left_out["tier"]
    assert "create screen of ENG (Bug)" in left_out["tier"]
    assert "TRIAGE_JIRA__ACME__FIELDS" in left_out["region"]
    state = site.state(ref.id)
    assert state["issuetype"] == "Bug"
    assert (state["values"]["components"], state["values"]["priority"]) == (["Web"], "Medium")
    assert state["values"]["customfield_10050"] == "P1"


def test_what_jira_refuses_all_the_same_is_dropped_and_it_is_asked_once_more(site: JiraSite) -> None:
    issue = wanted("triage-c1", labels=("x" * 256,), fields={"severity": "y" * 256, "label": "Bug"})
    before = made(site)
    ref, left_out = site.client(fields=FIELDS).create_issue(issue)
    assert made(site) == before + 2
    assert set(left_out) == {"labels", "severity"}
    values = site.state(ref.id)["values"]
    assert (values["labels"], values["customfield_10051"]) == (["triage-c1"], "Bug")
    assert "customfield_10050" not in values
    assert values["description"]


def test_a_refusal_that_blames_what_cannot_be_left_out_is_a_refusal(site: JiraSite) -> None:
    before = made(site)
    with pytest.raises(Refused, match=r"summary.*make it optional"):
        site.client().create_issue(wanted("triage-d1", summary="  "))
    assert made(site) == before + 1


def test_the_screens_are_read_once_for_several_issues(site: JiraSite) -> None:
    client, before = site.client(), len(site.asked())
    for number in range(3):
        client.create_issue(wanted(f"triage-e{number}"))
    assert site.asked()[before:] == [("GET", TYPES), ("GET", SCREEN), MADE, MADE, MADE]


@pytest.mark.parametrize("project", ["NONE", "eng", "ENG/../SUP", ""])
def test_a_project_that_is_not_there_is_a_refusal_and_nothing_has_gone(site: JiraSite, project: str) -> None:
    with pytest.raises(Refused):
        site.client().create_issue(wanted("triage-f1", project=project))


@pytest.mark.parametrize("marker", ['x" OR project = SUP', "two words", "", "-x", "x" * 256, "x\\"])
def test_a_marker_that_is_no_plain_label_never_becomes_a_query(site: JiraSite, marker: str) -> None:
    before = len(site.asked())
    with pytest.raises(Refused):
        site.client().find_issue(marker)
    with pytest.raises(Refused):
        site.client().create_issue(wanted(marker))
    assert len(site.asked()) == before


@pytest.mark.parametrize("action", ["drop_after_apply", "truncate", "html502"])
def test_an_answer_that_never_came_is_unknown_and_the_marker_tells(site: JiraSite, action: str) -> None:
    client, marker = site.client(), f"triage-g-{action}"
    site.control("POST", "faults", {"action": action, "vendor": "jira", "method": "POST", "times": 1})
    before = made(site)
    with pytest.raises(OutcomeUnknown):
        client.create_issue(wanted(marker))
    assert made(site) <= before + 1
    found = client.find_issue(marker)
    assert (found is not None) is (action != "html502")


def test_screens_that_cannot_be_read_make_nothing(site: JiraSite) -> None:
    site.control(
        "POST", "faults", {"action": "status:503", "vendor": "jira", "path_contains": "createmeta", "times": 1}
    )
    before = made(site)
    with pytest.raises(Unavailable):
        site.client().create_issue(wanted("triage-h1"))
    assert made(site) == before


def test_the_oldest_issue_with_the_marker_is_found_in_one_request(site: JiraSite) -> None:
    client = site.client()
    first, _ = client.create_issue(wanted("triage-i1"))
    client.create_issue(wanted("triage-i1"))
    before = len(site.asked())
    assert client.find_issue("triage-i1") == first
    assert client.find_issue("triage-never") is None
    path = "/api/2/search/jql" if site.deployment == "cloud" else "/api/2/search"
    assert site.asked()[before:] == [("GET", path)] * 2


def test_a_site_that_is_configured_as_the_other_kind_is_told_and_nothing_has_gone(site: JiraSite) -> None:
    other = "cloud" if site.deployment == "server" else "server"
    with pytest.raises(Refused, match="DEPLOYMENT"):
        site.client(deployment=other).find_issue("triage-j1")


def test_a_remote_link_is_one_however_often_it_is_sent(site: JiraSite) -> None:
    client = site.client()
    ref, _ = client.create_issue(wanted("triage-k1"))
    for title in ("Checkout is down", "Checkout is down again"):
        client.link_remote(ref, RemoteLink("zendesk:acme:1", "https://acme.zendesk.com/agent/tickets/1", title))
    (link,) = site.state(ref.id)["remote_links"]
    assert (link["globalId"], link["object"]["title"]) == ("zendesk:acme:1", "Checkout is down again")
    assert link["relationship"] == "is reported by"
    with pytest.raises(Gone):
        client.link_remote(Ref("jira", "acme", "ENG-999"), RemoteLink("g", "https://x.example", "x"))


def test_screens_are_believed_for_some_minutes() -> None:
    now, asked = [0.0], list[str]()

    def read(path: str, parameters: Any) -> dict[str, Any]:
        asked.append(parameters["startAt"])
        return {"issueTypes": [{"id": parameters["startAt"], "name": "Bug"}], "total": 2}

    screens = Screens(read, lambda: now[0])
    for now[0] in (0.0, BELIEVED - 1, BELIEVED):
        assert [one["id"] for one in screens.types("ENG")] == ["0", "1"]
    assert asked == ["0", "1"] * 2


def test_a_project_without_labels_on_its_screen_gets_no_issue_that_could_not_be_found_again() -> None:
    def read(path: str, _: Any) -> dict[str, Any]:
        return (
            {"fields": [{"fieldId": "summary"}]}
            if path.endswith("/1")
            else {"issueTypes": [{"id": "1", "name": "Bug"}]}
        )

    with running("cloud") as site:
        client = site.client()
        client._screens = Screens(read)
        with pytest.raises(Refused, match="Labels is not on the create screen of ENG"):
            client.create_issue(wanted("triage-l1"))
