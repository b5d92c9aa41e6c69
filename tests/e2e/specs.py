"""Every request that the worker sent to the sandbox, checked against the vendors' own descriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests

from tests.contract import vendor_specs

BASE = "http://sandbox.test"
WORKER = "firstline@sandbox.example"


def problems(journal: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the worker's requests, by the sandbox's journal; skips where the descriptions are missing."""
    found = []
    for entry in journal:
        vendor_specs.available(entry["vendor"])
        query = f"?{entry['query']}" if entry["query"] else ""
        request = requests.Request(
            entry["method"], f"{BASE}{entry['path']}{query}", json=entry["body"], auth=(WORKER, "token")
        ).prepare()
        told = vendor_specs.problems(entry["vendor"], request, BASE)
        found += [f"{entry['method']} {entry['path']}: {problem}" for problem in told]
    return found
