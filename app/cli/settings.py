"""Settings that cannot be used, said by the name of the environment variable that an admin typed."""

from __future__ import annotations

from typing import Any


def say(error: Any) -> str:
    """pydantic's ValidationError as lines: the variable, what is wrong with it, and where to look."""
    lines = ["error: the settings cannot be used"]
    for problem in error.errors(include_input=False, include_url=False):
        lines.append(f"  where: {variable(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}")
    lines.append("hint: settings come from the environment, then from .env in this folder; README.md lists them")
    return "\n".join(lines)


def variable(path: tuple[int | str, ...]) -> str:
    """The environment variable for a path into the settings: ``("zendesk", "acme", "token")`` and so on."""
    parts = [str(part).upper() for part in path if part != "[key]"]
    name = "__".join(parts)
    return name if name.startswith("TRIAGE_") or name in ("PORT", "REDIS_URL", "DATABASE_URL") else f"TRIAGE_{name}"
