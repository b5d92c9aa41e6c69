"""Reading a policy: YAML 1.2 text in, a checked and compiled ``Policy`` out. No file is opened here."""

from __future__ import annotations

import difflib
import hashlib
import io
import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from app.errors import Misconfigured
from app.triage.lexicon import Lexicon
from app.triage.pack import Pack
from app.triage.phrases import BadPhrase

Path = tuple[int | str, ...]


class PolicyError(Misconfigured):
    """A policy cannot be used. ``where`` is file:line:column and the path inside the pack."""


@dataclass(frozen=True, eq=False)
class Policy:
    """A pack in force: its values, its phrases compiled once, and the digest that decisions are stamped with."""

    pack: Pack
    digest: str
    lexicon: Lexicon

    @property
    def name(self) -> str:
        """The pack's name."""
        return self.pack.pack.name

    @property
    def version(self) -> str:
        """The pack's version."""
        return self.pack.pack.version


def read(text: str, origin: str) -> Policy:
    """Parse, check and compile a pack. Raises PolicyError that names ``origin``, line, column and a mend."""
    tree = _parse(text, origin)
    try:
        pack = Pack.model_validate(_plain(tree))
    except ValidationError as error:
        raise _explain(error, tree, origin) from error
    try:
        lexicon = Lexicon(pack)
    except BadPhrase as error:
        raise PolicyError(
            f"{'.'.join(map(str, error.path))}: {error}",
            where=_place(tree, error.path, origin),
            mend="correct the phrase",
        ) from error
    return Policy(pack=pack, digest=digest(pack), lexicon=lexicon)


def digest(pack: Pack) -> str:
    """Twelve hex digits over everything that decides; examples do not."""
    content = pack.model_dump(mode="json", exclude={"examples"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def _parse(text: str, origin: str) -> Any:
    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    try:
        tree = yaml.load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise PolicyError(
            f"not YAML: {error.problem or error.context}",
            where=f"{origin}:{line}:{column}",
            mend="check quotes and indents",
        ) from error
    except ValueError as error:
        raise PolicyError(
            f"not YAML: {error}", where=f"{origin}:1:1", mend="check the YAML version and values"
        ) from error
    if not isinstance(tree, Mapping):
        raise PolicyError("a pack is a mapping of sections", where=f"{origin}:1:1", mend="start with `pack:`")
    return tree


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, str):
        return str(node)
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, Sequence):
        return [_plain(value) for value in node]
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return str(node)


def _explain(error: ValidationError, tree: Any, origin: str) -> PolicyError:
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
    return PolicyError(
        f"{dotted}: {what}{more}" if dotted else what + more, where=_place(tree, path, origin), mend=mend
    )


def _real(loc: Path, tree: Any) -> Path:
    """pydantic's location without its own words, such as ``[key]``: only steps that exist in the tree, and the last."""
    steps: list[int | str] = []
    node = tree
    for index, step in enumerate(loc):
        if step == "[key]":
            continue
        inside = (isinstance(node, Mapping) and step in node) or (
            isinstance(node, Sequence) and not isinstance(node, str) and isinstance(step, int) and step < len(node)
        )
        if inside:
            steps.append(step)
            node = node[step]
        elif index == len(loc) - 1:
            steps.append(step)
    return tuple(steps)


def _place(tree: Any, path: Path, origin: str) -> str:
    line = column = 0
    node = tree
    for step in path:
        try:
            if isinstance(node, Mapping):
                line, column = node.lc.key(step)  # type: ignore[attr-defined]  # ruamel's own mapping has it
            else:
                line, column = node.lc.item(step)
            node = node[step]
        except (KeyError, IndexError, AttributeError, TypeError):
            break
    return f"{origin}:{line + 1}:{column + 1}"


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
