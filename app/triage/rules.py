"""The one rule shape: ``name / when / then``, with the source it comes from.

``When`` is a closed set of conditions. All that are given must hold; inside one, any entry will do, except where a name
says ``all_`` or ``not_``. There is no nesting: to say "or", write a second rule with its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.triage import conditions
from app.triage.conditions import Seen
from app.triage.decision import Label, Level, Severity
from app.triage.vocabulary import DESTINATIONS, FACTS, SPEAKERS


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
Speaking = Annotated[str, one_of("speaker", SPEAKERS)]


class When(Part):
    """The conditions of a rule. An empty ``when`` always holds."""

    label: tuple[Label, ...] | None = None
    second_label: tuple[Label, ...] | None = None
    facts: tuple[Fact, ...] | None = None
    all_facts: tuple[Fact, ...] | None = None
    not_facts: tuple[Fact, ...] | None = None
    severity: tuple[Rank, ...] | None = None
    tags: tuple[str, ...] | None = None
    vendor: tuple[Annotated[str, one_of("vendor", ("zendesk", "jira"))], ...] | None = None
    brand: tuple[str, ...] | None = None
    tier: tuple[str, ...] | None = None
    overdue: tuple[Annotated[str, one_of("clock", ("first_reply",))], ...] | None = None
    spoke: tuple[Speaking, ...] | None = None
    unsure: bool | None = None

    def saw(self, seen: Seen) -> tuple[str, ...] | None:
        """What the conditions saw, or None when one does not hold."""
        found = []
        for holds, entries in self._given:
            what = holds(entries, seen)
            if what is None:
                return None
            found.append(what)
        return tuple(found)

    @cached_property
    def _given(self) -> tuple[tuple[Callable[[Any, Seen], str | None], Any], ...]:
        """The conditions that are given, with their functions, in the order in which the model names them."""
        given = ((name, getattr(self, name)) for name in type(self).model_fields)
        return tuple((conditions.CONDITIONS[name], entries) for name, entries in given if entries is not None)


Then = TypeVar("Then", bound=Part)


class Rule(Part, Generic[Then]):
    """``name``: what the rule says, ``when`` it holds, and ``then`` what follows. ``source`` is a requirement's id."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    when: When = When()
    then: Then
    source: str = ""


class SetSeverity(Part):
    """The severity that follows."""

    severity: Rank


class Raise(Part):
    """One rank up for a cause, never above ``max`` (C-09). One cause counts once, however many rules name it."""

    cause: str
    max: Rank


class SendTo(Part):
    """The destination that follows."""

    destination: Destination


class Escalate(Part):
    """The rung that takes the ticket, whether on-call is paged, and the tags that say so."""

    level: Level
    page: bool = False
    tags: tuple[str, ...] = ()


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
