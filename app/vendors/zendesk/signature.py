"""Is this delivery from Zendesk, and recent? (Zendesk: "Verifying webhook authenticity")

The signature is base64(HMAC-SHA256(secret, timestamp header + raw body)); the key is the secret as it is shown, not
base64-decoded. The timestamp is that of the *attempt*, so the replay window is safe for late retries.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.errors import BadSignature
from app.vendors.delivery import header

TEST_SECRET = b"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
"""Published by Zendesk for its "Test webhook" button: whoever accepts it accepts everyone."""

WINDOW = timedelta(seconds=300)
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")


def verify(headers: Mapping[str, str], body: bytes, secrets: tuple[bytes, ...], now: datetime) -> None:
    """Raise BadSignature unless one of the secrets signed this body, within the window around ``now``."""
    timestamp = header(headers, "X-Zendesk-Webhook-Signature-Timestamp")
    if not matches(header(headers, "X-Zendesk-Webhook-Signature"), timestamp, body, secrets):
        raise BadSignature("the signature is missing or does not match")
    signed_at = _instant(timestamp)
    if signed_at is None:
        raise BadSignature("the signature's timestamp is not a time")
    if abs(now - signed_at) > WINDOW:
        raise BadSignature(f"the signature's timestamp is more than {WINDOW.seconds} seconds off")


def matches(signature: str, timestamp: str, body: bytes, secrets: tuple[bytes, ...]) -> bool:
    """Whether one of the secrets signed the timestamp and the body. Every secret is tried, in constant time each."""
    if not (signature and timestamp and signature.isascii() and timestamp.isascii()):
        return False
    given, message = signature.encode(), timestamp.encode() + body
    found = False
    for secret in secrets:
        expected = base64.b64encode(hmac.digest(secret, message, hashlib.sha256))
        found |= bool(secret) & hmac.compare_digest(given, expected)
    return found


def _instant(timestamp: str) -> datetime | None:
    if not _TIMESTAMP.fullmatch(timestamp):
        return None
    try:
        return datetime.fromisoformat(timestamp).astimezone(UTC)
    except (ValueError, OverflowError):  # a thirteenth month; the year 0001
        return None
