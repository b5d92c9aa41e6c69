"""Messages to colleagues over real sockets: what arrives, and what each fault of the receiver means."""

from __future__ import annotations

import hmac
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import orjson
import pytest

from app.errors import Busy, OutcomeUnknown, Refused, TriageError, Unavailable
from app.oncall import email, webhook
from app.oncall.message import Message

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MESSAGE = Message("zendesk:acme:1:message:engineering-L3", "zendesk:acme:1", "[ESCALATION] [L3] - x", "Please\nhelp.")


@contextmanager
def receiver(status: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.policy("S2-101", "S2-102")
def test_a_webhook_carries_the_message_signed_and_with_its_key() -> None:
    with receiver(204) as (url, got):
        webhook.send(MESSAGE, url, "secret", NOW)
    headers, body = got[0]
    assert orjson.loads(body) == {
        "key": MESSAGE.key, "ticket": "zendesk:acme:1", "subject": "[ESCALATION] [L3] - x", "text": "Please\nhelp."
    }  # fmt: skip
    assert headers["Idempotency-Key"] == MESSAGE.key
    expected = webhook.signature("secret", headers["X-Firstline-Timestamp"], body)
    assert hmac.compare_digest(headers["X-Firstline-Signature"], expected)
    assert webhook.signature("other", headers["X-Firstline-Timestamp"], body) != expected


@pytest.mark.parametrize(
    ("status", "error"), [(429, Busy), (500, Unavailable), (503, Unavailable), (400, Refused), (302, Refused)]
)
def test_an_answer_of_the_webhook_means_what_it_says(status: int, error: type[TriageError]) -> None:
    with receiver(status) as (url, _), pytest.raises(error):
        webhook.send(MESSAGE, url, "secret", NOW)


def test_a_webhook_that_does_not_answer_is_unavailable_and_its_address_is_not_told() -> None:
    with pytest.raises(Unavailable) as told:
        webhook.send(MESSAGE, "http://127.0.0.1:9/token-in-path", "secret", NOW, timeout=1)
    assert "token-in-path" not in str(told.value)


Answers = dict[bytes, bytes]


@contextmanager
def mail_server(answers: Answers, hang_up_after_data: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    """A mail server for one connection; ``answers`` replaces its answer to a command."""
    got: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            for line in lines:
                command = line[:4].upper()
                got.append(line)
                if command == b"DATA":
                    connection.sendall(answers.get(b"DATA", b"354 go on\r\n"))
                    for text in lines:
                        got.append(text)
                        if text == b".\r\n":
                            break
                    if hang_up_after_data:
                        return
                    connection.sendall(answers.get(b".", b"250 taken\r\n"))
                elif command == b"QUIT":
                    connection.sendall(b"221 bye\r\n")
                    return
                else:
                    connection.sendall(answers.get(command, b"250 ok\r\n"))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}", got
    finally:
        listening.close()
        thread.join(timeout=5)


def mail(server: str) -> None:
    email.send(MESSAGE, server, "firstline@acme.example", "engineering@acme.example", timeout=2)


def test_an_e_mail_arrives_with_subject_text_and_a_lasting_id() -> None:
    with mail_server({}) as (server, first):
        mail(server)
    with mail_server({}) as (server, second):
        mail(server)
    text = b"".join(first)
    assert b"Subject: [ESCALATION] [L3] - x" in text
    assert b"Please\r\nhelp." in text
    ids = [line for got in (first, second) for line in got if line.startswith(b"Message-ID")]
    assert len(ids) == 2
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({b"RCPT": b"550 unknown\r\n"}, Refused),
        ({b"RCPT": b"451 later\r\n"}, Unavailable),
        ({b"MAIL": b"530 login first\r\n"}, Refused),
        ({b"DATA": b"554 no\r\n"}, Refused),
        ({b".": b"552 too much\r\n"}, Refused),
        ({b".": b"451 later\r\n"}, Unavailable),
    ],
)
def test_an_answer_of_the_mail_server_means_what_it_says(answers: Answers, error: type[TriageError]) -> None:
    with mail_server(answers) as (server, _), pytest.raises(error):
        mail(server)


def test_a_mail_server_that_hangs_up_after_the_text_leaves_the_outcome_unknown() -> None:
    with mail_server({}, hang_up_after_data=True) as (server, _), pytest.raises(OutcomeUnknown):
        mail(server)


@pytest.mark.parametrize("call", [lambda: mail("smtp://127.0.0.1:9")])
def test_no_mail_server_is_unavailable(call: Callable[[], None]) -> None:
    with pytest.raises(Unavailable):
        call()
