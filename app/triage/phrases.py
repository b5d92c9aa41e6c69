"""Phrases as an administrator writes them, and the one-pass search for all of them on RE2 (no backtracking).

A phrase is an RE2 expression with three conveniences: a space means any white space, `` .. `` means up to four words of
the same sentence, and ``<name>`` stands for the pack's word list of that name. Word borders are added at both ends.
Text is folded (lower case, plain letters) before it is matched, and phrases are folded the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import re2

from app.triage.folding import fold

_GAP = r"(?:\s+[^\s.!?;]+){0,4}?\s+"
_GROUP = 48  # expressions searched together
_GROUP_MEMORY = 16 << 20  # bytes at most for the automaton of a group
_NAME = re.compile(r"<([a-z_]+)>")


class BadPhrase(ValueError):
    """A phrase that RE2 cannot compile, or that names an unknown word list. ``path`` is its place inside the pack."""

    path: tuple[int | str, ...] = ()


def expand(phrase: str, words: Mapping[str, Sequence[str]]) -> str:
    """The RE2 expression of a phrase. Raises BadPhrase."""

    def words_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in words:
            raise BadPhrase(f"no word list is named {name!r}; known: {', '.join(sorted(words)) or 'none'}")
        return "(?:" + "|".join(words[name]) + ")"

    text = phrase
    for _ in range(4):  # word lists may name word lists, to a small depth
        if not _NAME.search(text):
            break
        text = _NAME.sub(words_of, text)
    else:
        raise BadPhrase("word lists name each other in a circle")
    text = text.strip().replace(" .. ", "\0").replace(" ", r"(?:\s+)").replace("\0", _GAP)
    last = "" if text.endswith(("$)", r"\?")) else text[-1:]
    return f"{_border(text[:1])}(?:{text}){_border(last)}"


def _border(edge: str) -> str:
    """A word border where the phrase starts or ends with a letter or a group; none beside punctuation."""
    return r"\b" if edge.isalnum() or edge in "()?+*" else ""


def _options(memory: int = 8 << 20) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = memory
    return options


@lru_cache(maxsize=8192)
def compiled(expression: str) -> re2._Regexp:
    """One expression, compiled; once a process, because policies share most of theirs. Raises BadPhrase."""
    try:
        return re2.compile(expression.encode(), options=_options())
    except re2.error as error:
        raise BadPhrase(f"RE2 cannot read it: {_said(error)}") from error


@lru_cache(maxsize=8192)
def legible(expression: str) -> None:
    """Raise BadPhrase unless RE2 can read the expression; what comes of it is not kept."""
    compiled.__wrapped__(expression)


def _said(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)


class Matcher:
    """Many expressions, searched in one pass; spans are then found for those that hit.

    One pass over all of them would need an automaton that does not fit in memory, and one search each reads the text
    hundreds of times: so they are searched in groups.
    """

    def __init__(self, expressions: Iterable[str]) -> None:
        self._patterns = [compiled(expression) for expression in expressions]
        self._groups = [self._group(first) for first in range(0, len(self._patterns), _GROUP)]

    def _group(self, first: int) -> tuple[int, re2.Set]:
        group = re2.Set.SearchSet(_options(_GROUP_MEMORY))
        for pattern in self._patterns[first : first + _GROUP]:
            group.Add(pattern.pattern)
        group.Compile()
        return first, group

    def __len__(self) -> int:
        return len(self._patterns)

    def which(self, raw: bytes) -> list[int]:
        """The numbers of the expressions that occur, ascending."""
        if not raw:
            return []
        return [
            number for first, group in self._groups for number in sorted(first + hit for hit in group.Match(raw) or ())
        ]

    def spans(self, number: int, raw: bytes, ascii_only: bool) -> Iterator[tuple[int, int]]:
        """Every place of one expression, as character offsets."""
        for match in self._patterns[number].finditer(raw):
            start, end = match.span()
            if not ascii_only:
                start, end = len(raw[:start].decode()), len(raw[:end].decode())
            yield start, end


@lru_cache(maxsize=1024)
def matcher(expressions: tuple[str, ...]) -> Matcher:
    """The matcher of these expressions, one for all policies that have the same. Raises BadPhrase."""
    return Matcher(expressions)


_SPELT_OUT = {"ä": "ae?", "ö": "oe?", "ü": "ue?", "ß": "(?:ß|ss)"}


def folded_phrase(phrase: str) -> str:
    """A phrase with its letters folded like the text; upper-case classes such as ``\\W`` stay. An umlaut may also be
    spelt out, as people do who lack the key: ``ä`` finds ä, a and ae."""
    if phrase.isascii():
        return phrase
    return "".join(c if c.isascii() else _SPELT_OUT.get(c.lower()) or fold(c)[0] for c in phrase)
