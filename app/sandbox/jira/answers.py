"""Requests in and answers out for Jira: JSON, pages of lists, errors in Jira's shapes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from app.sandbox.jira.edits import Wrong, long_text
from app.sandbox.jira.errors import JiraError, invalid
from app.sandbox.jira.errors import refused as refusal

JSON = "application/json;charset=UTF-8"
EMPTY = (None, 204)


def locked(lock: threading.RLock, view: Callable[..., Any]) -> Callable[..., Any]:
    """The answer is made into text under the lock too, so that no record changes meanwhile."""

    def answer(**arguments: Any) -> Response:
        with lock:
            made = view(**arguments)
            body, status = made if isinstance(made, tuple) else (made, 200)
            text = "" if body is None else json.dumps(body, ensure_ascii=False)
        return Response(text, status, content_type=JSON)

    return answer


def refused(error: JiraError) -> Response:
    """A refusal as an answer."""
    return Response(json.dumps(error.body), error.status, error.headers, content_type=JSON)


def unknown(error: HTTPException) -> Response:
    """A path or a method that is not there, in JSON too."""
    body = {"message": f"null for uri: {request.path}" if error.code == 404 else error.name, "status-code": error.code}
    return Response(json.dumps(body), error.code or 500, content_type=JSON)


def json_object() -> dict[str, Any]:
    """The body of the request."""
    body = request.get_json(silent=True)
    if request.mimetype != "application/json":
        raise refusal("Unsupported Media Type", 415)
    if not isinstance(body, dict):
        raise refusal("There was an error parsing JSON. Check that your request body is valid.")
    return body


def number(name: str, usual: int, largest: int = 5000) -> int:
    """A number of the query."""
    text = request.args.get(name, str(usual))
    if not text.isdigit():
        raise refusal(f"'{name}' must be a number")
    return min(int(text), largest)


def chosen(text: str | None, usual: set[str] | None, every: set[str]) -> set[str] | None:
    """Which fields are asked for: names, ``*all``, ``*navigable``, or all but ``-name``. None is all."""
    if not text:
        return usual
    names = {name.strip() for name in text.split(",") if name.strip()}
    without = {name[1:] for name in names if name.startswith("-")}
    named = {name for name in names if not name.startswith(("-", "*"))}
    if "*all" in names or "*navigable" in names or not named:
        named = every
    return named - without


def comment_text(value: Any) -> str:
    """The body of a comment, which may not be empty."""
    try:
        text = long_text(value, version())
    except Wrong as wrong:
        raise invalid({"comment": str(wrong)}) from None
    if not text.strip():
        raise invalid({"comment": "Comment body can not be empty!"})
    return text


def version() -> int:
    """The version of the API that is asked: 3 has documents where 2 has text."""
    return 3 if request.path.startswith("/rest/api/3/") else 2
