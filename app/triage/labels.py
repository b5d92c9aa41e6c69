"""Which of the nine labels a ticket bears: weighted cues, then S0's rules for choosing (S0-12..S0-15)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.triage.conditions import Seen
from app.triage.decision import Evidence, Label, RuledOut
from app.triage.edits import changed
from app.triage.model import LEAST_CHANCE, Reading
from app.triage.reading import Hit
from app.triage.rules import every
from app.triage.taxonomy import Labels

_OPENING = 160  # characters of the first message that count as its opening
_LATER = 0.8  # how much a cue in a later message counts
_FORMS = (Label.DEFECT, Label.GUIDANCE, Label.ENHANCEMENT)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels chosen, how sure, and on what words. ``by_cues`` is what the cues and rules alone say,
    ``runner_up`` the next best label, each with how likely it is."""

    primary: Label
    second: Label | None
    confidence: float
    evidence: tuple[Evidence, ...]
    ruled_out: tuple[RuledOut, ...]
    scores: Mapping[Label, float]
    rules: tuple[str, ...] = ()
    leader: Label = Label.DEFECT
    by_cues: Label = Label.DEFECT
    by_cues_chance: float = 0.0
    runner_up: Label | None = None
    runner_up_chance: float = 0.0


@dataclass(slots=True)
class _Cue:
    points: float
    hit: Hit
    count: int = 1


def scores(hits: Sequence[Hit], labels: Labels) -> tuple[dict[Label, float], dict[Label, list[_Cue]]]:
    """Points by label; a cue counts once at its best place, and a little more when repeated."""
    cues: dict[tuple[Label, str], _Cue] = {}
    for hit in hits:
        label, cue = hit.entry.label, hit.entry.cue
        if label is None or cue is None or hit.doubt is not None:
            continue
        where = hit.message.source
        if cue.where == "subject" and where != "subject":
            continue
        if cue.where == "opening" and not (where == "subject" or (hit.order <= 1 and hit.start < _OPENING)):
            continue
        factor = labels.subject_factor if where == "subject" else 1.0 if hit.order <= 1 else _LATER
        points = cue.points * factor
        known = cues.get((label, hit.entry.name))
        if known is None:
            cues[label, hit.entry.name] = _Cue(points, hit)
        else:
            known.count += 1
            if abs(points) > abs(known.points):
                known.points, known.hit = points, hit
    total = {label: labels.prior.get(label, 0.0) for label in Label}
    by_label: dict[Label, list[_Cue]] = {label: [] for label in Label}
    for (label, _), found in cues.items():
        total[label] += found.points * (1 + labels.repeat_factor * min(found.count - 1, 2))
        by_label[label].append(found)
    return total, by_label


def classify(hits: Sequence[Hit], seen: Seen, labels: Labels) -> Labelled:
    """The primary and, where relevant, the secondary label: by the cues, the rules, and the learned reader."""
    total, cues = scores(hits, labels)
    held = []
    if max(score for label, score in total.items() if label not in _FORMS) >= labels.topic_min:
        for label, points in labels.yields.items():
            total[label] -= points
    leader = max(total, key=lambda label: total[label])
    for rule in every(labels.weigh, replace(seen, label=leader)):  # the rules may ask for the leading label so far
        total[rule.rule.then.label] += rule.rule.then.points
        held.append(rule.rule.name)
    by_cues = max(Label, key=lambda label: (total[label], label is Label.DEFECT))
    by_cues_chance = _confidence(total, by_cues, labels.temperature)
    temperature = labels.temperature
    if seen.reading is not None:
        temperature = seen.pack.reader.temperature
        _lay_over(total, seen.reading, seen.pack.reader.labels * seen.pack.reader.share(seen.language), labels)
    ranking = sorted(Label, key=lambda label: (-total[label], label is not Label.DEFECT))
    primary = ranking[0]
    if primary is not Label.DEFECT and total[primary] - total[Label.DEFECT] < labels.tie_margin:
        primary = Label.DEFECT  # S0-15
        held.append("ambiguous-prefers-defect")
    rest = [label for label in ranking if label is not primary]
    second = rest[0]
    relevant = total[second] >= labels.second_min and total[second] >= labels.second_share * total[primary]
    evidence = [
        cue.hit.evidence(f"label {label}")
        for label in ((primary, second) if relevant else (primary,))
        for cue in sorted(cues[label], key=lambda found: -found.points)[:4]
        if cue.points > 0
    ]
    ruled_out = tuple(
        RuledOut(f"label {label}", f"scores {total[label]:.1f} against {total[primary]:.1f} for {primary}")
        for label in rest[1 if relevant else 0 :][:2]
        if total[label] > 0.5
    )
    return Labelled(
        primary,
        second if relevant else None,
        _confidence(total, primary, temperature),
        tuple(evidence),
        ruled_out,
        total,
        tuple(held),
        leader,
        by_cues,
        by_cues_chance,
        rest[0],
        _confidence(total, rest[0], temperature),
    )


def _lay_over(total: dict[Label, float], reading: Reading, weight: float, labels: Labels) -> None:
    """Add the reader's log-odds against even chances. Where the cues tell a topic it cannot make a question of it: what
    a question is about says more than that it is one (S0-12)."""
    even = 1 / len(Label)
    odds = {label: math.log(max(chance, LEAST_CHANCE) / even) for label, chance in reading.labels.items()}
    topic = max((label for label in Label if label not in _FORMS), key=lambda label: total[label])
    if total[topic] >= labels.topic_min:
        odds[Label.GUIDANCE] = min(odds[Label.GUIDANCE], odds[topic])
    for label, points in odds.items():
        total[label] += weight * points


def said(labelled: Labelled, seen: Seen) -> Labelled:
    """The label that a person gave instead, where one did: by command, or by changing the field after us; the newest
    of the two. What the words came to is ruled out by that."""
    order, field = seen.orders.label, seen.ticket.fields.get("label") or ""
    theirs = next((label for label in Label if label.casefold() == field.casefold()), None)
    if theirs is not None and not changed("label", field, seen.context):
        theirs = None
    if order is not None and (theirs is None or not order.answered):
        theirs, how = Label(order.value), "an agent said so by command"
    else:
        how = "a person set the label"
    if theirs is None:
        return labelled
    if theirs is labelled.primary:
        return replace(labelled, confidence=1.0, runner_up=None)
    second = labelled.second if labelled.second is not theirs else None
    instead = RuledOut(f"label {labelled.primary}", f"{how}: {theirs}")
    return replace(
        labelled,
        primary=theirs,
        second=second,
        confidence=1.0,
        runner_up=None,
        ruled_out=(instead, *labelled.ruled_out),
    )


def _confidence(total: Mapping[Label, float], primary: Label, temperature: float) -> float:
    """How likely the label is right by how far it stands out; the temperature is what was measured to make it so."""
    return round(1 / sum(math.exp((score - total[primary]) / temperature) for score in total.values()), 3)
