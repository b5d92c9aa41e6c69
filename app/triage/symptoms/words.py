"""The words of a text as terms: light stems, so that "exports", "exported" and "export" are one.

English endings are taken off; in other languages most words stay as they are, folded, and work as terms all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LONGEST = 40  # characters: what is longer is no word but an id, a key, a token
_VOWELS = frozenset("aeiouy")
_CUT = 6  # letters of a stem that count: "anmelden" and "Anmeldung", "authentication" and "authenticate" are one
_DOUBLED = frozenset("bdfgmnprt")


@lru_cache(maxsize=16_384)
def term_hash(term: str) -> int:
    """The hash of a term or a fingerprint: 31 bits, so that it fits an SQL integer; the same everywhere, for ever."""
    return int.from_bytes(blake2b(term.encode(errors="surrogatepass"), digest_size=4).digest()) >> 1


def stems(said: str) -> Iterator[str]:
    """The stems of the words of folded text, in their order. Long numbers are left out: they identify, and say nothing
    of a fault."""
    for word in _WORD.findall(said):
        if word.isdigit():
            if len(word) <= 5:
                yield word
        elif len(word) <= _LONGEST:
            yield stem(word)


def pairs(found: Iterable[str]) -> Iterator[str]:
    """Neighbouring stems as one term, in the order of letters: "CSV export" is "export to CSV" without its "to"."""
    for one, two in pairwise(found):
        if one != two:
            yield f"{min(one, two)} {max(one, two)}"


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without the ending that English gives it. Words of up to three letters stay as they are."""
    word = word.removesuffix("'s")
    if len(word) <= 3:
        return word
    word = _singular(word)
    for ending in ("ingly", "edly", "ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and not _VOWELS.isdisjoint(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] in _DOUBLED else rest
            break
    for ending in ("ation", "ion", "ment", "able", "ly", "or", "er", "e"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 4:
            word = rest
            break
    return (word[:-1] + "i" if len(word) > 3 and word[-1] == "y" else word)[:_CUT]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zes")):
        return word[:-2]
    if word[-1] == "s" and word[-2] not in "siu":
        return word[:-1]
    return word
