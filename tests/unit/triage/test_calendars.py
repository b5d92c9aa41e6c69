"""Named calendars: whose they are, which of several holds, and what is promised by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.packs import find_pack
from app.triage.calendar import NamedCalendar
from app.triage.decision import Context
from app.triage.engine import decide
from app.triage.environment import Knobs
from app.triage.layers import PolicyError
from app.triage.policy import Policy, read
from app.triage.ticket import Customer
from tests.unit.triage.conftest import a_ticket, laid_over

MINOR = "A few of our users see a misspelt word on the settings page."
ACME = Customer(id="7", name="Kim", organization="Acme GmbH", organization_id="900")


def named(policy: Policy, **calendars: dict[str, Any]) -> Policy:
    parts = {name: NamedCalendar.model_validate(given) for name, given in calendars.items()}
    return replace(policy, pack=policy.pack.model_copy(update={"calendars": parts}))


def zone(policy: Policy, **ticket: Any) -> str:
    return str(policy.calendar_for(a_ticket(**ticket)).zone)


@pytest.mark.policy("C-04")
@pytest.mark.parametrize(
    ("ticket", "expected"),
    [
        ({"requester": ACME}, "Europe/Berlin"),
        ({"requester": replace(ACME, organization="ACME gmbh", organization_id="")}, "Europe/Berlin"),
        ({"requester": replace(ACME, organization="", organization_id="X-77")}, "Asia/Tokyo"),
        ({"requester": replace(ACME, organization="Globex")}, "UTC"),
        ({"brand": "ops"}, "Asia/Tokyo"),
        ({"brand": "Acme GmbH"}, "UTC"),  # the name of an organization is no brand's
        ({"requester": ACME, "brand": "OPS"}, "Europe/Berlin"),  # an organization's own wins
        ({}, "UTC"),
    ],
)
def test_a_ticket_has_its_organization_s_calendar_or_its_brand_s_or_everybody_s(
    policy: Policy, ticket: dict[str, Any], expected: str
) -> None:
    chosen = named(
        policy,
        tokyo={"timezone": "Asia/Tokyo", "organizations": ["x-77"], "brands": ["OPS"]},
        berlin={"timezone": "Europe/Berlin", "organizations": ["Acme GmbH"]},
    )
    assert zone(chosen, **ticket) == expected


def test_the_id_of_an_organization_says_more_than_its_name(policy: Policy) -> None:
    chosen = named(
        policy, one={"organizations": ["Acme GmbH"]}, other={"timezone": "Asia/Tokyo", "organizations": ["900"]}
    )
    assert zone(chosen, requester=ACME) == "Asia/Tokyo"


def test_a_calendar_is_compiled_once(policy: Policy) -> None:
    chosen = named(policy, berlin={"timezone": "Europe/Berlin", "organizations": ["Acme GmbH"]})
    assert chosen.calendar_for(a_ticket(requester=ACME)) is chosen.calendars["berlin"]


@pytest.mark.policy("C-04")
def test_what_is_promised_follows_the_ticket_s_calendar_and_its_holidays(policy: Policy) -> None:
    chosen = named(
        policy,
        berlin={"timezone": "Europe/Berlin", "holidays": ["2026-03-03"], "organizations": ["acme gmbh"]},
    )
    monday = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 16:30 in Berlin
    due = {
        name: decide(a_ticket(MINOR, created_at=monday, requester=who), Context(), chosen, monday).deadlines
        for name, who in (("acme", ACME), ("others", Customer()))
    }
    assert due["acme"]["level_response"] == datetime(2026, 3, 4, 11, 30, tzinfo=UTC)
    assert due["others"]["level_response"] == datetime(2026, 3, 3, 11, 30, tzinfo=UTC)


def test_a_clock_that_names_a_calendar_runs_by_it_whoever_the_ticket_is_from() -> None:
    chosen = laid_over(
        "calendars:\n"
        "  berlin: {organizations: [Acme GmbH], timezone: Europe/Berlin}\n"
        "  nights: {hours: {mon: ['20:00-24:00'], tue: ['20:00-24:00']}}\n"
        "clocks: {level_response: {calendar: nights}}\n"
    )
    monday = datetime(2026, 3, 2, 10, tzinfo=UTC)
    decision = decide(a_ticket(MINOR, created_at=monday, requester=ACME), Context(), chosen, monday)
    assert decision.deadlines["level_response"] == datetime(2026, 3, 3, 0, tzinfo=UTC)


def test_a_clock_that_names_no_calendar_that_there_is_is_refused() -> None:
    with pytest.raises(PolicyError, match="level_response: no calendar is named 'nigths'"):
        laid_over("calendars: {nights: {brands: [OPS]}}\nclocks: {level_response: {calendar: nigths}}\n")


# From the environment


def under(**variables: str) -> Policy:
    return read(*find_pack("unified"), find_pack, knobs=Knobs({f"TRIAGE_{name}": t for name, t in variables.items()}))


@pytest.mark.policy("C-04", "U-11")
def test_a_variable_may_add_a_calendar_that_is_somebody_s() -> None:
    chosen = under(CALENDARS__BERLIN__TIMEZONE="Europe/Berlin", CALENDARS__BERLIN__ORGANIZATIONS='["Acme GmbH"]')
    assert chosen.calendar_for(a_ticket(requester=ACME)).zone == ZoneInfo("Europe/Berlin")
    assert chosen.digest != under().digest


def test_a_variable_that_adds_a_calendar_for_nobody_is_refused() -> None:
    with pytest.raises(PolicyError) as refused:
        under(CALENDARS='{"berlin": {"brands": ["OPS"]}}', CALENDARS__BERLN__TIMEZONE="Europe/Berlin")
    assert (refused.value.where, refused.value.what) == (
        "environment TRIAGE_CALENDARS__BERLN__TIMEZONE",
        "no organization, brand or clock has the calendar 'berln'",
    )
    assert "TRIAGE_CALENDARS__BERLN__ORGANIZATIONS" in refused.value.mend


def test_a_value_that_no_calendar_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(PolicyError) as refused:
        under(CALENDARS__BERLIN__TIMZONE="Europe/Berlin")
    assert refused.value.mend == "did you mean TRIAGE_CALENDARS__BERLIN__TIMEZONE?"
