"""``triage known-issues``: the registry of known issues by hand (S0-63, S4-59, S4-71, S4-73)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from app.cli.tickets import opened

if TYPE_CHECKING:
    from app.runtime import Runtime
    from app.triage.known_issues.entry import RegistryEntry
    from app.triage.known_issues.matching import Found
    from app.triage.policy import Policy

_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_ACCOUNT = click.option("--account", default=None, metavar="NAME", help="Of this account's tenant; the only one else.")


@click.group("known-issues")
def known_issues() -> None:
    """Look at the registry of known issues, and change it."""


@known_issues.command("list")
@click.option("--state", type=click.Choice(["candidate", "open", "fixed", "dropped"]), help="Only those.")
@_ACCOUNT
@_FORMAT
def list_(state: str | None, account: str | None, form: str) -> None:
    """List the known issues of a tenant: tag, state, source, tickets that match, and what is wrong."""
    runtime = opened()
    tenant = _tenant(runtime, account)
    tickets = runtime.store.tickets_by_known_issue(tenant)
    entries = [one for one in _entries(runtime, tenant) if state in (None, one.state)]
    if form == "json":
        _json([{**_record(one), "tickets": tickets.get(one.id, 0)} for one in entries])
        return
    for one in entries:
        wrong = "workaround broken" if one.workaround_broken else ""
        fixed = f"fixed in {one.fixed_in}" if one.fixed_in else ""
        count = tickets.get(one.id, 0)
        cells = (one.name, one.state, one.source, f"{count} ticket{'' if count == 1 else 's'}", one.title, fixed, wrong)
        click.echo("\t".join(filter(None, cells)))
    if not entries:
        click.echo("no known issue is registered", err=True)


@known_issues.command()
@click.argument("number")
@click.argument("description", default="")
@click.option("--pattern", "patterns", multiple=True, help="A phrase that customers say, as packs write them.")
@click.option("--error", "errors", multiple=True, help="A text that stands in the ticket as it is here.")
@click.option("--workaround", default=None, help="What customers are told to do meanwhile.")
@click.option("--url", default=None, help="Where the issue is read.")
@click.option("--title", default=None, help="What customers may read; else the description.")
@click.option("--text", default=None, help="What else describes the fault, for comparison.")
@click.option("--security", is_flag=True, help="Only tickets about security match it.")
@click.option("--candidate", is_flag=True, help="Only propose it: a person approves it later.")
@_ACCOUNT
@_FORMAT
def add(number: str, description: str, candidate: bool, account: str | None, form: str, **given: Any) -> None:
    """Register the issue NUMBER (123 or ENG-7), or change what is said of it. DESCRIPTION are a few words, of which its
    tag is made: 123-umlauts-in-csv. A candidate may have the number `new`: it gets one later."""
    from app.triage.known_issues.entry import with_workaround

    runtime = opened()
    tenant = _tenant(runtime, account)
    policy = runtime.policy
    _check_patterns(given["patterns"], policy)
    known = None if number == "new" else runtime.store.known_issue(tenant, number)
    entry = known or _new(number, description, candidate, policy)
    given["title"] = given["title"] or description
    told = {name: value for name, value in given.items() if value and name != "workaround"}
    entry = replace(entry, **told)
    if given["workaround"] is not None:
        entry = with_workaround(entry, given["workaround"], runtime.now())
    kept = runtime.store.change_known_issue(tenant, entry, runtime.now())
    if kept.tag != entry.tag:
        click.echo(f"the tag {entry.tag} is another entry's; this one waits without", err=True)
    _show(kept, form, f"{'changed' if known else 'added'} {kept.name} ({kept.state})")


@known_issues.command()
@click.argument("what", metavar="TICKET|FILE")
@_ACCOUNT
@_FORMAT
def match(what: str, account: str | None, form: str) -> None:
    """Say which known issue a ticket matches and why, and what was weighed: TICKET is zendesk:acme:4711 and is read at
    its vendor, FILE has one ticket a line as `triage decide` takes them. Writes nothing."""
    from app.triage.classified import classified
    from app.triage.decision import Context
    from app.triage.duplicates.space import space_of
    from app.triage.known_issues.asking import asked_of, reported

    runtime = opened()
    for ticket in _tickets(runtime, what):
        local = ticket.ref.account not in runtime.accounts(ticket.ref.vendor)
        tenant = _tenant(runtime, account) if local or account else runtime.tenant_of(ticket.ref)
        policy = runtime.policy_for(ticket)
        context = Context(tags=frozenset() if local else frozenset(runtime.store.own_tags(ticket.ref)))
        read = classified(ticket, context, policy, runtime.now())
        asked = asked_of(ticket, context, read, reported(read.thread, policy), runtime.now())
        space = space_of(tenant, read.labelled.primary)
        result = runtime.registries.found(tenant, space, asked, policy)
        _explain(str(ticket.ref), result, form)


@known_issues.command()
@click.argument("name", metavar="ISSUE")
@click.option("--fixed-in", required=True, help="The version in which it is fixed; tickets are told.")
@_ACCOUNT
@_FORMAT
def retire(name: str, fixed_in: str, account: str | None, form: str) -> None:
    """Say that ISSUE (its tag or number) is fixed: its tickets are told once, and our tag is taken off them."""
    from app.triage.known_issues.entry import over

    runtime = opened()
    tenant = _tenant(runtime, account)
    entry = _one(runtime, tenant, name)
    after = over(replace(entry, retired=True), "fixed", fixed_in, runtime.now())
    kept = runtime.store.change_known_issue(tenant, replace(after, fixed_in=fixed_in), runtime.now())
    count = len(runtime.store.tickets_of_known_issue(kept.id))
    _show(kept, form, f"retired {kept.name}, fixed in {fixed_in}; tickets that hear it: {count}")
    if proposed := _elsewhere(runtime, kept):
        click.echo(proposed, err=True)


@known_issues.command()
@click.argument("name", metavar="ISSUE")
@click.option("--number", default="", help="The issue's number or key, where it has none yet.")
@click.option("--reject", is_flag=True, help="Drop it instead.")
@_ACCOUNT
@_FORMAT
def approve(name: str, number: str, reject: bool, account: str | None, form: str) -> None:
    """Approve a candidate: ISSUE is its tag, or its number in the list. From then on tickets match it."""
    runtime = opened()
    tenant = _tenant(runtime, account)
    entry = _one(runtime, tenant, name)
    if entry.state != "candidate":
        raise click.UsageError(f"{entry.name} is {entry.state}, so there is nothing to approve")
    if reject:
        kept = runtime.store.change_known_issue(tenant, replace(entry, state="dropped"), runtime.now())
        _show(kept, form, f"dropped {kept.name}")
        return
    tag = _tag(number, entry.title) if number else entry.tag
    makes = runtime.policy.pack.known_issues.create
    if not tag and makes == "none":
        raise click.UsageError(f"{entry.name} has no issue; give its --number, or let known_issues.create make one")
    kept = runtime.store.change_known_issue(tenant, replace(entry, state="open", tag=tag), runtime.now())
    made = f"; an issue is made at {makes}" if makes != "none" and kept.ref is None else ""
    _show(kept, form, f"approved {kept.name}{made}")


def _tenant(runtime: Runtime, account: str | None) -> str:
    """The tenant of an account, or the only one. Raises UsageError."""
    tenants = runtime.tenants()
    if account is None and len(tenants) == 1:
        return next(iter(tenants))
    found = {name for name, accounts in tenants.items() if account in (name, *(one for _, one in accounts))}
    if len(found) == 1:
        return found.pop()
    known = ", ".join(sorted(tenants)) or "none is configured"
    raise click.UsageError(f"name an account of one tenant with --account; tenants: {known}")


def _entries(runtime: Runtime, tenant: str) -> list[RegistryEntry]:
    """Every entry of a tenant: those of the policies that its accounts are decided under, and those of the store."""
    found: dict[str, RegistryEntry] = {}
    for policy in {one.digest: one for at in runtime.tenants()[tenant] for one in runtime.policies.at(*at)}.values():
        found |= {one.key: one for one in runtime.registries.entries(tenant, policy)}
    return sorted(found.values(), key=lambda one: (one.id == 0, one.id, one.tag))


def _one(runtime: Runtime, tenant: str, name: str) -> RegistryEntry:
    """The entry of that name. Raises UsageError that names near ones."""
    import difflib

    entries = _entries(runtime, tenant)
    wanted = name.casefold()
    for one in entries:
        if wanted in {one.tag.casefold(), one.number.casefold()} - {""}:
            return one
    for one in entries:
        if one.id and wanted == str(one.id):
            return one
    near = difflib.get_close_matches(name, [one.name for one in entries], n=1)
    hint = f"did you mean {near[0]}?" if near else "`triage known-issues list` names them"
    raise click.UsageError(f"no known issue is called {name!r}; {hint}")


def _new(number: str, description: str, candidate: bool, policy: Policy) -> RegistryEntry:
    from uuid import uuid4

    from app.triage.known_issues.candidates import NotDescribed, entered
    from app.triage.known_issues.tag import BadTag

    if number == "new" and not candidate:
        raise click.UsageError("only a --candidate may be new; give the issue's number or key")
    key, number = (f"hand:{uuid4()}", "") if number == "new" else (f"hand:{number}", number)
    try:
        return entered("hand", number, description, key, policy.pack.known_issues, candidate=candidate)
    except (BadTag, NotDescribed) as error:
        raise click.UsageError(f"{number or 'new'}: {error}") from error


def _tag(number: str, description: str) -> str:
    from app.triage.known_issues.tag import BadTag, made

    try:
        return made(number, description)
    except BadTag as error:
        raise click.UsageError(str(error)) from error


def _check_patterns(patterns: Sequence[str], policy: Policy) -> None:
    from app.triage.known_issues.candidates import check_patterns
    from app.triage.phrases import BadPhrase

    try:
        check_patterns(patterns, policy.pack.words)
    except BadPhrase as error:
        raise click.UsageError(f"--pattern: {error}") from error


def _tickets(runtime: Runtime, what: str) -> Iterator[Any]:
    from pathlib import Path

    from app.cli.json_values import values
    from app.triage.ticket import Ref
    from app.triage.ticket_records import ticket_from_record

    path = Path(what)
    if not path.is_file():
        try:
            ref = Ref.parse(what)
        except ValueError as error:
            raise click.UsageError(f"{what!r} is no file, and no ticket either: {error}") from error
        yield runtime.client(ref.vendor, ref.account).fetch(ref)
        return
    bad = 0
    for place, value in values(path):
        try:
            if isinstance(value, ValueError):
                raise value
            yield ticket_from_record(value)
        except ValueError as error:
            bad += 1
            click.echo(f"{place}: {error}", err=True)
    if bad:
        sys.exit(1)


def _explain(ticket: str, result: Found, form: str) -> None:
    if form == "json":
        matches = [{**_record(one.entry), "why": one.why, "score": round(one.score, 3)} for one in result.matches]
        weighed = [{"what": one.what, "why": one.why} for one in result.weighed]
        _json({"ticket": ticket, "matches": matches, "weighed": weighed})
        return
    for one in result.matches:
        click.echo(f"{ticket}\t{one.entry.name}\t{one.score:.2f}\t{one.why}")
    if not result.matches:
        click.echo(f"{ticket}\tno known issue matches")
    for out in result.weighed:
        click.echo(f"{ticket}\tnot {out.what}: {out.why}")


def _elsewhere(runtime: Runtime, entry: RegistryEntry) -> str:
    """What a person must change besides, where the entry is written by people elsewhere."""
    from app.triage.layers import place_of

    for policy in runtime.policies:
        if entry.tag in policy.pack.known_issues.entries:
            place = place_of(policy.tree, ("known_issues", "entries", entry.tag))
            return f"please add fixed_in: {entry.fixed_in} at {place}: the entry stands there"
    if entry.source in ("jira", "github", "zendesk") and entry.url:
        return f"please close it at its source too, if it is open there: {entry.url}"
    return ""


def _show(entry: RegistryEntry, form: str, said: str) -> None:
    if form == "json":
        _json(_record(entry))
    else:
        click.echo(said)


def _record(entry: RegistryEntry) -> dict[str, Any]:
    from app.triage.known_issues.records import to_json

    return {"id": entry.id, "name": entry.name, **to_json(entry)}


def _json(value: Any) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))
