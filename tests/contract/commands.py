"""The ``triage`` command within the test's process, against a sandbox of its own: quick enough to call it often."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click
import structlog
from click.testing import CliRunner, Result

from app.cli.main import cli
from app.errors import TriageError
from app.sandbox.server import Sandbox
from config import settings as all_settings

USER = {"EMAIL": "firstline@sandbox.example", "TOKEN": "sandbox"}


def accounts(sandbox: Sandbox, name: str = "acme") -> dict[str, str]:
    """The three lines that an account needs before it is set up, for both vendors."""
    lines = {}
    for vendor in ("zendesk", "jira"):
        prefix = f"TRIAGE_{vendor.upper()}__{name.upper()}__"
        lines |= {prefix + "URL": f"{sandbox.url}/{vendor}", **{prefix + key: value for key, value in USER.items()}}
    return lines


def env_of(lines: str) -> dict[str, str]:
    """``.env`` lines as variables."""
    pairs = (line.split("=", 1) for line in lines.splitlines())
    return {name: value.strip("'") for name, value in pairs}


def triage(*words: str, env: Mapping[str, str], answer: str = "") -> Result:
    """Run the command; an error of ours is kept as the result's exception, as ``main`` would meet it."""
    with _untouched():
        return CliRunner().invoke(cli, list(words), env=dict(env), input=answer, prog_name="triage")


def error_of(result: Result) -> TriageError | click.ClickException:
    """The error that ended it."""
    assert isinstance(result.exception, TriageError | click.ClickException), result.exception
    return result.exception


@contextmanager
def _untouched() -> Iterator[None]:
    """Logging and settings as they were: a command sets both up for a whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    all_settings.load.cache_clear()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        all_settings.load.cache_clear()
