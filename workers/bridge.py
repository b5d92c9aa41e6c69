"""The bridge to engineering: a ticket gets its one issue, both sides know each other, and news comes back.

Each step looks at what there is before it does anything, so it may be cut off anywhere and go on in the next run. The
order: the issue is made, the link is remembered, the effect is confirmed, the issue is read, the ticket is shown on
it, and what the ticket does not know is told in a note.

An issue may have been made though its answer never came. It carries the marker of its ticket from the first moment, so
it is searched for by that: not before a minute has passed, because searching lags, and twice, a minute apart, before
another is made. A second one would need a search that lags for two minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast

import structlog

from app.errors import Gone, OutcomeUnknown, Refused, Retryable, Unauthorized
from app.runtime import Runtime
from app.store.ledger import Effect
from app.store.tickets import Lease
from app.triage import bridge_issue, records
from app.triage.actions import AddNote
from app.triage.bridge import LinkedIssue, NewIssue, RemoteLink, marker_of, shown_by
from app.triage.bridge_news import news
from app.triage.bridge_parts import MakeIssue
from app.triage.decision import Decision
from app.triage.fields import Known
from app.triage.ticket import Ref, Status, Ticket
from app.vendors import IssueTracker
from workers import apply
from workers.marking import mark_one
from workers.withholding import Withholding

log = structlog.get_logger("bridge")

KIND = "issue"
NUDGE = "nudge"
SEARCH_LAG = timedelta(seconds=60)
TRY_AGAIN = timedelta(days=1)  # after a refusal, which a person may have mended by then


@dataclass(frozen=True, slots=True)
class Crossed:
    """``changed``: the ticket hangs on something that the decision did not know: look at it again. ``news`` are the
    notes that are due."""

    changed: bool
    news: tuple[AddNote, ...] = ()


def announced(lease: Lease, known: Known) -> list[Effect]:
    """The issue that will be made, unless it is held back."""
    wanted = known.context.engineering and not known.context.linked and bridge_issue.chosen(known)
    return [Effect(_key(lease), KIND, "planned", {})] if wanted else []


def cross(runtime: Runtime, lease: Lease, known: Known, held: Withholding) -> Crossed:
    """Bring ticket and issue in line, as far as it is permitted.

    Raises Retryable when it must be tried again, Unauthorized for the site's credentials; a refusal is told in the
    ledger and in a note, and stops nothing else.
    """
    site, linked = known.context.engineering, known.context.linked
    refused, unasked = "", dict[Ref, str]()
    if site and known.ticket.status is not Status.CLOSED:
        ledger = {effect.key: effect for effect in runtime.store.effects_of(lease.ref)}
        if not linked:
            refused = _join(runtime, lease, known, held, ledger)
            linked = runtime.store.linked(lease.ref)
        made = ledger.get(_key(lease))
        if linked and made is not None and made.state in ("planned", "sent", "unknown"):
            mark_one(runtime, lease.ref, made, "confirmed")  # the run that made it ended before it could say so
        for issue in linked:
            if issue.at is None and not issue.gone:
                _look(runtime, issue.ref)
            if not issue.gone:
                _show(runtime, lease, known, issue, held, ledger)
        linked = runtime.store.linked(lease.ref) if linked else ()
        unasked = _unasked(linked, ledger)
    if linked != known.context.linked:
        return Crossed(changed=True)
    return Crossed(changed=False, news=news(known, refused, partial(_history, runtime, lease.ref), unasked))


def _unasked(linked: Sequence[LinkedIssue], ledger: Mapping[str, Effect]) -> dict[Ref, str]:
    """The issues that engineering could not be asked after when that was tried last, with the reason."""
    last = {one.action["issue"]: one for one in ledger.values() if one.kind == NUDGE}
    found = ((issue.ref, last.get(str(issue.ref))) for issue in linked if issue.awaited)
    return {ref: effect.reason for ref, effect in found if effect is not None and effect.state == "refused"}


def _history(runtime: Runtime, ref: Ref) -> list[Decision]:
    return [records.from_json(one) for one in runtime.store.history(ref)]


def observe(runtime: Runtime, issue: Ticket) -> list[Ref] | None:
    """Keep what an issue of engineering's tells the tickets that hang on it; gives those to be looked at. None for an
    issue that is no such: a ticket in its own right."""
    if issue.ref.vendor != "jira":
        return None
    hanging, meant = runtime.store.hanging_on(issue.ref), _meant_for(runtime, issue)
    if not hanging and meant is None:
        return None
    if not hanging and meant is not None:  # made by a run that did not end, whose ticket's next one finds it; or a copy
        lacking = not runtime.store.linked(meant) and runtime.store.replay(meant, runtime.now())
        return [meant] if lacking else []
    return runtime.store.observed(snapshot(runtime, issue), runtime.now())


def lost(runtime: Runtime, ref: Ref) -> list[Ref] | None:
    """Keep that an issue can no longer be read; gives the tickets to be looked at, None where none hangs on it."""
    if ref.vendor != "jira" or not runtime.store.hanging_on(ref):
        return None
    return runtime.store.lost(ref, runtime.now())


def _join(runtime: Runtime, lease: Lease, known: Known, held: Withholding, ledger: dict[str, Effect]) -> str:
    """Hang the ticket on the issue that there is or on a new one, if it is to have one. Returns why it was refused."""
    there, rule, before = _there_already(runtime, known), bridge_issue.chosen(known), ledger.get(_key(lease))
    open_ended = before is not None and before.state in ("sent", "unknown")
    if not (there or rule or open_ended) or held.holds(Effect(_key(lease), KIND, "planned", {})):
        return ""
    if there is not None:
        counted = known.decision.duplicate_of is not None
        runtime.store.link(known.ticket, there, runtime.now(), counted=counted)
        return ""
    if before is not None and before.state == "confirmed":  # at most one, for ever
        return ""
    if before is not None and before.state == "refused" and runtime.now() - _at(before) < TRY_AGAIN:
        return before.reason
    site = known.context.engineering
    tracker = cast(IssueTracker, runtime.client("jira", site))
    kind = rule.kind if rule else before.action["kind"] if before else ""
    effect = _effect(runtime, lease, kind, held.run)
    try:
        found = _made_before(runtime, lease, tracker, before, effect)
    except Unauthorized:
        raise
    except (Refused, Gone) as error:
        return f"whether there is one cannot be searched for: {error}"
    if found is not None:
        runtime.store.plan_effects(lease.ref, [effect], runtime.now())
        _remember(runtime, lease, known.ticket, LinkedIssue(found, kind, _url(runtime, found)), effect)
        return ""
    if rule is None:  # it was not made after all, and is not wanted any more
        mark_one(runtime, lease.ref, effect, "planned", "not found by its label, and no longer wanted")
        return ""
    return _make(runtime, lease, known.ticket, _wanted(runtime, lease, known, rule, site), tracker, effect)


def _there_already(runtime: Runtime, known: Known) -> LinkedIssue | None:
    """The issue of the known issue, the issue that this ticket repeats, or that of the ticket that it repeats: many
    tickets hang on one issue."""
    if known.ticket.status is Status.SOLVED:
        return None
    if ref := bridge_issue.known_issue(known):
        return LinkedIssue(ref, "known_issue", _url(runtime, ref))
    duplicate = known.decision.duplicate_of
    if duplicate and (duplicate.vendor, duplicate.account) == ("jira", known.context.engineering):
        return LinkedIssue(duplicate, "duplicate", _url(runtime, duplicate))
    first = next((one for one in runtime.store.linked(duplicate) if not one.gone), None) if duplicate else None
    return replace(first, at=None, left_out={}) if first else None


def _wanted(runtime: Runtime, lease: Lease, known: Known, rule: MakeIssue, site: str) -> NewIssue:
    address = runtime.account(lease.ref.vendor, lease.ref.account).base_url
    wanted = bridge_issue.issue(rule, known, f"{address}/agent/tickets/{lease.ref.id}")
    named = runtime.account("jira", site).fields
    return replace(wanted, fields={name: value for name, value in wanted.fields.items() if name in named})


def _made_before(
    runtime: Runtime, lease: Lease, tracker: IssueTracker, before: Effect | None, effect: Effect
) -> Ref | None:
    """The issue that was made already, by a run that did not hear of it. Raises OutcomeUnknown while that is open."""
    marker = marker_of(lease.ref)
    if before is None or before.state not in ("sent", "unknown"):
        return tracker.find_issue(marker)
    wait = SEARCH_LAG - (runtime.now() - _at(before))
    if wait > timedelta():
        raise OutcomeUnknown("an issue may have been made; it is searched for soon", after=wait.total_seconds())
    found = tracker.find_issue(marker)
    if found is None and not before.action.get("searched"):
        searched = replace(effect, action={**effect.action, "searched": True})
        runtime.store.plan_effects(lease.ref, [searched], runtime.now())
        mark_one(
            runtime, lease.ref, searched, "unknown", "not found by its label; searched once more before one is made"
        )
        raise OutcomeUnknown("no issue was found; it is searched for once more", after=SEARCH_LAG.total_seconds())
    return found


def _make(
    runtime: Runtime, lease: Lease, ticket: Ticket, wanted: NewIssue, tracker: IssueTracker, effect: Effect
) -> str:
    """Make the issue, once. Returns why it was refused, empty when it was made."""
    if not runtime.store.still_holds(lease, runtime.now()):
        raise apply.LostLease
    runtime.store.plan_effects(lease.ref, [effect], runtime.now())
    mark_one(runtime, lease.ref, effect, "sent")
    try:
        made, left_out = tracker.create_issue(wanted)
    except OutcomeUnknown as error:
        mark_one(runtime, lease.ref, effect, "unknown", str(error))
        raise
    except (Retryable, Unauthorized) as error:
        mark_one(runtime, lease.ref, effect, "planned", str(error))
        raise
    except (Refused, Gone) as error:
        mark_one(runtime, lease.ref, effect, "refused", str(error))
        log.warning("no issue", ref=str(lease.ref), project=wanted.project, reason=str(error))
        return str(error)
    issue = LinkedIssue(made, effect.action["kind"], _url(runtime, made), left_out=left_out)
    _remember(runtime, lease, ticket, issue, effect)
    return ""


def _remember(runtime: Runtime, lease: Lease, ticket: Ticket, issue: LinkedIssue, effect: Effect) -> None:
    """First the link, then the ledger: a link without its confirmation makes no second issue."""
    runtime.store.link(ticket, issue, runtime.now())
    left_out = "; ".join(f"without {name}: {why}" for name, why in issue.left_out.items())
    mark_one(runtime, lease.ref, effect, "confirmed", left_out)
    log.info("linked", ref=str(lease.ref), issue=str(issue.ref), kind=issue.kind, left_out=" ".join(issue.left_out))


def _look(runtime: Runtime, ref: Ref) -> None:
    """Read an issue that was never read. Raises as ``read_issue`` does."""
    issue = read_issue(runtime, ref)
    if issue is not None:
        runtime.store.observed(replace(snapshot(runtime, issue), ref=ref), runtime.now())


def read_issue(runtime: Runtime, ref: Ref) -> Ticket | None:
    """The issue as it is now; None, and known as lost, where it is not there or not for us to see. Raises what else the
    vendor's client raises."""
    try:
        return runtime.client("jira", ref.account).fetch(ref)
    except Unauthorized:
        raise
    except (Refused, Gone) as error:
        log.warning("issue not readable", issue=str(ref), reason=str(error))
        runtime.store.lost(ref, runtime.now())
        return None


