"""One Zendesk account through zenpy, and the only module that loads it (zenpy is GPL-3.0; see the README).

zenpy is used for what it is good at (the session, authentication, the call), not for what it does behind one's back:
its session re-sends a PUT up to three times, it sleeps through a 429 without bound, its cache hands out stale objects,
its generators follow absolute links to any host, and its objects turn times into dates. Hence ``guard``, no cache,
raw JSON both ways, and addresses made here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests
from zenpy import Zenpy

from app.errors import Misconfigured, OutcomeUnknown, Refused, Unauthorized, Unavailable
from app.triage.actions import Action, Route
from app.triage.ticket import Ref, Ticket
from app.vendors import Write
from app.vendors.answers import CONNECT_TIMEOUT, guard, json_object, outcome
from app.vendors.gate import Gate
from app.vendors.zendesk import actions as to_requests
from app.vendors.zendesk.payload import TICKET_ID
from app.vendors.zendesk.reading import ticket_of
from config.settings import ZendeskAccount

logging.getLogger("zenpy").setLevel(logging.INFO)  # at DEBUG it logs bodies

MAX_PAGES = 50
"""A hundred records a page: Zendesk itself takes at most 5,000 comments on a ticket."""

GROUPS_AGAIN = 300.0
"""Seconds before an unknown group makes us read the list of groups again."""


class ZendeskClient:
    """``VendorClient`` for one account. The constructor sends nothing."""

    def __init__(self, account: ZendeskAccount, gate: Gate | None = None) -> None:
        if not (account.email and account.token.get_secret_value()):
            name = f"TRIAGE_ZENDESK__{account.name.upper()}"
            raise Misconfigured("no API token", where=name, mend=f"set {name}__EMAIL and {name}__TOKEN")
        session = requests.Session()
        guard(session, gate)
        timeout = (min(CONNECT_TIMEOUT, account.timeout), account.timeout)
        self._zenpy = Zenpy(
            subdomain=account.name or "account",  # zenpy wants one; the addresses are made here
            email=account.email,
            token=account.token.get_secret_value(),
            session=session,
            timeout=timeout,
            disable_cache=True,
        )
        self._account = account
        self._our_id = ""
        self._groups: dict[str, int] = {}
        self._groups_read_at: float | None = None
        self._wrote: dict[str, tuple[str, str]] = {}  # of the ticket written last: its version before and after
        self.last_warning = ""
        """What Zendesk said of the last write in X-Zendesk-API-Warn: keys and values that it dropped."""

    def whoami(self) -> str:
        """Our own user's id; one request, then remembered."""
        if not self._our_id:
            user = self._get("/api/v2/users/me.json").get("user") or {}
            if not user.get("id"):  # Zendesk answers 200 and an anonymous user to a wrong token on some accounts
                raise Unauthorized("Zendesk does not know the user of this token")
            self._our_id = str(user["id"])
        return self._our_id

    def fetch(self, ref: Ref) -> Ticket:
        """The ticket with requester, group and organization in one read, and its thread a hundred comments a read."""
        if not TICKET_ID.fullmatch(ref.id):
            raise Refused("a Zendesk ticket's id is a number")
        our_id = self.whoami()
        answer = self._get(to_requests.path_of(ref.id), {"include": "users,groups,organizations"})
        if not isinstance(answer.get("ticket"), dict):
            raise Unavailable(f"the answer shows no ticket {ref.id}")
        thread: list[Any] = []
        people: list[Any] = []
        for page in self._pages(f"/api/v2/tickets/{ref.id}/comments.json", {"include": "users"}):
            thread += page.get("comments") or ()
            people += page.get("users") or ()
        return ticket_of(answer, thread, people, self._account, our_id)

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        """One PUT, and one for a reply. Reads the groups when a ticket is routed and its group is not known yet."""
        for action in actions:
            if isinstance(action, Route):
                self._know_group(action.team)
        return to_requests.writes(ticket, actions, self._account, self._groups)

    def send(self, write: Write) -> None:
        """Send the PUT once. zenpy's ``_put`` is this call and then objects made of the answer, which nobody needs.

        Several writes are planned on one read; each must go on from the version that the one before left, or Zendesk
        would take our own write for somebody else's.
        """
        api, address = self._zenpy.tickets, self._account.base_url + write.path
        changes = dict(write.body["ticket"])
        read = changes.get("updated_stamp", "")
        before, after = self._wrote.get(write.path, ("", ""))
        if read and read == before:
            changes["updated_stamp"] = after
        with outcome(write.method, write.path):
            response = api._call_api(api.session.put, address, json={"ticket": changes}, timeout=api.timeout)
        self.last_warning = response.headers.get("X-Zendesk-API-Warn", "")
        shown = json_object(response).get("ticket")
        if not isinstance(shown, dict):
            raise OutcomeUnknown(f"the answer to {write.method} {write.path} shows no ticket")
        self._wrote = {write.path: (read, str(shown.get("updated_at") or read))}

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        with outcome("GET", path):
            response = self._zenpy.tickets._get(self._account.base_url + path, raw_response=True, params=params)
        return json_object(response)

    def _pages(self, path: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """The pages of a list. Only the cursor of an answer is used, never its links: they may name any host."""
        asked = {"page[size]": "100", **params}
        for _ in range(MAX_PAGES):
            page = self._get(path, asked)
            yield page
            meta = page.get("meta") or {}
            cursor = meta.get("after_cursor")
            if not meta.get("has_more") or not cursor or cursor == asked.get("page[after]"):
                return
            asked["page[after]"] = str(cursor)
        raise Refused(f"{path} has more than {MAX_PAGES} pages of a hundred")

    def _know_group(self, name: str) -> None:
        read_at, now = self._groups_read_at, time.monotonic()
        if name.casefold() in self._groups or (read_at is not None and now - read_at < GROUPS_AGAIN):
            return
        self._groups = {
            str(group.get("name")).casefold(): int(group["id"])
            for page in self._pages("/api/v2/groups.json", {})
            for group in page.get("groups") or ()
            if not group.get("deleted")
        }
        self._groups_read_at = now
