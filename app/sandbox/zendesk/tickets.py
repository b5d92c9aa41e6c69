"""What happens to a ticket: created, updated, commented; each time an audit is written and events are told.

The rules are Zendesk's: tags replace the whole set, a comment without ``public`` takes the ticket's first value (so a
forgotten ``public: false`` reaches the customer), a closed ticket takes nothing, a customer's comment reopens.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.sandbox import moments
from app.sandbox.zendesk import markup
from app.sandbox.zendesk.errors import ZendeskError, conflict, invalid
from app.sandbox.zendesk.parameters import Parameters
from app.sandbox.zendesk.records import BRAND_ID, CUSTOM_STATUS, FORM_ID, Record, Records

VIA_API = {"channel": "api", "source": {"from": {}, "to": {}, "rel": None}}
PLAIN = (
    "subject",
    "external_id",
    "priority",
    "type",
    "tags",
    "requester_id",
    "organization_id",
    "problem_id",
    "due_at",
)


@dataclass(frozen=True, slots=True)
class Happening:
    """What one action did: the ticket after it, who did it, ``{field: (before, after)}``, and the new comment."""

    ticket: Record
    actor: Record
    created: bool
    changed: dict[str, tuple[Any, Any]]
    comment: Record | None


class Tickets:
    """Writes to the records. ``tell`` hears of every happening, while the lock is held: it must only take note."""

    def __init__(self, records: Records, tell: Callable[[Happening], None]) -> None:
        self._records, self._tell = records, tell

    def create(self, parameters: Parameters, actor: Record, via: Record | None = None) -> tuple[Record, Record]:
        """A new ticket and its first audit. ``actor`` is the requester when nobody else is named."""
        records, values = self._records, dict(parameters.values)
        if not values.get("comment"):
            raise invalid("base", "Description: cannot be blank")
        requester = self._requester(values, actor)
        at = moments.zendesk(moments.now())
        ticket = _blank(records.new_ticket_id(), at, requester, actor, via or VIA_API)
        ticket["fields"] = ticket["custom_fields"] = [{"id": one, "value": None} for one in records.fields]
        self._follow_up(ticket, values)
        comment = {"author_id": values.pop("submitter_id", requester["id"]), **values.pop("comment")}
        records.initial_public[ticket["id"]] = bool(comment.get("public", True))
        inherited = ticket["tags"]
        self._apply(ticket, values, actor)
        ticket["tags"] = sorted({*ticket["tags"], *inherited})
        author = records.users[comment["author_id"]]
        audit = self._audit(ticket, actor, at, ticket["via"])
        records.comments[ticket["id"]] = []
        made = self._comment(ticket, comment, author, audit)
        if made is None:
            raise invalid("base", "Description: cannot be blank")
        records.tickets[ticket["id"]], records.audits[ticket["id"]] = ticket, []
        ticket["description"] = made["plain_body"]
        ticket["raw_subject"] = ticket["subject"] = ticket["subject"] or made["plain_body"][:100]
        for name in ("subject", "status", "custom_status_id", "priority", "type", "group_id", "tags", "requester_id"):
            event = {"id": records.new_id(), "type": "Create", "field_name": name, "value": _word(name, ticket[name])}
            audit["events"].append(event)
        records.audits[ticket["id"]].append(audit)
        self._tell(Happening(copy.deepcopy(ticket), actor, True, {}, made))
        return ticket, audit

    def update(
        self,
        ticket_id: int,
        parameters: Parameters,
        actor: Record,
        via: Record | None = None,
        also: Mapping[str, tuple[Any, Any]] = MappingProxyType({}),
    ) -> tuple[Record, Record]:
        """The changed ticket and the audit of the change; ``also`` is told with it. Nothing is applied when anything is
        refused."""
        records, values = self._records, dict(parameters.values)
        ticket = records.ticket(ticket_id)
        if ticket["status"] == "closed":
            raise invalid("status", "closed prevents ticket update")
        _protect(ticket, values)
        comment = values.pop("comment", None)
        draft = copy.deepcopy(ticket)
        self._apply(draft, values, actor)
        author = records.users[comment["author_id"]] if comment and "author_id" in comment else actor
        at = moments.after(ticket["updated_at"], moments.now())
        audit = self._audit(ticket, actor, moments.zendesk(at), via or VIA_API)
        made = self._comment(draft, comment, author, audit) if comment else None
        if made and author["role"] == "end-user" and draft["status"] in ("pending", "hold", "solved"):
            _set_status(draft, "open")
        changed = _difference(ticket, draft)
        if not changed and made is None:
            return ticket, audit
        draft["updated_at"] = moments.zendesk(at)
        draft["generated_timestamp"] = int(moments.now().timestamp())
        for name, (before, after) in changed.items():
            if name == "follower_ids":  # audits know followers by notifications only
                continue
            event = {"id": records.new_id(), "type": "Change", "field_name": name,
                     "value": _word(name, after), "previous_value": _word(name, before)}  # fmt: skip
            audit["events"].append(event)
        ticket.update(draft)
        records.audits[ticket_id].append(audit)
        self._count_incidents(changed)
        if "status" in changed:  # webhooks tell it by the status; a custom one under the same status is news
            changed.pop("custom_status_id", None)
        self._tell(Happening(copy.deepcopy(ticket), actor, False, {**changed, **also}, made))
        return ticket, audit

    def _count_incidents(self, changed: Mapping[str, tuple[Any, Any]]) -> None:
        """Tell problems whether anything hangs on them after a ticket's problem changed."""
        tickets = self._records.tickets
        for problem_id in changed.get("problem_id", ()):
            if problem := tickets.get(problem_id):
                problem["has_incidents"] = any(one["problem_id"] == problem_id for one in tickets.values())

    def merge(self, target_id: int, given: Record, actor: Record) -> None:
        """The sources' words go to the target, and the sources are closed (Zendesk: "Merge Tickets into Target")."""
        sources, target = list(dict.fromkeys(given["ids"])), self._records.ticket(target_id)
        if target_id in sources:
            description = f"You selected the same ticket as source and target: #{target_id}."
            raise ZendeskError(422, {"error": "SourceInvalid", "description": description})
        if any(one["status"] == "closed" for one in (target, *map(self._records.ticket, sources))):
            raise ZendeskError(422, {"error": "SourceInvalid", "description": "closed tickets cannot be merged"})
        texts = {one: given.get(f"{one}_comment", f"merged with #{target_id}") for one in ("source", "target")}
        for number in sources:
            said = {"body": texts["source"], "public": bool(given.get("source_comment_is_public", False))}
            tags = [*self._records.tickets[number]["tags"], "closed_by_merge"]
            values = {"tags": tags, "status": "closed", "comment": said}
            self.update(number, Parameters(values, self._records), actor, also={"merged": (None, _into(target_id))})
        said = {"body": texts["target"], "public": bool(given.get("target_comment_is_public", False))}
        self.update(target_id, Parameters({"comment": said}, self._records), actor)

    def _follow_up(self, ticket: Record, values: dict[str, Any]) -> None:
        """A ticket that goes on with a closed one begins with its tags."""
        source_id = values.pop("via_followup_source_id", None)
        if source_id is None:
            return
        source = self._records.ticket(source_id)
        source["followup_ids"].append(ticket["id"])
        came_from = {"ticket_id": source_id, "subject": source["subject"], "channel": source["via"]["channel"]}
        ticket["via"] = {**ticket["via"], "source": {"from": came_from, "to": {}, "rel": "follow_up"}}
        ticket["tags"] = list(source["tags"])

    def _requester(self, values: dict[str, Any], actor: Record) -> Record:
        told = values.pop("requester", None)
        if told:
            return self._records.customer(told["name"], told.get("email", ""))
        return self._records.users[values.pop("requester_id", None) or actor["id"]]

    def _apply(self, ticket: Record, values: dict[str, Any], actor: Record) -> None:
        for name in PLAIN:
            if name in values:
                ticket[name] = values[name]
        if values.get("raw_subject"):
            ticket["subject"] = values["raw_subject"]
        ticket["raw_subject"] = ticket["subject"]
        tags = set(ticket["tags"]) | set(values.get("additional_tags", ()))
        ticket["tags"] = sorted(tags - set(values.get("remove_tags", ())))
        chosen = values.get("custom_fields", {})
        ticket["custom_fields"] = [
            {"id": one["id"], "value": chosen.get(one["id"], one["value"])} for one in ticket["custom_fields"]
        ]
        ticket["fields"] = copy.deepcopy(ticket["custom_fields"])
        self._assign(ticket, values)
        self._follow(ticket, values)
        if ticket["problem_id"] is not None and ticket["type"] != "incident":
            if values.get("problem_id"):
                raise invalid("problem", "only an incident has one")
            ticket["problem_id"] = None
        status, custom = values.get("status"), values.get("custom_status_id")
        if custom is not None:
            status = self._records.status_of(custom)
        if status == "new" and ticket["status"] != "new":
            raise invalid("status", "cannot be set back to new")
        if status == "solved" and ticket["assignee_id"] is None:
            if actor["role"] == "end-user":
                raise invalid("assignee", "is required when solving a ticket")
            ticket["assignee_id"] = actor["id"]
        if status:
            _set_status(ticket, status, custom)
        elif ticket["status"] == "new" and ticket["assignee_id"] is not None:
            _set_status(ticket, "open")

    def _follow(self, ticket: Record, values: dict[str, Any]) -> None:
        """Only those of the desk follow; others are left out without a word."""
        for user_id, action in values.get("followers", ()):
            rest = [one for one in ticket["follower_ids"] if one != user_id]
            staff = self._records.users[user_id]["role"] != "end-user"
            ticket["follower_ids"] = [*rest, user_id] if action == "put" and staff else rest

    def _assign(self, ticket: Record, values: dict[str, Any]) -> None:
        if "assignee_email" in values:
            user = self._records.user_by_email(values["assignee_email"])
            if user is None or user["role"] == "end-user":
                raise invalid("assignee", "Assignee is invalid")
            values["assignee_id"] = user["id"]
        members = self._records.members
        if "group_id" in values:
            ticket["group_id"] = values["group_id"]
            if ticket["assignee_id"] not in members.get(values["group_id"], ()):
                ticket["assignee_id"] = None
        if "assignee_id" in values:
            agent = values["assignee_id"]
            ticket["assignee_id"] = agent
            if agent is not None and agent not in members.get(ticket["group_id"], ()):
                if "group_id" in values:
                    raise invalid("assignee", "is not a member of the group")
                ticket["group_id"] = self._records.users[agent]["default_group_id"]

    def _comment(self, ticket: Record, given: Record, author: Record, audit: Record) -> Record | None:
        source = given.get("html_body") or markup.html_of(markup.collapsed(given.get("body", "")))
        if author["role"] != "end-user":
            values = {"ticket.id": str(ticket["id"]), "ticket.title": ticket["subject"] or ""}
            source = markup.expand(source, values)
        html_body, text = markup.sanitized(markup.cut(source))
        if not text:
            return None
        public = given.get("public", self._records.initial_public[ticket["id"]])
        made = {
            "id": self._records.new_id(), "type": "Comment", "author_id": author["id"], "body": text,
            "html_body": html_body, "plain_body": text, "public": public, "audit_id": audit["id"],
            "attachments": [self._attachment(name) for name in given.get("attachments", ())],
            "via": audit["via"], "created_at": audit["created_at"],
            "metadata": {"system": {"client": "sandbox", "ip_address": "127.0.0.1"}, "custom": {}},
        }  # fmt: skip
        self._records.comments[ticket["id"]].append(made)
        ticket["is_public"] = any(one["public"] for one in self._records.comments[ticket["id"]])
        kept = ("id", "type", "author_id", "body", "html_body", "plain_body", "public", "attachments", "audit_id")
        audit["events"].append({name: made[name] for name in kept})
        return made

    def _attachment(self, name: str) -> Record:
        number = self._records.new_id()
        address = f"https://sandbox.invalid/attachments/token/{number}/?name={name}"
        return {
            "id": number, "file_name": name, "content_url": address, "mapped_content_url": address, "size": 1024,
            "content_type": "application/octet-stream", "inline": False, "deleted": False,
            "malware_access_override": False, "malware_scan_result": "not_scanned", "thumbnails": [],
        }  # fmt: skip

    def _audit(self, ticket: Record, actor: Record, at: str, via: Record) -> Record:
        return {
            "id": self._records.new_id(), "ticket_id": ticket["id"], "created_at": at, "author_id": actor["id"],
            "metadata": {"system": {"client": "sandbox", "ip_address": "127.0.0.1"}, "custom": {}},
            "via": via, "events": [],
        }  # fmt: skip


