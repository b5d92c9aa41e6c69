"""Installations for end-to-end tests: one that gentle tests share, and fresh ones for those that break things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.installation import Installation


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with everything up, shared by a module's tests."""
    installation = Installation(tmp_path_factory.mktemp("installation"))
    try:
        installation.start()
        installation.wait_until_ready()
        yield installation
    finally:
        installation.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Makes installations that a test may break; ended with the test."""
    made: list[Installation] = []

    def make(**how: object) -> Installation:
        folder = tmp_path / f"installation{len(made)}"
        folder.mkdir()
        made.append(Installation(folder, **how))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for installation in made:
        installation.stop()
