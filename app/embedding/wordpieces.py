"""The pieces of words that the sentence model knows: WordPiece, uncased, as BERT has it (Devlin et al., 2018)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import config
from app.triage.folding import fold

VOCABULARY = Path(config.__file__).parent / "model" / "wordpieces.txt.gz"
MOST = 128
"""Pieces of a text that are read, with the two that stand around it: what a ticket is about is said early."""

_LONGEST = 100  # letters of a word; longer ones are unknown
_MOST_LETTERS = 4_000  # of a text: more than so many pieces ever take
_IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_IDEOGRAPH}]|[^\W_{_IDEOGRAPH}]+|[^\w\s]|_")


@cache
def _vocabulary() -> dict[str, int]:
    pieces = gzip.decompress(VOCABULARY.read_bytes()).decode().rstrip("\n").split("\n")
    return {piece: number for number, piece in enumerate(pieces)}


def pieces(text: str) -> list[int]:
    """The numbers of a text's pieces, ``[CLS]`` first and ``[SEP]`` last."""
    known = _vocabulary()
    found: list[int] = []
    for token in _TOKEN.findall(fold(text[:_MOST_LETTERS])[0]):
        found.extend(_parted(token, known))
        if len(found) >= MOST - 2:
            break
    return [known["[CLS]"], *found[: MOST - 2], known["[SEP]"]]


def _parted(word: str, known: dict[str, int]) -> Iterator[int]:
    """A word by the longest pieces that are known, from its start on; one number for a word that cannot be parted."""
    numbers: list[int] = []
    start = 0
    while start < len(word) <= _LONGEST:
        prefix = "##" if start else ""
        end = next((end for end in range(len(word), start, -1) if prefix + word[start:end] in known), 0)
        if not end:
            break
        numbers.append(known[prefix + word[start:end]])
        start = end
    yield from numbers if numbers and start == len(word) else [known["[UNK]"]]
