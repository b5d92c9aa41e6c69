"""A second opinion by a language model: when one is wanted, what of an answer counts, and the little that it may do.

It may break a tie between the two best labels of an unsure decision, or make the label less sure. It never decides
Security, P0, P1 or a page, in neither direction, and never makes anything surer. A ticket's text may hold orders to the
model: whatever they make it say, this is all that it can do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.triage.decision import Decision, Label, Opinion, RuledOut, Severity
from app.triage.labels import Labelled
from app.triage.masking import Masked
from app.triage.taxonomy import Labels

Reason = Literal["", "quote", "security", "urgent"]
"""Why an answer was dropped: a quote that does not stand in the text, Security, or P0 or P1. Empty: it counts."""

_NEVER = frozenset({"spam", "advertising", "auto_reply", "security_active", "vulnerability"})
_WAKES = ("page ", "raise to ")
NOTHING = "it changes nothing"
BREAKS_TIES = "second-opinion-breaks-the-tie"


class Answer(BaseModel):
    """What the model is to answer, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Label = Field(description="The one label that fits the ticket best.")
    severity: Literal["P0", "P1", "P2", "P3", "P4"] = Field(description="How bad it is: P0 is worst, P4 an idea.")
    confidence: float = Field(ge=0.0, le=1.0, description="How sure you are of the label, 0 to 1.")
    evidence: list[Annotated[str, Field(min_length=3, max_length=300)]] = Field(
        min_length=1, max_length=5, description="Quotes from the ticket, copied letter by letter, that show the label."
    )


def wanted(decision: Decision, labels: Labels) -> bool:
    """Whether a second opinion on this decision is worth asking for: it is in doubt, and is one that may be doubted."""
    return _in_doubt(decision, labels) and _may_be_asked(decision)


def _in_doubt(decision: Decision, labels: Labels) -> bool:
    return decision.confidence < labels.unsure_below


def _may_be_asked(decision: Decision) -> bool:
    """Not about spam and automatic replies, what people took out of our hands, Security, P0 and P1."""
    return not (
        decision.left_alone
        or _urgent(decision)
        or Label.SECURITY in (decision.label, decision.second_label)
        or _NEVER.intersection(decision.facts)
    )


def _urgent(decision: Decision) -> bool:
    """Whether on-call is woken, or a person is asked to, or may have to be: P0 and P1, in force or by the facts."""
    rated = decision.severity if decision.rated is None else decision.rated
    return min(decision.severity, rated) <= Severity.P1 or decision.page or bool(_waking(decision))


def _waking(decision: Decision) -> set[str]:
    return {one.what for one in decision.proposals if one.what.startswith(_WAKES)}


def key(masked: str, policy_digest: str, model: str) -> str:
    """Forty hex digits by which an opinion is found again: same words, same policy, same model."""
    return hashlib.sha256("\0".join((model, policy_digest, masked)).encode()).hexdigest()[:40]


def judged(answer: Answer, masked: str) -> Reason:
    """Why an answer does not count, or empty. ``masked`` is the text that the model was given."""
    if any(quote not in masked for quote in answer.evidence):
        return "quote"
    if answer.label is Label.SECURITY:
        return "security"
    if Severity[answer.severity] <= Severity.P1:
        return "urgent"
    return ""


def from_answer(answer: Answer, model: str) -> Opinion:
    """An answer that counts, as an opinion."""
    return Opinion(model, answer.label, Severity[answer.severity], answer.confidence, tuple(answer.evidence))


def restored(kept: Mapping[str, Any], text: Masked) -> Opinion:
    """An opinion that was kept, its quotes in the customer's own words again as far as they may be shown."""
    opinion = from_json(kept)
    return replace(opinion, quotes=tuple(map(text.restored, opinion.quotes)))


def standing(previous: Decision | None, text: Masked) -> Opinion | None:
    """The opinion that the last decision heard, as long as the customer still says what it quotes."""
    last = previous.opinion if previous is not None else None
    if last is None or any(quote not in text.restored(text.text) for quote in last.quotes):
        return None
    return replace(last, effect="")


def weighed(labelled: Labelled, opinion: Opinion, labels: Labels, *, breaks_ties: bool) -> Labelled:
    """The labels with the opinion heard. Never surer than without it."""
    if opinion.label is labelled.primary:
        return labelled
    if not (breaks_ties and _tied(labelled, opinion.label, labels)):
        return replace(labelled, confidence=min(labelled.confidence, round(1.0 - opinion.confidence, 3)))
    instead = RuledOut(f"label {labelled.primary}", f"unsure beside {opinion.label}; the second opinion broke the tie")
    return replace(
        labelled,
        primary=opinion.label,
        second=labelled.primary if labelled.second is opinion.label else labelled.second,
        confidence=min(labelled.confidence, opinion.confidence),
        rules=(*labelled.rules, BREAKS_TIES),
        ruled_out=(instead, *(one for one in labelled.ruled_out if one.what != f"label {opinion.label}")),
    )


def _tied(labelled: Labelled, label: Label, labels: Labels) -> bool:
    """Whether an unsure decision has this label as its best but one, and words of the ticket speak for it."""
    score = labelled.scores[label]
    best_of_the_rest = max(score for other, score in labelled.scores.items() if other is not labelled.primary)
    unsure = labelled.confidence < labels.unsure_below
    return unsure and score >= best_of_the_rest and score > labels.prior.get(label, 0.0)


def bears(plain: Decision, heard: Decision) -> bool:
    """Whether an opinion may turn one decision into the other: nothing about Security, P0, P1 or waking changes."""
    return _may_be_asked(plain) and _may_be_asked(heard)


def effect(opinion: Opinion, plain: Decision, heard: Decision) -> str:
    """What an opinion did, in words; empty where it agrees."""
    if opinion.label is plain.label:
        return ""
    if heard.label is not plain.label:
        return f"it breaks the tie between {plain.label} and {heard.label}"
    if heard.confidence < plain.confidence:
        return "it makes the label less sure"
    return NOTHING


def to_json(opinion: Opinion) -> dict[str, Any]:
    """A second opinion as a JSON object."""
    return {
        "model": opinion.model,
        "label": opinion.label.value,
        "severity": opinion.severity.name,
        "confidence": opinion.confidence,
        "quotes": list(opinion.quotes),
        "effect": opinion.effect,
    }


def from_json(data: Mapping[str, Any]) -> Opinion:
    """The second opinion that ``to_json`` wrote."""
    return Opinion(
        model=data["model"],
        label=Label(data["label"]),
        severity=Severity[data["severity"]],
        confidence=data["confidence"],
        quotes=tuple(data["quotes"]),
        effect=data["effect"],
    )
