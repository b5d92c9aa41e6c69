"""What happens to a ticket: created, updated, commented; each time an audit is written and events are told.

The rules are Zendesk's: tags replace the whole set, a comment without ``public`` takes the ticket's first value (so a
forgotten ``public: false`` reaches the customer), a closed ticket takes nothing, a customer's comment reopens.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
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
        comment = {"author_id": values.pop("submitter_id", requester["id"]), **values.pop("comment")}
        records.initial_public[ticket["id"]] = bool(comment.get("public", True))
        self._apply(ticket, values, actor)
        author = records.users[comment["author_id"]]
        audit = self._audit(ticket, actor, at, ticket["via"])
        records.comments[ticket["id"]] = []
        made = self._comment(ticket, comment, author, audit)
        if made is None:
            raise invalid("base", "Description: cannot be blank")
        records.tickets[ticket["id"]], records.audits[ticket["id"]] = ticket, []
        ticket["description"] = made["plain_body"]
        ticket["raw_subject"] = ticket["subject"] = ticket["subject"] or made["plain_body"][:100]
        for name in ("subject", "status", "priority", "type", "group_id", "tags", "requester_id"):
            event = {"id": records.new_id(), "type": "Create", "field_name": name, "value": _word(ticket[name])}
            audit["events"].append(event)
        records.audits[ticket["id"]].append(audit)
        self._tell(Happening(copy.deepcopy(ticket), actor, True, {}, made))
        return ticket, audit

    def update(
        self, ticket_id: int, parameters: Parameters, actor: Record, via: Record | None = None
    ) -> tuple[Record, Record]:
        """The changed ticket and the audit of the change. Nothing is applied when anything is refused."""
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
            event = {"id": records.new_id(), "type": "Change", "field_name": name,
                     "value": _word(after), "previous_value": _word(before)}  # fmt: skip
            audit["events"].append(event)
        ticket.update(draft)
        records.audits[ticket_id].append(audit)
        self._tell(Happening(copy.deepcopy(ticket), actor, False, changed, made))
        return ticket, audit

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
        status = values.get("status")
        if "custom_status_id" in values:
            status = next(word for word, one in CUSTOM_STATUS.items() if one == values["custom_status_id"])
        if status == "new" and ticket["status"] != "new":
            raise invalid("status", "cannot be set back to new")
        if status == "solved" and ticket["assignee_id"] is None:
            if actor["role"] == "end-user":
                raise invalid("assignee", "is required when solving a ticket")
            ticket["assignee_id"] = actor["id"]
        if status:
            _set_status(ticket, status)
        elif ticket["status"] == "new" and ticket["assignee_id"] is not None:
            _set_status(ticket, "open")

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
            "html_body": html_body, "plain_body": text, "public": public, "attachments": [], "audit_id": audit["id"],
            "via": audit["via"], "created_at": audit["created_at"],
            "metadata": {"system": {"client": "sandbox", "ip_address": "127.0.0.1"}, "custom": {}},
        }  # fmt: skip
        self._records.comments[ticket["id"]].append(made)
        ticket["is_public"] = any(one["public"] for one in self._records.comments[ticket["id"]])
        kept = ("id", "type", "author_id", "body", "html_body", "plain_body", "public", "attachments", "audit_id")
        audit["events"].append({name: made[name] for name in kept})
        return made

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


def _set_status(ticket: Record, status: str) -> None:
    ticket["status"], ticket["custom_status_id"] = status, CUSTOM_STATUS[status]


def _difference(before: Record, after: Record) -> dict[str, tuple[Any, Any]]:
    names = (*PLAIN, "status", "group_id", "assignee_id")
    changed = {name: (before[name], after[name]) for name in names if before[name] != after[name]}
    for old, new in zip(before["custom_fields"], after["custom_fields"], strict=True):
        if old["value"] != new["value"]:
            changed[str(old["id"])] = (old["value"], new["value"])
    return changed


def _word(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
