"""``triage train``: make the learned reader from tickets whose right answer is known. Needs the extra ``train``."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.json_values import values
from app.errors import Misconfigured
from app.packs import examples_of
from app.triage import features, model
from app.triage.decision import Label, Severity
from app.triage.example import Example
from app.triage.examples import record_of
from app.triage.gold import Row, row_from_record
from app.triage.text import messages

_CORPUS = Path("training/corpus")
_PACK = "unified"
_OUT = Path("config/model/reader.json.gz")
_PENALTY = 100.0  # the inverse strength of the penalty on large weights
_SEEN = 2  # rows that a feature must occur in
_ALSO = 0.35  # the share of a row that goes to the other answers that can be defended
_ROUNDS = 1000


@dataclass(frozen=True)
class Fitted:
    """Points by class for every feature, and where each class starts."""

    bias: list[float]
    weights: dict[str, list[float]]


@click.command(short_help="Make the learned reader from tickets whose right answer is known.")
@click.argument("corpus", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=_OUT, show_default=True)
@click.option("--check/--no-check", default=True, help="First measure it, each file left out in turn.")
def train(corpus: tuple[Path, ...], out: Path, check: bool) -> None:
    """Make the learned reader from the tickets in CORPUS: JSON Lines files, or folders of them.

    Without CORPUS those in training/corpus are taken, and the examples of the policy. Each line has a ticket's id,
    subject and body, its label, and may have also (labels that can be defended too) and severity (one or a list).
    Beside the model a manifest is written: the files, and a hash of every row.
    """
    files = listed_rows(corpus)
    if check and len(files) > 1:
        click.echo("each file read by a model that never saw it:")
        for name, rows in files.items():
            others = [row for other, found in files.items() if other != name for row in found]
            click.echo(f"  {name:<24} {_measured(model.load(fit(others)), rows)}")
    rows = [row for found in files.values() for row in found]
    raw = fit(rows)
    made = model.load(raw)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(raw)
    _manifest(out).write_text(_listed(files, made.digest))
    click.echo(f"{out}: {len(rows)} rows, {len(made.weights)} features, {len(raw) // 1024} KiB")


def listed_rows(corpus: Sequence[Path]) -> dict[str, list[Row]]:
    """The rows by file; those of the policy's examples come with the shipped corpus. Raises Misconfigured."""
    files = {path.name: list(_rows(path)) for path in _files(corpus or (_CORPUS,))}
    if not corpus:
        files[f"examples of {_PACK}"] = [_row(example) for example in examples_of(_PACK)]
    return files


def fit(rows: Sequence[Row]) -> bytes:
    """The bytes of a model for these rows; the same rows give the same bytes. Raises Misconfigured."""
    seen = [features.features(tuple(messages(row.ticket))) for row in rows]
    count = Counter(name for found in seen for name in found)
    kept = [[name for name in sorted(found) if count[name] >= _SEEN] for found in seen]
    units = [features.unit(len(found)) for found in seen]
    labels = _fitted(kept, units, [_shares((row.label, *row.also) if row.label else ()) for row in rows], tuple(Label))
    ranks = [[_impact(rank, row) for rank in row.severities] for row in rows]
    severities = _fitted(kept, units, list(map(_shares, ranks)), model.RANKS)
    return model.dump(
        {row.ticket.language or "en" for row in rows},
        tuple(Label),
        [*labels.bias, *severities.bias],
        {name: [*points, *severities.weights[name]] for name, points in labels.weights.items()},
    )


def _impact(rank: Severity, row: Row) -> Severity:
    """The rank as far as words about impact bear it: a P1 that wakes nobody was raised for what is only said (ADR 6),
    and P4 is a matter of the label (C-02)."""
    lowest = model.RANKS[-1]
    return Severity.P2 if row.page is False and rank < Severity.P2 else min(rank, lowest)


def _shares(answers: Sequence[Any]) -> dict[Any, float]:
    """How much of a row goes to which answer: most of it to the first."""
    best, *others = dict.fromkeys(answers) or (None,)
    if not others:
        return {best: 1.0} if answers else {}
    return {best: 1 - _ALSO, **dict.fromkeys(others, _ALSO / len(others))}


def _fitted(
    texts: Sequence[Sequence[str]],
    units: Sequence[float],
    shares: Sequence[Mapping[Any, float]],
    classes: Sequence[Any],
) -> Fitted:
    """A logistic regression in which every class weighs the same, however many rows it has."""
    try:
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise Misconfigured(
            "scikit-learn is not installed", where="triage train", mend="pip install '.[train]'"
        ) from error

    told = [(number, answer, share) for number, row in enumerate(shares) for answer, share in row.items()]
    missing = [str(one) for one in classes if one not in {answer for _, answer, _ in told}]
    if missing:
        raise Misconfigured(f"no row is {', '.join(missing)}", where="CORPUS", mend="add tickets of every kind")
    totals: dict[Any, float] = defaultdict(float)
    for _, answer, share in told:
        totals[answer] += share
    even = sum(totals.values()) / len(classes)
    vectors = DictVectorizer()
    points = vectors.fit_transform([dict.fromkeys(names, unit) for names, unit in zip(texts, units, strict=True)])
    regression = LogisticRegression(C=_PENALTY, max_iter=_ROUNDS).fit(
        points[[number for number, _, _ in told]],
        [classes.index(answer) for _, answer, _ in told],
        sample_weight=[share * even / totals[answer] for _, answer, share in told],
    )
    columns = regression.coef_.T.tolist()
    return Fitted(regression.intercept_.tolist(), dict(zip(vectors.get_feature_names_out(), columns, strict=True)))


def _measured(reader: model.Model, rows: Sequence[Row]) -> str:
    """How the model alone reads rows: labels and severities that can be defended."""
    read = [(row, reader.read(tuple(messages(row.ticket)))) for row in rows]
    labels = [found.label in (row.label, *row.also) for row, found in read if found and row.label]
    ranks = [found.severity in {min(rank, Severity.P3) for rank in row.severities} for row, found in read if found]
    return f"{len(rows):5} rows, labels {_share(labels)}, severities {_share(ranks)}"


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right) / len(right):.3f}" if right else "-"


def _files(given: Iterable[Path]) -> Iterator[Path]:
    for path in given:
        yield from sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def _rows(path: Path) -> Iterator[Row]:
    for place, record in values(path):
        try:
            if isinstance(record, ValueError):
                raise record
            yield row_from_record(record, path.stem)
        except ValueError as error:
            raise Misconfigured(str(error), where=place, mend="correct the line") from error


def _row(example: Example) -> Row:
    """An example teaches its label, and its severity where that rests on its words alone."""
    label, *also = map(str, example.label) if example.label else (None,)
    ranks = [] if example.given or example.context else list(example.severity or ())
    right = {"label": label, "also": also, "severity": ranks, "page": example.page}
    return row_from_record({**record_of(example), **right}, _PACK)


def _manifest(out: Path) -> Path:
    return out.with_name(out.name.split(".")[0] + ".manifest.json")


def _listed(files: Mapping[str, Sequence[Row]], digest: str) -> str:
    content = {
        "model": digest,
        "features": features.VERSION,
        "files": {name: len(rows) for name, rows in files.items()},
        "rows": sorted({row.hash for rows in files.values() for row in rows}),
    }
    return json.dumps(content, indent=1) + "\n"
