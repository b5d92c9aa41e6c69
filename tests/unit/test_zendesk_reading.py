"""What Zendesk's JSON tells besides its words."""

from __future__ import annotations

from typing import Any

import pytest

from app.vendors.zendesk.reading import ticket_of
from config.settings import ZendeskAccount

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
