"""One Zendesk account through zenpy, and the only module that loads it (zenpy is GPL-3.0; see the README).

zenpy is used for what it is good at (the session, authentication, the call), not for what it does behind one's back:
its session re-sends a PUT up to three times, it sleeps through a 429 without bound, its cache hands out stale objects,
its generators follow absolute links to any host, and its objects turn times into dates. Hence ``guard``, no cache,
raw JSON both ways, and addresses made here.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import requests
import structlog
from zenpy import Zenpy

from app.errors import Busy, Gone, Misconfigured, OutcomeUnknown, Refused, Unauthorized, Unavailable
from app.metrics import WARNINGS
from app.triage.actions import Action, Assign, Link, Route, SetStatus
from app.triage.known_issues.sources import SourceIssue
from app.triage.ticket import Ref, Ticket
from app.vendors import Changes, Job, Tracked, Write
from app.vendors.answers import CONNECT_TIMEOUT, guard, json_object, outcome
from app.vendors.gate import Gate
from app.vendors.zendesk import actions as to_requests
from app.vendors.zendesk import export, history, jobs, problems
from app.vendors.zendesk.names import Listed, Names
from app.vendors.zendesk.payload import TICKET_ID
from app.vendors.zendesk.reading import ticket_of
from config.accounts import ZendeskAccount

logging.getLogger("zenpy").setLevel(logging.INFO)  # at DEBUG it logs bodies

MAX_PAGES = 50
"""A hundred records a page: Zendesk itself takes at most 5,000 comments on a ticket."""

JOBS_AGAIN = 60.0
"""Seconds to wait when thirty jobs are under way, which is all that Zendesk takes."""

_KEY = re.compile(r"ticket(?:\.[a-z_]{1,40}){1,3}")

log = structlog.get_logger("zendesk")


class ZendeskClient:
    """``VendorClient``, ``TellsChanges``, ``ListsKnownIssues`` and ``ManyAtOnce`` for one account. The constructor
    sends nothing."""

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
        self._groups = Names(self._read_groups)
        self._statuses = Names(self._read_statuses)
        self._default_statuses: set[int] = set()
        self._members: dict[str, Names] = {}  # by user, whose groups they are
        self._wrote: dict[str, tuple[str, str]] = {}  # of the ticket written last: its version before and after

    def whoami(self) -> str:
        """Our own user's id; one request, then remembered."""
        if not self._our_id:
            user = self._get("/api/v2/users/me.json").get("user") or {}
            if not user.get("id"):  # Zendesk answers 200 and an anonymous user to a wrong token on some accounts
                raise Unauthorized("Zendesk does not know the user of this token")
            self._our_id = str(user["id"])
        return self._our_id

    def fetch(self, ref: Ref) -> Ticket:
        """The ticket with requester, group and organization in one read, its thread a hundred comments a read, and once
        something has happened to it a hundred audits a read. The names that they tell by id are read when unknown."""
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
        audits: list[Any] = []
        if history.may_have_changed(answer["ticket"], thread):
            pages = self._pages(f"/api/v2/tickets/{ref.id}/audits.json", {})
            audits = [one for page in pages for one in page.get("audits") or ()]
        statuses = self._labels(answer["ticket"], audits)
        happened = history.history_of(audits, self._group_names(answer, audits), statuses)
        return ticket_of(answer, thread, people, self._account, our_id, statuses, happened)

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        """One PUT, and one for a reply. Reads the account's groups, their members or its statuses when one is asked for
        that is not known yet, and a ticket that this one is to hang on."""
        types: dict[str, str] = {}
        for action in actions:
            match action:
                case Route(_, team):
                    self._groups.look_up(team)
                case Assign(agent) if agent != ticket.assignee:
                    self._know_member(agent, ticket, actions)
                case SetStatus():
                    self._know_status(action)
                case Link(to) if to.vendor == "zendesk" and to.account == self._account.name:
                    types[to.id] = self._type_of(to)
        members = [one for groups in self._members.values() for one in groups.ids]
        names = to_requests.Names(self._groups.ids, self._statuses.ids, types, members)
        return to_requests.writes(ticket, actions, self._account, names)

    def send(self, write: Write) -> str:
        """Send the PUT once; returns the version that it left. Several writes are planned on one read; each must go on
        from the version that the one before left, or Zendesk would take our own write for somebody else's."""
        changes = dict(write.body["ticket"])
        read = changes.get("updated_stamp", "")
        before, after = self._wrote.get(write.path, ("", ""))
        if read and read == before:
            changes["updated_stamp"] = after
        shown = self._put(write.path, {"ticket": changes}).get("ticket")
        if not isinstance(shown, dict):
            raise OutcomeUnknown(f"the answer to {write.method} {write.path} shows no ticket")
        left = str(shown.get("updated_at") or read)
        self._wrote = {write.path: (read, left)}
        return left

    def changed(self, since: datetime, cursor: str = "") -> Changes:
        """One page, at most a thousand tickets, of what changed since then; the export withholds the last minute. It is
        for administrators alone, and for ten requests a minute."""
        page = self._get(export.PATH, export.asked(since, cursor, time.time()))
        return export.changes_of(page, self._account.name, cursor)

    def known_issues(self) -> Tracked:
        """The account's problem tickets, a hundred a request, the last changed first."""
        found: list[SourceIssue | None] = []
        if self._account.known_problems == "none":
            return Tracked((), whole=True)
        for page in self._pages(problems.PATH, {}):
            found += (problems.problem(one, self._account) for one in page.get("tickets") or ())
            if len(found) >= problems.MOST:
                return Tracked(tuple(filter(None, found)), whole=False)
        return Tracked(tuple(filter(None, found)), whole=True)

    def retag(self, ticket_ids: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> str:
        """Ask for tags to be added and removed; returns the job's id. Raises Busy while thirty jobs are under way."""
        wrong = [one for one in ticket_ids if not TICKET_ID.fullmatch(one)]
        if wrong or not 1 <= len(ticket_ids) <= jobs.MOST:
            raise Refused(f"a job is for 1 to {jobs.MOST} tickets by their numbers")
        try:
            answer = self._put(jobs.PATH, jobs.tags_body(add, remove), {"ids": ",".join(ticket_ids)})
        except Refused as error:
            if "TooManyJobs" in str(error):  # its status is nowhere written down
                raise Busy(str(error), after=JOBS_AGAIN) from None
            raise
        job_id = str((answer.get("job_status") or {}).get("id") or "")
        if not jobs.JOB_ID.fullmatch(job_id):
            raise OutcomeUnknown(f"the answer to PUT {jobs.PATH} shows no job")
        return job_id

    def job(self, job_id: str) -> Job:
        """Where the job stands; one read. Raises Gone when Zendesk has forgotten it, a day after its end."""
        if not jobs.JOB_ID.fullmatch(job_id):
            raise Refused("that is no job's id")
        return jobs.job_of(self._get(jobs.path_of(job_id)))

    def ask(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> requests.Response:
        """Send one request to the account, once; the answer is a success. Public for ``setup``. zenpy's own methods are
        this call and then objects made of the answer, which nobody needs."""
        api = self._zenpy.tickets
        call, address = getattr(api.session, method.lower()), self._account.base_url + path
        with outcome(method, path):
            answer: requests.Response = api._call_api(call, address, params=params, json=body, timeout=api.timeout)
        return answer

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._heeded(self.ask("GET", path, params=params))

    def _put(self, path: str, body: Mapping[str, Any], params: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._heeded(self.ask("PUT", path, params=params, body=body))

    def _heeded(self, response: requests.Response) -> dict[str, Any]:
        """The answer as a JSON object. Says aloud which keys of ours Zendesk dropped (X-Zendesk-API-Warn): what was
        asked for in them was not done. The header may quote values, which are not repeated."""
        said = response.headers.get("X-Zendesk-API-Warn", "")
        keys = [key for key in dict.fromkeys(_KEY.findall(said)) if key != "ticket.id"]
        if said and not keys and "ticket.id" not in said:
            keys = ["unreadable"]
        for key in keys:
            WARNINGS.labels("zendesk", key).inc()
        if keys:
            log.warning("vendor dropped keys", vendor="zendesk", account=self._account.name, reason=" ".join(keys))
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

    def _group_names(self, answer: Mapping[str, Any], audits: Sequence[Any]) -> Mapping[int, str]:
        """The names of the groups that the ticket was in; its present one comes with it."""
        beside = {one.get("id"): str(one.get("name") or "") for one in answer.get("groups") or ()}
        for group in history.ids_in(audits, "group_id") - beside.keys():
            self._groups.look_up(group)
        return {**self._groups.by_id, **beside}

    def _labels(self, raw: Mapping[str, Any], audits: Sequence[Any]) -> Mapping[int, str]:
        """The labels of the account's custom statuses. A new ticket has none: no custom status is a kind of new."""
        named = history.ids_in(audits, "custom_status_id")
        if raw.get("status") != "new" and raw.get("custom_status_id"):
            named.add(int(raw["custom_status_id"]))
        for status in named:
            self._statuses.look_up(status)
        known = self._statuses.by_id.items()
        return {its_id: label for its_id, label in known if its_id not in self._default_statuses}

    def _read_groups(self) -> list[Listed]:
        return [
            Listed(int(group["id"]), str(group.get("name")), not group.get("deleted"))
            for page in self._pages("/api/v2/groups.json", {})
            for group in page.get("groups") or ()
        ]

    def _know_member(self, agent: str, ticket: Ticket, actions: Sequence[Action]) -> None:
        """Learn whether somebody is in the group that the ticket is in, or is put into by the same request."""
        team = next((action.team for action in actions if isinstance(action, Route)), ticket.group)
        if team:
            self._groups.look_up(team)
        groups = self._members.setdefault(agent, Names(partial(self._read_members, agent)))
        groups.look_up(to_requests.member(agent, self._groups.ids.get(team.casefold(), "")))

    def _know_status(self, action: SetStatus) -> None:
        """Learn the custom statuses that come before one that every account has."""
        for name in action.names:
            if name.lower() in to_requests.STATUSES:
                return
            self._statuses.look_up(name)
            if name.casefold() in self._statuses.ids:
                return

    def _read_members(self, agent: str) -> list[Listed]:
        """The groups that a user is in; none for a user who is no agent, or is not there."""
        if not agent.isdecimal():
            return []
        try:
            pages = list(self._pages(f"/api/v2/users/{agent}/group_memberships.json", {}))
        except Gone:
            return []
        found = (one for page in pages for one in page.get("group_memberships") or ())
        return [Listed(int(one["id"]), to_requests.member(agent, one.get("group_id"))) for one in found]

    def _read_statuses(self) -> list[Listed]:
        """The statuses by the label that agents see: the default one of each category, and custom ones. None where the
        account's plan has none."""
        try:
            listed = self._get("/api/v2/custom_statuses.json").get("custom_statuses") or ()
        except (Gone, Refused):
            return []
        self._default_statuses = {int(one["id"]) for one in listed if one.get("default")}
        return [Listed(int(one["id"]), str(one.get("agent_label")), one.get("active") is not False) for one in listed]

    def _type_of(self, ref: Ref) -> str:
        """Another ticket's type; empty when it has none, or we do not see it."""
        if not TICKET_ID.fullmatch(ref.id):
            return ""
        try:
            shown = self._get(to_requests.path_of(ref.id)).get("ticket")
        except Gone:
            return ""
        return str(shown.get("type") or "") if isinstance(shown, dict) else ""
