"""How texts are read, as pack parts: the phrases for facts, the guards that take them back, the cues for labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, NonNegativeFloat

from app.triage.decision import Label
from app.triage.rules import Fact, Part, Rank, Rule, Speaking, Weigh

Phrases = tuple[str, ...]


class FactPhrases(Part):
    """How a fact is recognised.

    ``phrases`` anywhere in what ``who`` says; not when one of ``unless`` stands in the same sentence. ``replaces`` are
    facts that stop holding when this one is said later. ``guarded``: the pack's guards are looked at, except
    questions when it may be ``asked``.
    """

    phrases: Phrases = ()
    unless: Phrases = ()
    who: tuple[Speaking, ...] = ("customer",)
    replaces: tuple[Fact, ...] = ()
    guarded: bool = True
    asked: bool = False
    source: str = ""


class Guards(Part):
    """Phrases that take a finding back: said just before it (``negation``, except ``not_negation``; one of
    ``breaks`` between them parts the two), inside it (``inside``), anywhere in its sentence (``hypothetical``;
    ``history``, except ``still``), or at the head of a question (``asking``)."""

    negation: Phrases = ()
    not_negation: Phrases = ()
    breaks: Phrases = ()
    inside: Phrases = ()
    hypothetical: Phrases = ()
    history: Phrases = ()
    still: Phrases = ()
    asking: Phrases = ()


class Cue(Part):
    """Phrases that speak for a label with ``points``. ``where`` is ``any``, ``subject``, ``opening`` (subject, or the
    first sentences), or ``pasted`` (code and logs)."""

    points: float
    phrases: Phrases = Field(min_length=1)
    where: Annotated[str, Field(pattern="^(any|subject|opening|pasted)$")] = "any"
    unless: Phrases = ()
    guarded: bool = False
    source: str = ""


class Reader(Part):
    """How much the learned reader counts beside the policy's phrases and rules.

    ``labels``: the points that its log-odds for a label are worth beside the cues'; 0: it is not asked about labels.
    ``rules``: by rank, how much the rules' finding it adds to its log-odds of that rank; none: the rules alone rate.
    ``other_languages``: the share of its log-odds that counts in a language other than English, of which it was taught
    less. ``page``: the chance that P0 and P1 must have together, rules and reader taken together. ``temperature``: that
    of the labels' confidence where the reader had its say (see ``Labels``).
    """

    labels: float = Field(default=0.0, ge=0)
    rules: Mapping[Rank, NonNegativeFloat] = {}
    other_languages: float = Field(default=1.0, ge=0, le=1)
    page: float = Field(default=0.5, gt=0, lt=1)
    temperature: float = Field(default=2.5, gt=0)
    source: str = ""

    @property
    def asked(self) -> bool:
        """Whether the reader counts at all."""
        return self.labels > 0 or bool(self.rules)

    def share(self, language: str) -> float:
        """How much of the reader's log-odds counts in a language."""
        return 1.0 if language == "en" else self.other_languages


class Labels(Part):
    """The taxonomy's cues and how scores become labels (S0-01..S0-15).

    ``yields``: the points that a label of form (Defect, Guidance, Enhancement) gives up when a label of topic (one of
    the other six) reaches ``topic_min``: what a question or a fault is about says more than its form (S0-12).
    ``temperature``: the points by which a label must stand out to be e times as likely; it makes the confidence what it
    says. Below ``unsure_below`` the ticket goes to ``needs-triage`` with its best label.
    ``alias``: an older tag that is written beside a label's own, such as ``performance`` for Reliability (S3-15, C-15).
    """

    subject_factor: float = 1.5
    repeat_factor: float = 0.25
    second_min: float = 3.0
    second_share: float = 0.45
    tie_margin: float = 0.5
    unsure_below: float = 0.4
    temperature: float = Field(default=1.5, gt=0)
    prior: Mapping[Label, float] = {}
    topic_min: float = 3.0
    yields: Mapping[Label, float] = {}
    cues: Mapping[Label, Mapping[str, Cue]]
    weigh: tuple[Rule[Weigh], ...] = ()
    alias: Mapping[Label, str] = {}


class OwnPhrases(Part):
    """How a fact is said in one language; who may say it, what it replaces and the rest are the fact's own."""

    phrases: Phrases = ()
    unless: Phrases = ()


class LanguagePart(Part):
    """How texts in one more language are read, beside the pack's own English: its lists of words, its guards, the
    phrases of facts, the cues of labels. A cue that has the name of an English one counts once with it."""

    words: Mapping[str, Phrases] = {}
    guards: Guards = Guards()
    facts: Mapping[Fact, OwnPhrases] = {}
    cues: Mapping[Label, Mapping[str, Cue]] = {}
