"""Text folded letter by letter, so that a phrase matches however it was typed."""

from __future__ import annotations

import unicodedata

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"), "")
_PLAIN = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
}


class _Folding(dict[int, str]):
    """One character to its plain lower-case form; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        if 0xD800 <= code <= 0xDFFF:  # half a character, as broken JSON holds it: nothing could encode it
            self[code] = "\ufffd"
            return "\ufffd"
        plain = "".join(c for c in unicodedata.normalize("NFKD", chr(code)) if not unicodedata.combining(c)).lower()
        self[code] = plain
        return plain


_FOLD = _Folding(_PLAIN | _INVISIBLE)


def fold(text: str) -> tuple[str, list[int] | None]:
    """Plain lower-case letters, straight quotes, no invisible characters; and where each one stood.

    The second value is None when no character moved.
    """
    if text.isascii():
        return text.lower(), None
    folded = text.translate(_FOLD)
    if all(len(_FOLD[ord(c)]) == 1 for c in set(text)):
        return folded, None
    positions = [at for at, c in enumerate(text) for _ in _FOLD[ord(c)]]
    positions.append(len(text))
    return folded, positions
