"""What Zendesk's JSON tells besides its words."""

from __future__ import annotations

from typing import Any

import pytest

from app.vendors.zendesk.reading import ticket_of
from config.accounts import ZendeskAccount

ACCOUNT = ZendeskAccount(name="acme", subdomain="acme")


def sent_by(address: Any) -> bool:
    raw = {"id": 7, "subject": "x", "description": "y", "via": {"channel": "email", "source": {"from": address}}}
    return ticket_of({"ticket": raw}, [], [], ACCOUNT, "1").automatic


@pytest.mark.parametrize("address", ["MAILER-DAEMON@mx.example", "postmaster@corp.example"])
def test_a_bounce_is_known_by_its_sender(address: str) -> None:
    assert sent_by({"address": address})


@pytest.mark.parametrize("sender", [{"address": "ada@corp.example"}, {"address": None}, {}, None, "odd"])
def test_other_mail_is_a_persons(sender: Any) -> None:
    assert not sent_by(sender)


def test_the_links_of_our_side_are_read_and_a_customers_are_not() -> None:
    html = 'See <a href="https://help.acme.example/export">this page</a>.'
    people = [{"id": 1, "role": "end-user"}, {"id": 2, "role": "agent"}]
    first = {"id": 10, "author_id": 1, "public": True, "html_body": "How?"}
    thread = [first, *({"id": 10 + who, "author_id": who, "public": True, "html_body": html} for who in (1, 2))]
    ticket = ticket_of({"ticket": {"id": 7, "requester_id": 1}}, thread, people, ACCOUNT, "9")
    assert [one.links for one in ticket.comments] == [(), ("https://help.acme.example/export",)]
    assert [one.body for one in ticket.comments] == ["See this page."] * 2
