"""Where the vendors' published material lies (beside the project, never inside it), and a server that misbehaves."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from app.metrics import WARNINGS

VENDOR = Path(__file__).parents[2].parent / "shared" / "vendor"


def material(*parts: str) -> Path:
    """A file or folder of the vendors' material. Without it a test skips on a laptop and fails in CI."""
    path = VENDOR.joinpath(*parts)
    if not path.exists():
        missing = f"the vendors' material is not here: ../shared/vendor/{'/'.join(parts)}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return path


def answer(status: str, body: bytes = b"{}", *headers: str, length: int | None = None) -> bytes:
    """A raw HTTP answer; ``length`` is what it claims, where that differs from what it holds."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    if not any(line.lower().startswith("content-type") for line in headers):
        head.append("Content-Type: application/json")
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + body


LEAK = "what-nobody-may-see"
"""Stands for a token, a customer's words and an answer's text: it must turn up in no message."""

HANG = b"hang"
DROP = b"drop"
Fault = bytes


class FaultServer(ThreadingTCPServer):
    """Real sockets on the loopback: reads a whole request, notes it, then answers the way it was told to.

    ``healthy`` maps the start of a path to an answer; every other path gets ``fault``.
    """

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str, bytes]] = []
        self.healthy: dict[str, bytes] = {}
        self.fault: Fault | Callable[[], bytes] = DROP
        self.let_go = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def faulted(self) -> list[tuple[str, str]]:
        """The requests that met the fault."""
        return [(method, path) for method, path, _ in self.seen if not self.answer_for(path)]

    def answer_for(self, path: str) -> bytes | None:
        return next((said for start, said in self.healthy.items() if path.startswith(start)), None)


class _Handler(StreamRequestHandler):
    server: FaultServer

    def handle(self) -> None:
        words = self.rfile.readline().decode("latin-1").split()
        if len(words) < 2:
            return
        length = 0
        while (line := self.rfile.readline().strip().lower()) != b"":
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        self.server.seen.append((words[0], words[1], self.rfile.read(length)))
        said = self.server.answer_for(words[1]) or self.server.fault
        if said == HANG:
            self.server.let_go.wait(10)
        elif said == DROP:  # a reset, not a polite end
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self.wfile.write(said() if callable(said) else said)


@pytest.fixture
def fault_server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.let_go.set()
        server.shutdown()


def _warnings() -> dict[str, float]:
    samples = (sample for family in WARNINGS.collect() for sample in family.samples)
    return {sample.labels["key"]: sample.value for sample in samples if sample.name.endswith("_total")}


@pytest.fixture(autouse=True)
def warned_of() -> Iterator[set[str]]:
    """A key of ours that Zendesk drops is a fault of ours: it fails the test, unless the test put it in here."""
    before, expected = _warnings(), set[str]()
    yield expected
    assert {key for key, count in _warnings().items() if count != before.get(key, 0.0)} == expected
