"""What is wrong or wished for, in a sentence or a few words of the customer's (S0-68, S0-73, S2-41).

A few words are lifted only where they mean the same when somebody else says them: no pronoun, no half sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.triage.decision import Evidence
from app.triage.letter import SENTENCE, Letter
from app.triage.steps import Span, trimmed, words

_LONGEST = 300  # characters of a quoted sentence
_LONGEST_PHRASE = 60
_STATES = (
    *(
        "down",
        "offline",
        "slow",
        "blank",
        "empty",
        "broken",
        "stuck",
        "frozen",
        "blocked",
        "unavailable",
        "unreachable",
    ),
    *("missing", "gone", "lost", "wrong", "incorrect", "corrupt(?:ed)?", "locked", "duplicated", "failing", "crashing"),
    *("timing out", "hanging", "garbled", "inaccessible", "unusable"),
)
_BREAKS = (
    *("fail(?:s|ed)?", "crash(?:es|ed)?", "breaks", "hangs?", "freezes?", "froze", "stopped", "stops", "times? out"),
    *("timed out", "disappear(?:s|ed)?", "loses", "ignores?", "forgets?"),
    r"(?:(?:can|could|do|does|did|will|is|are) not|cannot|(?:ca|could|do|does|did|wo|is|are)n't|never|no longer)"
    r" (?!matter|mind|know|have|want|need|think|understand|sure|urgent|only|just|expect|the\b)\w{3,20}",
)
_FAULTS = ("failures?", "errors?", "faults?", "timeouts?", "problems?", "issues?", "trouble", "bug", "unable", *_STATES)
_REQUESTS = (
    *("how (?:do|can|to|does)", "please", "(?:could|can|would) you", "would like", "would love", "would be", "need"),
    *("want", "wonder(?:ing)?", "question", "is it possible", "is there", "request", "help", "looking for"),
)


def either(expressions: Iterable[str]) -> str:
    """One of several expressions."""
    return f"(?:{'|'.join(expressions)})"


_FAULT = words(rf"\b{either(_FAULTS)}\b")
_REQUEST = words(rf"\b{either(_REQUESTS)}\b|\?$")
_BROKEN = words(
    rf"\b(?:(?:is|are|was|were|been|stays?|remains?|comes? up) (?:\w{{2,12}} ){{0,2}}{either(_STATES)}"
    rf"|{either(_BREAKS)})\b"
    r"|(?<!goes)(?<! go)\b (?:down|offline|broken|unavailable|missing)(?: for\b|$)"
)
_CLAUSE_STARTS = words(
    r"[,;] |\b(?:but|because) |\b(?:noticed|see|seeing|found|reali[sz]ed|reporting|problem is) that "
)
_CLAUSE_ENDS = re.compile(
    r"[,;](?=\s|$)|:(?!\d)|\n\s*\n|[()\[\]\"]|\s-+\s|\b(?:and|but|because|since|when|whenever|so|while|which|that|if|after)\b"
)
_FIRST_WORDS = words(r"(?:(?:our|my|your|unfortunately,?|currently|now|again|today|please|suddenly|still) ){1,3}")
_NO_SUBJECT = re.compile(
    r"\S+$|(?:is|are|was|were|has|have|had|do|does|did|can|could|will|would|not|no|none|nothing|nobody|cannot|can't|never"
    r"|unable|when|since|if|after|while|suppose|for|in|on|at|with|to|and|but|or|goes)\b"
)
_LOOSE_ENDS = re.compile(r"(?: (?:with|at|on|in|for|to|the|an?|of|from|by|as|about|and|or|is|are|saying))+$")
_PRONOUNS = re.compile(
    r"\b(?:i|we|us|me|our|my|mine|you|your|it|its|this|that|these|those|they|them|their|he|she|his|her|there|who|what"
    r"|how|why|where|please|hi|hello|thanks?)\b"
)
_PLAIN = re.compile(r"[a-z0-9][a-z0-9 '%/-]*[a-z0-9%]")
_WISH = words(
    r"\b(?:(?:i|we)(?:'d| would)(?: really)? (?:like|love)(?: to (?:have|see|get|request|suggest))?"
    r"|(?:please|could you|can you|would you|you to)(?: please)? (?:add|introduce|support|implement|offer|provide)"
    r"|(?:nice|great|helpful|useful|good|handy) (?:to have"
    r"|if (?:there was|there were|you (?:had|added|offered)|we had))"
    r"|(?:are there|any|have) plans (?:for|to (?:add|support|offer|introduce|build))"
    r"|(?:feature|enhancement) (?:request|suggestion|idea):?(?: for)?|suggestion:|idea:"
    r"|(?:i|we) (?:suggest|propose|wish for|miss))"
    r" (?!to )(?=\w)"
)
_WISH_END = re.compile(
    r"[.,;:!?()\n\"]|\s-\s|\b(?:so|because|since|that|which|when|where|as|please|and|but|if|like)\b"
    r"|\b(?:with|for|in|on|to|of) (?:our|my|your|us|me)\b"
)
_NO_WISH = words(
    r"\bto (?:add|buy|order|book|have)\b"
    r"|\b(?:refund|help|know|hear|cancel|speak|talk|call|reply|answer|someone|discuss|report|update|copy)\b"
)


def sentence(pattern: re.Pattern[str], text: str, parts: Iterable[Span]) -> Span | None:
    """The first of the sentences that the pattern occurs in, cut where it is too long."""
    return next((_short(text, *part) for part in parts if pattern.search(text, *part)), None)


def _short(text: str, start: int, end: int) -> Span:
    """A span cut at a word's end when it is longer than a sentence should be."""
    if end - start <= _LONGEST:
        return start, end
    cut = text.rfind(" ", start, start + _LONGEST)
    return trimmed(text, start, cut if cut > start else start + _LONGEST)


