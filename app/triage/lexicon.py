"""A pack's phrases, compiled once: one search over a message finds every fact and cue that occurs in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.triage.decision import Label
from app.triage.pack import Pack
from app.triage.phrases import BadPhrase, Matcher, compiled, expand, folded_phrase, legible, matcher
from app.triage.taxonomy import Cue, FactPhrases, LanguagePart, Phrases

_HEAD = (
    r"^\W*(?:(?:hi|hello|hey|dear|hallo|guten (?:tag|morgen)|moin|bonjour|salut|hola|buen[oa]s|ola|bom dia|boa tarde)\b"
    r"[^,!]{{0,20}}[,!]\s*)?"
)
"""What may stand before the head of a question."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one phrase stands for: a fact, or a cue of a label."""

    name: str
    fact: FactPhrases | None = None
    label: Label | None = None
    cue: Cue | None = None
    unless: Matcher | None = None


class Lexicon:
    """The compiled phrases of a pack in one language: what somebody says, what is pasted, and the guards."""

    def __init__(self, pack: Pack, language: str = "") -> None:
        part = pack.languages[language] if language else pack
        self._above: tuple[int | str, ...] = ("languages", language) if language else ()
        self._words = {name: tuple(map(folded_phrase, entries)) for name, entries in part.words.items()}
        self.said: list[Entry] = []
        self.pasted: list[Entry] = []
        said: list[str] = []
        pasted: list[str] = []
        for name, fact in _facts(pack, language):
            path = (*self._above, "facts", name)
            entry = Entry(name, fact=fact, unless=self._matcher(fact.unless, (*path, "unless")))
            for expression in self._expressions(fact.phrases, (*path, "phrases")):
                said.append(expression)
                self.said.append(entry)
        above = (*self._above, "cues") if language else ("labels", "cues")
        for label, cues in (pack.languages[language].cues if language else pack.labels.cues).items():
            for name, cue in cues.items():
                path = (*above, label.value, name)
                entry = Entry(name, label=label, cue=cue, unless=self._matcher(cue.unless, (*path, "unless")))
                into, entries = (pasted, self.pasted) if cue.where == "pasted" else (said, self.said)
                for expression in self._expressions(cue.phrases, (*path, "phrases")):
                    into.append(expression)
                    entries.append(entry)
        self.in_said = matcher(tuple(said))
        self.in_pasted = matcher(tuple(pasted))
        guards = part.guards
        self.negation = self._one(guards.negation, "negation", r"{}[^,;:()]{{0,32}}$")
        self.not_negation = self._one(guards.not_negation, "not_negation", r"{}[^,;:()]{{0,32}}$")
        self.breaks = self._one(guards.breaks, "breaks")
        self.inside = self._one(guards.inside, "inside")
        self.hypothetical = self._one(guards.hypothetical, "hypothetical")
        self.history = self._one(guards.history, "history")
        self.still = self._one(guards.still, "still")
        self.asking = self._one(guards.asking, "asking", _HEAD + "{}")

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
        parts = self._expressions(phrases, (*self._above, "guards", name))
        return matcher((frame.format("(?:" + "|".join(parts) + ")"),) if parts else ())


class Lexicons:
    """The lexicons of a pack's further languages, each compiled when the first text in its language comes."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._compiled: dict[str, Lexicon] = {}

    def of(self, language: str) -> Lexicon | None:
        """The lexicon of a language; None where the pack has none of its own for it."""
        if language not in self._pack.languages:
            return None
        if language not in self._compiled:
            self._compiled[language] = Lexicon(self._pack, language)
        return self._compiled[language]

    def check(self) -> None:
        """Raise BadPhrase for a phrase that will not compile; nothing of it is kept."""
        for language, part in self._pack.languages.items():
            words = {name: tuple(map(folded_phrase, entries)) for name, entries in part.words.items()}
            for path, phrase in phrases_of(part):
                try:
                    legible(expand(folded_phrase(phrase), words))
                except BadPhrase as error:
                    error.path = ("languages", language, *path)
                    raise


def phrases_of(part: LanguagePart) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Every phrase of a language but the entries of its lists of words, with its path."""
    lists: list[tuple[tuple[int | str, ...], Phrases]] = [
        (("guards", name), getattr(part.guards, name)) for name in type(part.guards).model_fields
    ]
    for name, fact in part.facts.items():
        lists += [(("facts", name, "phrases"), fact.phrases), (("facts", name, "unless"), fact.unless)]
    for label, cues in part.cues.items():
        for name, cue in cues.items():
            cue_path = ("cues", label.value, name)
            lists += [((*cue_path, "phrases"), cue.phrases), ((*cue_path, "unless"), cue.unless)]
    for above, phrases in lists:
        yield from (((*above, number), phrase) for number, phrase in enumerate(phrases))


def _facts(pack: Pack, language: str) -> Iterator[tuple[str, FactPhrases]]:
    """The facts of a language by name: its phrases, and everything else as the pack says."""
    if not language:
        yield from pack.facts.items()
        return
    for name, own in pack.languages[language].facts.items():
        fact = pack.facts.get(name, FactPhrases())
        yield name, fact.model_copy(update={"phrases": own.phrases, "unless": own.unless})
