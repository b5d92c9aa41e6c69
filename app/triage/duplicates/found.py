"""What the look-ups before routing found about a ticket: candidates, chosen and rejected, and its cluster (S0-59)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from app.triage.ticket import Ref

if TYPE_CHECKING:
    from app.triage.duplicates.entry import Via

SAME_CUSTOMER = "same customer"
"""Said of a candidate whose customer is the ticket's own (S0-61)."""

LESS_LIKELY = "less likely than"
"""How the reason begins of a candidate that is not sure enough to be linked."""

SAME, HANGS_HERE = "reports the same", "hangs on this one"
"""The reasons of candidates that are of the same cluster, though the ticket does not hang on them."""

Band = Literal["link", "suggest", "nothing"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier or later ticket that may report the same: with which chance (0..1), in which band, by what it was
    found (``same error E-4711``, ``same customer``), and why it was not chosen, empty for the one that was."""

    ref: Ref
    chance: float
    band: Band
    why: tuple[str, ...] = ()
    rejected: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What one member of a cluster tells its master: the environment, errors and account, as short texts that may stand
    in a note, each with the name of what it is (S0-66). ``customer`` is its organization or requester."""

    source: Ref
    customer: str
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The tickets of one fault, as one of them sees it.

    ``tickets`` and ``customers`` count all of them, ``lately`` are the customers within the policy's window and
    ``in_storm`` the customers within that of a storm. ``via`` is how this ticket came to it, None for the master.
    ``first_at`` and ``last_at`` are when the first and the last were made, UTC. ``master_type`` is the vendor's word
    for the master's type, ``master_over`` says that it is solved or closed. ``children`` and ``news`` are told to the
    master alone: the other tickets, and what they know; so are ``facts``, those about impact that any of them tells
    (S0-67).
    """

    master: Ref
    tickets: int
    customers: int
    lately: int
    in_storm: int
    first_at: datetime
    last_at: datetime
    via: Via | None = None
    master_type: str = ""
    master_over: bool = False
    storm: bool = False
    children: tuple[Ref, ...] = ()
    news: tuple[News, ...] = ()
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What comes of placing a ticket in the index: ``candidates`` by chance, ``cluster`` None where it is alone,
    ``nearby`` the newest others in its product area (S0-62), ``demand`` how many customers, this one's among them, wish
    for the same (S2-90), and ``changed`` the other tickets that are to be looked at because of it."""

    candidates: tuple[Candidate, ...] = ()
    cluster: Cluster | None = None
    nearby: tuple[Ref, ...] = ()
    demand: int = 1
    changed: tuple[Ref, ...] = ()
