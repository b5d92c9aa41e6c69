"""``triage evaluate``: how well the policy in force reads tickets whose right answer is known."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.evaluate_options import headings, limits, meanings

if TYPE_CHECKING:
    from app.cli.evaluate_files import Files
    from app.triage.evaluation import Answer, Pair, Report
    from app.triage.gold import Row
    from app.triage.policies import Policies
    from app.triage.policy import Policy

Limits = tuple[tuple[str, float], ...]
_MOST_UNMAPPED = 8


class _Evaluate(click.Command):
    """The command itself, and ``duplicates`` as its first word."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of what is asked for."""
        if args[:1] == ["duplicates"]:
            from app.cli.evaluate_duplicates import duplicates

            return duplicates.make_context(f"{info_name} duplicates", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command(cls=_Evaluate, short_help="Measure the policy on tickets whose right answer is known.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR...", type=click.Path(exists=True, path_type=Path))
@click.option("--policy", default=None, metavar="PACK|FILE", help="This policy by itself; otherwise those in force.")
@click.option(
    "--reader", type=click.Choice(["cues", "model", "both"]), default="both", show_default=True,
    help="The policy's phrases and rules alone, the learned reader alone, or the policy as it is, beside either alone.",
)  # fmt: skip
@click.option(
    "--map", "words", multiple=True, metavar="WORD=ANSWER|FILE", callback=meanings,
    help="What a tag or a category of yours means: a label, P0 to P4, page or spam.",
)  # fmt: skip
@click.option("--by-priority", is_flag=True, help="A history's priorities tell the severity, in the policy's words.")
@click.option(
    "--column", "columns", multiple=True, metavar="NAME=HEADING", callback=headings,
    help="The heading of a CSV column: --column body='Ticket text'.",
)  # fmt: skip
@click.option("--whole-thread", is_flag=True, help="Read a history's comments too, not only the ticket as it came in.")
@click.option(
    "--min", "floors", multiple=True, metavar="FIGURE=NUMBER", callback=limits,
    help="Exit code 1 when the figure is lower: --min accuracy=0.75, --min recall.Security=0.7.",
)  # fmt: skip
@click.option(
    "--max", "ceilings", multiple=True, metavar="FIGURE=NUMBER", callback=limits,
    help="Exit code 1 when it is higher: --max missed=0, --max calibration_error=0.1.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate(
    paths: tuple[Path, ...], policy: str | None, reader: str, words: tuple[tuple[str, str], ...], by_priority: bool,
    columns: Mapping[str, str], whole_thread: bool, floors: Limits, ceilings: Limits, form: str,
) -> None:  # fmt: skip
    """Measure the policy on the tickets of each FILE, and of the files in each DIR; writes nothing.

    JSON Lines: tickets as `triage decide` reads them, each with what is right about it: label, also (labels that can be
    defended too), severity (one or a list), page. Or a history: Zendesk's export, where tags such as label-billing, and
    those named by --map, say what is right; it is read as it came in, without what was set since. CSV: columns such as
    subject, description, category, tags, priority.

    `triage evaluate duplicates` measures how reports of the same fault are found; see its --help.

    Tickets of which nothing is known to be right are skipped and counted. A line that cannot be read is reported with
    its place and the others go on; the exit code is then 1.
    """
    from app.cli.evaluate_files import Files, files_in
    from app.cli.evaluate_table import tables
    from app.cli.policy import chosen_policies
    from app.triage.evaluation import case_of, figures, report, slices
    from app.triage.evaluation_history import NOTHING, meaning

    policies = chosen_policies(policy)
    try:
        meant = meaning(words, policies.default.pack.priority if by_priority else NOTHING)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--map") from None
    files = Files(meant, columns, whole_thread)
    readers = _readers(reader, policies)
    pairs: dict[str, list[Pair]] = {name: [] for name in readers}
    for row in files.rows(files_in(paths)):
        case = case_of(row)
        for name, read in readers.items():
            began = time.perf_counter()
            answer = read(row)
            pairs[name].append((case, replace(answer, seconds=time.perf_counter() - began)))
    reports = {name: report(found) for name, found in pairs.items()}
    asked = reader if reader in reports else "cues"
    misses = list(_misses(figures(reports[asked]), floors, ceilings))
    if form == "json":
        _json(policies.default, files, pairs, reports, misses)
    else:
        click.echo(f"{policies.default.name} {policies.default.version} ({policies.default.digest}): ", nl=False)
        click.echo("\n".join(tables(reports, asked, slices(pairs[asked]))))
    sys.stdout.flush()
    _say(files, misses)
    if files.bad or misses:
        sys.exit(1)


def _readers(asked: str, policies: Policies) -> dict[str, Callable[[Row], Answer]]:
    """The ways of reading that are measured. Raises Misconfigured where the learned reader is to be measured alone and
    the policy has none."""
    from app.errors import Misconfigured
    from app.triage.evaluation import answer_of_reading
    from app.triage.text import messages

    model = next((policy.model for policy in policies if policy.model is not None), None)
    found: dict[str, Callable[[Row], Answer]] = {}
    if asked != "model":
        found["cues"] = _deciding(_without_model(policies))
    if model is not None and asked != "cues":
        found["model"] = lambda row: answer_of_reading(model.read(tuple(messages(row.ticket))))
    if model is not None and asked == "both":
        found["both"] = _deciding(policies)
    if not found:
        raise Misconfigured(
            "this policy has no learned reader", where="--reader model", mend="see `reader` of the policy, TRIAGE_MODEL"
        )
    return found


def _deciding(policies: Policies) -> Callable[[Row], Answer]:
    """Decisions as they would have been made once the last word of the thread was there; now, where no time is told."""
    from app.triage.clocks import UNKNOWN
    from app.triage.decision import Context
    from app.triage.engine import decide
    from app.triage.evaluation import answer_of

    present = datetime.now(UTC)

    def read(row: Row) -> Answer:
        policy = policies.of(row.ticket)
        at = max((row.ticket.created_at, *(comment.at for comment in row.ticket.comments)))
        decision = decide(row.ticket, Context(), policy, at if at > UNKNOWN else present)
        return answer_of(decision, policy.pack.labels.unsure_below)

    return read


def _without_model(policies: Policies) -> Policies:
    def bare(policy: Policy) -> Policy:
        return replace(policy, model=None)

    return replace(
        policies,
        default=bare(policies.default),
        by_brand={name: bare(policy) for name, policy in policies.by_brand.items()},
        by_account={name: bare(policy) for name, policy in policies.by_account.items()},
    )


def _misses(figures: Mapping[str, float | None], floors: Limits, ceilings: Limits) -> Iterator[str]:
    """The limits that do not hold; what cannot be measured holds none."""
    for name, limit, is_floor in (*((*one, True) for one in floors), *((*one, False) for one in ceilings)):
        got = figures[name]
        if got is None:
            yield f"{name} cannot be measured: no ticket here says what is right about it"
        elif (got < limit) if is_floor else (got > limit):
            yield f"{name} is {got:.4g}, {'below' if is_floor else 'above'} {limit:.4g}"


def _say(files: Files, misses: Iterable[str]) -> None:
    """What did not go into the figures, and the limits that do not hold."""
    for place, why in files.bad:
        click.echo(f"{place}: {why}", err=True)
    if files.bad:
        click.echo(f"{len(files.bad)} line{'s' if len(files.bad) > 1 else ''} could not be read", err=True)
    if files.skipped:
        click.echo(f"tickets skipped, because nothing is known to be right: {files.skipped}", err=True)
    if files.unmapped:
        listed = ", ".join(f"{name!r} ({count})" for name, count in files.unmapped.most_common(_MOST_UNMAPPED))
        click.echo(f"categories that mean nothing yet, for --map: {listed}", err=True)
    for miss in misses:
        click.echo(miss, err=True)


def _json(
    policy: Policy, files: Files, pairs: Mapping[str, list[Pair]], reports: Mapping[str, Report], misses: list[str]
) -> None:
    import orjson

    from app.triage.evaluation import slices

    told = {
        "policy": f"{policy.name}@{policy.digest}",
        "skipped": files.skipped,
        "bad": [{"place": place, "why": why} for place, why in files.bad],
        "unmapped": dict(files.unmapped.most_common()),
        "misses": misses,
        "readers": {name: {**asdict(one), "slices": slices(pairs[name])} for name, one in reports.items()},
    }
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
