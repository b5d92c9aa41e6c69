"""How Zendesk says no. Bodies as the reference and recorded answers have them."""

from __future__ import annotations

from typing import Any


class ZendeskError(Exception):
    """Becomes the answer: a status, a JSON body, headers."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body, self.headers = status, body, headers or {}


def not_found() -> ZendeskError:
    """There is no such record, or it was deleted."""
    return ZendeskError(404, {"error": "RecordNotFound", "description": "Not found"})


def unauthorized() -> ZendeskError:
    """No credentials, or wrong ones."""
    return ZendeskError(401, {"error": "Couldn't authenticate you"}, {"WWW-Authenticate": 'Basic realm="Web Password"'})


def invalid(field: str, sentence: str) -> ZendeskError:
    """The record would not be valid."""
    details = {field: [{"description": f"{field.replace('_', ' ').capitalize()}: {sentence}"}]}
    return ZendeskError(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": details})


def wrong_type(field: str, wanted: str) -> ZendeskError:
    """A parameter has the wrong type: refused before the record is looked at."""
    message = f"You passed an invalid value for the {field} attribute. Invalid parameter: {field} must be {wanted}"
    return ZendeskError(400, {"error": {"title": "Invalid attribute", "message": message}})


def conflict() -> ZendeskError:
    """The ticket changed since it was read ("Protecting against ticket update collisions")."""
    description = (
        "Safe Update prevented the update due to outdated ticket data. "
        "Please fetch the latest ticket data and try again."
    )
    return ZendeskError(409, {"error": "UpdateConflict", "description": description})


def too_many(seconds: int, headers: dict[str, str]) -> ZendeskError:
    """A rate limit was met."""
    body = {"error": "TooManyRequests", "description": "Rate limit exceeded"}
    return ZendeskError(429, body, {"Retry-After": str(seconds), **headers})


def not_modelled(what: str) -> ZendeskError:
    """Zendesk can do this and the sandbox cannot: said aloud rather than ignored."""
    return ZendeskError(501, {"error": "NotModelled", "description": f"the sandbox does not model {what}"})
