"""``triage policy check``: what a policy gets wrong, before it is in force."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.triage.example import Example
    from app.triage.lint import Finding, Site
    from app.triage.policy import Policy


@click.command()
@click.argument("pack", required=False, metavar="[PACK|FILE]")
@click.option("--groups", type=click.Path(exists=True, dir_okay=False), help="JSON: the groups that exist.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(pack: str | None, groups: str | None, strict: bool, form: str) -> None:
    """Check PACK or FILE, every policy in force otherwise: rules, promises, tags, names, sources, examples.

    Exit code 1 when something is wrong or an example fails, 3 when a pack cannot be used.
    """
    from app.triage.lint import lint

    site = _site(groups) if groups else None
    found: dict[Finding, None] = {}  # policies that extend the same pack have its findings in common
    for name, chosen in _policies(pack):
        examples = list(_placed_examples(name))
        failing = list(_failing(chosen, examples))
        found |= dict.fromkeys([*lint(chosen, site), *failing])
        _sum_up(chosen, [example for example, _ in examples], len(failing))
    _tell(sorted(found, key=_in_order), form)
    errors = sum(one.severity == "error" for one in found)
    click.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    sys.exit(1 if errors or (strict and found) else 0)


def _policies(pack: str | None) -> Iterator[tuple[str, Policy]]:
    """The policies to check, each with the name that its pack is found by. Raises Misconfigured."""
    from app.cli.policy import chosen_policies
    from config.settings import load

    policies = chosen_policies(pack)
    named = {pack: policies.default} if pack else {}
    if pack is None:
        settings = load()
        named = {name: policies.by_brand[brand.casefold()] for brand, name in settings.policy_by_brand.items()}
        named[settings.policy] = policies.default
    yield from named.items()


def _placed_examples(name: str) -> Iterator[tuple[Example, str]]:
    """A pack's examples, each with file:line:column."""
    from app.packs import example_texts
    from app.triage.examples import read_examples
    from app.triage.layers import parse, place_of

    for text, origin in example_texts(name):
        tree = parse(text, origin)
        for number, example in enumerate(read_examples(text, origin)):
            yield example, place_of(tree, ("examples", number))


def _failing(policy: Policy, examples: list[tuple[Example, str]]) -> Iterator[Finding]:
    from app.triage.examples import differs
    from app.triage.lint import Finding

    now = datetime.now(UTC)
    for example, place in examples:
        if told := differs(example, policy, now):
            mend = "mend the policy, or what the example expects"
            yield Finding("example-fails", "error", f"examples.{example.name}", place, told, mend)


def _sum_up(policy: Policy, examples: list[Example], failing: int) -> None:
    rules = sum(len(group) for _, group in policy.pack.rules.groups())
    missed = sum(bool(example.known_miss) for example in examples)
    click.echo(
        f"{policy.name} {policy.version} ({policy.digest}): {rules} rules, {len(policy.pack.facts)} facts, "
        f"{len(examples)} examples, {failing} failing, {missed} known misses",
        err=True,
    )


def _tell(found: list[Finding], form: str) -> None:
    import orjson

    if form == "json":
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        return
    for one in found:
        click.echo(str(one))


def _in_order(one: Finding) -> tuple[str, str, list[int], str]:
    """Errors first, then by file, line and column."""
    file, *numbers = one.place.split(":")
    return one.severity, file, [int(number) for number in numbers if number.isdigit()], one.path


def _site(path: str) -> Site:
    """What a file says exists at the accounts: a list of groups for all of Zendesk's (a Jira issue has no group), or
    such lists by account and of ``brands``. Raises BadParameter for a file that holds something else."""
    import orjson

    from app.triage.lint import Site
    from config.settings import load

    settings = load()
    teams = {f"zendesk:{name}": account.groups for name, account in settings.zendesk.items()}
    teams |= {f"jira:{name}": account.groups for name, account in settings.jira.items()}
    try:
        told = orjson.loads(Path(path).read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{path} is not JSON: {error}", param_hint="--groups") from None
    if isinstance(told, list):
        told = dict.fromkeys((name for name in teams if name.startswith("zendesk:")), told) or {"": told}
    if not isinstance(told, dict) or not all(map(_are_names, told.values())):
        raise click.BadParameter(f"{path} is not a list of names, nor an object of such lists", param_hint="--groups")
    brands = told.pop("brands", None)
    return Site(groups=told, teams=teams, brands=brands)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)
