"""Is this delivery from Jira? (Atlassian: "Webhooks", section "Secure admin webhooks")

``X-Hub-Signature: sha256=<hex HMAC of the raw body>``, after WebSub. The method is the sender's claim, so only sha256
counts. Jira signs no time: a replayed delivery is caught by its identifier, not here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from app.errors import BadSignature
from app.vendors.delivery import header


def verify(headers: Mapping[str, str], body: bytes, secrets: tuple[bytes, ...], now: datetime) -> None:
    """Raise BadSignature unless one of the secrets signed this body. ``now`` is unused: Jira signs no time."""
    if not matches(header(headers, "X-Hub-Signature"), body, secrets):
        raise BadSignature("the signature is missing or does not match")


def matches(signature: str, body: bytes, secrets: tuple[bytes, ...]) -> bool:
    """Whether one of the secrets signed the body. Every secret is tried, in constant time each."""
    method, _, digest = signature.partition("=")
    if method != "sha256" or not digest.isascii():
        return False
    given = digest.lower().encode()
    found = False
    for secret in secrets:
        expected = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
        found |= bool(secret) & hmac.compare_digest(given, expected)
    return found
