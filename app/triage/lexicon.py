"""A pack's phrases, compiled once: one search over a message finds every fact and cue that occurs in it."""

from __future__ import annotations

from dataclasses import dataclass

from app.triage.decision import Label
from app.triage.pack import Pack
from app.triage.phrases import BadPhrase, Matcher, compiled, expand, folded_phrase, matcher
from app.triage.taxonomy import Cue, FactPhrases


@dataclass(frozen=True, slots=True)
class Entry:
    """What one phrase stands for: a fact, or a cue of a label."""

    name: str
    fact: FactPhrases | None = None
    label: Label | None = None
    cue: Cue | None = None
    unless: Matcher | None = None


class Lexicon:
    """The compiled phrases of a pack: what somebody says, what is pasted, and the guards."""

    def __init__(self, pack: Pack) -> None:
        self._words = {name: tuple(map(folded_phrase, entries)) for name, entries in pack.words.items()}
        self.said: list[Entry] = []
        self.pasted: list[Entry] = []
        said: list[str] = []
        pasted: list[str] = []
        for name, fact in pack.facts.items():
            path: tuple[int | str, ...] = ("facts", name, "phrases")
            entry = Entry(name, fact=fact, unless=self._matcher(fact.unless, ("facts", name, "unless")))
            for expression in self._expressions(fact.phrases, path):
                said.append(expression)
                self.said.append(entry)
        for label, cues in pack.labels.cues.items():
            for name, cue in cues.items():
                path = ("labels", "cues", label.value, name)
                entry = Entry(name, label=label, cue=cue, unless=self._matcher(cue.unless, (*path, "unless")))
                into, entries = (pasted, self.pasted) if cue.where == "pasted" else (said, self.said)
                for expression in self._expressions(cue.phrases, (*path, "phrases")):
                    into.append(expression)
                    entries.append(entry)
        self.in_said = matcher(tuple(said))
        self.in_pasted = matcher(tuple(pasted))
        guards = pack.guards
        self.negation = self._one(guards.negation, "negation", r"{}[^,;:()]{{0,32}}$")
        self.not_negation = self._one(guards.not_negation, "not_negation", r"{}[^,;:()]{{0,32}}$")
        self.breaks = self._one(guards.breaks, "breaks")
        self.inside = self._one(guards.inside, "inside")
        self.hypothetical = self._one(guards.hypothetical, "hypothetical")
        self.history = self._one(guards.history, "history")
        self.still = self._one(guards.still, "still")
        self.asking = self._one(guards.asking, "asking", r"^\W*(?:(?:hi|hello|hey|dear)\b[^,]{{0,20}},\s*)?{}")

    def _expressions(self, phrases: tuple[str, ...], path: tuple[int | str, ...]) -> list[str]:
        found = []
        for index, phrase in enumerate(phrases):
            try:
                expression = expand(folded_phrase(phrase), self._words)
                compiled(expression)
            except BadPhrase as error:
                error.path = (*path, index)
                raise
            found.append(expression)
        return found

    def _matcher(self, phrases: tuple[str, ...], path: tuple[int | str, ...]) -> Matcher | None:
        return matcher(tuple(self._expressions(phrases, path))) if phrases else None

    def _one(self, phrases: tuple[str, ...], name: str, frame: str = "{}") -> Matcher:
        parts = self._expressions(phrases, ("guards", name))
        return matcher((frame.format("(?:" + "|".join(parts) + ")"),) if parts else ())
