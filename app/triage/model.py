"""The learned second reader: a linear model over words, kept as plain JSON (nothing in it can run).

It says how likely each label and each severity is, and by which words. It is one more source of evidence beside the
policy's phrases and rules, which ``labels`` and ``severity`` lay it over with the pack's weights.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from app.triage import features
from app.triage.decision import Evidence, Label, Severity
from app.triage.text import Message
from app.triage.ticket import Speaker

_FORMAT = 1
LEAST_CHANCE = 1e-4  # a smaller one says no more: whoever weighs chances counts it as this
_MOST_WORDS = 3  # words that are named as a reason
_MOST_SENTENCES = 2  # sentences that are quoted as one
RANKS = (Severity.P0, Severity.P1, Severity.P2, Severity.P3)
"""The severities that are read from words. P4 is a matter of the label alone (C-02)."""


class BadModel(ValueError):
    """The bytes are no model that this version can read; the message says why."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What the model makes of a text: a probability for each label and for each of ``RANKS``, and the words that spoke
    most for the likeliest label."""

    labels: Mapping[Label, float]
    severities: Mapping[Severity, float]
    words: tuple[str, ...]

    @property
    def label(self) -> Label:
        """The likeliest label."""
        return max(self.labels, key=lambda label: self.labels[label])

    @property
    def severity(self) -> Severity:
        """The likeliest severity."""
        return max(self.severities, key=lambda rank: self.severities[rank])


@dataclass(frozen=True, eq=False)
class Model:
    """``weights`` gives each feature's points: one for each of the ``labels``, then one for each of ``RANKS``, in steps
    of ``scale``; ``bias`` holds where each of them starts. ``languages`` (ISO 639-1) are those it was taught in."""

    languages: frozenset[str]
    labels: tuple[Label, ...]
    bias: tuple[float, ...]
    scale: float
    weights: Mapping[str, Sequence[int]]
    digest: str

    def read(self, thread: Sequence[Message], language: str = "en") -> Reading | None:
        """How likely each label and severity is for a thread; None where the model was not taught the language, or
        knows no word of it."""
        if language not in self.languages:
            return None
        found = features.features(thread)
        rows = {name: self.weights[name] for name in found if name in self.weights}
        spoken = [name for name in rows if name[0].isalpha()]
        if not spoken:
            return None
        unit = self.scale * features.unit(len(found))
        points = [
            start + unit * sum(column)
            for start, column in zip(self.bias, zip(*rows.values(), strict=True), strict=True)
        ]
        parted = len(self.labels)
        labels = dict(zip(self.labels, _chances(points[:parted]), strict=True))
        best = points.index(max(points[:parted]))
        spoken.sort(key=lambda name: (-rows[name][best], name))
        return Reading(
            labels,
            dict(zip(RANKS, _chances(points[parted:]), strict=True)),
            tuple(name for name in spoken[:_MOST_WORDS] if rows[name][best] > 0),
        )

    def because(self, thread: Iterable[Message], severity: Severity) -> list[Evidence]:
        """The sentences of the customer that speak most for a severity, the strongest first; for P4 those for P3."""
        column = len(self.labels) + RANKS.index(min(severity, RANKS[-1]))
        found = [
            (self._points(message.said[start:end], column), message, start, end)
            for message in thread
            if message.speaker is Speaker.CUSTOMER
            for start, end in message.sentences()
        ]
        found.sort(key=lambda one: -one[0])
        return [
            _quoted(message, start, end, severity)
            for points, message, start, end in found[:_MOST_SENTENCES]
            if points > 0
        ]

    def _points(self, said: str, column: int) -> int:
        return sum(self.weights[name][column] for name in features.words(said) if name in self.weights)


def _chances(points: Sequence[float]) -> list[float]:
    most = max(points)
    powers = [math.exp(point - most) for point in points]
    whole = sum(powers)
    return [power / whole for power in powers]


def _quoted(message: Message, start: int, end: int, severity: Severity) -> Evidence:
    part = message.said[start:end]
    start, end = start + len(part) - len(part.lstrip()), start + len(part.rstrip())
    first, last = message.original(start, end)
    return Evidence("reader", f"severity {severity.name}", message.text[first:last], message.source, first, last)


def load(raw: bytes) -> Model:
    """A model from its file's bytes, gzipped JSON. Raises BadModel."""
    try:
        data = json.loads(gzip.decompress(raw))
    except (OSError, EOFError, ValueError) as error:
        raise BadModel("it is not gzipped JSON") from error
    if not isinstance(data, dict) or (data.get("format"), data.get("features")) != (_FORMAT, features.VERSION):
        raise BadModel(f"it is not of format {_FORMAT} with features {features.VERSION}")
    try:
        labels = tuple(Label(name) for name in data["labels"])
        bias = tuple(map(float, data["bias"]))
        weights: dict[str, list[int]] = dict(data["weights"])
        if not set(map(type, chain.from_iterable(map(_row, weights.values())))) <= {int}:
            raise TypeError("weights are whole numbers")
        scale = float(data["scale"])
        languages = frozenset(map(str, data["languages"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadModel(f"a part is missing or of the wrong kind: {error}") from error
    if sorted(labels) != sorted(Label) or not weights:
        raise BadModel("it does not know just the nine labels")
    if any(len(row) != len(labels) + len(RANKS) for row in (bias, *weights.values())):
        raise BadModel("a feature has not one weight for each label and each severity from P0 to P3")
    return Model(languages, labels, bias, scale, weights, hashlib.sha256(raw).hexdigest()[:12])


def _row(row: object) -> list[Any]:
    if not isinstance(row, list):
        raise TypeError(f"weights stand in lists, not in {type(row).__name__}")
    return row


def dump(
    languages: Iterable[str], labels: Sequence[Label], bias: Sequence[float], weights: Mapping[str, Sequence[float]]
) -> bytes:
    """A model's bytes, the same for the same weights: each in 127 steps up to the greatest; rows of zeros left out."""
    scale = max(abs(value) for row in weights.values() for value in row) / 127
    steps = {name: [round(value / scale) for value in row] for name, row in sorted(weights.items())}
    data = {
        "format": _FORMAT,
        "features": features.VERSION,
        "languages": sorted(languages),
        "labels": [str(label) for label in labels],
        "bias": [round(value, 4) for value in bias],
        "scale": round(scale, 6),
        "weights": {name: row for name, row in steps.items() if any(row)},
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)
