"""Requests in and answers out: JSON, the address of this server, and errors in Zendesk's shapes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from app.sandbox.zendesk.errors import ZendeskError, not_found, wrong_type
from app.sandbox.zendesk.records import Record

Answer = tuple[dict[str, Any], int, dict[str, str]]
JSON = "application/json; charset=utf-8"


def locked(lock: threading.RLock, view: Callable[..., Any]) -> Callable[..., Any]:
    """The answer is made into text under the lock too, so that no record changes meanwhile."""

    def answer(**arguments: Any) -> Response:
        with lock:
            made = view(**arguments)
            body, status, headers = made if isinstance(made, tuple) else (made, 200, {})
            text = "" if body is None else json.dumps(body, ensure_ascii=False)
        return Response(text, status, headers, content_type=JSON)

    return answer


def refused(error: ZendeskError) -> Response:
    """A refusal as an answer."""
    return Response(json.dumps(error.body), error.status, error.headers, content_type=JSON)


def unknown(error: HTTPException) -> Response:
    """A path or a method that is not there, in JSON too."""
    if error.code == 404:
        body: dict[str, Any] = {"error": "InvalidEndpoint", "description": "Not found"}
    else:
        body = {"error": error.name, "description": error.description}
    return Response(json.dumps(body), error.code or 500, content_type=JSON)


def root() -> str:
    """The address under which the caller sees the API."""
    return f"{request.url_root}api/v2/"


def addressed(kind: str, record: Record) -> Record:
    """A record with its own address."""
    return {"url": f"{root()}{kind}/{record['id']}.json", **record}


def included() -> set[str]:
    """What is to be sideloaded."""
    return {word.strip() for word in request.args.get("include", "").split(",")}


def found(table: dict[Any, Record], key: Any) -> Record:
    """The record of this id, or 404."""
    if key not in table:
        raise not_found()
    return table[key]


def json_object() -> dict[str, Any]:
    """The body of the request."""
    body = request.get_json(silent=True)
    if request.mimetype != "application/json" or not isinstance(body, dict):
        raise ZendeskError(400, {"error": "Unprocessable Entity", "description": "the body must be a JSON object"})
    return body


def enclosed(name: str) -> Any:
    """What the body of the request encloses under this name."""
    body = json_object()
    if name not in body:
        raise wrong_type(name, "present")
    return body[name]
