"""The site's records in Jira's shapes, with the addresses that this site has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from app.sandbox import moments
from app.sandbox.jira import adf, catalog
from app.sandbox.jira.promises import promise
from app.sandbox.jira.records import Comment, Issue, Link, Records, User

Json = dict[str, Any]


class Render:
    """Makes the JSON. ``version`` 2 has texts as text, 3 as documents; ``base`` is the address of the site. A Data
    Center (``server``) knows people by name."""

    def __init__(self, records: Records, base: str, version: int = 2, *, server: bool = False) -> None:
        self._records, self._base, self._version, self._server = records, base, version, server

    def address(self, path: str) -> str:
        """The ``self`` of something."""
        return f"{self._base}/rest/api/{self._version}/{path}"

    def user(self, account_id: str | None, *, email: bool = False) -> Json | None:
        """A person. Their address is told to themselves only, as most people's privacy settings have it."""
        if account_id is None:
            return None
        user: User = self._records.users[account_id]
        avatars = {size: f"{self._base}/avatar.png?size={size[:2]}" for size in ("48x48", "24x24", "16x16", "32x32")}
        if self._server:
            shown = {"self": self.address(f"user?username={user.username}"), "name": user.username,
                     "key": self._key(account_id)}  # fmt: skip
            return {**shown, "emailAddress": user.email, "avatarUrls": avatars, "displayName": user.name,
                    "active": True, "timeZone": "Etc/UTC"}  # fmt: skip
        return {
            "self": self.address(f"user?accountId={account_id}"),
            "accountId": account_id,
            **({"emailAddress": user.email} if email else {}),
            "avatarUrls": avatars,
            "displayName": user.name,
            "active": True,
            "timeZone": "Etc/UTC",
            "accountType": user.kind,
        }

    def text(self, text: str | None) -> Any:
        """A long text, as this version has it."""
        if text is None or self._version == 2:
            return text
        return adf.document(text)

    def priority(self, name: str) -> Json:
        """A priority."""
        number = next(key for key, value in catalog.PRIORITIES.items() if value == name)
        icon = f"{self._base}/images/icons/priorities/{name.lower()}.svg"
        return {"self": self.address(f"priority/{number}"), "iconUrl": icon, "name": name, "id": number}

    def status(self, status: catalog.Status) -> Json:
        """A status with its category."""
        number, name, colour = catalog.CATEGORIES[status.category]
        return {
            "self": self.address(f"status/{status.id}"),
            "description": "",
            "iconUrl": f"{self._base}/",
            "name": status.name,
            "id": status.id,
            "statusCategory": {
                "self": self.address(f"statuscategory/{number}"),
                "id": number,
                "key": status.category,
                "colorName": colour,
                "name": name,
            },
        }

    def project(self, project: catalog.Project) -> Json:
        """A project as issues show it."""
        return {
            "self": self.address(f"project/{project.id}"),
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.kind,
            "simplified": False,
            "avatarUrls": {"48x48": f"{self._base}/project.png"},
        }

    def issue_type(self, project: catalog.Project, name: str) -> Json:
        """A type of issue."""
        number = next(key for key, value in project.issue_types.items() if value == name)
        address = self.address(f"issuetype/{number}")
        icon = f"{self._base}/type.svg"
        return {"self": address, "id": number, "description": "", "iconUrl": icon, "name": name, "subtask": False}

    def comment(self, issue: Issue, comment: Comment, *, properties: bool = False) -> Json:
        """A comment. A Data Center does not say who sees it, but by its properties."""
        shown: Json = {
            "self": self.address(f"issue/{issue.id}/comment/{comment.id}"),
            "id": comment.id,
            "author": self.user(comment.author),
            "body": self.text(comment.body),
            "updateAuthor": self.user(comment.author),
            "created": comment.created,
            "updated": comment.updated,
        }
        if not self._server:
            shown["jsdPublic"] = comment.public
        if properties:
            shown["properties"] = [{"key": key, "value": value} for key, value in comment.properties.items()]
        return shown

    def link(self, link: Link, seen_from: str) -> Json:
        """A link, as one of its two issues shows it."""
        name, inward, outward = catalog.LINK_TYPES[link.type_id]
        kind = {"id": link.type_id, "name": name, "inward": inward, "outward": outward,
                "self": self.address(f"issueLinkType/{link.type_id}")}  # fmt: skip
        side, other = ("outwardIssue", link.target) if seen_from == link.source else ("inwardIssue", link.source)
        thin = self.thin(self._records.issues[other])
        return {"id": link.id, "self": self.address(f"issueLink/{link.id}"), "type": kind, side: thin}

    def thin(self, issue: Issue) -> Json:
        """An issue as links show it."""
        return self.issue(issue, {"summary", "status", "priority", "issuetype"}, expand=False)

    def issue(self, issue: Issue, names: Collection[str] | None = None, *, expand: bool = True) -> Json:
        """An issue with the fields of these names, or all."""
        shown: Json = (
            {"expand": "renderedFields,names,schema,operations,editmeta,changelog,transitions"} if expand else {}
        )
        shown |= {"id": issue.id, "self": self.address(f"issue/{issue.id}"), "key": issue.key}
        shown["fields"] = {name: self._field(issue, name) for name in catalog.FIELDS if names is None or name in names}
        return shown

    def history(self, history: Json) -> Json:
        """One entry of the change log. A Data Center's has no ids of fields, and tells people by their keys."""
        shown = {**history, "author": self.user(history["author"])}
        if self._server:
            shown["items"] = [self._server_item(one) for one in history["items"]]
        return shown

    def _server_item(self, item: Json) -> Json:
        person = item["fieldId"] in ("assignee", "reporter")
        ends = {end: self._key(item[end]) if person and item[end] else item[end] for end in ("from", "to")}
        return {name: value for name, value in {**item, **ends}.items() if name != "fieldId"}

    def _key(self, account_id: str) -> str:
        """By what a Data Center's change log knows somebody: not by the name."""
        return f"JIRAUSER{10_000 + list(self._records.users).index(account_id)}"

    def _field(self, issue: Issue, name: str) -> Any:  # noqa: PLR0912 - one line a field
        project, value = catalog.PROJECTS[issue.project], issue.values.get(name)
        match name:
            case "issuetype":
                return self.issue_type(project, issue.issuetype)
            case "project":
                return self.project(project)
            case "status":
                return self.status(project.status(issue.status))
            case "priority":
                return self.priority(value or catalog.DEFAULT_PRIORITY)
            case "description":
                return self.text(value)
            case "labels":
                return list(value or ())
            case "components":
                return [self.component(project, one) for one in value or ()]
            case "fixVersions":
                return [self.fix_version(project, one) for one in value or ()]
            case "attachment":
                return [self._attachment(issue, number, one) for number, one in enumerate(value or ())]
            case "watches":
                return self.watches(issue)
            case "creator":
                return self.user(issue.creator)
            case "reporter" | "assignee":
                return self.user(value)
            case "created":
                return issue.created
            case "updated":
                return issue.updated
            case "resolution":
                return {"self": self.address("resolution/10000"), "id": "10000", "description": "",
                        "name": issue.resolution} if issue.resolution else None  # fmt: skip
            case "resolutiondate":
                return issue.resolved
            case "issuelinks":
                mine = (one for one in self._records.links if issue.id in (one.source, one.target))
                return [self.link(one, issue.id) for one in mine]
            case "comment":
                comments = [self.comment(issue, one) for one in issue.comments]
                return {"comments": comments, "self": self.address(f"issue/{issue.id}/comment"),
                        "maxResults": len(comments), "total": len(comments), "startAt": 0}  # fmt: skip
            case catalog.ORGANIZATIONS_FIELD:
                ids = {name: str(number) for number, name in enumerate(self._records.organizations, 1)}
                return [{"id": ids.get(one, "0"), "name": one, "scimManaged": False} for one in value or ()]
            case catalog.TIER_FIELD:
                return self.option(value) if value else None
            case catalog.FIRST_RESPONSE_FIELD | catalog.RESOLUTION_FIELD:
                desk = project.kind == "service_desk"
                return promise(name, issue, self._records.users, moments.now()) if desk else None
        return value

    def watches(self, issue: Issue, mine: str = "") -> Json:
        """How many watch an issue: an issue itself does not tell who."""
        return {"self": self.address(f"issue/{issue.key}/watchers"), "watchCount": len(issue.watchers),
                "isWatching": mine in issue.watchers}  # fmt: skip

    def fix_version(self, project: catalog.Project, name: str) -> Json:
        """A version of a project's product."""
        number = next(key for key, value in project.versions.items() if value == name)
        return {"self": self.address(f"version/{number}"), "id": number, "name": name, "archived": False,
                "released": False}  # fmt: skip

    def option(self, value: str) -> Json:
        """One of the values of the tier's field."""
        number = next(key for key, tier in catalog.TIERS.items() if tier == value)
        return {"self": self.address(f"customFieldOption/{number}"), "value": value, "id": number}

    def _attachment(self, issue: Issue, number: int, name: str) -> Json:
        one = f"{issue.id}{number}"
        return {"self": self.address(f"attachment/{one}"), "id": one, "filename": name, "size": 4096,
                "author": self.user(issue.creator), "created": issue.created, "mimeType": "application/octet-stream",
                "content": self.address(f"attachment/content/{one}")}  # fmt: skip

    def component(self, project: catalog.Project, name: str) -> Json:
        """A component of a project."""
        number = next(key for key, value in project.components.items() if value == name)
        return {"self": self.address(f"component/{number}"), "id": number, "name": name}
