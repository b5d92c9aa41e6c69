"""The issues of one GitHub repository as known issues: an optional source, asked with ``If-None-Match`` so that what
did not change costs nothing (GitHub: "Best practices for using the REST API", conditional requests).

There is no ticket at GitHub, so this is no vendor's adapter: it lists, and makes an issue where the policy wants that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import orjson
import requests

from app.errors import Busy, Misconfigured, OutcomeUnknown, Unavailable
from app.triage.known_issues.sources import SourceIssue
from app.vendors import Tracked
from app.vendors.answers import CONNECT_TIMEOUT, error_of, guard, json_object, outcome
from app.vendors.gate import retry_after
from config.settings import Settings

PAGE = 100
MOST_PAGES = 3
"""Pages of a hundred that are read at most."""

_NEXT = re.compile(r'rel="next"')
_VERSION = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


class GitHub:
    """One repository. ``address`` is the API's, ``label`` that of its known issues. Sends once, follows no redirect."""

    def __init__(self, repository: str, token: str, label: str, address: str, timeout: float = 10.0) -> None:
        self._repository, self._label, self._address = repository, label, address.rstrip("/")
        self._timeout = (min(CONNECT_TIMEOUT, timeout), timeout)
        self._session = requests.Session()
        guard(self._session)
        self._session.hooks["response"] = [_raise_for]
        self._session.headers.update(_VERSION | ({"Authorization": f"Bearer {token}"} if token else {}))

    @property
    def name(self) -> str:
        """``github:owner/name``, with which the keys of its issues begin."""
        return f"github:{self._repository}"

    def known_issues(self, etag: str = "") -> tuple[Tracked | None, str]:
        """The issues with the label, the last changed first, and the tag of this answer; None where nothing has changed
        since the answer of that tag. Closed ones are among them, so that it is seen what was fixed. Raises as a
        vendor's client does."""
        found: list[SourceIssue] = []
        for page in range(1, MOST_PAGES + 1):
            answer = self._ask("GET", self._path, headers={"If-None-Match": etag} if etag and page == 1 else {},
                               params={"labels": self._label, "state": "all", "sort": "updated", "direction": "desc",
                                       "per_page": str(PAGE), "page": str(page)})  # fmt: skip
            if page == 1:
                if answer.status_code == requests.codes.not_modified:
                    return None, etag
                etag = answer.headers.get("ETag", "")
            found += (self._issue(one) for one in _listed(answer) if "pull_request" not in one)
            if not _NEXT.search(answer.headers.get("Link", "")):
                return Tracked(tuple(found), whole=True), etag
        return Tracked(tuple(found), whole=False), etag

    def find_issue(self, marker: str) -> SourceIssue | None:
        """The oldest issue with a marker among its labels; None where there is none."""
        params = {"labels": marker, "state": "all", "sort": "created", "direction": "asc", "per_page": "1"}
        return next((self._issue(one) for one in _listed(self._ask("GET", self._path, params=params))), None)

    def create_issue(self, title: str, text: str, marker: str) -> SourceIssue:
        """Make an issue with its marker and the label. Raises as a vendor's client does."""
        body = {"title": title, "body": text, "labels": [marker, self._label]}
        shown = json_object(self._ask("POST", self._path, body=body))
        if not isinstance(shown.get("number"), int):
            raise OutcomeUnknown("GitHub made an issue and named no number of it")
        return self._issue(shown)

    @property
    def _path(self) -> str:
        return f"/repos/{self._repository}/issues"

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        with outcome(method, path):
            return self._session.request(
                method, self._address + path, params=params, json=body, headers=headers, timeout=self._timeout,
                allow_redirects=False,
            )  # fmt: skip

    def _issue(self, raw: Mapping[str, Any]) -> SourceIssue:
        number, labels = str(raw.get("number")), raw.get("labels") or ()
        milestone = raw.get("milestone") or {}
        return SourceIssue(
            source="github",
            key=f"{self.name}#{number}",
            id=number,
            title=str(raw.get("title") or ""),
            text=str(raw.get("body") or ""),
            url=str(raw.get("html_url") or ""),
            labels=tuple(str(one.get("name") if isinstance(one, dict) else one) for one in labels),
            done=raw.get("state") == "closed",
            resolution=str(raw.get("state_reason") or ""),
            fix_versions=tuple(filter(None, (str(milestone.get("title") or ""),))),
        )


def repository(settings: Settings, tenants: Collection[str]) -> tuple[GitHub, str]:
    """The repository that the settings name, and the tenant whose known issues its are. Raises Misconfigured where
    nothing says whose: no tenant may see another's."""
    wanted = settings.github_tenant
    if wanted not in tenants if wanted else len(tenants) > 1:
        raise Misconfigured(
            f"no tenant is named {wanted!r}" if wanted else "there are several tenants, and one repository",
            where="TRIAGE_GITHUB_TENANT",
            mend=f"name the tenant whose known issues they are: {', '.join(sorted(tenants))}",
        )
    token = settings.github_token.get_secret_value()
    found = GitHub(settings.github_repo, token, settings.github_label, settings.github_url)
    return found, wanted or next(iter(tenants), "")


def _listed(answer: requests.Response) -> list[dict[str, Any]]:
    try:
        value = orjson.loads(answer.content)
    except ValueError:
        value = None
    if not isinstance(value, list):
        raise Unavailable("GitHub's answer is no list of issues")
    return [one for one in value if isinstance(one, dict) and isinstance(one.get("number"), int)]


def _raise_for(response: requests.Response, *_: object, **__: object) -> None:
    """As for the vendors; but 304 is an answer, and 403 with nothing left is a limit (GitHub: "Rate limits")."""
    if response.status_code == requests.codes.not_modified:
        return
    error = error_of(response)
    if error is None:
        return
    response.close()
    if response.status_code == requests.codes.forbidden and response.headers.get("X-RateLimit-Remaining") == "0":
        raise Busy("403 by GitHub: its rate limit is used up", after=retry_after(response.headers))
    raise error
