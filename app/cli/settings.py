"""Settings that cannot be used, said by the name of the environment variable that an admin typed."""

from __future__ import annotations

import os
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
    name = "TRIAGE_" + "__".join(str(part).upper() for part in path if part != "[key]").removeprefix("TRIAGE_")
    short = name.removeprefix("TRIAGE_")
    return short if short in os.environ and name not in os.environ else name
