"""What may leave the house of a ticket's text: the customer's own words, with all that names or unlocks masked.

All of it runs on RE2, so no text makes it slow. It masks rather too much than too little: a number with eight digits
is masked whatever it counts. Names of people whom nobody told us about stay; signatures and quoted mails are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import re2

from app.triage.text import Message, messages
from app.triage.ticket import Customer, Speaker, Ticket

_SHOWN_AGAIN = ("EMAIL", "PHONE", "IP", "NAME", "ORGANISATION")
_MOST_READ = 20_000  # characters of one message that are looked at, before any of it is masked
_SHORTEST_NAME = 3

_WORD_FOR_IT = (
    r"(?:password|passwd|passphrase|passcode|passwort|kennwort|mot de passe|contrase(?:ñ|n)a|clave|senha|pwd|pin"
    r"|otp|secret|token|api[ _-]?keys?|access[ _-]?keys?|license[ _-]?keys?|client[ _-]?secret|authorization|cookie)"
)
_TOLD_HEAD = (
    rf"(?i)\b(?:[\w.-]*[_.-])?{_WORD_FOR_IT}[\"'*`]* ?(?:is|was|ist|war|est|es|:|=)+ ?"
    r"(?:bearer |basic |token )?[\"'*`]*"
)
_TOLD_VALUE = r"[^\s\"'`]{3,}"
_NO_SECRET = frozenset(
    {
        *("wrong", "incorrect", "correct", "invalid", "valid", "expired", "expiring", "not", "never", "always"),
        *("still", "no", "too", "the", "being", "rejected", "refused", "accepted", "reset", "lost", "forgotten"),
        *("missing", "required", "unknown", "blocked", "locked", "disabled", "working", "broken", "empty", "ok"),
        *("entered", "created", "added", "changed", "saved", "stored", "shown", "asked", "needed", "generated"),
        *("okay", "sent", "set", "falsch", "ungültig", "abgelaufen", "nicht", "gesperrt", "vergessen", "incorrecte"),
        *("invalide", "expiré", "incorrecta", "inválida", "incorreta"),
    }
)
"""What is said of a password, and is none."""
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("SECRET", r"-----BEGIN [A-Z ]+-----[^-]*(?:-----END [A-Z ]+-----)?"),
    ("SECRET", r"\beyJ[\w-]{8,}(?:\.[\w-]{4,}){0,4}"),
    ("SECRET", r"\b(?:sk|pk|rk|gh[opsur]|github_pat|glpat|xox[abeprs]|hf|npm|pypi|whsec|shpat)[_-][\w-]{8,}"),
    ("SECRET", r"\b(?:AKIA|ASIA|AIza|ya29\.|SG\.)[\w.-]{12,}"),
    ("SECRET", r"(?i)\b(?:bearer|basic) +[\w.~+/-]{8,}=*"),
    ("TOLD", _TOLD_HEAD + _TOLD_VALUE),
    ("URL", r"(?i)\b[a-z][a-z0-9+.-]+://[^\s<>\"]+"),
    ("EMAIL", r"(?i)[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"),
    ("IP", r"(?i)\b(?:(?:[0-9a-f]{1,4}:){7}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){0,5}:)[0-9a-f]{1,4}\b"),
    ("IP", r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b"),
    ("DATE", r"\b(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?:[T ][0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?)?"),
    ("DATE", r"\b[0-3]?[0-9](?:/[0-3]?[0-9]/(?:19|20)?|\.[01]?[0-9]\.(?:19|20))[0-9]{2}\b"),
    ("DATE", r"\b[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?\b"),
    ("ACCOUNT", r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b"),
    ("ACCOUNT", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b"),
    ("IP", r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b"),
    ("NUMBER", r"[+(]{0,2}[0-9](?:[ ./()-]{0,2}[0-9]){6,40}"),
    ("RANDOM", r"\b[\w+-]{24,}={0,2}"),
)
"""What is looked for; the first that holds at a place wins. DATE is there so that no date is taken for a number; TOLD
is a secret behind the word for it."""


def _compiled(patterns: Iterable[tuple[str, str]]) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    return re2.compile("|".join(f"(?P<g{at}_{kind}>{one})" for at, (kind, one) in enumerate(patterns)), options)


_FOUND = _compiled(_PATTERNS)
_TOLD = re2.compile(f"^({_TOLD_HEAD})({_TOLD_VALUE})$")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may leave the house. ``originals`` are the masked words by their mark, such as ``[EMAIL_1]``; they
    stay in this process's memory. Secrets, cards, accounts and what follows the ``?`` of an address are not among them:
    nobody is to see those again."""

    text: str
    originals: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def restored(self, quote: str) -> str:
        """A quote from the text in the customer's own words, as far as they may be shown again."""
        for mark, original in self.originals.items():
            quote = quote.replace(mark, original)
        return quote


