"""What a ticket tells of a failure: which part of the product it is about, and whether it is there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.triage.decision import Severity
from app.triage.passages import Kind
from app.triage.severity import rate
from app.triage.symptoms.symptom import EVERYTHING
from app.triage.ticket import Speaker

if TYPE_CHECKING:
    from app.triage.classified import Classified
    from app.triage.policy import Policy
    from app.triage.text import Message
    from app.triage.thread import Thread

_SUBJECT = 3  # a surface in the subject counts like so many in the text
_CLEAR = 0.5  # of the clearest one's points, from which another is clear too
_MOST = 3  # places in one message that count
_OTHERS = frozenset(Kind) - {Kind.SAID, Kind.CODE}
_LONGEST = 20_000  # characters of a message that are read


@dataclass(frozen=True, slots=True)
class Told:
    """What a ticket tells of a failure. ``acute``: it is there now; ``vague``: by nothing else than words that
    something fails; ``severe``: by its own words it is P0 or P1."""

    acute: bool = False
    vague: bool = False
    severe: bool = False


def told(read: Classified, policy: Policy) -> Told:
    """What a ticket tells of a failure that is there now (see ``Duplicates``)."""
    part, words = policy.pack.duplicates, policy.vocabulary
    facts = read.seen.facts
    said = "\n".join(text for texts in _read(read.thread.messages) for _, text in texts)
    if facts.isdisjoint(part.acute) and not words.tells(words.failing, said):
        return Told()
    severe = _severe(read)
    if words.tells(words.fresh, said):
        return Told(acute=True, severe=severe)
    if words.tells(words.lasting, said):
        return Told()
    if words.tells(words.plain, said):
        return Told(acute=True, severe=severe)
    if read.labelled.primary not in part.label and not facts.isdisjoint(part.not_acute):
        return Told()
    many = not facts.isdisjoint((*part.storm.sure, *part.many)) or words.tells(words.broad, said)
    return Told(acute=True, vague=not (severe or many), severe=severe)


def _severe(read: Classified) -> bool:
    """Whether it is P0 or P1 by its own words, before anything is known of others."""
    label = read.labelled
    unsure = label.confidence < read.seen.pack.labels.unsure_below
    seen = replace(read.seen, label=label.primary, second_label=label.second, unsure=unsure)
    return rate(seen, None).evidenced <= Severity.P1


def surfaces_of(thread: Thread, policy: Policy) -> tuple[str, ...]:
    """The parts of the product that a ticket is about, the clearest first: by its subject and first message, or else by
    what the customer said later. What they are parts of follows, and ``everything`` comes last: who names a part means
    that part."""
    vocabulary = policy.vocabulary
    first, later = _read(thread.messages)
    scores: dict[int, int] = {}
    for texts in (first, later):
        for weight, said in texts:
            for surface, count in vocabulary.counts(said).items():
                scores[surface] = scores.get(surface, 0) + weight * min(count, _MOST if weight == 1 else 1)
        if scores:
            break
    clear = max(scores.values(), default=0) * _CLEAR
    ranked = sorted((one for one in scores if scores[one] >= clear), key=lambda surface: (-scores[surface], surface))
    names = [vocabulary.names[surface] for surface in ranked]
    greater = (vocabulary.part_of[name] for name in names if name in vocabulary.part_of)
    names = list(dict.fromkeys((*names, *greater)))
    return tuple(sorted(names, key=lambda name: name == EVERYTHING))


def _read(thread: Sequence[Message]) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What the customer says and pastes, folded, with its weight: in subject and first message, and what came later."""
    first: list[tuple[int, str]] = []
    later: list[tuple[int, str]] = []
    for message in thread:
        if message.source == "subject":
            first.append((_SUBJECT, message.said))
        elif message.speaker is Speaker.CUSTOMER:
            said = message.without(*_OTHERS)[:_LONGEST]
            (first if message.source == "body" else later).append((1, said))
    return first, later
