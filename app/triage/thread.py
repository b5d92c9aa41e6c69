"""A thread read message by message, each in its own language; where we have no phrases for that, what machines said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.triage.language import Spoken, spoken
from app.triage.lexicon import Entry
from app.triage.machine_text import errors
from app.triage.model import Reading
from app.triage.passages import Kind
from app.triage.policy import Policy
from app.triage.reading import Hit, hits
from app.triage.taxonomy import FactPhrases
from app.triage.text import Message, messages
from app.triage.ticket import Speaker, Ticket

STRUCTURAL = "error_shown"
"""The fact that needs no words: an error text, a code, an HTTP status, a stack trace stands in the message."""

_MACHINE = Entry(STRUCTURAL, fact=FactPhrases())


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket's messages as they were read: in which language, whether that one cannot be read, what the phrases
    found, and what the learned reader makes of it, None where it is not asked."""

    messages: Sequence[Message]
    language: str
    unread: bool
    hits: Sequence[Hit]
    reading: Reading | None


def read(ticket: Ticket, boilerplate: frozenset[str], policy: Policy) -> Thread:
    """Read a ticket's whole thread; ``boilerplate`` as in ``messages``."""
    thread = list(messages(ticket, boilerplate))
    said_in = spoken(thread, ticket.language, policy.readable)
    return Thread(
        messages=thread,
        language=said_in.language,
        unread=said_in.language not in policy.readable,
        hits=_found(thread, said_in, policy),
        reading=policy.model.read(thread, said_in.language) if policy.model else None,
    )


def _found(thread: Sequence[Message], said_in: Spoken, policy: Policy) -> list[Hit]:
    """Everything found in the thread, in the order it was said."""
    others = [policy.lexicons.of(language) for language in said_in.by_message]
    known = hits(thread, policy.lexicon, others)
    unread = [
        hit
        for order, (message, language) in enumerate(zip(thread, said_in.by_message, strict=True))
        if language not in policy.readable and message.speaker is Speaker.CUSTOMER
        for hit in _structural(order, message)
    ]
    return sorted([*known, *unread], key=lambda hit: (hit.order, hit.start, hit.end)) if unread else known


def _structural(order: int, message: Message) -> Iterator[Hit]:
    for start, end in errors(message.said)[:1]:
        yield Hit(_MACHINE, order, message, start, end)
    if message.has(Kind.CODE):
        pasted = message.pasted
        start = len(pasted) - len(pasted.lstrip())
        end = pasted.find("\n", start)
        yield Hit(_MACHINE, order, message, start, len(pasted.rstrip()) if end < 0 else end)
