"""Bringing the schema up to date with Alembic, from code: the README's commands need no alembic.ini."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.store.engine import open_engine


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> str:
    """Bring the database at ``url`` to the newest revision; returns that revision. Doing it again changes nothing."""
    config = _config(url)
    command.upgrade(config, "head")
    return newest()


def newest() -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config("")).get_current_head() or ""


def current(url: str) -> str:
    """The revision the database stands at; empty when it was never migrated."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    finally:
        engine.dispose()
