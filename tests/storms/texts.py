"""Reads the files of this folder: one ticket's words a line (see README.md)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["outage", "howto", "wish", "billing", "defect", "other"]
KINDS: frozenset[str] = frozenset(get_args(Kind))
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Text:
    """What one customer wrote, and what it is."""

    subject: str
    body: str
    kind: Kind
    area: str = ""
    """The part of the product that it is about, in our word; empty where the file says it."""


def read(name: str) -> list[Text]:
    """The texts of `<name>.jsonl` in the order of the file. ValueError names the line that is not one."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_text(line, f"{name}.jsonl:{number}") for number, line in enumerate(lines, start=1)]


def _text(line: str, place: str) -> Text:
    try:
        text = Text(**json.loads(line))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}: {error}") from error
    if text.kind not in KINDS or not text.body:
        raise ValueError(f"{place}: a text has a body and one of the kinds {', '.join(sorted(KINDS))}")
    return text
