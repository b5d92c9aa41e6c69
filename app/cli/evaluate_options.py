"""What ``triage evaluate`` takes on the command line: pairs, figures with a limit, words with a meaning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

Texts = tuple[str, ...]


def pairs(context: click.Context, parameter: click.Parameter, given: Texts) -> tuple[tuple[str, str], ...]:
    """``NAME=VALUE`` as a pair; the name may not hold ``=``. Raises BadParameter."""
    for one in given:
        if "=" not in one:
            raise click.BadParameter(f"{one!r} is not {parameter.metavar}", context, parameter)
    return tuple((name.strip(), value.strip()) for name, _, value in (one.partition("=") for one in given))


def limits(context: click.Context, parameter: click.Parameter, given: Texts) -> tuple[tuple[str, float], ...]:
    """Figures by name, each with a number. Raises BadParameter for a figure that there is not, and for no number."""
    from app.triage.evaluation import figures, report

    known = figures(report([]))
    found = []
    for name, value in pairs(context, parameter, given):
        if name not in known:
            raise click.BadParameter(f"no figure is named {name!r}; there are: {', '.join(known)}", context, parameter)
        try:
            found.append((name, float(value)))
        except ValueError:
            raise click.BadParameter(f"{value!r} is no number", context, parameter) from None
    return tuple(found)


def meanings(context: click.Context, parameter: click.Parameter, given: Texts) -> tuple[tuple[str, str], ...]:
    """``WORD=ANSWER`` as it stands, or a file that has one a line; a line that begins with ``#`` is a comment."""
    lines: list[str] = []
    for one in given:
        if "=" in one:
            lines.append(one)
            continue
        try:
            text = Path(one).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            what = f"{one!r} is neither WORD=ANSWER nor a file of such lines"
            raise click.BadParameter(what, context, parameter) from None
        lines += [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return pairs(context, parameter, tuple(lines))


def headings(context: click.Context, parameter: click.Parameter, given: Texts) -> Mapping[str, str]:
    """The heading of a CSV column by what we call it. Raises BadParameter for what is not read."""
    from app.cli.evaluate_csv import COLUMNS

    found = dict(pairs(context, parameter, given))
    if wrong := sorted(set(found) - set(COLUMNS)):
        raise click.BadParameter(f"{wrong[0]!r} is not read; known: {', '.join(COLUMNS)}", context, parameter)
    return found
