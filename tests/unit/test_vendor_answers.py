"""The table from the wire to our errors, where a real socket is not needed."""

from __future__ import annotations

import ssl

import pytest
import requests
import urllib3

from app.errors import OutcomeUnknown, Refused, TriageError, Unavailable
from app.vendors.answers import error_of, outcome


def response(status: int, body: bytes, method: str = "PUT") -> requests.Response:
    made = requests.Response()
    made.status_code, made._content = status, body
    made.request = requests.Request(method, "https://acme.test/api/v2/tickets/7.json?x=secret").prepare()
    return made


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            b'{"error": "RecordInvalid", "description": "words", "details": {"status": [{}]}}',
            " (RecordInvalid, status)",
        ),
        (
            b'{"errorMessages": ["words"], "errors": {"priority": "words", "customfield_10050": "words"}}',
            " (priority, customfield_10050)",
        ),
        (b'{"error": "a customer wrote this", "errors": {"and this too": 1}}', ""),
        (b'{"error": {"title": "words"}, "errors": ["words"]}', ""),
        (b"words", ""),
        (b"[" * 5000, ""),
        (b"null", ""),
    ],
)
def test_a_refusal_tells_its_plain_codes_and_nobodys_words(body: bytes, told: str) -> None:
    error = error_of(response(422, body))
    assert isinstance(error, Refused)
    assert str(error) == "422 to PUT /api/v2/tickets/7.json" + told


def test_a_refusal_names_the_fields_it_blames() -> None:
    error = error_of(response(400, b'{"errors": {"priority": "words", "customfield_10050": "x", "and this too": "x"}}'))
    assert isinstance(error, Refused)
    assert error.fields == ("priority", "customfield_10050")


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_error(status: int) -> None:
    assert error_of(response(status, b"")) is None


POOL = urllib3.HTTPConnectionPool("acme.test")
NEVER_SENT = [
    urllib3.exceptions.NewConnectionError(urllib3.connection.HTTPConnection("acme.test"), "refused"),
    urllib3.exceptions.NameResolutionError("acme.test", urllib3.connection.HTTPConnection("acme.test"), OSError()),  # type: ignore[arg-type]
    urllib3.exceptions.ConnectTimeoutError(),
    urllib3.exceptions.SSLError(ssl.SSLCertVerificationError(1, "self-signed certificate")),
]


@pytest.mark.parametrize("reason", NEVER_SENT, ids=lambda reason: type(reason).__name__)
def test_what_failed_before_it_was_sent_wrote_nothing(reason: Exception) -> None:
    with pytest.raises(Unavailable), outcome("PUT", "/x"):
        raise requests.ConnectionError(urllib3.exceptions.MaxRetryError(POOL, "/x", reason))


@pytest.mark.parametrize(
    "lost",
    [
        requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError())),
        requests.exceptions.SSLError(urllib3.exceptions.SSLError("eof")),
        requests.ReadTimeout(),
        requests.exceptions.ChunkedEncodingError(),
        requests.exceptions.ContentDecodingError(),
        urllib3.exceptions.IncompleteRead(1, 2),
    ],
    ids=lambda lost: type(lost).__name__,
)
def test_what_was_lost_later_may_have_been_written(lost: Exception) -> None:
    with pytest.raises(OutcomeUnknown), outcome("POST", "/x"):
        raise lost
    with pytest.raises(Unavailable), outcome("GET", "/x"):
        raise lost


@pytest.mark.parametrize("error", [requests.exceptions.InvalidURL(), requests.exceptions.InvalidSchema()])
def test_an_address_that_is_none_is_a_setting_to_mend(error: Exception) -> None:
    with pytest.raises(Refused, match="URL"), outcome("GET", "/x"):
        raise error


def test_our_own_errors_pass_through() -> None:
    with pytest.raises(TriageError, match="told"), outcome("GET", "/x"):
        raise Refused("told")
