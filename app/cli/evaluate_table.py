"""The report of ``triage evaluate`` for people: narrow tables, the whole before its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.triage.decision import Label, Severity
from app.triage.evaluation import Report
from app.triage.evaluation_figures import Share

_HEADS = {"cues": "phrases", "model": "learned", "both": "both"}
_WIDE = 22  # characters of the first column
_MOST_PARTS = 40  # sources or languages that are listed


def tables(reports: Mapping[str, Report], asked: str, slices: Mapping[str, Mapping[str, Report]]) -> Iterator[str]:
    """The lines of all tables: each way of reading side by side, then ``asked`` in full, then its slices."""
    one = reports[asked]
    yield f"{one.rows} tickets"
    if not one.rows:
        return
    yield ""
    yield from _summary(reports)
    if one.labels:
        yield from _titled(f"labels ({_HEADS[asked]})", _labels(one))
        yield from _titled("what was answered (columns) where a label is right (rows)", _confusion(one))
        yield from _titled("confidence", _reliability(one))
    if one.severity.agreement.of:
        yield from _titled("severities (columns) where one is right (rows)", _severities(one))
    for name, parts in slices.items():
        if len(parts) > 1:
            yield from _titled(f"by {name}", _parts(parts))


def _titled(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from lines


def _summary(reports: Mapping[str, Report]) -> Iterator[str]:
    """A line a figure, a column a way of reading; nothing about what no ticket has an answer for."""
    yield " " * _WIDE + "".join(f"{_HEADS[name]:>20}" for name in reports)
    of = list(reports.values())
    rows: list[tuple[str, list[str]]] = [
        ("accuracy", [_with_reach(one.accuracy) for one in of]),
        ("compatible", [_with_reach(one.compatible) for one in of]),
        ("macro-F1", [_number(one.macro_f1) for one in of]),
        ("sure enough", [_with_reach(one.sure) for one in of]),
        ("accuracy when sure", [_with_reach(one.accuracy_when_sure) for one in of]),
        ("calibration error", [_number(one.calibration_error) for one in of]),
        ("severity", [_with_reach(one.severity.agreement) for one in of]),
        ("within one rank", [_with_reach(one.severity.within_one) for one in of]),
        ("P0, P1 missed", [_counted(one.severity.missed) for one in of]),
        ("P0, P1 invented", [_counted(one.severity.invented) for one in of]),
        ("page precision", [_with_reach(one.paging.precision) for one in of]),
        ("page recall", [_with_reach(one.paging.recall) for one in of]),
        ("spam paged", [_counted(one.spam_paged) for one in of]),
        ("spam above P3", [_counted(one.spam_above_p3) for one in of]),
        ("ms a ticket", [f"{one.took.mean:.2f} (95 %: {one.took.p95:.2f})" for one in of]),
    ]
    for name, told in rows:
        if any(cell != "-" for cell in told):
            yield f"{name:<{_WIDE}}" + "".join(f"{cell:>20}" for cell in told)


def _labels(one: Report) -> Iterator[str]:
    yield f"{'':<14}{'rows':>6}{'precision':>20}{'recall':>20}{'F1':>7}"
    for name, told in one.labels.items():
        yield (
            f"{name:<14}{told.recall.of:>6}{_with_reach(told.precision):>20}{_with_reach(told.recall):>20}"
            f"{_number(told.f1):>7}"
        )


def _confusion(one: Report) -> Iterator[str]:
    heads = [str(label) for label in Label]
    if any("none" in got for got in one.confusion.values()):
        heads.append("none")
    yield " " * 14 + "".join(f"{head[:4]:>6}" for head in heads)
    for right, got in _in_order(one.confusion, heads):
        yield f"{right:<14}" + "".join(f"{got.get(head) or '.':>6}" for head in heads)


def _severities(one: Report) -> Iterator[str]:
    heads = [
        *Severity.__members__,
        *(["none"] if any("none" in got for got in one.severity.confusion.values()) else ()),
    ]
    yield " " * 14 + "".join(f"{head:>6}" for head in heads)
    for right, got in one.severity.confusion.items():
        yield f"{right:<14}" + "".join(f"{got.get(head) or '.':>6}" for head in heads)


def _in_order(rows: Mapping[str, Mapping[str, int]], order: list[str]) -> list[tuple[str, Mapping[str, int]]]:
    return [(name, rows[name]) for name in order if name in rows]


def _reliability(one: Report) -> Iterator[str]:
    yield f"{'':<14}{'rows':>6}{'said':>7}{'right':>20}"
    for found in one.reliability:
        right = found.right
        yield f"{found.low:.1f} to {found.high:.1f}    {right.of:>6}{found.said:>7.2f}{_with_reach(right):>20}"


def _parts(parts: Mapping[str, Report]) -> Iterator[str]:
    yield f"{'':<{_WIDE}}{'rows':>6}{'accuracy':>20}{'compatible':>12}{'macro-F1':>10}{'severity':>10}{'missed':>13}"
    for name, one in list(parts.items())[:_MOST_PARTS]:
        cells = (_number(one.compatible.value), _number(one.macro_f1), _number(one.severity.agreement.value))
        yield (
            f"{name:<{_WIDE}.{_WIDE - 1}}{one.rows:>6}{_with_reach(one.accuracy):>20}"
            f"{cells[0]:>12}{cells[1]:>10}{cells[2]:>10}{_counted(one.severity.missed):>13}"
        )
    if len(parts) > _MOST_PARTS:
        yield f"and {len(parts) - _MOST_PARTS} more, in --format json"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _with_reach(part: Share) -> str:
    """A share with its 95 % interval."""
    return "-" if part.value is None else f"{part.value:.3f} ({part.low:.2f}-{part.high:.2f})"


def _counted(part: Share) -> str:
    return f"{part.count} of {part.of}" if part.of else "-"
