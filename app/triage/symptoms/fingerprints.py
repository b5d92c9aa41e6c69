"""Exact fingerprints: what a machine said, without what differs from run to run, as ``kind:hash`` (S0-60).

Two tickets that share one report the same fault far more often than two that share words. How much more differs by
kind, see ``STRENGTH``: a stack trace or an error text of many words all but names the fault, a lone HTTP status or an
exception that every program throws says little more than a word does. How common a fingerprint is in a space weighs
as well: one that every other ticket has (a health check's error in a form's dump) says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from types import MappingProxyType

from app.triage.machine_text import errors
from app.triage.passages import Kind
from app.triage.symptoms.stacks import stacks
from app.triage.symptoms.words import stem, stems
from app.triage.text import Message
from app.triage.ticket import Speaker

MOST = 16
"""Fingerprints of one ticket."""

STRENGTH: Mapping[str, float] = MappingProxyType(
    {"stack": 1.0, "http": 0.7, "error": 0.6, "code": 0.45, "exception": 0.15, "status": 0.07, "vague": 0.07}
)
"""How far a shared fingerprint goes, by its kind, 0 to 1. ``vague`` is an error text of few or common
words ("an error occurred"), or a code that says only that something failed; set by hand."""

_LONGEST = 65_536  # characters of a thread that are looked at
_WORDS = 60  # characters of a fingerprint's words
_MOST_STATUSES = 8
_NEAR = 80  # characters between a status and its path
_OTHERS = frozenset(Kind) - {Kind.SAID, Kind.CODE, Kind.MARKUP}  # addresses are markup
_CODE = re.compile(
    r"\b(?P<a>(?:e[-_]?\d{3,6}|(?:err|error|ora|sql|tns|pls|mysql|sqlstate|kb|ts|cs|nu|msb|tf|aadsts|nr)[-_]?\d{2,6}[a-z]?"
    r"|err_[a-z_]{3,60}|(?<![(=/+,@{-])0x[0-9a-f]{4,8}(?!/)|sqlstate ?[\[=(]{1,2}[0-9a-z]{5}"
    r"|econn(?:refused|reset|aborted)|etimedout|enotfound|enoent|eacces|eperm|ehostunreach|enetunreach|epipe|eaddrinuse"
    r"|enospc|emfile|eproto|eai_again))\b"
    r"|\b(?:errors?|err|fehler|erreur|erro|exception)(?:[ -]?(?:code|number|no\.?|id|nr\.?|nummer))?[:#(\[ ]{1,3}"
    r"(?P<b>(?![45]\d\d\b)-?\d{3,6}|[a-z]{1,6}[-_]?\d{2,6}|[a-z]{2,8}(?:[-_][a-z0-9]{2,8}){0,3}[-_]\d{2,6})\b(?![.,]\d)"
)
_STATUS = re.compile(
    r"\b(?:http(?:/\d(?:\.\d)?)?(?: ?(?:status|error|code|response)){0,3}[ :=]{1,3}|status(?: ?code)?[ :=]{1,3}"
    r"|returned |returns |\" |-> |=> )(?P<a>[45]\d\d)\b"
    r"|\b(?P<b>[45]\d\d) (?:errors?|\(?(?:internal server|bad gateway|service unavailable|gateway time-?out|not found"
    r"|forbidden|unauthori[sz]ed|too many requests|bad request|unprocessable|conflict))"
)
_PATH = re.compile(
    r"(?:\b(?:get|post|put|patch|delete|head)\s+|https?://[^\s/\"'<>]{1,120})(?P<path>/[\w./%~:@+-]{1,200})"
)
_ID = re.compile(
    r"(?<=/)(?:\d+|[0-9a-f]{8}-[0-9a-f-]{20,40}|[0-9a-f]{12,64}|(?=[a-z_-]*\d)[\w~%@.+-]{16,200}|[a-z]{1,8}[-_]\d{2,20})"
    r"(?=/|$)"
)
_VALUES = re.compile(
    r"https?://\S+|[\w.+-]+@[\w.-]+|\"[^\"\n]{0,80}\"|'[^'\n]{0,80}'|`[^`\n]{0,80}`|(?:[a-z]:)?[\\/][\w.\\/-]{3,200}"
    r"|\b[0-9a-f]{8}-[0-9a-f-]{20,40}\b|\b0x[0-9a-f]+\b|\b(?=[a-z]*\d)[\w-]*\d[\w-]*\b|\d+"
)
_NO_CODE = re.compile(
    r"(?:iso|utf|sha|rfc|aes|rsa|cp|win|windows|din|ean|ipv|jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mid|pre|id"
    r"|line|page|part|step|room)-\d"
)
_PACKAGE = re.compile(r"\b(?:[a-z_]\w{0,40}\.){1,10}(?=[a-z_]\w{0,80}(?:exception|error)\b)")
_COMMON_CODES = frozenset(
    ("err_connection_refused", "err_connection_timed_out", "err_connection_reset", "err_internet_disconnected",
     "err_name_not_resolved", "err_failed", "econnrefused", "econnreset", "etimedout", "enotfound", "0x80004005",
     "0x80070057", "0x0000", "0x00000000", "error 404", "error 500", "error 503", "error 403")
)  # fmt: skip
_COMMON_TYPES = frozenset(
    ("exception", "error", "nullpointerexception", "runtimeexception", "illegalargumentexception", "ioexception",
     "illegalstateexception", "indexoutofboundsexception", "classcastexception", "typeerror", "referenceerror",
     "syntaxerror", "rangeerror", "valueerror", "keyerror", "attributeerror", "runtimeerror", "importerror", "oserror",
     "nullreferenceexception", "invalidoperationexception", "argumentexception", "argumentnullexception",
     "timeoutexception", "sockettimeoutexception", "httpexception", "sqlexception", "nomethoderror", "argumenterror",
     "standarderror", "outofmemoryerror", "assertionerror", "timeouterror", "connectionerror", "httperror")
)  # fmt: skip
_COMMON_WORDS = frozenset(
    map(
        stem,
        re.findall(
            r"\w+",
            """a an and the is was has have been be to of in on for with please try again later contact your you we it
            this that not can could cannot error occurred went wrong something unknown unexpected failed message
            administrator support issue problem invalid server internal request response service unavailable time out
            access denied found page load system code number java lang""",
        ),
    )
)


def fingerprints(thread: Sequence[Message]) -> tuple[str, ...]:
    """The fingerprints of what the customer says and pastes, in the first message and later, the strongest first."""
    return tuple(told(thread))


def told(thread: Sequence[Message]) -> dict[str, str]:
    """The same, each with a few words by which a person knows it ("E-4711", "TimeoutError in pay.py:charge").

    The words come from the ticket: they may stand in that ticket's own notes, and in no log.
    """
    found: dict[str, str] = {}
    left = _LONGEST
    for message in thread:
        if message.speaker is Speaker.CUSTOMER and left > 0:
            text = message.without(*_OTHERS)[:left]
            left -= len(text)
            for kind, exact, words in _found(text):
                found.setdefault(f"{kind}:{blake2b(exact.encode(errors='replace'), digest_size=8).hexdigest()}", words)
    strongest = sorted(found, key=strength, reverse=True)[:MOST]
    return {one: found[one][:_WORDS].strip() for one in strongest}


def strength(fingerprint: str) -> float:
    """How far a shared fingerprint goes, by its kind, 0 to 1."""
    return STRENGTH.get(fingerprint.partition(":")[0], 0.0)


def _found(text: str) -> Iterator[tuple[str, str, str]]:
    """Kind, what is hashed, and words for a person."""
    for stack in stacks(text):
        if nearest := stack.nearest:
            yield "stack", "\n".join((stack.type, *nearest)), f"{stack.type} in {nearest[0]}"
        if stack.type not in ("error", "exception"):
            yield ("vague" if stack.type in _COMMON_TYPES else "exception"), stack.type, stack.type
    for match in _CODE.finditer(text):
        code = match["a"] or _named(match["b"])
        if not _NO_CODE.match(code):
            yield ("vague" if code in _COMMON_CODES else "code"), code.replace("_", "-"), code
    yield from _http(text)
    for start, end in errors(text):
        yield from _quoted(text[start:end])


def _named(code: str) -> str:
    """A code that is called one; a bare number needs the word to be known by."""
    return code if code[0].isalpha() else f"error {code}"


def _http(text: str) -> Iterator[tuple[str, str, str]]:
    """An HTTP status with the path that stands near it; alone where there is none."""
    for status in islice(_STATUS.finditer(text), _MOST_STATUSES):
        number = status["a"] or status["b"]
        near = [*_PATH.finditer(text, max(0, status.start() - _NEAR), min(len(text), status.end() + _NEAR))]
        if near:
            path = min(near, key=lambda one: abs(one.start() - status.start()))["path"]
            where = _ID.sub("{id}", path.rstrip("/.:"))
            yield "http", f"{number} {where}", f"HTTP {number} on {where}"
        else:
            yield "status", number, f"HTTP {number}"


def _quoted(text: str) -> Iterator[tuple[str, str, str]]:
    """An error text without its values; vague where it is short or common."""
    if _CODE.fullmatch(text):
        return
    words = list(stems(_VALUES.sub(" ", _PACKAGE.sub("", text))))
    if len(words) < 2:
        return
    telling = [word for word in words if word not in _COMMON_WORDS and word not in _COMMON_TYPES]
    shown = " ".join(_VALUES.sub("…", text).split())
    yield ("error" if len(words) >= 3 and len(telling) >= 2 else "vague"), " ".join(words), f"“{shown[: _WORDS - 4]}”"
