"""How well tickets are read: answers beside what is right, summed up. No file and no clock; times come from outside."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.triage.decision import Decision, Label, Severity
from app.triage.evaluation_figures import (
    Bin,
    OfClass,
    Share,
    at_rank,
    calibration_error,
    confusion,
    macro_f1,
    of_class,
    reliability,
    share,
)
from app.triage.gold import Row
from app.triage.model import Reading

_FORMS = (Label.GUIDANCE, Label.ENHANCEMENT)  # what a Defect is mistaken for, whatever the source knows
_LENGTHS = ((100, "under 100"), (300, "100 to 299"), (1000, "300 to 999"))
_LONGEST = "1000 and more"
_LENGTH_NAMES = (*(name for _, name in _LENGTHS), _LONGEST)
UNTOLD = "not told"


@dataclass(frozen=True, slots=True)
class Case:
    """What is right about a ticket, as ``gold.Row`` has it, and by what it is sorted: ``source``, ``length`` (of
    subject and text, in characters) and ``language``. The text is not kept."""

    label: Label | None = None
    also: tuple[Label, ...] = ()
    severities: tuple[Severity, ...] = ()
    page: bool | None = None
    symptoms: bool = False
    spam: bool = False
    source: str = UNTOLD
    length: str = _LONGEST
    language: str = UNTOLD


@dataclass(frozen=True, slots=True)
class Answer:
    """What was made of a ticket; None is what nothing was said about. ``confidence`` is the label's, 0 to 1, ``sure``
    whether the policy takes it for enough (None: no policy was asked), ``seconds`` how long it took."""

    label: Label | None = None
    confidence: float = 0.0
    sure: bool | None = None
    severity: Severity | None = None
    page: bool | None = None
    seconds: float = 0.0


Pair = tuple[Case, Answer]


@dataclass(frozen=True, slots=True)
class Rating:
    """Severities: ``agreement`` with one of those that can be defended, ``within_one`` rank of one; ``missed`` of those
    that must be P0 or P1, ``invented`` of those that must not; ``confusion`` by what is right, such as ``P0/P1``."""

    agreement: Share
    within_one: Share
    missed: Share
    invented: Share
    confusion: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds a ticket: the mean, the median, and what 95 of 100 do not exceed."""

    mean: float
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is measured about one way of reading.

    ``accuracy``: just the right label. ``compatible``: that, or another that can be defended (``also``, and where the
    source knows only symptoms, a topic for a Defect). ``sure``: how many labels the policy takes for sure enough, and
    ``accuracy_when_sure`` of those. ``macro_f1`` and ``labels`` go by just the right label too, and so does the
    calibration.
    """

    rows: int
    accuracy: Share
    compatible: Share
    macro_f1: float | None
    sure: Share
    accuracy_when_sure: Share
    labels: dict[str, OfClass]
    confusion: dict[str, dict[str, int]]
    reliability: tuple[Bin, ...]
    calibration_error: float | None
    severity: Rating
    paging: OfClass
    spam_paged: Share
    spam_above_p3: Share
    took: Took


def case_of(row: Row) -> Case:
    """What is right about a row, without its text."""
    size = len(row.ticket.subject) + len(row.ticket.body)
    return Case(
        label=row.label,
        also=row.also,
        severities=row.severities,
        page=row.page,
        symptoms=row.symptoms,
        spam=row.spam,
        source=row.source or UNTOLD,
        length=next((name for below, name in _LENGTHS if size < below), _LONGEST),
        language=row.ticket.language or UNTOLD,
    )


def measurable(row: Row) -> bool:
    """Whether anything is known to be right about the row."""
    return row.label is not None or bool(row.severities) or row.page is not None or row.spam


def answer_of(decision: Decision, unsure_below: float) -> Answer:
    """What a decision says; ``unsure_below`` is its policy's ``labels.unsure_below``."""
    return Answer(
        label=decision.label,
        confidence=decision.confidence,
        sure=decision.confidence >= unsure_below,
        severity=decision.severity,
        page=decision.page,
    )


def answer_of_reading(reading: Reading | None) -> Answer:
    """What the learned reader says alone; it wakes nobody."""
    if reading is None:
        return Answer()
    return Answer(label=reading.label, confidence=reading.labels[reading.label], severity=reading.severity)


