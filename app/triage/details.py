"""What can be read off a ticket beyond its facts: steps, environment, error texts, numbers.

It reads what the customer wrote, at most the first 64 K characters of the thread, and quotes it as it stands there.
English only. Expressions have no nested repeats and every repeat is bounded, so that no text makes them slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.triage import detail_words as told
from app.triage.decision import Evidence
from app.triage.machine_text import errors, logs, urls
from app.triage.passages import Kind
from app.triage.steps import (
    Span,
    actual,
    apart,
    caption,
    expected,
    labelled,
    steps,
    tried,
    trimmed,
)
from app.triage.text import Message, messages
from app.triage.ticket import Speaker, Ticket

_MOST_READ = 64 * 1024
_LONGEST = 300  # characters of a quoted sentence
_LONGEST_PHRASE = 60
_MOST = 5  # urls, errors, attempts


@dataclass(frozen=True, slots=True)
class Details:
    """Each with the words it rests on; None or empty where the customer did not tell."""

    steps: tuple[Evidence, ...] = ()
    expected: Evidence | None = None
    actual: Evidence | None = None
    environment: Evidence | None = None
    client: Evidence | None = None
    role: Evidence | None = None
    urls: tuple[Evidence, ...] = ()
    errors: tuple[Evidence, ...] = ()
    logs: Evidence | None = None
    affected: Evidence | None = None
    impact: Evidence | None = None
    money: Evidence | None = None
    screenshot: Evidence | None = None
    tried: tuple[Evidence, ...] = ()
    problem: Evidence | None = None
    disruption: str = ""
    capability: str = ""


class _Letter:
    """One message of the customer: folded text, and evidence for spans of it."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.said = message.said

    @cached_property
    def own(self) -> str:
        """Everything but what is quoted or signed: links and pasted code too."""
        return self.message.without(Kind.QUOTED, Kind.SIGNATURE, Kind.NOTICE)

    @cached_property
    def parts(self) -> list[Span]:
        """The sentences, without greetings and white space around them; a labelled line stands alone."""
        found, at = [], 0
        while at < len(self.said):
            start, end = self.message.sentence(at)
            for part in apart(self.said, start, end):
                first, last = trimmed(self.said, *part)
                for _ in range(3):
                    greeting = told.GREETING.match(self.said, first, last)
                    if not greeting:
                        break
                    first, last = trimmed(self.said, greeting.end(), last)
                if any(c.isalpha() for c in self.said[first:last]):
                    found.append((first, last))
            at = end
        return found

    @cached_property
    def statements(self) -> list[Span]:
        """The sentences that may state a problem: no headings, steps or expectations, nor words that all is well."""
        wanted = expected(self.own, ())
        listed = (*steps(self.own), *((wanted,) if wanted else ()))
        return [
            (start, end)
            for start, end in self.parts
            if told.SENTENCE.match(self.said, start, end)
            and not caption(self.said[start:end])
            and not told.NO_TROUBLE.search(self.said, start, end)
            and not any(first < end and start < last for first, last in listed)
        ]

    def evidence(self, finding: str, span: Span) -> Evidence:
        """The original words of a span of the folded text."""
        start, end = self.message.original(*span)
        return Evidence("details", finding, self.message.text[start:end], self.message.source, start, end)


