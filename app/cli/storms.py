"""``triage storms``: faults that several open tickets report."""

from __future__ import annotations

from typing import Any

import click

from app.runtime import build
from app.triage.patterns.faults import Fault, storm_of
from config import logging as logs
from config.settings import load

_MOST = 200


@click.command()
@click.option("--least", type=click.IntRange(2), default=3, show_default=True, help="From so many open tickets on.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def storms(least: int, form: str) -> None:
    """List faults that several open tickets report, storms first, then the one with the most tickets: the first ticket,
    how many tickets and customers since when, its severity, and the known issue."""
    settings = load()
    logs.configure(settings)
    runtime = build(settings)
    now, policy = runtime.now(), runtime.policy
    told = [(fault, storm_of(fault, policy, now)) for fault in runtime.store.faults(least, _MOST)]
    told.sort(key=lambda one: not one[1])
    if form == "json":
        import orjson

        click.echo(orjson.dumps([_record(fault, storm) for fault, storm in told], option=orjson.OPT_INDENT_2))
        return
    for fault, storm in told:
        counts = f"{fault.tickets} tickets\t{fault.customers} customers\tsince {fault.since:%Y-%m-%d %H:%M} UTC"
        about = "\t".join((fault.severity or "-", fault.known_issue or "no known issue", fault.subject))
        click.echo(f"{fault.master}\t{counts}\t{f'storm: {storm}' if storm else '-'}\t{about}")
    if not told:
        click.echo(f"no fault is reported by {least} open tickets", err=True)


def _record(fault: Fault, storm: str) -> dict[str, Any]:
    counts = {"tickets": fault.tickets, "customers": fault.customers, "since": fault.since.isoformat()}
    about = {"severity": fault.severity, "known_issue": fault.known_issue, "subject": fault.subject}
    return {"master": str(fault.master), **counts, "storm": storm, **about}
