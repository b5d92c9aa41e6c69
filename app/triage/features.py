"""What the learned reader sees of a text: words, pairs of words and a few marks of form.

Training and reading share this file, so that a model is always asked what it was taught.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from app.triage.passages import Kind
from app.triage.text import Message
from app.triage.ticket import Speaker

VERSION = 1  # of what stands here: a model made for another one refuses to load
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?!]")
_MOST_TOKENS = 400  # of one message: what a ticket is about is said early
_FEW = 60  # features of a short text: fewer say as much less as they are fewer


def features(thread: Iterable[Message]) -> set[str]:
    """The names of the features of what the customer says.

    ``word`` and ``two words`` anywhere, ``^word`` in the subject, ``>word`` at a message's start; names with ``_`` are
    marks of form. Numbers are one word, ``0``. Quoted, signed and pasted passages are not looked into.
    """
    found: set[str] = set()
    length = 0
    for message in thread:
        if message.speaker is not Speaker.CUSTOMER:
            continue
        tokens = _tokens(message.said)
        length += len(tokens)
        found.update(_words(tokens))
        if message.source == "subject":
            found.update(f"^{token}" for token in tokens)
        elif tokens:
            found.add(f">{tokens[0]}")
        if message.has(Kind.CODE):
            found.add("_pasted")
        if message.said.rstrip().endswith("?"):
            found.add("_asks")
    found.add(f"_length{min(6, (length // 25 + 1).bit_length())}")
    return found


def unit(count: int) -> float:
    """How much one of so many features weighs: a long text says no more than one of middling length."""
    return 1 / math.sqrt(max(count, _FEW))


def words(said: str) -> set[str]:
    """The words and pairs of words of one stretch of folded text."""
    return set(_words(_tokens(said)))


def _tokens(said: str) -> list[str]:
    return ["0" if token[0].isdigit() else token for token in _TOKEN.findall(said)[:_MOST_TOKENS]]


def _words(tokens: list[str]) -> Iterator[str]:
    yield from tokens
    for one, two in pairwise(tokens):
        yield f"{one} {two}"
