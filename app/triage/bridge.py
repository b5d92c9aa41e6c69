"""The bridge from a customer's ticket to engineering's issue: what is asked of Jira, and what is known of it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from app.triage.ticket import Comment, Ref


@dataclass(frozen=True, slots=True)
class NewIssue:
    """An issue to be made. ``text`` has the shape of a note's (see ``AddNote``), ``fields`` are by our names.

    ``marker`` is a label that no other issue has: by it the issue is found again when its making got no answer.
    """

    project: str
    issue_type: str
    summary: str
    text: str
    marker: str
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    priority: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """A ticket of another system as an issue shows it; ``global_id`` makes it one link however often it is sent."""

    global_id: str
    url: str
    title: str
    relationship: str = "is reported by"


@dataclass(frozen=True, slots=True)
class LinkedIssue:
    """An issue that a ticket hangs on, as engineering left it. ``comments`` are those marked for support.

    ``kind``: ``escalation``, ``backlog`` or ``known_issue``. ``at`` is when it was last looked at, UTC.
    """

    ref: Ref
    kind: str
    url: str = ""
    status: str = ""
    done: bool = False
    resolution: str = ""
    fix_versions: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    at: datetime | None = None