def report(pairs: Sequence[Pair]) -> Report:
    """The sum of all answers; a share of which nothing is known has no value."""
    known = [(case, answer) for case, answer in pairs if case.label is not None]
    labels = [(case.label, answer.label) for case, answer in known if case.label is not None]
    names = [(str(right), str(got) if got else None) for right, got in labels]
    bins = reliability([(answer.confidence, answer.label is case.label) for case, answer in known if answer.label])
    judged = [(case, answer) for case, answer in known if answer.sure is not None]
    sure = [answer.label is case.label for case, answer in judged if answer.sure]
    spam = [answer for case, answer in pairs if case.spam]
    times = [answer.seconds * 1000 for _, answer in pairs]
    return Report(
        rows=len(pairs),
        accuracy=share(sum(right is got for right, got in labels), len(labels)),
        compatible=share(sum(_compatible(case, answer.label) for case, answer in known), len(known)),
        macro_f1=macro_f1(labels),
        sure=share(len(sure), len(judged)),
        accuracy_when_sure=share(sum(sure), len(sure)),
        labels={str(one): of_class(labels, one) for one in Label if any(one in pair for pair in labels)},
        confusion=confusion(names),
        reliability=bins,
        calibration_error=calibration_error(bins),
        severity=_rating([(case, answer.severity) for case, answer in pairs if case.severities]),
        paging=of_class([(case.page, answer.page) for case, answer in pairs if _pages(case, answer)], one=True),
        spam_paged=share(sum(answer.page is True for answer in spam), len(spam)),
        spam_above_p3=share(sum(_above(Severity.P3, answer.severity) for answer in spam), len(spam)),
        took=Took(math.fsum(times) / max(1, len(times)), at_rank(times, 0.5), at_rank(times, 0.95)),
    )


def slices(pairs: Sequence[Pair]) -> dict[str, dict[str, Report]]:
    """A report of each source and language, the largest first, and of each length, the shortest first."""
    lengths = dict(_parted(pairs, lambda case: case.length))
    return {
        "source": dict(_parted(pairs, lambda case: case.source)),
        "length": {name: lengths[name] for name in _LENGTH_NAMES if name in lengths},
        "language": dict(_parted(pairs, lambda case: case.language)),
    }


def figures(one: Report) -> dict[str, float | None]:
    """The single figures of a report, by the names that a floor or a ceiling may ask for; None: not measured."""
    rating = one.severity
    found = {
        "accuracy": one.accuracy.value,
        "compatible": one.compatible.value,
        "macro_f1": one.macro_f1,
        "sure": one.sure.value,
        "accuracy_when_sure": one.accuracy_when_sure.value,
        "calibration_error": one.calibration_error,
        "severity": rating.agreement.value,
        "severity_within_one": rating.within_one.value,
        "missed": _counted(rating.missed),
        "invented": _counted(rating.invented),
        "page_precision": one.paging.precision.value,
        "page_recall": one.paging.recall.value,
        "spam_paged": _counted(one.spam_paged),
        "spam_above_p3": _counted(one.spam_above_p3),
        "milliseconds": one.took.mean if one.rows else None,
    }
    for label in Label:
        told = one.labels.get(label)
        found[f"precision.{label}"] = told.precision.value if told else None
        found[f"recall.{label}"] = told.recall.value if told else None
    return found


def _counted(part: Share) -> float | None:
    return float(part.count) if part.of else None


def _parted(pairs: Sequence[Pair], of: Callable[[Case], str]) -> Iterator[tuple[str, Report]]:
    parts: dict[str, list[Pair]] = {}
    for pair in pairs:
        parts.setdefault(of(pair[0]), []).append(pair)
    for name in sorted(parts, key=lambda name: (-len(parts[name]), name)):
        yield name, report(parts[name])


def _compatible(case: Case, got: Label | None) -> bool:
    if got is None:
        return False
    topical = case.symptoms and case.label is Label.DEFECT and got not in _FORMS
    return got is case.label or got in case.also or topical


def _pages(case: Case, answer: Answer) -> bool:
    return case.page is not None and answer.page is not None


def _above(rank: Severity, severity: Severity | None) -> bool:
    return severity is not None and severity < rank


def _rating(rated: Sequence[tuple[Case, Severity | None]]) -> Rating:
    """Severities of which the right ones are known. What was not rated at all counts as missed."""
    right = [(case.severities, got) for case, got in rated]
    critical = [got for wanted, got in right if max(wanted) <= Severity.P1]
    harmless = [got for wanted, got in right if min(wanted) > Severity.P1]
    near = sum(got is not None and min(abs(got - one) for one in wanted) <= 1 for wanted, got in right)
    return Rating(
        agreement=share(sum(got in wanted for wanted, got in right), len(right)),
        within_one=share(near, len(right)),
        missed=share(sum(not _above(Severity.P2, got) for got in critical), len(critical)),
        invented=share(sum(_above(Severity.P2, got) for got in harmless), len(harmless)),
        confusion=confusion(
            [("/".join(map(str, sorted(set(wanted)))), None if got is None else got.name) for wanted, got in right]
        ),
    )
