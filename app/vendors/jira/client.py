"""One Jira site through the jira library, and the only module that loads it.

Used without what it does behind one's back: its session re-sends any request, a POST too, up to three times with
sleeps in between; it has no timeout; its constructor asks the server; its edits read the issue again; its errors carry
the answer's text. Hence no retries, a timeout, ``guard``, and requests made here on its session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jira import JIRA

from app.errors import Gone, Misconfigured, Refused, Unauthorized, Unavailable
from app.triage.actions import Action
from app.triage.ticket import Ref, Ticket
from app.vendors import Write
from app.vendors.answers import CONNECT_TIMEOUT, guard, json_object, outcome
from app.vendors.gate import Gate
from app.vendors.jira import actions as to_requests
from app.vendors.jira.payload import ISSUE_ID, ISSUE_KEY
from app.vendors.jira.reading import FIELDS, ticket_of, user_id
from config.settings import JiraAccount

MAX_PAGES = 50


class JiraClient:
    """``VendorClient`` for one site. The constructor sends nothing."""

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
        self._our_id = ""

    def whoami(self) -> str:
        """Our own user's accountId (Cloud) or name (Data Center); one request, then remembered."""
        if not self._our_id:
            self._our_id = user_id(self._get("/rest/api/2/myself"))
            if not self._our_id:
                raise Unauthorized("Jira does not know the user of this token")
        return self._our_id

    def fetch(self, ref: Ref) -> Ticket:
        """The issue with changelog, transitions and what is editable in one read; more only for a long thread."""
        if not (ISSUE_KEY.fullmatch(ref.id) or ISSUE_ID.fullmatch(ref.id)):
            raise Refused("a Jira issue's id is a key such as SUP-7, or a number")
        our_id = self.whoami()
        path = to_requests.issue_path(ref.id)
        wanted = ",".join((FIELDS, *self._account.fields.values()))
        issue = self._get(path, {"expand": "changelog,transitions,editmeta", "fields": wanted})
        if not isinstance(issue.get("fields"), dict):
            raise Unavailable(f"the answer shows no issue {ref.id}")
        return ticket_of(issue, self._comments(path, issue["fields"].get("comment") or {}), self._account, our_id)

    def writes(self, ticket: Ticket, actions: Sequence[Action]) -> tuple[tuple[Write, ...], Mapping[Action, str]]:
        """The requests; ``fetch`` has already read all that they depend on."""
        return to_requests.writes(ticket, actions, self._account)

    def send(self, write: Write) -> None:
        """Send one write, once.

        In a service desk project an issue that no customer raised is not a *request*, and the desk answers 404 to its
        comment; nothing was written then, so a note goes to the issue itself, and so does a reply: nobody but agents
        reads it there. Whatever way a note went, the answer must say that no customer sees it.
        """
        if not write.path.startswith(to_requests.DESK):
            self._send(write.method, write.path, write.body)
            return
        internal = write.body["public"] is False
        try:
            comment = self._send(write.method, write.path, write.body)
            public = comment.get("public") is not False
        except Gone:
            issue = write.path.split("/")[-2]
            path = f"{to_requests.issue_path(issue)}/comment"
            comment = self._send("POST", path, to_requests.platform_comment(write.body["body"], internal=internal))
            public = comment.get("jsdPublic") is True
        if internal and public:
            raise Refused(
                f"INTERNAL NOTE MAY BE PUBLIC: Jira did not confirm that the comment {comment.get('id')} posted to "
                f"{write.path} is internal; look at it now, and at the site's comment settings"
            )

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        with outcome(method, path):
            response = self._jira._session.request(
                method, self._account.base_url + path, json=body, allow_redirects=False
            )
        if not response.content and not path.endswith("/comment"):
            return {}  # 204: an edit or a transition
        return json_object(response)

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        with outcome("GET", path):
            response = self._jira._session.request(
                "GET", self._account.base_url + path, params=params, allow_redirects=False
            )
        return json_object(response)

    def _comments(self, path: str, shown: Mapping[str, Any]) -> list[Any]:
        """All comments: those shown in the issue, or page by page where the issue shows only some of them."""
        comments = list(shown.get("comments") or ())
        if int(shown.get("total") or 0) <= len(comments):
            return comments
        comments = []
        for _ in range(MAX_PAGES):
            asked = {"startAt": str(len(comments)), "maxResults": "100", "orderBy": "created"}
            page = self._get(f"{path}/comment", asked)
            found = page.get("comments") or ()
            comments += found
            if not found or len(comments) >= int(page.get("total") or 0):
                return comments
        raise Refused(f"{path} has more than {MAX_PAGES} pages of comments")
