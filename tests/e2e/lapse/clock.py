"""The present of a time-lapse: a file, which the harness writes and every process reads."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

VARIABLE = "LAPSE_CLOCK"


def read() -> datetime:
    """The present, as the file named by ``LAPSE_CLOCK`` says; stands in for ``Runtime.now``."""
    return datetime.fromisoformat(Path(os.environ[VARIABLE]).read_text())


def write(file: Path, at: datetime) -> None:
    """Set the present; nobody reads half of it."""
    new = file.with_suffix(".new")
    new.write_text(at.astimezone(UTC).isoformat())
    new.replace(file)
