"""``reindex``: the index by which tickets that report the same are found, made anew."""

from __future__ import annotations

from collections.abc import Iterator

import click

from app.cli.tickets import opened
from app.runtime import Runtime
from app.store.symptom_index import SpaceCount
from app.triage.decision import Label
from app.triage.duplicates.space import space_of
from app.triage.ticket import Ref, VendorName

Account = tuple[VendorName, str]


class AccountType(click.ParamType[Account]):
    """An account on the command line."""

    name = "account"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Account:
        """``zendesk:acme``; anything else is a usage error that says so."""
        try:
            ref = Ref.parse(f"{value}:1")
        except ValueError:
            self.fail(f"{value!r} is not vendor:account, such as zendesk:acme", param, ctx)
        return ref.vendor, ref.account


@click.command()
@click.option("--space", help="Only this space: a tenant's name, or acme/security for those about security.")
@click.option("--account", type=AccountType(), help="Only the spaces of this account's tenant, such as zendesk:acme.")
@click.option("--from-vendors", is_flag=True, help="Look at every known open ticket again, spread over time.")
@click.option("--dry-run", is_flag=True, help="Say what there is, and change nothing.")
def reindex(space: str | None, account: Account | None, from_vendors: bool, dry_run: bool) -> None:
    """Make the index of what tickets report anew: how common words are, by which words each ticket is found, and which
    hangs on which. It is made from the store; no vendor is asked, and workers may go on.

    Each space stands on a line: its name, tickets, open ones, clusters, and what was made anew. With --from-vendors the
    tickets themselves are looked at again too, as many at each sweep as TRIAGE_OUTDATED_PER_SWEEP says, and are put in
    again as they are: needed where the index does not know them, or was made by an older version.
    """
    runtime = opened()
    accounts = list(_accounts(runtime, space, account))
    if not dry_run:
        tenants = {key: runtime.tenant_of(Ref(*key, "1")) for key in runtime.every_account()}
        for moved in runtime.store.settle(tenants, runtime.now(), anew=True):
            click.echo(f"{moved}: tickets left or came, by the accounts' tenants", err=True)
    found = [one for one in runtime.store.index_spaces() if _chosen(runtime, one.name, space, account)]
    if space is not None and not found:
        raise click.UsageError(f"there is no space {space!r}; `triage reindex --dry-run` lists those there are")
    for one in found:
        click.echo(_count(one) if dry_run else f"{_count(one)}\t{_rebuilt(runtime, one.name)}")
    if not found:
        click.echo("nothing is in the index yet", err=True)
    for key in accounts:
        _from_vendor(runtime, key, from_vendors, dry_run)


def _accounts(runtime: Runtime, space: str | None, account: Account | None) -> Iterator[Account]:
    """The accounts of which tickets may be looked at. Raises UnknownAccount."""
    if account is not None:
        runtime.account(*account)
        yield account
        return
    yield from (key for key in runtime.every_account() if space is None or space in _spaces_of(runtime, key))


def _spaces_of(runtime: Runtime, account: Account) -> set[str]:
    tenant = runtime.tenant_of(Ref(*account, "1"))
    return {space_of(tenant, label) for label in Label}


def _chosen(runtime: Runtime, name: str, space: str | None, account: Account | None) -> bool:
    return space in (None, name) and (account is None or name in _spaces_of(runtime, account))


def _count(space: SpaceCount) -> str:
    return f"{space.name}\t{space.tickets} tickets\t{space.open} open\t{space.clusters} clusters"


def _rebuilt(runtime: Runtime, space: str) -> str:
    done = runtime.store.rebuild(space, runtime.now())
    parts = [f"{done.postings} postings", f"{done.terms} common terms", f"{done.sorted} places mended"]
    if done.unread:
        parts.append(f"{done.unread} of another version: see --from-vendors")
    return ", ".join(parts)


def _from_vendor(runtime: Runtime, account: Account, from_vendors: bool, dry_run: bool) -> None:
    """Have an account's tickets looked at, or say that it lacks some."""
    name, now, settings = ":".join(account), runtime.now(), runtime.settings
    if not from_vendors:
        if lacking := runtime.store.unindexed(*account):
            click.echo(f"{name}: {lacking} open tickets are not in the index; --from-vendors looks at them", err=True)
        return
    per_sweep = settings.outdated_per_sweep or 1
    most = 0 if dry_run else per_sweep
    count = runtime.store.look_at_all(*account, now - runtime.solved_within, now, most, settings.sweep_seconds)
    minutes = count / per_sweep * settings.sweep_seconds / 60
    click.echo(f"{name}: {count} tickets {'would be' if dry_run else 'are'} looked at within {minutes:.0f} minutes")
