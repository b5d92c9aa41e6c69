"""``triage corrections``: what agents told us by command, beside what we had said."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from typing import Any

import click

from app.runtime import build
from app.store.corrections import Correction
from config import logging as logs
from config.settings import load


class Since(click.ParamType[datetime]):
    """A day or a moment on the command line; UTC where no zone is given."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """``2026-03-01`` or ``2026-03-01T09:00``; anything else is a usage error that says so."""
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day or moment such as 2026-03-01 or 2026-03-01T09:00", param, ctx)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@click.command()
@click.option("--since", type=Since(), help="Only what was said since that day or moment (UTC), such as 2026-03-01.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
def corrections(since: datetime | None, form: str) -> None:
    """List the commands that agents gave in internal notes, oldest first: who, when, what, and what we had decided."""
    settings = load()
    logs.configure(settings)
    found = [_row(one) for one in build(settings).store.corrections(since)]
    if form == "json":
        import orjson

        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    elif form == "csv":
        out = csv.DictWriter(sys.stdout, list(_COLUMNS), lineterminator="\n")
        out.writeheader()
        out.writerows({**row, "proposals": ", ".join(row["proposals"])} for row in found)
    else:
        for row in found:
            ours = " ".join(row[name] for name in ("severity", "label", "level") if row[name]) or "nothing yet"
            said = " ".join(filter(None, (row["command"], row["value"])))
            click.echo(f"{row['at']}\t{row['ticket']}\t{row['author']}\t{said}\twe had said: {ours}")
        if not found:
            click.echo("no agent has given a command", err=True)


_COLUMNS = ("at", "ticket", "author", "command", "value", "severity", "label", "level", "proposals")


def _row(one: Correction) -> dict[str, Any]:
    ours = {name: one.said.get(name, "") for name in ("severity", "label", "level")}
    said = {"author": one.author, "command": one.command, "value": one.value}
    at = {"at": one.at.isoformat(), "ticket": str(one.ref)}
    return {**at, **said, **ours, "proposals": list(one.said.get("proposals", ()))}
