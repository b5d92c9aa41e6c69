"""``triage policy``: read the policy in force, and check one before it is."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from app.cli.policy_check import check
from app.cli.policy_explain import explain

if TYPE_CHECKING:
    from app.triage.policies import Policies
    from app.triage.policy import Policy

_LONGEST = 120
_NEVER_FOLDED = 1_000_000  # a folded phrase does not always read back as what it was


@click.group()
def policy() -> None:
    """Read the policy in force, and check one before it is."""


policy.add_command(check)
policy.add_command(explain)


@policy.command()
@click.argument("pack", required=False, metavar="[PACK|FILE]")
@click.option("--brand", default="", help="Of the policies in force, the one for this brand or Jira project.")
@click.option("--origin", is_flag=True, help="One value a line, with the line or the variable that it comes from.")
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def show(pack: str | None, brand: str, origin: bool, form: str) -> None:
    """Show PACK or FILE by itself, with every default filled in; the policy in force otherwise."""
    from app.triage.policy import content

    policies = chosen_policies(pack)
    chosen = policies.by_brand.get(brand.casefold(), policies.default)
    if origin:
        _show_origins(chosen, form)
    elif form == "json":
        _json(content(chosen.pack))
    else:
        from ruamel.yaml import YAML

        yaml = YAML()
        yaml.width = _NEVER_FOLDED
        yaml.dump(content(chosen.pack), sys.stdout)


def _show_origins(chosen: Policy, form: str) -> None:
    from app.triage.layers import dotted, origin_of

    values = chosen.values
    found = [(dotted(values, path), leaf.plain(), origin_of(leaf)) for path, leaf in values.leaves()]
    if form == "json":
        _json([{"path": path, "value": value, "origin": origin} for path, value, origin in found])
        return
    for path, value, origin in found:
        click.echo(f"{path}: {_short(value)}  # {origin}")


@policy.command()
@click.argument("old", metavar="A")
@click.argument("new", required=False, metavar="[B]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def diff(old: str, new: str | None, form: str) -> None:
    """Show what B has otherwise than A, value by value, rules by name; both are packs or files, B the policy in force
    where it is not given. Examples are left out: they decide nothing.

    Exit code 0 when nothing differs, 1 when something does, as diff has it.
    """
    from app.triage.differences import differences
    from app.triage.policy import content

    found = list(differences(content(chosen_policy(old).pack), content(chosen_policy(new).pack)))
    if form == "json":
        _json([list(one) for one in found])
    else:
        for path, was, now in found:
            click.echo(_line(path, was, now))
    sys.exit(1 if found else 0)


@policy.command()
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest first.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def history(most: int, form: str) -> None:
    """List the policies that receivers and workers were started with, the newest change first: when, name, version,
    digest, origin, and what changed against the one before of that name."""
    from app.runtime import build
    from config.settings import load

    loads = build(load()).store.loaded_policies(most)
    if form == "json":
        _json([{**asdict(load), "diff": [list(one) for one in load.diff]} for load in loads])
        return
    for one in loads:
        click.echo(
            f"{one.loaded_at:%Y-%m-%d %H:%M} UTC  {one.name} {one.version} ({one.digest})  "
            f"until {one.seen_at:%Y-%m-%d %H:%M} UTC at least  from {', '.join(one.origin)}"
        )
        for difference in one.diff:
            click.echo(f"    {_line(*difference)}")
    if not loads:
        click.echo("no policy was loaded yet; a receiver or worker writes it down when it starts", err=True)


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
    from app.packs import load_policies, load_policy
    from app.triage.policies import Policies
    from config.settings import environment_variables, load

    return Policies(load_policy(name)) if name else load_policies(load(), environment_variables())


def _json(value: Any) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def _line(path: str, old: Any, new: Any) -> str:
    """``~ clocks.first_reply.P1.due: "4h" -> "3h"``; of long lists only what was taken out and put in."""
    if old is None or new is None:
        return f"{'+' if old is None else '-'} {path}: {_short(new if old is None else old)}"
    if isinstance(old, list) and isinstance(new, list) and (gone := _but(old, new), come := _but(new, old)) != ([], []):
        said = [*(["without " + _short(gone)] if gone else []), *(["with " + _short(come)] if come else [])]
        return f"~ {path}: {', '.join(said)}"
    return f"~ {path}: {_short(old)} -> {_short(new)}"


def _but(values: list[Any], others: list[Any]) -> list[Any]:
    return [value for value in values if value not in others]


def _short(value: Any) -> str:
    """A value on one line, as JSON; a long one is cut."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… ({len(value)} {'entries' if isinstance(value, list) else 'characters'})"
