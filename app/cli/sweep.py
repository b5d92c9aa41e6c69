"""``sweep``: ask for a sweep now, or say what the next one has before it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import click

from app.cli.tickets import opened, stopped
from app.errors import Misconfigured, Unavailable
from app.runtime import Runtime
from app.store.agenda import Due
from app.store.ledger import Effect


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what the next sweep would look at, and why.")
@click.option("--limit", type=click.IntRange(1, 5000), default=500, show_default=True, help="With --dry-run: how many.")
def sweep(dry_run: bool, limit: int) -> None:
    """Ask the workers for a sweep now: whatever is due gets looked at.

    With --dry-run nothing is asked or written. Each ticket that is due stands on a line, the most severe first: its
    name, its severity, since when it is due, and why.
    """
    runtime = opened()
    if dry_run:
        _show(runtime, limit)
    else:
        _ask(runtime)
    if brake := runtime.store.brake():
        click.echo(stopped(brake), err=True)


def _ask(runtime: Runtime) -> None:
    from app.queue import enqueue_sweep

    every = f"the running one sweeps every {runtime.settings.sweep_seconds:g} s by itself"
    if runtime.settings.redis_url.startswith("memory://"):
        raise Misconfigured("another process cannot be asked", where="REDIS_URL=memory://", mend=every)
    if not enqueue_sweep(runtime.celery):
        raise Unavailable(f"the broker did not take it; look at REDIS_URL ({every})")
    click.echo("asked; one that follows another within seconds does nothing, `triage runs` shows what is changed")


def _show(runtime: Runtime, limit: int) -> None:
    now = runtime.now()
    due = runtime.store.agenda(now, limit)
    held = runtime.store.withheld_of([one.ref for one in due])
    in_force = {policy.digest for policy in runtime.policies}
    for one in due:
        why = "; ".join(_reasons(one, now, in_force, held.get(one.ref, ())))
        click.echo(f"{one.ref}\tP{one.rank}\t{one.since.isoformat(timespec='seconds')}\t{why}")
    ready, busy = runtime.store.agenda_counts(now)
    parts = [f"{ready} due" + (f", of which {len(due)} are shown" if ready > len(due) else "")]
    parts += [f"{busy} due and held by a worker or backing off"] if busy else []
    if changed := _outdated(runtime):
        most = runtime.settings.outdated_per_sweep
        parts.append(f"{changed} decided under an earlier policy, of which a sweep looks at {most} an account at most")
    click.echo("; ".join(parts), err=True)


def _outdated(runtime: Runtime) -> int:
    return sum(
        runtime.store.outdated_count(vendor, name, {policy.digest for policy in runtime.policies.at(vendor, name)})
        for vendor, name in runtime.every_account()
    )


def _reasons(due: Due, now: datetime, in_force: Collection[str], held: Sequence[Effect]) -> Iterator[str]:
    """Why a ticket is due, as far as the store tells."""
    found = list(_told(due, now, in_force))
    if not found and held:
        found = [f"withheld: {held[0].withheld}"]
    yield from found or ["to be looked at again"]


def _told(due: Due, now: datetime, in_force: Collection[str]) -> Iterator[str]:
    if due.events:
        yield f"event: {', '.join(dict.fromkeys(due.events))}"
    if due.interrupted:
        yield "a worker ended amid it"
    if due.waits:
        yield f"tried {due.waits} time{'s' if due.waits > 1 else ''}: {due.error}"
    if due.decision is not None:
        made = datetime.fromisoformat(due.decision["at"])
        promised = {name: datetime.fromisoformat(at) for name, at in due.decision.get("deadlines", {}).items()}
        passed = sorted((at, name) for name, at in promised.items() if made < at <= now)
        yield from (f"clock {name} at {at.isoformat(timespec='seconds')}" for at, name in passed)
        if due.decision["policy_digest"] not in in_force:
            yield "decided under an earlier policy"
