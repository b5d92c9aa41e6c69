"""Every value that a pack states itself, changed one at a time: what ``test_mutations`` asks somebody to notice.

A rule's ``then`` becomes another, each condition of its ``when`` is left out and so is each entry of a condition; a
number grows by one, a switch flips, a name becomes another, a rule that is off comes back. Left alone: phrases, texts
of replies and forms, documents, and words for people (titles, sources, what a note says, a pack's version).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.packs import find_pack
from app.triage.clocks.parts import STATES
from app.triage.decision import Level, Severity
from app.triage.layers import parse
from app.triage.pack import Pack
from app.triage.policy import Policy
from app.triage.rule_groups import Rules
from app.triage.rules import Rule
from app.triage.vocabulary import CAUSES, DESTINATIONS, ROLES

Path = tuple[int | str, ...]

TEXTS = ("extends", "examples", "words", "guards", "facts", "languages", "replies", "forms", "documents")
MEASURED = ("reader", "duplicates")  # no document states what the reader weighs, or which tickets are alike
FOR_PEOPLE = ("title", "version", "name", "source", "say")
RANKS = tuple(Severity.__members__)
CLOSED: Mapping[str, Sequence[str]] = {
    "severity": RANKS,
    "max": RANKS,
    "destination": tuple(DESTINATIONS),
    "queue": tuple(DESTINATIONS),
    "level": tuple(Level),
    "cause": tuple(CAUSES),
    "communicator": tuple(ROLES),
    "roles": tuple(ROLES),
    "notify": tuple(ROLES),
    "p2_p3": ("attempt_first", "direct"),
    "kind": ("escalation", "backlog"),
    "state": STATES,
    "audience": ("customer", "support", "engineering"),
}
ANY: TypeAdapter[Any] = TypeAdapter(Any)
SPAN = re.compile(r"(\d+)([a-z]+)")


@dataclass(frozen=True)
class Mutant:
    """A pack in which the value at ``path`` is not what the shipped one states. ``before`` and ``after`` are the rule
    that it belongs to; both are None for a knob, and ``before`` for a rule that came back."""

    path: Path
    change: str
    pack: Pack
    before: Rule[Any] | None = None
    after: Rule[Any] | None = None

    @property
    def dotted(self) -> str:
        """The path as packs write it."""
        return ".".join(map(str, self.path))

    def __str__(self) -> str:
        return f"{self.dotted}: {self.change}"


def mutants(policy: Policy) -> Iterator[Mutant]:
    """Every mutant of the pack's own file that still loads."""
    own = parse(*find_pack(policy.name))
    for path, leaf in own.leaves():
        if (
            path[0] in (*TEXTS, *MEASURED)
            or path[-1] == "trust"
            or path[:2] == ("severity", "words")
            or path[-1] in FOR_PEOPLE
        ):
            continue
        if path[-1] == "off":
            yield from _back(policy, path)
            continue
        for change, value in _changes(path, leaf.plain()):
            yield from _changed(policy.pack, path, change, value)
    yield from _without_conditions(policy, own.plain())


def _changes(path: Path, value: Any) -> Iterator[tuple[str, Any]]:
    """Other values than this one, each with how it differs."""
    if isinstance(value, list):
        for number, entry in enumerate(value):
            rest = [*value[:number], *value[number + 1 :]]
            if "then" in path:
                yield f"{entry} becomes another", [*value[:number], _other(path, entry), *value[number + 1 :]]
            elif rest:
                yield f"without {entry}", rest
            elif "when" not in path:
                yield f"without {entry}", []
    elif isinstance(value, bool):
        yield f"{not value}", not value
    elif isinstance(value, int | float):
        yield f"{value + 1}", value + 1
    elif isinstance(value, str):
        yield f"{_other(path, value)}", _other(path, value)


def _other(path: Path, value: str) -> str:
    """Another value of the same kind: the next of a closed list, one more of a span, or another name."""
    known = CLOSED.get(str(path[-1]), ())
    if value in known:
        return known[(known.index(value) + 1) % len(known)]
    span = SPAN.fullmatch(value)
    if span:
        return f"{int(span[1]) + 1}{span[2]}"
    return f"{value[:-1]}2" if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else f"{value}x"


def _without_conditions(policy: Policy, own: Mapping[str, Any]) -> Iterator[Mutant]:
    for group, rules in own.get("rules", {}).items():
        for rule in rules:
            for condition in rule.get("when", {}):
                path = ("rules", group, rule["name"], "when", condition)
                yield from _changed(policy.pack, path, "left out", None)


def _back(policy: Policy, path: Path) -> Iterator[Mutant]:
    """A rule that the pack takes away, back at the head of its group."""
    _, group, name, _ = path
    rules = getattr(_base(policy), str(group))
    (rule,) = (rule for rule in rules if rule.name == name)
    pack = _with_rules(policy.pack, str(group), (rule, *getattr(policy.pack.rules, str(group))))
    yield Mutant(path, "comes back", pack, after=rule)


def _base(policy: Policy) -> Rules:
    from tests.policy.conftest import policy as shipped

    extends = parse(*find_pack(policy.name)).plain()["extends"]
    return shipped(extends if isinstance(extends, str) else extends[-1]).pack.rules


def _changed(pack: Pack, path: Path, change: str, value: Any) -> Iterator[Mutant]:
    """The pack with another value at the path, or without it (None), when that loads."""
    try:
        if path[0] != "rules":
            section = ANY.dump_python(getattr(pack, str(path[0])), mode="json")
            yield Mutant(path, change, _with(pack, str(path[0]), _set(section, path[1:], value)))
            return
        _, group, name, *rest = path
        (rule,) = (rule for rule in getattr(pack.rules, str(group)) if rule.name == name)
        other = type(rule).model_validate(_set(rule.model_dump(mode="json", exclude_none=True), tuple(rest), value))
        rules = tuple(other if one is rule else one for one in getattr(pack.rules, str(group)))
        yield Mutant(path, change, _with_rules(pack, str(group), rules), rule, other)
    except ValidationError:
        return


def _with_rules(pack: Pack, group: str, rules: tuple[Rule[Any], ...]) -> Pack:
    return _with(pack, "rules", Rules.model_validate({**_sections(pack.rules), group: rules}))


def _with(pack: Pack, section: str, value: Any) -> Pack:
    return Pack.model_validate({**_sections(pack), section: value})


def _sections(model: BaseModel) -> dict[str, Any]:
    """A model's own values; iterating over one tells what was worked out from them too."""
    return {name: getattr(model, name) for name in type(model).model_fields}


def _set(tree: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    if value is None and not rest:
        return {key: below for key, below in tree.items() if key != step}
    return {**tree, step: _set(tree.get(step, {}), tuple(rest), value)}
