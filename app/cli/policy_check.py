"""``triage policy check``: a policy is checked before it is in force."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click


@click.command()
@click.argument("pack", required=False, metavar="[PACK|FILE]")
def check(pack: str | None) -> None:
    """Check PACK or FILE, the policy in force otherwise: that it loads, and that its examples come out as they say.

    Exit code 1 when an example fails, 3 when the pack cannot be used.
    """
    from app.cli.policy import chosen_policy
    from app.triage.examples import failures

    chosen = chosen_policy(pack)
    failed = list(failures(chosen, datetime.now(UTC)))
    for example, told in failed:
        click.echo(f"example {example.name!r}: {told}")
    rules = sum(len(group) for _, group in chosen.pack.rules.groups())
    click.echo(
        f"{chosen.name} {chosen.version} ({chosen.digest}): {rules} rules, {len(chosen.pack.facts)} facts, "
        f"{len(chosen.pack.examples)} examples, {len(failed)} failing",
        err=True,
    )
    sys.exit(1 if failed else 0)
