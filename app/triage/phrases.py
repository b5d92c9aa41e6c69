"""Phrases as an administrator writes them, and the one-pass search for all of them on RE2 (no backtracking).

A phrase is an RE2 expression with three conveniences: a space means any white space, `` .. `` means up to four words of
the same sentence, and ``<name>`` stands for the pack's word list of that name. Word borders are added at both ends.
Text is folded (lower case, plain letters) before it is matched, and phrases are folded the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import re2

from app.triage.text import fold

_GAP = r"(?:\s+[^\s.!?;]+){0,4}?\s+"
_NAME = re.compile(r"<([a-z_]+)>")


class BadPhrase(ValueError):
    """A phrase that RE2 cannot compile, or that names an unknown word list."""


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


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 64 << 20
    return options


def compiled(expression: str) -> re2._Regexp:
    """One expression, compiled. Raises BadPhrase."""
    try:
        return re2.compile(expression.encode(), options=_options())
    except re2.error as error:
        raise BadPhrase(f"RE2 cannot read it: {_said(error)}") from error


def _said(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)


class Matcher:
    """Many expressions, searched in one pass; spans are then found for those that hit."""

    def __init__(self, expressions: Iterable[str]) -> None:
        self._patterns = [compiled(expression) for expression in expressions]
        self._filter = re2.Filter()
        options = _options()
        for pattern in self._patterns:
            self._filter.Add(pattern.pattern, options)
        if self._patterns:
            self._filter.Compile()

    def __len__(self) -> int:
        return len(self._patterns)

    def which(self, raw: bytes) -> list[int]:
        """The numbers of the expressions that occur, ascending."""
        if not self._patterns or not raw:
            return []
        return sorted(self._filter.Match(raw) or ())

    def spans(self, number: int, raw: bytes, ascii_only: bool) -> Iterator[tuple[int, int]]:
        """Every place of one expression, as character offsets."""
        for match in self._patterns[number].finditer(raw):
            start, end = match.span()
            if not ascii_only:
                start, end = len(raw[:start].decode()), len(raw[:end].decode())
            yield start, end


def folded_phrase(phrase: str) -> str:
    """A phrase with its letters folded like the text; upper-case classes such as ``\\W`` stay."""
    if phrase.isascii():
        return phrase
    return "".join(c if c.isascii() else fold(c)[0] for c in phrase)
