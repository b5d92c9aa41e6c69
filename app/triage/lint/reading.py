"""Faults of how texts are read: facts that nobody asks for or nothing tells, phrases and lists that do not work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from app.triage.layers import Path
from app.triage.lexicon import Entry, Lexicon, phrases_of
from app.triage.lint.finding import Fault
from app.triage.lint.reach import facts_of
from app.triage.lint.rules import groups
from app.triage.pack import Pack
from app.triage.phrases import Matcher
from app.triage.policy import Policy
from app.triage.vocabulary import FACTS, LOOKED_UP

TOLD = frozenset(
    {
        *("code_fix_needed", "competitor", "frustrated", "no_workaround", "urgency", "verified", "workaround"),
        "workaround_broken",
    }
)
"""Facts that forms and notes tell, whether or not a rule asks for them."""

COMPARED = frozenset(
    {
        *("scope_one", "scope_few", "scope_many", "scope_all"),
        *("data_loss", "data_at_risk", "security_active", "outage", "unusable"),
    }
)
"""Facts by which growth is found (S0-51)."""

_ANY_TEXT = b"qzx"  # says nothing: a phrase that finds something in it finds something in every text
_NAMED = re.compile(r"<([a-z_]+)>")


def check(policy: Policy) -> Iterator[Fault]:
    """Every fault of facts, phrases and lists of words."""
    yield from _facts(policy.pack)
    yield from _words(policy.pack)
    yield from _blank(policy.pack)
    yield from _greedy(policy)


def _facts(pack: Pack) -> Iterator[Fault]:
    asked: dict[str, Path] = {}
    for _, path, rules in groups(pack):
        for rule in rules:
            for name, condition in facts_of(rule.when).items():
                asked.setdefault(name, (*path, rule.name, "when", condition))
    told = {name for name, part in pack.facts.items() if part.phrases}
    for name, path in asked.items():
        if name not in told | LOOKED_UP:
            said = f"it asks for {name} ({FACTS[name]}), and no phrase tells that"
            yield Fault("fact-without-phrases", path, said, f"write facts.{name}.phrases, or ask for something else")
    used = {*asked, *pack.ack.not_facts, *TOLD, *COMPARED}
    for name, part in pack.facts.items():
        if name not in used and used.isdisjoint(part.replaces):
            yield Fault("unused-fact", ("facts", name), "nothing asks for it", "ask for it in a rule, or take it out")


def _words(pack: Pack) -> Iterator[Fault]:
    """Lists that no phrase of their language names, be it by way of another list."""
    for above, words, phrases in _languages(pack):
        left = {name for _, text in phrases for name in _NAMED.findall(text)}
        named: set[str] = set()
        while left:
            named |= left
            left = {inner for name in left for text in words.get(name, ()) for inner in _NAMED.findall(text)} - named
        for name in words:
            if name not in named:
                said = f"no phrase names <{name}>"
                yield Fault("unused-words", (*above, "words", name), said, "name it in one, or take it out")


def _blank(pack: Pack) -> Iterator[Fault]:
    for above, words, phrases in _languages(pack):
        for name, entries in words.items():
            if not entries:
                said = f"<{name}> has no entries, so it stands for nothing"
                yield Fault("empty-phrase", (*above, "words", name), said, "write what it stands for")
        listed = [
            ((*above, "words", name, number), text)
            for name, found in words.items()
            for number, text in enumerate(found)
        ]
        for path, text in (*listed, *phrases):
            if not text.strip():
                yield Fault("empty-phrase", path, "the phrase is empty", "write it, or take it out")


def _greedy(policy: Policy) -> Iterator[Fault]:
    """Phrases that are found in any text. The compiled ones are asked, all in one pass."""
    yield from _greedy_in(policy.lexicon, (), ("labels", "cues"))
    for language in policy.pack.languages:
        lexicon = policy.lexicons.of(language)
        if lexicon is not None:
            above = ("languages", language)
            yield from _greedy_in(lexicon, above, (*above, "cues"))


def _greedy_in(lexicon: Lexicon, above: Path, cues: Path) -> Iterator[Fault]:
    both: tuple[tuple[Matcher, Sequence[Entry]], ...] = (
        (lexicon.in_said, lexicon.said),
        (lexicon.in_pasted, lexicon.pasted),
    )
    for matcher, entries in both:
        for number in matcher.which(_ANY_TEXT):
            entry = entries[number]
            index = number - next(first for first, other in enumerate(entries) if other is entry)
            part = entry.fact or entry.cue
            if part is None or not part.phrases[index].strip():
                continue
            place = (*above, "facts") if entry.label is None else (*cues, entry.label.value)
            said = f"{part.phrases[index]!r} is found in any text"
            yield Fault("empty-phrase", (*place, entry.name, "phrases", index), said, "name words that must be there")


def _languages(pack: Pack) -> Iterator[tuple[Path, Mapping[str, Sequence[str]], list[tuple[Path, str]]]]:
    """English and each further language: its place, its lists of words, and its phrases with their paths."""
    yield (), pack.words, list(_phrases(pack))
    for language, part in pack.languages.items():
        above = ("languages", language)
        yield above, part.words, [((*above, *path), text) for path, text in phrases_of(part)]


def _phrases(pack: Pack) -> Iterator[tuple[Path, str]]:
    """Every phrase but the entries of the lists of words, with its path."""
    lists: list[tuple[Path, Sequence[str]]] = [
        (("guards", name), getattr(pack.guards, name)) for name in type(pack.guards).model_fields
    ]
    for name, fact in pack.facts.items():
        lists += [(("facts", name, "phrases"), fact.phrases), (("facts", name, "unless"), fact.unless)]
    for label, cues in pack.labels.cues.items():
        for name, cue in cues.items():
            path: Path = ("labels", "cues", label.value, name)
            lists += [((*path, "phrases"), cue.phrases), ((*path, "unless"), cue.unless)]
    for number, document in enumerate(pack.documents):
        lists.append((("documents", number, "phrases"), document.phrases))
    for above, texts in lists:
        yield from (((*above, number), text) for number, text in enumerate(texts))
