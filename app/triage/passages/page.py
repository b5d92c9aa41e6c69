"""A folded message as numbered lines, each of which gets a kind; searched on RE2, so in time linear in its length."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

import re2

from app.triage.folding import fold
from app.triage.passages.kind import Kind

_WORD = re.compile(r"\w+")
_SAY = frozenset(
    {"is", "are", "was", "were", "the", "to", "it", "i", "we", "you", "not", "has", "have", "can", "my", "this", "that"}
    | {"if", "when", "but", "please", "does", "will", "ich", "wir", "ist", "nicht", "die", "das", "und", "je", "nous"}
    | {"est", "ne", "pas", "les", "el", "la", "no", "se", "que", "nao", "o", "non", "che", "het", "een", "niet", "jest"}
    | {"nie", "det", "ar", "inte", "ikke", "er", "neni", "bitte", "por", "para", "pour", "per", "och", "og"}
)
_COMPANY = re.compile(r"\b(?:inc|ltd|llc|gmbh|corp|co|ag|kg|plc|bv|b\.v|sa|s\.a|srl|s\.r\.l|ab|as|a\.s|oy|pty)\.?$")
_CONTACT = re.compile(
    r"@[\w-]|\bwww\.|https?://|\+\d[\d ()./-]{6,}|\b(?:tel|phone|mobile|mob|cell|fax|direct|office|telefon|mobil"
    r"|telefone|telefono|cellulare|tlf|gsm|portable)\b ?[.:]|^(?:[tmfpew]|ph)[.:] ?\S|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b"
    r"|\b\d{5}\b[ ,]|\b[a-z]{1,2}\d{1,2}[a-z]? \d[a-z]{2}\b"
)
_POSTSCRIPT = re.compile(r"p\.? ?s\.?[ :,]|nb\b|n\.b\.")
_NAME_WORDS = 9  # a line of fewer words may be a name, a title or an address


@lru_cache(maxsize=64)
def lines_with(expression: str) -> re2._Regexp:
    """An RE2 expression in which ``^`` and ``$`` stand for a line's ends."""
    return re2.compile(("(?m)" + expression).encode())


def folded(*tables: Iterable[str]) -> tuple[str, ...]:
    """The words of tables that part them by semicolons, folded, each once."""
    return tuple(dict.fromkeys(fold(word.strip())[0] for words in tables for line in words for word in line.split(";")))


def any_of(words: Iterable[str]) -> str:
    """An RE2 expression for any of these folded words."""
    return "(?:" + "|".join(re2.escape(word).replace(r"\ ", r"[ \t]+") for word in words if word) + ")"


class Page:
    """The lines of a message without the white space around them, and what each is so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        self.lines: list[str] = []
        at = 0
        for line in text.split("\n"):
            at += len(line) + 1
            self.starts.append(at)
            self.lines.append(line.strip())
        self.starts[-1] = len(text)
        self.kinds: list[Kind] = [Kind.SAID] * len(self.lines)
        self.raw = text.encode()

    @cached_property
    def _raw_starts(self) -> list[int]:
        if len(self.raw) == len(self.text):
            return self.starts
        starts = [0]
        for first, last in zip(self.starts, self.starts[1:], strict=False):
            starts.append(starts[-1] + len(self.text[first:last].encode()))
        return starts

    def numbers(self, pattern: re2._Regexp) -> list[int]:
        """The numbers of the lines in which a match begins, ascending, each once."""
        found: list[int] = []
        for match in pattern.finditer(self.raw):
            number = min(bisect_right(self._raw_starts, match.start()), len(self.lines)) - 1
            if not found or found[-1] != number:
                found.append(number)
        return found

    def spans(self, pattern: re2._Regexp) -> Iterator[tuple[int, int]]:
        """Every match, as character offsets."""
        shifted = len(self.raw) != len(self.text)
        known_byte = known = 0
        for match in pattern.finditer(self.raw):
            start, end = match.span()
            if shifted:
                first = known + len(self.raw[known_byte:start].decode())
                known_byte, known = end, first + len(self.raw[start:end].decode())
                start, end = first, known
            yield start, end

    def mark(self, numbers: Iterable[int], kind: Kind) -> None:
        """Give lines a kind, where they have none but ``SAID`` yet."""
        for number in numbers:
            if self.kinds[number] is Kind.SAID:
                self.kinds[number] = kind

    def within(self, start: int, end: int) -> range:
        """The lines that lie wholly inside a span, but for white space."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, max(start, end - 1)) - 1
        last = min(last, len(self.lines) - 1)
        if self.text[self.starts[first] : start].strip():
            first += 1
        if self.text[end : self.starts[last + 1]].strip():
            last -= 1
        return range(first, last + 1)

    def said(self, number: int) -> bool:
        """Whether a line has words and is, so far, the writer's."""
        return self.kinds[number] is Kind.SAID and bool(self.lines[number])

    def paragraph(self, number: int) -> range:
        """The lines around one that are said, up to an empty one."""
        first = number
        while first and self.said(first - 1):
            first -= 1
        return range(first, self.paragraph_end(number))

    def paragraph_end(self, number: int) -> int:
        """The line after the last of a paragraph."""
        last = number
        while last + 1 < len(self.lines) and self.said(last + 1):
            last += 1
        return last + 1

    def indented(self, number: int) -> bool:
        """Whether white space stands before a line's words."""
        return self.text[self.starts[number] : self.starts[number] + 1] in (" ", "\t")


def contact(line: str) -> bool:
    """Whether a line tells how or where to reach somebody."""
    return _CONTACT.search(line[:300]) is not None


def prose(line: str) -> bool:
    """Whether a line reads as somebody's sentence, not as a name, a title, a firm or an address."""
    if _POSTSCRIPT.match(line):
        return True
    said = _WORD.findall(line[:300])
    if not line.isascii() and any(c >= "\u3040" for c in line):  # words are not parted there
        return len(line) > 24 or line.endswith(("。", "?", "!", "ください", "吗"))
    if contact(line) and len(line) <= 160:
        return False
    if len(said) >= _NAME_WORDS and "|" not in line:
        return True
    if line.endswith(("?", ":")) or (line.endswith("!") and len(said) > 2):
        return len(said) > 1
    if _COMPANY.search(line):
        return False
    return (line.endswith(".") and len(said) >= 4) or speaks(line)


def speaks(line: str, least: int = 2) -> bool:
    """Whether at least so many words stand in a line that join others to a sentence."""
    return sum(word in _SAY for word in _WORD.findall(line[:300])) >= least
