"""``triage policy check``: what a policy gets wrong, before it is in force."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.triage.example import Example
    from app.triage.lint import Finding
    from app.triage.policy import Policy


@click.command()
@click.argument("pack", required=False, metavar="[PACK|FILE]")
@click.option("--groups", type=click.Path(exists=True, dir_okay=False), help="A JSON list of the groups that exist.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(pack: str | None, groups: str | None, strict: bool, form: str) -> None:
    """Check PACK or FILE, the policy in force otherwise: rules, promises, tags, names, sources, examples.

    Exit code 1 when something is wrong or an example fails, 3 when the pack cannot be used.
    """
    import orjson

    from app.cli.policy import chosen_policy
    from app.runtime import examples_of
    from app.triage.lint import lint
    from config.settings import load

    chosen = chosen_policy(pack)
    examples = examples_of(pack or load().policy)
    found = [*lint(chosen, _names(groups) if groups else None), *_failing(chosen, examples)]
    if form == "json":
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        for one in sorted(found, key=lambda one: (one.severity, one.place)):
            click.echo(f"{one.place}: {one.severity}[{one.code}] {one.path}: {one.sentence}; {one.mend}")
    errors = sum(one.severity == "error" for one in found)
    rules = sum(len(group) for _, group in chosen.pack.rules.groups())
    missed = sum(bool(example.known_miss) for example in examples)
    click.echo(
        f"{chosen.name} {chosen.version} ({chosen.digest}): {rules} rules, {len(chosen.pack.facts)} facts, "
        f"{len(examples)} examples ({missed} known to be missed), {errors} errors, {len(found) - errors} warnings",
        err=True,
    )
    sys.exit(1 if errors or (strict and found) else 0)


def _failing(policy: Policy, examples: tuple[Example, ...]) -> Iterator[Finding]:
    from app.triage.examples import failures
    from app.triage.lint import Finding

    for example, told in failures(policy, examples, datetime.now(UTC)):
        mend = "mend the policy, or what the example expects"
        yield Finding("example-fails", "error", f"examples.{example.name}", policy.name, told, mend)


def _names(path: str) -> list[str]:
    import orjson

    try:
        names = orjson.loads(Path(path).read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{path} is not JSON: {error}", param_hint="--groups") from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise click.BadParameter(f"{path} is not a list of names", param_hint="--groups")
    return names
