"""What trackers say of known issues, as entries of the registry: issues of Jira and GitHub, problems of Zendesk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.triage.known_issues.entry import RegistryEntry, Source, State
from app.triage.known_issues.tag import BadTag, checked, looks_like_one, made, number_of
from app.triage.masking import masked_text
from app.triage.ticket import Ref

_NOT_FIXED = frozenset(
    {
        *(
            "won't fix",
            "won't do",
            "wont fix",
            "wont do",
            "duplicate",
            "cannot reproduce",
            "can't reproduce",
            "declined",
        ),
        *(
            "incomplete",
            "not a bug",
            "works as designed",
            "invalid",
            "rejected",
            "abandoned",
            "not_planned",
            "known error",
        ),
    }
)
"""Resolutions, in small letters, by which an issue is over and nothing was mended."""

_HEADING = re.compile(
    r"^[ \t#*_h1-6.]*(?:customer workaround|workaround for customers)[ \t*_]*:?[ \t]*(?P<same>[^\n]*)\n?", re.I | re.M
)
_LONGEST_TEXT = 4000
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceIssue:
    """An issue or problem ticket as its tracker shows it. ``id`` is its number or key there. ``done``: it is over, with
    ``resolution`` where the tracker tells. ``workaround`` is what a field of its own says, empty where there is none:
    then it may stand in the text under the heading "Customer workaround"."""

    source: Source
    key: str
    id: str
    title: str
    text: str = ""
    ref: Ref | None = None
    url: str = ""
    labels: tuple[str, ...] = ()
    done: bool = False
    resolution: str = ""
    fix_versions: tuple[str, ...] = ()
    area: str = ""
    workaround: str = ""
    security: bool = False


def entry_of(issue: SourceIssue) -> RegistryEntry:
    """The issue as an entry. Its tag is one of its own labels that has the form and its number, else it is made of its
    title; without a title that gives one it waits as a candidate."""
    title = " ".join(issue.title.split())[:_LONGEST_TITLE] or issue.id
    tag = next((one for one in sorted(issue.labels) if looks_like_one(one) and number_of(one) == issue.id), "")
    try:
        tag = checked(tag) if tag else made(issue.id, title)
    except BadTag:
        tag = ""
    state: State = "open" if tag else "candidate"
    if issue.done:
        state = "dropped" if issue.resolution.casefold() in _NOT_FIXED else "fixed"
    return RegistryEntry(
        source=issue.source,
        key=issue.key,
        title=title,
        tag=tag,
        state=state,
        ref=issue.ref,
        text=masked_text(issue.text[:_LONGEST_TEXT]),
        workaround=issue.workaround.strip() or workaround_in(issue.text),
        url=issue.url,
        fixed_in=", ".join(issue.fix_versions) if state == "fixed" else "",
        area=issue.area,
        security=issue.security or any(one.casefold() == "security" for one in issue.labels),
    )


def workaround_in(text: str) -> str:
    """The paragraph under the heading "Customer workaround" or "Workaround for customers": whoever writes that means
    customers to read it."""
    found = _HEADING.search(text)
    if found is None:
        return ""
    rest = text[found.end() :].lstrip("\n") if not found["same"].strip() else ""
    return found["same"].strip() or rest.split("\n\n", 1)[0].strip()
