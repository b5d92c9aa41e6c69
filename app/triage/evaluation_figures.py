"""The figures by which answers are judged: shares with their uncertainty, F1, calibration. Numbers in, numbers out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

_Z = 1.959964  # of the normal distribution, for 95 %
_BINS = 10


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of``. ``low`` and ``high`` are the 95 % interval by Wilson (1927), which holds for few rows and
    for shares near 0 and 1 too; without rows there is no ``value``."""

    count: int
    of: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class OfClass:
    """How one class was told: ``precision`` of those called so, ``recall`` of those that are so. ``f1`` is 0 where the
    class occurs and was never found, None where it does not occur."""

    precision: Share
    recall: Share
    f1: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers of one range of confidence, ``low`` up to ``high``: the mean confidence they were ``said`` with, and
    how many were ``right``."""

    low: float
    high: float
    said: float
    right: Share


def share(count: int, of: int) -> Share:
    """So many of so many, with Wilson's interval."""
    if not of:
        return Share(count, of, None, None, None)
    value, z2 = count / of, _Z * _Z
    middle = (value + z2 / (2 * of)) / (1 + z2 / of)
    reach = _Z / (1 + z2 / of) * math.sqrt(value * (1 - value) / of + z2 / (4 * of * of))
    return Share(count, of, value, max(0.0, middle - reach), min(1.0, middle + reach))


def of_class(pairs: Sequence[tuple[T, T | None]], one: T) -> OfClass:
    """Precision, recall and F1 of one class among pairs of what is right and what was answered (None: nothing was)."""
    hits = sum(right == one and got == one for right, got in pairs)
    called, there = sum(got == one for _, got in pairs), sum(right == one for right, _ in pairs)
    return OfClass(share(hits, called), share(hits, there), 2 * hits / (called + there) if there else None)


def macro_f1(pairs: Sequence[tuple[T, T | None]]) -> float | None:
    """The mean F1 of the classes that are right for any pair, each counting the same; None without pairs. A class that
    is only answered lowers the precision of nothing but itself, so it does not count."""
    found = [of_class(pairs, one).f1 or 0.0 for one in {right for right, _ in pairs}]
    return math.fsum(found) / len(found) if found else None


def confusion(pairs: Sequence[tuple[str, str | None]]) -> dict[str, dict[str, int]]:
    """What was answered, by what is right; ``none`` where nothing was."""
    counts = Counter((right, got or "none") for right, got in pairs)
    rows: dict[str, dict[str, int]] = {}
    for (right, got), count in sorted(counts.items()):
        rows.setdefault(right, {})[got] = count
    return rows


def reliability(sure: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Pairs of confidence (0 to 1) and being right, in ten ranges of the same width; empty ranges are left out."""
    ranges: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in sure:
        ranges.setdefault(min(int(confidence * _BINS), _BINS - 1), []).append((confidence, right))
    return tuple(
        Bin(
            number / _BINS,
            (number + 1) / _BINS,
            math.fsum(confidence for confidence, _ in found) / len(found),
            share(sum(right for _, right in found), len(found)),
        )
        for number, found in sorted(ranges.items())
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """The expected calibration error (Naeini et al. 2015): how far confidence and being right lie apart, each range
    counting by its rows; None without rows."""
    rows = sum(one.right.of for one in bins)
    apart = (one.right.of * abs((one.right.value or 0.0) - one.said) for one in bins)
    return math.fsum(apart) / rows if rows else None


def at_rank(values: Sequence[float], part: float) -> float:
    """The smallest value that so large a part of them does not exceed (nearest rank); 0 without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else 0.0
