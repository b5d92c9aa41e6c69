"""Jira's signature: sha256=<hex> over the raw body."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadSignature
from app.vendors.jira.signature import verify

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = b"new secret"
PREVIOUS = b"secret before"
BODY = b'{"webhookEvent": "jira:issue_created"}\n'


def signed(body: bytes = BODY, secret: bytes = SECRET, method: str = "sha256") -> dict[str, str]:
    return {"X-Hub-Signature": f"{method}={hmac.new(secret, body, method).hexdigest()}"}


def test_a_signed_body_is_accepted_whatever_the_case_of_header_and_hex() -> None:
    verify(signed(), BODY, (SECRET,), NOW)
    verify({k.lower(): v for k, v in signed().items()}, BODY, (SECRET,), NOW)
    verify({"X-Hub-Signature": "sha256=" + signed()["X-Hub-Signature"][7:].upper()}, BODY, (SECRET,), NOW)


@pytest.mark.parametrize("secret", [SECRET, PREVIOUS])
def test_both_secrets_hold_during_a_rotation(secret: bytes) -> None:
    verify(signed(secret=secret), BODY, (SECRET, PREVIOUS), NOW)


@pytest.mark.parametrize("secrets", [(), (b"",), (b"another",)])
def test_no_other_secret_holds(secrets: tuple[bytes, ...]) -> None:
    with pytest.raises(BadSignature):
        verify(signed(), BODY, secrets, NOW)


def test_an_empty_secret_never_holds_even_when_the_sender_signed_with_it() -> None:
    with pytest.raises(BadSignature):
        verify(signed(secret=b""), BODY, (b"",), NOW)


@pytest.mark.parametrize("method", ["sha1", "md5", "sha512", "sha384"])
def test_the_sender_may_not_choose_a_weaker_method(method: str) -> None:
    with pytest.raises(BadSignature):
        verify(signed(method=method), BODY, (SECRET,), NOW)


def test_the_bare_hex_without_its_method_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify({"X-Hub-Signature": hashlib.sha256(BODY).hexdigest()}, BODY, (SECRET,), NOW)


def test_any_changed_byte_of_body_or_signature_is_refused() -> None:
    headers = signed()
    for at in range(len(BODY)):
        with pytest.raises(BadSignature):
            verify(headers, BODY[:at] + bytes([BODY[at] ^ 1]) + BODY[at + 1 :], (SECRET,), NOW)
    value = headers["X-Hub-Signature"]
    for at in range(len(value)):
        with pytest.raises(BadSignature):
            changed = value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
            verify({"X-Hub-Signature": changed}, BODY, (SECRET,), NOW)


@pytest.mark.parametrize("value", [None, "", "sha256=", "sha256=ä", "sha256=\udcff", "sha256=" + "a" * 10_240, "="])
def test_missing_and_garbage_headers_are_refused_and_never_an_error(value: str | None) -> None:
    with pytest.raises(BadSignature):
        verify({} if value is None else {"X-Hub-Signature": value}, BODY, (SECRET,), NOW)


@given(st.text(), st.binary())
def test_whatever_arrives_only_bad_signature_is_raised(value: str, body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify({"X-Hub-Signature": value}, body, (SECRET, PREVIOUS), NOW)
