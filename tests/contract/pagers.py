"""Doubles of what wakes on-call, on real sockets: PagerDuty's Events API v2, and a receiver of signed webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY00"


class Pager(ThreadingHTTPServer):
    """Keeps every request. ``incidents`` is what a pager makes of them: state by dedup key.

    ``status`` is what it answers, 202 for well; ``hangs`` makes it answer nothing until it is closed.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.incidents: dict[str, str] = {}
        self.status = 202
        self.answer: bytes | None = None
        self.hangs = False
        self.let_go = threading.Event()

    @property
    def pagerduty(self) -> str:
        """The target's address as PagerDuty's."""
        return f"pagerduty+http://{KEY}@127.0.0.1:{self.server_port}"

    @property
    def hook(self) -> str:
        """The target's address as a webhook's."""
        return f"http://127.0.0.1:{self.server_port}/hook?token=hook-secret"

    def steps(self, action: str = "trigger") -> list[str]:
        """The steps that arrived, by action, in order."""
        found = []
        for event in self.events:
            if event.get("event_action", event.get("action")) == action:
                details = event.get("payload", {}).get("custom_details", {})
                found.append(details.get("step") or event.get("step", ""))
        return found


class _Handler(BaseHTTPRequestHandler):
    server: Pager

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event = json.loads(body) if body.startswith(b"{") else {"raw": body.decode()}
        pager = self.server
        if pager.hangs:
            pager.let_go.wait(20)
            return
        pager.paths.append(self.path)
        pager.headers.append(dict(self.headers))
        pager.events.append(event)
        key = event.get("dedup_key", "")
        if pager.status in (200, 202, 204):
            action = event.get("event_action", event.get("action", ""))
            if action == "trigger" or pager.incidents.get(key) != "resolve":
                pager.incidents[key] = action
        told = {"status": "success", "message": "Event processed", "dedup_key": key}
        answer = pager.answer if pager.answer is not None else json.dumps(told).encode()
        self.send_response(pager.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def pager() -> Iterator[Pager]:
    """A pager that runs while the block does."""
    server = Pager()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