def _show(
    runtime: Runtime, lease: Lease, known: Known, issue: LinkedIssue, held: Withholding, ledger: dict[str, Effect]
) -> None:
    """Show the ticket on the issue. The same link again changes nothing there, so what got no answer is sent again."""
    key = f"{lease.ref}:remote_link:{issue.ref.id}"
    if key in ledger and ledger[key].state in ("confirmed", "refused"):
        return
    account = runtime.account(lease.ref.vendor, lease.ref.account)
    link = RemoteLink(
        global_id=f"{lease.ref.vendor}={lease.ref.account}&ticket={lease.ref.id}",
        url=f"{account.base_url}/agent/tickets/{lease.ref.id}",
        title=f"{lease.ref.vendor.capitalize()} {lease.ref.id}: {bridge_issue.summary(known)}",
    )
    action = {"issue": str(issue.ref), "global_id": link.global_id}
    effect = Effect(key, KIND, "planned", action, run=held.run)
    if held.holds(effect):
        return
    runtime.store.plan_effects(lease.ref, [effect], runtime.now())
    mark_one(runtime, lease.ref, effect, "sent")
    try:
        cast(IssueTracker, runtime.client("jira", issue.ref.account)).link_remote(issue.ref, link)
    except (Retryable, Unauthorized) as error:
        mark_one(runtime, lease.ref, effect, "planned", str(error))
        raise
    except (Refused, Gone) as error:
        mark_one(runtime, lease.ref, effect, "refused", str(error))
        log.warning("not shown on the issue", ref=str(lease.ref), issue=str(issue.ref), reason=str(error))
    else:
        mark_one(runtime, lease.ref, effect, "confirmed")


