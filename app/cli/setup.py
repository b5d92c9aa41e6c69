"""``triage setup``: make what a vendor's account lacks, after showing what would be made and asking."""

from __future__ import annotations

import json
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from app.errors import OutcomeUnknown, Refused
from app.runtime import build
from app.triage.ticket import VendorName
from app.vendors.wanted import Plan, Step, env_name, wanted
from config import logging as logs
from config.accounts import JiraAccount, ZendeskAccount
from config.settings import Settings, load

_WORDS = {"there": "is there", "make": "make", "cannot": "cannot"}
Account = ZendeskAccount | JiraAccount
A = TypeVar("A", ZendeskAccount, JiraAccount)
Taker = Callable[[Step], dict[str, str]]


@click.group()
def setup() -> None:
    """Make in a Zendesk account or a Jira site what Firstline needs there: webhook, custom fields, groups."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
        click.option("--write-env", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                     help="Append the lines that FILE lacks instead of printing them."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Show the plan and make nothing."),
        click.option("--url", default="", help="Where the vendor reaches this receiver: https://your-host."),
        click.argument("account", required=False),
    ):  # fmt: skip
        command = option(command)
    return command


@setup.command()
@_options
@click.option("--trigger", is_flag=True, help="Connect the webhook to a trigger instead of subscribing it to events.")
def zendesk(trigger: bool, **options: Any) -> None:
    """Set up the Zendesk ACCOUNT (the only one where none is named). Needs an administrator's token.

    Makes a webhook to this receiver, text fields for our findings, and the groups that the policy names. Nothing that
    is there is changed, and a second run finds nothing to do. Prints the lines for .env. Tags need no making: Zendesk
    keeps whatever tag a ticket is given.
    """
    from app.vendors.zendesk.client import ZendeskClient
    from app.vendors.zendesk.setup import ZendeskSetup, plan

    settings = _settings()
    account = _chosen("zendesk", settings.zendesk, options["account"])
    policies = build(settings).policies.at("zendesk", account.name)
    hand = ZendeskSetup(ZendeskClient(account), account)
    asked = _asked("zendesk", account, options["url"])
    there = hand.there(asked)
    target = _target(asked, str((there.hook or {}).get("endpoint", "")))
    found = plan(there, wanted("zendesk", policies, account.groups), account, target, trigger=trigger)
    _carry_out(account, found, lambda step: hand.make(step, target), options)


@setup.command()
@_options
def jira(**options: Any) -> None:
    """Set up the Jira site ACCOUNT (the only one where none is named). Needs an administrator's token.

    Makes a webhook to this receiver with a secret of our own, and text fields for our findings, which you then put on
    the edit screens. Statuses and moves are looked at, not made. Nothing that is there is changed, and a second run
    finds nothing to do. Prints the lines for .env.
    """
    from app.vendors.jira.client import JiraClient
    from app.vendors.jira.setup import JiraSetup, plan

    account = _chosen("jira", _settings().jira, options["account"])
    hand = JiraSetup(JiraClient(account), account)
    asked = _asked("jira", account, options["url"])
    there = hand.there(asked)
    target = _target(asked, str((there.hook or {}).get("url", "")))
    secret = account.webhook_secret.get_secret_value() or secrets.token_urlsafe(32)
    found = plan(there, account, target)
    _carry_out(account, found, lambda step: hand.make(step, target, secret), options, {"WEBHOOK_SECRET": secret})


def _settings() -> Settings:
    settings = load()
    logs.configure(settings)
    return settings


def _chosen(vendor: VendorName, accounts: Mapping[str, A], name: str | None) -> A:
    known = ", ".join(sorted(accounts)) or f"none; put TRIAGE_{vendor.upper()}__<NAME>__... into .env, see the README"
    if name is None and len(accounts) == 1:
        return next(iter(accounts.values()))
    if name is None:
        raise click.UsageError(f"name the account; configured: {known}")
    if name not in accounts:
        raise click.UsageError(f"no {vendor} account is named {name!r}; configured: {known}")
    return accounts[name]


def _asked(vendor: VendorName, account: Account, url: str) -> str:
    """The receiver's address for this account below ``url``; empty where none is given."""
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise click.UsageError("--url is an address such as https://your-host")
    inside = isinstance(account, JiraAccount) and account.deployment == "server"
    if parts.scheme == "http" and not inside and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise click.UsageError("--url must begin with https://: the deliveries hold ids of your tickets and people")
    return f"{url.rstrip('/')}/webhooks/{vendor}/{account.name}"