def _protect(ticket: Record, values: dict[str, Any]) -> None:
    """``safe_update`` in any form asks for protection: the reference says that false means the same as true."""
    if "safe_update" not in values:
        return
    stamp = moments.parse(values.get("updated_stamp", ""))
    if stamp is None:
        raise ZendeskError(
            422, {"error": "RecordInvalid", "description": "safe_update needs updated_stamp", "details": {}}
        )
    if stamp != moments.parse(ticket["updated_at"]):
        raise conflict()


def _blank(ticket_id: int, at: str, requester: Record, submitter: Record, via: Record) -> Record:
    return {
        "id": ticket_id, "external_id": None, "via": via, "created_at": at, "updated_at": at,
        "generated_timestamp": int(moments.now().timestamp()), "type": None, "subject": None, "raw_subject": None,
        "description": "", "priority": None, "status": "new", "custom_status_id": CUSTOM_STATUS["new"],
        "recipient": None, "requester_id": requester["id"], "submitter_id": submitter["id"], "assignee_id": None,
        "organization_id": requester["organization_id"], "group_id": None, "collaborator_ids": [],
        "follower_ids": [], "email_cc_ids": [], "forum_topic_id": None, "problem_id": None, "has_incidents": False,
        "is_public": True, "due_at": None, "tags": [], "custom_fields": [], "satisfaction_rating": None,
        "sharing_agreement_ids": [], "fields": [], "followup_ids": [], "ticket_form_id": FORM_ID,
        "brand_id": BRAND_ID, "allow_channelback": False, "allow_attachments": True, "from_messaging_channel": False,
    }  # fmt: skip


def _set_status(ticket: Record, status: str, custom: int | None = None) -> None:
    """The status asked for, or the custom one under it."""
    ticket["status"], ticket["custom_status_id"] = status, custom or CUSTOM_STATUS[status]


def _into(ticket_id: int) -> Record:
    return {"target_ticket_id": str(ticket_id)}


def _difference(before: Record, after: Record) -> dict[str, tuple[Any, Any]]:
    names = (*PLAIN, "status", "group_id", "assignee_id", "follower_ids", "custom_status_id")
    changed = {name: (before[name], after[name]) for name in names if before[name] != after[name]}
    for old, new in zip(before["custom_fields"], after["custom_fields"], strict=True):
        if old["value"] != new["value"]:
            changed[str(old["id"])] = (old["value"], new["value"])
    return changed


def _word(name: str, value: Any) -> Any:
    """A value as audits have it: ids are text there, but for a status's."""
    number = isinstance(value, int) and not isinstance(value, bool) and name != "custom_status_id"
    return str(value) if number else value
