"""``triage policy``: read the policy in force, and check one before it is."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.triage.policies import Policies
    from app.triage.policy import Policy


@click.group()
def policy() -> None:
    """Read the policy in force, and check one before it is."""


@policy.command()
@click.argument("pack", required=False, metavar="[PACK|FILE]")
def check(pack: str | None) -> None:
    """Check PACK or FILE, the policy in force otherwise: that it loads, and that its examples come out as they say.

    Exit code 1 when an example fails, 3 when the pack cannot be used.
    """
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


@policy.command()
@click.argument("pack", required=False, metavar="[PACK|FILE]")
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def show(pack: str | None, form: str) -> None:
    """Show PACK or FILE with every default filled in, the policy in force otherwise."""
    content: dict[str, Any] = chosen_policy(pack).pack.model_dump(mode="json", exclude_none=True)
    if form == "json":
        import orjson

        click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2))
        return
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 120
    yaml.dump(content, sys.stdout)


@policy.command()
def schema() -> None:
    """Print the JSON Schema of a pack, for editors: it is config/packs/pack.schema.json."""
    from app.triage.pack import schema as text

    click.echo(text(), nl=False)


def chosen_policy(name: str | None) -> Policy:
    """The pack of that name or file by itself, else the policy in force. Raises Misconfigured."""
    return chosen_policies(name).default


def chosen_policies(name: str | None) -> Policies:
    """The pack of that name or file by itself, else the policies in force. Raises Misconfigured."""
    from app.runtime import load_policies, load_policy
    from app.triage.policies import Policies
    from config.settings import environment_variables, load

    return Policies(load_policy(name)) if name else load_policies(load(), environment_variables())
