"""What the account holds: organisations, groups, users, tickets with their comments and audits.

Plain dictionaries in the API's own shape (without ``url``, which depends on who asks), so that nothing is lost or
renamed on the way out. Whoever touches them holds ``lock``; nothing sleeps or calls out under it.
"""

from __future__ import annotations

import itertools
import threading
import unicodedata
from collections.abc import Mapping
from typing import Any

from app.sandbox import moments, people
from app.sandbox.zendesk.errors import not_found

Record = dict[str, Any]

ACCOUNT_ID = 18090341
BRAND_ID = 36000000000001
FORM_ID = 36000000000002
FIELDS = (
    (36000000000101, "Severity", "text"),
    (36000000000102, "Label", "text"),
    (36000000000103, "Tier", "text"),
)
"""The account's custom ticket fields: id, title, type."""

CUSTOM_STATUS = {"new": 36000000000201, "open": 36000000000202, "pending": 36000000000203,
                 "hold": 36000000000204, "solved": 36000000000205, "closed": 36000000000206}  # fmt: skip

WAITING = 36000000000207
ON_CUSTOMER = 36000000000208
"""A custom status of the account, beside the default one of each category."""


class Records:
    """All tables of one account."""

    def __init__(self, accounts: Mapping[str, str]) -> None:
        self.lock = threading.RLock()
        self.tokens = dict(accounts)
        self.organizations: dict[int, Record] = {}
        self.groups: dict[int, Record] = {}
        self.members: dict[int, set[int]] = {}
        self.users: dict[int, Record] = {}
        self.fields: dict[int, Record] = {}
        self.tickets: dict[int, Record] = {}
        self.comments: dict[int, list[Record]] = {}
        self.audits: dict[int, list[Record]] = {}
        self.jobs: dict[str, Record] = {}
        self.custom_statuses: dict[int, Record] = {}
        self.deleted: set[int] = set()
        self.scrubbed: set[int] = set()
        self.initial_public: dict[int, bool] = {}
        self._ids = itertools.count(36000000001001)
        self._ticket_ids = itertools.count(1001)
        self._fill()

    def new_id(self) -> int:
        """An id for anything but a ticket."""
        return next(self._ids)

    def new_ticket_id(self) -> int:
        """Tickets count by themselves."""
        return next(self._ticket_ids)

    def ticket(self, ticket_id: int) -> Record:
        """A ticket that is there. Deleted ones are not found."""
        if ticket_id in self.deleted or ticket_id not in self.tickets:
            raise not_found()
        return self.tickets[ticket_id]

    def status_of(self, custom_status_id: int) -> str:
        """The status that a custom status stands under."""
        known = self.custom_statuses.get(custom_status_id)
        return str(known["status_category"]) if known else "closed"

    def user_by_email(self, email: str) -> Record | None:
        """The user with this address."""
        wanted = email.casefold()
        return next((one for one in self.users.values() if (one["email"] or "").casefold() == wanted), None)

    def caller(self, email: str) -> Record:
        """The user whose token is used."""
        return next(one for one in self.users.values() if one["email"] == email)

    def group_by_name(self, name: str) -> Record | None:
        """The group of this name."""
        return next((one for one in self.groups.values() if one["name"].casefold() == name.casefold()), None)

    def organization(self, name: str, tier: str = "", domain: str = "") -> Record:
        """The organisation of this name, made when it is new."""
        for one in self.organizations.values():
            if one["name"].casefold() == name.casefold():
                return one
        at = moments.zendesk(moments.now())
        record: Record = {
            "id": self.new_id(),
            "name": name,
            "shared_tickets": False,
            "shared_comments": False,
            "external_id": None,
            "created_at": at,
            "updated_at": at,
            "domain_names": [domain] if domain else [],
            "details": "",
            "notes": "",
            "group_id": None,
            "tags": [],
            "organization_fields": {"tier": tier} if tier else {},
        }
        self.organizations[record["id"]] = record
        return record

    def customer(self, name: str, email: str = "", organization: str = "", locale: str = "en-US") -> Record:
        """The end user of this address, made when new; the organisation is told, or found by the address's domain."""
        email = email or f"{_dotted(name)}@customer.example"
        known = self.user_by_email(email)
        if known:
            return known
        domain = email.rpartition("@")[2].casefold()
        owner = next((one for one in self.organizations.values() if domain in one["domain_names"]), None)
        if organization:
            owner = self.organization(organization)
        return self._user(name, email, "end-user", owner["id"] if owner else None, locale=locale)

    def group(self, name: str) -> Record:
        """The group of this name, made when it is new."""
        known = self.group_by_name(name)
        if known:
            return known
        at = moments.zendesk(moments.now())
        record: Record = {
            "id": self.new_id(),
            "is_public": True,
            "name": name,
            "description": "",
            "default": not self.groups,
            "deleted": False,
            "created_at": at,
            "updated_at": at,
        }
        self.groups[record["id"]] = record
        return record

    def _fill(self) -> None:
        for team in people.TEAMS:
            self.group(team)
        for organization in people.ORGANIZATIONS:
            self.organization(organization.name, organization.tier, organization.domain)
        for email in self.tokens:
            self._user("Firstline", email, "admin", None, groups=list(self.groups))
        for agent in people.AGENTS:
            group = self.group(agent.team)["id"]
            self._user(agent.name, agent.email, "agent", None, groups=[group])
        for category, status_id in CUSTOM_STATUS.items():
            if category != "closed":  # no category of its own: a closed ticket was solved
                label = "On-hold" if category == "hold" else category.title()
                self._custom_status(status_id, label, category, default=True)
        self._custom_status(WAITING, "Waiting for engineering", "hold")
        self._custom_status(ON_CUSTOMER, "Waiting on Customer", "pending")
        for field_id, title, kind in FIELDS:
            self.add_field(field_id, title, kind)

    def add_field(self, field_id: int, title: str, kind: str) -> Record:
        """One more custom field of tickets."""
        at = moments.zendesk(moments.now())
        record: Record = {
            "id": field_id, "type": kind, "title": title, "raw_title": title, "description": "",
            "raw_description": "", "position": len(self.fields), "active": True, "required": False,
            "collapsed_for_agents": False, "regexp_for_validation": None, "title_in_portal": title,
            "raw_title_in_portal": title, "visible_in_portal": False, "editable_in_portal": False,
            "required_in_portal": False, "tag": None, "created_at": at, "updated_at": at, "removable": True,
            "agent_description": None,
        }  # fmt: skip
        self.fields[field_id] = record
        return record

    def _custom_status(self, status_id: int, label: str, category: str, *, default: bool = False) -> None:
        at = moments.zendesk(moments.now())
        self.custom_statuses[status_id] = {
            "id": status_id, "status_category": category, "agent_label": label, "raw_agent_label": label,
            "end_user_label": label, "raw_end_user_label": label, "description": "", "raw_description": "",
            "end_user_description": "", "raw_end_user_description": "", "active": True, "default": default,
            "created_at": at, "updated_at": at,
        }  # fmt: skip

    def _user(
        self,
        name: str,
        email: str,
        role: str,
        organization_id: int | None,
        *,
        groups: list[int] | None = None,
        locale: str = "en-US",
    ) -> Record:
        at = moments.zendesk(moments.now())
        record: Record = {
            "id": self.new_id(), "name": name, "email": email, "role": role, "organization_id": organization_id,
            "created_at": at, "updated_at": at, "time_zone": "UTC", "iana_time_zone": "Etc/UTC", "phone": None,
            "locale_id": 1, "locale": locale, "verified": True, "external_id": None, "tags": [], "alias": None,
            "active": True, "shared": False, "shared_agent": False, "last_login_at": None, "signature": None,
            "details": "", "notes": "", "moderator": role != "end-user", "suspended": False, "photo": None,
            "ticket_restriction": None if role != "end-user" else "requested", "only_private_comments": False,
            "restricted_agent": False, "default_group_id": groups[0] if groups else None, "user_fields": {},
            "two_factor_auth_enabled": None, "chat_only": False, "custom_role_id": None, "role_type": None,
            "report_csv": False, "shared_phone_number": None,
        }  # fmt: skip
        self.users[record["id"]] = record
        for group in groups or ():
            self.members.setdefault(group, set()).add(record["id"])
        return record


def _dotted(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join("".join(filter(str.isalnum, word)) for word in plain.split()) or "somebody"
