"""Where the vendors' published material lies: beside the project, never inside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2].parent / "shared" / "vendor"


def material(*parts: str) -> Path:
    """A file or folder of the vendors' material. Without it a test skips on a laptop and fails in CI."""
    path = VENDOR.joinpath(*parts)
    if not path.exists():
        missing = f"the vendors' material is not here: ../shared/vendor/{'/'.join(parts)}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return path
