"""The tag of a known issue, ``<issue#>-<brief-description>`` (S4-71): ``123-umlauts-in-csv`` or ``ENG-7-slow-export``
(C-27). It names the entry, and it stands on every ticket that matches."""

from __future__ import annotations

import re

from app.triage.folding import fold

SHORTEST, LONGEST = 3, 40
"""Characters of the description."""

KEY = re.compile(r"[A-Z][A-Z0-9_]{1,63}-[1-9]\d{0,9}")
"""The key of an issue, such as ``ENG-7``."""

_NUMBER = re.compile(rf"{KEY.pattern}|[1-9]\d{{0,18}}")
_SLUG = r"(?=[a-z0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*"
_TAG = re.compile(rf"({KEY.pattern}|[1-9]\d{{0,18}})-({_SLUG})", re.IGNORECASE)
_SHAPE = "<issue#>-<brief-description>, such as 123-umlauts-in-csv or ENG-7-slow-export"


class BadTag(ValueError):
    """No tag of a known issue. The message says what is wrong and, after a semicolon, the mend."""


def checked(tag: str) -> str:
    """The tag, if it is one. Raises BadTag."""
    parts = _TAG.fullmatch(tag)
    if parts is None:
        raise BadTag(f"{tag!r} is no tag of a known issue; write it as {_SHAPE}")
    number, slug = parts.groups()
    if not _NUMBER.fullmatch(number):
        raise BadTag(f"{number!r} is no issue's key; keys are in capital letters: {number.upper()}-{slug}")
    if slug != slug.lower():
        raise BadTag(f"{slug!r} is not in small letters; write {number}-{slug.lower()}")
    if not SHORTEST <= len(slug) <= LONGEST:
        raise BadTag(f"{slug!r} has {len(slug)} characters; a description has {SHORTEST} to {LONGEST}")
    return tag


def made(number: str, description: str) -> str:
    """The tag for an issue's number or key and a few words about it; words that are too many are left out.

    Raises BadTag for what is no number, and for a description of which nothing can be kept.
    """
    if not _NUMBER.fullmatch(number):
        raise BadTag(f"{number!r} is no issue's number or key; write it as 123 or ENG-7")
    return checked(f"{number}-{slug_of(description)}")


def slug_of(description: str) -> str:
    """The words as a kebab slug of plain small letters and digits, as many of them as there is room for."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", fold(description)[0].replace("ß", "ss")))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        slug = longer
    if len(slug) < SHORTEST or not re.search("[a-z]", slug):
        raise BadTag("the description has too few letters a to z; describe the fault in a few English words")
    return slug


def number_of(tag: str) -> str:
    """The issue's number or key in a tag."""
    parts = _TAG.fullmatch(tag)
    return parts[1].upper() if parts else ""


def looks_like_one(tag: str) -> bool:
    """Whether a ticket's tag has the form, whatever its case: Zendesk writes tags in small letters."""
    return _TAG.fullmatch(tag) is not None
