"""The faults that both vendors' clients are put through, and what each one must come to."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import pytest

from app.errors import (
    Busy,
    Conflict,
    Gone,
    OutcomeUnknown,
    Refused,
    Retryable,
    TriageError,
    Unauthorized,
    Unavailable,
)
from tests.contract.conftest import DROP, HANG, LEAK, answer

DATE = "Date: Sun, 01 Mar 2026 10:00:00 GMT"
PAGE = f"<html>{LEAK}</html>".encode()
JSON = f'{{"error": "RecordInvalid", "description": "{LEAK}", "errors": {{"priority": "{LEAK}"}}}}'.encode()


@dataclass(frozen=True)
class Fault:
    """What the server does, and the error that a read and a write must raise for it."""

    answer: bytes
    on_read: type[TriageError]
    on_write: type[TriageError]
    after: float | None = None

    def check(self, error: TriageError, expected: type[TriageError]) -> None:
        """The error's class, its delay, and that it leaks nothing, not through its chain either."""
        assert type(error) is expected
        if isinstance(error, Retryable):
            assert error.after == self.after
        assert LEAK not in str(error)
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__


def busy(name: str, after: float | None, *headers: str) -> object:
    return pytest.param(Fault(answer("429 Too Many Requests", JSON, *headers), Busy, Busy, after), id=f"429 {name}")


def status(line: str, on_read: type[TriageError], on_write: type[TriageError], *headers: str) -> object:
    return pytest.param(Fault(answer(line, JSON, *headers), on_read, on_write), id=line)


FAULTS = [
    pytest.param(Fault(DROP, Unavailable, OutcomeUnknown), id="dropped after the request was read"),
    pytest.param(Fault(HANG, Unavailable, OutcomeUnknown), id="hangs"),
    pytest.param(Fault(b"garbage\r\n\r\n", Unavailable, OutcomeUnknown), id="not HTTP"),
    pytest.param(Fault(b"", Unavailable, OutcomeUnknown), id="closed without a word"),
    pytest.param(Fault(answer("200 OK", b'{"tick', length=900), Unavailable, OutcomeUnknown), id="truncated body"),
    pytest.param(Fault(answer("200 OK", b'{"ticket": {"id'), Unavailable, OutcomeUnknown), id="half a JSON"),
    pytest.param(Fault(answer("200 OK", PAGE, "Content-Type: text/html"), Unavailable, OutcomeUnknown), id="HTML 200"),
    pytest.param(Fault(answer("200 OK", b"[1]"), Unavailable, OutcomeUnknown), id="JSON but no object"),
    pytest.param(
        Fault(answer("200 OK", b'{"a":' * 5000, "Content-Type: text/html"), Unavailable, OutcomeUnknown), id="deep JSON"
    ),
    pytest.param(
        Fault(answer("502 Bad Gateway", PAGE, "Content-Type: text/html"), Unavailable, OutcomeUnknown), id="HTML 502"
    ),
    pytest.param(
        Fault(answer("503 Service Unavailable", b"", "Retry-After: 9"), Unavailable, OutcomeUnknown, 9.0),
        id="503 after",
    ),
    status("500 Internal Server Error", Unavailable, OutcomeUnknown),
    status("503 Service Unavailable", Unavailable, OutcomeUnknown),
    status("504 Gateway Timeout", Unavailable, OutcomeUnknown),
    busy("in seconds", 7.0, "Retry-After: 7"),
    busy("none", None),
    busy("0", 0.0, "Retry-After: 0"),
    busy("an hour and more", 3600.0, "Retry-After: 999999"),
    busy("on a date", 30.0, "Retry-After: Sun, 01 Mar 2026 10:00:30 GMT", DATE),
    busy("on a date that has passed", 0.0, "Retry-After: Sun, 01 Mar 2020 10:00:30 GMT", DATE),
    busy("on a date but whose clock?", None, "Retry-After: Sun, 01 Mar 2026 10:00:30 GMT"),
    busy("garbage", None, "Retry-After: soon"),
    busy("negative", None, "Retry-After: -5"),
    status("401 Unauthorized", Unauthorized, Unauthorized),
    status("403 Forbidden", Refused, Refused),
    status("404 Not Found", Gone, Gone),
    status("410 Gone", Gone, Gone),
    status("409 Conflict", Conflict, Conflict),
    status("400 Bad Request", Refused, Refused),
    status("413 Content Too Large", Refused, Refused),
    status("422 Unprocessable Content", Refused, Refused),
    status("301 Moved Permanently", Refused, Refused, "Location: /elsewhere"),
    status("307 Temporary Redirect", Refused, Refused, "Location: /elsewhere"),
]


def closed_port() -> int:
    """A port of the loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
