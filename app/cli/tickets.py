"""Asking about tickets: ``explain``, ``parked``, ``replay``."""

from __future__ import annotations

import sys

import click

from app.runtime import Runtime, build
from app.triage.ticket import Ref
from config import logging as logs
from config.settings import load


class RefType(click.ParamType[Ref]):
    """A ticket reference on the command line."""

    name = "ref"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Ref:
        """``zendesk:acme:4711``; anything else is a usage error that says so."""
        try:
            return Ref.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _runtime() -> Runtime:
    settings = load()
    logs.configure(settings)
    return build(settings)


@click.command()
@click.argument("ref", type=RefType())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(ref: Ref, form: str) -> None:
    """Show the newest decision about REF (such as zendesk:acme:4711): what was decided, on which words, what was ruled
    out, and what was written to the ticket. Exit code 1 when nothing was decided about it."""
    runtime = _runtime()
    history = runtime.store.history(ref)
    if not history:
        click.echo(f"nothing was decided about {ref} yet; `triage parked` lists what waits", err=True)
        sys.exit(1)
    if form == "json":
        import orjson

        click.echo(orjson.dumps(history[-1], option=orjson.OPT_INDENT_2))
        return
    from app.triage import note, records

    decision = records.from_json(history[-1])
    click.echo(note.render(decision, runtime.policies.behind(decision)))
    effects = runtime.store.effects_of(ref)
    click.echo("\nWritten to the ticket:" if effects else "\nNothing was written to the ticket.")
    for effect in effects:
        click.echo(f"- {effect.kind}: {effect.state}{f' ({effect.reason})' if effect.reason else ''}")
    click.echo(f"Decisions so far: {len(history)}")


@click.command()
def parked() -> None:
    """List tickets and deliveries that wait for a person. Exit code 1 when there are any."""
    runtime = _runtime()
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
@click.option("--dry-run", is_flag=True, help="Say what would be looked at again.")
def replay(refs: tuple[Ref, ...], everything: bool, dry_run: bool) -> None:
    """Look at tickets again, parked or not. Doing it twice writes nothing twice."""
    if bool(refs) == everything:
        raise click.UsageError("name tickets (zendesk:acme:4711), or --all for every parked one")
    from app.queue import enqueue_reconcile

    runtime = _runtime()
    chosen = list(refs) if refs else [ticket.ref for ticket in runtime.store.parked(100_000)]
    unknown = 0
    for ref in chosen:
        if dry_run:
            click.echo(f"would replay {ref}")
        elif runtime.store.replay(ref, runtime.now()):
            enqueue_reconcile(runtime.celery, ref)
            click.echo(f"replayed {ref}")
        else:
            unknown += 1
            click.echo(f"{ref} is not known", err=True)
    if not chosen:
        click.echo("nothing is parked", err=True)
    sys.exit(1 if unknown else 0)
