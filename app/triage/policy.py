"""Reading a policy: layers of YAML 1.2 in, a checked and compiled ``Policy`` out. No file is opened here."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from app.triage import calendar, environment, shape
from app.triage.business_time import Calendar
from app.triage.calendar_files import Files, filled_in
from app.triage.documents import Library
from app.triage.duplicates.vocabulary import Vocabulary
from app.triage.environment import Knobs
from app.triage.known_issues import parts as known_issues
from app.triage.language import ENGLISH
from app.triage.layers import (
    DEFAULT,
    Find,
    Node,
    Path,
    PolicyError,
    chain,
    dotted,
    over,
    parse,
    place_of,
    placed,
    settled,
    written_in,
)
from app.triage.lexicon import Lexicon, Lexicons
from app.triage.model import Model
from app.triage.pack import Pack
from app.triage.phrases import BadPhrase
from app.triage.ticket import Ticket

__all__ = ["Policy", "PolicyError", "alone", "compiled", "digest", "read", "taught"]


@dataclass(frozen=True, eq=False)
class Policy:
    """A pack in force: its values, its phrases and documents compiled once, and the digest that decisions are stamped
    with.

    ``tree`` holds what was written, with the place of each value. ``model`` is the learned reader, None where the pack
    asks none.
    """

    pack: Pack
    digest: str
    lexicon: Lexicon
    library: Library
    vocabulary: Vocabulary
    tree: Node = field(repr=False)
    model: Model | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The pack's name."""
        return self.pack.pack.name

    @property
    def version(self) -> str:
        """The pack's version."""
        return self.pack.pack.version

    @cached_property
    def values(self) -> Node:
        """Every value, defaults filled in, with the place where it is written."""
        return placed(content(self.pack), self.tree)

    @property
    def origins(self) -> tuple[str, ...]:
        """The files and variables that the values come from, in the order of the values."""
        places = (written_in(leaf.place) for _, leaf in self.tree.leaves())
        return tuple(place for place in dict.fromkeys(places) if place != DEFAULT)

    @cached_property
    def lexicons(self) -> Lexicons:
        """The lexicons of the languages beside English."""
        return Lexicons(self.pack)

    @cached_property
    def readable(self) -> frozenset[str]:
        """The languages that the policy has phrases for."""
        return frozenset({ENGLISH, *self.pack.languages})

    @cached_property
    def calendar(self) -> Calendar:
        """The business calendar (C-04) of everybody who has none of their own, compiled once."""
        return calendar.compiled(self.pack.calendar)

    @cached_property
    def calendars(self) -> Mapping[str, Calendar]:
        """The named calendars, compiled once."""
        return {name: calendar.compiled(part) for name, part in self.pack.calendars.items()}

    def calendar_for(self, ticket: Ticket) -> Calendar:
        """The calendar of a ticket: its organization's, by id or name, or else its brand's, or else everybody's."""
        if not self.calendars:
            return self.calendar
        customer, owned = ticket.requester, self._owned_calendars
        owners = ((True, customer.organization_id), (True, customer.organization), (False, ticket.brand))
        found = (owned.get((by_organization, name.casefold())) for by_organization, name in owners)
        return next((one for one in found if one is not None), self.calendar)

    @property
    def idle_calendars(self) -> tuple[str, ...]:
        """The names of calendars that no organization, brand or clock has."""
        parts, clocks = self.pack.calendars, self.pack.clocks.values()
        named = {clock.calendar for clock in clocks}
        return tuple(n for n, part in parts.items() if not (part.organizations or part.brands or n in named))

    @cached_property
    def _owned_calendars(self) -> Mapping[tuple[bool, str], Calendar]:
        """Calendars by whether an organization or a brand has them, and its name in small letters."""
        owned: dict[tuple[bool, str], Calendar] = {}
        for name, part in self.pack.calendars.items():
            for by_organization, owners in ((True, part.organizations), (False, part.brands)):
                for owner in owners:
                    owned.setdefault((by_organization, owner.casefold()), self.calendars[name])
        return owned

    @property
    def stamp(self) -> str:
        """Name, version, effective date and source, as every decision and note carries them (S1-01)."""
        about = self.pack.pack
        effective = f"effective {about.effective}" if about.effective else ""
        return ", ".join(part for part in (f"{about.name} {about.version}", effective, about.source) if part)


def taught(policy: Policy, model: Model) -> Policy:
    """The policy with a learned reader; its digest names both."""
    both = hashlib.sha256(f"{policy.digest} {model.digest}".encode()).hexdigest()[:12]
    return replace(policy, model=model, digest=both)


def alone(name: str) -> tuple[str, str]:
    """The ``find`` of a pack that may extend nothing. Raises PolicyError."""
    raise PolicyError(f"no pack is named {name!r}", where="extends", mend="name a pack that there is")