def details(ticket: Ticket, boilerplate: frozenset[str] = frozenset()) -> Details:
    """What the customer told, in their own words. Pure; the same ticket gives the same details."""
    letters = list(_letters(messages(ticket, boilerplate)))
    told_last = letters[::-1]
    latest = sorted(told_last, key=lambda one: one.message.source == "subject")
    return Details(
        steps=_most("steps", letters, lambda one: steps(one.own)),
        expected=_first("expected", letters, lambda one: expected(one.own, one.parts)),
        actual=_first("actual", letters, lambda one: actual(one.own, one.parts)),
        environment=_environment(letters),
        client=_client(letters),
        role=_first("role", letters, lambda one: labelled(told.ROLE_HEAD, one.own) or _match(told.ROLE, one.said)),
        urls=_every("urls", letters, lambda one: urls(one.own)),
        errors=_errors(letters),
        logs=_first("logs", letters, lambda one: logs(one.own, one.message.pasted)),
        affected=_telling("affected", latest, lambda one: _affected(one.said, one.parts)),
        impact=_first("impact", latest, lambda one: _sentence(told.IMPACT, one.said, _stated(one.said, one.parts))),
        money=_first("money", latest, lambda one: _match(told.MONEY, one.said)),
        screenshot=_first("screenshot", letters, lambda one: _screenshot(one.own)),
        tried=_every("tried", letters, lambda one: tried(one.own, one.parts)),
        problem=_problem(letters),
        disruption=next((phrase for one in letters if (phrase := _disruption(one))), ""),
        capability=next((phrase for one in letters if (phrase := _capability(one))), ""),
    )


def where_it_happens(thread: Iterable[Message]) -> Details:
    """Of all details only the environment, the client and the error texts, out of messages that were read already."""
    letters = list(_letters(thread))
    return Details(environment=_environment(letters), client=_client(letters), errors=_errors(letters))


def _environment(letters: Iterable[_Letter]) -> Evidence | None:
    return _first("environment", letters, lambda one: labelled(told.PLACE_HEAD, one.own) or _place(one.said, one.parts))


def _client(letters: Sequence[_Letter]) -> Evidence | None:
    return _telling("client", letters, lambda one: _all(told.CLIENT, one.said))


def _errors(letters: Iterable[_Letter]) -> tuple[Evidence, ...]:
    return _every("errors", letters, lambda one: errors(one.own))


def _letters(thread: Iterable[Message]) -> Iterator[_Letter]:
    """The customer's messages: the body, the comments, and the subject last; no more than is read at all."""
    left = _MOST_READ
    own = [one for one in thread if one.speaker is Speaker.CUSTOMER]
    for one in (*own[1:], *own[:1]):
        if left <= 0:
            return
        text = one.text[:left]
        left -= len(text)
        yield _Letter(one if len(text) == len(one.text) else replace(one, text=text))


def _first(finding: str, letters: Iterable[_Letter], find: Callable[[_Letter], Span | None]) -> Evidence | None:
    return next((one.evidence(finding, span) for one in letters if (span := find(one))), None)


def _most(finding: str, letters: Iterable[_Letter], find: Callable[[_Letter], list[Span]]) -> tuple[Evidence, ...]:
    """All finds of the first message that has any."""
    return next((tuple(one.evidence(finding, span) for span in spans) for one in letters if (spans := find(one))), ())


def _every(finding: str, letters: Iterable[_Letter], find: Callable[[_Letter], Iterable[Span]]) -> tuple[Evidence, ...]:
    """The finds of all messages, each text once, at most five."""
    found: dict[str, Evidence] = {}
    for one in letters:
        for span in find(one):
            evidence = one.evidence(finding, span)
            found.setdefault(evidence.quote, evidence)
            if len(found) == _MOST:
                return tuple(found.values())
    return tuple(found.values())


def _telling(finding: str, letters: Sequence[_Letter], find: Callable[[_Letter], Iterable[Span]]) -> Evidence | None:
    """The first find with a number in it, such as a version; else the first of all."""
    found = [one.evidence(finding, span) for one in letters for span in find(one)]
    return next((one for one in found if any(c.isdigit() for c in one.quote)), found[0] if found else None)


def _match(pattern: re.Pattern[str], text: str) -> Span | None:
    """The first match: its group that took part, if it has groups."""
    match = pattern.search(text)
    return match.span(match.lastindex or 0) if match else None


