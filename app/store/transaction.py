"""What the parts of the store share: a transaction whose failures speak our language, and whose row a ticket is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import Unavailable
from app.triage.ticket import Ref, VendorName


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


def about(ref: Ref, table: Any) -> ColumnElement[bool]:
    """Whether a row of a table, or of an alias of one, is of this ticket."""
    return and_(table.c.vendor == ref.vendor, table.c.account == ref.account, table.c.ticket_id == ref.id)


def ref_of(row: Any) -> Ref:
    """The ticket that a row is of."""
    return Ref(cast(VendorName, row.vendor), row.account, row.ticket_id)
