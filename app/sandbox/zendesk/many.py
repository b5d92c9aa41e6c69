"""Jobs: updates of many tickets, merges and permanent deletions, which Zendesk carries out in its own time.

Here they are done at once and tell it slowly: queued, working, completed, one step each time they are asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import g, request

from app.sandbox.zendesk.account import Account
from app.sandbox.zendesk.answers import Answer, found, json_object, root
from app.sandbox.zendesk.errors import ZendeskError, too_many, wrong_type
from app.sandbox.zendesk.events import ulid
from app.sandbox.zendesk.parameters import Parameters
from app.sandbox.zendesk.records import Record

STEPS = {"queued": "working", "working": "completed"}
MERGE_KEYS = frozenset(
    {"ids", "source_comment", "target_comment", "source_comment_is_public", "target_comment_is_public"}
)


class Many:
    """The endpoints that answer with a job."""

    def __init__(self, account: Account) -> None:
        self.account, self.records = account, account.records

    def routes(self) -> dict[str, dict[str, Callable[..., Any]]]:
        """Paths to views, by method."""
        return {
            "tickets/update_many": {"PUT": self.update_many},
            "tickets/<int:ticket_id>/merge": {"POST": self.merge},
            "deleted_tickets/<int:ticket_id>": {"DELETE": self.delete_for_ever},
            "job_statuses/<job_id>": {"GET": self.job},
        }

    def job(self, job_id: str) -> Record:
        job = found(self.records.jobs, job_id)
        if job["asked"]:
            job["status"] = STEPS.get(job["status"], job["status"])
        job["asked"] = True
        return {"job_status": _shown(job)}

    def update_many(self) -> Answer:
        self._room()
        headers = self.account.limits.update_of_many()
        body = json_object()
        if "tickets" in body:
            one_by_one: list[tuple[Any, Any]] = [
                (one.get("id"), {k: v for k, v in one.items() if k != "id"}) for one in body["tickets"]
            ]
        else:
            ids = [one for one in request.args.get("ids", "").split(",") if one]
            one_by_one = [(int(one) if one.isdigit() else one, body.get("ticket")) for one in ids]
        if not 1 <= len(one_by_one) <= 100:
            raise ZendeskError(400, {"error": "TooManyValues", "description": "between 1 and 100 tickets"})
        results = [self._one_of_many(ticket_id, given) for ticket_id, given in one_by_one]
        return self._queued("Bulk Update Ticket", results, headers)

    def merge(self, ticket_id: int) -> Answer:
        """Close the sources into the target: it cannot be undone."""
        self._room()
        body = json_object()
        for name in body:
            if name not in MERGE_KEYS or (name.endswith("_comment") and not isinstance(body[name], str)):
                raise wrong_type(name, "a string, or no part of a merge")
        ids = body.get("ids")
        if not isinstance(ids, list) or not ids or not all(isinstance(one, int) for one in ids):
            raise wrong_type("ids", "an array of ticket ids")
        self.account.tickets.merge(ticket_id, body, self.records.caller(g.who))
        results = [{"id": ticket_id, "action": "merge", "success": True, "status": "Completed"}]
        return self._queued("Ticket Merge", results, {})

    def delete_for_ever(self, ticket_id: int) -> Answer:
        """A deleted ticket loses what it held."""
        self._room()
        self.account.delete_for_ever(ticket_id, self.records.caller(g.who))
        results = [{"id": ticket_id, "action": "permanently_delete", "success": True, "status": "Deleted"}]
        return self._queued("Delete Permanently", results, {})

    def _room(self) -> None:
        """At most thirty jobs at a time."""
        open_jobs = [job for job in self.records.jobs.values() if job["status"] in STEPS]
        if len(open_jobs) >= self.account.most_jobs:
            refused = too_many(10, {})
            refused.body = {"error": "TooManyJobs", "description": "too many jobs are queued or running"}
            raise refused

    def _queued(self, kind: str, results: list[Record], headers: dict[str, str]) -> Answer:
        job = {"id": ulid().lower(), "kind": kind, "status": "queued", "results": results, "asked": False}
        self.records.jobs[str(job["id"])] = job
        return {"job_status": _shown(job)}, 200, headers

    def _one_of_many(self, ticket_id: Any, given: Any) -> Record:
        done = {"id": ticket_id, "action": "update"}
        try:
            who = self.records.caller(g.who)
            self.account.tickets.update(ticket_id, Parameters(given, self.records, bulk=True), who)
        except ZendeskError as error:
            description = error.body.get("description", "")
            return {**done, "success": False, "status": "Failed", "error": error.body["error"], "details": description}
        return {**done, "success": True, "status": "Updated"}


def _shown(job: Record) -> Record:
    done = job["status"] == "completed"
    return {
        "id": job["id"],
        "job_type": job["kind"],
        "url": f"{root()}job_statuses/{job['id']}.json",
        "total": len(job["results"]),
        "progress": len(job["results"]) if done else None,
        "status": job["status"],
        "message": f"Completed at {time.strftime('%Y-%m-%d %H:%M:%S +0000', time.gmtime())}" if done else None,
        "results": job["results"] if done else None,
    }