def _all(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    return (match.span() for match in pattern.finditer(text))


def _sentence(pattern: re.Pattern[str], text: str, parts: Iterable[Span]) -> Span | None:
    return next((_short(text, *part) for part in parts if pattern.search(text, *part)), None)


def _short(text: str, start: int, end: int) -> Span:
    """A span cut at a word's end when it is longer than a sentence should be."""
    if end - start <= _LONGEST:
        return start, end
    cut = text.rfind(" ", start, start + _LONGEST)
    return trimmed(text, start, cut if cut > start else start + _LONGEST)


def _stated(text: str, parts: Iterable[Span]) -> Iterator[Span]:
    """The sentences that say how things are: not those that imagine it, nor that all is well."""
    return (part for part in parts if not told.NOT_SO.search(text, *part))


def _place(text: str, parts: Iterable[Span]) -> Span | None:
    """Where it happens; a place where all is fine only when no other is named."""
    named = [part for part in parts if told.PLACE.search(text, *part)]
    troubled = [part for part in named if not told.FINE.search(text, *part)]
    match = next((told.PLACE.search(text, *part) for part in (*troubled, *named)), None)
    return match.span() if match else None


def _affected(text: str, parts: Iterable[Span]) -> Iterator[Span]:
    """Numbers of people, but not of those whom one merely has, adds or pays for."""
    for part in _stated(text, parts):
        for match in told.AFFECTED.finditer(text, *part):
            before = max(part[0], match.start() - 40), match.start()
            has = told.HAS.search(text, *before) and not told.TROUBLE.search(text, *part)
            if not has and not told.NOT_AFFECTED.search(text, *before):
                yield match.span()


def _screenshot(text: str) -> Span | None:
    found = _all(told.SCREENSHOT, text)
    return next((at for at in found if not told.NO_SCREENSHOT.search(text, max(0, at[0] - 24), at[0])), None)


def _problem(letters: Iterable[_Letter]) -> Evidence | None:
    """The sentence of the first message or the subject that states it best; no list and no heading (S2-41)."""
    opening = [one for one in letters if one.message.source in ("body", "subject")]
    for pattern in (told.BROKEN, told.DENIED, told.FAULT, told.REQUEST, told.SENTENCE):
        for one in opening:
            span = _sentence(pattern, one.said, one.statements)
            if span:
                return one.evidence("problem", span)
    return _first("problem", reversed(opening), lambda one: next(iter(one.parts), None))


def _disruption(letter: _Letter) -> str:
    """The first clause with a fault that can be repeated as it stands (S0-68)."""
    text = letter.said
    for start, end in _stated(text, letter.parts):
        for begin in (start, *(match.end() for match in told.CLAUSE_STARTS.finditer(text, start, end))):
            lead = told.FIRST_WORDS.match(text, begin, end)
            first = lead.end() if lead else begin
            stop = told.CLAUSE_ENDS.search(text, first, min(end, first + 2 * _LONGEST_PHRASE))
            span = trimmed(text, first, stop.start() if stop else end)
            if told.BROKEN.search(text, *span) and text[span[1] - 1] != "?" and not told.NO_SUBJECT.match(text, *span):
                phrase = _repeatable(letter, *span)
                if phrase and told.BROKEN.search(phrase.lower()):
                    return phrase
    return ""


def _capability(letter: _Letter) -> str:
    """What is wished for, where it can be repeated as it stands (S0-73)."""
    text = letter.said
    for wish in told.WISH.finditer(text):
        end = told.WISH_END.search(text, wish.end(), wish.end() + 2 * _LONGEST_PHRASE)
        span = trimmed(text, wish.end(), end.start() if end else wish.end() + 2 * _LONGEST_PHRASE)
        if not told.NO_WISH.search(text, *span) and (phrase := _repeatable(letter, *span)):
            return phrase
    return ""


def _repeatable(letter: _Letter, start: int, end: int) -> str:
    """The words of a span if they are short and plain, and mean the same when somebody else says them; else nothing."""
    text = told.LOOSE_ENDS.sub("", letter.said[start:end].rstrip(".!; \n"))
    plain = " ".join(text.split())
    if not 6 <= len(plain) <= _LONGEST_PHRASE or not told.PLAIN.fullmatch(plain) or told.PRONOUNS.search(plain):
        return ""
    written = " ".join(letter.evidence("", (start, start + len(text))).quote.split())
    shouted = written.isupper() and " " in written
    return "" if shouted or told.RUDE.search(plain) or not any(c.isalpha() for c in plain) else written
