"""What is read of a message, for tests of its passages."""

from __future__ import annotations

from app.triage.text import Message
from app.triage.ticket import Speaker


def said(text: str, source: str = "body") -> str:
    """The folded words that count as the writer's."""
    return " ".join(Message(source, Speaker.CUSTOMER, text).said.split())


def pasted(text: str) -> str:
    """The folded words that count as pasted from a machine."""
    return " ".join(Message("body", Speaker.CUSTOMER, text).pasted.split())
