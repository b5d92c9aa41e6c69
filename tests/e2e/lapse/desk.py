"""Both sides of the desk in a time-lapse: the stories' people, and what they can see of us on a ticket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.triage.ticket import Ref
from tests.e2e.lapse.installation import LapseInstallation
from tests.e2e.lapse.stories import Happening, Kind, Story

SAID: dict[Kind, str] = {
    "customer": "Is there any news for us? Our reference is {}.",
    "agent": "Thank you for the details, we are on it. Your reference is {}.",
    "note": "Looked at the account of reference {}; nothing to see yet.",
}
STATUS: dict[str, dict[Kind, str]] = {
    "zendesk": {"pending": "pending", "hold": "hold", "open": "open", "solved": "solved"},
    "jira": {"pending": "Waiting for customer", "hold": "Escalated", "open": "In progress", "solved": "Resolved"},
}


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """Something that we did to a ticket, as the vendor tells it: ``+tag``, ``-tag``, ``status:solved``, ``note``."""

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
    if status := STATUS[ref.vendor].get(happening.kind):
        installation.control("POST", f"{where}/edit", {"status": status})
        return
    body = SAID[happening.kind].format(story.number)
    by = "customer" if happening.kind == "customer" else "agent"
    installation.control("POST", f"{where}/comments", {"body": body, "by": by, "public": happening.kind != "note"})


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
                yield Seen(at, "reply" if event["public"] else "note")
            elif event.get("field_name") == "tags":
                yield from _tags(at, event["previous_value"], event["value"])
            elif event.get("field_name") == "status":
                yield Seen(at, f"status:{event['value']}")


def _on_jira(state: dict[str, Any], us: str) -> Iterator[Seen]:
    for entry in state["histories"]:
        if entry["author"] != us:
            continue
        at = datetime.fromisoformat(entry["created"])
        for item in entry["items"]:
            if item["field"] == "labels":
                yield from _tags(at, (item["fromString"] or "").split(), (item["toString"] or "").split())
            elif item["field"] == "status":
                yield Seen(at, f"status:{item['toString']}")
    for comment in state["comments"]:
        if comment["author"] == us:
            yield Seen(datetime.fromisoformat(comment["created"]), "reply" if comment["public"] else "note")


def _tags(at: datetime, before: list[str], after: list[str]) -> Iterator[Seen]:
    yield from (Seen(at, f"+{tag}") for tag in sorted({*after} - {*before}))
    yield from (Seen(at, f"-{tag}") for tag in sorted({*before} - {*after}))
