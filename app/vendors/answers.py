"""What a vendor's HTTP answer means for us, or that none came: the one table from the wire to ``app.errors``.

``guard`` puts it on a session as a hook. The hook runs before the vendor's library sees an answer, so neither zenpy
(which would sleep through a 429) nor jira ever handles an error or follows a redirect, and nothing is sent twice.
No message holds an answer's text: only the status, the path and plain error codes.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import requests
import urllib3
from requests.adapters import HTTPAdapter

from app.errors import Busy, Conflict, Gone, OutcomeUnknown, Refused, TriageError, Unauthorized, Unavailable
from app.vendors.gate import Gate, retry_after

CONNECT_TIMEOUT = 3.0
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")
_NOT_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    ssl.SSLCertVerificationError,
)


def guard(session: requests.Session, gate: Gate | None = None) -> None:
    """Make a session send once, heed no proxy or .netrc of the environment, and raise our errors for error answers.

    With a ``gate`` each request asks it first; what it raises (Held) comes through as it is: nothing was sent.
    """
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=0) if gate is None else Gated(gate))
    session.hooks["response"] = [_raise_for]


class Gated(HTTPAdapter):
    """Sends once, and only what the gate admits."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(max_retries=0)
        self._gate = gate

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask the gate, send, tell the gate. Raises Held where the request did not go out."""
        method, path = request.method or "GET", (request.path_url or "").partition("?")[0]
        self._gate.admit(method, path)
        try:
            response = super().send(request, *args, **kwargs)
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            self._gate.unanswered(method, path)
            raise
        self._gate.answered(method, path, response.status_code, response.headers)
        return response


@contextmanager
def outcome(method: str, path: str) -> Iterator[None]:
    """Turn the lack of an answer into Unavailable, or OutcomeUnknown where a write may have arrived."""
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _lost(error, method, path) from None  # the chain would carry the request, and with it the token


def json_object(response: requests.Response) -> dict[str, Any]:
    """The answer as a JSON object. Anything else, such as a proxy's page, is as good as no answer."""
    try:
        value = orjson.loads(response.content)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    method, path = _asked(response)
    problem = f"the answer {response.status_code} to {method} {path} is not a JSON object"
    raise Unavailable(problem) if method == "GET" else OutcomeUnknown(problem)


def _raise_for(response: requests.Response, *_: object, **__: object) -> None:
    error = error_of(response)
    if error is not None:
        response.close()
        raise error


def error_of(response: requests.Response) -> TriageError | None:
    """The error that an answer stands for, None for a success."""
    status = response.status_code
    method, path = _asked(response)
    said = f"{status} to {method} {path}"
    match status:
        case _ if 200 <= status < 300:
            return None
        case 401:
            return Unauthorized(f"{said}: are the account's e-mail address and token right?")
        case 403:
            return Refused(f"{said}: our user may not do this; give it the permission, then `triage replay`")
        case 404 | 410:
            return Gone(said)
        case 409:
            return Conflict(said)
        case 429:
            return Busy(said, after=retry_after(response.headers))
        case 408 | 425:
            return Unavailable(said, after=retry_after(response.headers))
        case _ if status >= 500 and method == "GET":
            return Unavailable(said, after=retry_after(response.headers))
        case _ if status >= 500:
            return OutcomeUnknown(said, after=retry_after(response.headers))
        case _ if status < 400:
            return Refused(f"{said}: a redirect is never followed; is the account's URL right?")
    blamed, codes = _blamed(response)
    return Refused(said + codes, fields=blamed)


def _lost(error: Exception, method: str, path: str) -> TriageError:
    said = f"no answer to {method} {path}: {type(error).__name__}"
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Refused(f"{said}; is the account's URL right?")
    if method == "GET" or _never_sent(error):
        return Unavailable(said)
    return OutcomeUnknown(said)


def _never_sent(error: Exception) -> bool:
    """Whether the connection failed before anything was sent: requests wraps the reason in several layers."""
    layers: list[object] = [error]
    while layers:
        layer = layers.pop()
        if isinstance(layer, _NOT_SENT):
            return True
        if isinstance(layer, BaseException):
            layers += [*layer.args, getattr(layer, "reason", None)]
    return False


def _asked(response: requests.Response) -> tuple[str, str]:
    return response.request.method or "GET", (response.request.path_url or "").partition("?")[0]


def _blamed(response: requests.Response) -> tuple[tuple[str, ...], str]:
    """The fields that a refusal blames, and its plain codes (RecordInvalid; those fields), never its sentences."""
    try:
        body = orjson.loads(response.content)
    except (ValueError, requests.RequestException):
        return (), ""
    if not isinstance(body, dict):
        return (), ""
    fields = [key for part in ("errors", "details") for key in _keys(body.get(part))]
    codes = [word for word in (body.get("error"), *fields) if isinstance(word, str) and _CODE.fullmatch(word)]
    return tuple(filter(_CODE.fullmatch, fields)), f" ({', '.join(codes[:10])})" if codes else ""


def _keys(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []
