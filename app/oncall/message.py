"""A message to colleagues. ``key`` is the same however often it is sent, so that a receiver can drop a repetition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text; ``ticket`` is the reference, such as ``zendesk:acme:4711``."""

    key: str
    ticket: str
    subject: str
    text: str
