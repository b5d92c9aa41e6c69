"""What can be read off a ticket beyond its facts: steps, environment, error texts, numbers.

It reads what the customer wrote, at most the first 64 K characters of the thread, and quotes it as it stands there.
English only. Expressions have no nested repeats and every repeat is bounded, so that no text makes them slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.triage.decision import Evidence
from app.triage.passages import Kind, passages
from app.triage.steps import (
    Span,
    actual,
    apart,
    errors,
    expected,
    heading,
    labelled,
    logs,
    steps,
    tried,
    trimmed,
    urls,
    words,
)
from app.triage.text import Message, fold, messages
from app.triage.ticket import Speaker, Ticket

_MOST_READ = 64 * 1024
_LONGEST = 300  # characters of a quoted sentence
_LONGEST_PHRASE = 60
_MOST = 5  # urls, errors, attempts

_BROWSERS = (
    *("(?:google )?chrome", "chromium", "(?:mozilla )?firefox", "safari", "(?:microsoft |ms )?edge(?! case| of| node)"),
    *("opera", "vivaldi", "internet explorer", "samsung internet"),
)
_SYSTEMS = (
    *("windows", "mac ?os(?: x)?", "os x", "ubuntu", "debian", "linux", "android", "ios", "ipados", "chrome ?os"),
    *("iphone", "ipad", "macbook"),
)
_APPS = "(?:ios|android|mobile|desktop|iphone|ipad|windows|mac|outlook|your|the)"
_STRONG_PLACES = ("staging", "sandbox", "pre-?prod(?:uction)?", "uat", "on-?prem(?:ises?)?", "self-?hosted")
_PLACES = (*_STRONG_PLACES, "production", "prod", "test", "testing", "dev", "development", "demo", "live", "qa")
_ROLES = (
    *("admin(?:istrator)?", "owner", "manager", "editor", "viewer", "agent", "guest", "member", "contributor"),
    *("moderator", "operator", "supervisor", "approver", "auditor", "analyst", "developer", "super ?user"),
    *("(?:read-?only|end|standard|power|normal|regular|limited) ?user",),
)
_PEOPLE = (
    *("users?", "customers?", "clients?", "people", "persons?", "employees", "staff", "colleagues?", "agents?"),
    *("members?", "stores?", "shops?", "sites?", "locations?", "branches", "offices?", "tenants?", "teams?"),
    *("students?", "teachers?", "patients?", "clinics?", "hospitals?", "warehouses?", "plants?", "merchants?"),
    *("workspaces?", "subscribers?", "departments?", "companies", "schools?", "drivers?", "accounts"),
)
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
_HARM = (
    "(?:cannot|can't|can not|could not|couldn't|unable to|not able to|not) (?:ship|bill|invoice|sell|pay|work|process"
    "|serve|trade|operate|deliver|take|dispatch|onboard|close|collect|see patients|help|answer|do our|run payroll)",
    "(?:losing|lose|lost|loses) (?:money|sales|orders?|revenue|customers?|business|bookings|patients|a day|hours)",
    *(
        "stand ?still",
        "(?:stands?|standing|stood) still",
        "(?:business|production|warehouse|work|team|company) (?:has |is )?stop(?:s|ped)",
    ),
    "(?:everything|business|work|production|billing|shipping|sales) (?:is|are) (?:blocked|halted|at a standstill)",
    *("costs? us", "costing us", "loss of", "(?:hurts?|harm\\w*|affect\\w*|impact\\w*) (?:our|the) \\w+"),
    *("business impact", "deadline", "go-?live", "penalt(?:y|ies)", "reputation"),
    *(
        r"(?:customers|guests|users|clients|patients) (?:\w{2,12} )?complain(?:ed|ing)?",
        "idle",
        "by hand",
        "pil(?:e|es|ing) up",
        "overtime",
        "sent home",
    ),
)
_NUMBER = r"(?:\d{1,3}(?:[,.' ]\d{3}){1,4}|\d{1,9}k?)"
_QUANTITY = (
    rf"(?:{_NUMBER}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|dozens|hundreds|thousands|several"
    "|many|some|multiple|most|all|both|half|a (?:few|couple|dozen|handful|single|hundred|thousand)|every|each)"
)


def _any(expressions: Iterable[str]) -> str:
    return f"(?:{'|'.join(expressions)})"


_RELEASE = r"\d{1,4}(?:[._]\d{1,6}){0,4}"
_VERSION = rf"(?: \((?:version |v)?{_RELEASE}\)|[ /:]{{1,2}}(?:version |v\.? ?)?{_RELEASE}\b)"
_CLIENT = words(
    r"\bmozilla/5\.0 [^\n]{10,250}"
    rf"|\b{_any(_BROWSERS)}\b(?: browser)?{_VERSION}?"
    rf"(?:(?: on| under|,| /| \() ?(?:an? |my )?{_any(_SYSTEMS)}\b{_VERSION}?)?"
    rf"|\b{_APPS} (?:app|client)\b,?(?: is)?{_VERSION}|\b(?:ios|android|mobile|desktop) (?:app|client)\b"
    rf"|\b(?:app|client) version:? {_RELEASE}\b"
    rf"|\b{_any(_SYSTEMS)}{_VERSION}|(?<=on )(?:my |an? )?{_any(_SYSTEMS)}\b"
)
_PLACE = words(
    rf"\b(?:{_any(_PLACES)}[ -](?:environment|system|instance|server|account|site|tenant|cluster|api|workspace|org)\b"
    rf"|{_any(_STRONG_PLACES)}\b|(?:(?<=in )|(?<=on )|(?<=our )|(?<=from )|(?<=to ))prod(?:uction)?\b"
    r"(?! (?:line|of|plan|order|hall|staff|manager)))"
)
_ROLE = words(
    rf"\b(?:as|i am|i'm|we are|my (?:user )?role is|role of|signed in as|logged in as) (?:an?|the|our)?"
    rf" ?((?:\w{{2,15}} )?{_any(_ROLES)}s?)\b(?! of)"
    rf"|\bwith ((?:\w{{2,15}} )?{_any(_ROLES)} (?:rights|role|permissions?|access))\b"
    rf"|\b({_any(('read-?only', 'standard', 'limited', 'light', 'admin', 'end'))} (?:users?|agents?|role|accounts?))\b"
)
_AFFECTED = words(
    rf"\b(?:(?:about|around|approximately|roughly|over|more than|at least|nearly|almost|some|only|just|not) )?"
    rf"{_QUANTITY}(?: out)?(?: of)?(?: (?:our|the|my|all|these|us))?(?: {_NUMBER})?"
    rf"(?: (?!of|for|in|to|and|or|is|are|your)\w[\w-]{{1,20}})?"
    rf" {_any(_PEOPLE)}\b"
    rf"|\b\d{{1,3}}(?:[.,]\d)? ?(?:%|percent) of (?:our |the |all )?(?:\w{{2,20}} )?{_any(_PEOPLE)}\b"
    r"|\b(?:everyone|everybody|nobody|no one) (?:in|at|on|from|here)\b(?: (?:our|the|my) \w{2,20})?"
    r"|\b(?:the|our) (?:whole|entire) (?:team|company|office|department|organi[sz]ation|staff|business|school)\b"
    r"|\b(?:only|just) (?:me|i|for me|one of us)\b|\b(?:everyone|everybody)\b"
)
_NOT_AFFECTED = words(
    r"\b(?:add|adding|invit(?:e|ing)|buy|buying|import(?:ing)?|creat(?:e|ing)|delet(?:e|ing)|remov(?:e|ing)|up to|per"
    r"|licen[cs]es? for|plan for|another|onboard(?:ing)?) (?:\w{1,15} )?$"
)
_CURRENCY = r"(?:usd|eur|gbp|chf|euros?|dollars?|pounds?)"
_SUM = r"\d{1,3}(?:[,.' ]\d{3}){1,4}(?:[.,]\d{2})?|\d{1,9}(?:[.,]\d{1,2})?"
_MONEY = words(
    rf"(?:(?:[$€£¥]|\b(?:usd|eur|gbp|chf)) ?(?:{_SUM})(?: ?(?:k|m|bn|thousand|million)\b)?"
    rf"|\b(?:{_SUM})(?: ?(?:k|m|bn|thousand|million))? ?(?:[€£]|{_CURRENCY}\b))"
    r"(?: ?(?:an?|per|each|every|/) ?(?:minute|hour|day|week|month|year|order)\b)?"
)
_SCREENSHOT = words(
    r"\bscreen ?(?:shots?|recordings?|casts?|grabs?)\b|\bscreencap\w{0,5}"
    r"|![\w.-]{1,80}\.(?:png|jpe?g|gif|mp4)(?:\|\w{1,20})?!"
    r"|\b(?:see|please find|find|in the|as|i have|i've|i|we|is|are) (?:the )?(?:attach(?:ed|ment|ments)?|enclosed)\b"
    r"(?: (?:an? |the )?(?:screen ?\w{3,12}|recording|video|picture|image)\b)?"
    r"|\battached (?:is|are|you|a|an|the|please)\b"
)
_NO_SCREENSHOT = words(r"\b(?:no|without|cannot (?:make|take|attach)|can't (?:make|take|attach)) (?:a |any )?$")
_FAULT, _IMPACT = (words(rf"\b{_any(group)}\b") for group in (_FAULTS, _HARM))
_REQUEST = words(rf"\b{_any(_REQUESTS)}\b|\?$")
_BROKEN = words(
    rf"\b(?:(?:is|are|was|were|been|stays?|remains?|comes? up) (?:\w{{2,12}} ){{0,2}}{_any(_STATES)}|{_any(_BREAKS)})\b"
    r"|(?<!goes)(?<! go)\b (?:down|offline|broken|unavailable|missing)(?: for\b|$)"
)
_NO_TROUBLE = words(r"\b(?:no|any|without|bug) (?:\w{1,12} )?(?:trouble|problems?|issues?|errors?|report)\b")
_GREETING = words(
    r"(?:(?:hi|hello|hallo|hey|dear|good (?:morning|afternoon|evening|day)|greetings|to whom it may concern)\b"
    r"[^\n,!.:;]{0,40}(?:[,!.:;-]|\n|$)|(?:hi|hello|hey)(?: there| all| team| everyone| support)? "
    r"|(?:i |we )?hope (?:you|this)[^.!\n]{0,60}[.!\n]"
    r"|(?:many )?thanks?(?: you)?[^.!,\n]{0,40}[.!,\n])"
)
_PLACE_HEAD, _ROLE_HEAD = heading(("environment", "env")), heading(("role", "user role", "my role", "permissions"))
_CLAUSE_STARTS = words(
    r"[,;] |\b(?:but|because) |\b(?:noticed|see|seeing|found|reali[sz]ed|reporting|problem is) that "
)
_CLAUSE_ENDS = re.compile(
    r"[,;](?=\s|$)|:(?!\d)|\n\s*\n|[()\[\]\"]|\s-+\s|\b(?:and|but|because|since|when|whenever|so|while|which|that|if|after)\b"
)
_SENTENCE = re.compile(r"(?![-*•+#]|\d{1,2}[.)])[^\n]{0,100}?\w\w\W{1,9}\w\w")
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
        plain = fold(self.message.text)[0]
        if self.message.source == "subject":
            return plain
        foreign = (Kind.QUOTED, Kind.SIGNATURE)
        return "".join("\n" * (b - a) if kind in foreign else plain[a:b] for a, b, kind in passages(plain))

    @cached_property
    def parts(self) -> list[Span]:
        """The sentences, without greetings and white space around them; a labelled line stands alone."""
        found, at = [], 0
        while at < len(self.said):
            start, end = self.message.sentence(at)
            for part in apart(self.said, start, end):
                first, last = trimmed(self.said, *part)
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
            if _SENTENCE.match(self.said, start, end)
            and self.said[end - 1] != ":"
            and not _NO_TROUBLE.search(self.said, start, end)
            and not any(first < end and start < last for first, last in listed)
        ]

    def evidence(self, finding: str, span: Span) -> Evidence:
        """The original words of a span of the folded text."""
        start, end = self.message.original(*span)
        return Evidence("details", finding, self.message.text[start:end], self.message.source, start, end)


def details(ticket: Ticket) -> Details:
    """What the customer told, in their own words. Pure; the same ticket gives the same details."""
    letters = list(_letters(ticket))
    return Details(
        steps=_most("steps", letters, lambda one: steps(one.own)),
        expected=_first("expected", letters, lambda one: expected(one.own, one.parts)),
        actual=_first("actual", letters, lambda one: actual(one.own, one.parts)),
        environment=_first(
            "environment", letters, lambda one: labelled(_PLACE_HEAD, one.own) or _match(_PLACE, one.said)
        ),
        client=_telling("client", letters, lambda one: _all(_CLIENT, one.said)),
        role=_first("role", letters, lambda one: labelled(_ROLE_HEAD, one.own) or _match(_ROLE, one.said)),
        urls=_every("urls", letters, lambda one: urls(one.own)),
        errors=_every("errors", letters, lambda one: errors(one.own)),
        logs=_first("logs", letters, lambda one: logs(one.own, one.message.pasted)),
        affected=_telling("affected", letters, lambda one: _affected(one.said, one.parts)),
        impact=_first("impact", letters, lambda one: _sentence(_IMPACT, one.said, one.parts)),
        money=_first("money", letters, lambda one: _match(_MONEY, one.said)),
        screenshot=_first("screenshot", letters, lambda one: _screenshot(one.said)),
        tried=_every("tried", letters, lambda one: tried(one.own, one.parts)),
        problem=_problem(letters),
        disruption=next((phrase for one in letters if (phrase := _disruption(one))), ""),
        capability=next((phrase for one in letters if (phrase := _capability(one))), ""),
    )


def _letters(ticket: Ticket) -> Iterator[_Letter]:
    """The customer's messages: the body, the comments, and the subject last; no more than is read at all."""
    left = _MOST_READ
    own = [one for one in messages(ticket) if one.speaker is Speaker.CUSTOMER]
    for one in (*own[1:], *own[:1]):
        if left <= 0:
            return
        text = one.text[:left]
        left -= len(text)
        yield _Letter(one if len(text) == len(one.text) else Message(one.source, one.speaker, text))


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


