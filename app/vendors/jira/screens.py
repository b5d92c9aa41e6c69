"""Which issue types a project has and which fields its create screens take, as Jira tells them ("Create metadata").

Asked once for each project and type, then believed for a while: one escalation costs one request, not three.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.errors import Gone, Refused

BELIEVED = 600.0
"""Seconds for which an answer is believed."""

_PAGE, _MOST = 200, 10
Read = Callable[[str, Mapping[str, str]], Mapping[str, Any]]


class Screens:
    """The create screens of one site. ``read`` asks for a path with parameters; ``clock`` tells seconds."""

    def __init__(self, read: Read, clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._known: dict[str, tuple[float, list[Any]]] = {}

    def types(self, project: str) -> list[Any]:
        """The issue types of a project. Raises Refused where there is no such project for our user."""
        return self._listed(f"/rest/api/2/issue/createmeta/{project}/issuetypes", project)

    def fields(self, project: str, issue_type: str) -> dict[str, Any]:
        """The fields that an issue of this type, named by its id, may be made with, by their ids."""
        listed = self._listed(f"/rest/api/2/issue/createmeta/{project}/issuetypes/{issue_type}", project)
        return {str(one.get("fieldId") or one.get("key")): one for one in listed}

    def forget(self) -> None:
        """Believe nothing any more: a screen was changed."""
        self._known.clear()

    def _listed(self, path: str, project: str) -> list[Any]:
        now = self._clock()
        at, listed = self._known.get(path, (0.0, []))
        if not listed or now - at >= BELIEVED:
            try:
                listed = [one for one in self._pages(path) if isinstance(one, dict)]
            except Gone:  # of the project, not of the ticket on whose behalf it is asked
                listed = []
            if not listed:
                raise Refused(
                    f"no issue can be made in the Jira project {project}: it does not exist, or our user lacks the "
                    'permission "Create issues" there'
                )
            self._known[path] = (now, listed)
        return listed

    def _pages(self, path: str) -> Iterator[Any]:
        """All of a list. The Cloud calls it ``issueTypes`` or ``fields``, a Data Center (from 8.4) ``values``."""
        start = 0
        for _ in range(_MOST):
            page = self._read(path, {"startAt": str(start), "maxResults": str(_PAGE)})
            found: list[Any] = next((page[name] for name in ("issueTypes", "fields", "values") if page.get(name)), [])
            yield from found
            start += len(found)
            if not found or page.get("isLast") or start >= int(page.get("total") or 0):
                return
