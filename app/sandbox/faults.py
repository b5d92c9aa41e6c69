"""Faults, armed through the control API: what networks and vendors really do, at the level of the socket.

``responses`` and other patched sessions cannot show a PUT that was applied though its answer was lost; a socket can.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

APPLIED = frozenset({"drop_after_apply", "hang_after_apply", "truncate"})
NOT_APPLIED = frozenset({"drop_before_apply", "hang", "html502", "429"})
ACTIONS = APPLIED | NOT_APPLIED | {"slow"}
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
TOO_MANY = {
    "zendesk": {"error": "TooManyRequests", "description": "Rate limit exceeded"},
    "jira": {"errorMessages": ["Rate limit exceeded."], "errors": {}},
}


@dataclass
class Fault:
    """One armed fault. It befalls the next ``times`` matching requests after the first ``skip`` ones.

    ``action``: drop_before_apply, drop_after_apply, hang, hang_after_apply (no answer for ``delay`` seconds, then the
    connection ends), slow (the right answer after ``delay``), status:503 (any number), html502, truncate, 429.
    """

    action: str
    vendor: str = ""
    method: str = ""
    path_contains: str = ""
    times: int = 1
    skip: int = 0
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        status = self.action.removeprefix("status:")
        if self.action not in ACTIONS and not (self.action.startswith("status:") and status.isdigit()):
            raise ValueError(f"action {self.action!r} is none of {', '.join(sorted(ACTIONS))}, status:<number>")
        if self.action.startswith("hang") and not self.delay:
            self.delay = 60.0

    def matches(self, vendor: str, method: str, path: str) -> bool:
        """Whether it befalls such a request."""
        return (
            self.times > 0
            and self.vendor in ("", vendor)
            and self.method.upper() in ("", method)
            and self.path_contains in path
        )


class Faults:
    """The armed faults of both vendors, in the order in which they were armed; one request meets at most one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Add one."""
        with self._lock:
            self._armed.append(fault)

    def clear(self) -> None:
        """Disarm all."""
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[dict[str, Any]]:
        """Those that will still befall something."""
        with self._lock:
            return [asdict(fault) for fault in self._armed if fault.times > 0]

    def wrap(self, app: WSGIApplication, vendor: str) -> WSGIApplication:
        """The application with its faults before and behind it."""

        def faulty(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            fault = self._take(vendor, environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return (
                app(environ, start_response) if fault is None else befall(fault, vendor, app, environ, start_response)
            )

        return faulty

    def _take(self, vendor: str, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._armed:
                if fault.matches(vendor, method, path):
                    if fault.skip > 0:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None


def befall(
    fault: Fault, vendor: str, app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Let the fault happen to this request."""
    answer = _Answer(app, environ) if fault.action in APPLIED else None
    time.sleep(fault.delay)
    if fault.action == "slow":
        return app(environ, start_response)
    if answer is not None and fault.action == "truncate":
        start_response(answer.status, answer.headers)
        return _half(answer.body, environ)
    if fault.action.startswith(("drop", "hang")):
        drop(environ)
    if fault.action == "html502":
        return _say(start_response, 502, BAD_GATEWAY, {"Content-Type": "text/html", **fault.headers})
    if fault.action == "429":
        usual = {"RateLimit-Reason": "jira-burst-based"} if vendor == "jira" else {}
        headers = {"Content-Type": "application/json", **usual, **fault.headers}
        return _say(start_response, 429, json.dumps(TOO_MANY[vendor]).encode(), headers)
    status = int(fault.action.removeprefix("status:"))
    body = json.dumps({"error": "Fault", "description": f"armed: {fault.action}"}).encode()
    return _say(start_response, status, body, {"Content-Type": "application/json", **fault.headers})


def drop(environ: WSGIEnvironment) -> NoReturn:
    """Close the connection under the client: a reset, not an answer."""
    connection: socket.socket = environ["werkzeug.socket"]
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("dropped on request")


def _half(body: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    drop(environ)


def _say(start_response: StartResponse, status: int, body: bytes, headers: dict[str, str]) -> list[bytes]:
    reason = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
    start_response(f"{status} {reason}", [*headers.items(), ("Content-Length", str(len(body)))])
    return [body]


class _Answer:
    """The whole answer of an application, kept back."""

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        self.status, self.headers = "", list[tuple[str, str]]()
        parts: Iterable[bytes] = app(environ, self._start)
        self.body = b"".join(parts)
        close = getattr(parts, "close", None)
        if close:
            close()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        self.status, self.headers = status, headers
        return lambda data: None
