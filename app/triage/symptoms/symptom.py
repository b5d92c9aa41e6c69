"""``Symptom``: what one ticket reports, without its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

TITLE = 120
"""From this weight on a term is one that the subject says."""

EVERYTHING = "everything"
"""The surface of a ticket that names no part of the product: all of it is down. It is apart from none."""

MARK = 1
"""What a mark weighs: a number in the subject, or that it orders work. Marks tell tickets apart, and are never found
by."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What one ticket reports. Two of them can be compared; neither can be read.

    ``terms`` maps the hash of a term (31 bits) to how much it weighs in this ticket, 1 to 255, before anything is known
    of how common it is; what weighs ``MARK`` is a mark. ``fingerprints`` are exact: the kind, a colon and a hash, such
    as ``code:1f0c9a..`` (S0-60). ``surfaces`` are the parts of the product that it is about, by the policy's names, the
    clearest first. ``vector`` is the text's embedding, one signed byte a dimension; empty where none is made.
    """

    terms: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    fingerprints: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    vector: bytes = b""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common terms are in a space: ``of`` so many of ``tickets`` tickets, by a term's hash.

    They are taken now and then from the newest tickets and stand still in between, so that what is alike does not
    depend on the order in which tickets come.
    """

    tickets: int = 0
    of: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    told: dict[int, float] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What each term tells, as far as it was asked for: kept, because the same terms are asked for all the time."""
