"""One Jira site through the jira library, and the only module that loads it.

Used without what it does behind one's back: its session re-sends any request, a POST too, up to three times with
sleeps in between; it has no timeout; its constructor asks the server; its edits read the issue again; its errors carry
the answer's text. Hence no retries, a timeout, ``guard``, and requests made here on its session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import requests
from jira import JIRA

from app.errors import (
    Conflict,
    Gone,
    Misconfigured,
    OutcomeUnknown,
    Permanent,
    Refused,
    Retryable,
    Unauthorized,
    Unavailable,
)
from app.triage.actions import Action
from app.triage.bridge import NewIssue, RemoteLink
from app.triage.known_issues.sources import SourceIssue
from app.triage.ticket import Ref, Ticket
from app.vendors import Changes, Tracked, Write
from app.vendors.answers import CONNECT_TIMEOUT, guard, json_object, outcome
from app.vendors.gate import Gate
from app.vendors.jira import actions as to_requests
from app.vendors.jira import issues as to_issues
from app.vendors.jira import search as to_search
from app.vendors.jira.history import history_of, unknown_statuses
from app.vendors.jira.payload import ISSUE_ID, ISSUE_KEY
from app.vendors.jira.reading import FIELDS, is_public, ticket_of, user_id
from app.vendors.jira.screens import Screens
from app.vendors.jira.statuses import Statuses
from config.accounts import JiraAccount

MAX_PAGES = 50


class JiraClient:
    """``VendorClient``, ``IssueTracker``, ``TellsChanges`` and ``ListsKnownIssues`` for one site. The constructor sends
    nothing."""

    def __init__(self, account: JiraAccount, gate: Gate | None = None) -> None:
        token = account.token.get_secret_value()
        if not token or (account.deployment == "cloud" and not account.email):
            name = f"TRIAGE_JIRA__{account.name.upper()}"
            raise Misconfigured("no API token", where=name, mend=f"set {name}__EMAIL and {name}__TOKEN")
        bearer = account.deployment == "server" and not account.email  # a Data Center's personal access token
        self._jira = JIRA(
            account.base_url,
            basic_auth=None if bearer else (account.email, token),
            token_auth=token if bearer else None,
            timeout=(min(CONNECT_TIMEOUT, account.timeout), account.timeout),
            max_retries=0,
            get_server_info=False,
        )
        self._jira.deploymentType = "Cloud" if account.deployment == "cloud" else "Server"
        guard(self._jira._session, gate)
        self._account = account
        self._screens = Screens(self._get)
        self._statuses = Statuses(self._read_statuses)
        self._our_id = ""

    def whoami(self) -> str:
        """Our own user's accountId (Cloud) or name (Data Center); one request, then remembered."""
        if not self._our_id:
            self._our_id = user_id(self._get("/rest/api/2/myself"))
            if not self._our_id:
                raise Unauthorized("Jira does not know the user of this token")
        return self._our_id

    def fetch(self, ref: Ref) -> Ticket:
        """The issue with changelog, transitions and what is editable in one read; more only for a long thread or a long
        changelog, in a Data Center's service projects for any thread, because only there a comment tells whether
        customers see it, and once an hour for the site's statuses."""
        if not (ISSUE_KEY.fullmatch(ref.id) or ISSUE_ID.fullmatch(ref.id)):
            raise Refused("a Jira issue's id is a key such as SUP-7, or a number")
        our_id = self.whoami()
        path = to_requests.issue_path(ref.id)
        wanted = ",".join((FIELDS, *self._account.fields.values()))
        issue = self._get(path, {"expand": "changelog,transitions,editmeta", "fields": wanted})
        if not isinstance(issue.get("fields"), dict):
            raise Unavailable(f"the answer shows no issue {ref.id}")
        desk = (issue["fields"].get("project") or {}).get("projectTypeKey") == "service_desk"
        silent = desk and self._account.deployment == "server"
        comments = self._comments(path, issue["fields"].get("comment") or {}, silent=silent)
        entries = self._histories(path, issue.get("changelog") or {})
        happened = history_of(issue, entries, self._statuses.categories(unknown_statuses(issue, entries)))
        return ticket_of(issue, comments, self._account, our_id, happened)

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        """The requests; ``fetch`` has already read all that they depend on."""
        return to_requests.writes(ticket, actions, self._account)

    def send(self, write: Write) -> None:
        """Send one write, once.

        In a service desk project an issue that no customer raised is not a *request*, and the desk answers 404 to its
        comment; nothing was written then, so a note goes to the issue itself, and so does a reply: nobody but agents
        reads it there. Whatever way a note went, the answer must say that no customer sees it.
        """
        if write.found:
            self._check_status(write)
        if not write.path.startswith(to_requests.DESK):
            self._edit(write)
            return
        internal = write.body["public"] is False
        try:
            comment = self._send(write.method, write.path, write.body)
            public = comment.get("public") is not False
        except Gone:
            issue = write.path.split("/")[-2]
            path = f"{to_requests.issue_path(issue)}/comment"
            comment = self._send("POST", path, to_requests.platform_comment(write.body["body"], internal=internal))
            public = internal and self._is_public(f"{path}/{comment.get('id')}", comment)
        if internal and public:
            raise Refused(
                f"INTERNAL NOTE MAY BE PUBLIC: Jira did not confirm that the comment {comment.get('id')} posted to "
                f"{write.path} is internal; look at it now, and at the site's comment settings"
            )

    def find_issue(self, marker: str) -> Ref | None:
        """The oldest issue with this label. One request; what was made a moment ago may not be found yet."""
        if not to_issues.MARKER.fullmatch(marker):
            raise Refused("the marker of an issue is not a plain label")
        return to_search.first_issue(self._search(to_search.by_marker(marker)), self._account)

    def create_issue(self, issue: NewIssue) -> tuple[Ref, Mapping[str, str]]:
        """Make an issue with all that the project takes; what it does not take is left out and told.

        Besides the request that makes it, the project's types and the type's screen are read, unless they were lately.
        A refusal (400) made nothing: where it blames fields, it is asked once more without those.
        """
        to_issues.check(issue)
        kind, other = to_issues.type_of(issue, self._screens.types(issue.project))
        made = to_issues.draft(issue, kind, self._screens.fields(issue.project, str(kind.get("id"))), self._account)
        if other:
            made.left_out["issue_type"] = other
        try:
            answer = self._create(made.body)
        except Refused as error:
            self._screens.forget()  # it said otherwise
            if not error.fields:
                raise
            if not made.without(error.fields, issue.marker):
                raise Refused(
                    f"{error}: {issue.project} asks for what we do not fill; make it optional there"
                ) from None
            answer = self._create(made.body)
        key = str(answer.get("key"))
        if not ISSUE_KEY.fullmatch(key):
            raise OutcomeUnknown("Jira made an issue and named no key of it")
        return Ref("jira", self._account.name, key), made.left_out

    def link_remote(self, ref: Ref, link: RemoteLink) -> None:
        """Show another system's ticket on the issue; ``globalId`` makes the same link again a change of the first.

        Raises Gone where the issue has been deleted."""
        body = {
            "globalId": link.global_id,
            "relationship": link.relationship,
            "object": {"url": link.url, "title": link.title[:255]},
        }
        self._send("POST", f"{to_requests.issue_path(ref.id)}/remotelink", body)

    def changed(self, since: datetime, cursor: str = "") -> Changes:
        """One page of issues that changed in the configured projects, the oldest first. Deleted ones are not told."""
        start, token = to_search.since_when(cursor, since)
        try:
            answer = self._search(to_search.changed_since(start, token, self._account))
        except Refused:
            if not token:
                raise
            return Changes((), str(start), more=False)  # a token lives for seven days: next time from that minute again
        return to_search.changes(answer, start, token, self._account)

    def known_issues(self) -> Tracked:
        """The site's known issues, a hundred a request."""
        account, found, token = self._account, list[SourceIssue | None](), ""
        if not (account.known_issues_label or account.known_issues_jql):
            return Tracked((), whole=True)
        while True:
            answer = self._search(to_search.known_issues(account, token))
            page = answer.get("issues") or ()
            found += (to_search.known_issue(one, account) for one in page)
            more, token = to_search.further(answer, page, token)
            if not more or len(found) >= to_search.MOST_KNOWN:
                return Tracked(tuple(filter(None, found)), whole=not more)

    def _search(self, asked: Mapping[str, str]) -> dict[str, Any]:
        path = to_search.path(self._account)
        try:
            return self._get(path, asked)
        except Gone as error:
            raise Refused(f"{error}: is the account's DEPLOYMENT right? {path} is not there") from None

    def _create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        path = "/rest/api/2/issue"
        try:
            return self._send("POST", path, body)
        except Gone as error:  # no ticket has gone: there was none yet
            raise Refused(f"{error}: may our user make issues in that project?") from None

    def _check_status(self, write: Write) -> None:
        """Jira moves an issue from wherever it is by now: a person may have moved it since we read it, and the same
        transition may be open from there too. Raises Conflict then."""
        issue = self._get(write.path.removesuffix(to_requests.TRANSITIONS), {"fields": "status"})
        shown = ((issue.get("fields") or {}).get("status") or {}).get("name")
        if shown != write.found:
            raise Conflict("the issue has another status by now")

    def _edit(self, write: Write) -> None:
        """Send what is no comment of a service desk. What 404 says of a person or a link type, it does not say of the
        issue, so the issue has not gone by it."""
        try:
            self._send(write.method, write.path, write.body)
        except Gone as error:
            if write.path.startswith(f"{to_requests.LINKS}/"):
                return  # the link that was to be taken away is gone
            if write.path == to_requests.LINKS:
                name = write.body["type"]["name"]
                raise Refused(f"{error}: no link type {name!r}, or our user may not see the other issue") from None
            if write.path.endswith(("/watchers", "/assignee")):
                raise Refused(f"{error}: Jira knows no such user; mend the ids in PEOPLE and AGENTS") from None
            raise

    def ask(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> requests.Response:
        """Send one request to the site, once; the answer is a success. Public for ``setup``."""
        with outcome(method, path):
            answer: requests.Response = self._jira._session.request(
                method, self._account.base_url + path, params=params, json=body, allow_redirects=False
            )
        return answer

    def _send(self, method: str, path: str, body: Any) -> dict[str, Any]:
        response = self.ask(method, path, body=body)
        if not response.content and not path.endswith(("/comment", "/issue")):
            return {}  # 204: an edit, a transition, a watcher; 201: a link
        return json_object(response)

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        return json_object(self.ask("GET", path, params=params))

    def _is_public(self, path: str, comment: Mapping[str, Any]) -> bool:
        """Whether customers see the comment that was just made; so it is taken to be where that cannot be learnt."""
        public = is_public(comment)
        if public is None:
            try:
                public = is_public(self._get(path, {"expand": "properties"}))
            except (Retryable, Permanent):  # it was made all the same: a person must look, not another try
                public = None
        return public is not False

    def _comments(self, path: str, shown: Mapping[str, Any], *, silent: bool) -> list[Any]:
        """All comments: those shown in the issue, or page by page where the issue shows only some of them or is
        ``silent`` about who sees them."""
        comments = list(shown.get("comments") or ())
        total = int(shown.get("total") or 0)
        if total <= len(comments) and not (silent and comments):
            return comments
        comments = []
        for _ in range(MAX_PAGES):
            asked = {"startAt": str(len(comments)), "maxResults": "100", "orderBy": "created", "expand": "properties"}
            page = self._get(f"{path}/comment", asked)
            found = page.get("comments") or ()
            comments += found
            if not found or len(comments) >= int(page.get("total") or 0):
                return comments
        raise Refused(f"{path} has more than {MAX_PAGES} pages of comments")

    def _read_statuses(self) -> list[Any]:
        """The site's statuses; none where our user may not see them, and then a status goes by its name."""
        try:
            listed = orjson.loads(self.ask("GET", "/rest/api/2/status").content)
        except (Gone, Refused, ValueError):
            return []
        return listed if isinstance(listed, list) else []

    def _histories(self, path: str, shown: Mapping[str, Any]) -> list[Any]:
        """All entries of the changelog. The Cloud shows the newest hundred in the issue; the older ones are read from
        the oldest on, until none is missing. A Data Center shows all, and has no pages."""
        histories = list(shown.get("histories") or ())
        missing = int(shown.get("total") or 0) - len(histories)
        if missing <= 0 or self._account.deployment == "server":
            return histories
        older: list[Any] = []
        for _ in range(MAX_PAGES):
            page = self._get(f"{path}/changelog", {"startAt": str(len(older)), "maxResults": "100"})
            found = page.get("values") or ()
            older += found
            if not found or page.get("isLast") or len(older) >= missing:
                known = {one.get("id") for one in histories}
                return [*(one for one in older if one.get("id") not in known), *histories]
        raise Refused(f"{path} has more than {MAX_PAGES} pages of changes")
