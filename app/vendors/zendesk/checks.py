"""What may be wrong with a Zendesk account, told from what it shows. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from typing import Any

from app.vendors.wanted import Finding, Wanted, env_name, judged, people_found, statuses_found
from app.vendors.zendesk.actions import STATUSES
from app.vendors.zendesk.setup import ROLES, SUBSCRIPTIONS, TRIGGER, There
from config.accounts import ZendeskAccount

_LEADS = "a sweep for tickets whose webhook never came"


def findings(there: There, wanted: Wanted, people: Mapping[str, Any], account: ZendeskAccount) -> Iterator[Finding]:
    """Every part of the account that Firstline leans on; ``people`` are the users named by PEOPLE and AGENTS."""
    yield from _user(there.user)
    if there.user.get("role") not in ROLES:
        return
    yield from _hook(there, account)
    yield from _groups(there, wanted, account)
    yield statuses_found(wanted, (*STATUSES, *there.statuses))
    yield from _fields(there, account)
    mend = ", or make the user an agent"
    yield from people_found(account, people, _is_agent, unfit="the user {} is no active agent", mend=mend, fit="agents")


def _user(user: Mapping[str, Any]) -> Iterator[Finding]:
    role = str(user.get("role"))
    if role not in ROLES or user.get("suspended"):
        yield Finding("role", "ill", "our user is no active agent", "make it an agent or administrator in Admin Center")
        return
    yield Finding("role", "ok", role)
    if role != "admin":
        mend = "make our user an administrator, or let its tickets come by webhook alone"
        yield Finding("export", "warn", f"only administrators may read the export, so there is no {_LEADS}", mend)
    if user.get("ticket_restriction"):
        mend = "let our user see all tickets in its role"
        yield Finding("tickets", "ill", f"our user sees only tickets of its {user['ticket_restriction']}", mend)
    if user.get("only_private_comments"):
        mend = "let its role comment publicly, or switch replies off with TRIAGE_OFF=reply"
        yield Finding("replies", "ill", "our user may not answer customers", mend)


def _hook(there: There, account: ZendeskAccount) -> Iterator[Finding]:
    hook = there.hook
    if not there.sees_hooks:
        yield Finding("webhook", "unknown", "only administrators see webhooks", "look at Admin Center > Webhooks")
        return
    if hook is None:
        yield Finding("webhook", "ill", "none leads to our path", f"run `triage setup zendesk {account.name}`")
        return
    yield from _active(hook, there)
    ours = [secret.decode() for secret in account.secrets()]
    setting = env_name(account, "WEBHOOK_SECRET")
    if not there.secret:
        yield Finding("signing secret", "unknown", "our user may not read it", "compare it in Admin Center > Webhooks")
    elif not any(hmac.compare_digest(one.encode(), there.secret.encode()) for one in ours):
        why = "the webhook signs with another secret, so every delivery is refused"
        yield Finding("signing secret", "ill", why, f"copy the webhook's signing secret into {setting}")
    else:
        yield Finding("signing secret", "ok", "the webhook's is ours")
    if there.failing is not None:
        why = f"{there.failing} of the last hundred failed"
        mend = "look at the webhook's activity in Admin Center, and at our log"
        yield judged("deliveries", why, mend, well=not there.failing, otherwise="warn")


def _active(hook: Mapping[str, Any], there: There) -> Iterator[Finding]:
    if hook.get("status") != "active":
        yield Finding("webhook", "ill", "it is inactive", "activate it in Admin Center > Webhooks")
    elif hook.get("http_method") != "POST" or hook.get("request_format") != "json":
        yield Finding(
            "webhook", "ill", "it does not POST JSON", "choose POST and JSON for it in Admin Center > Webhooks"
        )
    elif TRIGGER in hook["subscriptions"]:
        used = any(one.get("active") for one in there.triggers)
        why = "active, connected to a trigger" if used else "no active trigger uses it"
        yield judged("webhook", why, "activate the trigger, or run `triage setup zendesk --trigger`", well=used)
    else:
        lacking = sum(one not in hook["subscriptions"] for one in SUBSCRIPTIONS)
        why = f"active, not told of {lacking} kinds of event" if lacking else "active, told of every event we act on"
        mend = "subscribe it to all ticket events in Admin Center > Webhooks"
        yield judged("webhook", why, mend, well=not lacking, otherwise="warn")


def _groups(there: There, wanted: Wanted, account: ZendeskAccount) -> Iterator[Finding]:
    known = {name.casefold() for name in there.groups}
    named = {**dict.fromkeys(wanted.teams, "the policy"), **dict.fromkeys(account.default_groups, "DEFAULT_GROUPS")}
    named |= dict.fromkeys(account.agents, "AGENTS")
    missing = {team: by for team, by in named.items() if team.casefold() not in known}
    for team, by in missing.items():
        mend = f"run `triage setup zendesk {account.name}`, or name yours in {env_name(account, 'GROUPS')}"
        if by != "the policy":
            mend = f"correct {env_name(account, by)}"
        yield Finding("group", "ill", f"{team!r}, named by {by}, does not exist or is not seen by our user", mend)
    if not missing:
        yield Finding("groups", "ok", f"all {len(named)} exist")


def _fields(there: There, account: ZendeskAccount) -> Iterator[Finding]:
    setting = env_name(account, "FIELDS")
    wrong = False
    for name, field_id in account.fields.items():
        found = there.fields.get(field_id)
        if found is None or not found.get("active", True):
            wrong = True
            why = f"{field_id} ({name}) is no active ticket field"
            yield Finding("field", "ill", why, f"correct it in {setting}, or run `triage setup zendesk {account.name}`")
    if not wrong:
        yield Finding("fields", "ok" if account.fields else "fact", f"{len(account.fields)} configured")


def _is_agent(user: Mapping[str, Any]) -> bool:
    return user.get("role") in ROLES and bool(user.get("active", True))
