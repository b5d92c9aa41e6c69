"""The product's metrics. Several processes of one host share them through ``PROMETHEUS_MULTIPROC_DIR``.

That variable must be set before this module is first imported: the ``triage`` command does it for every process it
starts. Without it the numbers are this process's own. Help texts are the README's: a test keeps them the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess
from prometheus_client.registry import REGISTRY

DELIVERIES = Counter("triage_deliveries", "Webhook deliveries by what became of them.", ["vendor", "outcome"])
DECISIONS = Counter("triage_decisions", "Decisions that were remembered.", ["vendor", "label", "severity"])
EFFECTS = Counter("triage_effects", "Effects at the vendors, by state reached.", ["vendor", "kind", "state"])
RUNS = Counter("triage_runs", "Reconcile runs by how they ended.", ["vendor", "outcome"])
RINGS = Counter("triage_rings", "Attempts to ring the worker's queue.", ["outcome"])
WARNINGS = Counter("triage_vendor_warnings", "Keys of ours that a vendor dropped, with a warning.", ["vendor", "key"])
OPINIONS = Counter("triage_opinions", "Second opinions by what became of them.", ["outcome"])
OPINION_USD = Counter("triage_opinion_usd", "What second opinions cost, in US dollars.")
PAGES = Counter("triage_pages", "Steps of the on-call chain by what became of them.", ["step", "outcome"])
GAP_EVENTS = Counter("triage_gap_events", "Changes found by the gap sweep that no webhook had told.", ["vendor"])
STAGE = Histogram(
    "triage_stage_seconds",
    "Time spent in a stage: receive, fetch, look_up, decide, write, reconcile, sweep.",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Observe how long the block took, whether it ended well or not."""
    start = perf_counter()
    try:
        yield
    finally:
        STAGE.labels(stage).observe(perf_counter() - start)


def registry() -> CollectorRegistry:
    """What ``/metrics`` shows: the sum over all processes that share the folder, or this process alone."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return REGISTRY
    Path(folder).mkdir(parents=True, exist_ok=True)
    summed = CollectorRegistry()
    multiprocess.MultiProcessCollector(summed)  # type: ignore[no-untyped-call]  # the library has no types here
    return summed


def process_ended(pid: int) -> None:
    """Tell the shared folder that a process is gone, so that its gauges go with it."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]  # nor here