def problem(letters: Iterable[Letter]) -> Evidence | None:
    """The sentence of the first message or the subject that states it best; no list and no heading (S2-41)."""
    opening = [one for one in letters if one.message.source in ("body", "subject")]
    for pattern in (_BROKEN, _FAULT, _REQUEST, SENTENCE):
        for one in opening:
            span = sentence(pattern, one.said, one.statements)
            if span:
                return one.evidence("problem", span)
    return next((one.evidence("problem", one.parts[0]) for one in reversed(opening) if one.parts), None)


def disruption(letter: Letter) -> str:
    """The first clause with a fault that can be repeated as it stands (S0-68)."""
    text = letter.said
    for start, end in letter.parts:
        for begin in (start, *(match.end() for match in _CLAUSE_STARTS.finditer(text, start, end))):
            lead = _FIRST_WORDS.match(text, begin, end)
            first = lead.end() if lead else begin
            stop = _CLAUSE_ENDS.search(text, first, min(end, first + 2 * _LONGEST_PHRASE))
            span = trimmed(text, first, stop.start() if stop else end)
            if _BROKEN.search(text, *span) and text[span[1] - 1] != "?" and not _NO_SUBJECT.match(text, *span):
                phrase = _repeatable(letter, *span)
                if phrase and _BROKEN.search(phrase.lower()):
                    return phrase
    return ""


def capability(letter: Letter) -> str:
    """What is wished for, where it can be repeated as it stands (S0-73)."""
    text = letter.said
    for wish in _WISH.finditer(text):
        end = _WISH_END.search(text, wish.end(), wish.end() + 2 * _LONGEST_PHRASE)
        span = trimmed(text, wish.end(), end.start() if end else wish.end() + 2 * _LONGEST_PHRASE)
        if not _NO_WISH.search(text, *span) and (phrase := _repeatable(letter, *span)):
            return phrase
    return ""


def _repeatable(letter: Letter, start: int, end: int) -> str:
    """The words of a span if they are short and plain, and mean the same when somebody else says them; else nothing."""
    text = _LOOSE_ENDS.sub("", letter.said[start:end].rstrip(".!; \n"))
    plain = " ".join(text.split())
    if not 6 <= len(plain) <= _LONGEST_PHRASE or not _PLAIN.fullmatch(plain) or _PRONOUNS.search(plain):
        return ""
    if not any(c.isalpha() for c in plain):
        return ""
    return " ".join(letter.evidence("", (start, start + len(text))).quote.split())
