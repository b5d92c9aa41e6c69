"""A migrated SQLite database for a test of its own, copied from one that was migrated once: migrating takes a while."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from app.store.migrate import migrate


def fresh(folder: Path) -> str:
    """The address of an empty, migrated database in the folder; one that is there already stays."""
    file = folder / "store.db"
    if not file.exists():
        shutil.copyfile(_migrated(), file)
    return f"sqlite:///{file}"


@cache
def _migrated() -> Path:
    """One a process; it lies where temporary files do, and no test writes to it."""
    file = Path(tempfile.mkdtemp(prefix="firstline-migrated-")) / "store.db"
    migrate(f"sqlite:///{file}")
    return file
