"""Lists, as Zendesk pages them: by cursor when ``page[size]`` is asked for, else by page number."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

from flask import request

from app.sandbox.zendesk.errors import ZendeskError
from app.sandbox.zendesk.records import Record

LARGEST = 100


def page(name: str, records: list[Record]) -> dict[str, Any]:
    """The page that the request asks for, under ``name``, with what leads to the next."""
    if "page[size]" in request.args or "page[after]" in request.args:
        return _by_cursor(name, records)
    size = min(LARGEST, _number("per_page", LARGEST))
    number = _number("page", 1)
    start = (number - 1) * size
    more, fewer = start + size < len(records), number > 1
    return {
        name: records[start : start + size],
        "next_page": _address(page=number + 1, per_page=size) if more else None,
        "previous_page": _address(page=number - 1, per_page=size) if fewer else None,
        "count": len(records),
    }


def _by_cursor(name: str, records: list[Record]) -> dict[str, Any]:
    size = min(LARGEST, _number("page[size]", LARGEST))
    start = decoded(request.args["page[after]"]) if request.args.get("page[after]") else 0
    chosen = records[start : start + size]
    more = start + size < len(records)
    after = encoded(start + size) if chosen else None
    return {
        name: chosen,
        "meta": {"has_more": more, "after_cursor": after, "before_cursor": encoded(start) if chosen else None},
        "links": {"prev": None, "next": _address(**{"page[size]": size, "page[after]": after}) if more else None},
    }


def encoded(position: int) -> str:
    """A position as an opaque cursor."""
    return base64.urlsafe_b64encode(f"o:{position}".encode()).decode()


def decoded(cursor: str) -> int:
    """The position in a cursor of ours."""
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("o:"))
    except (ValueError, binascii.Error) as error:
        raise ZendeskError(400, {"error": "InvalidPaginationParameter", "description": "bad cursor"}) from error


def _number(name: str, usual: int) -> int:
    text = request.args.get(name, str(usual))
    if not text.isdigit() or int(text) < 1:
        raise ZendeskError(400, {"error": "InvalidPaginationParameter", "description": f"{name} must be a number"})
    return int(text)


def _address(**changed: Any) -> str:
    query = {**request.args.to_dict(), **changed}
    return f"{request.base_url}?{urlencode(query)}"
