"""What happens to an issue: created, edited, commented, moved along its workflow or to another project, linked.

Each change is written into the issue's histories with its author and told to the webhooks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.sandbox import moments
from app.sandbox.jira import catalog
from app.sandbox.jira.edits import Edit
from app.sandbox.jira.errors import JiraError, invalid, refused
from app.sandbox.jira.records import Comment, Issue, Link, Records, User

Item = dict[str, Any]
INTERNAL = "sd.public.comment"
"""The property of a comment that customers do not see."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as webhooks name it; ``issue`` is the issue after it."""

    kind: str
    issue: Issue
    actor: User
    items: tuple[Item, ...] = ()
    comment: Comment | None = None
    link: Link | None = None


class Issues:
    """Writes to the records. ``tell`` hears of each happening while the lock is held: it must only take note."""

    def __init__(self, records: Records, tell: Callable[[Happening], None]) -> None:
        self._records, self._tell = records, tell

    def create(self, edit: Edit, project: catalog.Project, actor: User) -> Issue:
        """A new issue; summary and type are required."""
        missing = {
            name: sentence
            for name, sentence in (("summary", "You must specify a summary of the issue."),
                                   ("issuetype", "Specify an issue type"))
            if name not in edit.values
        }  # fmt: skip
        if missing:
            raise invalid(missing)
        at = moments.jira(moments.now())
        values = {name: value for name, value in edit.values.items() if name not in ("project", "issuetype")}
        values = {"reporter": actor.account_id, "priority": catalog.DEFAULT_PRIORITY, "labels": [], **values}
        issue = Issue(
            self._records.new_id(), self._records.new_key(project.key), project.key, edit.values["issuetype"],
            project.statuses[0].name, actor.account_id, at, at, values,
        )  # fmt: skip
        self._records.issues[issue.id] = issue
        self._records.keys[issue.key] = issue.id
        self._tell(Happening("jira:issue_created", issue, actor))
        return issue

    def edit(self, issue: Issue, edit: Edit, actor: User) -> None:
        """All values at once, then the comments and links that came along."""
        links = [self._link_parts(issue, one) for one in edit.links]
        items = []
        for name, value in edit.values.items():
            before = issue.values.get(name)
            if (before or None) != (value or None):
                items.append(self._item(name, before, value))
                issue.values[name] = value
        self._changed(issue, actor, items)
        for body in edit.comments:
            self.comment(issue, body, actor)
        for type_id, source, target in links:
            self.link(type_id, source, target, actor)

    def comment(
        self, issue: Issue, body: str, actor: User, *, public: bool = True, properties: dict[str, Any] | None = None
    ) -> Comment:
        """A new comment. ``public`` matters in a service project: then the customer sees it."""
        at = self._touch(issue)
        public = public or catalog.PROJECTS[issue.project].kind != "service_desk"
        properties = {**(properties or {}), **({} if public else {INTERNAL: {"internal": True}})}
        comment = Comment(self._records.new_id(), actor.account_id, body, at, at, public, properties)
        issue.comments.append(comment)
        self._tell(Happening("comment_created", issue, actor, comment=comment))
        return comment

    def transitions(self, issue: Issue) -> list[catalog.Transition]:
        """The moves that are there now."""
        return [one for one in catalog.PROJECTS[issue.project].transitions if issue.status in one.start]

    def transition(self, issue: Issue, transition_id: Any, actor: User) -> None:
        """Move the issue along. Ids are text; what the present status does not offer is refused."""
        found = next((one for one in self.transitions(issue) if one.id == transition_id), None)
        if found is None:
            raise refused("It seems that you have tried to perform an illegal workflow operation.")
        project = catalog.PROJECTS[issue.project]
        before, after = project.status(issue.status), project.status(found.to)
        items = [_changed_item("status", before.id, before.name, after.id, after.name)]
        issue.status = after.name
        done = after.category == "done"
        if done != (issue.resolution is not None):
            word = "Done" if done else None
            items.append(_changed_item("resolution", None if done else "10000", issue.resolution,
                                       "10000" if done else None, word))  # fmt: skip
            issue.resolution, issue.resolved = word, moments.jira(moments.now()) if done else None
        self._changed(issue, actor, items)

    def move(self, issue: Issue, project_key: str, actor: User) -> None:
        """To another project: a new key, the same id; the old key still leads here."""
        old, new = catalog.PROJECTS[issue.project], catalog.PROJECTS[project_key]
        key, status = self._records.new_key(project_key), new.statuses[0]
        items = [
            _changed_item("project", old.id, old.name, new.id, new.name),
            _changed_item("Key", None, issue.key, None, key),
            _changed_item("status", old.status(issue.status).id, issue.status, status.id, status.name),
        ]
        issue.project, issue.key, issue.status = project_key, key, status.name
        issue.issuetype = next(iter(new.issue_types.values()))
        issue.values["components"] = []
        self._records.keys[key] = issue.id
        self._changed(issue, actor, items)

    def delete(self, issue: Issue, actor: User) -> None:
        """Gone for good."""
        del self._records.issues[issue.id]
        self._records.links = [one for one in self._records.links if issue.id not in (one.source, one.target)]
        self._tell(Happening("jira:issue_deleted", issue, actor))

    def link(self, type_id: str, source: Issue, target: Issue, actor: User) -> None:
        """Link two issues. The same link again makes no second one ("Create issue link")."""
        for link in self._records.links:
            if (link.type_id, link.source, link.target) == (type_id, source.id, target.id):
                return
        link = Link(self._records.new_id(), type_id, source.id, target.id)
        self._records.links.append(link)
        _, in_words, out_words = catalog.LINK_TYPES[type_id]
        self._tell(Happening("issuelink_created", source, actor, link=link))
        text = f"This issue {out_words} {target.key}"
        self._changed(source, actor, [_changed_item("Link", None, None, target.key, text)])
        text = f"This issue {in_words} {source.key}"
        self._changed(target, actor, [_changed_item("Link", None, None, source.key, text)])

    def unlink(self, link: Link, actor: User) -> None:
        """Take a link away ("Delete issue link")."""
        self._records.links.remove(link)
        source, target = (self._records.issues[one] for one in (link.source, link.target))
        _, in_words, out_words = catalog.LINK_TYPES[link.type_id]
        self._tell(Happening("issuelink_deleted", source, actor, link=link))
        text = f"This issue {out_words} {target.key}"
        self._changed(source, actor, [_changed_item("Link", target.key, text, None, None)])
        text = f"This issue {in_words} {source.key}"
        self._changed(target, actor, [_changed_item("Link", source.key, text, None, None)])

    def _link_parts(self, issue: Issue, given: Any) -> tuple[str, Issue, Issue]:
        if not isinstance(given, dict):
            raise refused("an issue link must be an object")
        given = {**given}
        given.setdefault("inwardIssue" if "outwardIssue" in given else "outwardIssue", {"id": issue.id})
        return self.link_parts(given)

    def link_parts(self, given: dict[str, Any]) -> tuple[str, Issue, Issue]:
        """Type, source and target of a request: the first issue, called inward, is the one that has the outward words
        ("from the first issue to the second issue using the outward description")."""
        kind = given.get("type") or {}
        types = (
            one for one, words in catalog.LINK_TYPES.items() if one == kind.get("id") or words[0] == kind.get("name")
        )
        type_id = next(types, None)
        if type_id is None:
            raise JiraError(
                404, {"errorMessages": [f"No issue link type with name '{kind.get('name')}' found."], "errors": {}}
            )
        ends = [given.get(name) or {} for name in ("inwardIssue", "outwardIssue")]
        source, target = (self._records.issue(str(end.get("key") or end.get("id") or "")) for end in ends)
        if source is target:
            raise refused("You cannot link an issue to itself.")
        return type_id, source, target

    def _changed(self, issue: Issue, actor: User, items: list[Item]) -> None:
        if not items:
            return
        at = self._touch(issue)
        entry = {"id": self._records.new_id(), "author": actor.account_id, "created": at, "items": items}
        issue.histories.append(entry)
        self._tell(Happening("jira:issue_updated", issue, actor, items=tuple(items)))

    def _touch(self, issue: Issue) -> str:
        at, last = moments.now(), moments.parse(issue.updated)
        if last and at <= last:
            at = last + timedelta(milliseconds=1)
        issue.updated = moments.jira(at)
        return issue.updated

    def _item(self, name: str, before: Any, after: Any) -> Item:
        if name == "priority":
            numbers = {word: number for number, word in catalog.PRIORITIES.items()}
            return _changed_item(name, numbers[before], before, numbers[after], after)
        if name in ("assignee", "reporter"):
            users = self._records.users
            return _changed_item(
                name, before, users[before].name if before else None, after, users[after].name if after else None
            )
        return _changed_item(name, None, _said(before), None, _said(after))


def _said(value: Any) -> str | None:
    if isinstance(value, list):
        return " ".join(value)
    return None if value is None else str(value)


def _changed_item(name: str, old: str | None, old_text: str | None, new: str | None, new_text: str | None) -> Item:
    known = catalog.FIELDS.get(name)
    return {
        "field": known.name if known and known.custom else name,
        "fieldtype": "custom" if known and known.custom else "jira",
        "fieldId": name,
        "from": old,
        "fromString": old_text,
        "to": new,
        "toString": new_text,
    }
