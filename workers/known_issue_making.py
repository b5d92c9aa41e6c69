"""An approved known issue that has no issue yet gets one at Jira or GitHub, exactly once (S4-74).

Before anything is sent the entry says so in the store. What got no answer is searched for by its marker a minute later,
because searching lags, and once more before another is made; two sweeps never make at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol, cast

import structlog

from app.errors import Gone, OutcomeUnknown, Refused, TriageError
from app.runtime import Runtime
from app.triage.known_issues.candidates import issue_text, issue_title, marker_of, new_issue, wants_issue
from app.triage.known_issues.entry import RegistryEntry
from app.triage.known_issues.sources import SourceIssue
from app.triage.known_issues.tag import BadTag, made
from app.triage.policy import Policy
from app.triage.ticket import Ref
from app.vendors import IssueTracker
from app.vendors.github import GitHub
from config.accounts import ZendeskAccount

log = structlog.get_logger("registry")

SEARCH_LAG = timedelta(minutes=1)
TRY_AGAIN = timedelta(days=1)  # after a refusal, which a person may have mended by then
MOST = 5
"""Issues that one sweep makes."""


class Place(Protocol):
    """Where an issue is found and made."""

    def found(self, entry: RegistryEntry) -> SourceIssue | None:
        """The issue that was made for the entry; None where none is found."""
        ...

    def make(self, entry: RegistryEntry) -> SourceIssue:
        """Make it, once."""
        ...


def make(runtime: Runtime) -> int:
    """Make what is due; gives how many. Whatever fails is told in the log and tried again by a later sweep."""
    if all(policy.pack.known_issues.create == "none" for policy in runtime.policies):
        return 0
    return sum(_one(runtime, tenant, entry, policy) for tenant, entry, policy in list(_due(runtime))[:MOST])


def _due(runtime: Runtime) -> Iterator[tuple[str, RegistryEntry, Policy]]:
    for tenant, accounts in runtime.tenants().items():
        policy = next(runtime.policies.at(*accounts[0]))
        for entry in runtime.store.known_issues(tenant):
            if wants_issue(entry, policy.pack.known_issues):
                yield tenant, entry, policy


def _one(runtime: Runtime, tenant: str, entry: RegistryEntry, policy: Policy) -> bool:
    held = f"known issue {entry.id}"
    try:
        place = _place(runtime, tenant, policy)
        if place is None or not runtime.store.hold(held, runtime.now(), SEARCH_LAG.total_seconds()):
            return False
        before, issue = entry.making_at, place.found(entry)
        if issue is None and before is not None and runtime.now() - before < 2 * SEARCH_LAG:
            return False
        if issue is None:
            entry = runtime.store.change_known_issue(tenant, replace(entry, making_at=runtime.now()), runtime.now())
            issue = place.make(entry)
    except TriageError as error:
        tell = log.info if isinstance(error, OutcomeUnknown) else log.warning
        tell("no issue for a known issue", name=entry.name, reason=str(error))
        if isinstance(error, Refused | Gone):
            runtime.store.hold(held, runtime.now() + SEARCH_LAG, TRY_AGAIN.total_seconds())
        return False
    _made(runtime, tenant, entry, issue)
    return True


def _made(runtime: Runtime, tenant: str, entry: RegistryEntry, issue: SourceIssue) -> None:
    """The entry goes by its issue from now on, and its tag is made of that."""
    try:
        tag = made(issue.id, entry.title)
    except BadTag:
        tag = made(issue.id, "known issue")
    after = replace(entry, ref=issue.ref or entry.ref, issue=issue.key, tag=tag, url=issue.url, making_at=None)
    kept = runtime.store.change_known_issue(tenant, after, runtime.now())
    log.info("known issue has an issue", name=kept.name, issue=issue.key)


def _place(runtime: Runtime, tenant: str, policy: Policy) -> Place | None:
    """Where the issues of a tenant's known issues are made; None, told in the log, where nothing says so."""
    if policy.pack.known_issues.create == "github":
        if runtime.github is not None and runtime.github[1] == tenant:
            return _AtGitHub(runtime.github[0], policy, tenant)
        log.warning("no issue for a known issue", reason="TRIAGE_GITHUB_REPO names no repository of the tenant")
        return None
    accounts = runtime.tenants()[tenant]
    desks = (runtime.account(vendor, name) for vendor, name in accounts)
    sites = {one.engineering for one in desks if isinstance(one, ZendeskAccount) and one.engineering}
    sites = sites or {name for vendor, name in accounts if vendor == "jira"}
    if len(sites) != 1:
        log.warning("no issue for a known issue", reason=f"the tenant has {len(sites)} Jira accounts to choose from")
        return None
    return _AtJira(runtime, sites.pop(), policy, tenant)


@dataclass(frozen=True, slots=True)
class _AtJira:
    runtime: Runtime
    site: str
    policy: Policy
    tenant: str

    def found(self, entry: RegistryEntry) -> SourceIssue | None:
        ref = self._tracker.find_issue(marker_of(self.tenant, entry))
        return self._shown(ref, entry) if ref else None

    def make(self, entry: RegistryEntry) -> SourceIssue:
        label = self.runtime.settings.jira[self.site].known_issues_label
        ref, left_out = self._tracker.create_issue(new_issue(entry, self.policy.pack, self.tenant, label))
        if left_out:
            reason = "; ".join(f"{name}: {why}" for name, why in left_out.items())
            log.info("made without", name=entry.name, reason=reason)
        return self._shown(ref, entry)

    @property
    def _tracker(self) -> IssueTracker:
        return cast(IssueTracker, self.runtime.client("jira", self.site))

    def _shown(self, ref: Ref, entry: RegistryEntry) -> SourceIssue:
        url = f"{self.runtime.account('jira', self.site).base_url}/browse/{ref.id}"
        return SourceIssue(source="jira", key=str(ref), id=ref.id, ref=ref, title=entry.title, url=url)


@dataclass(frozen=True, slots=True)
class _AtGitHub:
    github: GitHub
    policy: Policy
    tenant: str

    def found(self, entry: RegistryEntry) -> SourceIssue | None:
        return self.github.find_issue(marker_of(self.tenant, entry))

    def make(self, entry: RegistryEntry) -> SourceIssue:
        title = issue_title(entry, self.policy.pack.known_issues)
        return self.github.create_issue(title, issue_text(entry), marker_of(self.tenant, entry))
