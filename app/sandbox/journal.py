"""What was asked of the vendors' APIs, and what of that changed something. Tests and newcomers read it."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from flask import Flask, Response, g, request

from app.sandbox import moments

KEPT = 20_000


class Journal:
    """The requests to both APIs, in the order in which they were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._count = 0

    def watch(self, app: Flask, vendor: str) -> None:
        """Write down every request to this API, with the ``g.who`` that its authentication sets."""

        @app.after_request
        def write_down(response: Response) -> Response:
            self._add(vendor, response.status_code)
            return response

    def _add(self, vendor: str, status: int) -> None:
        changes = request.method not in ("GET", "HEAD", "OPTIONS") and status < 400
        entry = {
            "at": moments.now().isoformat(),
            "vendor": vendor,
            "who": g.get("who", ""),
            "method": request.method,
            "path": request.path,
            "query": request.query_string.decode("ascii", "replace"),
            "status": status,
            "write": changes and not g.get("reads", False),
            "body": request.get_json(silent=True) if request.method != "GET" else None,
        }
        with self._lock:
            self._count += 1
            self._entries.append({"n": self._count, **entry})

    def requests(self) -> list[dict[str, Any]]:
        """Every request, oldest first."""
        with self._lock:
            return list(self._entries)

    def writes(self) -> list[dict[str, Any]]:
        """The requests that changed something, oldest first."""
        return [entry for entry in self.requests() if entry["write"]]

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._entries.clear()
