"""``triage evaluate duplicates``: how well reports of the same fault are found, where that is known."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from app.cli.evaluate_options import pairs

if TYPE_CHECKING:
    from app.cli.evaluate_duplicates_files import Embed, Reports
    from app.triage.evaluation_figures import Share
    from app.triage.symptoms.trial import Found, Report

Limits = tuple[tuple[str, float], ...]
_WIDE = 20  # characters of the first column
_MOST_BAD = 20


def _limits(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Limits:
    from app.triage.symptoms.trial import figures, report

    known = figures(report([], 1.0))
    found = []
    for name, value in pairs(context, parameter, given):
        if name not in known:
            raise click.BadParameter(f"no figure is named {name!r}; there are: {', '.join(known)}", context, parameter)
        try:
            found.append((name, float(value)))
        except ValueError:
            raise click.BadParameter(f"{value!r} is no number", context, parameter) from None
    return tuple(found)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Measure how well reports of the same fault are found.")
@click.option("--corpus", required=True, metavar="FILE", type=_FILE, help="All reports: id, source, subject, body.")
@click.option("--queries", required=True, metavar="FILE", type=_FILE, help="Which are the same: id, gold_ids.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Links from this chance on; otherwise the policy's.")
@click.option(
    "--embeddings",
    type=click.Choice(["on", "off"]),
    help="With the sentence model; otherwise as TRIAGE_EMBEDDINGS says.",
)
@click.option("--policy", default=None, metavar="PACK|FILE", help="The policy whose threshold it is.")
@click.option(
    "--min", "floors", multiple=True, metavar="FIGURE=NUMBER", callback=_limits,
    help="Exit code 1 when the figure over all sources is lower: --min recall@10=0.7, --min precision=0.95.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def duplicates(
    corpus: Path,
    queries: Path,
    threshold: float | None,
    embeddings: Literal["on", "off"] | None,
    policy: str | None,
    floors: Limits,
    form: str,
) -> None:
    """Ask each report of CORPUS for the others that report the same, and compare with what QUERIES says.

    Both are JSON Lines. Each source is a space of its own. What is in one line's gold_ids is the same fault in both
    directions. Reports without a duplicate are asked too: a link of theirs is a wrong one.

    A line that cannot be read is reported with its place and the others go on; the exit code is then 1.
    """
    from app.cli.evaluate_duplicates_files import reports_in
    from app.cli.policy import chosen_policies
    from app.runtime import Runtime
    from app.triage.symptoms.trial import figures, report
    from config.settings import load

    settings = load()
    runtime = Runtime(settings.model_copy(update={"embeddings": embeddings}) if embeddings else settings)
    link = chosen_policies(policy).default.pack.duplicates.link if threshold is None else threshold
    reports = reports_in(corpus, queries)
    found: dict[str, list[Found]] = {}
    costs: dict[str, dict[str, float]] = {}
    before = _memory()
    for source in reports.threads:
        found[source], costs[source] = _asked(source, reports, runtime.embed)
    costs["all"] = _whole(costs, {name: len(some) for name, some in found.items()})
    costs["all"]["memory_mb"] = _memory() - before
    every = [one for some in found.values() for one in some]
    results = {"all": report(every, link), **{source: report(some, link) for source, some in found.items()}}
    of_all = figures(results["all"])
    misses = [_missed(name, of_all[name], floor) for name, floor in floors if (of_all[name] or 0.0) < floor]
    if form == "json":
        _json(link, results, costs, reports.bad, misses)
    else:
        click.echo("\n".join(_table(link, results, costs)))
    sys.stdout.flush()
    for place, why in reports.bad[:_MOST_BAD]:
        click.echo(f"{place}: {why}", err=True)
    if reports.bad:
        click.echo(f"{len(reports.bad)} line{'s' if len(reports.bad) > 1 else ''} could not be read", err=True)
    for miss in misses:
        click.echo(miss, err=True)
    if reports.bad or misses:
        sys.exit(1)


def _asked(source: str, reports: Reports, embed: Embed) -> tuple[list[Found], dict[str, float]]:
    """What was found for each report of a source, and what that cost: seconds in all, milliseconds a query."""
    from app.triage.symptoms.trial import ask

    began = time.perf_counter()
    symptoms = dict(reports.symptoms(source, embed))
    asked = ask(symptoms, reports.same, frozenset(reports.queries))
    built = time.perf_counter()
    found = list(asked())
    return found, {"build_s": built - began, "ms_a_query": (time.perf_counter() - built) * 1000 / len(found)}


def _whole(costs: Mapping[str, Mapping[str, float]], counts: Mapping[str, int]) -> dict[str, float]:
    """The costs of all sources together."""
    asked = sum(costs[name]["ms_a_query"] * count for name, count in counts.items())
    return {
        "build_s": sum(one["build_s"] for one in costs.values()),
        "ms_a_query": asked / (sum(counts.values()) or 1),
    }


def _memory() -> float:
    """The most memory that this process ever had, in MB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1_000_000 if sys.platform == "darwin" else 1_000)


def _missed(name: str, got: float | None, floor: float) -> str:
    return f"{name} cannot be measured" if got is None else f"{name} is {got:.4g}, below {floor:.4g}"


def _table(link: float, results: Mapping[str, Report], costs: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """A line a source, the whole first; then the links."""
    whole, every = costs["all"], results["all"]
    yield f"{every.reports} reports, {every.queries} of them asked for; read and built in {whole['build_s']:.1f} s,"
    yield f"{whole['memory_mb']:.0f} MB, {whole['ms_a_query']:.1f} ms a query"
    yield ""
    heads = ("reports", "queries", "r@1", "r@5", "r@10", "mrr", "ms")
    yield " " * _WIDE + "".join(f"{head:>9}" for head in heads)
    for name, one in results.items():
        recall = "".join(f"{_number(one.recall[most].value):>9}" for most in (1, 5, 10))
        cost = f"{costs[name]['ms_a_query']:.1f}"
        yield f"{name[:_WIDE]:<{_WIDE}}{one.reports:>9}{one.queries:>9}{recall}{_number(one.mrr):>9}{cost:>9}"
    yield ""
    yield f"linked from a chance of {link:g} on, reports without a duplicate included"
    yield " " * _WIDE + f"{'links':>9}{'precision':>26}{'of the queries':>26}"
    for name, one in results.items():
        yield f"{name[:_WIDE]:<{_WIDE}}{one.precision.of:>9}{_reach(one.precision):>26}{_reach(one.linked):>26}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _reach(one: Share) -> str:
    """A share with its 95 % interval."""
    if one.value is None or one.low is None or one.high is None:
        return "-"
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def _json(
    link: float,
    results: Mapping[str, Report],
    costs: Mapping[str, Mapping[str, float]],
    bad: list[tuple[str, str]],
    misses: list[str],
) -> None:
    from dataclasses import asdict

    import orjson

    told = {
        "threshold": link,
        "bad": [{"place": place, "why": why} for place, why in bad],
        "misses": misses,
        "sources": {name: {**asdict(one), "costs": costs[name]} for name, one in results.items()},
    }
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))