def read(
    text: str,
    origin: str,
    find: Find = alone,
    over_it: Sequence[Node] = (),
    knobs: Knobs | None = None,
    files: Files | None = None,
) -> Policy:
    """Parse, lay over what it extends, check and compile a pack; ``over_it`` are further layers, nearest last, and
    ``knobs`` lie over all of them. ``files`` reads the calendar files that any of them names.

    Raises PolicyError that names ``origin``, line and column, or the variable, and a mend.
    """
    tree = chain(parse(text, origin), find)
    for layer in over_it:
        tree = over(tree, layer)
    tree = filled_in(tree, files)
    return _turned(tree, knobs, files) if knobs and knobs.variables else compiled(tree)


def compiled(tree: Node) -> Policy:
    """Check and compile one tree of values. Raises PolicyError with the place of what is wrong."""
    pack = checked(tree)
    try:
        lexicon, library, vocabulary = Lexicon(pack), Library(pack), Vocabulary(pack)
        Lexicons(pack).check()
        known_issues.check(pack.known_issues, pack.words)
    except BadPhrase as error:
        raise PolicyError(
            f"{dotted(tree, error.path)}: {error}",
            where=place_of(tree, error.path),
            mend="correct the phrase",
        ) from error
    return Policy(pack=pack, digest=digest(pack), lexicon=lexicon, library=library, vocabulary=vocabulary, tree=tree)


def checked(tree: Node) -> Pack:
    """A tree of values as a pack. Raises PolicyError with the place of what is wrong."""
    try:
        return Pack.model_validate(settled(tree).plain())
    except ValidationError as error:
        raise _explain(error, tree) from error


def content(pack: Pack) -> dict[str, Any]:
    """Every value of a pack as JSON would have it, defaults filled in."""
    return pack.model_dump(mode="json", exclude_none=True)


def _turned(tree: Node, knobs: Knobs, files: Files | None) -> Policy:
    """The policy with its knobs turned. The tree is a policy without them, so what is wrong comes from a variable."""
    values = placed(content(checked(tree)), tree)
    try:
        policy = compiled(filled_in(environment.laid_over(values, knobs), files))
        _calendars_are_used(policy)
        return policy
    except PolicyError as error:
        if environment.is_place(error.where):
            raise
        compiled(tree)  # a phrase of the packs' own may be wrong: then this says so
        where = environment.place(*_to_blame(values, knobs, files))
        raise PolicyError(error.what, where=where, mend=error.mend) from error


def _calendars_are_used(policy: Policy) -> None:
    """Raise PolicyError for a calendar that a variable added and nobody has: a misspelt name would do nothing."""
    for name in policy.idle_calendars:
        where = place_of(policy.tree, ("calendars", name))
        if environment.is_place(where):
            owners = environment.variable_of(("calendars", name, "organizations"))
            raise PolicyError(
                f"no organization, brand or clock has the calendar {name!r}",
                where=where,
                mend=f"correct the name, or set {owners} or its brands",
            )


def _to_blame(values: Node, knobs: Knobs, files: Files | None) -> list[str]:
    """The variables without which, each alone, the policy would load; all when there is no such one."""
    names = sorted(knobs.variables)
    return [name for name in names if _loads_without(name, values, knobs, files)] or names


def _loads_without(name: str, values: Node, knobs: Knobs, files: Files | None) -> bool:
    others = {other: text for other, text in knobs.variables.items() if other != name}
    try:
        compiled(filled_in(environment.laid_over(values, replace(knobs, variables=others)), files))
    except PolicyError:
        return False
    return True


def digest(pack: Pack) -> str:
    """Twelve hex digits over everything that decides; examples do not."""
    content = pack.model_dump(mode="json", exclude={"examples"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def _explain(error: ValidationError, tree: Node) -> PolicyError:
    found = error.errors(include_url=False)
    first = found[0]
    path = _real(tuple(first["loc"]), tree)
    mend = "correct the value; `triage policy schema` says what may stand here"
    if first["type"] == "extra_forbidden":
        known = shape.known_keys(path[:-1])
        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.6)
        what = f"unknown key {path[-1]!r}"
        mend = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    elif first["type"] == "missing":
        what = f"{path[-1]!r} is missing"
        mend = "add it"
    else:
        what = first["msg"].removeprefix("Value error, ")
        if "; " in what:
            what, mend = what.split("; ", 1)
        elif first["type"] == "enum":
            wanted = str(first.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
            near = difflib.get_close_matches(str(first["input"]), wanted, n=1, cutoff=0.6)
            what = f"{first['input']!r} is not known here"
            mend = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(wanted)}"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    what = f"{dotted(tree, path)}: {what}{more}" if path else what + more
    return PolicyError(what, where=place_of(tree, path), mend=mend)


def _real(loc: Path, tree: Node) -> Path:
    """pydantic's location without its own words, such as ``[key]``: only steps that exist in the tree, and the last."""
    steps: list[int | str] = []
    node: Node | None = tree
    for index, step in enumerate(loc):
        if step == "[key]":
            continue
        below = node.step(step) if node is not None else None
        if below is not None:
            steps.append(step)
            node = below
        elif index == len(loc) - 1:
            steps.append(step)
    return tuple(steps)
