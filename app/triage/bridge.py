"""The bridge from a customer's ticket to engineering's issue: what is asked of Jira, and what is known of it later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from app.triage.marks import mark_of, nudges_in
from app.triage.ticket import Comment, Ref, Speaker, Status, Ticket

OVER = (Status.SOLVED, Status.CLOSED)
_MOST = 50  # instants and nudges that are kept of an issue


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
class Nudge:
    """That we asked after an issue, as the issue itself shows it: when, UTC, and the marks of the ticket and of the
    clocks' steps for which we did."""

    at: datetime
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkedIssue:
    """An issue that a ticket hangs on, as engineering left it. ``comments`` are those marked for support.

    ``kind``: ``escalation``, ``backlog``, ``known_issue`` or ``duplicate``, a report of the same. ``at`` is when it was
    last looked at, UTC, None when never. ``gone``: it was deleted, or our user may no longer see it. ``left_out`` are
    the fields that it had to be made without, each with the reason. ``since`` is when the ticket was hung on it,
    ``heard`` when engineering took, moved or commented on it, UTC; of very many the first and the newest.
    ``reopened`` is when it was last opened again, ``nudges`` are the newest of ours.
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
    gone: bool = False
    left_out: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    since: datetime | None = None
    heard: tuple[datetime, ...] = ()
    reopened: datetime | None = None
    nudges: tuple[Nudge, ...] = ()

    @property
    def waits_since(self) -> datetime | None:
        """Since when the ticket waits for engineering: what lies before the issue was opened again does not count."""
        return max(filter(None, (self.since, self.reopened)), default=None) if self.since else None

    @property
    def awaited(self) -> bool:
        """Whether engineering is to solve it now: not once it is done or cannot be read, nor in a backlog, where no
        promise runs (S3-12)."""
        return not self.done and not self.gone and self.kind != "backlog"


def marker_of(ref: Ref) -> str:
    """The label by which the issue of a ticket is found again: ``zendesk-acme-4711``."""
    return f"{ref.vendor}-{ref.account}-{ref.id}"


def nudge_mark(ref: Ref) -> str:
    """The mark of a ticket in our nudges."""
    return mark_of(f"nudge {ref}")


def shown_by(issue: Ticket, support_mark: str, our_id: str) -> LinkedIssue:
    """What an issue, as just read, tells the tickets that hang on it; its comments are those that begin with the mark,
    without it. ``our_id`` is our account's user id at the issue's site."""
    mark = support_mark.casefold()
    ours = (replace(one, body=one.body.strip()) for one in issue.comments if one.speaker is Speaker.AGENT)
    told = (one for one in ours if one.body.casefold().startswith(mark))
    done = issue.status in OVER
    return LinkedIssue(
        ref=issue.ref,
        kind="",
        status=issue.status_name,
        done=done,
        resolution=issue.resolution if done else "",
        fix_versions=issue.fix_versions,
        comments=tuple(replace(one, body=one.body[len(support_mark) :].lstrip(" :-\n")) for one in told),
        heard=_bounded(sorted(set(_heard(issue, our_id)))),
        reopened=_reopened(issue),
        nudges=tuple(_nudges(issue))[-_MOST:],
    )


def _heard(issue: Ticket, our_id: str) -> Iterator[datetime]:
    """When people of engineering took the issue, moved it or commented on it; what a rule did is no receipt (S3-16)."""
    for change in issue.history:
        if (
            change.by
            and change.by != our_id
            and (change.field == "status" or (change.field == "assignee" and change.new))
        ):
            yield change.at
    yield from (one.at for one in issue.comments if one.speaker is Speaker.AGENT and one.author_id != our_id)


def _bounded(instants: list[datetime]) -> tuple[datetime, ...]:
    """The first, which ends the wait for a receipt, and the newest."""
    return tuple(instants if len(instants) <= _MOST else [instants[0], *instants[1 - _MOST :]])


def _reopened(issue: Ticket) -> datetime | None:
    moves = [one for one in issue.history if one.field == "status"]
    back = (after.at for before, after in pairwise(moves) if before.status in OVER and after.status not in OVER)
    return max(back, default=None)


def _nudges(issue: Ticket) -> Iterator[Nudge]:
    for one in issue.comments:
        if one.speaker is Speaker.WORKER and (marks := nudges_in(one.body)):
            yield Nudge(one.at, marks)


def to_json(issue: LinkedIssue) -> dict[str, Any]:
    """What was read of an issue, as the store keeps it beside the link."""
    return {
        "url": issue.url,
        "status": issue.status,
        "done": issue.done,
        "resolution": issue.resolution,
        "fix_versions": list(issue.fix_versions),
        "comments": [
            {"id": one.id, "body": one.body, "at": one.at.isoformat(), "author": one.author_id}
            for one in issue.comments
        ],
        "at": issue.at.isoformat() if issue.at else None,
        "gone": issue.gone,
        "left_out": dict(issue.left_out),
        "heard": [at.isoformat() for at in issue.heard],
        "reopened": issue.reopened.isoformat() if issue.reopened else None,
        "nudges": [[one.at.isoformat(), *one.marks] for one in issue.nudges],
    }


def from_json(ref: Ref, kind: str, shown: Mapping[str, Any], since: datetime | None = None) -> LinkedIssue:
    """The issue again; ``since`` is when the ticket was hung on it. Only agents' comments are kept, and all of them are
    internal to us."""
    return LinkedIssue(
        ref=ref,
        kind=kind,
        url=shown.get("url", ""),
        status=shown.get("status", ""),
        done=shown.get("done", False),
        resolution=shown.get("resolution", ""),
        fix_versions=tuple(shown.get("fix_versions", ())),
        comments=tuple(
            Comment(
                one["id"], Speaker.AGENT, one["body"], datetime.fromisoformat(one["at"]), False, one.get("author", "")
            )
            for one in shown.get("comments", ())
        ),
        at=datetime.fromisoformat(shown["at"]) if shown.get("at") else None,
        gone=shown.get("gone", False),
        left_out=MappingProxyType(dict(shown.get("left_out", {}))),
        since=since,
        heard=tuple(map(datetime.fromisoformat, shown.get("heard", ()))),
        reopened=datetime.fromisoformat(shown["reopened"]) if shown.get("reopened") else None,
        nudges=tuple(Nudge(datetime.fromisoformat(at), tuple(marks)) for at, *marks in shown.get("nudges", ())),
    )
