"""A thread read message by message, each in its own language; where we have no phrases for that, what machines said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.triage.language import Spoken
from app.triage.lexicon import Entry
from app.triage.machine_text import errors
from app.triage.passages import Kind
from app.triage.policy import Policy
from app.triage.reading import Hit, hits
from app.triage.taxonomy import FactPhrases
from app.triage.text import Message
from app.triage.ticket import Speaker

STRUCTURAL = "error_shown"
"""The fact that needs no words: an error text, a code, an HTTP status, a stack trace stands in the message."""

_MACHINE = Entry(STRUCTURAL, fact=FactPhrases())


def read(thread: Sequence[Message], said_in: Spoken, policy: Policy) -> list[Hit]:
    """Everything found in the thread, in the order it was said."""
    others = [policy.lexicons.of(language) for language in said_in.by_message]
    found = hits(thread, policy.lexicon, others)
    unread = [
        hit
        for order, (message, language) in enumerate(zip(thread, said_in.by_message, strict=True))
        if language not in policy.readable and message.speaker is Speaker.CUSTOMER
        for hit in _structural(order, message)
    ]
    return sorted([*found, *unread], key=lambda hit: (hit.order, hit.start, hit.end)) if unread else found


def _structural(order: int, message: Message) -> Iterator[Hit]:
    for start, end in errors(message.said)[:1]:
        yield Hit(_MACHINE, order, message, start, end)
    if message.has(Kind.CODE):
        pasted = message.pasted
        start = len(pasted) - len(pasted.lstrip())
        end = pasted.find("\n", start)
        yield Hit(_MACHINE, order, message, start, len(pasted.rstrip()) if end < 0 else end)
