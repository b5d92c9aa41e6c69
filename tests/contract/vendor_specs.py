"""Checks a request against the vendor's published OpenAPI description, in process (openapi-core).

The descriptions are patched where they contradict the live services (see SOURCES.md beside them): unknown keys are
refused, ``.json`` paths are known. The service desk's API and the webhooks' are described nowhere among them: their
requests are checked against the shapes in the vendors' references.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest

from app.triage.note import marks_in
from tests.contract.conftest import material

_FILES = {
    "zendesk": ("zendesk", "openapi", "support-oas.patched.json"),
    "jira": ("jira", "openapi", "jira-cloud-platform-v3.patched.json"),
}
_HOST = "http://vendor.test"
WEBHOOKS = ("/api/v2/webhooks", "/rest/webhooks/1.0/webhook")


def described(vendor: str) -> dict[str, Any]:
    """The vendor's description, mended where it contradicts itself."""
    told: dict[str, Any] = json.loads(material(*_FILES[vendor]).read_bytes())
    for ending in ("", ".json") if vendor == "zendesk" else ():
        paths = told["paths"]
        groups = paths[f"/api/v2/groups{ending}"]["get"]  # it lists a path parameter that this path does not have
        groups["parameters"] = [one for one in groups["parameters"] if not one.get("$ref", "").endswith("/UserId")]
        for name, schema in (("group", "GroupObject"), ("ticket_field", "TicketFieldObject")):  # creates without a body
            shape = {
                "type": "object",
                "properties": {name: {"$ref": f"#/components/schemas/{schema}"}},
                "required": [name],
            }
            body = {"required": True, "content": {"application/json": {"schema": shape}}}
            paths[f"/api/v2/{name}s{ending}"]["post"]["requestBody"] = body
        listed = paths[f"/api/v2/group_memberships{ending}"]["get"]  # a user's memberships are in a path of its own
        by_user = [one for one in listed["parameters"] if one.get("$ref", "").endswith("/UserId")]
        paths[f"/api/v2/users/{{user_id}}/group_memberships{ending}"] = {"get": {**listed, "parameters": by_user}}
    if vendor == "zendesk":
        _mend(told["components"])
    return told


@cache
def description(vendor: str) -> OpenAPI:
    """What a vendor published about its API, mended where it is known to be wrong, for requests and answers."""
    told = {**described(vendor), "servers": [{"url": _HOST}]}
    return OpenAPI.from_dict(told, config=Config(spec_validator_cls=None))


def _mend(components: dict[str, Any]) -> None:
    """Where the text is narrower than the service: null takes an assignee off (the only way there is), and the
    export's own ``after_url`` has a cursor and no start time."""
    update = components["schemas"]["TicketUpdateInput"]["properties"]
    update["assignee_id"] = {**update["assignee_id"], "nullable": True}
    components["parameters"]["IncrementalUnixTime"]["required"] = False


def available(vendor: str) -> None:
    """Skip (fail in CI) where the description is missing; loads it once a session."""
    description(vendor)


def problems(vendor: str, request: requests.PreparedRequest, base_url: str) -> list[str]:
    """What the vendor's description says against a request, nothing when it is right."""
    assert request.url is not None
    if not request.url.startswith(base_url + "/"):
        return [f"sent to {urlsplit(request.url).netloc}, which is not the account's address"]
    parts = urlsplit(_HOST + request.url.removeprefix(base_url))
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    if parts.path.startswith("/rest/servicedeskapi/"):
        return _desk_problems(parts.path, json.loads(body))
    if parts.path.startswith(WEBHOOKS):
        return _webhook_problems(parts.path, request.method or "", json.loads(body or b"null"))
    asked = MockRequest(
        _HOST,
        request.method or "",
        parts.path.removesuffix(".json"),
        args=dict(parse_qsl(parts.query)),
        headers=dict(request.headers),
        data=body,
        content_type=request.headers.get("Content-Type", "").partition(";")[0] or "application/json",
    )
    return [_said(error) for error in description(vendor).iter_request_errors(asked)]


def _said(error: BaseException) -> str:
    """An error with all that lies behind it."""
    parts = [repr(error)]
    parts += [str(getattr(inner, "message", inner)) for inner in getattr(error.__cause__, "schema_errors", ())]
    return " / ".join(parts)


def _webhook_problems(path: str, method: str, body: Any) -> list[str]:
    """Neither description has the webhooks' API: these shapes are of its reference pages."""
    if method == "GET":
        return [] if body is None else ["a GET has no body"]
    if path == "/rest/webhooks/1.0/webhook":
        right = body.keys() == {"name", "url", "events", "excludeBody", "secret"} and body["excludeBody"] is False
        return [] if right else ["an admin webhook is {name, url, events, excludeBody, secret}"]
    hook = body.get("webhook", {})
    keys = {"name", "status", "endpoint", "http_method", "request_format", "subscriptions"}
    right = path == "/api/v2/webhooks" and body.keys() == {"webhook"} and hook.keys() == keys
    return [] if right and isinstance(hook["subscriptions"], list) else [f"a webhook is {sorted(keys)}"]


def _desk_problems(path: str, body: Mapping[str, Any]) -> list[str]:
    if not (path.startswith("/rest/servicedeskapi/request/") and path.endswith("/comment")):
        return [f"unknown request {path}"]
    if body.keys() != {"body", "public"} or not isinstance(body["body"], str) or not isinstance(body["public"], bool):
        return ["a service desk comment is {body: text, public: true or false}"]
    if body["public"] and marks_in(body["body"]):
        return ["a note is never public"]
    return []
