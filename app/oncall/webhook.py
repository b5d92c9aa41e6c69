"""A message as a signed POST.

The receiver drops repetitions by ``Idempotency-Key``, so what got no answer may be sent again. The header
``X-Firstline-Signature`` is ``sha256=`` and the hex HMAC-SHA256, under the shared secret, of the timestamp header, a
full stop and the raw body.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict
from datetime import datetime

import orjson
import requests

from app.errors import Busy, Refused, Unavailable
from app.oncall.message import Message


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the signature header."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def send(message: Message, url: str, secret: str, now: datetime, timeout: float = 10.0) -> None:
    """Deliver once. Raises Unavailable or Busy (try again), or Refused."""
    body = orjson.dumps(asdict(message))
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.key,
        "X-Firstline-Timestamp": timestamp,
        "X-Firstline-Signature": signature(secret, timestamp, body),
    }
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False)
    except requests.RequestException as error:  # the chain would carry the address, which may hold a token
        raise Unavailable(f"the message webhook gave no answer ({type(error).__name__})") from None
    if answer.status_code == 429:
        raise Busy("the message webhook limits us (429)")
    if answer.status_code >= 500:
        raise Unavailable(f"the message webhook answers {answer.status_code}")
    if not 200 <= answer.status_code < 300:
        raise Refused(f"the message webhook answers {answer.status_code}")
