"""The registry of known issues is kept current: the trackers are read now and then by the sweep, and a problem ticket
or issue that a look meets is taken over at once (S0-63).

What a tracker's whole list lacks is read once more by itself: it may have been solved, left the list or been deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import structlog

from app.errors import Gone, Held, Refused, TriageError, Unauthorized
from app.runtime import Runtime
from app.store.pulse import KNOWN_ISSUES
from app.triage.bridge import OVER
from app.triage.decision import Label
from app.triage.known_issues.entry import RegistryEntry, over
from app.triage.known_issues.sources import SourceIssue, entry_of
from app.triage.policy import Policy
from app.triage.ticket import Ref, Ticket, VendorName
from app.vendors import ListsKnownIssues
from config.accounts import JiraAccount, ZendeskAccount

log = structlog.get_logger("registry")

EVERY = timedelta(minutes=5)
"""How often the trackers are read."""

MOST_READ = 20
"""Issues that are read by themselves in one refresh of a source."""

PROBLEM = "problem"


def refresh(runtime: Runtime) -> int:
    """Read every account's known issues, at most once in five minutes; gives how many entries changed."""
    if not runtime.store.hold("known issues", runtime.now(), EVERY.total_seconds()):
        return 0
    changed = sum(_account(runtime, vendor, account) for vendor, account in runtime.every_account())
    return changed + _github(runtime)


def _account(runtime: Runtime, vendor: VendorName, account: str) -> int:
    tenant, name = runtime.tenant_of(Ref(vendor, account, "")), f"{KNOWN_ISSUES} {vendor}:{account}"
    try:
        client = runtime.client(vendor, account)
        if not hasattr(client, "known_issues"):
            return 0
        tracked = cast(ListsKnownIssues, client).known_issues()
        changed = keep(
            runtime, tenant, [_as_decided(runtime, one) for one in tracked.issues if _by_people(runtime, one)]
        )
        if tracked.whole:
            changed += _not_listed(runtime, tenant, vendor, account, {one.key for one in tracked.issues})
    except Held:  # not asked: it is at the next time
        return 0
    except TriageError as error:
        log.warning("known issues not read", vendor=vendor, account=account, reason=str(error))
        runtime.store.beat(name, runtime.now(), ok=False, detail={"error": type(error).__name__})
        return 0
    runtime.store.beat(name, runtime.now(), detail={"count": len(tracked.issues), "whole": tracked.whole})
    if changed:
        log.info("known issues changed", vendor=vendor, account=account, count=changed)
    return changed


def _github(runtime: Runtime) -> int:
    """Read the repository's known issues, if they changed."""
    if runtime.github is None:
        return 0
    github, tenant = runtime.github
    name, now = f"{KNOWN_ISSUES} {github.name}", runtime.now()
    beat = runtime.store.beats().get(name)
    etag = str(beat.detail.get("etag", "")) if beat is not None and beat.ok else ""
    try:
        tracked, etag = github.known_issues(etag)
    except TriageError as error:
        log.warning("known issues not read", vendor="github", account=github.name, reason=str(error))
        runtime.store.beat(name, now, ok=False, detail={"error": type(error).__name__})
        return 0
    changed = 0
    if tracked is not None:
        changed = keep(runtime, tenant, tracked.issues)
        listed = {one.key for one in tracked.issues}
        for entry in runtime.store.known_issues(tenant, ("open", "candidate")) if tracked.whole else ():
            if entry.source == "github" and entry.key not in listed:
                _drop(runtime, tenant, entry)
                changed += 1
    runtime.store.beat(name, now, detail={"etag": etag})
    return changed


def keep(runtime: Runtime, tenant: str, issues: Iterable[SourceIssue]) -> int:
    """Keep issues as their source says they are; gives how many entries changed. One that was over before we ever saw
    it is none of ours."""
    there = runtime.store.known_issues(tenant)
    known = {one.key for one in there} | {str(one.ref) for one in there if one.ref}
    changed = 0
    for issue in issues:
        entry = entry_of(issue)
        if entry.state in ("fixed", "dropped") and entry.key not in known:
            continue
        kept, new = runtime.store.keep_known_issue(tenant, entry, runtime.now())
        changed += new
        if new and entry.key not in known and kept.ref is not None and kept.state == "open":
            runtime.store.bring_forward(runtime.store.hanging_on(kept.ref), runtime.now())
    return changed


