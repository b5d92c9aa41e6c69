"""What a kept delivery costs the receiver, as a ratio to the cheapest request it can answer, in one run.

A ratio does not move with the machine's mood. The ceiling is what it must not cost more than.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.runtime import Runtime
from app.store.migrate import migrate
from app.web import create_app
from config import logging as logs
from config.accounts import ZendeskAccount
from config.settings import Settings

SECRET = "bench"  # noqa: S105
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROUNDS, BATCH = 12, 50
CEILING = 8.0


def main() -> bool:
    """Print the figures; False when the ceiling is broken."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None,
            database_url=f"sqlite:///{Path(folder)}/store.db",
            redis_url="redis://127.0.0.1:1/0",
            log_level="warning",
            zendesk={"bench": ZendeskAccount(subdomain="bench", webhook_secret=SECRET)},  # type: ignore[arg-type]
        )
        logs.configure(settings)
        migrate(settings.database_url)
        runtime = Runtime(settings, now=lambda: NOW)
        runtime.doorbell.ring = lambda ref: None  # type: ignore[method-assign]  # the queue is another benchmark's
        client = create_app(runtime).test_client()
        deliveries = iter([signed(n) for n in range((ROUNDS + 1) * BATCH)])

        def deliver() -> None:
            body, headers = next(deliveries)
            assert client.post("/webhooks/zendesk", data=body, headers=headers).status_code == 202  # noqa: S101

        def bare() -> None:
            assert client.get("/healthz").status_code == 200  # noqa: S101

        cpu(deliver)  # the first connection, the first compilation
        pairs = [(cpu(deliver), cpu(bare)) for _ in range(ROUNDS)]
        runtime.store.close()
    ratio = sorted(kept / cheap for kept, cheap in pairs)[ROUNDS // 2]
    cost = sorted(kept for kept, _ in pairs)[ROUNDS // 2]
    print(f"receive   {cost * 1000:5.2f} ms CPU a kept delivery, {ratio:4.1f} times a bare answer (ceiling {CEILING})")
    return ratio <= CEILING


def cpu(run: Callable[[], None]) -> float:
    """CPU seconds of one call, averaged over a batch."""
    began = time.process_time()
    for _ in range(BATCH):
        run()
    return (time.process_time() - began) / BATCH


def signed(number: int) -> tuple[bytes, dict[str, str]]:
    """A signed delivery of about 4 KB."""
    body = json.dumps(
        {"type": "zen:event-type:ticket.created", "detail": {"id": str(number + 1), "description": "x" * 3900}}
    ).encode()
    stamp = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    mac = hmac.new(SECRET.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return body, {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature": base64.b64encode(mac).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        "X-Zendesk-Webhook-Invocation-Id": f"bench-{number}",
    }


if __name__ == "__main__":
    main()
