"""What the worker decides, and the evidence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from app.triage.answers_alike import GivenAnswer
from app.triage.bridge import LinkedIssue
from app.triage.duplicates.found import Candidate, Cluster
from app.triage.page import Page
from app.triage.patterns.pattern import Pattern
from app.triage.ticket import Ref

if TYPE_CHECKING:
    from app.triage.clocks import Cycle, Step


class Label(StrEnum):
    """The nine labels of the taxonomy (S0-01..S0-11)."""

    DEFECT = "Defect"
    GUIDANCE = "Guidance"
    ENHANCEMENT = "Enhancement"
    BILLING = "Billing"
    ACCESS = "Access"
    INTEGRATION = "Integration"
    SECURITY = "Security"
    DATA = "Data"
    RELIABILITY = "Reliability"


class Severity(IntEnum):
    """Internal rank, 0 is worst; shown as P0..P4 (S1 names, C-01)."""

    P0 = 0
    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4

    def __str__(self) -> str:
        return self.name


class Level(StrEnum):
    """Rungs of the support ladder (C-06)."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that a finding rests on. ``source`` is ``subject``, ``body`` or a comment id; ``start``/``end`` are
    character offsets into that text, so a page can highlight them; ``quote`` is that span."""

    rule: str
    finding: str
    quote: str
    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RuledOut:
    """Something that was considered and not chosen, with the reason (S0-80)."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Voice:
    """What one way of reading would say by itself: ``by`` phrases and rules (``cues``) or the learned reader
    (``reader``); the label and the severity it finds likeliest, each with its chance (0..1; rules have none), and the
    words that speak most for the label."""

    by: Literal["cues", "reader"]
    label: Label
    label_chance: float
    severity: Severity
    severity_chance: float | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that a person is asked to confirm, and why: ``raise to P1``, ``escalate to L4``, ``page on-call``."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The smallest change of facts that would change the outcome: with ``add`` and without ``remove`` it would be
    ``outcome`` (a severity or a level)."""

    outcome: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownIssue:
    """An entry of the known-issue registry that the ticket matches, by what (``why``) and how surely (``score``, 0..1).

    ``id`` is the issue's key, or the entry's tag where it has none. ``workaround`` is for the customer's eyes, and so
    is the title where it is ``public``. ``tag`` is put on the ticket (S4-71), ``entry`` is the entry in the store,
    ``ref`` the issue or problem ticket, None where there is none. ``fixed_in`` is the version that mends it.
    """

    id: str
    title: str = ""
    workaround: str = ""
    workaround_broken: bool = False
    url: str = ""
    tag: str = ""
    public: bool = True
    entry: int = 0
    ref: Ref | None = None
    fixed_in: str = ""
    why: str = ""
    score: float = 1.0

    @property
    def instructions(self) -> str:
        """What a customer can do by himself; empty where there is nothing that works (S0-70)."""
        return "" if self.workaround_broken else self.workaround


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a language model made of a ticket, where it was asked: a second opinion, which decides little (see
    ``app.triage.opinion``). ``quotes`` are the customer's words that it rests on, ``confidence`` is its own, 0..1.
    ``effect`` is what it did to the decision, in words that follow the label; empty before it was heard."""

    model: str
    label: Label
    severity: Severity
    confidence: float
    quotes: tuple[str, ...]
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The whole answer for one ticket at one moment, and why. A pure value: the same inputs give the same decision.

    ``facts`` are the names of the facts that hold. ``deadlines`` are UTC instants by clock name, ``wake_at`` is when
    the ticket wants to be looked at again. ``policy`` and ``policy_digest`` name the policy it was made under,
    ``policy_stamp`` says its version, effective date and source (S1-01).
    ``deadlines`` are those of the clocks that run; ``clocks`` are all their cycles and ``steps`` what is to be done
    now because one passed. Both are worked out anew at every look, and not kept with the decision.
    ``confidence`` is about the label, 0..1; ``runner_up`` is the next best one with its chance. ``checks`` records the
    look-ups that routing requires (S0-79).
    ``severity`` is the one in force and ``rated`` what the policy makes of the facts: they differ where a person
    locked the severity; ``rated_at_lock`` is what had been rated when the person did. ``level_since`` is when the level
    was reached, ``critical_since`` when it became P0 or P1, None while it is neither.
    ``communicator`` is the role that talks to the customer, ``notify`` are roles that are told, ``handover`` names the
    bundle by which another team takes the ticket over, ``proposals`` wait for a person, and ``warnings`` are for people
    to notice.
    ``escalations`` counts how often it went up to L2 or higher, the last time at ``escalated_at``; ``same_answers`` are
    other tickets in which people gave the answer that they gave here and that no page says.
    ``left_alone`` says why nothing is written to the ticket, empty when it is. ``settled`` are the proposals that a
    person accepted or rejected, by the mark of the command. ``because`` is what the rules saw, where a person asked.
    ``pattern`` is what a ticket stands for that is the first of several about one fault, None for any other.
    ``voices`` are what phrases and learned reader would say each by itself, where there is such a reader.
    ``opinion`` is a language model's, where one was asked.
    ``candidates`` are the tickets that were weighed as reporting the same, chosen and rejected, the likeliest first.
    ``language`` is the one that the customer writes (ISO 639-1), ``unread`` when the policy has no phrases for it.
    """

    ref: Ref
    at: datetime
    policy: str
    policy_digest: str
    label: Label
    second_label: Label | None
    confidence: float
    severity: Severity
    level: Level
    destination: str
    page: bool
    tags: tuple[str, ...]
    policy_stamp: str = ""
    runner_up: Label | None = None
    runner_up_chance: float = 0.0
    rated: Severity | None = None
    rated_at_lock: Severity | None = None
    level_since: datetime | None = None
    critical_since: datetime | None = None
    escalations: int = 0
    escalated_at: datetime | None = None
    same_answers: tuple[Ref, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    communicator: str = ""
    notify: tuple[str, ...] = ()
    handover: str = ""
    proposals: tuple[Proposal, ...] = ()
    warnings: tuple[str, ...] = ()
    left_alone: str = ""
    settled: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    because: tuple[str, ...] = ()
    language: str = ""
    unread: bool = False
    known_issue: str | None = None
    duplicate_of: Ref | None = None
    deadlines: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    wake_at: datetime | None = None
    clocks: tuple[Cycle, ...] = field(default=(), compare=False)
    steps: tuple[Step, ...] = field(default=(), compare=False)
    facts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    pattern: Pattern | None = None
    voices: tuple[Voice, ...] = ()
    counterfactuals: tuple[Counterfactual, ...] = ()
    checks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    opinion: Opinion | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who may be given tickets of a team. ``id`` is the user's at the vendor, ``skills`` are labels, empty for
    all; ``capacity`` is how many open tickets are enough, None for no limit; ``load`` how many there are; ``last`` is
    when we last gave one, UTC."""

    id: str
    skills: frozenset[str] = frozenset()
    capacity: int | None = None
    load: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known about a ticket besides itself: our last decision, and what we have written to it so far.

    ``applied`` maps ``priority``, ``group`` and custom field names to the value we last wrote, ``tags`` are the tags
    we added and still own. ``our_id`` is our account's user id.
    ``teams`` maps a destination to the group's name at this account, where it differs from the policy's.
    ``default_groups`` are groups that a ticket has before anybody routed it.
    ``triaged_status`` is the status that a new ticket is moved to, empty for none.
    ``people`` maps a role to the user ids of those who have it here, ``agents`` a team to those who take its tickets.
    ``linked`` are the issues that the ticket hangs on in another system, ``engineering`` names the account where issues
    are made for it, empty for none.
    ``similar`` and ``known_issues`` hold the results of the look-ups made before routing; None means not looked up.
    ``not_known`` are entries of the registry that were weighed and not chosen, with the reason, ``known_issue_hints``
    tell a person which of them it may be all the same, and what is wrong with the one that it is. ``fixed`` are those
    that it matched until they were fixed.
    ``candidates`` are the tickets that were weighed as reporting the same, the likeliest first, ``cluster`` are all
    that do, None where no other does. ``nearby`` are the newest others in its product area.
    ``duplicate_of`` is the open ticket that this one repeats. ``reporters`` and ``organizations`` count who reports the
    same symptom, ``demand`` the customers who ask for the same feature, this ticket's among them.
    ``opinion`` is what a language model made of the ticket's text, where it was asked.
    ``boilerplate`` are the hashes of its paragraphs that many tickets of the account share. ``answers`` are those that
    people gave since we looked last, each with the other tickets in which it was given.
    ``page`` is the newest page of the incident that the ticket is about, ``reachable`` names the on-call targets that
    are set (``l2``, ``email`` ...), None where that is not known.
    """

    previous: Decision | None = None
    applied: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tags: frozenset[str] = frozenset()
    our_id: str = ""
    teams: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    default_groups: frozenset[str] = frozenset()
    triaged_status: str = ""
    people: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    agents: Mapping[str, tuple[Agent, ...]] = field(default_factory=lambda: MappingProxyType({}))
    linked: tuple[LinkedIssue, ...] = ()
    engineering: str = ""
    similar: tuple[Ref, ...] | None = ()
    known_issues: tuple[KnownIssue, ...] | None = ()
    not_known: tuple[RuledOut, ...] = ()
    known_issue_hints: tuple[str, ...] = ()
    fixed: tuple[KnownIssue, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    cluster: Cluster | None = None
    nearby: tuple[Ref, ...] = ()
    duplicate_of: Ref | None = None
    reporters: int = 1
    organizations: int = 1
    demand: int = 1
    opinion: Opinion | None = None
    boilerplate: frozenset[str] = frozenset()
    answers: tuple[GivenAnswer, ...] = ()
    page: Page | None = None
    reachable: frozenset[str] | None = None
