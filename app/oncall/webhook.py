"""A message or an alert as a signed POST.

The receiver drops repetitions by ``Idempotency-Key``, so what got no answer may be sent again. The header
``X-Firstline-Signature`` is ``sha256=`` and the hex HMAC-SHA256, under the shared secret, of the timestamp header, a
full stop and the raw body.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import orjson
import requests

from app.errors import Busy, Refused, Unavailable
from app.oncall.alert import Alert
from app.oncall.message import Message


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the signature header."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def send(message: Message, url: str, secret: str, now: datetime, timeout: float = 10.0) -> None:
    """Deliver once. Raises Unavailable or Busy (try again), or Refused."""
    _post(asdict(message), message.key, url, secret, now, timeout)


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """A receiver of alerts: whatever answers 2xx has taken one. ``seconds`` is how long it may take to answer."""

    id: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    seconds: float
    follows: bool = True

    def send(self, alert: Alert, now: datetime) -> None:
        """Deliver once. Raises Unavailable or Busy (try again), or Refused."""
        _post(asdict(alert), alert.key, self.url, self.secret, now, self.seconds)


def _post(content: Mapping[str, Any], key: str, url: str, secret: str, now: datetime, timeout: float) -> None:
    body = orjson.dumps(content)
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "X-Firstline-Timestamp": timestamp,
        "X-Firstline-Signature": signature(secret, timestamp, body),
    }
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False)
    except requests.RequestException as error:  # the chain would carry the address, which may hold a token
        raise Unavailable(f"the webhook gave no answer ({type(error).__name__})") from None
    if answer.status_code == 429:
        raise Busy("the webhook limits us (429)")
    if answer.status_code >= 500:
        raise Unavailable(f"the webhook answers {answer.status_code}")
    if not 200 <= answer.status_code < 300:
        raise Refused(f"the webhook answers {answer.status_code}")
