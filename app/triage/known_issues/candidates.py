"""A known issue as a person enters it, by form or command, and what becomes of it (S4-73 to S4-75)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from app.triage.bridge import NewIssue
from app.triage.bridge_issue import LABEL
from app.triage.known_issues.entry import RegistryEntry
from app.triage.known_issues.parts import KnownIssues, expression
from app.triage.known_issues.tag import made
from app.triage.pack import Pack
from app.triage.phrases import legible

LONGEST = 200
"""Characters of a title."""


class NotDescribed(ValueError):
    """There is nothing by which people would know the fault."""


def entered(
    source: Literal["hand", "form"],
    number: str,
    title: str,
    key: str,
    part: KnownIssues,
    *,
    candidate: bool,
    patterns: Sequence[str] = (),
    workaround: str = "",
    url: str = "",
) -> RegistryEntry:
    """The entry; a candidate waits for a person where the policy says so, and one without a number does until it has
    one. Raises BadTag or NotDescribed."""
    title = " ".join(title.split())[:LONGEST]
    if not title:
        raise NotDescribed("it is not described; say in a few words what does not work")
    tag = made(number, title) if number else ""
    waits = candidate and (part.approval == "required" or (not tag and part.create == "none"))
    return RegistryEntry(
        source=source,
        key=key,
        title=title,
        tag=tag,
        state="candidate" if waits else "open",
        patterns=tuple(patterns),
        workaround=workaround.strip(),
        url=url,
    )


def check_patterns(patterns: Sequence[str], words: Mapping[str, Sequence[str]]) -> None:
    """Raise BadPhrase for one that cannot be read."""
    for pattern in patterns:
        legible(expression(pattern, words))


def wants_issue(entry: RegistryEntry, part: KnownIssues) -> bool:
    """Whether an issue is to be made for an entry: it is approved, the policy makes issues, and it has none. A number
    that a person gave is an issue already; that of a cluster's first ticket is none, unless that is one of Jira's."""
    if part.create == "none" or entry.state != "open" or entry.issue:
        return False
    at_jira = entry.ref is not None and entry.ref.vendor == "jira"
    return not at_jira and (not entry.tag or entry.source == "pattern")


def marker_of(tenant: str, entry: RegistryEntry) -> str:
    """The label by which the issue of an entry is found again."""
    return f"known-issue-{tenant}-{entry.id}"


def issue_title(entry: RegistryEntry, part: KnownIssues) -> str:
    """The title of its issue by the policy's template (S4-75)."""
    filled = part.title.format(title=entry.title, tag=entry.tag, area=entry.area)
    return " ".join(filled.split())[:LONGEST] or entry.title


def new_issue(entry: RegistryEntry, pack: Pack, tenant: str, label: str) -> NewIssue:
    """The Jira issue of an entry; ``label`` is the one of known issues there."""
    part = pack.known_issues
    return NewIssue(
        project=part.project or pack.bridge.project,
        issue_type=part.issue_type,
        summary=issue_title(entry, part),
        text=issue_text(entry),
        marker=marker_of(tenant, entry),
        labels=tuple(filter(None, (LABEL, label))),
    )


def issue_text(entry: RegistryEntry) -> str:
    """What its issue says."""
    paragraphs = [
        f"Known issue: {entry.title}",
        f"Customer workaround: {entry.workaround}" if entry.workaround else "",
        f"Where it came up: {entry.url}" if entry.url else "",
        "\n".join(("Customers say:", *(f"> {pattern}" for pattern in entry.patterns))) if entry.patterns else "",
    ]
    return "\n\n".join(filter(None, paragraphs))
