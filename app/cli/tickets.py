"""Asking about tickets: ``explain``, ``parked``, ``replay``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from app.runtime import Runtime, build
from app.triage.ticket import Ref
from config import logging as logs
from config.settings import load

if TYPE_CHECKING:
    from app.store.pulse import Beat


class RefType(click.ParamType[Ref]):
    """A ticket reference on the command line."""

    name = "ref"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Ref:
        """``zendesk:acme:4711``; anything else is a usage error that says so."""
        try:
            return Ref.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def opened() -> Runtime:
    """The parts, for a command that asks."""
    settings = load()
    logs.configure(settings)
    return build(settings)


def stopped(brake: Beat) -> str:
    """That the brake is on, and the way out."""
    since = brake.at.isoformat(timespec="seconds")
    return f"Nothing is written since {since}: {brake.detail['why']}; `triage resume` lets it go on"


@click.command()
@click.argument("ref", type=RefType())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(ref: Ref, form: str) -> None:
    """Show the newest decision about REF (such as zendesk:acme:4711): what was decided, on which words, what was ruled
    out, and what was written to the ticket. Exit code 1 when nothing was decided about it."""
    runtime = opened()
    history = runtime.store.history(ref)
    if not history:
        click.echo(f"nothing was decided about {ref} yet; `triage parked` lists what waits", err=True)
        sys.exit(1)
    if form == "json":
        import orjson

        click.echo(orjson.dumps(history[-1], option=orjson.OPT_INDENT_2))
        return
    from app.triage import note, oncall_words, records
    from app.triage.intents import intent_of

    decision = records.from_json(history[-1])
    click.echo(note.render(decision, runtime.policies.behind(decision)))
    effects = runtime.store.effects_of(ref)
    held = [effect for effect in effects if effect.withheld]
    written = [effect for effect in effects if not effect.withheld]
    click.echo("\nWritten to the ticket:" if written else "\nNothing was written to the ticket.")
    for effect in written:
        click.echo(f"- {effect.kind}: {effect.state}{f' ({effect.reason})' if effect.reason else ''}")
    if held:
        click.echo("Decided and held back:")
    for effect in held:
        click.echo(f"- would {intent_of(effect.kind, effect.action)} ({effect.withheld})")
    if page := runtime.store.page(ref):
        click.echo("\n".join(("On-call:", *(f"- {line}" for line in oncall_words.state(page)))))
    if (permission := runtime.permissions().get(f"{ref.vendor}:{ref.account}")) is not None:
        click.echo(f"Mode of {ref.vendor}:{ref.account}: {permission}")
    if brake := runtime.store.brake():
        click.echo(stopped(brake))
    click.echo(f"Decisions so far: {len(history)}")


@click.command()
def parked() -> None:
    """List tickets and deliveries that wait for a person. Exit code 1 when there are any."""
    runtime = opened()
    tickets, deliveries = runtime.store.parked(), runtime.store.parked_deliveries()
    for ticket in tickets:
        click.echo(f"{ticket.ref}\t{ticket.at.isoformat()}\t{ticket.kind}\t{ticket.reason}")
    for delivery in deliveries:
        click.echo(
            f"delivery {delivery.vendor}:{delivery.account} #{delivery.id}\t{delivery.received_at.isoformat()}"
            f"\tmalformed\t{delivery.error} ({len(delivery.body)} bytes kept)"
        )
    if tickets:
        click.echo(f"after mending the cause: triage replay {tickets[0].ref}, or triage replay --all", err=True)
    if tickets or deliveries:
        sys.exit(1)
    click.echo("nothing is parked", err=True)


@click.command()
@click.argument("refs", type=RefType(), nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every parked ticket.")
@click.option("--withheld", is_flag=True, help="Every ticket of which something is held back, by mode, switch or cap.")
@click.option("--anew", is_flag=True, help="Forget which values are ours: what was taken back is written again.")
@click.option("--dry-run", is_flag=True, help="Say what would be looked at again.")
def replay(refs: tuple[Ref, ...], everything: bool, withheld: bool, anew: bool, dry_run: bool) -> None:
    """Look at tickets again, parked or not. Doing it twice writes nothing twice."""
    if [bool(refs), everything, withheld].count(True) != 1:
        raise click.UsageError("name tickets (zendesk:acme:4711), or --all for every parked one, or --withheld")
    from app.queue import enqueue_all

    runtime = opened()
    chosen = list(refs)
    if everything:
        chosen = [ticket.ref for ticket in runtime.store.parked(100_000)]
    elif withheld:
        chosen = runtime.store.withheld_tickets()
    unknown, replayed = 0, list[Ref]()
    for ref in chosen:
        if dry_run:
            click.echo(f"would replay {ref}")
        elif runtime.store.replay(ref, runtime.now(), anew=anew):
            replayed.append(ref)
            click.echo(f"replayed {ref}")
        else:
            unknown += 1
            click.echo(f"{ref} is not known", err=True)
    if not withheld:  # those are left to the sweeps, which go on in steps and stop at a cap
        enqueue_all(runtime.celery, ((ref, 0.0) for ref in replayed))
    if not chosen:
        click.echo("nothing is held back" if withheld else "nothing is parked", err=True)
    sys.exit(1 if unknown else 0)
