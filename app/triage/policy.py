"""Reading a policy: layers of YAML 1.2 in, a checked and compiled ``Policy`` out. No file is opened here."""

from __future__ import annotations

import difflib
import hashlib
import json
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ValidationError

from app.triage import calendar
from app.triage.business_time import Calendar
from app.triage.layers import Find, Node, Path, PolicyError, chain, over, parse, place_of
from app.triage.lexicon import Lexicon
from app.triage.pack import Pack
from app.triage.phrases import BadPhrase

__all__ = ["Policy", "PolicyError", "alone", "compiled", "digest", "read"]


@dataclass(frozen=True, eq=False)
class Policy:
    """A pack in force: its values, its phrases compiled once, and the digest that decisions are stamped with.

    ``tree`` holds every value with the place where it is written.
    """

    pack: Pack
    digest: str
    lexicon: Lexicon
    tree: Node = field(repr=False)

    @property
    def name(self) -> str:
        """The pack's name."""
        return self.pack.pack.name

    @property
    def version(self) -> str:
        """The pack's version."""
        return self.pack.pack.version

    @cached_property
    def calendar(self) -> Calendar:
        """The business calendar (C-04), compiled once."""
        return calendar.compiled(self.pack.calendar)

    @property
    def stamp(self) -> str:
        """Name, version, effective date and source, as every decision and note carries them (S1-01)."""
        about = self.pack.pack
        effective = f"effective {about.effective}" if about.effective else ""
        return ", ".join(part for part in (f"{about.name} {about.version}", effective, about.source) if part)


def alone(name: str) -> tuple[str, str]:
    """The ``find`` of a pack that may extend nothing. Raises PolicyError."""
    raise PolicyError(f"no pack is named {name!r}", where="extends", mend="name a pack that there is")


def read(text: str, origin: str, find: Find = alone, over_it: typing.Sequence[Node] = ()) -> Policy:
    """Parse, lay over what it extends, check and compile a pack; ``over_it`` are further layers, nearest last.

    Raises PolicyError that names ``origin``, line, column and a mend.
    """
    tree = chain(parse(text, origin), find)
    for layer in over_it:
        tree = over(tree, layer)
    return compiled(tree)


def compiled(tree: Node) -> Policy:
    """Check and compile one tree of values. Raises PolicyError with the place of what is wrong."""
    try:
        pack = Pack.model_validate(tree.plain())
    except ValidationError as error:
        raise _explain(error, tree) from error
    try:
        lexicon = Lexicon(pack)
    except BadPhrase as error:
        raise PolicyError(
            f"{'.'.join(map(str, error.path))}: {error}",
            where=place_of(tree, error.path),
            mend="correct the phrase",
        ) from error
    return Policy(pack=pack, digest=digest(pack), lexicon=lexicon, tree=tree)


def digest(pack: Pack) -> str:
    """Twelve hex digits over everything that decides; examples do not."""
    content = pack.model_dump(mode="json", exclude={"examples"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def _explain(error: ValidationError, tree: Node) -> PolicyError:
    found = error.errors(include_url=False)
    first = found[0]
    path = _real(tuple(first["loc"]), tree)
    mend = "see the pack's reference"
    if first["type"] == "extra_forbidden":
        known = _known_keys(path[:-1])
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
    dotted = ".".join(map(str, path))
    return PolicyError(f"{dotted}: {what}{more}" if dotted else what + more, where=place_of(tree, path), mend=mend)


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


def _known_keys(path: Path) -> list[str]:
    """The keys that the models allow at a path."""
    models: list[Any] = [Pack]
    for step in path:
        models = [inner for model in models for inner in _inner(model, step)]
    return sorted({name for model in models if _is_model(model) for name in model.model_fields})


def _inner(kind: Any, step: int | str) -> Iterator[Any]:
    if _is_model(kind):
        field = kind.model_fields.get(str(step))
        if field is not None:
            yield from _alternatives(field.annotation)
        return
    arguments = typing.get_args(kind)
    if arguments:
        yield from _alternatives(arguments[0] if isinstance(step, int) else arguments[-1])


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _alternatives(typing.get_args(annotation)[0])
    elif origin is typing.Union or str(origin) == "<class 'types.UnionType'>":
        for part in typing.get_args(annotation):
            yield from _alternatives(part)
    else:
        yield annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
