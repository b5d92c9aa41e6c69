"""How Jira says no: ``errorMessages`` for the request, ``errors`` by field."""

from __future__ import annotations

from typing import Any


class JiraError(Exception):
    """Becomes the answer: a status, a JSON body, headers."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body, self.headers = status, body, headers or {}


def refused(message: str, status: int = 400) -> JiraError:
    """Something about the whole request."""
    return JiraError(status, {"errorMessages": [message], "errors": {}})


def invalid(errors: dict[str, str]) -> JiraError:
    """Something about single fields."""
    return JiraError(400, {"errorMessages": [], "errors": errors})


def no_issue() -> JiraError:
    """There is no such issue, or it may not be seen: Jira does not tell which."""
    return refused("Issue does not exist or you do not have permission to see it.", 404)


def unauthorized() -> JiraError:
    """No credentials, or wrong ones."""
    body = {"message": "Client must be authenticated to access this resource.", "status-code": 401}
    return JiraError(401, body, {"WWW-Authenticate": 'OAuth realm="sandbox"'})


def too_many(seconds: int, reason: str) -> JiraError:
    """A rate limit was met; ``RateLimit-Reason`` tells which of the three kinds ("Rate limiting")."""
    headers = {"Retry-After": str(seconds), "RateLimit-Reason": reason, "X-RateLimit-Remaining": "0"}
    return JiraError(429, {"errorMessages": ["Rate limit exceeded."], "errors": {}}, headers)
