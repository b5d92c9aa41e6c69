"""After a mistake: ``runs`` lists what the sweeps changed, ``undo`` takes it back, ``resume`` lets writing go on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import click

from app.cli.instant import InstantType
from app.cli.tickets import opened
from app.errors import Busy, Conflict, Misconfigured, Refused, TriageError
from app.runtime import Runtime
from app.store.ledger import UNDO, Effect, EffectState, sending
from app.store.tickets import Lease
from app.triage import effects
from app.triage.actions import kind
from app.triage.ticket import Ref, Ticket
from app.triage.undo import Change, Undoing, clears, note_of
from app.triage.undo import undo as undo_of
from app.vendors import VendorClient, Write

Changed = Mapping[Ref, Sequence[Effect]]
T = TypeVar("T")

MAX_STARTS = 5
"""How often a ticket is read anew because an agent was writing at the same time."""

MAX_WAITS, LONGEST_WAIT = 30, 60.0
"""How often one ticket waits for a vendor that limits us, and how many seconds at most each time."""

OUTSIDE = {
    "message": "a message to engineering was sent",
    "issue": "an issue was made for engineering",
    "nudge": "engineering was asked on its issue how far it is",
    "page": "on-call was paged",
}
"""What was done outside the ticket, by the kind of effect: it stays, and is named."""


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many, newest first.")
def runs(limit: int) -> None:
    """List what the newest sweeps changed, and what was taken back: run, when, tickets changed, effects by state."""
    runtime = opened()
    found = runtime.store.runs(limit)
    if not found:
        click.echo("no sweep changed anything yet", err=True)
    for run in found:
        states = ", ".join(f"{count} {state}" for state, count in run.states.items())
        tickets = f"{run.tickets} ticket{'' if run.tickets == 1 else 's'}"
        click.echo(f"{run.id}\t{run.began.isoformat(timespec='seconds')}\t{tickets}\t{states}")
    if brake := runtime.store.brake():
        click.echo(
            f"nothing is written since {brake.at.isoformat(timespec='seconds')}: {brake.detail['why']}", err=True
        )


@click.command()
def resume() -> None:
    """Let writing go on after a cap was reached. What was held back is looked at by the next sweep."""
    from app.queue import enqueue_sweep

    runtime = opened()
    brake = runtime.store.brake()
    if brake is None:
        click.echo("nothing holds the writing back; in shadow mode nothing is written all the same", err=True)
        return
    runtime.store.release_brake(runtime.now())
    enqueue_sweep(runtime.celery)
    click.echo(f"writing goes on; it had stopped at {brake.detail['why']}")


@click.command()
@click.argument("run", required=False)
@click.option("--since", type=InstantType(), help="Everything that was changed since then, whatever rang.")
@click.option("--account", help="Only at this account, such as zendesk:acme.")
@click.option("--dry-run", is_flag=True, help="Show what would be taken back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def undo(run: str | None, since: datetime | None, account: str | None, dry_run: bool, yes: bool) -> None:
    """Take back what RUN changed (see `triage runs`), or everything --since a moment.

    Priority, fields, group, assignee and status go back where the ticket still shows our value; tags that we added go,
    tags that we removed return. What a person has changed since is left alone and named. An internal note says what was
    taken back. Doing it twice changes nothing more. Exit code 1 when a ticket could not be done.
    """
    if (run is None) == (since is None):
        raise click.UsageError("name a run (`triage runs` lists them), or --since a moment")
    if run is not None and run.startswith(UNDO):
        raise click.UsageError("what was taken back is not written again by this; see `triage replay --anew`")
    runtime = opened()
    changed = runtime.store.done(run=run or "", since=since, account=_account(runtime, account))
    if not changed:
        click.echo("nothing was changed that is not taken back already", err=True)
        return
    if not yes or dry_run:
        failed = _show(runtime, changed)
        if dry_run:
            sys.exit(1 if failed else 0)
        click.confirm(f"take this back on {len(changed)} tickets?", abort=True, err=True)
    undo_id = f"{UNDO}{runtime.now():%Y%m%d-%H%M%S}"
    failed = 0
    for ref, done in changed.items():
        try:
            undoing = _patiently(partial(_take_back, runtime, ref, done, undo_id))
        except TriageError as error:
            failed += 1
            click.echo(f"{ref}: not done: {error}", err=True)
        else:
            _say(ref, undoing)
    if failed:
        click.echo(f"{failed} tickets were not done; the same command again goes on with them", err=True)
    sys.exit(1 if failed else 0)


def _account(runtime: Runtime, name: str | None) -> tuple[str, str] | None:
    if name is None:
        return None
    known = runtime.permissions()
    if name not in known:
        raise Misconfigured(f"no account {name!r}", where="--account", mend=f"one of {', '.join(known) or 'none'}")
    vendor, _, account = name.partition(":")
    return vendor, account


def _show(runtime: Runtime, changed: Changed) -> int:
    """Say what would be done. Returns how many tickets could not be read."""
    failed = 0
    for ref, done in changed.items():
        try:
            ticket = _patiently(partial(runtime.client(ref.vendor, ref.account).fetch, ref))
        except TriageError as error:
            failed += 1
            click.echo(f"{ref}: cannot be read: {error}", err=True)
        else:
            _say(ref, _undoing(ticket, done))
    return failed


def _say(ref: Ref, undoing: Undoing) -> None:
    click.echo(f"{ref}: {'; '.join(undoing.back) or 'nothing to take back'}")
    for reason in undoing.left:
        click.echo(f"  stays: {reason}")


def _undoing(ticket: Ticket, done: Sequence[Effect], *, clearing: bool = True) -> Undoing:
    within = [one for one in done if one.kind not in OUTSIDE]
    changes = [Change(one.key, effects.from_json(one.kind, one.action), one.before) for one in within]
    undoing = undo_of(ticket, changes, clearing=clearing)
    outside = dict.fromkeys(f"cannot be taken back: {OUTSIDE[one.kind]}" for one in done if one.kind in OUTSIDE)
    return replace(undoing, left=(*undoing.left, *outside))


def _take_back(runtime: Runtime, ref: Ref, done: Sequence[Effect], undo_id: str) -> Undoing:
    """One ticket, under its lease. Raises TriageError; what was sent until then is in the ledger."""
    client, clearing = runtime.client(ref.vendor, ref.account), True
    lease = runtime.store.lease(ref, runtime.now(), runtime.settings.lease_seconds, due=False)
    if lease is None:
        raise Busy("a worker has it", after=2.0)
    try:
        for _ in range(MAX_STARTS):
            ticket = client.fetch(ref)
            undoing = _undoing(ticket, done, clearing=clearing)
            try:
                return _carry_out(runtime, client, lease, ticket, undoing, undo_id)
            except Conflict:
                continue
            except Refused:  # likely of an empty value: then the rest goes without it
                if not clears(undoing):
                    raise
                clearing = False
        raise Conflict("somebody keeps changing the ticket")
    finally:
        runtime.store.release(lease)


def _carry_out(
    runtime: Runtime, client: VendorClient, lease: Lease, ticket: Ticket, undoing: Undoing, undo_id: str
) -> Undoing:
    undoing = undoing.without(client.writes(ticket, undoing.actions)[1])
    if undoing.actions:
        actions = [*undoing.actions, note_of(undoing, undo_id, ticket)]
        keys = {action: f"{lease.ref}:{undo_id}:{kind(action)}" for action in actions}
        planned = [
            Effect(keys[a], kind(a), "planned", effects.to_json(a), run=undo_id, before=effects.before(ticket, a))
            for a in actions
        ]
        runtime.store.plan_effects(lease.ref, planned, runtime.now())
        for write in client.writes(ticket, actions)[0]:
            _send(runtime, client, lease, write, [keys.pop(action) for action in write.actions])
        runtime.store.mark_effects(list(keys.values()), "confirmed", runtime.now())  # the ticket shows the rest already
    runtime.store.taken_back(undoing.keys, undo_id)
    return undoing


def _send(runtime: Runtime, client: VendorClient, lease: Lease, write: Write, keys: Sequence[str]) -> None:
    """One write, in the ledger before and after; what is known as ours stays as it was, so that a value put back
    counts as a person's."""
    if not runtime.store.still_holds(lease, runtime.now()):
        raise Busy("it took too long, and a worker has the ticket", after=2.0)

    def mark(state: EffectState, reason: str = "") -> None:
        runtime.store.mark_effects(keys, state, runtime.now(), reason)

    with sending(mark):
        client.send(write)
    mark("confirmed")


def _patiently(ask: Callable[[], T]) -> T:
    """Wait as long as a vendor that limits us says, and ask again."""
    for _ in range(MAX_WAITS):
        try:
            return ask()
        except Busy as error:
            seconds = min(LONGEST_WAIT, error.after if error.after is not None else 5.0)
            click.echo(f"waiting {seconds:.0f} s: {error}", err=True)
            time.sleep(seconds)
    return ask()
