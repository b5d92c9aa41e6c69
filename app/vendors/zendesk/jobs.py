"""Changes of many tickets at once: what is asked of ``update_many``, and what its job tells (Zendesk: "Update Many
Tickets", "Job Statuses"). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from app.errors import Unavailable
from app.vendors import Job

PATH = "/api/v2/tickets/update_many.json"
MOST = 100
"""Tickets that one job may change."""

JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STATES = ("queued", "working", "failed", "completed")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")


def tags_body(add: Sequence[str], remove: Sequence[str]) -> dict[str, Any]:
    """``tags`` would replace each ticket's whole set; these two do not, and only this request knows them."""
    ticket = {"additional_tags": sorted(add), "remove_tags": sorted(remove)}
    return {"ticket": {name: tags for name, tags in ticket.items() if tags}}


def path_of(job_id: str) -> str:
    """Where a job is read."""
    return f"/api/v2/job_statuses/{job_id}.json"


def job_of(answer: Mapping[str, Any]) -> Job:
    """Where the job stands. Raises Unavailable for an answer that shows none.

    A failure that names no ticket makes the whole job a failed one, because any of them may be meant.
    """
    status = answer.get("job_status")
    if not isinstance(status, Mapping) or str(status.get("status")).lower() not in _STATES:
        raise Unavailable("the answer shows no job")
    state = cast(Literal["queued", "working", "failed", "completed"], str(status["status"]).lower())
    results = status.get("results")
    listed = results if isinstance(results, list) else [results] if isinstance(results, dict) else []
    failures = [one for one in listed if isinstance(one, dict) and _failed(one)]
    if any(one.get("id") is None for one in failures):
        return Job("failed", {})
    return Job(state, {str(one["id"]): _reason(one) for one in failures})


def _failed(result: Mapping[str, Any]) -> bool:
    return result.get("success") is False or bool(result.get("error") or result.get("errors"))


def _reason(result: Mapping[str, Any]) -> str:
    """The plain code of a failure, never its sentence."""
    code = result.get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "refused"
