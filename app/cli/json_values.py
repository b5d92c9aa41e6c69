"""The values of a JSON file, one after another, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


def values(path: Path) -> Iterator[tuple[str, Any]]:
    """One value a line; of a ``.json`` file that holds a single one, the entries of its list. A ValueError instead of a
    value says why it cannot be read."""
    if path.suffix.lower() == ".json":
        try:
            whole = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError:
            pass  # one value a line, whatever its name
        else:
            listed = whole if isinstance(whole, list) else [whole]
            yield from ((f"{path}, ticket {number}", one) for number, one in enumerate(listed, start=1))
            return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    value = orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    value = error
                yield f"{path}, line {number}", value
