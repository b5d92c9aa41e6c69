"""Who works on an issue, who watches it and what it hangs on: the same client on a Cloud and on a Data Center."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import Refused
from app.triage.actions import AddFollowers, AddTags, Assign, Link, SetPriority, Unassign
from app.triage.effects import shows
from app.triage.ticket import Ref
from app.vendors import Write
from tests.contract.jira_sites import DEPLOYMENTS, JiraSite, running

DANA, MIGUEL = "dana@sandbox.example", "miguel@sandbox.example"


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def site(request: pytest.FixtureRequest) -> Iterator[JiraSite]:
    with running(request.param) as one:
        yield one


def ref(key: str) -> Ref:
    return Ref("jira", "acme", key)


def test_an_assignee_goes_by_id_in_a_request_of_its_own(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    sent = site.carry_out(client, key, Assign(site.user(DANA)), AddTags(("sev-p1",)), SetPriority("High"))
    assert sent == [("PUT", f"/api/2/issue/{key}"), ("PUT", f"/api/2/issue/{key}/assignee")]
    assert site.read(client, key).assignee == site.user(DANA)
    assert "sev-p1" in site.state(key)["values"]["labels"]


def test_nobody_is_ever_searched_for(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    site.carry_out(client, key, Assign(site.user(DANA)), AddFollowers((site.user(MIGUEL),)))
    assert not [path for _, path in site.asked() if "user" in path]


def test_an_assignee_who_is_no_longer_the_one_meant_stays(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    site.carry_out(client, key, Assign(site.user(DANA)))
    assert site.carry_out(client, key, Unassign(site.user(MIGUEL))) == []
    assert site.carry_out(client, key, Assign(site.user(DANA))) == []
    assert site.carry_out(client, key, Unassign(site.user(DANA))) == [("PUT", f"/api/2/issue/{key}/assignee")]
    assert site.read(client, key).assignee == ""


def test_people_are_added_as_watchers_one_by_one_and_once(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    both = AddFollowers((site.user(DANA), site.user(MIGUEL)))
    writes, _ = client.writes(site.read(client, key), [both])
    assert [write.actions for write in writes] == [(), (both,)]  # done when the last of them is
    for _ in range(2):
        for write in writes:
            client.send(write)
    assert len(site.state(key)["watchers"]) == 2


def test_a_watcher_whom_jira_does_not_know_does_not_make_the_issue_gone(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    with pytest.raises(Refused, match="PEOPLE"):
        site.carry_out(client, key, AddFollowers(("nobody",)))


def test_a_repetition_duplicates_its_original(site: JiraSite) -> None:
    original, repetition, client = site.new(), site.new(), site.client()
    link = Link(ref(original), "duplicate")
    assert site.carry_out(client, repetition, link) == [("POST", "/api/2/issueLink")]
    (shown,) = site.fields(repetition)["issuelinks"]
    assert (shown["type"]["outward"], shown["outwardIssue"]["key"]) == ("duplicates", original)
    (shown,) = site.fields(original)["issuelinks"]
    assert (shown["type"]["inward"], shown["inwardIssue"]["key"]) == ("is duplicated by", repetition)
    assert site.read(client, repetition).links == {("duplicate", ref(original))}
    assert site.read(client, original).links == {("relates", ref(repetition))}
    assert shows(site.read(client, repetition), link)


def test_the_same_link_sent_again_is_one_link_and_no_comment(site: JiraSite) -> None:
    original, repetition, client = site.new(), site.new(), site.client()
    (write,), _ = client.writes(site.read(client, repetition), [Link(ref(original), "duplicate")])
    for _ in range(2):
        client.send(write)
    assert len(site.fields(repetition)["issuelinks"]) == 1
    assert site.state(repetition)["comments"] == site.state(original)["comments"] == []
    assert site.carry_out(client, repetition, Link(ref(original), "duplicate")) == []  # nor is it sent once it shows


@pytest.mark.parametrize("relation", ["incident", "relates"])
def test_an_incident_of_a_known_issue_relates_to_it(site: JiraSite, relation: Any) -> None:
    known, key, client = site.new(), site.new(), site.client()
    site.carry_out(client, key, Link(ref(known), relation))
    assert site.read(client, key).links == {("relates", ref(known))}
    assert site.carry_out(client, key, Link(ref(known), relation)) == []


@pytest.mark.parametrize("to", [Ref("zendesk", "acme", "1"), Ref("jira", "other", "SUP-1")])
def test_what_is_elsewhere_is_not_linked_and_the_rest_is_done(site: JiraSite, to: Ref) -> None:
    key, client = site.new(), site.client()
    link = Link(to, "relates")
    writes, impossible = client.writes(site.read(client, key), [link, AddTags(("a",))])
    assert [write.actions for write in writes] == [(AddTags(("a",)),)]
    assert "remote link" in impossible[link]


def test_a_link_type_that_the_site_lacks_does_not_make_the_issue_gone(site: JiraSite) -> None:
    key, client = site.new(), site.client()
    (write,), _ = client.writes(site.read(client, key), [Link(ref(site.new()), "duplicate")])
    renamed = Write(write.method, write.path, {**write.body, "type": {"name": "Doppelt"}}, write.actions)
    with pytest.raises(Refused, match="no link type 'Doppelt'"):
        client.send(renamed)


def test_labels_with_spaces_reach_jira_as_labels(site: JiraSite) -> None:
    key, client = site.new(labels=["by-agent"]), site.client()
    site.carry_out(client, key, AddTags(("two words", " three  more words ")))
    assert set(site.state(key)["values"]["labels"]) == {"by-agent", "two-words", "three-more-words"}


def test_the_check_against_the_description_does_refuse_what_is_wrong() -> None:
    with running("cloud") as site, pytest.raises(AssertionError):
        site.client().send(Write("POST", "/rest/api/2/issueLink", {"type": {"name": "Relates"}}, ()))
