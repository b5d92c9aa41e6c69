"""What a support issue and an engineering issue tell when they are read from a site, in one request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.contract.jira_sites import DEPLOYMENTS, JiraSite, running

FIELDS = {
    "organization": "customfield_10002",
    "tier": "customfield_10052",
    "response_sla": "customfield_10060",
    "resolution_sla": "customfield_10061",
}


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def site(request: pytest.FixtureRequest) -> Iterator[JiraSite]:
    with running(request.param) as one:
        yield one


def test_a_request_tells_its_customers_organisation_and_tier_in_one_read(site: JiraSite) -> None:
    person = {"name": "Zoe", "email": "zoe@brightwell.example"}
    key, client = site.new(requester=person, attachments=["trace.log", "screen.png"]), site.client(fields=FIELDS)
    client.whoami()
    before = len(site.asked())
    ticket = site.read(client, key)
    assert site.asked()[before:] == [("GET", f"/api/2/issue/{key}")]
    assert (ticket.requester.organization, ticket.requester.tier) == ("Brightwell Clinics", "Enterprise")
    assert ticket.requester.organization_id
    assert ticket.attachments == ("trace.log", "screen.png")
    assert ticket.followers == frozenset()


def test_two_organisations_have_two_ids(site: JiraSite) -> None:
    client = site.client(fields=FIELDS)
    people = [{"name": name, "email": f"{name}@{name}.example"} for name in ("brightwell", "lumenpress")]
    read = [site.read(client, site.new(requester=person)).requester for person in people]
    assert len({one.organization_id for one in read}) == 2


def test_the_desks_own_clocks_are_read(site: JiraSite) -> None:
    key, client = site.new(), site.client(fields=FIELDS)
    ticket = site.read(client, key)
    due = datetime.fromisoformat(ticket.fields["response_sla"] or "")
    assert timedelta(0) <= ticket.created_at + timedelta(hours=4) - due < timedelta(seconds=2)
    site.control("POST", f"jira/issues/{key}/comments", {"by": "agent", "body": "On it"})
    site.control("POST", f"jira/issues/{key}/edit", {"status": "Waiting for customer"})
    ticket = site.read(client, key)
    assert (ticket.fields["response_sla"], ticket.fields["resolution_sla"]) == ("met", "paused")


def test_an_engineering_issue_tells_what_became_of_it(site: JiraSite) -> None:
    key, client = site.new(project="ENG", group="Web"), site.client(fields=FIELDS)
    assert (site.read(client, key).resolution, site.read(client, key).fix_versions) == ("", ())
    edit = {"status": "Done", "fix_versions": ["4.2.1", "4.3.0"], "group": "Web"}
    site.control("POST", f"jira/issues/{key}/edit", edit)
    ticket = site.read(client, key)
    assert (ticket.resolution, ticket.fix_versions, ticket.area) == ("Done", ("4.2.1", "4.3.0"), "Web")
    assert ticket.fields["resolution_sla"] is None
