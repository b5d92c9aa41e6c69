"""Zendesk's signature: base64 HMAC-SHA256 over timestamp and raw body, within five minutes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadSignature
from app.vendors.zendesk.signature import TEST_SECRET, matches, verify

NOW = datetime(2021, 3, 25, 5, 9, 27, tzinfo=UTC)
STAMP = "2021-03-25T05:09:27Z"
SECRET = b"new secret"
PREVIOUS = b"secret before"
BODY = b'{"ticket_id": "7"}\n'


def signed(body: bytes = BODY, secret: bytes = SECRET, stamp: str = STAMP) -> dict[str, str]:
    digest = hmac.new(secret, stamp.encode() + body, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


def test_a_signed_body_is_accepted() -> None:
    verify(signed(), BODY, (SECRET,), NOW)


def test_an_empty_body_can_be_signed() -> None:
    verify(signed(b""), b"", (SECRET,), NOW)


def test_the_case_of_header_names_does_not_matter() -> None:
    verify({k.lower(): v for k, v in signed().items()}, BODY, (SECRET,), NOW)
    verify({k.upper(): v for k, v in signed().items()}, BODY, (SECRET,), NOW)


@pytest.mark.parametrize("secret", [SECRET, PREVIOUS])
def test_both_secrets_hold_during_a_rotation(secret: bytes) -> None:
    verify(signed(secret=secret), BODY, (SECRET, PREVIOUS), NOW)


@pytest.mark.parametrize("secrets", [(), (b"",), (b"another",), (b"another", b"")])
def test_no_other_secret_holds(secrets: tuple[bytes, ...]) -> None:
    with pytest.raises(BadSignature):
        verify(signed(), BODY, secrets, NOW)


def test_an_empty_secret_never_holds_even_when_the_sender_signed_with_it() -> None:
    with pytest.raises(BadSignature):
        verify(signed(secret=b""), BODY, (b"",), NOW)


def test_any_changed_byte_of_body_signature_or_timestamp_is_refused() -> None:
    headers = signed()
    for at in range(len(BODY)):
        with pytest.raises(BadSignature):
            verify(headers, BODY[:at] + bytes([BODY[at] ^ 1]) + BODY[at + 1 :], (SECRET,), NOW)
    for name, value in headers.items():
        for at in range(len(value)):
            with pytest.raises(BadSignature):
                changed = value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
                verify(headers | {name: changed}, BODY, (SECRET,), NOW)


def test_a_reserialised_body_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(signed(), BODY.replace(b" ", b""), (SECRET,), NOW)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_the_window_is_five_minutes_both_ways(seconds: int) -> None:
    verify(signed(), BODY, (SECRET,), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 86400])
def test_outside_the_window_a_right_signature_is_refused(seconds: int) -> None:
    with pytest.raises(BadSignature):
        verify(signed(), BODY, (SECRET,), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "stamp",
    [
        "1234",
        "2021-03-25",
        "2021-13-25T05:09:27Z",
        "2021-03-25T05:09:27",
        "2021-03-25T05:09:27+00:00",
        "0000-01-01T00:00:00Z",
    ],
)
def test_a_signed_timestamp_that_is_not_zendesks_form_is_refused(stamp: str) -> None:
    with pytest.raises(BadSignature):
        verify(signed(stamp=stamp), BODY, (SECRET,), NOW)


@pytest.mark.parametrize("name", list(signed()))
@pytest.mark.parametrize("value", [None, "", " ", "ä" * 44, "\udcff", "\x00", "x" * 10_240, "=" * 44])
def test_missing_and_garbage_headers_are_refused_and_never_an_error(name: str, value: str | None) -> None:
    headers = signed()
    del headers[name]
    if value is not None:
        headers[name] = value
    with pytest.raises(BadSignature):
        verify(headers, BODY, (SECRET,), NOW)


@given(st.dictionaries(st.sampled_from([*signed(), "other"]), st.text()), st.binary())
def test_whatever_arrives_only_bad_signature_is_raised(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(headers, body, (SECRET, PREVIOUS), NOW)


def test_the_published_test_secret_is_known_so_that_it_can_be_refused() -> None:
    assert base64.b64decode(TEST_SECRET) == b"this_secret_is_for_testing_only"
    headers = signed(secret=TEST_SECRET)
    assert matches(headers["X-Zendesk-Webhook-Signature"], STAMP, BODY, (TEST_SECRET,))
