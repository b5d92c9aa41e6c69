"""The one rule shape: ``name / when / then``, with the source it comes from.

``When`` is a closed set of conditions. All that are given must hold; inside one, any entry will do, except where a name
says ``all_`` or ``not_``. There is no nesting: to say "or", write a second rule with its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.triage import conditions
from app.triage.business_time import Span
from app.triage.conditions import Seen
from app.triage.decision import Label, Level, Severity
from app.triage.ticket import Status
from app.triage.vocabulary import CAUSES, DESTINATIONS, FACTS, ROLES, SPEAKERS


class Part(BaseModel):
    """Any piece of a pack: unknown keys do not load, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def one_of(what: str, known: Sequence[str]) -> AfterValidator:
    """Refuse a name outside a closed list, and suggest the nearest."""

    def check(name: str) -> str:
        if name not in known:
            raise ValueError(conditions.not_among(what, name, known))
        return name

    return AfterValidator(check)


Fact = Annotated[str, one_of("fact", tuple(FACTS))]
Destination = Annotated[str, one_of("destination", tuple(DESTINATIONS))]
Rank = Annotated[str, one_of("severity", tuple(Severity.__members__))]


def _span(value: Any) -> Any:
    return value if isinstance(value, Span) else Span.parse(str(value))


Duration = Annotated[
    Span,
    BeforeValidator(_span),
    PlainSerializer(str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]+ ?(m|min|h|d|bm|bh|bd|bdh)|eod)$"}),
]
"""A span of time as packs write it: ``60m``, ``4bh``, ``1bd``."""
Speaking = Annotated[str, one_of("speaker", SPEAKERS)]
Role = Annotated[str, one_of("role", tuple(ROLES))]
Cause = Annotated[str, one_of("cause", tuple(CAUSES))]


class When(Part):
    """The conditions of a rule. An empty ``when`` always holds."""

    label: tuple[Label, ...] | None = None
    second_label: tuple[Label, ...] | None = None
    facts: tuple[Fact, ...] | None = None
    all_facts: tuple[Fact, ...] | None = None
    not_facts: tuple[Fact, ...] | None = None
    severity: tuple[Rank, ...] | None = None
    level: tuple[Level, ...] | None = None
    tags: tuple[str, ...] | None = None
    not_tags: tuple[str, ...] | None = None
    vendor: tuple[Annotated[str, one_of("vendor", ("zendesk", "jira"))], ...] | None = None
    brand: tuple[str, ...] | None = None
    area: tuple[str, ...] | None = None
    channel: tuple[str, ...] | None = None
    language: tuple[str, ...] | None = None
    tier: tuple[str, ...] | None = None
    account: tuple[Literal["strategic", "high_value", "unknown"], ...] | None = None
    status: tuple[Status, ...] | None = None
    known_issue: bool | None = None
    instructions: bool | None = None
    duplicate: bool | None = None
    reporters: Annotated[int, Field(ge=2)] | None = None
    organizations: Annotated[int, Field(ge=2)] | None = None
    tickets: Annotated[int, Field(ge=2)] | None = None
    storm: bool | None = None
    paged: bool | None = None
    demand: bool | None = None
    on_time: tuple[str, ...] | None = None
    at_risk: tuple[str, ...] | None = None
    overdue: tuple[str, ...] | None = None
    breached: tuple[str, ...] | None = None
    waited: Duration | None = None
    answers: Annotated[int, Field(ge=1)] | None = None
    spoke: tuple[Speaking, ...] | None = None
    unsure: bool | None = None
    p2_p3: tuple[Literal["attempt_first", "direct"], ...] | None = None
    feature: tuple[str, ...] | None = None
    issue: tuple[Literal["open", "resolved", "none"], ...] | None = None

    def answers_to(self, seen: Seen) -> Iterator[tuple[str, str | None]]:
        """Each condition that is given with what it saw, None where it does not hold; for explaining."""
        for name, holds, entries in self.given:
            yield name, holds(entries, seen)

    def saw(self, seen: Seen) -> tuple[str, ...] | None:
        """What the conditions saw, or None when one does not hold."""
        any_of, all_of, none_of = self.of_facts  # asked first, all at once: here most rules end
        if (any_of and any_of.isdisjoint(seen.facts)) or not (all_of <= seen.facts and none_of.isdisjoint(seen.facts)):
            return None
        found = []
        for _, holds, entries in self.given:
            what = holds(entries, seen)
            if what is None:
                return None
            found.append(what)
        return tuple(found)

    @property
    def clocks(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The clocks that it asks about: whose goal counts, whether they are overdue, whether they were missed."""
        return (*(self.on_time or ()), *(self.at_risk or ())), self.overdue or (), self.breached or ()

    @cached_property
    def of_facts(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """One of the first, all of the second and none of the third must hold."""
        return frozenset(self.facts or ()), frozenset(self.all_facts or ()), frozenset(self.not_facts or ())

    @cached_property
    def given(self) -> tuple[tuple[str, Callable[[Any, Seen], str | None], Any], ...]:
        """The conditions that are given, with their functions, in the order in which the model names them."""
        named = ((name, getattr(self, name)) for name in type(self).model_fields)
        return tuple((name, conditions.CONDITIONS[name], entries) for name, entries in named if entries is not None)


Then = TypeVar("Then", bound=Part)


class Rule(Part, Generic[Then]):
    """``name``: what the rule says, ``when`` it holds, and ``then`` what follows. ``source`` is a requirement's id."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    when: When = When()
    then: Then
    source: str = ""


class SetSeverity(Part):
    """The severity that follows. ``trust``: what it adds to the learned reader's log-odds of that rank, where the rule
    deserves more or less than ``reader.rules``; 20 is as good as certain."""

    severity: Rank
    trust: float | None = Field(default=None, ge=0)


class Raise(Part):
    """One rank up for a cause, never above the cause's ceiling (C-09). One cause counts once, however many rules name
    it."""

    cause: Cause


class SendTo(Part):
    """The destination that follows."""

    destination: Destination


class Escalate(Part):
    """The rung that takes the ticket, and whether on-call is paged. ``propose``: a person confirms it first."""

    level: Level
    page: bool = False
    propose: bool = False


class Talk(Part):
    """The role that talks to the customer (C-07)."""

    communicator: Role


class Tell(Part):
    """Roles that are told, and the bundle by which another team takes the ticket over, if it does."""

    roles: tuple[Role, ...] = ()
    handover: str = ""


class Tag(Part):
    """Tags that follow."""

    tags: tuple[str, ...] = Field(min_length=1)


class Weigh(Part):
    """Points added to a label's score, or taken from it."""

    label: Label
    points: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Held(Generic[Then]):
    """A rule that held, and what its conditions saw."""

    rule: Rule[Then]
    saw: tuple[str, ...]


def every(rules: Sequence[Rule[Then]], seen: Seen) -> Iterator[Held[Then]]:
    """Every rule that holds, in order."""
    for rule in rules:
        saw = rule.when.saw(seen)
        if saw is not None:
            yield Held(rule, saw)


def first(rules: Sequence[Rule[Then]], seen: Seen) -> Held[Then] | None:
    """The first rule that holds."""
    return next(every(rules, seen), None)