def masked(ticket: Ticket, most: int) -> Masked:
    """The subject and what the customer says in public, oldest first, masked, at most so many characters. Quoted mails,
    signatures, pasted code and logs are left out, as are notes, agents' words and attachments."""
    hide = _Marks(_names(ticket.requester))
    public = {comment.id for comment in ticket.comments if comment.public and comment.speaker is Speaker.CUSTOMER}
    texts = [
        hide.masked(_said(message)) for message in messages(ticket) if message.source in {"subject", "body", *public}
    ]
    text = "\n\n".join(filter(None, texts))
    if len(text) > most:
        text = text[:most].rsplit(None, 1)[0]  # never within a mark: there is no space in one
    return Masked(text, MappingProxyType(hide.originals))


def masked_text(text: str) -> str:
    """A text of which nobody knows who wrote it, with all masked that is known by its form."""
    return _Marks(()).masked(text)


def _said(message: Message) -> str:
    """What the writer says here and now, letter by letter as it was written."""
    said, text, parts, at = message.said[:_MOST_READ], message.text, [], 0
    for line in said.split("\n"):
        if line.strip():
            start, end = message.original(at, at + len(line))
            parts.append(text[start:end].strip())
        at += len(line) + 1
    return "\n".join(parts)


class _Marks:
    """The marks of one ticket's texts: the same words bear the same mark everywhere."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self.originals: dict[str, str] = {}
        self._marks: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._names = _compiled((kind, rf"\b{re2.escape(name)}\b") for kind, name in names) if names else None

    def masked(self, text: str) -> str:
        """The text with a mark for everything that is found."""
        text = _FOUND.sub(self._instead, text)
        return self._names.sub(self._instead, text) if self._names is not None else text

    def _instead(self, match: re2._Match) -> str:
        kind, words = match.lastgroup.split("_", 1)[1], match.group()
        if kind == "DATE":
            return str(words)
        if kind == "URL":
            return self._address(words)
        if kind == "NUMBER":
            kind = _number(words)
            return self._mark(kind, words) if kind else str(words)
        if kind == "TOLD":
            head, value = _TOLD.match(words).groups()
            return str(words) if value.strip(".,;!?").casefold() in _NO_SECRET else head + self._mark("SECRET", value)
        if kind == "RANDOM":
            return self._mark("SECRET", words) if _random(words) else str(words)
        return self._mark(kind, words)

    def _address(self, url: str) -> str:
        """An address without the name and password before its host, and without what follows ``?`` or ``#``."""
        scheme, _, rest = url.partition("://")
        ends = [at for at in map(rest.find, "?#") if at >= 0]
        shown, more = (rest[: min(ends)], rest[min(ends) :]) if ends else (rest, "")
        host, slash, path = shown.partition("/")
        user, at, host = host.rpartition("@")
        query = more[0] + self._mark("QUERY", more[1:]) if len(more) > 1 else more
        path = "/".join(self._mark("SECRET", step) if _random(step) else step for step in path.split("/"))
        return f"{scheme}://{self._mark('SECRET', user) if user else ''}{at}{host}{slash}{path}{query}"

    def _mark(self, kind: str, words: str) -> str:
        key = (kind, words.casefold())
        if key not in self._marks:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            mark = self._marks[key] = f"[{kind}_{self._counts[kind]}]"
            if kind in _SHOWN_AGAIN:
                self.originals[mark] = words
        return self._marks[key]


def _number(words: str) -> str:
    """What a long number is: CARD when its check digit says so, PHONE when it is written like one, else ACCOUNT; empty
    for one that is short enough to be a number of something."""
    digits = [int(c) for c in words if c.isdigit()]
    called = words[0] in "+(" or (words[0] == "0" and len(digits) > 6)
    if len(digits) < 8 and not called and words.isdigit():
        return ""
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))]
    if 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0:
        return "CARD"
    return "PHONE" if called or len(words) > len(digits) else "ACCOUNT"


def _random(words: str) -> bool:
    """Whether it looks like a token: long, of letters and digits."""
    return len(words) >= 16 and any(map(str.isdigit, words)) and any(map(str.isalpha, words))


def _names(person: Customer) -> list[tuple[str, str]]:
    """The names to mask, the longest first: the requester's with each part of it, written with a capital or in capitals
    (``will`` stays a word), and the organization's in any case."""
    parts = [part.strip(".,()") for part in person.name.split()]
    single = [part for part in parts if len(part) >= _SHORTEST_NAME]
    names = {spelt for part in (person.name, *single) if part for spelt in (part, part.title(), part.upper())}
    found = [("NAME", name) for name in names if len(name) >= _SHORTEST_NAME]
    if len(person.organization) >= _SHORTEST_NAME:
        found += [("ORGANISATION", name) for name in {person.organization, person.organization.lower()}]
    return sorted(found, key=lambda one: -len(one[1]))
