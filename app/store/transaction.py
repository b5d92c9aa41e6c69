"""What the parts of the store share: a transaction whose failures speak our language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import Unavailable


class Transactional:
    """Base of the store's parts."""

    _engine: Engine

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        """One transaction. Raises Unavailable when the database cannot be reached; nothing was then committed."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable(
                f"store: {type(error).__name__} (look at DATABASE_URL; was `triage migrate` run?)"
            ) from error

    def _insert(self, table: Table) -> Any:
        """An INSERT that understands ON CONFLICT in the dialect at hand."""
        return sqlite.insert(table) if self._engine.dialect.name == "sqlite" else postgresql.insert(table)
