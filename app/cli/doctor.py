"""``triage doctor``: everything that can be wrong with an installation, each with what mends it. Writes nothing."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator

import click

from app.cli import doctor_parts
from app.runtime import Runtime, build
from app.vendors.wanted import Finding
from config import logging as logs
from config.settings import load

_WORDS = {"ok": "ok", "fact": "·", "unknown": "?", "warn": "warn", "ill": "ILL"}


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(form: str) -> None:
    """Look at settings, policy, store, broker, clocks, workers and every account: credentials, permissions, webhook,
    groups, fields and names. Each line that is not well says what mends it. Nothing is written anywhere, and no secret
    or address is shown.

    Exit code 0 when all is well (warnings included), 1 when something is ill.
    """
    settings = load()
    logs.configure(settings)
    found: list[tuple[str, Finding]] = []
    for part, finding in _all(build(settings)):
        found.append((part, finding))
        if form == "text":
            _say(part, finding)
    count = Counter(finding.state for _, finding in found)
    if form == "json":
        click.echo(json.dumps([{"part": part, **_plain(finding)} for part, finding in found], indent=2))
    else:
        click.echo(f"{count['ok']} ok, {count['warn']} warnings, {count['ill']} ill", err=True)
    sys.exit(1 if count["ill"] else 0)


def _all(runtime: Runtime) -> Iterator[tuple[str, Finding]]:
    """Every finding with the part it is about."""
    for part, look in doctor_parts.parts(runtime):
        for finding in doctor_parts.safely(look):
            yield part, finding


def _say(part: str, finding: Finding) -> None:
    why = f": {finding.why}" if finding.why else ""
    click.echo(f"{_WORDS[finding.state]:5} {part}: {finding.what}{why}")
    if finding.mend:
        click.echo(f"      mend: {finding.mend}")


def _plain(finding: Finding) -> dict[str, str]:
    return {"what": finding.what, "state": finding.state, "why": finding.why, "mend": finding.mend}
