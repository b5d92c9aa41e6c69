"""PagerDuty's webhook to us, version 3 (PagerDuty: "Webhooks overview", "Verifying signatures"): is it theirs, and what
does it say?

``X-PagerDuty-Signature`` holds one or more ``v1=<hex HMAC-SHA256 of the raw body>``, parted by commas, several while a
secret is rotated. No time is signed: a replayed delivery is caught by its event's id.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from app.errors import BadSignature, Malformed

_KINDS: dict[str, Literal["acknowledged", "resolved"]] = {
    "incident.acknowledged": "acknowledged",
    "incident.resolved": "resolved",
}
_MOST_SIGNATURES = 10


@dataclass(frozen=True, slots=True)
class PagerEvent:
    """What happened to the incident of a dedup key, when (UTC) and by whom; ``kind`` is empty for anything else."""

    id: str
    kind: Literal["acknowledged", "resolved", ""]
    key: str
    at: datetime
    by: str


def verify(signatures: str, body: bytes, secrets: tuple[bytes, ...]) -> None:
    """Raise BadSignature unless one of the secrets made one of the signatures. Each pair is tried, in constant time."""
    given = [one.strip() for one in signatures.split(",")[:_MOST_SIGNATURES]]
    digests = [one.removeprefix("v1=").lower() for one in given if one.startswith("v1=") and one.isascii()]
    found = False
    for secret in secrets:
        expected = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
        for digest in digests:
            found |= bool(secret) & hmac.compare_digest(digest.encode(), expected)
    if not found:
        raise BadSignature("the signature is missing or does not match")


def parse(body: bytes) -> PagerEvent:
    """Read a delivery whose signature held. Raises Malformed."""
    try:
        event = _mapping(_mapping(orjson.loads(body)).get("event"))
        kind, identity = _text(event, "event_type"), _text(event, "id")
        about = _mapping(event.get("data")) if kind in _KINDS else {}
        at = datetime.fromisoformat(_text(event, "occurred_at")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed(f"not a PagerDuty event: {error}") from None
    agent = event.get("agent")
    who = agent.get("summary") if isinstance(agent, dict) else None
    key = about.get("incident_key")
    return PagerEvent(
        id=identity,
        kind=_KINDS.get(kind, ""),
        key=key if isinstance(key, str) else "",
        at=at,
        by=who[:120] if isinstance(who, str) and who.strip() else "somebody",
    )


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("an object is missing")
    return value


def _text(event: dict[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not value or len(value) > 200:
        raise ValueError(f"{name} is missing or too long")
    return value
