"""Looking at the database without changing it: what ``triage doctor`` asks before it opens the store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.errors import Unavailable
from app.store.engine import open_engine
from app.store.migrate import current, newest


def stands(url: str) -> tuple[str, str]:
    """The revision that the database stands at (empty: never migrated) and the newest. Raises Unavailable."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return "", newest()  # opening it would make the file
    try:
        return current(url), newest()
    except SQLAlchemyError as error:
        raise Unavailable(f"store: {type(error).__name__}") from None  # its text has the address


def clock(url: str) -> datetime | None:
    """The database server's clock; None for SQLite, whose clock is this machine's. Raises Unavailable."""
    if make_url(url).get_backend_name() == "sqlite":
        return None
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            told: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    except SQLAlchemyError as error:
        raise Unavailable(f"store: {type(error).__name__}") from None
    finally:
        engine.dispose()
    return told.astimezone(UTC)
