"""An issue's fields, whatever a site calls them and whichever of them it has."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage.ticket import Customer, Ref, Ticket
from app.vendors.jira.reading import is_public, ticket_of
from config.accounts import JiraAccount

NAMES = {"organization": "customfield_1", "tier": "customfield_2", "strategic": "customfield_3", "sla": "customfield_4"}


def read(names: dict[str, str] = NAMES, **fields: Any) -> Ticket:
    account = JiraAccount(name="acme", url="https://a.test", fields=names)
    return ticket_of({"id": "1", "key": "SUP-1", "fields": fields}, [], account, "us")


def link(kind: str, **sides: Any) -> dict[str, Any]:
    return {"type": {"name": kind}} | {side: {"key": key} for side, key in sides.items()}


@pytest.mark.parametrize(
    ("told", "relation"),
    [
        (link("Duplicate", outwardIssue="SUP-2"), "duplicate"),
        (link("Duplicate", inwardIssue="SUP-2"), "relates"),  # this one is the original
        (link("Problem/Incident", inwardIssue="SUP-2"), "incident"),
        (link("Problem/Incident", outwardIssue="SUP-2"), "relates"),
        (link("Relates", inwardIssue="SUP-2"), "relates"),
        (link("Blocks", outwardIssue="SUP-2"), "relates"),
        ({"outwardIssue": {"key": "SUP-2"}}, "relates"),
    ],
)
def test_a_link_is_told_by_its_type_and_side(told: dict[str, Any], relation: str) -> None:
    assert read(issuelinks=[told]).links == {(relation, Ref("jira", "acme", "SUP-2"))}


@pytest.mark.parametrize("links", [None, [], [link("Relates")], [link("Relates", inwardIssue="a:b")], [{}]])
def test_what_is_no_link_to_an_issue_is_none(links: Any) -> None:
    assert read(issuelinks=links).links == frozenset()


def test_a_service_desks_organisation_is_the_customers_the_first_of_several() -> None:
    two = [{"id": "7", "name": "Brightwell", "scimManaged": False}, {"id": "8", "name": "Other"}]
    ticket = read(customfield_1=two, customfield_2={"id": "1", "value": "Enterprise"}, customfield_3=[{"value": "Yes"}])
    assert ticket.requester == Customer(
        organization_id="7", organization="Brightwell", tier="Enterprise", strategic=True
    )


@pytest.mark.parametrize("value", ["Brightwell", {"value": "Brightwell"}, ["Brightwell"]])
def test_an_organisation_may_be_a_plain_field(value: Any) -> None:
    customer = read(customfield_1=value).requester
    assert (customer.organization_id, customer.organization) == ("", "Brightwell")


@pytest.mark.parametrize(
    ("value", "strategic"),
    [
        ("yes", True),
        ({"value": "Strategic"}, True),
        (1.0, True),
        (True, True),
        ("no", False),
        (None, False),
        ([], False),
    ],
)
def test_a_strategic_account_is_told_by_its_field(value: Any, strategic: bool) -> None:
    assert read(customfield_3=value).requester.strategic is strategic


def test_without_such_fields_nothing_is_known_of_the_customers_account() -> None:
    assert read({}, customfield_1=[{"id": "7", "name": "Brightwell"}]).requester == Customer()


AT = {"epochMillis": 1_772_359_200_123, "iso8601": "2026-03-01T12:00:00+0200"}


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"ongoingCycle": {"breached": True, "paused": True, "breachTime": AT}}, "breached"),
        ({"ongoingCycle": {"breached": False, "paused": True}}, "paused"),
        ({"ongoingCycle": {"breached": False, "paused": False, "breachTime": AT}}, "2026-03-01T10:00:00+00:00"),
        ({"completedCycles": [{"breached": True}, {"breached": False}]}, "met"),
        ({"completedCycles": [{"breached": False}, {"breached": True}], "ongoingCycle": None}, "breached"),
        ({"completedCycles": [], "name": "Time to resolution"}, None),
    ],
)
def test_a_service_desks_own_sla_is_one_word_or_the_instant_of_its_breach(value: Any, word: str | None) -> None:
    assert read(customfield_4=value).fields["sla"] == word


def test_components_versions_resolution_and_attachments_are_read_by_name() -> None:
    ticket = read(
        components=[{"name": "API"}, {"name": "Web"}],
        resolution={"name": "Won't Do"},
        fixVersions=[{"name": "4.2.0"}, {"name": "4.3.0"}],
        attachment=[{"filename": "trace.log", "content": "https://a.test/secret"}, {"filename": "<b>.png"}],
    )
    assert (ticket.area, ticket.resolution, ticket.fix_versions) == ("API", "Won't Do", ("4.2.0", "4.3.0"))
    assert ticket.attachments == ("trace.log", "<b>.png")


def test_a_field_that_is_configured_as_the_area_wins_over_the_component() -> None:
    assert read({"area": "customfield_9"}, components=[{"name": "API"}], customfield_9={"value": "Web"}).area == "Web"


def test_an_open_issue_without_any_of_it_is_read_calmly() -> None:
    ticket = read(resolution=None, fixVersions=None, attachment=None, components=None, issuelinks=None)
    assert (ticket.area, ticket.resolution, ticket.fix_versions, ticket.attachments) == ("", "", (), ())
    assert "area" not in ticket.fields


@pytest.mark.parametrize(
    ("comment", "public"),
    [
        ({"jsdPublic": True}, True),
        ({"jsdPublic": False}, False),
        ({"jsdPublic": True, "properties": []}, True),
        ({"properties": [{"key": "sd.public.comment", "value": {"internal": True}}]}, False),
        ({"properties": [{"key": "sd.public.comment", "value": {"internal": False}}]}, True),
        ({"properties": [{"key": "other", "value": {"internal": True}}]}, True),
        ({"properties": []}, True),
        ({}, None),
        ({"jsdPublic": None}, None),
    ],
)
def test_who_sees_a_comment_is_told_outright_or_by_its_property_or_not_at_all(
    comment: dict[str, Any], public: bool | None
) -> None:
    assert is_public(comment) is public