def met(runtime: Runtime, ticket: Ticket, policy: Policy, label: Label | None = None, our_type: str = "") -> None:
    """Take over what a look has read, where it is a known issue already, or one by its type or label. ``our_type`` is
    the type that we gave the ticket: a problem that we made is proposed by its cluster, not taken over here."""
    account, tenant = runtime.account(ticket.ref.vendor, ticket.ref.account), runtime.tenant_of(ticket.ref)
    if isinstance(account, ZendeskAccount):
        is_one = ticket.type == PROBLEM and our_type != PROBLEM and account.known_problems == "all"
    else:
        is_one = account.known_issues_label.casefold() in {tag.casefold() for tag in ticket.tags}
    if is_one:
        keep(runtime, tenant, [_issue_of(ticket, account, security=label is Label.SECURITY)])
        return
    if all(one.ref != ticket.ref for one in runtime.registries.of(tenant, policy).entries):
        return
    entry = runtime.store.known_issue_at(tenant, ticket.ref)
    if entry is None:
        return
    over_now = ticket.status in OVER
    if entry.source == "pattern":  # the first ticket of a cluster: its solution is the fault's
        wanted = over_now or entry.state == "fixed"
    else:
        by_query = isinstance(account, JiraAccount) and bool(account.known_issues_jql)
        wanted = over_now or by_query or entry.source != ticket.ref.vendor
    if wanted:
        keep(runtime, tenant, [_issue_of(ticket, account)])
    elif entry.source != "pattern" and entry.state in ("open", "candidate"):
        _drop(runtime, tenant, entry)


def _issue_of(ticket: Ticket, account: ZendeskAccount | JiraAccount, *, security: bool = False) -> SourceIssue:
    path = "agent/tickets" if ticket.ref.vendor == "zendesk" else "browse"
    version = ticket.fields.get("fix_version") if ticket.ref.vendor == "zendesk" else ""
    return SourceIssue(
        source=ticket.ref.vendor,
        key=str(ticket.ref),
        id=ticket.ref.id,
        ref=ticket.ref,
        title=ticket.subject,
        text=ticket.body,
        url=f"{account.base_url}/{path}/{ticket.ref.id}",
        labels=tuple(ticket.tags),
        done=ticket.status in OVER,
        resolution=ticket.resolution,
        fix_versions=ticket.fix_versions or tuple(filter(None, (version,))),
        area=ticket.area,
        workaround=ticket.fields.get("workaround") or "",
        security=security,
    )


def _as_decided(runtime: Runtime, issue: SourceIssue) -> SourceIssue:
    """A problem ticket that we decided to be about security stays among such tickets."""
    last = runtime.store.last_decision(issue.ref) if issue.source == "zendesk" and issue.ref else None
    return replace(issue, security=True) if last and last["label"] == Label.SECURITY else issue


def _by_people(runtime: Runtime, issue: SourceIssue) -> bool:
    """Whether people made it: a ticket that we made a problem of, because others repeat it, is proposed once there are
    enough of them (S4-76)."""
    return issue.source != "zendesk" or issue.ref is None or runtime.store.written(issue.ref)[0].get("type") != PROBLEM


def _not_listed(runtime: Runtime, tenant: str, vendor: str, account: str, listed: set[str]) -> int:
    """Look after entries of a source that its whole list lacks."""
    changed = 0
    for entry, ref in _lacking(runtime.store.known_issues(tenant, ("open", "candidate")), vendor, account, listed):
        try:
            ticket = runtime.client(ref.vendor, account).fetch(ref)
        except Unauthorized:
            raise
        except (Gone, Refused):
            _drop(runtime, tenant, entry)
            changed += 1
            continue
        if ticket.ref == ref and (ticket.status in OVER or entry.source != vendor):
            changed += keep(runtime, tenant, [_issue_of(ticket, runtime.account(ref.vendor, account))])
        else:
            _drop(runtime, tenant, entry)
            changed += 1
    return changed


def _lacking(
    entries: Iterable[RegistryEntry], vendor: str, account: str, listed: set[str]
) -> Sequence[tuple[RegistryEntry, Ref]]:
    found = [
        (one, one.ref)
        for one in entries
        if one.ref is not None and (one.ref.vendor, one.ref.account) == (vendor, account)
        if str(one.ref) not in listed and (one.source, vendor) != ("pattern", "zendesk")
    ]
    return found[:MOST_READ]


def _drop(runtime: Runtime, tenant: str, entry: RegistryEntry) -> None:
    runtime.store.change_known_issue(tenant, over(entry, "dropped", "", runtime.now()), runtime.now())
