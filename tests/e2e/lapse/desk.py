"""Both sides of the desk in a time-lapse: the stories' people, and what they can see of us on a ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.sandbox.people import AGENTS
from app.sandbox.zendesk.records import ON_CUSTOMER
from app.triage.ticket import Ref
from tests.e2e.lapse.installation import LapseInstallation
from tests.e2e.lapse.stories import Happening, Kind, Story

AGENT = AGENTS[0].email
SAID: dict[Kind, str] = {
    "customer": "Is there any news for us? Our reference is {}.",
    "agent": "Thank you for the details, we are on it. Your reference is {}.",
    "note": "Looked at the account of reference {}; nothing to see yet.",
    "fix": "Reproduced what reference {} tells; it needs a code fix.",
}
EDITS: dict[str, dict[Kind, dict[str, Any]]] = {
    "zendesk": {
        "assigned": {"assignee": AGENT},
        "pending": {"status": "pending"},
        "waiting": {"custom_status_id": ON_CUSTOMER},
        "hold": {"status": "hold", "add_tags": ["hold-7d"]},
        "open": {"status": "open"},
        "solved": {"status": "solved"},
    },
    "jira": {
        "assigned": {"assignee": AGENT},
        "pending": {"status": "Waiting for customer"},
        "waiting": {"status": "Waiting on customer"},
        "hold": {"status": "On hold", "add_tags": ["hold-7d"]},
        "open": {"status": "In progress"},
        "solved": {"status": "Resolved"},
    },
}
STATE = {"solved": "solved", "resolved": "solved", "open": "open", "in progress": "open"}
TAGS = ("overdue-first-reply", "escalate-l2", "escalate-l3")
STEP = re.compile(r"^([A-Z][a-z0-9 ]+): (?:(was due by) )?\d{4}-\d\d-\d\d \d\d:\d\d UTC", re.MULTILINE)
REMINDER = "Do you still need our help"


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """Something that we did to a ticket, as the vendor tells it: ``+tag``, ``-tag``, ``state open``, ``reminder``, and
    of the notes ``goal first_reply`` and ``breach first_reply``."""

    at: datetime
    what: str


def happen(installation: LapseInstallation, refs: dict[int, Ref], story: Story, happening: Happening) -> None:
    """Do what the people of a story do now."""
    if happening.kind == "opened":
        subject, body = story.text
        person = {"name": f"Customer {story.number}", "email": f"c{story.number}@customers.example"}
        refs[story.number] = installation.customer_writes(story.vendor, subject, body, requester=person)
        return
    ref = refs[story.number]
    where = f"/{ref.vendor}/{'tickets' if ref.vendor == 'zendesk' else 'issues'}/{ref.id}"
    if edit := EDITS[ref.vendor].get(happening.kind):
        installation.control("POST", f"{where}/edit", edit)
        return
    body = SAID[happening.kind].format(story.number)
    by = "customer" if happening.kind == "customer" else "agent"
    installation.control(
        "POST", f"{where}/comments", {"body": body, "by": by, "public": happening.kind in ("customer", "agent")}
    )


def seen(installation: LapseInstallation, ref: Ref) -> list[Seen]:
    """What our own user did to a ticket, oldest first."""
    state, us = installation.at_vendor(ref), installation._us(ref.vendor)
    return sorted(_on_zendesk(state, us) if ref.vendor == "zendesk" else _on_jira(state, us))


def _on_zendesk(state: dict[str, Any], us: int) -> Iterator[Seen]:
    for audit in state["audits"]:
        if audit["author_id"] != us:
            continue
        at = datetime.fromisoformat(audit["created_at"])
        for event in audit["events"]:
            if event["type"] == "Comment":
                yield from _said(at, event["body"], public=event["public"])
            elif event.get("field_name") == "tags":
                yield from _tags(at, event["previous_value"], event["value"])
            elif event.get("field_name") == "status":
                yield from _moved(at, event["value"])


def _on_jira(state: dict[str, Any], us: str) -> Iterator[Seen]:
    for entry in state["histories"]:
        if entry["author"] != us:
            continue
        at = datetime.fromisoformat(entry["created"])
        for item in entry["items"]:
            if item["field"] == "labels":
                yield from _tags(at, (item["fromString"] or "").split(), (item["toString"] or "").split())
            elif item["field"] == "status":
                yield from _moved(at, item["toString"])
    for comment in state["comments"]:
        if comment["author"] == us:
            at = datetime.fromisoformat(comment["created"])
            yield from _said(at, str(comment["body"]), public=comment["public"])


def _said(at: datetime, text: str, *, public: bool) -> Iterator[Seen]:
    if public:
        yield from (Seen(at, "reminder") for _ in range(text.count(REMINDER)))
        return
    for name, due in STEP.findall(text):
        yield Seen(at, f"{'breach' if due else 'goal'} {name.lower().replace(' ', '_')}")


def _moved(at: datetime, status: str) -> Iterator[Seen]:
    if status.casefold() in STATE:
        yield Seen(at, f"state {STATE[status.casefold()]}")


def _tags(at: datetime, before: list[str], after: list[str]) -> Iterator[Seen]:
    had, has = ({tag.casefold() for tag in tags} & {*TAGS} for tags in (before, after))
    yield from (Seen(at, f"+{tag}") for tag in sorted(has - had))
    yield from (Seen(at, f"-{tag}") for tag in sorted(had - has))
