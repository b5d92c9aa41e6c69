"""One message of the customer, as details are read from it: sentences, statements, and evidence for spans."""

from __future__ import annotations

import re
from functools import cached_property

from app.triage.decision import Evidence
from app.triage.passages import Kind, passages
from app.triage.steps import Span, steps, trimmed, words
from app.triage.text import Message, fold

_NO_TROUBLE = words(r"\b(?:no|any|without|bug) (?:\w{1,12} )?(?:trouble|problems?|issues?|errors?|report)\b")
_GREETING = words(
    r"(?:(?:hi|hello|hallo|hey|dear|good (?:morning|afternoon|evening|day)|greetings|to whom it may concern)\b"
    r"[^\n,!.:;]{0,40}(?:[,!.:;-]|\n|$)|(?:hi|hello|hey)(?: there| all| team| everyone| support)? "
    r"|(?:i |we )?hope (?:you|this)[^.!\n]{0,60}[.!\n]"
    r"|(?:many )?thanks?(?: you)?[^.!,\n]{0,40}[.!,\n])"
)
SENTENCE = re.compile(r"(?![-*•+#]|\d{1,2}[.)])[^\n]{0,100}?\w\w\W{1,9}\w\w")


class Letter:
    """One message of the customer: folded text, and evidence for spans of it."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.said = message.said

    @cached_property
    def own(self) -> str:
        """Everything but what is quoted or signed: links and pasted code too."""
        plain = fold(self.message.text)[0]
        if self.message.source == "subject":
            return plain
        foreign = (Kind.QUOTED, Kind.SIGNATURE)
        return "".join("\n" * (b - a) if kind in foreign else plain[a:b] for a, b, kind in passages(plain))

    @cached_property
    def parts(self) -> list[Span]:
        """The sentences, without greetings and white space around them."""
        found, at = [], 0
        while at < len(self.said):
            start, end = self.message.sentence(at)
            first, last = trimmed(self.said, start, end)
            for _ in range(3):
                greeting = _GREETING.match(self.said, first, last)
                if not greeting:
                    break
                first, last = trimmed(self.said, greeting.end(), last)
            if any(c.isalpha() for c in self.said[first:last]):
                found.append((first, last))
            at = end
        return found

    @cached_property
    def statements(self) -> list[Span]:
        """The sentences that may state a problem: no items of lists, headings or steps, nor words that all is well."""
        listed = steps(self.own)
        return [
            (start, end)
            for start, end in self.parts
            if SENTENCE.match(self.said, start, end)
            and self.said[end - 1] != ":"
            and not _NO_TROUBLE.search(self.said, start, end)
            and not any(first < end and start < last for first, last in listed)
        ]

    def evidence(self, finding: str, span: Span) -> Evidence:
        """The original words of a span of the folded text."""
        start, end = self.message.original(*span)
        return Evidence("details", finding, self.message.text[start:end], self.message.source, start, end)