def snapshot(runtime: Runtime, issue: Ticket) -> LinkedIssue:
    """What an issue that was just read tells the tickets that hang on it."""
    our_id = runtime.client("jira", issue.ref.account).whoami()
    return shown_by(issue, runtime.policy_for(issue).pack.bridge.support_mark, our_id)


def _meant_for(runtime: Runtime, issue: Ticket) -> Ref | None:
    """The ticket whose marker an issue carries, at an account whose issues are made on this site."""
    for name, account in runtime.settings.zendesk.items():
        if account.engineering == issue.ref.account:
            before = marker_of(Ref("zendesk", name, ""))
            numbers = (tag.removeprefix(before) for tag in sorted(issue.tags) if tag.startswith(before))
            if number := next((one for one in numbers if one.isdecimal()), None):
                return Ref("zendesk", name, number)
    return None


def _url(runtime: Runtime, issue: Ref) -> str:
    return f"{runtime.account(issue.vendor, issue.account).base_url}/browse/{issue.id}"


def _key(lease: Lease) -> str:
    return f"{lease.ref}:issue"


def _effect(runtime: Runtime, lease: Lease, kind: str, run: str) -> Effect:
    action = {"marker": marker_of(lease.ref), "kind": kind, "at": runtime.now().isoformat()}
    return Effect(_key(lease), KIND, "planned", action, run=run)


def _at(effect: Effect) -> datetime:
    return datetime.fromisoformat(effect.action["at"])
