"""What can be read off a ticket beyond its facts: steps, environment, error texts, numbers.

It reads what the customer wrote, at most the first 64 K characters of the thread, and quotes it as it stands there.
English only. Expressions have no nested repeats and every repeat is bounded, so that no text makes them slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.triage.decision import Evidence
from app.triage.letter import Letter
from app.triage.problem import capability, disruption, either, problem, sentence
from app.triage.steps import Span, actual, errors, expected, heading, labelled, logs, steps, tried, urls, words
from app.triage.text import Message, messages
from app.triage.ticket import Speaker, Ticket

_MOST_READ = 64 * 1024
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


_RELEASE = r"\d{1,4}(?:[._]\d{1,6}){0,4}"
_VERSION = rf"(?: \((?:version |v)?{_RELEASE}\)|[ /:]{{1,2}}(?:version |v\.? ?)?{_RELEASE}\b)"
_CLIENT = words(
    r"\bmozilla/5\.0 [^\n]{10,250}"
    rf"|\b{either(_BROWSERS)}\b(?: browser)?{_VERSION}?"
    rf"(?:(?: on| under|,| /| \() ?(?:an? |my )?{either(_SYSTEMS)}\b{_VERSION}?)?"
    rf"|\b{_APPS} (?:app|client)\b,?(?: is)?{_VERSION}|\b(?:ios|android|mobile|desktop) (?:app|client)\b"
    rf"|\b(?:app|client) version:? {_RELEASE}\b"
    rf"|\b{either(_SYSTEMS)}{_VERSION}|(?<=on )(?:my |an? )?{either(_SYSTEMS)}\b"
)
_PLACE = words(
    rf"\b(?:{either(_PLACES)}[ -](?:environment|system|instance|server|account|site|tenant|cluster|api|workspace|org)\b"
    rf"|{either(_STRONG_PLACES)}\b|(?:(?<=in )|(?<=on )|(?<=our )|(?<=from )|(?<=to ))prod(?:uction)?\b"
    r"(?! (?:line|of|plan|order|hall|staff|manager)))"
)
_ROLE = words(
    rf"\b(?:as|i am|i'm|we are|my (?:user )?role is|role of|signed in as|logged in as) (?:an?|the|our)?"
    rf" ?((?:\w{{2,15}} )?{either(_ROLES)}s?)\b(?! of)"
    rf"|\bwith ((?:\w{{2,15}} )?{either(_ROLES)} (?:rights|role|permissions?|access))\b"
    r"|\b((?:read-?only|standard|limited|light|admin|end) (?:users?|agents?|role|accounts?))\b"
)
_AFFECTED = words(
    rf"\b(?:(?:about|around|approximately|roughly|over|more than|at least|nearly|almost|some|only|just|not) )?"
    rf"{_QUANTITY}(?: out)?(?: of)?(?: (?:our|the|my|all|these|us))?(?: {_NUMBER})?"
    rf"(?: (?!of|for|in|to|and|or|is|are|your)\w[\w-]{{1,20}})?"
    rf" {either(_PEOPLE)}\b"
    rf"|\b\d{{1,3}}(?:[.,]\d)? ?(?:%|percent) of (?:our |the |all )?(?:\w{{2,20}} )?{either(_PEOPLE)}\b"
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
_IMPACT = words(rf"\b{either(_HARM)}\b")
_PLACE_HEAD, _ROLE_HEAD = heading(("environment", "env")), heading(("role", "user role", "my role", "permissions"))


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
        impact=_first("impact", letters, lambda one: sentence(_IMPACT, one.said, one.parts)),
        money=_first("money", letters, lambda one: _match(_MONEY, one.said)),
        screenshot=_first("screenshot", letters, lambda one: _screenshot(one.said)),
        tried=_every("tried", letters, lambda one: tried(one.own, one.parts)),
        problem=problem(letters),
        disruption=next((phrase for one in letters if (phrase := disruption(one))), ""),
        capability=next((phrase for one in letters if (phrase := capability(one))), ""),
    )


def _letters(ticket: Ticket) -> Iterator[Letter]:
    """The customer's messages: the body, the comments, and the subject last; no more than is read at all."""
    left = _MOST_READ
    own = [one for one in messages(ticket) if one.speaker is Speaker.CUSTOMER]
    for one in (*own[1:], *own[:1]):
        if left <= 0:
            return
        text = one.text[:left]
        left -= len(text)
        yield Letter(one if len(text) == len(one.text) else Message(one.source, one.speaker, text))


def _first(finding: str, letters: Iterable[Letter], find: Callable[[Letter], Span | None]) -> Evidence | None:
    return next((one.evidence(finding, span) for one in letters if (span := find(one))), None)


def _most(finding: str, letters: Iterable[Letter], find: Callable[[Letter], list[Span]]) -> tuple[Evidence, ...]:
    """All finds of the first message that has any."""
    return next((tuple(one.evidence(finding, span) for span in spans) for one in letters if (spans := find(one))), ())


def _every(finding: str, letters: Iterable[Letter], find: Callable[[Letter], Iterable[Span]]) -> tuple[Evidence, ...]:
    """The finds of all messages, each text once, at most five."""
    found: dict[str, Evidence] = {}
    for one in letters:
        for span in find(one):
            evidence = one.evidence(finding, span)
            found.setdefault(evidence.quote, evidence)
            if len(found) == _MOST:
                return tuple(found.values())
    return tuple(found.values())


def _telling(finding: str, letters: Sequence[Letter], find: Callable[[Letter], Iterable[Span]]) -> Evidence | None:
    """The first find with a number in it, such as a version; else the first of all."""
    found = [one.evidence(finding, span) for one in letters for span in find(one)]
    return next((one for one in found if any(c.isdigit() for c in one.quote)), found[0] if found else None)


def _match(pattern: re.Pattern[str], text: str) -> Span | None:
    """The first match: its group that took part, if it has groups."""
    match = pattern.search(text)
    return match.span(match.lastindex or 0) if match else None


def _all(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    return (match.span() for match in pattern.finditer(text))


def _affected(text: str, parts: Iterable[Span]) -> Iterator[Span]:
    found = (match.span() for part in parts for match in _AFFECTED.finditer(text, *part))
    return (span for span in found if not _NOT_AFFECTED.search(text, max(0, span[0] - 40), span[0]))


def _screenshot(text: str) -> Span | None:
    return next(
        (span for span in _all(_SCREENSHOT, text) if not _NO_SCREENSHOT.search(text, max(0, span[0] - 24), span[0])),
        None,
    )
