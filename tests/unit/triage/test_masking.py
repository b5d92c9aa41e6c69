"""What leaves the house of a ticket's text, and what never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.triage.masking import masked
from app.triage.ticket import Customer, Speaker
from tests.unit.triage.conftest import a_ticket

SECRETS = {
    "a password": ("My password is swordfish, let me in", "swordfish"),
    "a password that is set": ('config: DB_PASSWORD="a;b,c" and more', "a;b,c"),
    "a German password": ("Mein Kennwort: Sommer2024!", "Sommer2024"),
    "a PIN": ("the pin was 4821 yesterday", "4821"),
    "an API key": ("api_key=abcDEF123", "abcDEF123"),
    "a key of a known kind": ("we use sk-proj-abcdef123456 for it", "abcdef123456"),
    "an AWS key": ("AKIAIOSFODNN7EXAMPLE leaked?", "IOSFODNN7"),
    "a bearer token": ("Authorization: Bearer abc.def.ghi-jkl", "abc.def.ghi-jkl"),
    "a JSON web token": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefgh", "eyJzdWIiOiIxMjM0In0"),
    "a private key": ("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----", "MIIEpAIB"),
    "an id like a token": ("session 3f2504e0-4f89-11d3-9a0c-0305e82c3301 expired", "4f89-11d3"),
    "a card": ("charged 4111 1111 1111 1111 twice", "4111"),
    "an IBAN": ("refund to DE89 3704 0044 0532 0130 00 please", "0532"),
    "an account number": ("account 123456789 is empty", "123456789"),
    "a social security number": ("mine is 078-05-1120", "05-1120"),
    "what an address asks": ("see https://app.example.com/x?code=qwertz&user=7#top", "qwertz"),
    "a name within an address": ("http://ada:pw1@app.example.com/x fails", "pw1"),
    "a token within an address": ("open https://a.example/reset/9f8e7d6c5b4a39281716 now", "9f8e7d6c"),
}
OWN = {
    "an e-mail address": ("write to ada.l+x@mail.example.org", "ada.l+x@mail.example.org"),
    "a phone number": ("call +44 20 7946 0958 please", "+44 20 7946 0958"),
    "a phone number without a country": ("call 0171 2345678 please", "0171 2345678"),
    "an IP address": ("blocked from 192.168.1.77 since noon", "192.168.1.77"),
    "a newer IP address": ("blocked from 2001:db8::8a2e:370:7334 since noon", "2001:db8::8a2e:370:7334"),
    "an IP address in full": ("from 2001:0db8:0000:0000:0000:8a2e:0370:7334 it fails", "8a2e:0370"),
    "a network card": ("the device 10:15:30:0a:1b:2c is not seen", "10:15:30:0a:1b:2c"),
    "the requester": ("this is Ada Lovelace speaking", "Ada Lovelace"),
    "the requester's first name": ("ADA here again", "ADA"),
    "the organization": ("we at acme gmbh wait", "acme gmbh"),
}
ADA = Customer(id="7", name="Ada Lovelace", organization="Acme GmbH")


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("place", ["subject", "body", "comment"])
def test_a_secret_leaves_the_house_nowhere_and_is_not_shown_again(place: str, text: str, secret: str) -> None:
    parts = {place: text}
    found = masked(a_ticket(parts.get("body", "x"), parts.get("subject", "x"), [parts.get("comment", "x")]), 4000)
    left_out = place != "subject" and any(mark in text for mark in ("://", "BEGIN", "Authorization:"))  # not said
    assert secret not in found.text
    assert "[" in found.text or left_out
    assert secret not in found.restored(found.text)


@pytest.mark.parametrize(("text", "words"), OWN.values(), ids=OWN)
def test_what_names_somebody_is_masked_and_can_be_read_again_here(text: str, words: str) -> None:
    found = masked(a_ticket(text, requester=ADA), 4000)
    assert words not in found.text
    assert found.restored(found.text) == text
    assert words not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "The password is wrong since 2026-03-02 10:15, my token is invalid.",
        "Order 1234567 of 12/03/2026 for 1,200.50 EUR failed at 10:15:30.",
        "Will the export of 3.10.7 come back? It may.",
        "The call of Client::send at line 14:20 says Error::E210 at 10:15:30, my password is entered twice.",
        "The internationalization_of_the_settings page is blank in com.example.some.package.ClassName.",
    ],
)
def test_words_that_tell_what_is_wrong_stay(text: str) -> None:
    assert masked(a_ticket(text, requester=Customer(name="Will May")), 4000).text.replace("[NAME_1]", "Will") == text


def test_the_same_words_bear_the_same_mark_everywhere() -> None:
    found = masked(a_ticket("From a@b.example to c@d.example.", "a@b.example", ["A@B.example again"]), 4000)
    assert found.text == "[EMAIL_1]\n\nFrom [EMAIL_1] to [EMAIL_2].\n\n[EMAIL_1] again"


def test_only_what_the_customer_says_in_public_leaves_the_house() -> None:
    ticket = a_ticket(
        "It is slow.\n\n> quoted mail\n\n```\npasted log\n```\n-- \nAda, signature",
        "Subject",
        ["and slower", (Speaker.AGENT, "an agent's answer"), (Speaker.WORKER, "our note")],
        attachments=("payroll.xlsx",),
    )
    text = masked(ticket, 4000).text
    assert text == "Subject\n\nIt is slow.\n\nand slower"


def test_a_text_ends_where_it_is_to_end_and_never_within_a_mark() -> None:
    ticket = a_ticket("word " * 30 + "a@b.example " * 500)
    for most in range(200, 240):
        text = masked(ticket, most).text
        assert len(text) <= most
        assert text.count("[") == text.count("]")


@given(st.text(max_size=400), st.text(max_size=20), st.text(max_size=20))
def test_any_text_can_be_masked(text: str, name: str, organization: str) -> None:
    found = masked(a_ticket(text, requester=Customer(name=name, organization=organization)), 200)
    assert len(found.text) <= 200