def _affected(text: str, parts: Iterable[Span]) -> Iterator[Span]:
    found = (match.span() for part in parts for match in _AFFECTED.finditer(text, *part))
    return (span for span in found if not _NOT_AFFECTED.search(text, max(0, span[0] - 40), span[0]))


def _screenshot(text: str) -> Span | None:
    return next(
        (span for span in _all(_SCREENSHOT, text) if not _NO_SCREENSHOT.search(text, max(0, span[0] - 24), span[0])),
        None,
    )


def _problem(letters: Iterable[_Letter]) -> Evidence | None:
    """The sentence of the first message or the subject that states it best; no list and no heading (S2-41)."""
    opening = [one for one in letters if one.message.source in ("body", "subject")]
    for pattern in (_BROKEN, _FAULT, _REQUEST, _SENTENCE):
        for one in opening:
            span = _sentence(pattern, one.said, one.statements)
            if span:
                return one.evidence("problem", span)
    return _first("problem", reversed(opening), lambda one: next(iter(one.parts), None))


def _disruption(letter: _Letter) -> str:
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


def _capability(letter: _Letter) -> str:
    """What is wished for, where it can be repeated as it stands (S0-73)."""
    text = letter.said
    for wish in _WISH.finditer(text):
        end = _WISH_END.search(text, wish.end(), wish.end() + 2 * _LONGEST_PHRASE)
        span = trimmed(text, wish.end(), end.start() if end else wish.end() + 2 * _LONGEST_PHRASE)
        if not _NO_WISH.search(text, *span) and (phrase := _repeatable(letter, *span)):
            return phrase
    return ""


def _repeatable(letter: _Letter, start: int, end: int) -> str:
    """The words of a span if they are short and plain, and mean the same when somebody else says them; else nothing."""
    text = _LOOSE_ENDS.sub("", letter.said[start:end].rstrip(".!; \n"))
    plain = " ".join(text.split())
    if not 6 <= len(plain) <= _LONGEST_PHRASE or not _PLAIN.fullmatch(plain) or _PRONOUNS.search(plain):
        return ""
    if not any(c.isalpha() for c in plain):
        return ""
    return " ".join(letter.evidence("", (start, start + len(text))).quote.split())
