"""Notes stay inside: in the Cloud and in a Data Center, by the desk's request and by what is left without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses
from pydantic import SecretStr

from app.errors import Refused
from app.triage.actions import AddNote
from app.vendors import Write
from app.vendors.jira.client import JiraClient
from config.accounts import JiraAccount
from tests.contract.jira_sites import DEPLOYMENTS, JiraSite, running

DESK = "/rest/servicedeskapi/request"
NOTE = AddNote("Rated P1.", "m1")
NO_REQUEST = {"action": "status:404", "vendor": "jira", "path_contains": "servicedeskapi"}


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def running_site(request: pytest.FixtureRequest) -> Iterator[JiraSite]:
    with running(request.param) as one:
        yield one


@pytest.fixture
def site(running_site: JiraSite) -> Iterator[JiraSite]:
    yield running_site
    running_site.control("DELETE", "faults")


@pytest.mark.parametrize("project", ["SUP", "ENG"])
def test_a_note_is_internal_where_customers_read(site: JiraSite, project: str) -> None:
    key, client = site.new(project=project), site.client()
    site.carry_out(client, key, NOTE)
    (comment,) = site.state(key)["comments"]
    assert comment["public"] is (project == "ENG")


def test_an_issue_in_a_service_project_that_no_customer_raised_takes_the_note_as_internal(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    site.control("POST", "faults", NO_REQUEST)
    site.carry_out(client, key, NOTE)
    (comment,) = site.state(key)["comments"]
    assert (comment["public"], comment["body"]) == (False, "Rated P1.")


@pytest.mark.parametrize(
    "seen",
    [
        {"json": {"id": "77", "properties": []}},
        {"json": {"id": "77", "properties": [{"key": "sd.public.comment", "value": {"internal": False}}]}},
        {"json": {"id": "77"}},
        {"status": 404},
        {"status": 503},
        {"body": requests.ConnectionError()},
    ],
)
def test_a_note_that_a_data_center_does_not_show_as_internal_is_an_alarm_and_not_sent_again(seen: Any) -> None:
    base, note = "https://jira.acme.test", Write("POST", f"{DESK}/SUP-1/comment", {"body": "x", "public": False}, ())
    account = JiraAccount(name="acme", url=base, token=SecretStr("t"), deployment="server")
    with responses.RequestsMock() as wire:
        wire.post(base + note.path, status=404)
        made = wire.post(f"{base}/rest/api/2/issue/SUP-1/comment", json={"id": "77"}, status=201)
        wire.get(f"{base}/rest/api/2/issue/SUP-1/comment/77?expand=properties", **seen)
        with pytest.raises(Refused, match="MAY BE PUBLIC"):
            JiraClient(account).send(note)
        assert made.call_count == 1


def test_who_sees_a_comment_is_read_from_both(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    for said in ({"body": "inside", "public": False}, {"body": "outside"}):
        site.control("POST", f"jira/issues/{key}/comments", {"by": "agent", **said})
    ticket = site.read(client, key)
    assert [(one.body, one.public) for one in ticket.comments] == [("inside", False), ("outside", True)]
    assert [one.body for one in ticket.answers] == ["outside"]


@pytest.mark.parametrize(("project", "said", "more"), [("SUP", True, 1), ("SUP", False, 0), ("ENG", True, 0)])
def test_only_a_data_centers_service_projects_cost_a_read_more(
    site: JiraSite, project: str, said: bool, more: int
) -> None:
    key, client = site.new(project=project), site.client()
    if said:
        site.control("POST", f"jira/issues/{key}/comments", {"by": "agent", "body": "On it"})
    client.whoami()
    before = len(site.asked())
    site.read(client, key)
    assert len(site.asked()) - before == 1 + (more if site.deployment == "server" else 0)


def test_rich_documents_are_not_what_a_comment_takes(site: JiraSite) -> None:
    """Why text goes by version 2: what version 3 wants is refused here, and the other way round."""
    key, client = site.new(), site.client()
    document: dict[str, Any] = {"type": "doc", "version": 1, "content": []}
    client._jira._session.hooks["response"] = client._jira._session.hooks["response"][-1:]  # wrong on purpose
    for version, body in (("2", document), ("3", "plain text")):
        with pytest.raises(Refused):
            client.send(Write("POST", f"/rest/api/{version}/issue/{key}/comment", {"body": body}, ()))
    assert site.state(key)["comments"] == []