def _target(asked: str, known: str) -> str:
    """Where the webhook leads: where it was asked to, or where the one that is there does."""
    if not (asked or known):
        raise click.UsageError("say where the vendor reaches this receiver: --url https://your-host")
    without_account = asked.rpartition("/")[0]
    return known if not asked or known.rstrip("/") == without_account else asked


def _carry_out(
    account: Account, plan: Plan, take: Taker, options: Mapping[str, Any], ours: Mapping[str, str] | None = None
) -> None:
    """Show the plan, ask, take its steps in order, and hand over what ``.env`` gains, whatever becomes of a step.

    ``ours`` is what a webhook was given by us: handed over too when its answer never came, for it may be there.
    """
    text, dry = options["form"] == "text", options["dry_run"]
    if text:
        _show(plan.steps, to_stderr=not dry)
    todo = [step for step in plan.steps if step.state == "make"]
    if not dry and todo and not options["yes"]:
        click.confirm(f"Make these {len(todo)} in {account.name}?", abort=True, err=True)
    gained = dict(plan.env)
    fields = json.loads(gained.get("FIELDS") or json.dumps(account.fields))
    try:
        for step in () if dry else todo:
            made = _take(step, take, gained, ours or {})
            if step.kind == "field":
                fields |= made
            else:
                gained |= made
    finally:
        if fields != account.fields:
            gained["FIELDS"] = json.dumps(fields)
        if gained.get("WEBHOOK_SECRET") == account.webhook_secret.get_secret_value():
            del gained["WEBHOOK_SECRET"]
        env = {} if dry else {env_name(account, name): value for name, value in gained.items() if value}
        _hand_over(plan, env, options)
    if text and not todo and not gained:
        left = any(step.state == "cannot" for step in plan.steps)
        click.echo("nothing that this command can make" if left else "nothing to do", err=True)
    if any(step.state == "cannot" for step in plan.steps):
        sys.exit(1)


def _take(step: Step, take: Taker, gained: dict[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    try:
        made = take(step)
    except OutcomeUnknown as error:
        if step.kind == "webhook":
            gained |= ours
        raise OutcomeUnknown(f"{error}\n  {step.kind} {step.name!r} may have been made: run this again") from None
    except Refused as error:
        raise type(error)(f"{error}\n  {step.kind} {step.name!r} was not made; this needs an administrator") from None
    click.echo(f"made {step.kind} {step.name!r}", err=True)
    return made


def _show(steps: Iterable[Step], *, to_stderr: bool) -> None:
    for step in steps:
        why = f": {step.why}" if step.why else ""
        click.echo(f"{_WORDS[step.state]:9} {step.kind:8} {step.name}{why}", err=to_stderr)


def _hand_over(plan: Plan, env: Mapping[str, str], options: Mapping[str, Any]) -> None:
    """The lines for ``.env``: appended to the file that was named, or on stdout, once."""
    file = options["write_env"]
    left = _append(file, env) if file and env else env
    if options["form"] == "json":
        steps = [{"kind": one.kind, "name": one.name, "state": one.state, "why": one.why} for one in plan.steps]
        click.echo(json.dumps({"dry_run": options["dry_run"], "steps": steps, "env": dict(left)}, indent=2))
        return
    for name, value in left.items():
        click.echo(f"{name}={_quoted(value)}")
    if left:
        click.echo("put these lines into .env, start anew, then run `triage doctor`", err=True)


def _append(file: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Append the lines whose variable the file lacks; the others, which a person must change, are given back."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    there = {name.upper() for name in re.findall(r"^\s*(?:export\s+)?([A-Za-z0-9_]+)\s*=", text, re.MULTILINE)}
    new = {name: value for name, value in env.items() if name not in there}
    lines = "".join(f"{name}={_quoted(value)}\n" for name, value in new.items())
    if not file.exists():
        file.touch(mode=0o600)  # it holds secrets
    with file.open("a", encoding="utf-8") as opened:
        opened.write(("\n" if text and not text.endswith("\n") else "") + lines)
    click.echo(f"appended {len(new)} lines to {file}", err=True)
    return {name: value for name, value in env.items() if name not in new}


def _quoted(value: str) -> str:
    return f"'{value}'" if re.search(r"[^A-Za-z0-9_.:/+=@-]", value) else value
