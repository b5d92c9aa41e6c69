"""Engineering's Jira in memory, for tests of the worker's order of things: it makes issues, finds them by label after a
while, keeps remote links by their global id, takes comments that ask after an issue, and can be told to misbehave at a
call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from app.errors import Gone, Refused, TriageError
from app.triage.actions import Action, AddNote
from app.triage.bridge import NewIssue, RemoteLink
from app.triage.marks import nudges_in
from app.triage.ticket import Change, Comment, Ref, Speaker, Status, Ticket
from app.vendors import Write

LAG = timedelta(seconds=30)


class Tracker:
    """One site, named ``dev``. ``mishaps`` are used up one a call to create: an error before or after it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.issues: dict[str, Ticket] = {}
        self.asked: list[NewIssue] = []
        self.links: dict[tuple[str, str], RemoteLink] = {}
        self.calls: list[str] = []
        self.mishaps: list[tuple[str, TriageError]] = []
        self.link_mishaps: list[TriageError] = []
        self.hidden = False
        self.nudge_mishaps: list[tuple[str, TriageError]] = []
        self.left_out: Mapping[str, str] = MappingProxyType({})

    def whoami(self) -> str:
        return "us"

    def fetch(self, ref: Ref) -> Ticket:
        self.calls.append("fetch")
        if self.hidden:
            raise Refused(f"403: {ref}")
        if ref.id not in self.issues:
            raise Gone(f"{ref} is not there")
        return self.issues[ref.id]

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        match actions:
            case [AddNote(text)] if nudges_in(text):
                return (Write("POST", ticket.ref.id, text, tuple(actions)),), {}
        raise AssertionError("nothing of ours but nudges is written to engineering's issues")

    def send(self, write: Write) -> None:
        self.calls.append("ask")
        when, error = self.nudge_mishaps.pop(0) if self.nudge_mishaps else ("never", None)
        if error is not None and when == "before":
            raise error
        self._says(write.path, write.body, Speaker.WORKER, "us")
        if error is not None:
            raise error

    def nudges(self, key: str = "ENG-1") -> list[str]:
        """What we asked on an issue."""
        return [one.body for one in self.issues[key].comments if one.speaker is Speaker.WORKER]

    def find_issue(self, marker: str) -> Ref | None:
        self.calls.append("find")
        seen = self.now() - LAG
        found = (one.ref for one in self.issues.values() if marker in one.tags and one.created_at <= seen)
        return next(found, None)

    def create_issue(self, issue: NewIssue) -> tuple[Ref, Mapping[str, str]]:
        self.calls.append("create")
        when, error = self.mishaps.pop(0) if self.mishaps else ("never", None)
        if error is not None and when == "before":
            raise error
        self.asked.append(issue)
        made = self.holds(f"{issue.project}-{len(self.issues) + 1}", tags=frozenset({issue.marker, *issue.labels}))
        if error is not None:
            raise error
        return made.ref, self.left_out

    def link_remote(self, ref: Ref, link: RemoteLink) -> None:
        self.calls.append("link")
        if self.link_mishaps:
            raise self.link_mishaps.pop(0)
        if ref.id not in self.issues:
            raise Gone(f"{ref} is not there")
        self.links[ref.id, link.global_id] = link

    def holds(self, key: str, **more: object) -> Ticket:
        """An issue is there, made now."""
        made = {"subject": "x", "body": "x", "created_at": self.now(), "updated_at": self.now(), "status_name": "To Do"}
        issue = Ticket(ref=Ref("jira", "dev", key), **{**made, **more})  # type: ignore[arg-type]
        self.issues[key] = issue
        return issue

    def changes(self, key: str, **values: object) -> None:
        """An engineer edits an issue."""
        self.issues[key] = replace(self.issues[key], **values)  # type: ignore[arg-type]

    def resolves(self, key: str, resolution: str = "Fixed", version: str = "2.4") -> None:
        """An engineer resolves an issue."""
        change = Change(self.now(), "eng", "status", self.issues[key].status_name, "Done", Status.SOLVED)
        self.changes(key, history=(*self.issues[key].history, change))
        self.changes(key, status=Status.SOLVED, status_name="Done", resolution=resolution, fix_versions=(version,))

    def comments(self, key: str, text: str) -> None:
        """An engineer comments."""
        self._says(key, text, Speaker.AGENT, "eng")

    def takes(self, key: str) -> None:
        """An engineer takes an issue."""
        change = Change(self.now(), "eng", "assignee", "", "eng")
        self.changes(key, assignee="eng", history=(*self.issues[key].history, change))

    def moves(self, key: str, by: str = "eng") -> None:
        """Somebody moves an issue on; a rule of the site where nobody is named."""
        change = Change(self.now(), by, "status", "To Do", "In Progress", Status.OPEN)
        self.changes(key, status_name="In Progress", status=Status.OPEN, history=(*self.issues[key].history, change))

    def reopens(self, key: str) -> None:
        """An engineer opens an issue again."""
        change = Change(self.now(), "eng", "status", "Done", "Reopened", Status.OPEN)
        history = (*self.issues[key].history, change)
        self.changes(key, status=Status.OPEN, status_name="Reopened", resolution="", fix_versions=(), history=history)

    def _says(self, key: str, text: str, speaker: Speaker, author: str) -> None:
        there = self.issues[key].comments
        comment = Comment(str(len(there) + 1), speaker, text, self.now(), public=False, author_id=author)
        self.changes(key, comments=(*there, comment))
