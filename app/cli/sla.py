"""``triage sla``: a ticket's clocks with every stretch of time that counted, and how promises were kept."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from app.cli.corrections import Since
from app.cli.tickets import RefType, opened
from app.runtime import Runtime
from app.store.cycles import Attainment
from app.triage.ticket import Ref

if TYPE_CHECKING:
    from app.triage.clocks import Explained
    from app.triage.decision import Context, Decision
    from app.triage.ticket import Ticket

BY = ("clock", "severity", "level", "label")


@click.group()
def sla() -> None:
    """Clocks: why a promise falls due when it does, and how promises were kept."""


@sla.command()
@click.argument("ref", type=RefType())
@click.option("--clock", "names", multiple=True, help="Only this clock; may be given several times.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(ref: Ref, names: tuple[str, ...], form: str) -> None:
    """Read REF at its vendor and show each of its clocks: since when it runs, when it falls due, and every stretch that
    counted, stood still or lay outside the calendar, and why. Writes nothing."""
    from app.triage import clocks, engine

    runtime = opened()
    client = runtime.client(ref.vendor, ref.account)
    ticket = client.fetch(ref)
    policy = runtime.policy_for(ticket)
    context = _context(runtime, ticket, client.whoami())
    unknown = [name for name in names if name not in policy.pack.clocks]
    if unknown:
        from app.triage.conditions import not_among

        raise click.UsageError(not_among("clock", unknown[0], tuple(policy.pack.clocks)))
    decision, stages = engine.examine(ticket, context, policy, runtime.now())
    found = [one for one in clocks.explained(decision, stages[-1].seen) if not names or one.cycle.clock in names]
    if form == "json":
        import orjson

        click.echo(orjson.dumps([_as_json(one) for one in found], option=orjson.OPT_INDENT_2))
        return
    click.echo(f"{ticket.ref} · {policy.pack.shown(decision.severity)} · {decision.level} · {policy.stamp}")
    for one in found:
        click.echo("\n" + "\n".join(_lines(one, decision)))
    if not found:
        click.echo("no clock runs or ran on it")


@sla.command()
@click.option("--since", type=Since(), required=True, help="Promises that began since that day or moment (UTC).")
@click.option(
    "--by", default="clock,level,label", show_default=True, help=f"What to part the figures by: {', '.join(BY)}."
)
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def report(since: datetime, by: str, form: str) -> None:
    """How promises were kept: of each clock, level and label how many ended in time, how many did not, how many run."""
    groups = tuple(filter(None, (name.strip() for name in by.split(","))))
    wrong = [name for name in groups if name not in BY]
    if wrong or not groups:
        raise click.BadParameter(f"{by!r}: name some of {', '.join(BY)}, parted by commas", param_hint="--by")
    runtime = opened()
    rows = summed(runtime.store.attainment(since, runtime.now()), groups)
    if form == "json":
        import orjson

        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    elif form == "csv":
        out = csv.DictWriter(sys.stdout, [*groups, *_COUNTS, "share"], lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    elif rows:
        _table(rows, groups)
    else:
        click.echo("no promise began since then", err=True)


_COUNTS = ("kept", "missed", "overdue", "running")


def summed(rows: Iterable[Attainment], groups: tuple[str, ...]) -> list[dict[str, Any]]:
    """The figures by these names, with the share that was kept of what can be told (0..1, None for nothing)."""
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for row in rows:
        counts = found.setdefault(tuple(getattr(row, name) for name in groups), dict.fromkeys(_COUNTS, 0))
        for name in _COUNTS:
            counts[name] += getattr(row, name)
    return [
        {**dict(zip(groups, key, strict=True)), **counts, "share": _share(counts)}
        for key, counts in sorted(found.items())
    ]


def _share(counts: Mapping[str, int]) -> float | None:
    told = counts["kept"] + counts["missed"] + counts["overdue"]
    return round(counts["kept"] / told, 4) if told else None


def _table(rows: list[dict[str, Any]], groups: tuple[str, ...]) -> None:
    columns = [*groups, *_COUNTS, "share"]
    shown = [[_cell(row[name]) for name in columns] for row in rows]
    widths = [max(len(name), *(len(line[place]) for line in shown)) for place, name in enumerate(columns)]
    for line in (columns, *shown):
        cells = (
            cell.ljust(width) if place < len(groups) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        click.echo("  ".join(cells).rstrip())


def _cell(value: Any) -> str:
    return "-" if value is None else f"{value:.1%}" if isinstance(value, float) else str(value).replace("_", " ")


def _context(runtime: Runtime, ticket: Ticket, our_id: str) -> Context:
    """What the clocks ask of the context; look-ups that only routing needs are left out."""
    from app.triage import records
    from app.triage.decision import Context

    ref = ticket.ref
    applied, own_tags = runtime.store.written(ref)
    previous = runtime.store.last_decision(ref)
    return Context(
        previous=records.from_json(previous) if previous else None,
        applied=applied,
        tags=own_tags,
        our_id=our_id,
        linked=runtime.store.linked(ref),
        page=runtime.store.page(ref),
    )


def _lines(one: Explained, decision: Decision) -> Iterator[str]:
    cycle = one.cycle
    source = f", {one.target.source}" if one.target.source else ""
    yield f"{cycle.clock.replace('_', ' ')}: {one.target.due.in_words()}{source}; {_stands(one, decision.at)}"
    yield f"  began {_at(cycle.start)}" + (f", goal {_at(cycle.goal)}" if cycle.goal else "")
    if cycle.told and cycle.told != cycle.counted:
        yield f"  the customer was told {_at(cycle.told)}"
    for stretch in one.intervals:
        why = f"  {stretch.why}" if stretch.why else ""
        yield f"  {_at(stretch.start)} - {_at(stretch.end)}  {stretch.kind:<7} {_length(stretch.length):>9}{why}"


def _stands(one: Explained, now: datetime) -> str:
    cycle = one.cycle
    if cycle.paused:
        return f"stands still, {_length(one.counted)} counted"
    due = f"due {_at(cycle.due)}" if cycle.due else "no due time"
    if cycle.stop:
        return f"{due}, {'missed' if cycle.breached(now) else 'kept'}, ended {_at(cycle.stop)}"
    return f"{due}, {'overdue' if cycle.overdue(now) else 'running'}"


def _as_json(one: Explained) -> dict[str, Any]:
    cycle = one.cycle
    return {
        "clock": cycle.clock,
        "promise": str(one.target.due),
        "source": one.target.source,
        "start": cycle.start,
        "goal": cycle.goal,
        "due": cycle.due,
        "stop": cycle.stop,
        "paused": cycle.paused,
        "told": cycle.told,
        "counted_seconds": one.counted.total_seconds(),
        "intervals": [
            {"kind": part.kind, "start": part.start, "end": part.end, "why": part.why} for part in one.intervals
        ],
    }


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _length(length: timedelta) -> str:
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
