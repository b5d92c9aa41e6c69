"""One webhook request as it arrives: its headers whatever their case, and its body read as strict JSON.

Pure, and the only reader of webhook bodies. orjson is the strict part: it refuses NaN, infinities, lone surrogates,
UTF-16, a byte order mark, invalid UTF-8 and deep nesting, where the standard library accepts them or dies of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from app.errors import Malformed

_DELIVERY_ID = re.compile(r"[!-~]{1,200}")
_ACTOR_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 :@._+|-]{0,190}")


def header(headers: Mapping[str, str], name: str) -> str:
    """The header's value whatever the case of its name, or an empty string. Of two, the first."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")


def json_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises Malformed, and nothing else, for anything that is not one."""
    try:
        value = orjson.loads(body)
    except ValueError:
        raise Malformed("the body is not JSON") from None  # orjson's own message may quote the body
    if not isinstance(value, dict):
        raise Malformed("the body is JSON but not an object")
    return value


def delivery_id(named: str, *signed: bytes) -> str:
    """The sender's own id of the delivery, or a digest of what was signed where it named none that can be kept."""
    if _DELIVERY_ID.fullmatch(named):
        return named
    return "sha256:" + hashlib.sha256(b"".join(signed)).hexdigest()


def within(value: object, *path: str) -> object:
    """What lies at the path inside nested objects, or None where it breaks off."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def actor(*candidates: object) -> str | None:
    """The first candidate that can be a user's id at the vendor."""
    for value in candidates:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and _ACTOR_ID.fullmatch(text):
            return text
    return None


def instant(value: object) -> datetime | None:
    """A time as the vendors write it (ISO 8601 with an offset, or milliseconds since 1970), in UTC; else None."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else None
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
