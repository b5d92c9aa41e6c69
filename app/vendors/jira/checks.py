"""What may be wrong with a Jira site, told from what it shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.vendors.jira.setup import EVENTS, There
from app.vendors.wanted import Finding, Wanted, env_name, judged, people_found, statuses_found
from config.accounts import JiraAccount

ALWAYS = ("BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS")


def needed(account: JiraAccount, *, engineering: bool, moves: bool = False) -> tuple[str, ...]:
    """The permissions that Firstline needs in each project; ``engineering``: it makes issues for another system,
    ``moves``: clocks of its policies move tickets to another status."""
    more = {
        "ASSIGN_ISSUES": bool(account.agents),
        "MANAGE_WATCHERS": bool(account.people),
        "TRANSITION_ISSUES": bool(account.triaged_status) or moves,
        "CREATE_ISSUES": engineering,
    }
    return (*ALWAYS, "LINK_ISSUES", *(name for name, wanted in more.items() if wanted))


def findings(
    there: There,
    wanted: Wanted,
    people: Mapping[str, Any],
    lacks: Mapping[str, tuple[str, ...] | None],
    account: JiraAccount,
) -> Iterator[Finding]:
    """Every part of the site that Firstline leans on. ``lacks`` are the permissions that our user has not, by project
    (``""``: in none), None for a project that it does not see; ``people`` the users named by PEOPLE and AGENTS."""
    yield from _permissions(lacks)
    yield from _hook(there, account)
    yield from _named(there, wanted, account)
    yield from people_found(account, people, _is_colleague, unfit="{} is no active colleague", fit="colleagues")


def _permissions(lacks: Mapping[str, tuple[str, ...] | None]) -> Iterator[Finding]:
    for project, lacking in lacks.items():
        what = f"permissions in {project}" if project else "permissions"
        if lacking is None:
            mend = "correct PROJECTS, or let our user browse the project"
            yield Finding(what, "ill", "our user does not see the project", mend)
        elif lacking:
            yield Finding(what, "ill", f"our user lacks {', '.join(lacking)}", "grant them in the permission scheme")
        else:
            yield Finding(what, "ok")


def _hook(there: There, account: JiraAccount) -> Iterator[Finding]:
    hook = there.hook
    if there.hooks is None:
        yield Finding("webhook", "unknown", "only administrators see webhooks", "look at System > WebHooks")
    elif hook is None:
        yield Finding("webhook", "ill", "none leads to our path", f"run `triage setup jira {account.name}`")
    elif not hook.get("enabled", True):
        yield Finding("webhook", "ill", "it is disabled", "enable it at System > WebHooks")
    else:
        lacking = [one for one in EVENTS if one not in (hook.get("events") or ())]
        why = f"enabled, not told of {', '.join(lacking)}" if lacking else "enabled, told of every event we act on"
        yield judged("webhook", why, "tick them at System > WebHooks", well=not lacking, otherwise="warn")
    if not account.secrets():
        mend = f"set {env_name(account, 'WEBHOOK_SECRET')} to the webhook's secret"
        yield Finding("signing secret", "ill", "none is set, so every delivery is refused", mend)
    else:
        yield Finding("signing secret", "fact", "ours is set; Jira does not tell the webhook's")


def _named(there: There, wanted: Wanted, account: JiraAccount) -> Iterator[Finding]:
    priorities, statuses = _folded(there.priorities), _folded(there.statuses)
    named = dict.fromkeys(wanted.priorities, "the policy's `priority.jira`")
    named |= {account.default_priority: env_name(account, "DEFAULT_PRIORITY")}
    wrong = {word: where for word, where in named.items() if word.casefold() not in priorities}
    for word, where in wrong.items():
        yield Finding("priority", "ill", f"{word!r} is none of this site's", f"correct {where}")
    if not wrong:
        yield Finding("priorities", "ok", f"all {len(named)} exist")
    status = account.triaged_status
    if status:
        known = status.casefold() in statuses
        mend = f"correct {env_name(account, 'TRIAGED_STATUS')}, or add the status to the workflow"
        yield judged("status", f"{status!r} {'exists' if known else 'does not exist'}", mend, well=known)
    yield statuses_found(wanted, there.statuses)
    lost = {name: field_id for name, field_id in account.fields.items() if field_id not in there.fields}
    for name, field_id in lost.items():
        mend = f"correct {env_name(account, 'FIELDS')}, or run `triage setup jira {account.name}`"
        yield Finding("field", "ill", f"{field_id} ({name}) is no field of this site", mend)
    if not lost:
        yield Finding("fields", "ok" if account.fields else "fact", f"{len(account.fields)} configured")


def _is_colleague(user: Mapping[str, Any]) -> bool:
    return bool(user.get("active", True)) and user.get("accountType") != "customer"


def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(str.casefold, names))
